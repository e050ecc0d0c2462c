/* ending.h - what is left of rooms that are gone: members and submits that wait, the channel, and
 * the keys in Redis. */
#ifndef REDIS_ENDING_H
#define REDIS_ENDING_H

struct journal;

/* Clears away the streams that have ended. `soon` calls it, and the end of the journal. */
void ending_clear(struct journal *j);

#endif
