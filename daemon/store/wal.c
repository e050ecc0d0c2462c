/* wal.c - see wal.h. */
#include "wal.h"

#include "private.h"

#include "clock.h"
#include "log.h"

#include <inttypes.h>

#define SCRUB_PACE_MS    250
#define WRITE_BACK_PAGES 1000               /* SQLite's own default */
#define LONG_BYTES       (64 * 1024 * 1024) /* longer only if somebody keeps it so */

/* A line when the log becomes long, at each doubling, and when it is short again. */
static void log_length(struct store *s, uint64_t bytes)
{
    if (bytes >= 2 * s->wal_logged && bytes >= LONG_BYTES) {
        log_warn("store the write-ahead log has %" PRIu64 " MB: another program keeps chat.db open"
                 " for reading, so that the log cannot be emptied. End that program",
                 bytes >> 20);
        s->wal_logged = bytes;
    } else if (bytes < LONG_BYTES && s->wal_logged != 0) {
        log_info("store the write-ahead log is short again");
        s->wal_logged = 0;
    }
}

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct store *s = arg;
    if (pages >= WRITE_BACK_PAGES)
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    uint64_t bytes = (uint64_t)pages * s->page_bytes;
    atomic_store(&s->wal_bytes, bytes);
    log_length(s, bytes);
    return SQLITE_OK;
}

static int64_t page_bytes(struct db *db)
{
    sqlite3_stmt *q = db_statement(db, "PRAGMA page_size");
    int64_t bytes = q != NULL && sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    if (q != NULL)
        db_reset(q);
    return bytes;
}

void wal_watch(struct store *s)
{
    s->page_bytes = (uint64_t)page_bytes(&s->write);
    sqlite3_wal_hook(s->write.handle, on_commit, s); /* replaces SQLite's own write-back */
}

/* Without waiting for a reader: the next pause tries again. */
void wal_scrub(struct store *s)
{
    if ((!s->scrub && !s->scrub_soon) || s->write.handle == NULL)
        return;
    sqlite3_busy_timeout(s->write.handle, 0);
    int rc =
        sqlite3_wal_checkpoint_v2(s->write.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(s->write.handle, DB_BUSY_MS);
    s->scrub = false;
    s->scrub_soon = rc != SQLITE_OK;
    s->scrubbed_ms = clock_now_ms();
    if (rc == SQLITE_OK)
        atomic_store(&s->wal_bytes, 0);
}

void wal_scrub_if_due(struct store *s)
{
    if (s->scrub || clock_now_ms() >= s->scrubbed_ms + SCRUB_PACE_MS)
        wal_scrub(s);
}

void wal_end(struct store *s)
{
    wal_scrub(s);
    if (s->scrub_soon && s->write.handle != NULL)
        log_warn("store deleted text stays in chat.db-wal, because another program keeps chat.db"
                 " open for reading. The next start removes it");
}

uint64_t wal_bytes(const struct store *s) { return atomic_load(&s->wal_bytes); }
