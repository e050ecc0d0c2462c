/* world.c - see world.h. */
#include "world.h"

#include "chat/base/item.h"
#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the log -------------------------------------------------------------------------------- */

struct stored {
    struct event e;
    char *room, *key, *body, *patch;
    json_t *raw; /* the body as it was submitted */
    uint64_t hash;
};

/* A submit or a question without its answer yet. */
struct answer {
    struct answer *next;
    uint64_t number_asked;
    struct ask *ask; /* the question */
    /* or the submit */
    struct stored *stored;
    bool is_new;
    enum err err;
    journal_done *done;
    void *arg;
};

/* Journal and archive answer in the order of the questions, unless a test lets one go first. */
static struct answer *answer_later(struct world *w, struct answers *queue)
{
    struct answer *a = calloc(1, sizeof *a);
    a->number_asked = ++w->asked;
    *queue->last = a;
    queue->last = &a->next;
    return a;
}

static struct answer *take_first(struct answers *queue)
{
    struct answer *a = queue->first;
    if (a == NULL)
        return NULL;
    queue->first = a->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    return a;
}

static struct stored *find(struct world *w, const char *room, uint64_t seq)
{
    for (size_t i = 0; i < w->event_count; i++)
        if (w->events[i]->e.seq == seq && strcmp(w->events[i]->room, room) == 0)
            return w->events[i];
    return NULL;
}

static struct stored *find_key(struct world *w, uint64_t author, const char *key)
{
    for (size_t i = 0; key != NULL && i < w->event_count; i++)
        if (w->events[i]->e.author == author && w->events[i]->key != NULL &&
            strcmp(w->events[i]->key, key) == 0)
            return w->events[i];
    return NULL;
}

static uint64_t last_of(const struct world *w, const char *room)
{
    uint64_t last = 0;
    for (size_t i = 0; i < w->event_count; i++)
        if (strcmp(w->events[i]->room, room) == 0)
            last = w->events[i]->e.seq;
    return last;
}

static void fold(struct world *w, const struct stored *s)
{
    struct stored *item = find(w, s->room, s->e.of);
    if (item == NULL || (s->e.kind != EVENT_EDIT && s->e.kind != EVENT_DELETE))
        return;
    char *patch = s->e.kind == EVENT_DELETE ? item_deleted() : item_edited(item->patch, &s->e);
    free(item->patch);
    item->patch = patch;
}

/* --- polls: each answer counts the log again ------------------------------------------------ */

static bool is_vote(const struct event *e)
{
    return e->kind == EVENT_VOTE || e->kind == EVENT_BALLOT;
}

static bool poll_is_closed(const struct world *w, const char *room, uint64_t poll)
{
    for (size_t i = 0; i < w->event_count; i++)
        if (w->events[i]->e.kind == EVENT_POLL_CLOSED && w->events[i]->e.of == poll &&
            strcmp(w->events[i]->room, room) == 0)
            return true;
    return false;
}

/* Whether this is the newest vote of its author in its poll. */
static bool stands(const struct world *w, size_t at)
{
    const struct stored *s = w->events[at];
    for (size_t i = at + 1; i < w->event_count; i++)
        if (is_vote(&w->events[i]->e) && w->events[i]->e.of == s->e.of &&
            w->events[i]->e.author == s->e.author)
            return false;
    return true;
}

static json_t *tally(const struct world *w, const char *room, uint64_t poll, size_t options)
{
    json_int_t voters = 0, counts[LIST_MAX] = {0};
    for (size_t i = 0; i < w->event_count; i++) {
        const struct stored *s = w->events[i];
        if (!is_vote(&s->e) || s->e.of != poll || strcmp(s->room, room) != 0 || !stands(w, i))
            continue;
        json_t *choices = json_object_get(s->raw, "choices"), *c;
        size_t k;
        voters += json_array_size(choices) > 0;
        json_array_foreach(choices, k, c) counts[json_integer_value(c)]++;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < options; i++)
        json_array_append_new(list, json_integer(counts[i]));
    return json_pack("{s:I, s:I, s:o}", "poll", (json_int_t)poll, "voters", voters, "counts", list);
}

