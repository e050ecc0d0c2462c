/* removal.h - what is left of rooms that are removed. A removal hides the room at once; the rest of
 * a large one is destroyed in pieces between other jobs, also after a restart. */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

struct store;

/* Loop thread, some times a second. Goes on by itself until all is gone or a piece has failed. */
void store_removal_go_on(struct store *s);

#endif
