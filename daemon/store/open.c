/* open.c - see open.h. */
#include "open.h"

#include "health.h"
#include "mark.h"
#include "meta.h"
#include "private.h"
#include "schema.h"
#include "wal.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Locks the directory itself, which works where nothing can be written. */
static int lock_directory(struct store *s, const char *state)
{
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        log_error("store state=%s: %s", state, strerror(errno));
        return -1;
    }
    s->lock = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock < 0 || flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        log_error("store state=%s: %s", state,
                  errno == EWOULDBLOCK ? "another chatd uses it" : strerror(errno));
        return -1;
    }
    return 0;
}

/* --- how the last run ended ----------------------------------------------------------------- */

static void look_back(struct store *s)
{
    enum mark_stop stop = mark_read(s->mark);
    s->unchecked = stop != STOP_CLEAN;
    s->scrub = true; /* the last run may have had to leave deleted text in the WAL */
    s->in_doubt =
        stop == STOP_RESTORED || stop == STOP_UNKNOWN || (stop == STOP_OTHER_BOOT && !s->sync_full);
}

/* --- connections ---------------------------------------------------------------------------- */

static int open_writer(struct store *s)
{
    int rc = schema_open(s, &s->write, DB_WRITER);
    if (rc == SQLITE_OK)
        rc = meta_set_doubt(s); /* before the mark, which then says nothing of it */
    if (rc == SQLITE_OK && mark_write(s->mark) != 0)
        rc = errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : SQLITE_CANTOPEN;
    if (rc != SQLITE_OK)
        db_close(&s->write);
    else
        wal_watch(s);
    s->opened = rc == SQLITE_OK;
    return rc;
}

/* Whether the file itself holds everything that was committed. */
static bool is_folded(const struct store *s)
{
    char wal[4096];
    struct stat st;
    snprintf(wal, sizeof wal, "%s-wal", s->path);
    return stat(wal, &st) != 0 || st.st_size == 0;
}

/* Where nothing can be written, SQLite reads a cleanly closed file only if it is promised that
 * nobody writes it. Only the writer would, and it is not open then. */
static int open_reader(struct store *s)
{
    int rc = schema_open(s, &s->read, DB_READER);
    if (rc != SQLITE_OK && s->write.handle == NULL && is_folded(s)) {
        db_close(&s->read);
        rc = schema_open(s, &s->read, DB_FROZEN);
    }
    return rc;
}

static bool is_read_only_place(int rc)
{
    int kind = rc & 0xff;
    return kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL ||
           kind == SQLITE_IOERR || kind == SQLITE_PERM;
}

int store_open(struct store *s, const char *state)
{
    if (lock_directory(s, state) != 0)
        return -1;
    look_back(s);
    int rc = open_writer(s), why = rc;
    if (rc == SQLITE_OK || is_read_only_place(rc))
        rc = open_reader(s);
    if (rc == SQLITE_OK && why != SQLITE_OK)
        store_set_fault(s, store_why(why)); /* reading works */
    if (rc != SQLITE_OK)
        log_error("store file=%s: %s", s->path, store_why(why != SQLITE_OK ? why : rc));
    return rc == SQLITE_OK ? 0 : -1;
}

/* Closes both connections before it opens one: a read-only one would keep its locks on the file. */
int store_reopen(struct store *s)
{
    pthread_mutex_lock(&s->reading);
    db_close(&s->write);
    db_close(&s->read);
    int rc = open_writer(s), read_rc = open_reader(s);
    pthread_mutex_unlock(&s->reading);
    if (read_rc != SQLITE_OK)
        log_error("store file=%s: %s", s->path, store_why(read_rc));
    return rc;
}