/* The members that the store adds to a vote and to a poll_closed. */
static void judge(struct world *w, struct stored *s)
{
    bool end = s->e.kind == EVENT_POLL_CLOSED;
    if (!end && !is_vote(&s->e))
        return;
    json_t *about = json_loads(find(w, s->room, s->e.of)->body, 0, NULL);
    json_t *now = tally(w, s->room, s->e.of, json_array_size(json_object_get(about, "options")));
    if (!end && strcmp(text_of(about, "results"), "live") != 0)
        json_object_del(now, "counts");
    if (s->e.kind == EVENT_VOTE) {
        json_object_set(now, "from", json_object_get(s->raw, "from"));
        json_object_set(now, "choices", json_object_get(s->raw, "choices"));
    }
    free(s->body);
    s->e.body = s->body = json_dumps(now, JSON_COMPACT);
    s->e.body_bytes = strlen(s->body);
    json_decref(about);
    json_decref(now);
}

static struct stored *store(struct world *w, const struct event *e)
{
    struct stored *s = calloc(1, sizeof *s);
    s->e = *e;
    s->hash = event_hash(e);
    s->e.seq = last_of(w, e->room) + 1;
    s->e.at_ms = (int64_t)w->now_ms;
    s->e.room = s->room = strdup(e->room);
    s->e.key = s->key = e->key == NULL ? NULL : strdup(e->key);
    s->e.body = s->body = strndup(e->body, e->body_bytes);
    s->raw = json_loadb(e->body, e->body_bytes, 0, NULL);
    fold(w, s);
    w->events[w->event_count++] = s;
    judge(w, s);
    return s;
}

bool world_answer_journal(struct world *w)
{
    struct answer *a = take_first(&w->journal);
    if (a == NULL)
        return false;
    if (a->is_new)
        chat_apply(w->chat, &a->stored->e);
    a->done(a->arg, a->err, a->stored == NULL ? 0 : a->stored->e.seq,
            a->stored == NULL ? 0 : a->stored->e.at_ms);
    free(a);
    return true;
}

/* The two rooms of world_create(), and those in the log. */
static bool room_is_there(struct world *w, const char *name)
{
    bool there = strcmp(name, "lobby") == 0 || strcmp(name, "news") == 0;
    for (size_t i = 0; i < w->event_count && !there; i++) {
        json_t *body = json_loads(w->events[i]->body, 0, NULL);
        there = w->events[i]->e.kind == EVENT_ROOM && strcmp(text_of(body, "room"), name) == 0;
        json_decref(body);
    }
    return there;
}

static bool room_exists(struct world *w, const struct event *e)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    bool exists = e->kind == EVENT_ROOM && room_is_there(w, text_of(body, "room"));
    json_decref(body);
    return exists;
}

static enum err submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    struct world *w = (struct world *)j;
    struct answer *a = answer_later(w, &w->journal);
    a->done = done;
    a->arg = arg;
    a->stored = find_key(w, e->author, e->key);
    if (w->journal_broken)
        a->err = ERR_UNAVAILABLE;
    else if (a->stored != NULL)
        a->err = a->stored->hash == event_hash(e) ? OK : ERR_CONFLICT;
    else if (room_exists(w, e))
        a->err = ERR_ROOM_EXISTS;
    else if ((is_vote(e) || e->kind == EVENT_POLL_CLOSED) && poll_is_closed(w, e->room, e->of))
        a->err = ERR_CLOSED;
    else {
        a->stored = store(w, e);
        a->is_new = true;
    }
    return OK;
}

/* --- the archive ---------------------------------------------------------------------------- */

static bool is_on_page(const struct stored *s, const struct ask_page *q)
{
    return strcmp(s->room, q->ask.room) == 0 && s->e.kind < EVENT_ITEM_END &&
           (q->before == 0 || s->e.seq < q->before);
}

