/* db.c - see db.h. The schema's history is here: a step, once released, never changes. */
#include "db.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each string brings a file from schema i to i + 1, in one transaction with PRAGMA user_version.
 *
 * event: the logs. `now` is what later events have made of an item (a JSON patch), NULL while
 * nothing; of a vote, and of the end of a poll, what members are told of it. Kinds below 16 stand
 * in histories by themselves: event_item finds a page of them without stepping over the rest. room
 * 0, without a name, is the server's own log. */
static const char *const steps[] = {
    "CREATE TABLE room(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL,"
    " topic TEXT NOT NULL, post INTEGER NOT NULL, creator INTEGER NOT NULL, log TEXT NOT NULL) "
    "STRICT;"
    "INSERT INTO room VALUES(0, '', '', '', 0, 0, '');"
    "CREATE TABLE event(room INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, author INTEGER NOT NULL, key TEXT, hash INTEGER NOT NULL, of INTEGER,"
    " body TEXT NOT NULL, now TEXT, PRIMARY KEY(room, seq)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX event_key ON event(author, key) WHERE key IS NOT NULL;"
    "CREATE INDEX event_item ON event(room, seq) WHERE kind < 16;"
    "CREATE INDEX event_of ON event(room, of) WHERE of IS NOT NULL;"
    "CREATE TABLE identity(id INTEGER PRIMARY KEY, nick TEXT NOT NULL, skeleton TEXT NOT NULL "
    "UNIQUE,"
    " token BLOB NOT NULL, seen INTEGER NOT NULL) STRICT;"
    "CREATE TABLE marker(identity INTEGER NOT NULL, room INTEGER NOT NULL, read INTEGER NOT NULL,"
    " joined INTEGER NOT NULL, PRIMARY KEY(identity, room)) STRICT, WITHOUT ROWID;",

    /* Of the Redis whose log is copied: its history's name, the highest generation seen. */
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;",

    /* poll: how it stands; `closes`: when it is to be closed, `closed`: when it was; not `whole`:
     * not all ballots are here, or (without a digest) not even the end. `key` makes identities into
     * voters (chat/poll.h). ballot: what each voter has chosen, as "0,2". */
    "CREATE TABLE poll(room INTEGER NOT NULL, seq INTEGER NOT NULL, options INTEGER NOT NULL,"
    " max INTEGER NOT NULL, secret INTEGER NOT NULL, live INTEGER NOT NULL, closes INTEGER,"
    " voters INTEGER NOT NULL, counts TEXT NOT NULL, closed INTEGER, closed_by TEXT, digest TEXT,"
    " whole INTEGER NOT NULL DEFAULT 1, key BLOB, PRIMARY KEY(room, seq)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX poll_open ON poll(room) WHERE closed IS NULL;"
    "CREATE TABLE ballot(room INTEGER NOT NULL, poll INTEGER NOT NULL, voter INTEGER NOT NULL,"
    " code TEXT NOT NULL, choices TEXT NOT NULL, nick TEXT, PRIMARY KEY(room, poll, voter))"
    " STRICT, WITHOUT ROWID;",

    /* Who is more or less than a member in a room (0: everywhere), as the server's log says;
     * `banned`, `muted`: until when. The server's log has keys
     * of its own: what is in it must not hang on what a node has copied of rooms. */
    "CREATE TABLE standing(room INTEGER NOT NULL, identity INTEGER NOT NULL,"
    " role INTEGER NOT NULL, banned INTEGER NOT NULL, muted INTEGER NOT NULL,"
    " PRIMARY KEY(room, identity)) STRICT, WITHOUT ROWID;"
    "DROP INDEX event_key;"
    "CREATE UNIQUE INDEX event_key ON event(author, key, room = 0) WHERE key IS NOT NULL;",
};

int db_exec(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

const char *db_text(sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    return text == NULL ? "" : (const char *)text;
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
    if (s == NULL) /* it could not be prepared: the step has told */
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

/* --- opening -------------------------------------------------------------------------------- */

static int schema_of(struct db *db)
{
    sqlite3_stmt *s = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return version;
}

static int migrate_step(struct db *db, int from)
{
    char version[64];
    snprintf(version, sizeof version, "PRAGMA user_version=%d; COMMIT;", from + 1);
    int rc = db_exec(db, "BEGIN IMMEDIATE;");
    if (rc == SQLITE_OK)
        rc = db_exec(db, steps[from]);
    if (rc == SQLITE_OK)
        rc = db_exec(db, version);
    if (rc != SQLITE_OK)
        db_exec(db, "ROLLBACK;");
    return rc;
}

/* A reader, too, must look at the file: only then it is known that it can. */
static int migrate(struct db *db, enum db_use use)
{
    int version = schema_of(db), newest = (int)(sizeof steps / sizeof *steps);
    if (version < 0)
        return sqlite3_errcode(db->handle);
    if (use != DB_WRITER && version < newest)
        return SQLITE_SCHEMA;
    if (version > newest) {
        log_error("store schema=%d newest_known=%d: made by a newer chatd", version, newest);
        return SQLITE_MISMATCH;
    }
    for (int rc; version < newest; version++)
        if ((rc = migrate_step(db, version)) != SQLITE_OK)
            return rc;
    return SQLITE_OK;
}

/* secure_delete: a deleted text is overwritten, not only unlinked. */
static int set_up(struct db *db, enum db_use use, bool sync_full)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
    int rc = db_exec(db, "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;");
    if (rc != SQLITE_OK)
        return rc;
    if (use != DB_WRITER) {
        rc = db_exec(db, "PRAGMA query_only=ON;");
        return rc == SQLITE_OK ? migrate(db, use) : rc;
    }
    if (sqlite3_db_readonly(db->handle, "main") == 1)
        return SQLITE_READONLY;
    rc = db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;"
                     "PRAGMA journal_size_limit=67108864;");
    if (rc == SQLITE_OK)
        rc = db_exec(db, sync_full ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;");
    return rc == SQLITE_OK ? migrate(db, use) : rc;
}

/* SQLite takes this promise in a URI only; what has a meaning there is escaped. NULL: no memory. */
static char *frozen(const char *path)
{
    static const char end[] = "?immutable=1";
    char *uri = malloc(sizeof "file:" + 3 * strlen(path) + sizeof end), *to = uri;
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
    int flags =
        SQLITE_OPEN_NOMUTEX |
        (use == DB_FROZEN ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE) |
        (use == DB_WRITER ? SQLITE_OPEN_CREATE : 0);
    char *uri = use == DB_FROZEN ? frozen(path) : NULL;
    *db = (struct db){0};
    if (use == DB_FROZEN && uri == NULL)
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
