/* setting.h - what people set for themselves, on all their devices: levels of rooms, and a pause.
 * Loop thread only. */
#ifndef CHAT_SETTING_H
#define CHAT_SETTING_H

struct chat;
struct event;

/* Applies EVENT_SETTING and tells the person's sessions; ignores other events. */
void setting_apply(struct chat *chat, const struct event *e);

#endif
