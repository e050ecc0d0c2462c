/* heard.c - see heard.h. */
#include "heard.h"

#include "nodes.h"
#include "private.h"
#include "tell.h"

#include "chat/base/body.h"
#include "chat/base/json.h"
#include "chat/base/photo.h"
#include "chat/model/here.h"
#include "chat/model/identity.h"
#include "chat/model/marker.h"
#include "chat/model/person.h"
#include "chat/model/pull.h"
#include "chat/model/room.h"

#include <string.h>

#define HEARD_BYTES_MAX ((size_t)128 * 1024) /* PILE_PEOPLE people with the longest names */
#define MARK_AHEAD      1000 /* a mark may arrive before the events that it is about */

#define NICK_FIELDS                                                                                \
    {"nick", FIELD_STRING, true, 1, NICK_BYTES_MAX},                                               \
    {                                                                                              \
        "identity", FIELD_INT, true, 1, IDENTITY_MAX                                               \
    }

/* --- people --------------------------------------------------------------------------------- */

/* WHO_OTHER: another identity holds the nick here, and the log decides between them. */
enum who { WHO_BAD, WHO_OTHER, WHO_UNKNOWN, WHO_LIVE };

/* The person whom a message names by a nick and an identity. */
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

/* A node with sessions of the identity keeps the latest switch and tells it, so that all such nodes
 * agree in the end, whatever message was lost. Of two switches at the same time, "away" wins. */
static void hear_switch(const struct node *n, struct identity *i, bool on, uint64_t at_ms)
{
    if (at_ms > (uint64_t)(i->chat->wall_ms + EVENT_AHEAD_MS))
        return; /* no later switch would count */
    presences_set_away(&n->presences, i, on, at_ms);
    if (list_empty(&i->sessions)) {
        presences_apply_away(i);
    } else if (at_ms > i->away_at_ms || (at_ms == i->away_at_ms && on && !i->away)) {
        people_set_away(i, on, at_ms);
        tell_away(i);
    } else if (at_ms < i->away_at_ms) {
        tell_away(i);
    }
}

static void came(struct node *n, struct room *r, struct identity *i, const json_t *m)
{
    struct person *p = person_get(r, i);
    struct presence *e = p == NULL ? NULL : presence_find(&n->presences, p);
    if (p != NULL && e == NULL)
        e = presence_create(&n->presences, p);
    if (e == NULL)
        return;
    presence_named(e);
    hear_switch(n, i, field_bool(m, "away"), (uint64_t)field_int(m, "at", 0));
}

static void left(struct node *n, const struct room *r, const struct identity *i)
{
    struct person *p = person_find(r, i);
    struct presence *e = p == NULL ? NULL : presence_find(&n->presences, p);
    if (e != NULL)
        presence_end(e, true);
}

/* Without a token: hello.c gets it from the archive before anybody enters as this identity. */
static struct identity *create_identity(struct chat *chat, const json_t *m, const struct nick *nick)
{
    struct claim who = {.nick = *nick, .id = (uint64_t)field_int(m, "identity", 0)};
    return identity_create(chat, &who);
}

