/* heard.c - what other nodes say: each message is checked, and what it says of people is kept until
 * its node says otherwise or falls silent. See peers.h. */
#include "chat/model/identity.h"
#include "peers.h"
#include "chat/model/room.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEARD_BYTES_MAX ((size_t)1024 * 1024)
#define NUMBER_MAX      (((int64_t)1 << 53) - 1)
#define IDENTITY_MAX    (((int64_t)1 << 62) - 1) /* as cmd_hello.c makes them */

#define NICK_FIELDS                                                                                \
    {"nick", FIELD_STRING, true, 1, NICK_BYTES_MAX},                                               \
    {                                                                                              \
        "identity", FIELD_INT, true, 1, IDENTITY_MAX                                               \
    }

/* --- people --------------------------------------------------------------------------------- */

/* WHO_OTHER: the nick is somebody else's here, and the log decides between them. */
enum who { WHO_BAD, WHO_OTHER, WHO_UNKNOWN, WHO_LIVE };

/* Whom a message names by a nick and an identity. */
static enum who find_who(struct chat *chat, const json_t *m, struct nick *nick,
                         struct identity **out)
{
    *out = NULL;
    if (nick_parse(chat->nicks, field_string(m, "nick"), nick) != OK)
        return WHO_BAD;
    *out = identity_find(chat, nick->skeleton);
    if (*out == NULL)
        return WHO_UNKNOWN;
    return (*out)->id == (uint64_t)field_int(m, "identity", 0) ? WHO_LIVE : WHO_OTHER;
}

/* Where she has sessions the latest switch is kept, and told: so all nodes where she is come to say
 * the same, whatever was lost. Of two at the same moment it is "away". */
static void hear_switch(const struct node *n, struct identity *i, bool on, uint64_t at_ms)
{
    presences_switch(n, i, on, at_ms);
    if (list_empty(&i->sessions)) {
        people_switch(i);
    } else if (at_ms > i->away_at_ms || (at_ms == i->away_at_ms && on && !i->away)) {
        people_away(i, on, at_ms);
        peers_away(i);
    } else if (at_ms < i->away_at_ms) {
        peers_away(i);
    }
}

static void came(struct node *n, struct room *r, struct identity *i, const json_t *m)
{
    struct person *p = person_get(r, i);
    struct presence *e = p == NULL ? NULL : presence_find(n, p);
    if (p != NULL && e == NULL)
        e = presence_create(n, p);
    if (e == NULL)
        return;
    e->sweep = n->sweep;
    hear_switch(n, i, field_bool(m, "away"), (uint64_t)field_int(m, "at", 0));
}

static void left(struct node *n, const struct room *r, const struct identity *i)
{
    struct person *p = person_find(r, i);
    struct presence *e = p == NULL ? NULL : presence_find(n, p);
    if (e != NULL)
        presence_end(e, true);
}

static struct identity *get_identity(struct chat *chat, const json_t *m, const struct nick *nick)
{
    struct claim who = {.nick = *nick, .id = (uint64_t)field_int(m, "identity", 0)};
    const char *hex = field_string(m, "token");
    if (hex == NULL || sodium_hex2bin(who.token_hash, sizeof who.token_hash, hex, strlen(hex), NULL,
                                      NULL, NULL) != 0)
        return NULL;
    return identity_create(chat, &who);
}

static void hear_person(struct chat *chat, struct node *n, const json_t *m)
{
    static const struct field fields[] = {{"room", FIELD_ROOM, true, 0, 0},
                                          NICK_FIELDS,
                                          {"here", FIELD_BOOL, true, 0, 0},
                                          {"token", FIELD_STRING, false, 64, 64},
                                          {"away", FIELD_BOOL, false, 0, 0},
                                          {"at", FIELD_INT, false, 0, NUMBER_MAX},
                                          {0}};
    struct nick nick;
    struct identity *i;
    const char *bad;
    if (fields_check(fields, m, 0, &bad) != OK)
        return;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    if (r == NULL) {
        n->lacks_room = true; /* the log will bring it, and then she is asked for again */
    } else if (!field_bool(m, "here")) {
        if (who == WHO_LIVE)
            left(n, r, i);
    } else if (who == WHO_LIVE || who == WHO_UNKNOWN) {
        i = who == WHO_LIVE ? identity_ref(i) : get_identity(chat, m, &nick);
        if (i != NULL)
            came(n, r, i, m);
        identity_unref(&i);
    }
}

static void hear_people(struct chat *chat, struct node *n, const json_t *m)
{
    size_t k;
    json_t *person;
    json_array_foreach(json_object_get(m, "people"), k, person) hear_person(chat, n, person);
}

/* A part of everybody. Only if none was lost is somebody whom they do not name not there. */
static void hear_all(struct chat *chat, struct node *n, const json_t *m)
{
    uint64_t round = (uint64_t)field_int(m, "round", 0);
    unsigned part = (unsigned)field_int(m, "part", 0);
    if (n->state == NODE_WHOLE)
        return;
    if (part == 0) {
        n->round = round;
        n->sweep++;
    } else if (part != n->part || round != n->round) {
        n->part = 0;
        return;
    }
    n->part = part + 1;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS;
    hear_people(chat, n, m);
    if (field_bool(m, "last")) {
        node_sweep(n);
        n->part = 0;
        n->state = NODE_WHOLE;
    }
}

/* --- what they do --------------------------------------------------------------------------- */

