/* world_archive.h - the archive of a world: one function for each kind of question. */
#ifndef WORLD_ARCHIVE_H
#define WORLD_ARCHIVE_H

#include "world.h"

/* Fills in the answer. */
void archive_answer(struct world *w, struct ask *ask);

#endif
