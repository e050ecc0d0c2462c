/* page.c - see page.h. Reads the rows, lets the features fold, then writes the items. */
#include "page.h"

#include "private.h"
#include "reject.h"
#include "row.h"
#include "sql.h"

#include "chat/base/item.h"
#include "chat/base/json.h"
#include "chat/base/object.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES ((size_t)256 * 1024) /* a page ends after so much, but has one item at least */

struct page_item {
    struct event e;     /* its body is the item's own */
    struct bytes patch; /* an object that lacks its end; nothing: no patch */
    struct bytes more;  /* members that go into the written item as they are */
    const char *damage; /* what of it is damaged; NULL: nothing is */
    size_t end;         /* of its text, once that is written */
};

/* --- items ---------------------------------------------------------------------------------- */

static int by_seq(const void *key, const void *item)
{
    uint64_t a = *(const uint64_t *)key, b = ((const struct page_item *)item)->e.seq;
    return a == b ? 0 : a > b ? -1 : 1; /* newest first */
}

static struct page_item *find(struct page *p, uint64_t seq)
{
    return p->n == 0 ? NULL : bsearch(&seq, p->items, p->n, sizeof *p->items, by_seq);
}

struct bytes *page_more(struct page *p, uint64_t seq)
{
    struct page_item *item = find(p, seq);
    return item == NULL ? NULL : &item->more;
}

struct bytes *page_patch(struct page *p, uint64_t seq)
{
    struct page_item *item = find(p, seq);
    if (item == NULL)
        return NULL;
    if (item->patch.size == 0)
        object_begin(&item->patch, NULL);
    return &item->patch;
}

void page_damaged(struct page *p, uint64_t seq, const char *what)
{
    struct page_item *item = find(p, seq);
    if (item != NULL)
        item->damage = what;
}

/* Copies the row. */
static int add_item(struct page *p, const struct event *e, const char *now)
{
    struct page_item *item = &p->items[p->n];
    size_t now_bytes = now == NULL ? 0 : strlen(now);
    *item = (struct page_item){.e = *e};
    item->e.body = strndup(e->body, e->body_bytes);
    if (item->e.body == NULL)
        return SQLITE_NOMEM;
    p->oldest = e->seq;
    if (p->n++ == 0)
        p->newest = e->seq;
    p->bytes += now == NULL ? e->body_bytes : now_bytes;
    if (now == NULL)
        return SQLITE_OK;
    object_begin(&item->patch, NULL);
    object_add_members(&item->patch, now, now_bytes);
    return item->patch.failed ? SQLITE_NOMEM : SQLITE_OK;
}

static void finish(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free((char *)(uintptr_t)p->items[i].e.body);
        bytes_finish(&p->items[i].patch);
        bytes_finish(&p->items[i].more);
    }
    free(p->items);
}

/* --- reading -------------------------------------------------------------------------------- */

/* A page that ends inside a gap ends with it, so that a client that comes from a node with more
 * events does not take the page for a continuation. */
static int read_gap(struct store *store, struct page *p, uint64_t before)
{
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT " ROW_COLUMNS " FROM event WHERE room = " SQL_ROOM
                                   " AND seq >= ?2 ORDER BY seq LIMIT 1");
    db_bind_text(s, 1, p->room);
    sqlite3_bind_int64(s, 2, (int64_t)before);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        struct row row = {0};
        if (rc == SQLITE_ROW)
            row_read(store, s, p->room, before - 1, UINT64_MAX, &row);
        json_t *body = row.e.kind == EVENT_GAP ? json_loads(row.e.body, 0, NULL) : NULL;
        row.e.seq = before - 1;
        rc = SQLITE_OK;
        if (row.e.kind == EVENT_GAP && (uint64_t)field_int(body, "after", 0) < row.e.seq)
            rc = add_item(p, &row.e, NULL);
        json_decref(body);
    }
    db_reset(s);
    return rc;
}

