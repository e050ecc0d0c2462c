/* nodes.h - the other nodes: which are alive, and whether this node knows all their people.
 * Loop thread only; `chat->cluster` must not be NULL, except for nodes_alive(). */
#ifndef CHAT_NODES_H
#define CHAT_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat;
struct node;

/* The node that sent a message; counts as alive for 12 s from now. NULL: over NODES_MAX, or no
 * memory. */
struct node *node_speaks(struct chat *chat, const char *name, const char *boot);
/* Compares a message's `n` with the deltas received. False: a delta that arrives a second time. */
bool node_counts(struct node *n, uint64_t told, bool is_delta);
/* This node no longer knows all people of that node: tell_ask() will ask for them. */
void node_missed(struct node *n);
/* Begins to end the presences of a node that stopped. Not `at_once`: its people have a moment to
 * return on another node. */
void node_silent(struct node *n, bool at_once);
/* The last part of a round has arrived: begins to end the presences that the round did not name. */
void node_whole(struct node *n);

/* Drops nodes that sent nothing for 12 s; asks the others for people that this node lacks; ends
 * some hundreds of the presences that a node no longer reports. True: more of these are left. */
bool nodes_tick(struct chat *chat);
/* 0 if this node is alone. */
size_t nodes_alive(const struct chat *chat);
void nodes_destroy(struct chat *chat);

#endif
