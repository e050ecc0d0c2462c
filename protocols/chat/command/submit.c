/* submit.c - see submit.h. */
#include "submit.h"

#include "request.h"

#include "chat/base/object.h"
#include "chat/model/journal.h"
#include "chat/model/reply.h"
#include "chat/model/room.h"
#include "chat/model/sink.h"

#include <string.h>

enum err submit(struct chat *chat, const struct event *e, journal_done *done, void *arg)
{
    return chat->config->journal_ops->submit(chat->config->journal, e, done, arg);
}

static void reply_stored(struct session *s, const struct request *q, uint64_t seq, int64_t at_ms)
{
    size_t mark = reply_begin(s, "ok", request_id(q));
    if (strcmp(q->room, SERVER_LOG) != 0) {
        object_add_text(&s->out, "room", q->room);
        object_add_number(&s->out, "seq", seq);
    }
    object_add_number(&s->out, "at", (uint64_t)at_ms);
    object_add_text(&s->out, "receipt", q->receipt[0] == '\0' ? NULL : q->receipt);
    reply_end(s, mark);
    if (q->stored != NULL)
        q->stored(s, q);
}

static void on_submitted(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct request *q = arg;
    struct session *s = request_session(q);
    if (s != NULL)
        s->pending--;
    if (s != NULL && s->state != SESSION_CLOSING) {
        if (err == OK)
            reply_stored(s, q, seq, at_ms);
        else
            reply_error(s, request_id(q), err, NULL, 0);
        sink_make_dirty(s);
    }
    request_destroy(&q);
}

struct bytes submit_body(const struct session *s, const char *key)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "from", s->identity->nick);
    object_add_text(&body, "key", key);
    return body;
}

enum err submit_take(struct request *q, struct event e, struct bytes *body)
{
    struct session *s = q == NULL ? NULL : request_session(q);
    enum err err = ERR_UNAVAILABLE;
    object_end(body);
    e.body = body->at;
    e.body_bytes = body->size;
    if (q != NULL && !body->failed) {
        e.room = q->room;
        err = submit(q->chat, &e, on_submitted, q);
    }
    if (err != OK)
        request_destroy(&q);
    else if (s != NULL)
        s->pending++;
    bytes_finish(body);
    return err;
}

enum err submit_room(struct chat *chat, const struct room_seed *seed, uint64_t author,
                     const char *key, journal_done *done, void *arg)
{
    struct bytes body = {0};
    struct nick keys;
    enum err err = nick_of_title(chat->nicks, seed->title, &keys);
    if (err != OK)
        return err;
    object_begin(&body, NULL);
    object_add_text(&body, "room", seed->name);
    object_add_text(&body, "title", seed->title);
    object_add_text(&body, "topic", seed->topic);
    object_add_text(&body, "post", role_name(seed->post));
    object_add_text(&body, "skeleton", keys.skeleton);
    object_add_text(&body, "look", keys.look);
    object_end(&body);
    struct event e = {.room = SERVER_LOG,
                      .kind = EVENT_ROOM,
                      .author = author,
                      .key = key,
                      .body = body.at,
                      .body_bytes = body.size};
    err = body.failed ? ERR_UNAVAILABLE : submit(chat, &e, done, arg);
    bytes_finish(&body);
    return err;
}
