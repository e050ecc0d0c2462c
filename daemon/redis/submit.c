/* submit.c - see submit.h. */
#include "submit.h"

#include "call.h"
#include "copy.h"
#include "entry.h"
#include "log.h"
#include "private.h"
#include "stage.h"
#include "stream.h"
#include "ticket.h"
#include "wall.h"
#include "chat/base/json.h"
#include "store/health.h"

#include <sodium.h>
#include <string.h>

/* --- the answer ----------------------------------------------------------------------------- */

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* Somebody waits for the answer to a new name or room: these do not wait until Redis writes. */
static bool waits(const struct event *e) { return event_traits(e->kind)->class != CLASS_SERVER; }

/* The outbox is sent again each second. If the server has become a replica, or the user lacks a
 * right, a new connection may find another state. */
static void refuse(struct journal *j, const char *why)
{
    bool reconnects = begins(why, "READONLY") || begins(why, "NOPERM") || begins(why, "NOAUTH");
    if (reconnects)
        redis_link_give_up(j->ask, why); /* and logs it */
    else if (!j->refused)
        log_warn("redis: %s", why);
    stage_refuse(j, why);
}

static void on_refused(struct ticket *t, const char *why)
{
    struct journal *j = t->journal;
    if (begins(why, "OTHERLOG") || begins(why, "NEWEREVENT")) {
        ticket_finish(t, ERR_CONFLICT, 0, 0);
        return;
    }
    if (begins(why, "GONEROOM")) {
        ticket_finish(t, ERR_NO_SUCH_ROOM, 0, 0);
        return;
    }
    bool fenced = begins(why, "STALEGEN") || begins(why, "LOSTLOG") || begins(why, "NOSCRIPT");
    t->asked = false;
    j->resend = true;
    j->log_lost |= begins(why, "LOSTLOG");
    if (fenced)
        stage_fence(j);
    else
        refuse(j, why);
    if (j->refused && !waits(&t->e))
        ticket_finish(t, ERR_UNAVAILABLE, 0, 0);
}

static void on_submitted(redisAsyncContext *redis, void *raw, void *arg)
{
    struct ticket *t = arg;
    struct journal *j = t->journal;
    const redisReply *reply = raw;
    (void)redis;
    if (reply == NULL) { /* Redis may have numbered it: then it remembers the key */
        t->asked = false;
        j->resend = true;
        return;
    }
    if (reply->type != REDIS_REPLY_STRING) {
        on_refused(t, reply->type == REDIS_REPLY_ERROR ? reply->str : "no answer to a submit");
        return;
    }
    t->again = reply->str[0] == '=';
    t->e.seq = seq_read(reply->str + t->again, NULL);
    list_remove(&t->in_list);
    j->refused = false;
    copy_await(t->stream, t);
}

/* --- the end of a room ---------------------------------------------------------------------- */

struct ending {
    char place[PLACE_MAX + 1];   /* of the room; "": none ends */
    const struct stream *stream; /* NULL: this node has ended it, and submits the event again */
    bool by_clock;               /* it must have no event after `last` */
    uint64_t last;
};

static struct ending ending_of(const struct journal *j, const struct event *e)
{
    if (e->kind != EVENT_ROOM_GONE)
        return (struct ending){0};
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    struct ending ending = {.by_clock = json_object_get(body, "last") != NULL,
                            .last = (uint64_t)field_int(body, "last", 0)};
    key_place(field_string(body, "room"), (uint64_t)field_int(body, "life", 0), ending.place);
    ending.stream = stream_at(j, ending.place);
    json_decref(body);
    return ending;
}

/* The clock removes a room only if this node has read the streams of all its generations: Redis
 * looks at the current one. */
static bool may_end(const struct journal *j, const struct ending *ending)
{
    const struct stream *s = ending->stream;
    return !ending->by_clock || (s != NULL && j->stage == STAGE_LIVE && s->gen == j->gen);
}

static void add_ending(struct redis_call *c, const struct journal *j, const struct ending *ending)
{
    bool in_this = seq_gen(ending->last) == j->gen;
    if (ending->by_clock)
        call_number(c, in_this ? (int64_t)seq_n(ending->last) : -1);
    else
        call_text(c, "");
}

