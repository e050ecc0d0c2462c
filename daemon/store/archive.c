/* archive.c - see archive.h. The answers are with the features. */
#include "archive.h"

#include "feature.h"
#include "identity.h"
#include "job.h"
#include "private.h"

#include <stdlib.h>
#include <uv.h>

struct ask_job {
    struct read_job r; /* first */
    struct ask *ask;
};
FIRST(ask_job, r);

static int answer(struct store *s, struct read_job *r)
{
    struct ask *ask = ((struct ask_job *)r)->ask;
    uint64_t began_ns = uv_hrtime();
    int rc = features_answer(s, ask);
    ask->took_us = (uv_hrtime() - began_ns) / 1000;
    return rc;
}

static void on_answered(struct job *job)
{
    struct ask_job *j = (struct ask_job *)job;
    if (j->r.err != OK)
        j->ask->err = j->r.err;
    j->ask->done(j->ask);
    ask_destroy(&j->ask);
    free(j);
}

static enum err ask(struct archive *a, struct ask *ask)
{
    struct store *s = (struct store *)a;
    struct ask_job *j = store_read_job(s, sizeof *j);
    if (j == NULL)
        return ERR_UNAVAILABLE;
    j->ask = ask;
    j->r.answer = answer;
    j->r.job.done = on_answered;
    j->r.job.turn = ask->turn;
    worker_give(s->reader, &j->r.job);
    return OK;
}

const struct archive_ops store_archive_ops = {.ask = ask, .mark = store_mark};

struct archive *store_archive(struct store *s) { return (struct archive *)s; }
