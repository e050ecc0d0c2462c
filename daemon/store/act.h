/* act.h - what moderators did between the items of a page. Reader's thread. */
#ifndef STORE_ACT_H
#define STORE_ACT_H

#include <stdint.h>

struct bytes;
struct store;

/* Adds a JSON array of the room's acts from the seq `from` on and below `below`, oldest first: at
 * most 100, the newest. SQLite's code. */
int acts_write(struct store *s, struct bytes *to, const char *room, uint64_t from, uint64_t below);

#endif
