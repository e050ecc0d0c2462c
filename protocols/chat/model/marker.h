/* marker.h - how far a person has read in each room, and where they are a member.
 * Loop thread only. */
#ifndef CHAT_MARKER_H
#define CHAT_MARKER_H

#include "model.h"

/* Whether the place of `a` replaces that of `b`: it was set back more often, or goes further. So
 * all nodes agree, in whatever order they hear of the two. */
bool marker_is_later(const struct marker *a, const struct marker *b);
/* All zero: the person has no marker of the room. */
struct marker marker_of(const struct identity *i, const struct room *r);
/* Keeps the marker in memory and in the archive. False: no change, or no memory. */
bool marker_set(struct identity *i, const struct marker *m);
/* In memory; the archive has it from the log. */
void marker_set_level(struct identity *i, struct room *r, enum level level);
/* Keeps the marker in the archive alone. */
void marker_keep(struct chat *chat, uint64_t identity, const struct marker *m);
/* Adds the rows of an ask_identity. Where memory has a marker already, the later place
 * counts. */
void markers_load(struct identity *i, const struct bytes *rows);
/* Nobody in memory has a marker of the room any more. */
void markers_forget(struct room *r);
/* Sends `read` to the identity's sessions, but not to `except` (may be NULL). `back`: the marker
 * went back. */
void marker_signal(const struct identity *i, const struct session *except, const struct marker *m,
                   bool back);

#endif
