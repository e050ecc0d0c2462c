/* channel.h - the link that hears: the channels of rooms that have members here, the bus, and a
 * channel of this node's own, which shows that the link hears at all. */
#ifndef REDIS_CHANNEL_H
#define REDIS_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

struct journal;
struct stream;

/* The link came up, or went down. */
void channel_up(struct journal *j);
void channel_down(struct journal *j);
/* Finds a link that is connected and hears nothing. Each second. */
void channel_probe(struct journal *j);

/* journal_ops.follow, journal_ops.may_exist, journal_ops.unfollow */
bool channel_follow(struct journal *j, const char *room, uint64_t seq, void (*done)(void *arg),
                    void *arg);
bool channel_may_have(const struct journal *j, const char *room, uint64_t seq);
bool channel_unfollow(struct journal *j, const char *room);

/* Stops hearing a stream that has ended. */
void channel_drop(struct stream *s);

#endif
