/* message.c - the commands about messages: say, edit, delete. */
#include "catch_up.h"
#include "gate.h"
#include "naming.h"
#include "photo.h"
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <string.h>

/* --- say ------------------------------------------------------------------------------------ */

/* `photos`: what the archive knows of those that `args` name. */
static struct bytes message_body(const struct session *s, const char *id, const json_t *args,
                                 const struct bytes *photos)
{
    int64_t reply_to = field_int(args, "reply_to", 0);
    const char *text = field_string(args, "text");
    struct bytes body = submit_body(s, id);
    if (reply_to > 0)
        object_add_number(&body, "reply_to", (uint64_t)reply_to);
    object_add_text(&body, "text", text == NULL ? "" : text);
    photos_write(&body, photos, json_object_get(args, "photos"));
    return body;
}

static enum err say_take(const struct session *s, const char *room, const char *id,
                         struct bytes *body)
{
    struct event e = {.kind = EVENT_MESSAGE, .author = s->identity->id, .key = id};
    return submit_take(request_create(sizeof(struct request), s, id, room), e, body);
}

/* After a question: what held at the command may not hold any more. */
static enum err recheck(const struct ask *ask, const struct request *q, struct session *s)
{
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL)
        err = standings_check_post(s->identity, room_find(q->chat, q->room));
    return err;
}

static void on_names(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = recheck(ask, q, s);
    if (err == OK && s != NULL) {
        struct bytes body = message_body(s, q->id, q->args, &q->found);
        naming_write(&body, s, q, ask);
        err = say_take(s, q->room, q->id, &body);
    }
    request_done_take(q, err);
}

static void on_photos(struct ask *ask);

static void ask_photos_take(struct request *q)
{
    request_ask_take(q, photos_ask(q, json_object_get(q->args, "photos"), on_photos));
}

static void on_caught_up(void *arg) { ask_photos_take(arg); }

/* A photo that was uploaded at another node is in the server's log, which this node may not have
 * applied that far. */
static bool look_again(struct request *q)
{
    bool first = !q->caught_up;
    q->caught_up = true;
    return first && catch_up(q->chat, on_caught_up, q);
}

static void on_photos(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    if (ask->err == ERR_NOT_FOUND && look_again(q))
        return;
    enum err err = recheck(ask, q, s);
    if (err == OK && s != NULL && naming_possible(q->chat, q->args)) {
        q->found = ask->rows;
        ask->rows = (struct bytes){0};
        request_ask_take(q, naming_ask(q, on_names));
        return;
    }
    if (err == OK && s != NULL) {
        struct bytes body = message_body(s, q->id, q->args, &ask->rows);
        err = say_take(s, q->room, q->id, &body);
    }
    request_done_take(q, err);
}

/* The archive has to be asked first: about photos, then about names. */
static enum err say_later(struct session *s, const struct call *c, const json_t *photos)
{
    if (json_array_size(photos) > s->chat->config->limits.photos_per_message) {
        *c->bad = "photos";
        return ERR_BAD_FIELD;
    }
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    if (photos != NULL)
        ask_photos_take(q);
    else
        request_ask_take(q, naming_ask(q, on_names));
    return OK;
}

static enum err cmd_say(struct session *s, const struct call *c)
{
    static const struct bytes none;
    const json_t *photos = json_object_get(c->args, "photos");
    const char *text = field_string(c->args, "text");
    enum err err = standings_check_post(s->identity, c->room);
    if (err != OK)
        return err;
    if (photos == NULL && (text == NULL || text[0] == '\0')) {
        *c->bad = "text";
        return ERR_BAD_FIELD;
    }
    if (photos != NULL || naming_possible(s->chat, c->args))
        return say_later(s, c, photos);
    struct bytes body = message_body(s, c->id, c->args, &none);
    return say_take(s, c->room->name, c->id, &body);
}

/* --- edit, delete --------------------------------------------------------------------------- */

/* `names`: of an edit, whom its text mentions; NULL: nobody. */
static enum err change(const struct session *s, const struct request *q, const struct ask *names)
{
    struct bytes body = submit_body(s, q->id);
    object_add_number(&body, "of", q->of);
    if (q->kind == EVENT_EDIT)
        object_add_text(&body, "text", field_string(q->args, "text"));
    else
        object_add_text(&body, "reason", reason_of(q->args));
    if (names != NULL)
        naming_write(&body, s, q, names);
    struct event e = {.kind = q->kind, .author = s->identity->id, .of = q->of, .key = q->id};
    return submit_take(request_create(sizeof *q, s, q->id, q->room), e, &body);
}

