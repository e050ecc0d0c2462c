/* photo.c - see photo.h. Also the feature of photos.
 *
 * `uses` counts the messages that show the photo. A photo is `gone` when the last of them is
 * deleted, or nobody has used it in time: its file is removed after the transaction, and again at
 * each start as long as the row is there, because a crash may come between. A message that comes
 * after that time shows it all the same: other nodes may have its file.
 *
 * `shown` has a row for each photo of a message, and keeps it, without the name, when the message
 * is deleted: a room shows a photo once. Rooms have no common order, so two rooms may show the
 * same. photo_read.c answers. */
#include "photo.h"

#include "feature.h"
#include "job.h"
#include "load.h"
#include "photo_read.h"
#include "private.h"

#include "chat/base/hash.h"
#include "chat/base/json.h"
#include "chat/base/photo.h"

#include <stdlib.h>
#include <string.h>

#define SQL_VOID "kind = 127, author = 0, key = NULL, hash = 0, body = '{}'"
_Static_assert(EVENT_VOID == 127 && EVENT_PHOTO == 66, "the numbers in SQL are the kinds'");

static const struct schema_step schema[] = {
    {9, "CREATE TABLE photo(name TEXT PRIMARY KEY, owner INTEGER NOT NULL, at INTEGER NOT NULL,"
        " width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,"
        " mime TEXT NOT NULL, preview TEXT NOT NULL, uses INTEGER NOT NULL,"
        " gone INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE INDEX photo_owner ON photo(owner, at);"
        "CREATE INDEX photo_unused ON photo(gone, at) WHERE uses = 0;"
        "CREATE TABLE shown(room INTEGER NOT NULL, item INTEGER NOT NULL, photo TEXT NOT NULL,"
        " PRIMARY KEY(room, item, photo)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX identity_token ON identity(token);"},
    {13, "CREATE INDEX shown_photo ON shown(room, photo);"
         "UPDATE event SET " SQL_VOID " WHERE room = 0 AND kind = 66"
         " AND NOT EXISTS(SELECT 1 FROM photo WHERE name = event.key AND gone = 0);"},
    {0, NULL},
};

/* --- uploads and messages ------------------------------------------------------------------- */

static int add_photo(struct store *s, const struct event *e, const struct photo *p)
{
    sqlite3_stmt *q = db_statement(&s->write, "INSERT OR IGNORE INTO photo"
                                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)");
    db_bind_text(q, 1, p->name);
    sqlite3_bind_int64(q, 2, (int64_t)e->author);
    sqlite3_bind_int64(q, 3, e->wall_ms);
    sqlite3_bind_int64(q, 4, p->width);
    sqlite3_bind_int64(q, 5, p->height);
    sqlite3_bind_int64(q, 6, (int64_t)p->bytes);
    db_bind_text(q, 7, p->mime);
    db_bind_text(q, 8, p->preview);
    return db_run(q);
}

static int apply_photo(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct photo p;
    (void)room, (void)v;
    int rc = photo_read(body, &p) ? add_photo(s, e, &p) : SQLITE_OK;
    json_decref(body);
    return rc;
}

/* SQLITE_ROW: an earlier message of the room shows it, or has shown it. */
static int find_shown(struct store *s, const struct event *e, int64_t room, const struct photo *p)
{
    char hidden[HASH_CHARS + 1];
    hash_text(p->name, hidden);
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT 1 FROM shown INDEXED BY shown_photo"
                                " WHERE room = ?1 AND photo IN (?3, ?4) AND item != ?2");
    db_bind_place(q, room, e->seq);
    db_bind_text(q, 3, p->name);
    db_bind_text(q, 4, hidden);
    int rc = sqlite3_step(q);
    db_reset(q);
    return rc;
}

static int show(struct store *s, const struct event *e, int64_t room, const struct photo *p)
{
    int rc = add_photo(s, e, p);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_stmt *q = db_statement(
        &s->write, "INSERT OR IGNORE INTO shown(room, item, photo) VALUES(?1, ?2, ?3)");
    db_bind_place(q, room, e->seq);
    db_bind_text(q, 3, p->name);
    rc = db_run(q);
    if (rc != SQLITE_OK || sqlite3_changes(s->write.handle) == 0)
        return rc;
    q = db_statement(&s->write, "UPDATE photo SET uses = uses + 1, gone = 0, preview = ?2"
                                " WHERE name = ?1");
    db_bind_text(q, 1, p->name);
    db_bind_text(q, 2, p->preview);
    return db_run(q);
}

