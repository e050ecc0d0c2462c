/* room.h - how the writer finds rooms. */
#ifndef STORE_ROOM_H
#define STORE_ROOM_H

struct log_room;
struct store;

/* Writer's thread. SQLite's code; *room_out is NULL if there is no such room, and borrowed until
 * store_forget_rooms() or store_forget_room(). */
int store_find_room(struct store *s, const char *name, struct log_room **room_out);
void store_forget_rooms(struct store *s);
/* Only this one, which ends. */
void store_forget_room(struct store *s, struct log_room *room);

#endif