static int read_items(struct store *store, struct page *p, uint64_t before)
{
    sqlite3_stmt *s =
        db_statement(&store->read, "SELECT " ROW_COLUMNS " FROM event INDEXED BY event_item"
                                   " WHERE room = " SQL_ROOM " AND " SQL_IS_ITEM
                                   " AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    int rc = SQLITE_OK, added = SQLITE_OK;
    if (before == 0)
        before = (uint64_t)SEQ_MAX + 1;
    db_bind_text(s, 1, p->room);
    sqlite3_bind_int64(s, 2, (int64_t)before);
    sqlite3_bind_int64(s, 3, (int64_t)(p->most - p->n) + 1);
    while (added == SQLITE_OK && !p->more && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct row row;
        uint64_t below = p->n > 0 ? p->oldest : before;
        p->more = p->n == p->most || p->bytes > PAGE_BYTES;
        if (!p->more && row_read(store, s, p->room, 0, below, &row))
            added = add_item(p, &row.e, row.patch);
    }
    db_reset(s);
    return added != SQLITE_OK ? added : rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* --- writing -------------------------------------------------------------------------------- */

/* An item whose features have damaged rows becomes a gap. */
static void write_gap(struct store *store, struct bytes *to, const struct event *e,
                      const char *damage)
{
    struct bytes body = {0};
    struct event gap = {.room = e->room, .seq = e->seq, .at_ms = e->at_ms, .kind = EVENT_GAP};
    store_reject_row(store, e->room, e->seq, damage);
    object_begin(&body, NULL);
    object_add_number(&body, "after", e->seq - 1);
    object_end(&body);
    gap.body = body.at;
    gap.body_bytes = body.size;
    if (!body.failed)
        event_write(to, &gap);
    to->failed |= body.failed;
    bytes_finish(&body);
}

static void write_more(struct bytes *to, const struct bytes *more)
{
    if (more->size == 0 || to->failed)
        return;
    to->size--; /* the item's end */
    bytes_add(to, ",", 1);
    bytes_add(to, more->at, more->size);
    object_end(to);
}

static void write_item(struct store *store, struct bytes *to, struct page_item *item)
{
    struct bytes *patch = &item->patch;
    if (patch->size > 0) {
        object_end(patch);
        bytes_add(patch, "", 1);
    }
    to->failed |= patch->failed | item->more.failed;
    if (item->damage != NULL)
        write_gap(store, to, &item->e, item->damage);
    else if (item_write(to, &item->e, patch->size > 0 ? patch->at : NULL))
        write_more(to, &item->more);
    else
        write_gap(store, to, &item->e, "no JSON");
    item->end = to->size;
}

/* Writes the newest items that fit, one behind the other. SQLite's code. */
static int write_items(struct store *store, struct bytes *texts, struct page *p,
                       size_t *written_out)
{
    size_t i = 0;
    for (; i < p->n && texts->size <= PAGE_BYTES; i++)
        write_item(store, texts, &p->items[i]);
    p->more |= i < p->n;
    *written_out = i;
    return texts->failed ? SQLITE_NOMEM : SQLITE_OK;
}

/* The array, oldest first. */
static void write_reversed(struct bytes *to, const struct bytes *texts, const struct page *p,
                           size_t n)
{
    array_begin(to, NULL);
    for (size_t i = n; i-- > 0;) {
        size_t begin = i == 0 ? 0 : p->items[i - 1].end;
        object_add_json(to, NULL, texts->at + begin, p->items[i].end - begin);
    }
    array_end(to);
}

static int write_page(struct store *store, struct bytes *to, struct page *p)
{
    struct bytes texts = {0};
    size_t n = 0;
    int rc = write_items(store, &texts, p, &n);
    if (rc == SQLITE_OK)
        write_reversed(to, &texts, p, n);
    bytes_finish(&texts);
    return rc == SQLITE_OK && to->failed ? SQLITE_NOMEM : rc;
}

int store_answer_page(struct store *s, struct ask *ask)
{
    struct ask_page *q = (struct ask_page *)ask;
    struct page p = {.room = ask->room, .identity = q->identity};
    int rc = SQLITE_NOMEM;
    if ((p.items = calloc((size_t)q->limit + 1, sizeof *p.items)) != NULL)
        rc = q->before > 0 ? read_gap(s, &p, q->before) : SQLITE_OK;
    p.most = p.n + q->limit; /* a gap comes on top */
    if (rc == SQLITE_OK)
        rc = read_items(s, &p, q->before);
    if (rc == SQLITE_OK)
        rc = features_fold(s, &p);
    if (rc == SQLITE_OK)
        rc = write_page(s, &ask->text, &p);
    q->more = p.more;
    finish(&p);
    return rc;
}
