/* search_read.c - see search_read.h. Takes the newest hit of all rooms, one after another. A room
 * is looked into only once it may have the newest one, so that most stay unread. */
#include "search_read.h"

#include "page.h"
#include "private.h"
#include "search_stream.h"

#include "chat/base/fold.h"
#include "chat/base/gram.h"
#include "chat/base/object.h"
#include "chat/model/charge.h"

#include <stdlib.h>
#include <string.h>

#define WORK_MAX 5000 /* of a question: some 10 ms at most; others wait behind it */

struct search_answer {
    struct search_query q;
    struct ask_search *ask;
    struct search_stream *streams;
    size_t n, capacity;
    struct heap rooms;
};

/* --- what is looked for --------------------------------------------------------------------- */

static void begin_query(struct search_query *q)
{
    const struct ask_search *ask = q->ask;
    words_parse(&q->words, ask->text);
    if (ask->from[0] != '\0')
        fold_add(&q->from, ask->from);
    words_add_grams(&q->words, &q->grams);
    if (q->from.size > 0)
        gram_add_mark(&q->grams, GRAM_FROM, q->from.at, q->from.size);
    if (ask->has == SEARCH_PHOTO)
        gram_add_mark(&q->grams, GRAM_PHOTO, "", 0);
    if (ask->has == SEARCH_POLL)
        gram_add_mark(&q->grams, GRAM_POLL, "", 0);
    if (ask->has == SEARCH_LINK)
        gram_add_text(&q->grams, "://", 3);
    gram_sort(&q->grams);
}

static bool query_failed(const struct search_query *q)
{
    return q->words.text.failed || q->from.failed || q->grams.failed;
}

static bool asks_nothing(const struct search_query *q)
{
    return q->words.text.size == 0 && q->from.size == 0 && q->ask->has == SEARCH_ALL;
}

/* --- the rooms ------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* The rooms that the person may read, and no others. */
static bool is_wanted(const struct ask_search *ask, const char *name)
{
    const size_t each = ROOM_NAME_MAX + 1;
    return ask->ask.rows.size > 0 &&
           bsearch(name, ask->ask.rows.at, ask->ask.rows.size / each, each, by_name) != NULL;
}

static int begin_stream(struct search_answer *a, struct search_stream *t)
{
    int rc = search_stream_begin(&a->q, t);
    t->in_rooms.group = (uint64_t)t->room;
    if (rc == SQLITE_OK && t->at_ms > 0 && !heap_add(&a->rooms, &t->in_rooms, -t->at_ms))
        rc = SQLITE_NOMEM;
    return rc;
}

static int begin_rooms(struct search_answer *a)
{
    sqlite3_stmt *s = db_statement(&a->q.store->read, "SELECT id, name FROM room WHERE id > 0");
    int rc = SQLITE_OK;
    a->capacity = a->ask->ask.rows.size / (ROOM_NAME_MAX + 1);
    a->streams = calloc(a->capacity + 1, sizeof *a->streams);
    if (a->streams == NULL)
        return SQLITE_NOMEM;
    while (a->n < a->capacity && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct search_stream *t = &a->streams[a->n];
        if (!is_wanted(a->ask, db_text(s, 1)))
            continue;
        t->room = sqlite3_column_int64(s, 0);
        strncpy(t->name, db_text(s, 1), ROOM_NAME_MAX);
        a->n++;
        rc = begin_stream(a, t);
        if (rc != SQLITE_OK)
            break;
    }
    db_reset(s);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* --- the answer ----------------------------------------------------------------------------- */

static void set_next(struct search_answer *a, const struct search_stream *t, uint64_t below)
{
    a->ask->more = true;
    a->ask->next = (struct search_from){t->at_ms, t->room, below};
}

static int take_hit(struct search_answer *a, struct search_stream *t)
{
    struct ask_search *ask = a->ask;
    int rc = page_add_item(a->q.store, &ask->ask.text, t->name, ask->identity, t->hit);
    t->hit = 0;
    ask->limit--;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The stream that may have the newest hit. False: the answer is whole. */
static bool next_stream(struct search_answer *a, struct search_stream **out)
{
    struct heap_link *first = heap_first(&a->rooms);
    *out = first == NULL ? NULL : heap_entry(first, struct search_stream, in_rooms);
    if (first == NULL)
        return false;
    bool full = a->ask->limit == 0 || a->ask->ask.text.size >= ANSWER_BYTES;
    bool has_hit = (*out)->hit > 0;
    if ((full && has_hit) || (a->q.work >= WORK_MAX && !has_hit)) {
        set_next(a, *out, has_hit ? (*out)->hit + 1 : (*out)->below);
        return false;
    }
    heap_remove(&a->rooms, first);
    return true;
}

static int write_hits(struct search_answer *a)
{
    struct search_stream *t;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && next_stream(a, &t)) {
        rc = t->hit > 0 ? take_hit(a, t) : search_stream_go_on(&a->q, t);
        bool goes_on = rc == SQLITE_OK && (t->below > 0 || t->hit > 0);
        if (goes_on && !heap_add(&a->rooms, &t->in_rooms, -t->at_ms))
            rc = SQLITE_NOMEM;
    }
    return rc;
}

static int answer(struct search_answer *a)
{
    int rc = query_failed(&a->q) ? SQLITE_NOMEM : SQLITE_OK;
    array_begin(&a->ask->ask.text, NULL);
    if (rc == SQLITE_OK && !asks_nothing(&a->q))
        rc = begin_rooms(a);
    if (rc == SQLITE_OK)
        rc = write_hits(a);
    array_end(&a->ask->ask.text);
    return rc == SQLITE_OK && a->ask->ask.text.failed ? SQLITE_NOMEM : rc;
}

static void finish(struct search_answer *a)
{
    for (size_t i = 0; i < a->n; i++)
        search_stream_finish(&a->streams[i]);
    free(a->streams);
    heap_finish(&a->rooms);
    words_finish(&a->q.words);
    bytes_finish(&a->q.from);
    bytes_finish(&a->q.grams);
}

/* In one transaction, so that the index and the log are of one moment. */
int search_answer(struct store *s, struct ask *ask)
{
    struct ask_search *search = (struct ask_search *)ask;
    const struct ask_search question = *search;
    struct search_answer a = {.q = {.store = s, .ask = &question}, .ask = search};
    int rc = db_run(db_statement(&s->read, "BEGIN"));
    if (rc != SQLITE_OK)
        return rc;
    begin_query(&a.q);
    rc = answer(&a);
    finish(&a);
    db_run(db_statement(&s->read, "COMMIT"));
    return rc;
}
