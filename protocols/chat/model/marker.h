/* marker.h - how far a person has read in each room, and where they are a member. */
#ifndef CHAT_MARKER_H
#define CHAT_MARKER_H

#include "model.h"

/* All zero if there is none. */
struct marker marker_of(const struct identity *i, const struct room *r);
/* Keeps it here and in the archive. False: nothing has changed. */
bool marker_set(struct identity *i, const struct marker *m);
/* Keeps it in the archive alone. */
void marker_keep(struct chat *chat, uint64_t identity, const struct marker *m);
/* Adds the rows of an ask_identity; a marker that is known already is newer. */
void markers_load(struct identity *i, const struct bytes *rows);
/* Sends `read` to the identity's sessions but `except` (NULL: to all). */
void marker_signal(const struct identity *i, const struct session *except, const char *room,
                   uint64_t seq);

#endif