static void hear_away(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    if (find_who(chat, m, &nick, &i) == WHO_LIVE)
        hear_switch(n, i, field_bool(m, "on"), (uint64_t)field_int(m, "at", 0));
}

/* Her sessions here see it, and the archive keeps it for a hello to come. */
static void hear_mark(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    struct marker heard = {r, (uint64_t)field_int(m, "read", 0), field_bool(m, "joined")};
    (void)n;
    if (r == NULL || who == WHO_BAD)
        return;
    if (who != WHO_LIVE) {
        archive_mark(chat, (uint64_t)field_int(m, "identity", 0), &heard);
        return;
    }
    uint64_t before = identity_marker(i, r).read;
    if (heard.read < before)
        heard.read = before;
    if (identity_mark(i, &heard) && heard.read > before)
        identity_tell_read(i, NULL, r->name, heard.read);
}

static void hear_typing(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    (void)n;
    if (r != NULL && (who == WHO_LIVE || who == WHO_UNKNOWN))
        room_tell_typing(r, nick.text, who == WHO_LIVE ? i : NULL);
}

/* --- what they are -------------------------------------------------------------------------- */

static void hear_beat(struct chat *chat, struct node *n, const json_t *m)
{
    (void)chat, (void)n, (void)m; /* it is alive, and how much it has told has been counted */
}

static void hear_up(struct chat *chat, struct node *n, const json_t *m)
{
    (void)m;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS; /* it is going to say it unasked */
    chat->peers->asked = true;
}

static void hear_ask(struct chat *chat, struct node *n, const json_t *m)
{
    (void)n;
    if (strcmp(field_string(m, "to"), chat->peers->boot) == 0)
        chat->peers->asked = true;
}

static void hear_bye(struct chat *chat, struct node *n, const json_t *m)
{
    (void)chat, (void)m;
    node_silent(n, false);
}

/* --- the way in ----------------------------------------------------------------------------- */

typedef void hear_kind(struct chat *chat, struct node *n, const json_t *m);

struct kind {
    const char *name;
    bool is_delta;
    bool has_people;
    hear_kind *hear;
    const struct field *fields;
};

/* clang-format off */
static const struct field envelope_fields[] = {
    { "kind", FIELD_ID, true, 0, 0 }, { "node", FIELD_STRING, true, 1, NODE_NAME_MAX },
    { "boot", FIELD_STRING, true, BOOT_TEXT_BYTES, BOOT_TEXT_BYTES },
    { "n", FIELD_INT, true, 0, NUMBER_MAX }, {0} };
static const struct field no_fields[] = { {0} };
static const struct field ask_fields[] = { { "to", FIELD_STRING, true, 1, NODE_NAME_MAX }, {0} };
static const struct field all_fields[] = {
    { "round", FIELD_INT, true, 0, NUMBER_MAX }, { "part", FIELD_INT, true, 0, INT32_MAX },
    { "last", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field switch_fields[] = {
    NICK_FIELDS, { "on", FIELD_BOOL, true, 0, 0 }, { "at", FIELD_INT, true, 0, NUMBER_MAX }, {0} };
static const struct field mark_fields[] = {
    NICK_FIELDS, { "room", FIELD_ROOM, true, 0, 0 }, { "read", FIELD_INT, true, 0, NUMBER_MAX },
    { "joined", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field typing_fields[] = { NICK_FIELDS, { "room", FIELD_ROOM, true, 0, 0 }, {0} };

static const struct kind kinds[] = {
    /* name      delta  people  hear         fields */
    { "beat",    false, false,  hear_beat,   no_fields },
    { "people",  true,  true,   hear_people, no_fields },
    { "typing",  false, false,  hear_typing, typing_fields },
    { "mark",    false, false,  hear_mark,   mark_fields },
    { "away",    true,  false,  hear_away,   switch_fields },
    { "all",     false, true,   hear_all,    all_fields },
    { "ask",     false, false,  hear_ask,    ask_fields },
    { "up",      false, false,  hear_up,     no_fields },
    { "bye",     false, false,  hear_bye,    no_fields },
};
/* clang-format on */

static const struct kind *find_kind(const char *name)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kinds[k].name, name) == 0)
            return &kinds[k];
    return NULL;
}

static bool is_good(const struct kind *kind, const json_t *m)
{
    const char *bad;
    return fields_check(kind->fields, m, 0, &bad) == OK &&
           (!kind->has_people || json_is_array(json_object_get(m, "people")));
}

static void hear(struct chat *chat, const json_t *m)
{
    const char *bad;
    if (fields_check(envelope_fields, m, 0, &bad) != OK ||
        strcmp(field_string(m, "boot"), chat->peers->boot) == 0) /* our own, come back */
        return;
    const struct kind *kind = find_kind(field_string(m, "kind"));
    if (kind == NULL || !is_good(kind, m))
        return;
    struct node *n = node_speaks(chat, field_string(m, "node"), field_string(m, "boot"));
    if (n == NULL)
        return;
    if (node_counts(n, (uint64_t)field_int(m, "n", 0), kind->is_delta))
        kind->hear(chat, n, m);
    peers_ask(chat, n);
}

void chat_heard(struct chat *chat, const char *text, size_t n)
{
    if (chat->peers == NULL || n > HEARD_BYTES_MAX)
        return;
    json_t *m = json_parse_object(text, n);
    if (m != NULL)
        hear(chat, m);
    json_decref(m);
}
