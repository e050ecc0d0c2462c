/* meta.c - see meta.h. */
#include "meta.h"

#include "feature.h"
#include "job.h"
#include "load.h"
#include "private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct schema_step schema[] = {
    {2, "CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"},
    {0, NULL},
};

const struct store_feature meta_feature = {.schema = schema};

/* --- loading -------------------------------------------------------------------------------- */

/* A log that began without Redis has a history of its own, which gets its name now. */
static void name_history(struct store_meta *m)
{
    unsigned char random[HISTORY_BYTES / 2];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(m->history, sizeof m->history, random, sizeof random);
}

struct meta_row {
    struct store_meta *meta;
    bool used; /* the store has an event */
};

static int load_meta(void *arg, sqlite3_stmt *q)
{
    struct meta_row *l = arg;
    struct store_meta *m = l->meta;
    uint64_t known = (uint64_t)sqlite3_column_int64(q, 3);
    strncpy(m->history, db_text(q, 0), HISTORY_BYTES);
    m->generation = (uint64_t)sqlite3_column_int64(q, 1);
    if (known > m->generation)
        m->generation = known;
    l->used = sqlite3_column_int(q, 2) != 0;
    return OK;
}

enum err store_load_meta(struct store *s, struct store_meta *m)
{
    struct meta_row l = {.meta = m};
    *m = (struct store_meta){0};
    enum err err =
        store_load_rows(s, "the history's name",
                        "SELECT (SELECT value FROM meta WHERE name = 'history'),"
                        " (SELECT value FROM meta WHERE name = 'generation'),"
                        " EXISTS (SELECT 1 FROM event),"
                        " (SELECT max((SELECT max(seq) FROM event WHERE room = room.id)) >> 40"
                        " FROM room)",
                        load_meta, &l);
    if (l.used && m->history[0] == '\0')
        name_history(m);
    return err;
}

/* --- saving --------------------------------------------------------------------------------- */

struct meta_job {
    struct write_job w; /* first */
    struct store_meta meta;
};
FIRST(meta_job, w);

static int set(sqlite3_stmt *q, const char *name)
{
    db_bind_text(q, 1, name);
    return db_run(q);
}

static int run_meta(struct store *s, struct write_job *job)
{
    const struct store_meta *m = &((struct meta_job *)job)->meta;
    sqlite3_stmt *q = db_statement(&s->write, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)");
    db_bind_text(q, 2, m->history);
    int rc = set(q, "history");
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(q, 2, (int64_t)m->generation);
    return set(q, "generation");
}

static void on_meta(struct job *job) { free(job); }

bool store_save_meta(struct store *s, const struct store_meta *meta)
{
    struct meta_job *j = store_write_job(s, sizeof *j);
    if (j == NULL)
        return false;
    j->w.job.done = on_meta;
    j->w.run = run_meta;
    j->meta = *meta;
    worker_give(s->writer, &j->w.job);
    return true;
}
