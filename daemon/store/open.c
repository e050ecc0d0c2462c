/* store_open.c - the directory, its lock, and the two connections: at start, and again when a place
 * that could only be read can be written. See store_inside.h. */
#include "private.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory itself is locked: that needs nothing to be written. */
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

/* Numbers that clients have seen may be given anew: no cursor of before may resume. One name does
 * for all rooms, as it is new to each. */
static void name_logs_anew(struct store *s)
{
    unsigned char random[(sizeof s->new_log - 1) / 2];
    if (s->new_log[0] != '\0')
        return;
    log_warn("store the last messages may be lost: members get a fresh page instead of resuming");
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(s->new_log + 2 * i, 3, "%02x", random[i]);
}

static void look_back(struct store *s)
{
    enum store_stop stop = store_read_mark(s);
    s->unchecked = s->scrub = stop != STOP_CLEAN;
    if (stop == STOP_OTHER_BOOT && !s->sync_full)
        name_logs_anew(s);
}

static int write_log_names(struct store *s)
{
    sqlite3_stmt *q = NULL;
    int rc =
        sqlite3_prepare_v2(s->write.handle, "UPDATE room SET log = ?1 WHERE id > 0", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(q, 1, s->new_log, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- connections ---------------------------------------------------------------------------- */

static int open_writer(struct store *s)
{
    int rc = db_open(&s->write, s->path, DB_WRITER, s->sync_full);
    if (rc == SQLITE_OK && s->new_log[0] != '\0')
        rc = write_log_names(s);
    if (rc == SQLITE_OK && !store_write_mark(s))
        rc = SQLITE_CANTOPEN;
    if (rc != SQLITE_OK)
        db_close(&s->write);
    s->opened = rc == SQLITE_OK;
    return rc;
}

/* Whether all that was committed is in the file itself. */
static bool is_folded(const struct store *s)
{
    char wal[4096];
    struct stat st;
    snprintf(wal, sizeof wal, "%s-wal", s->path);
    return stat(wal, &st) != 0 || st.st_size == 0;
}

/* Where nothing can be written, SQLite reads a file that was closed in order only if it is promised
 * that nobody writes; the writer, which alone does, is not open then. */
static int open_reader(struct store *s)
{
    int rc = db_open(&s->read, s->path, DB_READER, false);
    if (rc != SQLITE_OK && s->write.handle == NULL && is_folded(s)) {
        db_close(&s->read);
        rc = db_open(&s->read, s->path, DB_FROZEN, false);
    }
    return rc;
}

static bool is_of_the_place(int rc)
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
    if (rc == SQLITE_OK || is_of_the_place(rc))
        rc = open_reader(s);
    if (rc == SQLITE_OK && why != SQLITE_OK)
        store_set_fault(s, store_why(why)); /* what is there can be read */
    if (rc != SQLITE_OK)
        log_error("store file=%s: %s", s->path, store_why(why != SQLITE_OK ? why : rc));
    return rc == SQLITE_OK ? 0 : -1;
}

/* The reader's connection would hold the file's locks as one that cannot write: it goes first. */
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
