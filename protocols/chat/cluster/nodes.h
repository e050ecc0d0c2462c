/* nodes.h - the other nodes: which there are, and how much of what they told is known here. */
#ifndef CHAT_NODES_H
#define CHAT_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat;
struct node;

/* The node that sent a message; it is alive from here on. NULL: there are too many. */
struct node *node_speaks(struct chat *chat, const char *name, const char *boot);
/* Compares the count of a message. False: it is a delta that arrives a second time. */
bool node_counts(struct node *n, uint64_t told, bool is_delta);
/* Not all of its people are known any more: tell_ask() will ask. */
void node_missed(struct node *n);
/* Ends its people, if not `at_once` then after a while in which they may be on another node. */
void node_silent(struct node *n, bool at_once);
/* The last part of a round is here: drops people whom it did not name. */
void node_whole(struct node *n);

/* Drops nodes that sent nothing for long, asks those that lack something. */
void nodes_tick(struct chat *chat);
size_t nodes_alive(const struct chat *chat);
void nodes_destroy(struct chat *chat);

#endif