/* --- the question --------------------------------------------------------------------------- */

/* "" for kinds without a secret. Each try makes a new one; Redis keeps that of the try that it
 * numbers. */
struct secret {
    char hex[2 * SECRET_BYTES + 1];
};

static struct secret secret_for(const struct event *e)
{
    struct secret secret = {0};
    unsigned char random[SECRET_BYTES];
    if (event_traits(e->kind)->secret == SECRET_OWN) {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(secret.hex, sizeof secret.hex, random, sizeof random);
        sodium_memzero(random, sizeof random);
    }
    return secret;
}

/* Keys and arguments in the order of the script. */
static void add_arguments(struct redis_call *c, const struct ticket *t, const struct bytes *payload,
                          const struct secret *secret)
{
    const struct ending ending = ending_of(t->journal, &t->e);
    const struct journal *j = t->journal;
    const struct conf_redis *redis = j->redis;
    const struct stream *s = t->stream;
    bool has_begun = s->taken > 0 && seq_gen(s->taken) == j->gen;
    call_key(c, key_generation(redis->prefix));
    call_key(c, t->key);
    call_key(c, key_stream(redis->prefix, s->place, j->gen));
    call_key(c, key_history(redis->prefix));
    call_key(c, key_secrets(redis->prefix, s->place));
    if (ending.place[0] != '\0')
        call_key(c, key_stream(redis->prefix, ending.place, j->gen));
    call_number(c, (int64_t)j->gen);
    call_bytes(c, payload->at, payload->size);
    /* the server's stream has every name and room: it is not trimmed */
    call_number(c, s == j->server ? 0 : redis->stream_events);
    call_text(c, key_channel(redis->prefix, s->place).text);
    call_number(c, redis->key_seconds);
    call_number(c, has_begun ? (int64_t)seq_n(s->taken) : -1);
    call_text(c, j->meta.history);
    call_bytes(c, secret->hex, strlen(secret->hex));
    call_number(c, wall_now_ms(j));
    call_seq(c, t->void_seq);
    add_ending(c, j, &ending);
}

static bool send_one(struct ticket *t)
{
    struct journal *j = t->journal;
    struct bytes payload = {0};
    struct secret secret = secret_for(&t->e);
    struct redis_call c;
    entry_write(&payload, &t->e);
    script_begin(&c, &j->scripts, SCRIPT_SUBMIT);
    add_arguments(&c, t, &payload, &secret);
    t->asked = !payload.failed && redis_link_ask(j->ask, &c, on_submitted, t);
    bytes_finish(&payload);
    sodium_memzero(&secret, sizeof secret);
    return t->asked;
}

/* What has changed while the ticket waited. */
static enum err check_again(const struct ticket *t)
{
    const struct ending ending = ending_of(t->journal, &t->e);
    if (stream_has_ended(t->stream))
        return ERR_NO_SUCH_ROOM;
    return may_end(t->journal, &ending) ? OK : ERR_UNAVAILABLE;
}

void submit_outbox(struct journal *j)
{
    j->resend = false;
    list_each(i, n, &j->outbox)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        enum err err = t->asked ? OK : check_again(t);
        if (err != OK) {
            ticket_finish(t, err, 0, 0);
            continue;
        }
        if (!t->asked && !send_one(t)) {
            j->resend = true;
            return;
        }
    }
}

/* While Redis is away, or is known to refuse, messages wait; new names and rooms are refused. */
enum err submit_event(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    bool away = j->stage < STAGE_SEALING || (j->refused && !list_empty(&j->outbox));
    const struct ending ending = ending_of(j, e);
    if (j->ending || store_fault(j->store) != NULL || j->tickets >= j->redis->outbox ||
        (away && !waits(e)) || !may_end(j, &ending))
        return ERR_UNAVAILABLE;
    struct ticket *t = ticket_create(j, e, done, arg);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    if (away || j->resend || !send_one(t))
        j->resend = true;
    return OK;
}
