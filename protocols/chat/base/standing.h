/* standing.h - the role, ban and mute of one person, in one room or everywhere, and how an act
 * changes them. Pure, any thread: the store and the model use the same rules. */
#ifndef CHAT_STANDING_H
#define CHAT_STANDING_H

#include "event.h"
#include "role.h"

struct standing {
    uint64_t identity;
    char room[ROOM_NAME_MAX + 1]; /* SERVER_LOG: everywhere */
    enum role role;
    int64_t banned_until_ms, muted_until_ms; /* wall clock; 0: none, INT64_MAX: until lifted */
};

/* Applies the act `e` to `s`. False: the kind of `e` changes no standing. */
bool standing_change(struct standing *s, const struct event *e);
/* No role, and no ban or mute that still holds at `now_ms` (wall clock). */
bool standing_is_plain(const struct standing *s, int64_t now_ms);

#endif
