/* db.c - see db.h. */
#include "db.h"

#include "stoppable.h"

#include "chat/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- statements ----------------------------------------------------------------------------- */

int db_exec(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

/* The slot that holds `sql`, or a free one. NULL: all are taken by others. */
static struct db_statement *find_slot(struct db *db, const char *sql)
{
    size_t at = (size_t)((uintptr_t)sql * 0x9e3779b97f4a7c15u >> 32);
    for (size_t i = 0; i < DB_STATEMENTS_MAX; i++) {
        struct db_statement *slot = &db->statements[(at + i) % DB_STATEMENTS_MAX];
        if (slot->sql == sql || slot->sql == NULL)
            return slot;
    }
    return NULL;
}

sqlite3_stmt *db_statement(struct db *db, const char *sql)
{
    struct db_statement *slot = find_slot(db, sql);
    if (slot == NULL || db->handle == NULL)
        return NULL;
    if (slot->prepared == NULL && sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                                     &slot->prepared, NULL) == SQLITE_OK)
        slot->sql = sql;
    return slot->prepared;
}

void db_reset(sqlite3_stmt *s)
{
    if (s == NULL) /* SQLite could not prepare it; the step has failed */
        return;
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
}

int db_run(sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);
    db_reset(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int db_each(struct db *db, const char *sql, int (*row)(void *arg, sqlite3_stmt *q), void *arg)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &q, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
        rc = row(arg, q);
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- columns and parameters ----------------------------------------------------------------- */

const char *db_text(sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    return text == NULL ? "" : (const char *)text;
}

bool db_text_ok(sqlite3_stmt *s, int column, size_t most)
{
    const char *text = db_text(s, column);
    size_t n = (size_t)sqlite3_column_bytes(s, column);
    return n <= most && strlen(text) == n && utf8_ok(text, n);
}

bool db_is_null(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL;
}

void db_bind_text(sqlite3_stmt *s, int parameter, const char *text)
{
    sqlite3_bind_text(s, parameter, text, -1, SQLITE_STATIC);
}

void db_bind_string(sqlite3_stmt *s, int parameter, const char *text)
{
    db_bind_text(s, parameter, text == NULL ? "" : text);
}

void db_bind_place(sqlite3_stmt *s, int64_t room, uint64_t number)
{
    sqlite3_bind_int64(s, 1, room);
    sqlite3_bind_int64(s, 2, (int64_t)number);
}

/* --- opening -------------------------------------------------------------------------------- */

/* secure_delete: a deleted text is overwritten, not only unlinked. */
static int set_up(struct db *db, enum db_use use, bool sync_full)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
    int rc = db_exec(db, "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;");
    if (rc != SQLITE_OK)
        return rc;
    if (use != DB_WRITER)
        return db_exec(db, "PRAGMA query_only=ON;");
    if (sqlite3_db_readonly(db->handle, "main") == 1)
        return SQLITE_READONLY;
    rc = db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;"
                     "PRAGMA journal_size_limit=67108864;");
    if (rc == SQLITE_OK)
        rc = db_exec(db, sync_full ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;");
    return rc;
}

/* A new URI, for what SQLite takes by URI only. NULL: no memory. */
static char *uri_of(const char *path, const char *end)
{
    char *uri = malloc(sizeof "file:" + 3 * strlen(path) + strlen(end) + 1), *to = uri;
    if (uri == NULL)
        return NULL;
    to += sprintf(to, "file:");
    for (; *path != '\0'; path++)
        to += sprintf(to, strchr("%?#", *path) != NULL ? "%%%02x" : "%c", (unsigned char)*path);
    strcpy(to, end);
    return uri;
}

int db_open(struct db *db, const char *path, enum db_use use, bool sync_full)
{
    static const char *const ends[] = {
        [DB_FROZEN] = "?immutable=1", [DB_CHECKER] = "?vfs=" STOPPABLE_NAME};
    int flags = SQLITE_OPEN_NOMUTEX | (ends[use] != NULL ? SQLITE_OPEN_URI : 0) |
                (use == DB_FROZEN ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                (use == DB_WRITER ? SQLITE_OPEN_CREATE : 0);
    char *uri = ends[use] != NULL ? uri_of(path, ends[use]) : NULL;
    *db = (struct db){0};
    if (ends[use] != NULL && uri == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_open_v2(uri != NULL ? uri : path, &db->handle, flags, NULL);
    free(uri);
    return rc == SQLITE_OK ? set_up(db, use, sync_full) : rc;
}

void db_close(struct db *db)
{
    for (unsigned i = 0; i < DB_STATEMENTS_MAX; i++)
        sqlite3_finalize(db->statements[i].prepared);
    sqlite3_close(db->handle);
    *db = (struct db){0};
}
