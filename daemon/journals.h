/* journals.h - the journal that the configuration asks for: of one node, or of many. Called by:
 * app.c. Loop thread only. */
#ifndef JOURNALS_H
#define JOURNALS_H

#include "redis/journal.h"

struct conf;
struct bytes;

struct journals {
    const struct conf_redis *redis; /* NULL: one node */
    struct store *store;
    struct journal *journal; /* of the one kind or the other */
    struct journal_redis_config config;
};

struct journals_config {
    const struct conf *conf;
    struct store *store;
    /* Once: the rooms are known. Not `right`: Redis holds another chat than the store. */
    void (*ready)(void *arg, bool right);
    void *arg;
};

/* Fills in what `chat` must know of it. 0, or -1: it has logged why. */
int journals_create(struct journals *j, struct uv_loop_s *loop,
                    const struct journals_config *config, struct chat_config *chat);
void journals_attach(struct journals *j, struct chat *chat);
void journals_flush(struct journals *j); /* before the loop sleeps, each time */
/* What waits is refused. Before the store ends. */
void journals_stop(struct journals *j);
void journals_destroy(struct journals *j);

/* Static: why events cannot be stored now; NULL: they can. */
const char *journals_fault(const struct journals *j);
size_t journals_waiting(const struct journals *j); /* submits and jobs of the store */
/* Appends lines about settings that endanger what was acknowledged. */
void journals_warn(const struct journals *j, struct bytes *to);
/* The clock that all nodes share, in ms since 1970; 0: our own will do. */
int64_t journals_wall_ms(const struct journals *j);
void journals_metrics(const struct journals *j, struct bytes *to);

#endif
