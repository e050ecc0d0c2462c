/* poll_end.h - closes polls, destroys deleted ones, and gives up those that a gap makes uncertain.
 * Writer's thread. */
#ifndef STORE_POLL_END_H
#define STORE_POLL_END_H

#include "feature.h"

#include <jansson.h>
#include <stdbool.h>

struct tally;

/* Judges an end: v->told gets the result and the digest of the ballots. */
int poll_judge_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                   const json_t *body, struct verdict *v);
/* Closes the poll. In a secret one it destroys the ties between voters and choices. `elsewhere`:
 * another node has judged the end, perhaps with other ballots than are here. */
int poll_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
             const char *told, bool elsewhere);

/* For struct store_feature. */
int poll_forget(struct store *s, int64_t room, uint64_t poll);
int poll_forget_room(struct store *s, int64_t room, int most);
int poll_gap(struct store *s, const struct event *gap, int64_t room);

#endif
