/* photo.c - see photo.h. */
#include "photo.h"

#include "catch_up.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/base/token.h"
#include "chat/model/ask.h"
#include "chat/model/session.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

/* --- photos of a message -------------------------------------------------------------------- */

/* A minute less than they wait, so that none goes while its message is on its way. */
#define USABLE_MS ((PHOTO_WAITS_S - 60) * (int64_t)1000)

struct ask *photos_ask(struct request *q, const json_t *named, void (*done)(struct ask *ask))
{
    struct ask_photos *ask = ask_create(sizeof *ask, ASK_PHOTOS, q->room, done, q);
    if (ask == NULL)
        return NULL;
    ask->identity = q->identity;
    strcpy(ask->key, q->id);
    ask->after_ms = q->chat->wall_ms - USABLE_MS;
    ask->count = json_array_size(named);
    for (size_t i = 0; i < ask->count; i++) {
        const char *name = field_string(json_array_get(named, i), "photo");
        if (photo_name_ok(name))
            strcpy(ask->names[i], name);
    }
    return &ask->ask;
}

void photos_write(struct bytes *body, const struct bytes *rows, const json_t *named)
{
    size_t n = rows->size / sizeof(struct photo);
    if (n == 0)
        return;
    array_begin(body, "photos");
    for (size_t i = 0; i < n; i++) {
        struct photo p;
        memcpy(&p, rows->at + i * sizeof p, sizeof p);
        object_begin(body, NULL);
        photo_write(body, &p);
        object_add_text(body, "alt", field_string(json_array_get(named, i), "alt"));
        object_end(body);
    }
    array_end(body);
}

/* --- uploads -------------------------------------------------------------------------------- */

#define DAY_MS    (24 * 3600 * (int64_t)1000)
#define DAY_US    (DAY_MS * (uint64_t)1000)
#define MINUTE_MS (60 * (uint64_t)1000)

/* An upload that was let in counts for its person's rate for a minute, also if it is refused then,
 * and as long as it runs, with its bytes for their day. */
struct attempt {
    struct list in_chat; /* chat.uploads, the oldest first */
    uint64_t identity;
    uint64_t bytes;    /* 0: over */
    uint64_t began_ms; /* monotonic */
};

struct upload {
    struct chat *chat;
    struct attempt *attempt; /* NULL: not let in yet */
    struct source *source;
    uint64_t bytes;
    uint64_t cost_us;  /* taken from the share of the address; 0 when the log has the photo */
    upload_done *done; /* NULL: destroyed, and the answer that is out frees it */
    void *arg;
    bool waits;     /* for an answer */
    bool caught_up; /* catch_up() was called: a token that is unknown has no holder */
    unsigned char token_hash[TOKEN_HASH_BYTES];
};

static void answer(struct upload *u, enum err err, uint64_t wait_ms)
{
    u->waits = false;
    if (u->done == NULL)
        free(u);
    else
        u->done(u->arg, err, wait_ms);
}

static bool counts(const struct chat *chat, const struct attempt *a)
{
    return a->bytes > 0 || chat->now_ms - a->began_ms < MINUTE_MS;
}

static void forget(struct attempt *a)
{
    list_remove(&a->in_chat);
    free(a);
}

/* Drops the attempts that count no more. The others of the person: adds their bytes to those that
 * are stored; returns how many there are. */
static unsigned count_attempts(const struct chat *chat, struct ask_uploader *q)
{
    unsigned n = 0;
    list_each(l, next, &chat->uploads)
    {
        struct attempt *a = list_entry(l, struct attempt, in_chat);
        if (!counts(chat, a)) {
            forget(a);
        } else if (a->identity == q->id) {
            q->bytes += a->bytes;
            n++;
        }
    }
    return n;
}

void uploads_forget(struct chat *chat)
{
    list_each(l, next, &chat->uploads) forget(list_entry(l, struct attempt, in_chat));
}

static enum err judge(const struct upload *u, struct ask_uploader *q, uint64_t *wait_ms)
{
    const struct chat_config *config = u->chat->config;
    const struct chat_limits *limits = &config->limits;
    if (standings_banned(u->chat, q->id, NULL))
        return ERR_BANNED;
    if (standings_muted(u->chat, q->id, NULL))
        return ERR_MUTED;
    unsigned here = count_attempts(u->chat, q), attempts = here > q->recent ? here : q->recent;
    if (limits->uploads_per_minute > 0 && attempts >= limits->uploads_per_minute) {
        *wait_ms = MINUTE_MS;
        return ERR_RATE;
    }
    if (config->photo_quota.of_person > 0 && q->bytes + u->bytes > config->photo_quota.of_person) {
        *wait_ms = DAY_MS / 24;
        return ERR_FULL;
    }
    return OK;
}

