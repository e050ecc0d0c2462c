/* standing.h - the role, the ban and the mute of one person, in one room or everywhere, and what an
 * act makes of them. Pure, any thread: the store and the model judge alike. */
#ifndef CHAT_STANDING_H
#define CHAT_STANDING_H

#include "event.h"
#include "role.h"

struct standing {
    uint64_t identity;
    char room[ROOM_NAME_MAX + 1]; /* SERVER_LOG: everywhere */
    enum role role;
    int64_t banned_until_ms, muted_until_ms; /* wall clock; 0: not, INT64_MAX: until lifted */
};

/* Changes `s` as the act `e` says. False: the event is no act that changes a standing. */
bool standing_change(struct standing *s, const struct event *e);
/* Whether it is that of any member: no role, and no ban or mute that still holds. */
bool standing_is_plain(const struct standing *s, int64_t now_ms);

#endif