static void answer_page(struct world *w, struct ask *ask)
{
    struct ask_page *q = (struct ask_page *)ask;
    size_t from = w->event_count, n = 0;
    while (from > 0 && n < q->limit)
        n += is_on_page(w->events[--from], q);
    for (size_t i = 0; i < from; i++)
        q->more |= is_on_page(w->events[i], q);
    array_begin(&ask->text, NULL);
    for (size_t i = from; i < w->event_count; i++) {
        if (!is_on_page(w->events[i], q))
            continue;
        if (ask->text.size > 1)
            bytes_add(&ask->text, ",", 1);
        item_write(&ask->text, &w->events[i]->e, w->events[i]->patch);
    }
    array_end(&ask->text);
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
    const struct stored *s = find(w, ask->room, q->seq);
    if (s == NULL || s->e.kind >= EVENT_ITEM_END) {
        ask->err = ERR_NOT_FOUND;
        return;
    }
    q->author = s->e.author;
    q->kind = s->e.kind;
    q->deleted = item_is_deleted(s->patch);
    q->key_known = find_key(w, q->identity, q->key) != NULL;
}

static void answer_key(struct world *w, struct ask *ask)
{
    struct ask_key *q = (struct ask_key *)ask;
    q->known = find_key(w, q->author, q->key) != NULL;
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
    const struct stored *s = find(w, ask->room, q->seq);
    if (s == NULL || s->e.kind != EVENT_POLL || item_is_deleted(s->patch)) {
        ask->err = ERR_NOT_FOUND;
        return;
    }
    q->author = s->e.author;
    q->options = (unsigned)json_array_size(json_object_get(s->raw, "options"));
    q->max = (unsigned)number_of(s->raw, "max");
    q->secret = is_true(s->raw, "secret");
    q->live = strcmp(text_of(s->raw, "results"), "live") == 0;
    q->closed = poll_is_closed(w, ask->room, q->seq);
    q->has_key = !w->keyless && !(q->closed && q->secret);
    memcpy(q->key, "any 32 bytes will do for a test ", SECRET_BYTES);
}

static void answer_ballots(struct world *w, struct ask *ask)
{
    if (!poll_is_closed(w, ask->room, ((struct ask_ballots *)ask)->poll))
        ask->err = ERR_FORBIDDEN;
    bytes_add_text(&ask->text, "[]");
}