/* Of the address that the upload comes from: new nicks have quotas of their own. */
static enum err take_share(struct upload *u, uint64_t *wait_ms)
{
    const uint64_t a_day = u->chat->config->photo_quota.of_address;
    if (u->source->unlimited || a_day == 0)
        return OK;
    if (!rate_take(&u->source->uploads, DAY_US / a_day, a_day, u->bytes, u->chat->now_ms, wait_ms))
        return ERR_FULL;
    u->cost_us = u->bytes * (DAY_US / a_day);
    return OK;
}

static enum err let_in(struct upload *u, uint64_t identity)
{
    struct attempt *a = u->attempt = calloc(1, sizeof *a);
    if (a == NULL)
        return ERR_UNAVAILABLE;
    *a = (struct attempt){.identity = identity, .bytes = u->bytes, .began_ms = u->chat->now_ms};
    list_add(&u->chat->uploads, &a->in_chat);
    return OK;
}

static void on_uploader(struct ask *ask);

static enum err ask_uploader(struct upload *u)
{
    struct ask_uploader *ask = ask_create(sizeof *ask, ASK_UPLOADER, NULL, on_uploader, u);
    if (ask != NULL) {
        memcpy(ask->token_hash, u->token_hash, TOKEN_HASH_BYTES);
        ask->day_ms = u->chat->wall_ms - DAY_MS;
        ask->minute_ms = u->chat->wall_ms - (int64_t)MINUTE_MS;
    }
    return ask_take(u->chat->config, (struct ask *)ask);
}

static void on_caught_up(void *upload)
{
    enum err err = ask_uploader(upload);
    if (err != OK)
        answer(upload, err, 0);
}

/* A person who came to another node a moment ago is in the server's log, which this node may not
 * have applied that far. */
static bool look_again(struct upload *u)
{
    bool first = !u->caught_up;
    u->caught_up = true;
    return first && u->done != NULL && catch_up(u->chat, on_caught_up, u);
}

static void on_uploader(struct ask *ask)
{
    struct ask_uploader *q = (struct ask_uploader *)ask;
    struct upload *u = ask->arg;
    uint64_t wait_ms = 0;
    if (ask->err == ERR_NOT_FOUND && look_again(u))
        return;
    enum err err = ask->err == ERR_NOT_FOUND ? ERR_FORBIDDEN : ask->err;
    if (err == OK && u->done != NULL)
        err = judge(u, q, &wait_ms);
    if (err == OK && u->done != NULL)
        err = take_share(u, &wait_ms);
    if (err == OK && u->done != NULL)
        err = let_in(u, q->id);
    answer(u, err, wait_ms);
}

struct upload *upload_create(struct chat *chat, struct source *source, const char *token,
                             uint64_t bytes, upload_done *judged, void *arg)
{
    struct upload *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    *u = (struct upload){
        .chat = chat, .source = source, .bytes = bytes, .done = judged, .arg = arg, .waits = true};
    token_hash(token, u->token_hash);
    if (ask_uploader(u) != OK) {
        free(u);
        return NULL;
    }
    return u;
}

uint64_t upload_person(const struct upload *u) { return u->attempt->identity; }

static void on_submitted(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct upload *u = arg;
    (void)seq, (void)at_ms;
    if (err == OK)
        u->cost_us = 0;
    answer(u, err, 0);
}

void upload_submit(struct upload *u, const struct photo *photo, upload_done *done, void *arg)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    photo_write(&body, photo);
    object_end(&body);
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_PHOTO,
                      .author = u->attempt->identity,
                      .key = photo->name,
                      .body = body.at,
                      .body_bytes = body.size};
    u->done = done;
    u->arg = arg;
    enum err err = body.failed ? ERR_UNAVAILABLE : submit(u->chat, &e, on_submitted, u);
    u->waits = err == OK;
    bytes_finish(&body);
    if (err != OK)
        done(arg, err, 0);
}

void upload_destroy(struct upload **upload)
{
    struct upload *u = *upload;
    *upload = NULL;
    if (u == NULL)
        return;
    if (u->attempt != NULL)
        u->attempt->bytes = 0;
    rate_give(&u->source->uploads, u->cost_us);
    if (u->waits)
        u->done = NULL;
    else
        free(u);
}
