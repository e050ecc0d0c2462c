/* identity.c - see identity.h. */
#include "identity.h"

#include "journal.h"
#include "sink.h"
#include "standings.h"

#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <search.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS         ((int64_t)24 * 60 * 60 * 1000)
#define FORGETS_A_TICK 2000 /* about a millisecond */

static int by_skeleton(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct identity *identity_find(const struct chat *chat, const char *skeleton)
{
    struct identity **found = tfind(&skeleton, &chat->identities_by_skeleton, by_skeleton);
    return found == NULL ? NULL : *found;
}

static void destroy(struct identity *i)
{
    free(i->skeleton);
    free(i->nick);
    free(i->markers);
    free(i);
}

struct identity *identity_create(struct chat *chat, const struct claim *from)
{
    struct identity *i = calloc(1, sizeof *i);
    if (i == NULL)
        return NULL;
    i->chat = chat;
    i->id = from->id;
    i->seen_ms = from->seen_ms;
    i->references = 1;
    i->skeleton = strdup(from->nick.skeleton);
    i->nick = strdup(from->nick.text);
    memcpy(i->token_hash, from->token_hash, TOKEN_HASH_BYTES);
    list_init(&i->sessions);
    list_init(&i->people);
    struct identity **node = NULL;
    if (i->skeleton != NULL && i->nick != NULL)
        node = tsearch(i, &chat->identities_by_skeleton, by_skeleton);
    if (node == NULL || *node != i) { /* the former holder is still in memory */
        destroy(i);
        return NULL;
    }
    chat->stats.identities++;
    return i;
}

struct identity *identity_ref(struct identity *i)
{
    heap_remove(&i->chat->resting, &i->in_resting);
    i->references++;
    return i;
}

struct identity *identity_operator(struct chat *chat)
{
    static const struct claim operator= {.id = OPERATOR_ID};
    struct identity *i = identity_find(chat, ""); /* no nick has this skeleton */
    if (i != NULL)
        return identity_ref(i);
    i = identity_create(chat, &operator);
    if (i != NULL)
        i->seen_ms = INT64_MAX - DAY_MS; /* identity_keep() never claims it */
    return i;
}

static void forget(struct identity *i)
{
    heap_remove(&i->chat->resting, &i->in_resting);
    tdelete(i, &i->chat->identities_by_skeleton, by_skeleton);
    i->chat->stats.identities--;
    destroy(i);
}

void identity_unref(struct identity **identity)
{
    struct identity *i = *identity;
    *identity = NULL;
    if (i == NULL || --i->references > 0)
        return;
    bool rests = i->rate.due_us > i->chat->now_ms * 1000;
    if (!rests || !heap_add(&i->chat->resting, &i->in_resting, (int64_t)i->rate.due_us))
        forget(i);
}

void identities_rest(struct chat *chat)
{
    for (int n = 0; n < FORGETS_A_TICK; n++) {
        struct heap_link *first = heap_first(&chat->resting);
        if (first == NULL || first->key > (int64_t)(chat->now_ms * 1000))
            return;
        forget(heap_entry(first, struct identity, in_resting));
    }
}

void identities_forget(struct chat *chat)
{
    for (struct heap_link *l; (l = heap_first(&chat->resting)) != NULL;)
        forget(heap_entry(l, struct identity, in_resting));
    heap_finish(&chat->resting);
}

/* --- holding the nick ----------------------------------------------------------------------- */

int64_t identity_free_before_ms(const struct chat *chat)
{
    int64_t ms = chat->end_ms - chat->config->limits.nick_days * DAY_MS;
    return ms > 0 ? ms : 0;
}

uint64_t identity_number(void)
{
    uint64_t n;
    randombytes_buf(&n, sizeof n);
    return n >> 2 | 1; /* fits SQLite's and JSON's signed integers; never 0 */
}

enum err identity_claim(struct chat *chat, const struct claim *who, journal_done *done, void *arg)
{
    const struct chat_config *config = chat->config;
    char hex[2 * TOKEN_HASH_BYTES + 1];
    struct bytes body = {0};

    sodium_bin2hex(hex, sizeof hex, who->token_hash, TOKEN_HASH_BYTES);
    object_begin(&body, NULL);
    object_add_text(&body, "nick", who->nick.text);
    object_add_text(&body, "skeleton", who->nick.skeleton);
    if (strcmp(who->nick.look, who->nick.skeleton) != 0)
        object_add_text(&body, "look", who->nick.look);
    object_add_text(&body, "token", hex);
    object_add_number(&body, "identity", who->id);
    object_add_number(&body, "free_before",
                      (uint64_t)(who->free ? AT_MAX : identity_free_before_ms(chat)));
    if (who->free)
        object_add_bool(&body, "free", true);
    object_end(&body);

    struct event e = {
        .room = SERVER_LOG, .kind = EVENT_IDENTITY, .body = body.at, .body_bytes = body.size};
    enum err err =
        body.failed ? ERR_UNAVAILABLE : config->journal_ops->submit(config->journal, &e, done, arg);
    bytes_finish(&body);
    return err;
}

/* After a failure identity_keep() tries again in a day, long before the nick is free. */
static void on_kept(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    (void)arg, (void)err, (void)seq, (void)at_ms;
}

void identity_keep(struct identity *i)
{
    if (i->seen_ms + DAY_MS > i->chat->wall_ms)
        return;
    i->seen_ms = i->chat->wall_ms;
    struct claim who = {.id = i->id, .seen_ms = i->seen_ms};
    if (nick_parse(i->chat->nicks, i->nick, &who.nick) != OK) /* Unicode has changed its mind */
        snprintf(who.nick.look, sizeof who.nick.look, "%s", i->skeleton);
    snprintf(who.nick.skeleton, sizeof who.nick.skeleton, "%s", i->skeleton);
    memcpy(who.token_hash, i->token_hash, TOKEN_HASH_BYTES);
    identity_claim(i->chat, &who, on_kept, NULL);
}

/* The nick was freed: what memory knows of its holder, who is not here, is out of date. */
void identity_apply(struct chat *chat, const struct event *e)
{
    if (e->kind != EVENT_IDENTITY)
        return;
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct identity *i =
        field_bool(body, "free") ? identity_find(chat, field_string(body, "skeleton")) : NULL;
    if (i != NULL && i->references == 0)
        forget(i);
    else if (i != NULL && list_empty(&i->sessions))
        i->loaded = false;
    json_decref(body);
}

/* --- telling -------------------------------------------------------------------------------- */

void identity_tell(const struct identity *i, const struct session *except,
                   const struct bytes *frame)
{
    list_each(l, next, &i->sessions)
    {
        struct session *s = list_entry(l, struct session, in_identity);
        if (s != except)
            sink_tell(s, frame);
    }
}

void identity_tell_active(const struct identity *i, const struct session *except, bool on)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "active");
    object_add_bool(&frame, "on", on);
    wire_close(&frame, mark);
    identity_tell(i, except, &frame);
    bytes_finish(&frame);
}

void identity_write(struct bytes *b, const struct identity *i, const struct room *r)
{
    object_begin(b, NULL);
    object_add_text(b, "nick", i->nick);
    object_add_text(b, "role", role_name(standings_role(i->chat, i->id, r)));
    object_add_bool(b, "away", i->away);
    object_end(b);
}
