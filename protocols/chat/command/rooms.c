/* rooms.c - see rooms.h. */
#include "rooms.h"

#include "private.h"

#include "chat/base/object.h"
#include "chat/base/seen.h"
#include "chat/model/ask.h"
#include "chat/model/charge.h"
#include "chat/model/marker.h"
#include "chat/model/reply.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <stdlib.h>
#include <string.h>

/* Rooms in one answer, and in a welcome besides those of the person. With long topics it has fewer:
 * it ends at ANSWER_BYTES. */
#define ROOMS_PAGE 100

static bool is_joined(const struct identity *i, const struct room *r)
{
    return marker_of(i, r).joined && !standings_banned(r->chat, i->id, r);
}

static void write_words(struct bytes *b, const struct room *r)
{
    object_add_text(b, "room", r->name);
    object_add_text(b, "title", r->title);
    object_add_text(b, "topic", r->topic);
    object_add_text(b, "post", role_name(r->post));
}

/* --- unread --------------------------------------------------------------------------------- */

struct ask *rooms_ask_unread(const struct identity *i, void (*done)(struct ask *ask), void *arg)
{
    struct ask_unread *ask = ask_create(sizeof *ask, ASK_UNREAD, NULL, done, arg);
    bool unread = false;
    if (ask == NULL)
        return NULL;
    ask->identity = i->id;
    for (size_t k = 0; k < i->marker_count; k++) {
        const struct marker *m = &i->markers[k];
        struct archive_unread row = {.read = m->read, .last = m->room->last};
        if (!is_joined(i, m->room))
            continue;
        strcpy(row.room, m->room->name);
        bytes_add(&ask->ask.rows, &row, sizeof row);
        unread |= row.last > row.read;
    }
    if (ask->ask.rows.failed)
        ask_destroy((struct ask **)&ask);
    else if (!unread)
        bytes_finish(&ask->ask.rows);
    return (struct ask *)ask;
}

/* Rows of archive_unread, in the order of the markers, of which some may have gone or come since.
 */
struct counts {
    const struct archive_unread *rows;
    size_t n, next;
};

static const struct archive_unread *find_counted(struct counts *c, const char *room)
{
    for (size_t k = 0; k < c->n; k++) {
        const struct archive_unread *row = &c->rows[(c->next + k) % c->n];
        if (strcmp(row->room, room) != 0)
            continue;
        c->next = (c->next + k + 1) % c->n;
        return row;
    }
    return NULL;
}

/* --- welcome -------------------------------------------------------------------------------- */

/* `counted` may be NULL: all is read. */
static void write_mine(struct bytes *b, const struct room *r, const struct marker *m,
                       const struct archive_unread *counted)
{
    object_begin(b, NULL);
    write_words(b, r);
    object_add_number(b, "last", counted == NULL ? r->last : counted->last);
    object_add_number(b, "read", m->read);
    object_add_bool(b, "joined", m->joined);
    if (m->joined) {
        object_add_number(b, "mentions", counted == NULL ? 0 : counted->mentions);
        object_add_text(b, "level", level_name(m->level));
    }
    object_end(b);
}

static void write_joined(struct bytes *b, const struct identity *i, uint64_t listing,
                         const struct bytes *unread)
{
    struct counts counts = {.rows = (const void *)unread->at,
                            .n = unread->size / sizeof *counts.rows};
    for (size_t k = 0; k < i->marker_count; k++) {
        const struct marker *m = &i->markers[k];
        if (!m->joined || standings_banned(i->chat, i->id, m->room))
            continue;
        m->room->listed = listing;
        write_mine(b, m->room, m, find_counted(&counts, m->room->name));
    }
}

/* A banned person is no member. */
static void write_other(struct bytes *b, const struct identity *i, const struct room *r)
{
    struct marker m = marker_of(i, r);
    m.joined = false;
    write_mine(b, r, &m, NULL);
}

void rooms_write_welcome(struct bytes *b, const struct identity *i, const struct bytes *unread)
{
    struct chat *chat = i->chat;
    const uint64_t listing = ++chat->listings;
    const size_t begin = b->size;
    size_t others = 0;
    bool more = false;
    array_begin(b, "rooms");
    write_joined(b, i, listing, unread);
    for (const struct list *l = chat->recent.prev; l != &chat->recent; l = l->prev) {
        const struct room *r = list_entry(l, struct room, in_recent);
        if (r->listed == listing)
            continue;
        more = others++ == ROOMS_PAGE || b->size - begin >= ANSWER_BYTES;
        if (more)
            break;
        write_other(b, i, r);
    }
    array_end(b);
    object_add_bool(b, "more_rooms", more);
}

/* --- rooms ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct room *const *)a)->name, (*(struct room *const *)b)->name);
}

static void write_found(struct bytes *b, const struct room *r, const struct identity *i)
{
    object_begin(b, NULL);
    write_words(b, r);
    object_add_number(b, "last", r->last);
    object_add_number(b, "last_at", (uint64_t)r->last_at_ms);
    object_add_number(b, "people", r->people_count);
    object_add_bool(b, "joined", is_joined(i, r));
    object_end(b);
}

static void write_answer(struct session *s, const struct call *c, struct room *const *found,
                         size_t n)
{
    size_t limit = (size_t)field_int(c->args, "limit", ROOMS_PAGE), k;
    size_t mark = reply_begin(s, "rooms", c->id);
    array_begin(&s->out, "rooms");
    for (k = 0; k < n && k < limit && s->out.size - mark < ANSWER_BYTES; k++)
        write_found(&s->out, found[k], s->identity);
    array_end(&s->out);
    object_add_bool(&s->out, "more", k < n);
    if (k < n)
        object_add_text(&s->out, "next", found[k - 1]->name);
    reply_end(s, mark);
}

/* In the order of the names, which do not change: `next` is the last one of this page. */
static enum err cmd_rooms(struct session *s, const struct call *c)
{
    const char *text = field_string(c->args, "text"), *after = field_string(c->args, "next");
    char *sought = seen_form(text == NULL ? "" : text, true);
    struct room **found = malloc(s->chat->room_count * sizeof(struct room *) + 1);
    size_t n = 0;
    if (sought == NULL || found == NULL) {
        free(sought);
        free(found);
        return ERR_UNAVAILABLE;
    }
    list_each(l, next, &s->chat->rooms)
    {
        struct room *r = list_entry(l, struct room, in_chat);
        if (strcmp(r->name, after == NULL ? "" : after) > 0 && strstr(r->words, sought) != NULL)
            found[n++] = r;
    }
    qsort(found, n, sizeof *found, by_name);
    write_answer(s, c, found, n);
    free(sought);
    free(found);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field rooms_fields[] = {
    { "text", FIELD_LINE, false, 0, 100 }, { "limit", FIELD_INT, false, 1, ROOMS_PAGE },
    { "next", FIELD_ROOM, false, 0, 0 }, {0} };

const struct command rooms_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "rooms",       NEED_NAME,    ROLE_MEMBER,    5,    false,    false,    cmd_rooms,      rooms_fields },
    {0},
};
/* clang-format on */
