/* meta.c - see meta.h. */
#include "meta.h"

#include "feature.h"
#include "job.h"
#include "load.h"
#include "private.h"
#include "reject.h"
#include "sql.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct schema_step schema[] = {
    {2, "CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"},
    {0, NULL},
};

const struct store_feature meta_feature = {.schema = schema};

/* --- branches ------------------------------------------------------------------------------- */

bool branch_ok(const char *branch)
{
    size_t digits = strspn(branch, "0123456789"), all = strlen(branch);
    return all == 0 || (digits >= 1 && digits <= BRANCH_MAX - 1 - BRANCH_HEX &&
                        branch[digits] == '-' && all == digits + 1 + BRANCH_HEX &&
                        strspn(branch + digits + 1, "0123456789abcdef") == BRANCH_HEX);
}

uint64_t branch_generation(const char *branch) { return strtoull(branch, NULL, 10); }

void branch_random(char hex[BRANCH_HEX + 1])
{
    unsigned char random[BRANCH_HEX / 2];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, BRANCH_HEX + 1, random, sizeof random);
}

/* --- loading -------------------------------------------------------------------------------- */

/* A log that began without Redis has a history of its own, which gets its name now. */
static void name_history(struct store_meta *m)
{
    unsigned char random[HISTORY_BYTES / 2];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(m->history, sizeof m->history, random, sizeof random);
}

struct meta_row {
    struct store *store;
    struct store_meta *meta;
    bool used; /* the store has an event */
};

/* Nobody knows which numbers were given if the branch is damaged, or the number of an event is. */
static void load_branch(struct store *s, struct store_meta *m, sqlite3_stmt *q)
{
    const char *branch = db_text(q, 3);
    m->in_doubt = s->in_doubt || sqlite3_column_int(q, 4) != 0 || sqlite3_column_int(q, 5) != 0;
    if (branch_ok(branch)) {
        strcpy(m->branch, branch);
        return;
    }
    store_reject_row(s, SERVER_LOG, 0, "the branch");
    m->in_doubt = true;
}

static int load_meta(void *arg, sqlite3_stmt *q)
{
    struct meta_row *l = arg;
    struct store_meta *m = l->meta;
    strncpy(m->history, db_text(q, 0), HISTORY_BYTES);
    m->generation = (uint64_t)sqlite3_column_int64(q, 1);
    l->used = sqlite3_column_int(q, 2) != 0;
    load_branch(l->store, m, q);
    return OK;
}

enum err store_load_meta(struct store *s, struct store_meta *m)
{
    struct meta_row l = {.store = s, .meta = m};
    *m = (struct store_meta){0};
    enum err err = store_load_rows(s, "the history's name",
                                   "SELECT (SELECT value FROM meta WHERE name = 'history'),"
                                   " (SELECT value FROM meta WHERE name = 'generation'),"
                                   " EXISTS (SELECT 1 FROM event),"
                                   " (SELECT value FROM meta WHERE name = 'branch'),"
                                   " (SELECT value FROM meta WHERE name = 'in doubt'),"
                                   " EXISTS (SELECT 1 FROM room WHERE"
                                   " (SELECT max(seq) FROM event WHERE room = id) > " SQL_SEQ_MAX
                                   " OR (SELECT min(seq) FROM event WHERE room = id) < 1)",
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

#define SET "INSERT OR REPLACE INTO meta VALUES(?1, ?2)"

static int set(sqlite3_stmt *q, const char *name)
{
    db_bind_text(q, 1, name);
    return db_run(q);
}

static int set_text(struct store *s, const char *name, const char *text)
{
    sqlite3_stmt *q = db_statement(&s->write, SET);
    db_bind_text(q, 2, text);
    return set(q, name);
}

static int set_number(struct store *s, const char *name, uint64_t number)
{
    sqlite3_stmt *q = db_statement(&s->write, SET);
    sqlite3_bind_int64(q, 2, (int64_t)number);
    return set(q, name);
}

int meta_set_doubt(struct store *s)
{
    return s->in_doubt ? set_number(s, "in doubt", 1) : SQLITE_OK;
}

static int run_meta(struct store *s, struct write_job *job)
{
    const struct store_meta *m = &((struct meta_job *)job)->meta;
    int rc = set_text(s, "history", m->history);
    if (rc == SQLITE_OK)
        rc = set_number(s, "generation", m->generation);
    if (rc == SQLITE_OK)
        rc = set_text(s, "branch", m->branch);
    if (rc == SQLITE_OK)
        rc = set_number(s, "in doubt", m->in_doubt);
    s->in_doubt = m->in_doubt; /* if the transaction fails, the file says it */
    return rc;
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
