/* due_poll.c - see due_poll.h. A tree finds a poll by its item, a heap the one that is due next. */
#include "due_poll.h"
#include "journal.h"
#include "room.h"

#include "chat/base/hash.h"
#include "chat/base/json.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 1000 /* until a failed submit is tried again */

struct item {
    uint64_t seq;
    char room[ROOM_NAME_MAX + 1];
};

struct due_poll {
    struct item item; /* first */
    struct heap_link
        in_due; /* by `closes_at`, wall clock; in no heap while a submit is under way */
    int64_t closes_ms;
    struct list of_room;
};
_Static_assert(offsetof(struct due_poll, item) == 0, "the tree compares it");

static int compare(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->seq != y->seq ? (x->seq > y->seq) - (x->seq < y->seq) : strcmp(x->room, y->room);
}

static struct due_poll *find(const struct chat *chat, const struct item *item)
{
    struct due_poll **found = tfind(item, &chat->due_polls_by_item, compare);
    return found == NULL ? NULL : *found;
}

static struct item item_of(const char *room, uint64_t seq)
{
    struct item item = {.seq = seq};
    strncpy(item.room, room, sizeof item.room - 1);
    return item;
}

static void forget(struct chat *chat, struct due_poll *p)
{
    if (p == NULL)
        return;
    heap_remove(&chat->due_polls, &p->in_due);
    list_remove(&p->of_room);
    tdelete(p, &chat->due_polls_by_item, compare);
    free(p);
}

enum err due_poll_add(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms)
{
    struct due_poll *p = calloc(1, sizeof *p);
    struct room *r = room_find(chat, room);
    if (p == NULL)
        return ERR_UNAVAILABLE;
    list_init(&p->of_room);
    p->item = item_of(room, seq);
    p->closes_ms = closes_ms;
    p->in_due.group = (uintptr_t)r; /* the store then writes fewer pages */
    struct due_poll **node = tsearch(p, &chat->due_polls_by_item, compare);
    if (node == NULL || *node != p) { /* no memory, or it is there already */
        free(p);
        return node == NULL ? ERR_UNAVAILABLE : OK;
    }
    if (r != NULL)
        list_add(&r->due_polls, &p->of_room);
    if (heap_add(&chat->due_polls, &p->in_due, closes_ms))
        return OK;
    forget(chat, p);
    return ERR_UNAVAILABLE;
}

void due_polls_apply(struct chat *chat, const struct event *e)
{
    if (e->kind == EVENT_POLL) {
        json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
        int64_t closes_ms = field_int(body, "closes_at", 0);
        if (closes_ms > 0)
            due_poll_add(chat, e->room, e->seq, closes_ms);
        json_decref(body);
    } else if (event_traits(e->kind)->secret == SECRET_ENDS) {
        struct item item = item_of(e->room, e->of);
        forget(chat, find(chat, &item));
    }
}

void due_polls_forget_room(struct room *r)
{
    list_each(l, next, &r->due_polls) forget(r->chat, list_entry(l, struct due_poll, of_room));
}

void due_polls_forget(struct chat *chat)
{
    tdestroy(chat->due_polls_by_item, free);
    chat->due_polls_by_item = NULL;
    heap_finish(&chat->due_polls);
}

/* --- closing -------------------------------------------------------------------------------- */

/* A submit under way: the poll may be gone when `done` comes. */
struct closing {
    struct chat *chat;
    struct item item;
};

/* The journal takes nothing for now: puts the poll back, and lets all of them wait. */
static void retry_later(struct chat *chat, struct due_poll *p)
{
    chat->due_polls_wait_ms = chat->now_ms + AGAIN_MS;
    if (p != NULL && !heap_add(&chat->due_polls, &p->in_due, p->closes_ms))
        forget(chat, p); /* the next start closes it */
}

static void on_closed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct closing *c = arg;
    struct chat *chat = c->chat;
    struct due_poll *p = find(chat, &c->item);
    (void)seq, (void)at_ms;
    chat->due_polls_asked--;
    if (err == ERR_UNAVAILABLE)
        retry_later(chat, p);
    else
        forget(chat, p);
    free(c);
    due_polls_tick(chat);
}

/* A hash of the room's name, which would make the key longer than ID_MAX. A later room of this name
 * has other keys, since Redis remembers a key for some time. */
static void close_key(const struct chat *chat, const struct item *item, char key[ID_MAX + 1])
{
    char hex[HASH_CHARS + 1], which[ROOM_NAME_MAX + 22];
    const struct room *r = room_find(chat, item->room);
    snprintf(which, sizeof which, "%s.%" PRIu64, item->room, r == NULL ? 0 : r->life);
    hash_text(r == NULL || r->life == 0 ? item->room : which, hex);
    snprintf(key, ID_MAX + 1, "close-%" PRIu64 "-%s", item->seq, hex);
}

static enum err submit_end(struct chat *chat, struct closing *c)
{
    char key[ID_MAX + 1], body[64];
    close_key(chat, &c->item, key);
    int n = snprintf(body, sizeof body, "{\"poll\":%" PRIu64 "}", c->item.seq);
    struct event e = {.room = c->item.room,
                      .kind = EVENT_POLL_CLOSED,
                      .of = c->item.seq,
                      .key = key,
                      .body = body,
                      .body_bytes = (size_t)n};
    return chat->config->journal_ops->submit(chat->config->journal, &e, on_closed, c);
}

static void ask_to_close(struct chat *chat, struct due_poll *p)
{
    struct closing *c = malloc(sizeof *c);
    if (c != NULL)
        *c = (struct closing){chat, p->item};
    heap_remove(&chat->due_polls, &p->in_due);
    if (c != NULL && submit_end(chat, c) == OK) {
        chat->due_polls_asked++;
        return;
    }
    free(c);
    retry_later(chat, p);
}

static struct due_poll *next_due(const struct chat *chat)
{
    struct heap_link *first = heap_first(&chat->due_polls);
    bool waits = chat->draining || chat->due_polls_wait_ms > chat->now_ms ||
                 chat->due_polls_asked >= DUE_POLLS_ASKED;
    if (waits || first == NULL || first->key > chat->end_ms)
        return NULL;
    return heap_entry(first, struct due_poll, in_due);
}

void due_polls_tick(struct chat *chat)
{
    for (struct due_poll *p; (p = next_due(chat)) != NULL;)
        ask_to_close(chat, p);
}
