/* peers.c - what this node tells the others, and when: see peers.h. */
#include "peers.h"

#include "chat/model/identity.h"
#include "chat/model/session.h"

#include <sodium.h>
#include <stdlib.h>

#define BEAT_MS      3000
#define DEAD_MS      12000 /* four beats: whoever is not heard of so long has no people */
#define PILE_PEOPLE  200   /* in one message: some tens of kilobytes */
#define ROUND_PEOPLE 2000  /* told in one tick, or one room's if these are more */

/* --- messages ------------------------------------------------------------------------------- */

/* The end is tell(). */
static void begin(const struct chat *chat, struct bytes *b, const char *kind)
{
    bytes_add_text(b, "{\"kind\":\"");
    bytes_add_text(b, kind);
    bytes_add(b, "\"", 1);
    session_add_text(b, "node", chat->config->node);
    session_add_text(b, "boot", chat->peers->boot);
    session_add_number(b, "n", chat->peers->told);
}

static void begin_delta(struct chat *chat, struct bytes *b, const char *kind)
{
    chat->peers->told++;
    begin(chat, b, kind);
}

/* Without memory nothing is told: the count shows it. */
static void tell(const struct chat *chat, struct bytes *b)
{
    bytes_add(b, "}", 1);
    if (!b->failed && !chat->peers->over)
        chat->config->bus_ops->tell(chat->config->bus, b->at, b->size);
    bytes_finish(b);
}

static void tell_word(const struct chat *chat, const char *kind)
{
    struct bytes b = {0};
    begin(chat, &b, kind);
    tell(chat, &b);
}

static void add_identity(struct bytes *b, const struct identity *i)
{
    session_add_text(b, "nick", i->nick);
    session_add_number(b, "identity", i->id);
}

/* --- who is here ---------------------------------------------------------------------------- */

static void pile_person(struct pile *pile, const struct person *p, bool here)
{
    const struct identity *i = p->identity;
    struct bytes *b = &pile->text;
    bytes_add_text(b, pile->count++ > 0 ? ",{\"room\":" : "{\"room\":");
    bytes_add_json(b, p->room->name);
    add_identity(b, i);
    session_add_bool(b, "here", here);
    if (here) {
        char hex[2 * TOKEN_HASH_BYTES + 1];
        sodium_bin2hex(hex, sizeof hex, i->token_hash, TOKEN_HASH_BYTES);
        session_add_text(b, "token", hex);
        session_add_bool(b, "away", i->away);
        session_add_number(b, "at", i->away_at_ms);
    }
    bytes_add(b, "}", 1);
}

/* Ends the message and empties the pile. */
static void tell_pile(const struct chat *chat, struct bytes *b, struct pile *pile)
{
    bytes_add_text(b, ",\"people\":[");
    bytes_add(b, pile->text.at, pile->text.size);
    bytes_add(b, "]", 1);
    b->failed |= pile->text.failed;
    bytes_finish(&pile->text);
    pile->count = 0;
    tell(chat, b);
}

static void tell_changes(struct chat *chat)
{
    struct bytes b = {0};
    if (chat->peers->changes.count == 0)
        return;
    begin_delta(chat, &b, "people");
    tell_pile(chat, &b, &chat->peers->changes);
}

void peers_person(struct person *p, bool here)
{
    struct chat *chat = p->room->chat;
    if (chat->peers == NULL)
        return;
    pile_person(&chat->peers->changes, p, here);
    if (chat->peers->changes.count == PILE_PEOPLE)
        tell_changes(chat);
}

/* --- everybody who is here ------------------------------------------------------------------ */

static void tell_part(struct chat *chat, struct pile *pile, bool last)
{
    struct peers *peers = chat->peers;
    struct bytes b = {0};
    begin(chat, &b, "all");
    session_add_number(&b, "round", peers->round);
    session_add_number(&b, "part", peers->part++);
    session_add_bool(&b, "last", last);
    tell_pile(chat, &b, pile);
}

/* Those whom deltas have told: who is new or gone is told by the next one. */
static unsigned tell_people(struct chat *chat, struct pile *pile, const struct room *r)
{
    unsigned n = 0;
    list_each(l, next, &r->people)
    {
        const struct person *p = list_entry(l, struct person, in_room);
        if (!p->told_peers)
            continue;
        if (pile->count == PILE_PEOPLE)
            tell_part(chat, pile, false);
        pile_person(pile, p, true);
        n++;
    }
    return n;
}

