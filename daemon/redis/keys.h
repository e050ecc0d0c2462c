/* keys.h - the name of every key and channel that chatd uses in Redis. Pure functions.
 *
 * `prefix` is that of the configuration, `place` a room's (key_place()), or SERVER_LOG, which is
 * "*" in Redis: no room has that name. Braces around it keep a room's stream, its secrets and its
 * channel in one slot of a cluster, but not key_submit(). A key holds no text that a user typed,
 * except the room's name, which has its own rules. */
#ifndef REDIS_KEYS_H
#define REDIS_KEYS_H

#include "chat/base/event.h"
#include "config/redis.h"

#define KEY_MAX         192                                /* the longest is key_submit() */
#define PLACE_MAX       (ROOM_NAME_MAX + 21)               /* the longest of key_place() */
#define KEY_CHANNEL_MAX (REDIS_PREFIX_MAX + PLACE_MAX + 6) /* the longest of key_channel() */

struct redis_key {
    char text[KEY_MAX];
};

/* Of the whole chat: strings. */
struct redis_key key_generation(const char *prefix); /* the newest */
struct redis_key key_run(const char *prefix);        /* run_id of the Redis that began it */
struct redis_key key_since(const char *prefix);      /* when it began, ms since 1970 */
struct redis_key key_history(const char *prefix);    /* the chat's name for itself, random */
struct redis_key key_branch(const char *prefix);     /* see store/meta.h */
struct redis_key key_sealed(const char *prefix); /* the generation whose predecessors are closed */

/* Of a generation: sets of nodes. */
struct redis_key key_come(const char *prefix, uint64_t gen);    /* that have entered it */
struct redis_key key_offered(const char *prefix, uint64_t gen); /* and have offered their tails */

/* Of a room. */
struct redis_key key_stream(const char *prefix, const char *place, uint64_t gen);
struct redis_key key_channel(const char *prefix, const char *place);
struct redis_key key_secrets(const char *prefix, const char *place); /* a hash: id -> secret */
/* "name", or "name.life" after rooms of this name were removed: no two of them share a key. */
void key_place(const char *room, uint64_t life, char place[PLACE_MAX + 1]);

/* Of an author: under it Redis remembers a submit, one for all rooms and one for the server's log.
 * It ends in a hash of the event's own key; without one it is random. */
struct redis_key key_submit(const char *prefix, const struct event *e);

/* Of a photo on its way between nodes; both end by themselves. */
struct redis_key key_giver(const char *prefix, const char *photo); /* the node that gives it */
struct redis_key key_piece(const char *prefix, const char *photo, unsigned piece);

/* Channels of the nodes. */
struct redis_key key_bus(const char *prefix);
struct redis_key key_node(const char *prefix, const char *id); /* a node's own */

/* The place of a channel. False: it is no room's. */
bool key_place_of(const char *channel, const char *prefix, char place[PLACE_MAX + 1]);

#endif
