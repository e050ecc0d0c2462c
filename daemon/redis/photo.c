/* photo.c - see photo.h. */
#include "photo.h"

#include "call.h"
#include "private.h"

#include <stdlib.h>
#include <string.h>

struct question {
    struct journal *journal;
    redis_photo_done *done;
    redis_photo_taken *taken;
    void *arg;
};

/* Frees the question if it cannot be asked. */
static bool ask(struct journal *j, const struct redis_call *c, redisCallbackFn *cb,
                struct question **q)
{
    bool asked = *q != NULL && redis_link_ask(j->pieces, c, cb, *q);
    if (!asked)
        free(*q);
    return asked;
}

static struct question *question(struct journal *j, redis_photo_done *done,
                                 redis_photo_taken *taken, void *arg)
{
    struct question *q = malloc(sizeof *q);
    if (q != NULL)
        *q = (struct question){j, done, taken, arg};
    return q;
}

/* Redis is full, or a right is missing: the link logs it. A key of another type is a stranger's: it
 * holds no piece. */
static void note_refusal(const struct question *q, const redisReply *reply)
{
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR &&
        strncmp(reply->str, "WRONGTYPE", strlen("WRONGTYPE")) != 0)
        redis_link_give_up(q->journal->pieces, reply->str);
}

/* OK, or for SET NX nil. */
static void on_set(redisAsyncContext *redis, void *raw, void *arg)
{
    const struct question q = *(struct question *)arg;
    const redisReply *reply = raw;
    (void)redis;
    free(arg);
    note_refusal(&q, reply);
    q.done(q.arg, reply != NULL && reply->type == REDIS_REPLY_STATUS);
}

static void on_got(redisAsyncContext *redis, void *raw, void *arg)
{
    const struct question q = *(struct question *)arg;
    const redisReply *reply = raw;
    bool found = reply != NULL && reply->type == REDIS_REPLY_STRING && reply->len > 0;
    (void)redis;
    free(arg);
    note_refusal(&q, reply);
    q.taken(q.arg, found ? reply->str : NULL, found ? reply->len : 0);
}

static void begin_claim(struct redis_call *c, const struct journal *j, const char *photo)
{
    call_begin(c, "SET");
    call_key(c, key_giver(j->redis->prefix, photo));
    call_text(c, j->id);
    call_text(c, "EX");
    call_number(c, GIVER_S);
}

/* A claim without an end, which no node makes, would hold off every giver for ever. */
static void end_claim(struct journal *j, const char *photo)
{
    struct redis_call c;
    call_begin(&c, "EXPIRE");
    call_key(&c, key_giver(j->redis->prefix, photo));
    call_number(&c, GIVER_S);
    call_text(&c, "NX");
    redis_link_ask(j->pieces, &c, NULL, NULL);
}

bool redis_photo_claim(struct journal *j, const char *photo, redis_photo_done *done, void *arg)
{
    struct redis_call c;
    struct question *q = question(j, done, NULL, arg);
    begin_claim(&c, j, photo);
    call_text(&c, "NX");
    if (!ask(j, &c, on_set, &q))
        return false;
    end_claim(j, photo);
    return true;
}

void redis_photo_claim_again(struct journal *j, const char *photo)
{
    struct redis_call c;
    begin_claim(&c, j, photo);
    redis_link_ask(j->pieces, &c, NULL, NULL);
}

bool redis_photo_put(struct journal *j, const char *photo, unsigned piece, const char *bytes,
                     size_t n, redis_photo_done *done, void *arg)
{
    struct redis_call c;
    struct question *q = question(j, done, NULL, arg);
    call_begin(&c, "SET");
    call_key(&c, key_piece(j->redis->prefix, photo, piece));
    call_bytes(&c, bytes, n);
    call_text(&c, "EX");
    call_number(&c, PIECE_S);
    return ask(j, &c, on_set, &q);
}

bool redis_photo_take(struct journal *j, const char *photo, unsigned piece, size_t most,
                      redis_photo_taken *done, void *arg)
{
    struct redis_call c;
    struct question *q = question(j, NULL, done, arg);
    call_begin(&c, "GETRANGE"); /* who puts more there must not fill the memory */
    call_key(&c, key_piece(j->redis->prefix, photo, piece));
    call_number(&c, 0);
    call_number(&c, (int64_t)most);
    return ask(j, &c, on_got, &q);
}

void redis_photo_remove(struct journal *j, const char *photo, unsigned first, unsigned n, bool over)
{
    struct redis_call c;
    call_begin(&c, "DEL");
    if (over)
        call_key(&c, key_giver(j->redis->prefix, photo));
    for (unsigned i = 0; i < n; i++)
        call_key(&c, key_piece(j->redis->prefix, photo, first + i));
    if (over || n > 0)
        redis_link_ask(j->pieces, &c, NULL, NULL);
}
