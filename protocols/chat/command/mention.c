/* mention.c - the command for the messages that name a person: mentions. */
#include "answer.h"
#include "private.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"
#include "chat/model/marker.h"
#include "chat/model/standings.h"

#include <inttypes.h>
#include <stdio.h>

#define MENTIONS_PAGE 20
#define NEXT_MAX      80 /* bytes */

/* --- where a page ends ---------------------------------------------------------------------- */

static void write_place(struct bytes *to, const struct mention_place *p)
{
    char text[NEXT_MAX + 1];
    snprintf(text, sizeof text, "%" PRId64 "-%" PRIu64 "-%" PRIu64, p->at_ms, p->seq, p->room);
    object_add_text(to, "next", text);
}

/* Without `next`, before everything. */
static bool read_place(const char *next, struct mention_place *out)
{
    int end = 0;
    *out = (struct mention_place){AT_MAX + 1, 0, 0};
    return next == NULL || (sscanf(next, "%15" SCNd64 "-%16" SCNu64 "-%18" SCNu64 "%n", &out->at_ms,
                                   &out->seq, &out->room, &end) == 3 &&
                            next[end] == '\0');
}

/* --- mentions ------------------------------------------------------------------------------- */

static void add_rooms(struct bytes *to, const struct identity *i)
{
    array_begin(to, NULL);
    for (size_t k = 0; k < i->marker_count; k++)
        if (i->markers[k].joined && !standings_banned(i->chat, i->id, i->markers[k].room))
            object_add_text(to, NULL, i->markers[k].room->name);
    array_end(to);
    bytes_add(to, "", 1);
}

static void add_list(struct bytes *to, const struct request *q, const struct ask *ask)
{
    const struct ask_mentions *a = (const struct ask_mentions *)ask;
    (void)q;
    object_add_json(to, "items", ask->text.at, ask->text.size);
    object_add_bool(to, "more", a->more);
    if (a->more)
        write_place(to, &a->last);
}

static void on_list(struct ask *ask) { answer_take(ask, "results", add_list); }

static enum err cmd_mentions(struct session *s, const struct call *c)
{
    struct mention_place before;
    if (!read_place(field_string(c->args, "next"), &before)) {
        *c->bad = "next";
        return ERR_BAD_FIELD;
    }
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_mentions *ask = ask_create(sizeof *ask, ASK_MENTIONS, NULL, on_list, q);
    if (ask != NULL) {
        ask->identity = q->identity;
        ask->before = before;
        ask->limit = (unsigned)field_int(c->args, "limit", MENTIONS_PAGE);
        add_rooms(&ask->ask.text, s->identity);
        if (ask->ask.text.failed)
            ask_destroy((struct ask **)&ask);
    }
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field mentions_fields[] = {
    { "limit", FIELD_INT, false, 1, 50 }, { "next", FIELD_STRING, false, 1, NEXT_MAX }, {0} };

const struct command mention_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "mentions",    NEED_NAME,    ROLE_MEMBER,    2,    true,     false,    cmd_mentions,   mentions_fields },
    {0},
};
/* clang-format on */