static void hear_person(struct chat *chat, struct node *n, const json_t *m)
{
    static const struct field fields[] = {
        {"room", FIELD_ROOM, true, 0, 0},     NICK_FIELDS,
        {"here", FIELD_BOOL, true, 0, 0},     {"away", FIELD_BOOL, false, 0, 0},
        {"at", FIELD_INT, false, 0, SEQ_MAX}, {0}};
    struct nick nick;
    struct identity *i;
    const char *bad;
    if (fields_check(fields, m, 0, &bad) != OK)
        return;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    if (r == NULL) {
        n->lacks_room = true; /* the log will bring the room; nodes_tick() then asks again */
    } else if (!field_bool(m, "here")) {
        if (who == WHO_LIVE)
            left(n, r, i);
    } else if (who == WHO_LIVE || who == WHO_UNKNOWN) {
        i = who == WHO_LIVE ? identity_ref(i) : create_identity(chat, m, &nick);
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

/* One part of a round. Only a round without a lost part ends presences that it does not name. */
static void hear_all(struct chat *chat, struct node *n, const json_t *m)
{
    uint64_t round = (uint64_t)field_int(m, "round", 0);
    unsigned part = (unsigned)field_int(m, "part", 0);
    if (n->state == NODE_WHOLE)
        return;
    if (part == 0) {
        n->round = round;
        n->presences.sweep++;
    } else if (part != n->part || round != n->round) {
        n->part = 0;
        return;
    }
    n->part = part + 1;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS;
    hear_people(chat, n, m);
    if (field_bool(m, "last"))
        node_whole(n);
}

/* --- what people do ------------------------------------------------------------------------- */

static void hear_away(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    if (find_who(chat, m, &nick, &i) == WHO_LIVE)
        hear_switch(n, i, field_bool(m, "on"), (uint64_t)field_int(m, "at", 0));
}

static void hear_active(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    (void)n;
    if (find_who(chat, m, &nick, &i) == WHO_LIVE)
        identity_tell_active(i, NULL, field_bool(m, "on"));
}

/* A node that does not know that the marker was set back hears it again. */
static void adopt_marker(struct identity *i, struct marker *heard)
{
    const struct marker before = marker_of(i, heard->room);
    const uint64_t told = heard->backs;
    bool later = marker_is_later(heard, &before);
    if (!later) {
        heard->read = before.read;
        heard->backs = before.backs;
    }
    heard->level = before.level;
    if (marker_set(i, heard) && later)
        marker_signal(i, NULL, heard, heard->read < before.read);
    else if (before.backs > told && !list_empty(&i->sessions))
        tell_marker(i, heard->room);
}

/* The identity's sessions here see the marker, and the archive keeps it for the next hello. */
static void hear_mark(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    struct marker heard = {r, (uint64_t)field_int(m, "read", 0), (uint64_t)field_int(m, "backs", 0),
                           field_bool(m, "joined")};
    (void)n;
    if (r == NULL || who == WHO_BAD)
        return;
    if (heard.read > r->last + MARK_AHEAD)
        heard.read = r->last; /* or all that the room will ever have would be read */
    if (who != WHO_LIVE) {
        marker_keep(chat, (uint64_t)field_int(m, "identity", 0), &heard);
        return;
    }
    adopt_marker(i, &heard);
}

static void hear_typing(struct chat *chat, struct node *n, const json_t *m)
{
    struct nick nick;
    struct identity *i;
    struct room *r = room_find(chat, field_string(m, "room"));
    enum who who = find_who(chat, m, &nick, &i);
    (void)n;
    if (r != NULL && (who == WHO_LIVE || who == WHO_UNKNOWN))
        here_tell_typing(r, nick.text, who == WHO_LIVE ? i : NULL);
}

/* --- photos --------------------------------------------------------------------------------- */

static void hear_want(struct chat *chat, struct node *n, const json_t *m)
{
    const struct pull_ops *ops = chat->config->pull_ops;
    const char *photo = field_string(m, "photo");
    if (ops != NULL && photo_name_ok(photo))
        ops->wanted(chat->config->pull, photo, n->boot);
}

static void hear_give(struct chat *chat, struct node *n, const json_t *m)
{
    const struct pull_ops *ops = chat->config->pull_ops;
    const char *photo = field_string(m, "photo");
    (void)n;
    if (ops != NULL && photo_name_ok(photo))
        ops->given(chat->config->pull, photo, (unsigned)field_int(m, "first", 0),
                   (unsigned)field_int(m, "end", 0));
}

static void hear_taken(struct chat *chat, struct node *n, const json_t *m)
{
    const struct pull_ops *ops = chat->config->pull_ops;
    const char *photo = field_string(m, "photo");
    if (ops != NULL && photo_name_ok(photo))
        ops->taken(chat->config->pull, photo, n->boot, (unsigned)field_int(m, "end", 0));
}

/* --- what nodes do -------------------------------------------------------------------------- */

static void hear_beat(struct chat *chat, struct node *n, const json_t *m)
{
    (void)chat, (void)n, (void)m; /* hear() has noted that the node is alive, and its `n` */
}

static void hear_up(struct chat *chat, struct node *n, const json_t *m)
{
    (void)m;
    n->ask_ms = chat->now_ms + ASK_AGAIN_MS; /* it will send a round without being asked */
    chat->cluster->asked = true;
}

static void hear_ask(struct chat *chat, struct node *n, const json_t *m)
{
    (void)n;
    if (strcmp(field_string(m, "to"), chat->cluster->boot) == 0)
        chat->cluster->asked = true;
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
    { "n", FIELD_INT, true, 0, SEQ_MAX }, {0} };
static const struct field no_fields[] = { {0} };
static const struct field ask_fields[] = { { "to", FIELD_STRING, true, 1, NODE_NAME_MAX }, {0} };
static const struct field all_fields[] = {
    { "round", FIELD_INT, true, 0, SEQ_MAX }, { "part", FIELD_INT, true, 0, INT32_MAX },
    { "last", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field switch_fields[] = {
    NICK_FIELDS, { "on", FIELD_BOOL, true, 0, 0 }, { "at", FIELD_INT, true, 0, SEQ_MAX }, {0} };
static const struct field active_fields[] = { NICK_FIELDS, { "on", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field mark_fields[] = {
    NICK_FIELDS, { "room", FIELD_ROOM, true, 0, 0 }, { "read", FIELD_INT, true, 0, SEQ_MAX },
    { "backs", FIELD_INT, false, 0, SEQ_MAX }, { "joined", FIELD_BOOL, true, 0, 0 }, {0} };
static const struct field typing_fields[] = { NICK_FIELDS, { "room", FIELD_ROOM, true, 0, 0 }, {0} };
static const struct field photo_fields[] = {
    { "photo", FIELD_STRING, true, PHOTO_NAME_CHARS, PHOTO_NAME_CHARS },
    { "first", FIELD_INT, true, 0, INT32_MAX }, { "end", FIELD_INT, true, 0, INT32_MAX }, {0} };

static const struct kind kinds[] = {
    /* name      delta  people  hear         fields */
    { "beat",    false, false,  hear_beat,   no_fields },
    { "people",  true,  true,   hear_people, no_fields },
    { "typing",  false, false,  hear_typing, typing_fields },
    { "mark",    false, false,  hear_mark,   mark_fields },
    { "away",    true,  false,  hear_away,   switch_fields },
    { "active",  false, false,  hear_active, active_fields },
    { "all",     false, true,   hear_all,    all_fields },
    { "ask",     false, false,  hear_ask,    ask_fields },
    { "up",      false, false,  hear_up,     no_fields },
    { "bye",     false, false,  hear_bye,    no_fields },
    { "want",    false, false,  hear_want,   photo_fields },
    { "give",    false, false,  hear_give,   photo_fields },
    { "taken",   false, false,  hear_taken,  photo_fields },
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
    const json_t *people = json_object_get(m, "people");
    return fields_check(kind->fields, m, 0, &bad) == OK &&
           (!kind->has_people || (json_is_array(people) && json_array_size(people) <= PILE_PEOPLE));
}

static void hear(struct chat *chat, const json_t *m)
{
    const char *bad;
    if (fields_check(envelope_fields, m, 0, &bad) != OK ||
        strcmp(field_string(m, "boot"), chat->cluster->boot) == 0) /* this node's own message */
        return;
    const struct kind *kind = find_kind(field_string(m, "kind"));
    if (kind == NULL || !is_good(kind, m))
        return;
    struct node *n = node_speaks(chat, field_string(m, "node"), field_string(m, "boot"));
    if (n == NULL)
        return;
    if (node_counts(n, (uint64_t)field_int(m, "n", 0), kind->is_delta))
        kind->hear(chat, n, m);
    tell_ask(chat, n);
}

void heard_message(struct chat *chat, const char *text, size_t n)
{
    if (chat->cluster == NULL || n > HEARD_BYTES_MAX)
        return;
    json_t *m = json_parse_object(text, n);
    if (m != NULL)
        hear(chat, m);
    json_decref(m);
}
