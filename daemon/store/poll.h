/* store_poll.h - what store_poll.c (polls and votes) and store_poll_end.c share. Writer's thread.
 */
#ifndef STORE_POLL_H
#define STORE_POLL_H

#include "private.h"

#include "chat/base/json.h"

/* How a poll stands. */
struct tally {
    unsigned options, max;
    bool secret, live, closed;
    bool whole;        /* every ballot is here */
    int64_t closes_ms; /* 0: by nobody's clock */
    int64_t voters, counts[LIST_MAX];
};

/* Binds 1 and 2 of the statement. */
void poll_bind(sqlite3_stmt *q, int64_t room, uint64_t seq);

int tally_save(struct store *s, int64_t room, uint64_t seq, const struct tally *t);
/* New: {"poll":…,"voters":…,"counts":… and what `more` has. NULL: no memory. */
char *tally_told(const struct event *e, const struct tally *t, bool counts, const char *more);

/* *told_out is new: what members are told of the end, with its digest. */
int poll_judge_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
                   const json_t *body, char **told_out);
/* Closes it; of a secret one destroys what ties voters to choices. `elsewhere`: another node has
 * judged the end, perhaps by other ballots than are here. */
int poll_end(struct store *s, const struct event *e, int64_t room, const struct tally *t,
             const char *told, bool elsewhere);

#endif
