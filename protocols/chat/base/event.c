/* event.c - see event.h. */
#include "event.h"

#include "mention.h"
#include "wire.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct event_traits kinds[EVENT_KIND_MAX + 1] = {
#define ROW(name, number, ...) [number] = {__VA_ARGS__},
    EVENT_KINDS(ROW)
#undef ROW
};

const struct event_traits *event_traits(enum event_kind kind)
{
    static const struct event_traits none = {.type = "unknown", .class = CLASS_NONE};
    bool known = kind > 0 && kind <= EVENT_KIND_MAX && kinds[kind].class != CLASS_NONE;
    return known ? &kinds[kind] : &none;
}

bool event_is_item(enum event_kind kind)
{
    return event_traits(kind)->class == CLASS_ITEM && kind != EVENT_GAP;
}

/* --- on the wire ---------------------------------------------------------------------------- */

void event_write(struct bytes *to, const struct event *e)
{
    bytes_add_text(to, "{\"type\":\"");
    bytes_add_text(to, event_traits(e->kind)->type);
    bytes_add_text(to, "\",\"room\":\"");
    bytes_add_text(to, e->room);
    bytes_add_text(to, "\",\"seq\":");
    bytes_add_u64(to, e->seq);
    bytes_add_text(to, ",\"at\":");
    bytes_add_u64(to, (uint64_t)e->at_ms);
    if (e->body_bytes > 2) /* more than "{}" */
        bytes_add(to, ",", 1);
    size_t shown = mention_hidden(e->body, e->body_bytes);
    bytes_add(to, e->body + 1, shown - 1);
    if (shown < e->body_bytes)
        bytes_add(to, "}", 1);
}

void event_frame(struct bytes *to, const struct event *e)
{
    size_t mark = wire_begin(to);
    event_write(to, e);
    wire_end(to, mark);
}

/* --- time ----------------------------------------------------------------------------------- */

int64_t event_time(int64_t at_ms, int64_t last_ms)
{
    return at_ms >= last_ms || at_ms < last_ms - EVENT_AHEAD_MS ? at_ms : last_ms;
}

/* --- hash and log name ---------------------------------------------------------------------- */

#define HASH_BEGIN 0xcbf29ce484222325

static uint64_t hash(uint64_t h, const void *from, size_t n)
{
    for (const unsigned char *p = from; n > 0; p++, n--)
        h = (h ^ *p) * 0x100000001b3;
    return h;
}

uint64_t event_hash(const struct event *e)
{
    uint64_t h = hash(HASH_BEGIN, e->room, strlen(e->room) + 1);
    unsigned char kind = (unsigned char)e->kind;
    h = hash(h, &kind, sizeof kind);
    h = hash(h, &e->of, sizeof e->of);
    size_t same = mention_begin(e->body, e->body_bytes);
    h = hash(h, e->body, same);
    return same < e->body_bytes ? hash(h, "}", 1) : h;
}

/* The value of a member that is a string, as it is written. */
static const char *find_value(const struct event *e, const char *member, size_t *n_out)
{
    char name[32];
    int n = snprintf(name, sizeof name, "\"%s\":\"", member);
    const char *at = memmem(e->body, e->body_bytes, name, (size_t)n), *end;
    if (at == NULL)
        return NULL;
    at += n;
    end = memchr(at, '"', e->body_bytes - (size_t)(at - e->body));
    *n_out = end == NULL ? 0 : (size_t)(end - at);
    return at;
}

uint64_t event_place(const struct event *e)
{
    const char *member = event_traits(e->kind)->superseded, *value;
    size_t n;
    if (member == NULL)
        return 0;
    unsigned char kind = (unsigned char)e->kind;
    uint64_t h = hash(HASH_BEGIN, &kind, sizeof kind);
    h = hash(h, &e->of, sizeof e->of);
    value = member[0] == '\0' ? NULL : find_value(e, member, &n);
    return (value == NULL ? h : hash(h, value, n)) | 1;
}

void event_log_name(const struct event *e, char name[LOG_NAME_MAX + 1])
{
    snprintf(name, LOG_NAME_MAX + 1, "%" PRIx64 "-%" PRIx64, (uint64_t)e->at_ms, e->seq);
}

bool event_of_log(const char *name, int64_t *at_ms_out, uint64_t *seq_out)
{
    uint64_t at_ms, seq;
    if (sscanf(name, "%" SCNx64 "-%" SCNx64, &at_ms, &seq) != 2)
        return false;
    *at_ms_out = (int64_t)at_ms;
    *seq_out = seq;
    return true;
}

/* --- submitted again ------------------------------------------------------------------------ */

bool event_is_repeated(const struct event *e)
{
    return event_traits(e->kind)->repeat == REPEAT_MOVES &&
           memmem(e->body, e->body_bytes, EVENT_REPEATED, sizeof EVENT_REPEATED - 1) != NULL;
}

static bool may_repeat(const struct event *e, enum event_repeat how)
{
    switch (how) {
    case REPEAT_NEVER: return false;
    case REPEAT_MOVES: return e->key != NULL; /* without a key its vote has been erased */
    case REPEAT_DECISION: return strcmp(e->room, SERVER_LOG) == 0;
    default: return true;
    }
}

/* The body with EVENT_REPEATED, or without the members of REPEAT_REJUDGED. */
static bool write_body(struct bytes *to, const struct event *e, enum event_repeat how)
{
    static const char *const judged[] = {"voters", "counts", "digest", "last"};
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    if (how == REPEAT_MOVES)
        json_object_set_new(body, "again", json_true());
    else
        for (size_t i = 0; i < sizeof judged / sizeof *judged; i++)
            json_object_del(body, judged[i]);
    char *text = json_dumps(body, JSON_COMPACT);
    if (text != NULL)
        bytes_add_text(to, text);
    to->failed |= text == NULL;
    free(text);
    json_decref(body);
    return !to->failed;
}

bool event_repeat(const struct event *e, struct event *again, struct bytes *body)
{
    enum event_repeat how = event_traits(e->kind)->repeat;
    *again = *e;
    if (!may_repeat(e, how))
        return false;
    if (how == REPEAT_ACT || how == REPEAT_DECISION)
        again->key = NULL; /* or this node would reject it by its key */
    if (how != REPEAT_MOVES && how != REPEAT_REJUDGED)
        return true;
    if (!write_body(body, e, how))
        return false;
    again->body = body->at;
    again->body_bytes = body->size;
    return true;
}