/* Authors edit and delete their own items. A moderator may delete those of lower roles. */
static bool may_change(const struct request *q, const struct ask_item *item)
{
    if (item->author == q->identity)
        return true;
    const struct room *r = room_find(q->chat, q->room);
    enum role mine = standings_role(q->chat, q->identity, r);
    return q->kind == EVENT_DELETE && mine >= ROLE_MODERATOR &&
           mine > standings_role(q->chat, item->author, r);
}

/* A poll cannot be edited: people voted for its words. A deleted item cannot be changed, but the
 * same command sent again gets its first answer. */
static enum err check_item(struct session *s, const struct request *q, const struct ask_item *item)
{
    enum err err = gate_recheck(s, q);
    const struct room *r = room_find(s->chat, q->room);
    if (err == OK)
        err = q->kind == EVENT_EDIT ? standings_check_speech(s->identity, r)
                                    : reason_check(s, q->args, r);
    if (err != OK)
        return err;
    bool fixed = q->kind == EVENT_EDIT && item->kind != EVENT_MESSAGE;
    if (!may_change(q, item) || fixed)
        return ERR_FORBIDDEN;
    return item->deleted && !item->key_known ? ERR_NOT_FOUND : OK;
}

static void on_edit_names(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = gate_recheck(s, q);
    if (err == OK && s != NULL)
        err = standings_check_speech(s->identity, room_find(q->chat, q->room));
    if (err == OK && s != NULL)
        err = change(s, q, ask);
    request_done_take(q, err);
}

static void on_item(struct ask *ask)
{
    struct request *q = ask->arg;
    struct session *s = request_speaker(q);
    enum err err = ask->err;
    if (err == OK && s != NULL)
        err = check_item(s, q, (struct ask_item *)ask);
    if (err == OK && s != NULL && q->kind == EVENT_EDIT && naming_possible(q->chat, q->args)) {
        request_ask_take(q, naming_ask(q, on_edit_names));
        return;
    }
    if (err == OK && s != NULL)
        err = change(s, q, NULL);
    request_done_take(q, err);
}

static enum err look_up(struct session *s, const struct call *c, enum event_kind kind)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    q->kind = kind;
    q->of = (uint64_t)field_int(c->args, "of", 0);
    struct ask_item *ask = ask_create(sizeof *ask, ASK_ITEM, q->room, on_item, q);
    if (ask != NULL) {
        ask->seq = q->of;
        ask->identity = q->identity;
        strcpy(ask->key, q->id);
    }
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

static enum err cmd_edit(struct session *s, const struct call *c)
{
    enum err err = standings_check_speech(s->identity, c->room);
    return err == OK ? look_up(s, c, EVENT_EDIT) : err;
}

/* A muted person may delete, but not give a reason. */
static enum err cmd_delete(struct session *s, const struct call *c)
{
    enum err err = reason_check(s, c->args, c->room);
    return err == OK ? look_up(s, c, EVENT_DELETE) : err;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field photo_fields[] = {
    { "photo", FIELD_ID, true, 0, 0 }, { "alt", FIELD_STRING, false, 0, PHOTO_ALT_MAX }, {0} };
static const struct field say_fields[] = {
    ARG_ROOM, { "text", FIELD_TEXT, false, 0, 0 }, { "reply_to", FIELD_INT, false, 1, SEQ_MAX },
    { "photos", FIELD_OBJECTS, false, 1, PHOTOS_MAX, photo_fields }, {0} };
static const struct field edit_fields[] = { ARG_ROOM, ARG_OF, ARG_TEXT, {0} };
static const struct field delete_fields[] = { ARG_ROOM, ARG_OF, ARG_REASON, {0} };

const struct command message_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "say",         NEED_MEMBER,  ROLE_MEMBER,    1,    false,    true,     cmd_say,        say_fields },
    { "edit",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_edit,       edit_fields },
    { "delete",      NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_delete,     delete_fields },
    {0},
};
/* clang-format on */
