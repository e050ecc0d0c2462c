/* tell.c - see tell.h. */
#include "tell.h"

#include "private.h"

#include "chat/base/object.h"
#include "chat/model/bus.h"
#include "chat/model/marker.h"

#include <sodium.h>

#define BEAT_MS      3000
#define ROUND_PEOPLE 2000 /* in one tick, or one room's people if they are more */

/* --- messages ------------------------------------------------------------------------------- */

/* send() ends the message. */
static void begin(const struct chat *chat, struct bytes *b, const char *kind)
{
    object_begin(b, NULL);
    object_add_text(b, "kind", kind);
    object_add_text(b, "node", chat->config->node);
    object_add_text(b, "boot", chat->cluster->boot);
    object_add_number(b, "n", chat->cluster->told);
}

static void begin_delta(struct chat *chat, struct bytes *b, const char *kind)
{
    chat->cluster->told++;
    begin(chat, b, kind);
}

/* Without memory the message is lost: the other nodes notice a lost delta by `n`. */
static void send(const struct chat *chat, struct bytes *b)
{
    object_end(b);
    if (!b->failed && !chat->cluster->over)
        chat->config->bus_ops->tell(chat->config->bus, b->at, b->size);
    bytes_finish(b);
}

static void send_word(const struct chat *chat, const char *kind)
{
    struct bytes b = {0};
    begin(chat, &b, kind);
    send(chat, &b);
}

static void add_identity(struct bytes *b, const struct identity *i)
{
    object_add_text(b, "nick", i->nick);
    object_add_number(b, "identity", i->id);
}

/* --- changes -------------------------------------------------------------------------------- */

static void pile_person(struct pile *pile, const struct person *p, bool here)
{
    const struct identity *i = p->identity;
    struct bytes *b = &pile->text;
    if (pile->count++ == 0)
        array_begin(b, NULL);
    object_begin(b, NULL);
    object_add_text(b, "room", p->room->name);
    add_identity(b, i);
    object_add_bool(b, "here", here);
    if (here) {
        char hex[2 * TOKEN_HASH_BYTES + 1];
        sodium_bin2hex(hex, sizeof hex, i->token_hash, TOKEN_HASH_BYTES);
        object_add_text(b, "token", hex);
        object_add_bool(b, "away", i->away);
        object_add_number(b, "at", i->away_at_ms);
    }
    object_end(b);
}

/* Ends the message and empties the pile. */
static void send_pile(const struct chat *chat, struct bytes *b, struct pile *pile)
{
    if (pile->count == 0)
        array_begin(&pile->text, NULL);
    array_end(&pile->text);
    b->failed |= pile->text.failed;
    object_add_json(b, "people", pile->text.at, pile->text.size);
    bytes_finish(&pile->text);
    pile->count = 0;
    send(chat, b);
}

static void send_changes(struct chat *chat)
{
    struct bytes b = {0};
    if (chat->cluster->changes.count == 0)
        return;
    begin_delta(chat, &b, "people");
    send_pile(chat, &b, &chat->cluster->changes);
}

void tell_person(struct person *p, bool here)
{
    struct chat *chat = p->room->chat;
    if (chat->cluster == NULL)
        return;
    pile_person(&chat->cluster->changes, p, here);
    if (chat->cluster->changes.count == PILE_PEOPLE)
        send_changes(chat);
}

/* --- rounds --------------------------------------------------------------------------------- */

static void send_part(struct chat *chat, struct pile *pile, bool last)
{
    struct cluster *c = chat->cluster;
    struct bytes b = {0};
    begin(chat, &b, "all");
    object_add_number(&b, "round", c->round);
    object_add_number(&b, "part", c->part++);
    object_add_bool(&b, "last", last);
    send_pile(chat, &b, pile);
}

/* Only people that deltas have announced: the next delta announces the others. */
static unsigned pile_room(struct chat *chat, struct pile *pile, const struct room *r)
{
    unsigned n = 0;
    list_each(l, next, &r->people)
    {
        const struct person *p = list_entry(l, struct person, in_room);
        if (!p->announced_to_nodes)
            continue;
        if (pile->count == PILE_PEOPLE)
            send_part(chat, pile, false);
        pile_person(pile, p, true);
        n++;
    }
    return n;
}