/* For each photo of a message. SQLITE_OK: go on. */
static int each_photo(struct store *s, const struct event *e, int64_t room, const json_t *photos,
                      int (*use)(struct store *s, const struct event *e, int64_t room,
                                 const struct photo *p))
{
    const json_t *photo;
    struct photo p;
    int rc = SQLITE_OK;
    size_t i;
    json_array_foreach(photos, i, photo)
    {
        if ((rc == SQLITE_OK || rc == SQLITE_DONE) && photo_read(photo, &p))
            rc = use(s, e, room, &p);
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The event says all of its photos: the server's log, where they were uploaded, may come later. */
static int apply_message(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    json_t *photos = photos_in(e->body, e->body_bytes);
    int rc = each_photo(s, e, room, photos, find_shown);
    if (rc == SQLITE_ROW)
        v->err = ERR_NOT_FOUND;
    else if (rc == SQLITE_OK)
        rc = each_photo(s, e, room, photos, show);
    json_decref(photos);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static const struct feature_kind kinds[] = {
    {EVENT_PHOTO, apply_photo}, {EVENT_MESSAGE, apply_message}, {0, NULL}};

/* --- the end of a photo --------------------------------------------------------------------- */

/* The name is the key of the event, and the preview is in its body. */
static int void_upload(struct store *s, const char *name)
{
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE event INDEXED BY event_key SET " SQL_VOID " WHERE key = ?1 AND room = 0"
                   " AND author = (SELECT owner FROM photo WHERE name = ?1)");
    db_bind_text(q, 1, name);
    s->scrub = true;
    return db_run(q);
}

/* Runs a statement that returns the names of photos that are gone. */
static int give_up(struct store *s, sqlite3_stmt *q)
{
    size_t before = s->gone.size;
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        bytes_add(&s->gone, db_text(q, 0), strlen(db_text(q, 0)) + 1);
    db_reset(q);
    if (s->gone.failed || rc != SQLITE_DONE)
        return s->gone.failed ? SQLITE_NOMEM : rc;
    rc = SQLITE_OK;
    for (size_t i = before; i < s->gone.size && rc == SQLITE_OK; i += strlen(s->gone.at + i) + 1)
        rc = void_upload(s, s->gone.at + i);
    return rc;
}

static int hide(struct store *s, int64_t room, uint64_t item, const char *name)
{
    char hidden[HASH_CHARS + 1];
    hash_text(name, hidden);
    sqlite3_stmt *q = db_statement(
        &s->write, "UPDATE shown SET photo = ?4 WHERE room = ?1 AND item = ?2 AND photo = ?3");
    db_bind_place(q, room, item);
    db_bind_text(q, 3, name);
    db_bind_text(q, 4, hidden);
    return db_run(q);
}

/* Takes the names out of `shown`. */
static int hide_shown(struct store *s, int64_t room, uint64_t item)
{
    struct bytes names = {0};
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT photo FROM shown WHERE room = ?1 AND item = ?2");
    db_bind_place(q, room, item);
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        bytes_add(&names, db_text(q, 0), strlen(db_text(q, 0)) + 1);
    db_reset(q);
    if (rc == SQLITE_DONE)
        rc = names.failed ? SQLITE_NOMEM : SQLITE_OK;
    for (size_t i = 0; i < names.size && rc == SQLITE_OK; i += strlen(names.at + i) + 1)
        rc = hide(s, room, item, names.at + i);
    bytes_finish(&names);
    return rc;
}

#define SHOWN_THERE "name IN (SELECT photo FROM shown WHERE room = ?1 AND item = ?2)"

static int forget(struct store *s, int64_t room, uint64_t item)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE photo SET uses = uses - 1 WHERE " SHOWN_THERE);
    db_bind_place(q, room, item);
    int rc = db_run(q);
    if (rc != SQLITE_OK || sqlite3_changes(s->write.handle) == 0)
        return rc;
    q = db_statement(&s->write, "UPDATE photo SET gone = 1, preview = '' WHERE " SHOWN_THERE
                                " AND uses = 0 RETURNING name");
    db_bind_place(q, room, item);
    rc = give_up(s, q);
    return rc == SQLITE_OK ? hide_shown(s, room, item) : rc;
}

/* A later event of the same transaction may show the photo again. */
static bool is_gone(struct store *s, const char *name)
{
    sqlite3_stmt *q = db_statement(&s->write, "SELECT 1 FROM photo WHERE name = ?1 AND gone = 0");
    db_bind_text(q, 1, name);
    int rc = sqlite3_step(q);
    db_reset(q);
    return rc == SQLITE_DONE;
}

/* Of the first ?2 rows of the room. */
#define FIRST_SHOWN                                                                                \
    "room = ?1 AND item <= (SELECT max(item) FROM (SELECT item FROM shown WHERE room = ?1"         \
    " ORDER BY item LIMIT ?2))"

static int forget_room(struct store *s, int64_t room, int most)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE photo SET uses = uses - times FROM (SELECT photo AS which,"
                                " count(*) AS times FROM shown WHERE " FIRST_SHOWN
                                " GROUP BY photo) WHERE name = which");
    db_bind_place(q, room, (uint64_t)most);
    int rc = db_run(q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "UPDATE photo SET gone = 1, preview = '' WHERE name IN"
                                " (SELECT photo FROM shown WHERE " FIRST_SHOWN
                                ") AND uses = 0 RETURNING name");
    db_bind_place(q, room, (uint64_t)most);
    rc = give_up(s, q);
    if (rc != SQLITE_OK)
        return rc;
    q = db_statement(&s->write, "DELETE FROM shown WHERE " FIRST_SHOWN);
    db_bind_place(q, room, (uint64_t)most);
    return db_run(q);
}

