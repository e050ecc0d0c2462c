/* photo_read.c - see photo_read.h. Reader's thread. */
#include "photo_read.h"

#include "private.h"
#include "read.h"
#include "reject.h"

#include "chat/base/photo.h"

#include <string.h>

static void read_string(char *to, size_t size, sqlite3_stmt *q, int column)
{
    if (db_text_ok(q, column, size - 1))
        strcpy(to, db_text(q, column));
}

static bool read_row(struct store *s, sqlite3_stmt *q, struct photo *out)
{
    *out = (struct photo){.width = (unsigned)sqlite3_column_int(q, 0),
                          .height = (unsigned)sqlite3_column_int(q, 1),
                          .bytes = (uint64_t)sqlite3_column_int64(q, 2)};
    read_string(out->mime, sizeof out->mime, q, 3);
    read_string(out->preview, sizeof out->preview, q, 4);
    read_string(out->name, sizeof out->name, q, 5);
    bool good = photo_ok(out) && out->width > 0 && out->width <= PHOTO_SIDE_MAX &&
                out->height > 0 && out->height <= PHOTO_SIDE_MAX && out->bytes > 0;
    if (!good)
        store_reject_row(s, "", 0, "a photo");
    return good;
}

/* Adds the photo to the rows. ERR_NOT_FOUND: the person cannot show it. A `say` that is sent again
 * gets the answer of the first one, even if that message has been deleted. */
static int find_photo(struct store *store, struct ask_photos *q, const char *name)
{
    sqlite3_stmt *s = db_statement(
        &store->read, "SELECT width, height, bytes, mime, preview, name, uses FROM photo"
                      " WHERE name = ?1 AND owner = ?2 AND gone = 0 AND (uses > 0 OR at >= ?3)");
    struct photo p;
    db_bind_text(s, 1, name);
    sqlite3_bind_int64(s, 2, (int64_t)q->identity);
    sqlite3_bind_int64(s, 3, q->after_ms);
    int rc = sqlite3_step(s);
    bool usable = rc == SQLITE_ROW && (sqlite3_column_int64(s, 6) == 0 || q->key_known) &&
                  read_row(store, s, &p);
    db_reset(s);
    if (usable)
        bytes_add(&q->ask.rows, &p, sizeof p);
    else if ((rc == SQLITE_ROW || rc == SQLITE_DONE) && !q->key_known)
        q->ask.err = ERR_NOT_FOUND;
    return q->ask.rows.failed ? SQLITE_NOMEM : rc;
}

int photo_answer_photos(struct store *store, struct ask *ask)
{
    struct ask_photos *q = (struct ask_photos *)ask;
    int rc = store_find_known(store, ask->room, q->identity, q->key, &q->key_known);
    for (size_t i = 0; i < q->count && (rc == SQLITE_ROW || rc == SQLITE_DONE); i++)
        rc = find_photo(store, q, q->names[i]);
    return rc;
}

int photo_answer_photo(struct store *store, struct ask *ask)
{
    struct ask_photo *q = (struct ask_photo *)ask;
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT width, height, bytes, mime, preview, name FROM photo"
                                   " WHERE name = ?1 AND gone = 0");
    db_bind_text(s, 1, q->photo.name);
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW || !read_row(store, s, &q->photo))
        ask->err = ERR_NOT_FOUND;
    db_reset(s);
    return rc;
}

static int add_sums(struct store *store, struct ask_uploader *q)
{
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT sum(bytes), sum(at >= ?3) FROM photo INDEXED BY"
                                   " photo_owner WHERE owner = ?1 AND at >= ?2");
    sqlite3_bind_int64(s, 1, (int64_t)q->id);
    sqlite3_bind_int64(s, 2, q->day_ms);
    sqlite3_bind_int64(s, 3, q->minute_ms);
    int rc = sqlite3_step(s);
    q->bytes = (uint64_t)sqlite3_column_int64(s, 0);
    q->recent = (unsigned)sqlite3_column_int64(s, 1);
    db_reset(s);
    return rc;
}

int photo_answer_uploader(struct store *store, struct ask *ask)
{
    struct ask_uploader *q = (struct ask_uploader *)ask;
    sqlite3_stmt *s = db_statement(&store->read, "SELECT id FROM identity WHERE token = ?1");
    sqlite3_bind_blob(s, 1, q->token_hash, TOKEN_HASH_BYTES, SQLITE_STATIC);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        q->id = (uint64_t)sqlite3_column_int64(s, 0);
    else
        ask->err = ERR_NOT_FOUND;
    db_reset(s);
    return ask->err == OK ? add_sums(store, q) : rc;
}