static void add_markers(const struct world *w, struct ask_identity *q)
{
    for (size_t i = 0; i < w->marker_count; i++) {
        const struct kept_marker *m = &w->markers[i];
        struct archive_marker row = {.read = m->read, .joined = m->joined};
        strcpy(row.room, m->room);
        if (m->identity == q->id)
            bytes_add(&q->ask.rows, &row, sizeof row);
    }
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

static void (*const answers[ASK_KINDS])(struct world *w, struct ask *ask) = {
    [ASK_PAGE] = answer_page,         [ASK_EVENTS] = answer_events,
    [ASK_COUNT] = answer_count,       [ASK_ITEM] = answer_item,
    [ASK_KEY] = answer_key,           [ASK_POLL] = answer_poll,
    [ASK_BALLOTS] = answer_ballots,   [ASK_STANDINGS] = answer_standings,
    [ASK_IDENTITY] = answer_identity,
};

static enum err ask(struct archive *archive, struct ask *ask)
{
    struct world *w = (struct world *)archive;
    answer_later(w, &w->archive)->ask = ask;
    return OK;
}

bool world_answer_archive(struct world *w)
{
    struct answer *a = take_first(&w->archive);
    if (a == NULL)
        return false;
    answers[a->ask->kind](w, a->ask);
    a->ask->done(a->ask);
    ask_destroy(&a->ask);
    free(a);
    return true;
}

static bool answer_oldest(struct world *w)
{
    const struct answer *j = w->journal.first, *a = w->archive.first;
    bool archive_next = a != NULL && (j == NULL || a->number_asked < j->number_asked);
    return archive_next ? world_answer_archive(w) : world_answer_journal(w);
}

struct kept_marker *world_marker(struct world *w, uint64_t identity, const char *room)
{
    for (size_t i = 0; i < w->marker_count; i++)
        if (w->markers[i].identity == identity && strcmp(w->markers[i].room, room) == 0)
            return &w->markers[i];
    assert_true(w->marker_count < WORLD_MARKERS_MAX);
    struct kept_marker *m = &w->markers[w->marker_count++];
    m->identity = identity;
    snprintf(m->room, sizeof m->room, "%s", room);
    return m;
}

static void mark(struct archive *archive, uint64_t identity, const struct archive_marker *m)
{
    struct kept_marker *mine = world_marker((struct world *)archive, identity, m->room);
    mine->joined = m->joined;
    if (mine->read < m->read)
        mine->read = m->read;
}

/* --- the world ------------------------------------------------------------------------------ */

static const struct journal_ops journal_ops = {.submit = submit};
static const struct archive_ops archive_ops = {.ask = ask, .mark = mark};

struct world *world_create(void) { return world_create_node("test", NULL, NULL); }

struct world *world_create_node(const char *node, const struct bus_ops *ops, struct bus *bus)
{
    static const char *const reserved[] = {"admin", NULL};
    struct world *w = calloc(1, sizeof *w);
    w->journal.last = &w->journal.first;
    w->archive.last = &w->archive.first;
    w->now_ms = 1000000;
    w->config = (struct chat_config){.limits = {.message_bytes = 16384,
                                                .text_bytes = 4000,
                                                .rooms = 10,
                                                .rooms_per_session = 5,
                                                .idle_seconds = 60,
                                                .hello_seconds = 10,
                                                .resume_events = 1000,
                                                .errors = 20,
                                                .here = 3,
                                                .nick_days = 30,
                                                .waiting = 16,
                                                .polls = 50,
                                                .standings = 50,
                                                .commands_burst = 1},
                                     .name = "test",
                                     .version = "0",
                                     .reserved_nicks = reserved,
                                     .journal_ops = &journal_ops,
                                     .journal = (struct journal *)w,
                                     .archive_ops = &archive_ops,
                                     .archive = (struct archive *)w,
                                     .node = node,
                                     .bus_ops = ops,
                                     .bus = bus};
    w->chat = chat_create(&w->config);
    assert_non_null(w->chat);
    chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms);
    struct room_seed lobby = {"lobby", "Lobby", "Say hello", "log-1", ROLE_MEMBER, 0};
    struct room_seed news = {"news", "News", "", "log-2", ROLE_MODERATOR, 0};
    assert_int_equal(chat_add_room(w->chat, &lobby), OK);
    assert_int_equal(chat_add_room(w->chat, &news), OK);
    return w;
}

void world_follow(struct world *w, const struct world *other)
{
    while (w->event_count < other->event_count) {
        const struct stored *theirs = other->events[w->event_count];
        struct event e = theirs->e;
        char *body = json_dumps(theirs->raw, JSON_COMPACT);
        e.body = body;
        e.body_bytes = strlen(body);
        chat_apply(w->chat, &store(w, &e)->e);
        free(body);
    }
}

json_t *world_event(const struct world *w, size_t i)
{
    const struct stored *s = w->events[i];
    return json_pack("{s:i, s:I, s:s?, s:O}", "kind", (int)s->e.kind, "author",
                     (json_int_t)s->e.author, "key", s->key, "body", s->raw);
}

json_t *world_event_body(const struct world *w, size_t i)
{
    return json_loads(w->events[i]->body, 0, NULL);
}

void world_settle(struct world *w)
{
    do {
        chat_flush(w->chat);
    } while (answer_oldest(w));
}

void world_pass(struct world *w, uint64_t ms)
{
    for (uint64_t end = w->now_ms + ms; w->now_ms < end;) {
        w->now_ms += 250;
        chat_clock(w->chat, w->now_ms, (int64_t)w->now_ms);
        chat_tick(w->chat);
        world_settle(w);
    }
}

