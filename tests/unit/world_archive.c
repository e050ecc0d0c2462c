/* world_archive.c - see world_archive.h. */
#include "world_archive.h"

#include "chat/base/item.h"
#include "chat/base/object.h"
#include "world_log.h"

#include <stdio.h>
#include <string.h>

static bool is_item(const struct stored *s, const struct ask_page *q)
{
    return strcmp(s->room, q->ask.room) == 0 && s->e.kind < EVENT_ITEM_END;
}

/* How many items lie below event `at`. */
static size_t items_below(const struct world *w, const struct ask_page *q, size_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < at; i++)
        n += is_item(w->events[i], q);
    return n;
}

/* The events are in order. */
static void answer_page(struct world *w, struct ask *ask)
{
    struct ask_page *q = (struct ask_page *)ask;
    uint64_t seq = q->around + q->from + q->before;
    size_t at = 0, all = items_below(w, q, w->event_count), n = 0;
    while (at < w->event_count && (seq == 0 || w->events[at]->e.seq < seq))
        at++;
    size_t below = items_below(w, q, at), up = q->from > 0 ? q->limit : 0;
    up = q->around > 0 ? (q->limit + 1) / 2 : up;
    size_t end = below + up < all ? below + up : all;
    size_t down = q->from > 0 ? 0 : q->limit - (end - below);
    size_t first = down < below ? below - down : 0;
    array_begin(&ask->text, NULL);
    for (size_t i = 0; i < w->event_count; i++) {
        if (!is_item(w->events[i], q))
            continue;
        if (n >= first && n < end) {
            if (ask->text.size > 1)
                bytes_add(&ask->text, ",", 1);
            item_write(&ask->text, &w->events[i]->e, w->events[i]->patch);
        }
        n++;
    }
    array_end(&ask->text);
    bytes_add_text(&ask->rows, "[]"); /* tests/live reads acts from a store */
    q->more = first > 0;
    q->newer = end < all;
}

static void answer_events(struct world *w, struct ask *ask)
{
    struct ask_events *q = (struct ask_events *)ask;
    for (size_t i = 0; i < w->event_count && ask->text.size < q->bytes_max; i++) {
        const struct stored *s = w->events[i];
        if (strcmp(s->room, ask->room) != 0 || s->e.seq <= q->after || s->e.seq > q->upto)
            continue;
        event_frame(&ask->text, &s->e);
        q->last = s->e.seq;
    }
    w->archive_reads++;
}

static void answer_count(struct world *w, struct ask *ask)
{
    struct ask_count *q = (struct ask_count *)ask;
    for (size_t i = 0; i < w->event_count && q->n < q->limit; i++)
        q->n += strcmp(w->events[i]->room, ask->room) == 0 && w->events[i]->e.seq > q->after;
}

static void answer_item(struct world *w, struct ask *ask)
{
    struct ask_item *q = (struct ask_item *)ask;
    const struct stored *s = log_find(w, ask->room, q->seq);
    if (s == NULL || s->e.kind >= EVENT_ITEM_END) {
        ask->err = ERR_NOT_FOUND;
        return;
    }
    q->author = s->e.author;
    q->kind = s->e.kind;
    q->deleted = item_is_deleted(s->patch);
    q->key_known = log_find_key(w, q->identity, q->key) != NULL;
}

static void answer_key(struct world *w, struct ask *ask)
{
    struct ask_key *q = (struct ask_key *)ask;
    q->known = log_find_key(w, q->author, q->key) != NULL;
}

/* None: tests/live pins items of a store. */
static void answer_pins(struct world *w, struct ask *ask)
{
    (void)w;
    ask->err = OK;
}

/* Empty: tests/live reads the list from a store. */
static void answer_standings(struct world *w, struct ask *ask)
{
    (void)w;
    bytes_add_text(&ask->text, "[]");
}

static void answer_poll(struct world *w, struct ask *ask)
{
    struct ask_poll *q = (struct ask_poll *)ask;
    const struct stored *s = log_find(w, ask->room, q->seq);
    if (s == NULL || s->e.kind != EVENT_POLL || item_is_deleted(s->patch)) {
        ask->err = ERR_NOT_FOUND;
        return;
    }
    q->author = s->e.author;
    q->options = (unsigned)json_array_size(json_object_get(s->raw, "options"));
    q->max = (unsigned)number_of(s->raw, "max");
    q->secret = is_true(s->raw, "secret");
    q->live = strcmp(text_of(s->raw, "results"), "live") == 0;
    q->closed = log_poll_is_closed(w, ask->room, q->seq);
    q->has_key = !w->keyless && !(q->closed && q->secret);
    memcpy(q->key, "any 32 bytes will do for a test ", SECRET_BYTES);
}

