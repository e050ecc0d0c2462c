/* due_poll.c - see due_poll.h. */
#include "due_poll.h"
#include "journal.h"

#include "chat/base/json.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 1000 /* until a failed submit is tried again */

struct due_poll {
    struct list in_chat;
    char room[ROOM_NAME_MAX + 1];
    uint64_t seq;
    int64_t closes_ms;
    uint64_t ask_ms; /* monotonic: no submit before this */
    bool asked;      /* a submit is under way */
};

static struct due_poll *find(const struct chat *chat, const char *room, uint64_t seq)
{
    list_each(l, next, &chat->due_polls)
    {
        struct due_poll *p = list_entry(l, struct due_poll, in_chat);
        if (p->seq == seq && strcmp(p->room, room) == 0)
            return p;
    }
    return NULL;
}

static void forget(struct due_poll *p)
{
    if (p == NULL)
        return;
    list_remove(&p->in_chat);
    free(p);
}

enum err due_poll_add(struct chat *chat, const char *room, uint64_t seq, int64_t closes_ms)
{
    struct due_poll *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_UNAVAILABLE;
    strncpy(p->room, room, sizeof p->room - 1);
    p->seq = seq;
    p->closes_ms = closes_ms;
    list_add(&chat->due_polls, &p->in_chat);
    return OK;
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
        forget(find(chat, e->room, e->of));
    }
}

void due_polls_forget(struct chat *chat)
{
    list_each(l, next, &chat->due_polls) forget(list_entry(l, struct due_poll, in_chat));
}

/* --- closing -------------------------------------------------------------------------------- */

/* A submit under way: the poll may be gone when `done` comes. */
struct closing {
    struct chat *chat;
    uint64_t seq;
    char room[ROOM_NAME_MAX + 1];
};

static void on_closed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct closing *c = arg;
    struct due_poll *p = find(c->chat, c->room, c->seq);
    (void)seq, (void)at_ms;
    if (p != NULL && err == ERR_UNAVAILABLE) {
        p->asked = false;
        p->ask_ms = c->chat->now_ms + AGAIN_MS;
    } else {
        forget(p);
    }
    free(c);
}

/* A hash of the room's name, which would make the key longer than ID_MAX. */
static void close_key(const struct due_poll *p, char key[ID_MAX + 1])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)p->room, strlen(p->room), NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(key, ID_MAX + 1, "close-%" PRIu64 "-%s", p->seq, hex);
}

static void ask_to_close(struct chat *chat, struct due_poll *p)
{
    char key[ID_MAX + 1], body[64];
    struct closing *c = calloc(1, sizeof *c);
    if (c == NULL)
        return;
    *c = (struct closing){.chat = chat, .seq = p->seq};
    strcpy(c->room, p->room);
    close_key(p, key);
    int n = snprintf(body, sizeof body, "{\"poll\":%" PRIu64 "}", p->seq);
    struct event e = {.room = p->room,
                      .kind = EVENT_POLL_CLOSED,
                      .of = p->seq,
                      .key = key,
                      .body = body,
                      .body_bytes = (size_t)n};
    p->asked = true;
    if (chat->config->journal_ops->submit(chat->config->journal, &e, on_closed, c) != OK)
        on_closed(c, ERR_UNAVAILABLE, 0, 0);
}

void due_polls_tick(struct chat *chat)
{
    list_each(l, next, &chat->due_polls)
    {
        struct due_poll *p = list_entry(l, struct due_poll, in_chat);
        if (!p->asked && p->closes_ms <= chat->wall_ms && p->ask_ms <= chat->now_ms)
            ask_to_close(chat, p);
    }
}