/* As much as one tick may tell. Changes told between two parts are true as well, in their order. */
static void tell_round(struct chat *chat)
{
    struct peers *peers = chat->peers;
    struct pile pile = {0};
    unsigned n = 0;
    if (peers->at == NULL) {
        if (!peers->asked)
            return;
        peers->asked = false; /* whoever asks from now on needs another round */
        peers->round++;
        peers->part = 0;
        peers->at = chat->rooms.next;
    }
    for (; peers->at != &chat->rooms && n < ROUND_PEOPLE; peers->at = peers->at->next)
        n += tell_people(chat, &pile, list_entry(peers->at, struct room, in_chat));
    bool last = peers->at == &chat->rooms;
    tell_part(chat, &pile, last);
    if (last)
        peers->at = NULL;
}

/* --- what people do ------------------------------------------------------------------------- */

void peers_away(struct identity *i)
{
    struct bytes b = {0};
    if (i->chat->peers == NULL)
        return;
    begin_delta(i->chat, &b, "away");
    add_identity(&b, i);
    session_add_bool(&b, "on", i->away);
    session_add_number(&b, "at", i->away_at_ms);
    tell(i->chat, &b);
}

void peers_mark(struct identity *i, const struct room *r)
{
    struct bytes b = {0};
    struct marker m = identity_marker(i, r);
    if (i->chat->peers == NULL)
        return;
    begin(i->chat, &b, "mark");
    add_identity(&b, i);
    session_add_text(&b, "room", r->name);
    session_add_number(&b, "read", m.read);
    session_add_bool(&b, "joined", m.joined);
    tell(i->chat, &b);
}

void peers_typing(const struct room *r, const struct identity *i)
{
    struct bytes b = {0};
    if (r->chat->peers == NULL)
        return;
    begin(r->chat, &b, "typing");
    session_add_text(&b, "room", r->name);
    add_identity(&b, i);
    tell(r->chat, &b);
}

/* --- time ----------------------------------------------------------------------------------- */

void peers_ask(struct chat *chat, struct node *n)
{
    struct bytes b = {0};
    if (n->state != NODE_PARTIAL || n->ask_ms > chat->now_ms)
        return;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS;
    begin(chat, &b, "ask");
    session_add_text(&b, "to", n->boot);
    tell(chat, &b);
}

static void beat(struct chat *chat)
{
    if (chat->peers->beat_ms > chat->now_ms)
        return;
    chat->peers->beat_ms = chat->now_ms + BEAT_MS;
    tell_word(chat, "beat");
}

void peers_tick(struct chat *chat)
{
    if (chat->peers == NULL)
        return;
    tell_changes(chat);
    tell_round(chat);
    beat(chat);
    list_each(l, next, &chat->peers->nodes)
    {
        struct node *n = list_entry(l, struct node, in_peers);
        if (n->heard_ms + DEAD_MS <= chat->now_ms)
            node_destroy(&n);
        else
            peers_ask(chat, n);
    }
}

void chat_bus_up(struct chat *chat)
{
    if (chat->peers == NULL)
        return;
    tell_word(chat, "up");
    chat->peers->asked = true;
}

void peers_bye(struct chat *chat)
{
    if (chat->peers == NULL)
        return;
    tell_word(chat, "bye");
    chat->peers->over = true;
}

void peers_new_room(struct chat *chat)
{
    if (chat->peers == NULL)
        return;
    list_each(l, next, &chat->peers->nodes)
    {
        struct node *n = list_entry(l, struct node, in_peers);
        if (n->lacks_room)
            node_missed(n);
    }
}

size_t peers_alive(const struct chat *chat)
{
    size_t alive = 0;
    if (chat->peers != NULL)
        list_each(l, next, &chat->peers->nodes) alive +=
            list_entry(l, struct node, in_peers)->state != NODE_SILENT;
    return alive;
}

/* --- begin and end -------------------------------------------------------------------------- */

bool peers_create(struct chat *chat)
{
    unsigned char random[BOOT_TEXT_BYTES / 2];
    if (chat->config->bus_ops == NULL)
        return true;
    chat->peers = calloc(1, sizeof *chat->peers);
    if (chat->peers == NULL)
        return false;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(chat->peers->boot, sizeof chat->peers->boot, random, sizeof random);
    list_init(&chat->peers->nodes);
    return true;
}

void peers_destroy(struct chat *chat)
{
    if (chat->peers == NULL)
        return;
    list_each(l, next, &chat->peers->nodes)
    {
        struct node *n = list_entry(l, struct node, in_peers);
        node_destroy(&n);
    }
    bytes_finish(&chat->peers->changes.text);
    free(chat->peers);
    chat->peers = NULL;
}