void world_destroy(struct world **world)
{
    struct world *w = *world;
    world_settle(w);
    chat_destroy(&w->chat);
    for (size_t i = 0; i < w->event_count; i++) {
        free(w->events[i]->room);
        free(w->events[i]->key);
        free(w->events[i]->body);
        free(w->events[i]->patch);
        json_decref(w->events[i]->raw);
        free(w->events[i]);
    }
    free(w);
    *world = NULL;
}

/* --- clients -------------------------------------------------------------------------------- */

static ptrdiff_t take(void *peer, const char *frames, size_t n)
{
    struct client *c = peer;
    size_t done = 0;
    while (done < n && c->takes > 0) {
        size_t size = wire_size(frames + done), header = wire_header_size(frames + done);
        json_t *frame = json_loadb(frames + done + header, size - header, 0, NULL);
        assert_non_null(frame); /* only whole frames, each with one JSON text */
        assert_true(c->count < CLIENT_FRAMES_MAX);
        c->frames[c->count++] = frame;
        c->takes -= size < c->takes ? size : c->takes;
        done += size;
    }
    return (ptrdiff_t)done;
}

static void end(void *peer, enum close_code code, const char *reason)
{
    struct client *c = peer;
    c->close_code = (int)code;
    snprintf(c->close_reason, sizeof c->close_reason, "%s", reason);
}

static void ping(void *peer) { ((struct client *)peer)->pings++; }

static void listen(void *peer, bool on) { ((struct client *)peer)->read_paused = !on; }

static const struct sink_ops sink = {take, end, ping, listen};

struct client *client_create(struct world *w)
{
    struct client *c = calloc(1, sizeof *c);
    c->world = w;
    c->takes = (size_t)-1;
    c->session = session_open(w->chat, &sink, c, &w->source);
    assert_non_null(c->session);
    return c;
}

struct client *client_operator(struct world *w)
{
    struct client *c = calloc(1, sizeof *c);
    c->world = w;
    c->takes = (size_t)-1;
    c->session = session_open_operator(w->chat, &sink, c);
    assert_non_null(c->session);
    return c;
}

struct client *client_named(struct world *w, const char *nick)
{
    struct client *c = client_create(w);
    client_send(c, "{'type':'hello','id':'hello','nick':'%s'}", nick);
    world_settle(w);
    client_next_of(c, "welcome");
    return c;
}

void client_destroy(struct client **client)
{
    struct client *c = *client;
    session_destroy(&c->session);
    for (size_t i = 0; i < c->count; i++)
        json_decref(c->frames[i]);
    free(c);
    *client = NULL;
}

void client_send(struct client *c, const char *format, ...)
{
    char text[20000];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\'')
            *p = '"';
    session_heard(c->session);
    command_obey(c->session, text, (size_t)n);
}

void client_say(struct client *c, const char *room, const char *id, const char *text)
{
    client_send(c, "{'type':'say','id':'%s','room':'%s','text':'%s'}", id, room, text);
}

bool client_has_more(const struct client *c) { return c->seen < c->count; }

json_t *client_next(struct client *c)
{
    if (!client_has_more(c))
        fail_msg("no frame is left of these %zu", c->count);
    return c->frames[c->seen++];
}

json_t *client_next_of(struct client *c, const char *type)
{
    for (;;) {
        json_t *frame = client_next(c);
        if (strcmp(text_of(frame, "type"), type) == 0)
            return frame;
    }
}

const char *client_error(struct client *c) { return text_of(client_next_of(c, "error"), "code"); }

const char *text_of(json_t *frame, const char *name)
{
    const char *text = json_string_value(json_object_get(frame, name));
    return text == NULL ? "" : text;
}

json_int_t number_of(json_t *frame, const char *name)
{
    return json_integer_value(json_object_get(frame, name));
}

bool is_true(json_t *frame, const char *name)
{
    const json_t *value = json_object_get(frame, name);
    return json_is_true(value);
}
