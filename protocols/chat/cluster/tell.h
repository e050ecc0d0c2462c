/* tell.h - what this node tells the others. Loop thread only.
 *
 * Every function but tell_ask() and tell_tick() does nothing if this node is alone. */
#ifndef CHAT_TELL_H
#define CHAT_TELL_H

#include <stdbool.h>

struct chat;
struct identity;
struct node;
struct person;
struct room;

/* Tells in the next tick that the person has a session here, or no longer has one. */
void tell_person(struct person *p, bool here);
void tell_away(struct identity *i);
void tell_active(const struct identity *i, bool on);
void tell_marker(struct identity *i, const struct room *r);
void tell_typing(const struct room *r, const struct identity *i);
/* `word`: "want", "give" or "taken". */
void tell_photo(struct chat *chat, const char *word, const char *photo, unsigned first,
                unsigned end);
/* The room ends: the round that this node sends goes on behind it. */
void tell_room_gone(struct room *r);
/* Asks a node for a round if this node does not know all its people, at most every 3 s. */
void tell_ask(struct chat *chat, struct node *n);
/* The bus works: this node asks all others for a round and sends one. */
void tell_up(struct chat *chat);
/* This node stops: later calls send nothing. */
void tell_bye(struct chat *chat);
/* Sends the people who changed, the next part of a round, and the beat. */
void tell_tick(struct chat *chat);

#endif
