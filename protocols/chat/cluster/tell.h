/* tell.h - what this node tells the others. Each function does nothing if this node is alone. */
#ifndef CHAT_TELL_H
#define CHAT_TELL_H

#include <stdbool.h>

struct chat;
struct identity;
struct node;
struct person;
struct room;

/* In the next tick: the person has a session here, or has none any more. */
void tell_person(struct person *p, bool here);
void tell_away(struct identity *i);
void tell_marker(struct identity *i, const struct room *r);
void tell_typing(const struct room *r, const struct identity *i);
/* Asks a node for its people, if not all are known and it is time. */
void tell_ask(struct chat *chat, struct node *n);
/* This node can hear. */
void tell_up(struct chat *chat);
/* This node stops: it tells nothing more. */
void tell_bye(struct chat *chat);
/* Some times a second, after the rooms have told their changes. */
void tell_tick(struct chat *chat);

#endif
