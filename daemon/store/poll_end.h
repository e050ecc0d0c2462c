/* poll_end.h - a poll closes, is deleted, or is lost in a gap: what members see of it, and what is
 * destroyed with it. Writer's thread. */
#ifndef STORE_POLL_END_H
#define STORE_POLL_END_H

#include "feature.h"

#include <jansson.h>
#include <stdbool.h>

struct tally;

/* Judges an end: v->told is what members see of it, with the digest of the ballots. */
int poll_judge_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                   const json_t *body, struct verdict *v);
/* Closes the poll. Of a secret one it destroys what ties voters to choices. `elsewhere`: another
 * node has judged the end, perhaps with other ballots than are here. */
int poll_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
             const char *told, bool elsewhere);

/* For struct store_feature. */
int poll_forget(struct store *s, int64_t room, uint64_t poll);
int poll_gap(struct store *s, const struct event *gap, int64_t room);

#endif
