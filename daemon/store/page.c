/* page.c - see page.h. Reads the rows, lets the features fold, then writes the items. */
#include "page.h"

#include "act.h"
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
    size_t begin, end;  /* of its text; both 0 until that is written */
};

/* A direction in which a page reads items: those from `seq` on, or those below it. */
struct reading {
    uint64_t seq;
    size_t most;  /* items */
    size_t bytes; /* the reading ends after so many */
    bool *rest;   /* set if there are more items */
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
    p->n++;
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

#define ITEMS                                                                                      \
    "SELECT " ROW_COLUMNS " FROM event INDEXED BY event_item WHERE room = " SQL_ROOM               \
    " AND " SQL_IS_ITEM

/* Adds the rows of `q`, whose numbers lie between `above` and `below`. */
static int add_rows(struct store *store, struct page *p, sqlite3_stmt *q, const struct reading *r,
                    uint64_t *above, uint64_t *below, uint64_t *last)
{
    int rc = SQLITE_OK;
    size_t n = 0, bytes = 0;
    while (!*r->rest && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct row row;
        *r->rest = n == r->most || bytes > r->bytes;
        if (*r->rest || !row_read(store, q, p->room, *above, *below, &row))
            continue;
        if (add_item(p, &row.e, row.patch) != SQLITE_OK)
            return SQLITE_NOMEM;
        *last = row.e.seq;
        bytes += row.patch == NULL ? row.e.body_bytes : strlen(row.patch);
        n++;
    }
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int read_rows(struct store *store, struct page *p, sqlite3_stmt *q, const struct reading *r,
                     bool down)
{
    uint64_t above = down ? 0 : r->seq - 1, below = down ? r->seq : (uint64_t)SEQ_MAX + 1;
    db_bind_text(q, 1, p->room);
    sqlite3_bind_int64(q, 2, (int64_t)r->seq);
    sqlite3_bind_int64(q, 3, (int64_t)r->most + 1);
    int rc = add_rows(store, p, q, r, &above, &below, down ? &below : &above);
    db_reset(q);
    return rc;
}

static void reverse(struct page *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        struct page_item swap = p->items[i];
        p->items[i] = p->items[p->n - 1 - i];
        p->items[p->n - 1 - i] = swap;
    }
}

/* Before any other items. */
static int read_up(struct store *store, struct page *p, const struct reading *r)
{
    sqlite3_stmt *q = db_statement(&store->read, ITEMS " AND seq >= ?2 ORDER BY seq LIMIT ?3");
    int rc = read_rows(store, p, q, r, false);
    reverse(p);
    p->from_here = p->n;
    return rc;
}

static int read_down(struct store *store, struct page *p, const struct reading *r)
{
    sqlite3_stmt *q = db_statement(&store->read, ITEMS " AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    return read_rows(store, p, q, r, true);
}

/* One query a direction: one that may add nothing looks whether there are more items. */
static int read_items(struct store *store, struct page *p, const struct ask_page *q)
{
    const uint64_t seq = q->around + q->from + q->before; /* one of them, or none */
    struct reading up = {.seq = seq > 0 ? seq : (uint64_t)SEQ_MAX + 1,
                         .most = q->from > 0 ? q->limit : 0,
                         .bytes = PAGE_BYTES,
                         .rest = &p->newer};
    if (q->around > 0) {
        up.most = (q->limit + 1) / 2;
        up.bytes /= 2;
    }
    int rc = read_up(store, p, &up);
    struct reading down = up;
    down.most = q->from > 0 ? 0 : q->limit - p->n;
    down.rest = &p->more;
    if (rc == SQLITE_OK && q->before > 0)
        rc = read_gap(store, p, q->before);
    if (rc == SQLITE_OK)
        rc = read_down(store, p, &down);
    if (p->n > 0) {
        p->newest = p->items[0].e.seq;
        p->oldest = p->items[p->n - 1].e.seq;
    }
    return rc;
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
    item->begin = to->size;
    if (item->damage != NULL)
        write_gap(store, to, &item->e, item->damage);
    else if (item_write(to, &item->e, patch->size > 0 ? patch->at : NULL))
        write_more(to, &item->more);
    else
        write_gap(store, to, &item->e, "no JSON");
    item->end = to->size;
}

/* Writes those that fit, from where the reader is: the older ones follow the newer ones. SQLite's
 * code. */
static int write_items(struct store *store, struct bytes *texts, struct page *p, size_t upto)
{
    size_t i = p->from_here;
    for (; i > 0 && texts->size <= upto; i--)
        write_item(store, texts, &p->items[i - 1]);
    p->newer |= i > 0;
    for (i = p->from_here; i < p->n && texts->size <= PAGE_BYTES; i++)
        write_item(store, texts, &p->items[i]);
    p->more |= i < p->n;
    return texts->failed ? SQLITE_NOMEM : SQLITE_OK;
}

/* The array, oldest first. */
static void write_reversed(struct bytes *to, const struct bytes *texts, const struct page *p)
{
    array_begin(to, NULL);
    for (size_t i = p->n; i-- > 0;) {
        const struct page_item *item = &p->items[i];
        if (item->end > 0)
            object_add_json(to, NULL, texts->at + item->begin, item->end - item->begin);
    }
    array_end(to);
}

/* What the page has of the log, from the oldest item that is written to the newest one, or to where
 * the log or the page before it ends. */
static int write_acts(struct store *store, struct bytes *to, const struct page *p,
                      const struct ask_page *q)
{
    size_t first = 0, last = p->n;
    while (first < last && p->items[first].end == 0)
        first++;
    while (last > first && p->items[last - 1].end == 0)
        last--;
    bool some = first < last;
    uint64_t from = q->from > 0 ? q->from : p->more && some ? p->items[last - 1].e.seq : 1;
    uint64_t below = q->before > 0 ? q->before : (uint64_t)SEQ_MAX + 1;
    if (q->before == 0 && p->newer && some)
        below = p->items[first].e.seq;
    return acts_write(store, to, p->room, from, below);
}

static int write_page(struct store *store, struct bytes *to, struct page *p, bool both)
{
    struct bytes texts = {0};
    int rc = write_items(store, &texts, p, both ? PAGE_BYTES / 2 : PAGE_BYTES);
    if (rc == SQLITE_OK)
        write_reversed(to, &texts, p);
    bytes_finish(&texts);
    return rc == SQLITE_OK && to->failed ? SQLITE_NOMEM : rc;
}

static int answer_page(struct store *s, struct bytes *to, struct bytes *acts, const char *room,
                       const struct ask_page *q, struct page *p)
{
    int rc = SQLITE_NOMEM;
    *p = (struct page){.room = room, .identity = q->identity};
    /* A gap comes on top. */
    if ((p->items = calloc((size_t)q->limit + 1, sizeof *p->items)) != NULL)
        rc = read_items(s, p, q);
    if (rc == SQLITE_OK)
        rc = features_fold(s, p);
    if (rc == SQLITE_OK)
        rc = write_page(s, to, p, q->around > 0);
    if (rc == SQLITE_OK && acts != NULL)
        rc = write_acts(s, acts, p, q);
    finish(p);
    return rc;
}

int store_answer_page(struct store *s, struct ask *ask)
{
    struct ask_page *q = (struct ask_page *)ask;
    struct page p;
    int rc = answer_page(s, &ask->text, &ask->rows, ask->room, q, &p);
    q->more = p.more;
    q->newer = p.newer;
    return rc;
}

int page_add_item(struct store *s, struct bytes *to, const char *room, uint64_t identity,
                  uint64_t seq)
{
    struct ask_page q = {.from = seq, .limit = 1, .identity = identity};
    struct page p;
    struct bytes text = {0}; /* an array of one */
    if (to->size > PAGE_BYTES)
        return SQLITE_DONE;
    int rc = answer_page(s, &text, NULL, room, &q, &p);
    if (rc == SQLITE_OK && p.newest == seq)
        object_add_json(to, NULL, text.at + 1, text.size - 2);
    bytes_finish(&text);
    return rc == SQLITE_OK ? SQLITE_DONE : rc;
}