static void answer_ballots(struct world *w, struct ask *ask)
{
    if (!log_poll_is_closed(w, ask->room, ((struct ask_ballots *)ask)->poll))
        ask->err = ERR_FORBIDDEN;
    bytes_add_text(&ask->text, "[]");
}

static void add_markers(const struct world *w, struct ask_identity *q)
{
    for (size_t i = 0; i < w->marker_count; i++) {
        const struct kept_marker *m = &w->markers[i];
        struct archive_marker row = {.read = m->read, .backs = m->backs, .joined = m->joined};
        strcpy(row.room, m->room);
        if (m->identity == q->id)
            bytes_add(&q->ask.rows, &row, sizeof row);
    }
}

static bool is_among(const struct bytes *rooms, const char *room)
{
    for (size_t i = 0; i < rooms->size; i += ROOM_NAME_MAX + 1)
        if (strcmp(rooms->at + i, room) == 0)
            return true;
    return false;
}

/* Finds the text as it is. */
static void answer_search(struct world *w, struct ask *ask)
{
    struct ask_search *q = (struct ask_search *)ask;
    array_begin(&ask->text, NULL);
    for (size_t i = w->event_count; i-- > 0 && q->limit > 0;) {
        const struct stored *s = w->events[i];
        if (s->e.kind != EVENT_MESSAGE || !is_among(&ask->rows, s->room) ||
            strstr(text_of(s->raw, "text"), q->text) == NULL)
            continue;
        if (ask->text.size > 1)
            bytes_add(&ask->text, ",", 1);
        item_write(&ask->text, &s->e, s->patch);
        q->limit--;
    }
    array_end(&ask->text);
}

/* The newest claim of the skeleton holds the nick. */
static void answer_identity(struct world *w, struct ask *ask)
{
    struct ask_identity *q = (struct ask_identity *)ask;
    for (size_t i = w->event_count; i-- > 0 && !q->found;) {
        json_t *body = w->events[i]->raw;
        if (w->events[i]->e.kind != EVENT_IDENTITY ||
            strcmp(text_of(body, "skeleton"), q->skeleton) != 0)
            continue;
        for (size_t k = 0; k < TOKEN_HASH_BYTES; k++)
            sscanf(text_of(body, "token") + 2 * k, "%2hhx", &q->token_hash[k]);
        q->found = true;
        q->id = (uint64_t)number_of(body, "identity");
        q->seen_ms = w->events[i]->e.at_ms;
        bytes_add(&ask->text, text_of(body, "nick"), strlen(text_of(body, "nick")) + 1);
        add_markers(w, q);
    }
}

static void add_name(struct world *w, struct bytes *rows, const char *skeleton, size_t place)
{
    struct ask_identity who = {.found = false};
    strcpy(who.skeleton, skeleton);
    answer_identity(w, &who.ask);
    struct archive_name row = {.place = place, .identity = who.id};
    if (who.found) {
        strcpy(row.nick, who.ask.text.at);
        bytes_add(rows, &row, sizeof row);
    }
    bytes_finish(&who.ask.text);
    bytes_finish(&who.ask.rows);
}

static void answer_names(struct world *w, struct ask *ask)
{
    const char *at = ask->text.at, *end = at + ask->text.size;
    for (size_t place = 0; at < end; place++, at += strlen(at) + 1)
        add_name(w, &ask->rows, at, place);
}

/* None: tests/live counts them in a store. */
static void answer_unread(struct world *w, struct ask *ask) { (void)w, (void)ask; }

static void (*const answers[ASK_KINDS])(struct world *w, struct ask *ask) = {
    [ASK_PINS] = answer_pins,           [ASK_PAGE] = answer_page,
    [ASK_EVENTS] = answer_events,       [ASK_COUNT] = answer_count,
    [ASK_ITEM] = answer_item,           [ASK_KEY] = answer_key,
    [ASK_POLL] = answer_poll,           [ASK_BALLOTS] = answer_ballots,
    [ASK_STANDINGS] = answer_standings, [ASK_IDENTITY] = answer_identity,
    [ASK_NAMES] = answer_names,         [ASK_UNREAD] = answer_unread,
    [ASK_SEARCH] = answer_search,
};

void archive_answer(struct world *w, struct ask *ask) { answers[ask->kind](w, ask); }
