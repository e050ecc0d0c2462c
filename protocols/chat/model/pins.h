/* pins.h - the items that are pinned in a room, as the archive has told them. Loop thread only. */
#ifndef CHAT_PINS_H
#define CHAT_PINS_H

#include "chat/base/bytes.h"
#include "chat/base/event.h"

struct ask;
struct chat;
struct room;

/* Forgets what an event of the room's log may have changed. */
void pins_apply(struct chat *chat, const struct event *e);
bool pins_known(const struct room *r);
/* The question whose answer pins_take() takes. NULL: no memory. */
struct ask *pins_ask(const struct room *r, void (*done)(struct ask *ask), void *arg);
/* They stay unknown if something has changed since the question. */
void pins_take(struct room *r, const struct ask *ask);
/* Adds `pins`, the newest first, to a frame. */
void pins_write(struct bytes *to, const struct room *r);

#endif