/* As much of a round as one tick may send. A delta between two parts does no harm: all arrive in
 * order. */
static void send_round(struct chat *chat)
{
    struct cluster *c = chat->cluster;
    struct pile pile = {0};
    unsigned n = 0;
    if (c->at == NULL) {
        if (!c->asked)
            return;
        c->asked = false; /* a node that asks from now on needs another round */
        c->round++;
        c->part = 0;
        c->at = chat->rooms.next;
    }
    for (; c->at != &chat->rooms && n < ROUND_PEOPLE; c->at = c->at->next)
        n += pile_room(chat, &pile, list_entry(c->at, struct room, in_chat));
    bool last = c->at == &chat->rooms;
    send_part(chat, &pile, last);
    if (last)
        c->at = NULL;
}

void tell_room_gone(struct room *r)
{
    struct cluster *c = r->chat->cluster;
    if (c != NULL && c->at == &r->in_chat)
        c->at = r->in_chat.next;
}

/* --- what people do ------------------------------------------------------------------------- */

void tell_away(struct identity *i)
{
    struct bytes b = {0};
    if (i->chat->cluster == NULL)
        return;
    begin_delta(i->chat, &b, "away");
    add_identity(&b, i);
    object_add_bool(&b, "on", i->away);
    object_add_number(&b, "at", i->away_at_ms);
    send(i->chat, &b);
}

void tell_active(const struct identity *i, bool on)
{
    struct bytes b = {0};
    if (i->chat->cluster == NULL)
        return;
    begin(i->chat, &b, "active");
    add_identity(&b, i);
    object_add_bool(&b, "on", on);
    send(i->chat, &b);
}

void tell_marker(struct identity *i, const struct room *r)
{
    struct bytes b = {0};
    struct marker m = marker_of(i, r);
    if (i->chat->cluster == NULL)
        return;
    begin(i->chat, &b, "mark");
    add_identity(&b, i);
    object_add_text(&b, "room", r->name);
    object_add_number(&b, "read", m.read);
    object_add_number(&b, "backs", m.backs);
    object_add_bool(&b, "joined", m.joined);
    send(i->chat, &b);
}

void tell_typing(const struct room *r, const struct identity *i)
{
    struct bytes b = {0};
    if (r->chat->cluster == NULL)
        return;
    begin(r->chat, &b, "typing");
    object_add_text(&b, "room", r->name);
    add_identity(&b, i);
    send(r->chat, &b);
}

/* --- photos --------------------------------------------------------------------------------- */

void tell_photo(struct chat *chat, const char *word, const char *photo, unsigned first,
                unsigned end)
{
    struct bytes b = {0};
    if (chat->cluster == NULL)
        return;
    begin(chat, &b, word);
    object_add_text(&b, "photo", photo);
    object_add_number(&b, "first", first);
    object_add_number(&b, "end", end);
    send(chat, &b);
}

/* --- what this node does -------------------------------------------------------------------- */

void tell_ask(struct chat *chat, struct node *n)
{
    struct bytes b = {0};
    if (n->state != NODE_PARTIAL || n->ask_ms > chat->now_ms)
        return;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS;
    begin(chat, &b, "ask");
    object_add_text(&b, "to", n->boot);
    send(chat, &b);
}

static void beat(struct chat *chat)
{
    if (chat->cluster->beat_ms > chat->now_ms)
        return;
    chat->cluster->beat_ms = chat->now_ms + BEAT_MS;
    send_word(chat, "beat");
}

void tell_up(struct chat *chat)
{
    if (chat->cluster == NULL)
        return;
    send_word(chat, "up");
    chat->cluster->asked = true;
}

void tell_bye(struct chat *chat)
{
    if (chat->cluster == NULL)
        return;
    send_word(chat, "bye");
    chat->cluster->over = true;
}

void tell_tick(struct chat *chat)
{
    send_changes(chat);
    send_round(chat);
    beat(chat);
}
