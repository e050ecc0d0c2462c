/* decide.c - see decide.h. */
#include "decide.h"

#include "request.h"
#include "submit.h"

#include "chat/base/hash.h"
#include "chat/base/object.h"
#include "chat/model/reply.h"

#include <stdio.h>
#include <string.h>

struct decision {
    struct request q; /* first */
    struct event e;   /* kind, author and `of` */
    struct bytes told;
};
_Static_assert(offsetof(struct decision, q) == 0, "a request is a decision");

/* The key of the copy in the room's log: no client's key contains a colon. */
static void copy_key(const char *id, char key[ID_MAX + 1])
{
    char hex[HASH_CHARS + 1];
    hash_text(id, hex);
    snprintf(key, ID_MAX + 1, "told:%s", hex);
}

static void destroy(struct decision *d)
{
    struct request *q = &d->q;
    bytes_finish(&d->told);
    request_destroy(&q);
}

/* Its `done` answers the command. */
static enum err tell_take(struct decision *d)
{
    char key[ID_MAX + 1];
    struct event e = d->e;
    struct bytes told = d->told;
    copy_key(d->q.id, key);
    e.key = key;
    return submit_take(&d->q, e, &told);
}

static void on_decided(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct decision *d = arg;
    struct session *s = request_session(&d->q);
    char id[ID_MAX + 1];
    (void)seq, (void)at_ms;
    if (s != NULL)
        s->pending--;
    strcpy(id, d->q.id);
    if (err == OK)
        err = tell_take(d);
    else
        destroy(d);
    if (err != OK && s != NULL && s->state != SESSION_CLOSING)
        reply_error(s, id, err, NULL, 0);
}

static enum err submit_decided(struct decision *d, const struct bytes *body)
{
    struct event e = d->e;
    e.room = SERVER_LOG;
    e.key = d->q.id;
    e.body = body->at;
    e.body_bytes = body->size;
    return body->failed ? ERR_UNAVAILABLE : submit(d->q.chat, &e, on_decided, d);
}

enum err decide(struct session *s, const char *id, const char *room, struct event e,
                struct bytes *decided, struct bytes *told)
{
    enum err err = ERR_UNAVAILABLE;
    struct decision *d = request_create(sizeof *d, s, id, room);
    object_end(decided);
    if (d == NULL) {
        bytes_finish(told);
    } else {
        d->e = e;
        d->told = *told;
        err = submit_decided(d, decided);
    }
    if (err == OK)
        s->pending++;
    else if (d != NULL)
        destroy(d);
    bytes_finish(decided);
    return err;
}
