/* store.c - see store.h. Begins and ends the threads. */
#include "store.h"

#include "check.h"
#include "feature.h"
#include "open.h"
#include "private.h"
#include "reader.h"
#include "reject.h"
#include "room.h"
#include "search_index.h"
#include "wal.h"
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH_MAX 512  /* jobs in one transaction */
#define PAUSE_MS  1000 /* without work: try a broken store again, clean up */

static const struct store_feature *const features[] = {
#define ROW(file) &file##_feature,
    STORE_FEATURES(ROW)
#undef ROW
        NULL,
};

static bool begin_threads(struct store *s, struct uv_loop_s *loop)
{
    const struct worker_ops writer = {store_work, BATCH_MAX, PAUSE_MS, s};
    const struct worker_ops reader = {store_answer, 1, 60 * PAUSE_MS, s};
    s->writer = worker_create(loop, "chatd-write", &writer);
    s->reader = worker_create(loop, "chatd-read", &reader);
    return s->writer != NULL && s->reader != NULL;
}

struct store *store_create(struct uv_loop_s *loop, const struct store_config *config)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->lock = -1;
    s->sync_full = config->sync_full;
    s->limits = config->limits;
    s->go_on = config->go_on;
    s->arg = config->arg;
    s->photo_gone = config->photo_gone;
    s->photo_arg = config->photo_arg;
    s->features = features;
    atomic_init(&s->rest, true);
    umask(027);
    pthread_mutex_init(&s->reading, NULL);
    if (asprintf(&s->path, "%s/chat.db", config->state) < 0)
        s->path = NULL;
    if (asprintf(&s->mark, "%s/running", config->state) < 0)
        s->mark = NULL;
    s->rejects = store_rejects_create();
    if (s->path == NULL || s->mark == NULL || s->rejects == NULL ||
        store_open(s, config->state) != 0 || !begin_threads(s, loop) ||
        !search_index_begin(s, loop)) {
        store_destroy(&s);
        return NULL;
    }
    s->go_on = NULL;
    if (s->unchecked)
        store_check_begin(s, loop);
    return s;
}

void store_destroy(struct store **store)
{
    struct store *s = *store;
    if (s == NULL)
        return;
    s->closing = true;
    worker_destroy(&s->writer);
    worker_destroy(&s->reader);
    search_index_end(s);
    store_check_end(s);
    store_forget_rooms(s);
    db_close(&s->read);
    wal_end(s);
    db_close(&s->write); /* the last one: writes the WAL back */
    if (s->opened && !s->unchecked)
        unlink(s->mark);
    if (s->lock >= 0)
        close(s->lock);
    store_rejects_destroy(&s->rejects);
    free(s->path);
    free(s->mark);
    bytes_finish(&s->gone);
    bytes_finish(&s->stuck);
    pthread_mutex_destroy(&s->reading);
    free(s);
    *store = NULL;
}

enum err store_load(struct store *s, struct chat *chat) { return features_load(s, chat); }