static void remove_files(struct store *s, const char *name)
{
    if (!s->photo_gone(s->photo_arg, name))
        bytes_add(&s->stuck, name, strlen(name) + 1);
}

/* After the transaction: a file cannot be rolled back. */
static void ended(struct store *s, bool committed)
{
    for (size_t i = 0; committed && i < s->gone.size; i += strlen(s->gone.at + i) + 1)
        if (is_gone(s, s->gone.at + i))
            remove_files(s, s->gone.at + i);
    bytes_finish(&s->gone);
}

static int tell_gone(void *arg, sqlite3_stmt *q)
{
    struct store *s = ((struct load *)arg)->store;
    if (photo_name_ok(db_text(q, 0)))
        remove_files(s, db_text(q, 0));
    return SQLITE_OK;
}

static enum err load(struct store *s, struct chat *chat)
{
    struct load load = {s, chat};
    return store_load_rows(s, "photos", "SELECT name FROM photo WHERE uses = 0 AND gone = 1",
                           tell_gone, &load);
}

/* --- photos that nobody uses ---------------------------------------------------------------- */

struct expire {
    struct write_job w; /* first */
    int64_t unused_ms, forget_ms;
};
FIRST(expire, w);

/* The next start removes the files of the rows that are there. */
static int forget_gone(struct store *s, int64_t before_ms)
{
    if (s->stuck.size > 0)
        return SQLITE_OK;
    sqlite3_stmt *q =
        db_statement(&s->write, "DELETE FROM photo WHERE uses = 0 AND gone = 1 AND at < ?1");
    sqlite3_bind_int64(q, 1, before_ms);
    return db_run(q);
}

static int run_expire(struct store *s, struct write_job *job)
{
    const struct expire *j = (struct expire *)job;
    int rc = forget_gone(s, j->forget_ms);
    if (rc != SQLITE_OK)
        return rc;
    bytes_add(&s->gone, s->stuck.at, s->stuck.size); /* once more, when this ends */
    bytes_finish(&s->stuck);
    sqlite3_stmt *q =
        db_statement(&s->write, "UPDATE photo SET gone = 1, preview = '' WHERE uses = 0"
                                " AND gone = 0 AND at < ?1 RETURNING name");
    sqlite3_bind_int64(q, 1, j->unused_ms);
    return give_up(s, q);
}

static void free_job(struct job *job) { free(job); }

void store_photos_expire(struct store *s, int64_t unused_ms, int64_t forget_ms)
{
    struct expire *j = store_write_job(s, sizeof *j);
    if (j == NULL)
        return;
    j->w.job.done = free_job;
    j->w.run = run_expire;
    j->unused_ms = unused_ms;
    j->forget_ms = forget_ms;
    worker_give(s->writer, &j->w.job);
}

/* --- files that no photo has ----------------------------------------------------------------- */

struct sweep {
    struct write_job w; /* first */
    size_t size;
    char names[]; /* each with its NUL */
};
FIRST(sweep, w);

static int run_sweep(struct store *s, struct write_job *job)
{
    const struct sweep *j = (struct sweep *)job;
    bytes_add(&s->gone, j->names, j->size); /* ended() removes those that are */
    return s->gone.failed ? SQLITE_NOMEM : SQLITE_OK;
}

void store_photos_sweep(struct store *s, const struct bytes *names)
{
    struct sweep *j =
        names->size == 0 || names->failed ? NULL : store_write_job(s, sizeof *j + names->size);
    if (j == NULL)
        return;
    memcpy(j->names, names->at, j->size = names->size);
    j->w.job.done = free_job;
    j->w.run = run_sweep;
    worker_give(s->writer, &j->w.job);
}

static const struct feature_answer answers[] = {{ASK_PHOTOS, photo_answer_photos},
                                                {ASK_PHOTO, photo_answer_photo},
                                                {ASK_UPLOADER, photo_answer_uploader},
                                                {0, NULL}};

const struct store_feature photo_feature = {.schema = schema,
                                            .kinds = kinds,
                                            .answers = answers,
                                            .load = load,
                                            .forget = forget,
                                            .forget_room = forget_room,
                                            .ended = ended};
