/* search.c - the command search: items of all rooms that the person may read. */
#include "answer.h"
#include "private.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_DEFAULT 20 /* items */
#define NEXT_MAX       64 /* bytes of `next` */
#define COST           5  /* of a page of history it takes the time of several */

/* --- where it goes on ------------------------------------------------------------------------ */

static void write_next(struct bytes *to, const struct search_from *from)
{
    char next[NEXT_MAX + 1];
    snprintf(next, sizeof next, "%" PRIx64 ".%" PRIx64 ".%" PRIx64, (uint64_t)from->at_ms,
             (uint64_t)from->room, from->seq);
    object_add_text(to, "next", next);
}

/* ERR_BAD_FIELD: no answer has had it. NULL: from the begin. */
static enum err read_next(const char *next, struct search_from *out)
{
    uint64_t at_ms, room, seq;
    struct bytes again = {0}, given = {0};
    *out = (struct search_from){0};
    if (next == NULL)
        return OK;
    if (sscanf(next, "%" SCNx64 ".%" SCNx64 ".%" SCNx64, &at_ms, &room, &seq) != 3 ||
        at_ms > INT64_MAX || room > INT64_MAX || seq == 0 || seq > (uint64_t)SEQ_MAX + 1)
        return ERR_BAD_FIELD;
    *out = (struct search_from){(int64_t)at_ms, (int64_t)room, seq};
    write_next(&again, out);
    object_add_text(&given, "next", next);
    bool same = again.size == given.size && memcmp(again.at, given.at, given.size) == 0;
    bytes_finish(&again);
    bytes_finish(&given);
    return same ? OK : ERR_BAD_FIELD;
}

/* --- which rooms ---------------------------------------------------------------------------- */

/* All of them are open: only a ban keeps somebody out. */
static bool may_read(uint64_t identity, const struct room *r)
{
    return !standings_banned(r->chat, identity, r);
}

static void add_room(struct bytes *to, const struct room *r)
{
    char name[ROOM_NAME_MAX + 1] = "";
    strcpy(name, r->name);
    bytes_add(to, name, sizeof name);
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* Of one room, if the command names it. */
static void add_rooms(struct bytes *to, const struct request *q)
{
    if (q->room[0] != '\0') {
        const struct room *r = room_find(q->chat, q->room);
        if (r != NULL && may_read(q->identity, r))
            add_room(to, r);
        return;
    }
    list_each(l, next, &q->chat->rooms)
    {
        const struct room *r = list_entry(l, struct room, in_chat);
        if (may_read(q->identity, r))
            add_room(to, r);
    }
    if (to->size > 0 && !to->failed)
        qsort(to->at, to->size / (ROOM_NAME_MAX + 1), ROOM_NAME_MAX + 1, by_name);
}

/* Whether the person may still read all rooms that the answer is from. */
static bool holds(const struct request *q, const struct bytes *rooms)
{
    for (size_t i = 0; i < rooms->size; i += ROOM_NAME_MAX + 1) {
        const struct room *r = room_find(q->chat, rooms->at + i);
        if (r == NULL || !may_read(q->identity, r))
            return false;
    }
    return true;
}

/* --- the search ----------------------------------------------------------------------------- */

static void ask_search(struct request *q);

static void add_results(struct bytes *to, const struct request *q, const struct ask *ask)
{
    const struct ask_search *found = (const struct ask_search *)ask;
    (void)q;
    object_add_json(to, "items", ask->text.at, ask->text.size);
    object_add_bool(to, "more", found->more);
    if (found->more)
        write_next(to, &found->next);
}

/* Somebody may have been banned meanwhile, or a room removed: then it is asked again. */
static void on_found(struct ask *ask)
{
    struct request *q = ask->arg;
    if (ask->err == OK && !holds(q, &ask->rows))
        ask_search(q);
    else
        answer_take(ask, "results", add_results);
}

static enum search_has has_of(const char *has)
{
    static const char *const names[] = {
        [SEARCH_PHOTO] = "photo", [SEARCH_POLL] = "poll", [SEARCH_LINK] = "link"};
    for (size_t i = SEARCH_PHOTO; has != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(has, names[i]) == 0)
            return (enum search_has)i;
    return SEARCH_ALL;
}

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text == NULL ? "" : text);
}

static void ask_search(struct request *q)
{
    struct ask_search *ask = ask_create(sizeof *ask, ASK_SEARCH, NULL, on_found, q);
    if (ask != NULL) {
        copy(ask->text, sizeof ask->text, field_string(q->args, "text"));
        copy(ask->from, sizeof ask->from, field_string(q->args, "from"));
        ask->has = has_of(field_string(q->args, "has"));
        ask->limit = (unsigned)field_int(q->args, "limit", SEARCH_DEFAULT);
        ask->identity = q->identity;
        read_next(field_string(q->args, "next"), &ask->next);
        add_rooms(&ask->ask.rows, q);
    }
    request_ask_take(q, (struct ask *)ask);
}

static enum err cmd_search(struct session *s, const struct call *c)
{
    const char *has = field_string(c->args, "has");
    struct search_from from;
    enum err e = read_next(field_string(c->args, "next"), &from);
    *c->bad = "next";
    if (e == OK && has != NULL && has_of(has) == SEARCH_ALL) {
        *c->bad = "has";
        e = ERR_BAD_FIELD;
    }
    if (e == OK && c->room != NULL && !may_read(s->identity->id, c->room))
        e = ERR_BANNED;
    if (e != OK)
        return e;
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    ask_search(q);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field search_fields[] = {
    { "text", FIELD_STRING, true, 0, SEARCH_TEXT_MAX }, ARG_PLACE, { "from", FIELD_STRING, false, 0, NICK_BYTES_MAX },
    { "has", FIELD_STRING, false, 1, 16 }, { "limit", FIELD_INT, false, 1, SEARCH_MAX },
    { "next", FIELD_STRING, false, 1, NEXT_MAX }, {0} };

const struct command search_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "search",      NEED_PLACE,   ROLE_MEMBER,    COST, true,     false,    cmd_search,     search_fields },
    {0},
};
/* clang-format on */
