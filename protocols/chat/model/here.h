/* here.h - the signals by which the members of a room see each other: `here` and `typing`.
 * Loop thread only.
 *
 * A change waits a few tenths of a second, and longer in a crowd, so that a thousand people who
 * come at once cost a few signals and not a million. A person who leaves and returns within that
 * time causes no signal. */
#ifndef CHAT_HERE_H
#define CHAT_HERE_H

#include "model.h"

/* Sends the `here` signal of the room, tells the other nodes of sessions that came and went, and
 * frees the people who are gone. Returns how many frames and changes that was. */
size_t here_tell(struct room *r);
/* Sends the signals that are due, the longest waiting first, as many as a tick may send. True: more
 * are due. Call some times a second. */
bool here_tick(struct chat *chat);
/* After here_tell() could not reach the member: a signal with the count only, as soon as the
 * session takes it, so that the last state always arrives. */
void here_tell_missed(struct member *m);
/* Sends a `typing` signal, but not to `except` (may be NULL). False: not sent, since the room has
 * used up its rate. */
bool here_tell_typing(struct room *r, const char *from, const struct identity *except);

#endif
