/* body.c - see body.h. */
#include "body.h"

#include "json.h"
#include "level.h"
#include "limits.h"
#include "mention.h"
#include "nick.h"
#include "photo.h"
#include "plain.h"
#include "role.h"
#include "token.h"

#include <string.h>

#define DIGEST_HEX 64

/* --- the body of each kind ------------------------------------------------------------------ */

struct body {
    const struct field *fields;
    /* What a table cannot say. NULL: nothing. */
    bool (*fits)(const struct event *e, const json_t *body);
};

static bool is_hex(const char *text)
{
    return text != NULL && text[strspn(text, "0123456789abcdef")] == '\0';
}

static bool nicks_fit(const json_t *nicks)
{
    const json_t *nick;
    size_t i;
    bool fit = json_is_array(nicks) && json_array_size(nicks) <= MENTIONS_MAX;
    json_array_foreach(nicks, i, nick) fit &=
        json_string_length(nick) >= 1 && json_string_length(nick) <= NICK_BYTES_MAX;
    return fit;
}

static bool identities_fit(const json_t *identities, size_t n)
{
    const json_t *one;
    size_t i;
    bool fit = json_is_array(identities) && json_array_size(identities) == n;
    json_array_foreach(identities, i, one) fit &=
        json_integer_value(one) >= 1 && json_integer_value(one) <= IDENTITY_MAX;
    return fit;
}

bool body_mention_fits(const json_t *body)
{
    const json_t *nicks = json_object_get(body, "mentions"),
                 *room = json_object_get(body, "mentions_room"),
                 *identities = json_object_get(body, "mentioned");
    if (nicks == NULL || identities == NULL)
        return nicks == identities && room == NULL;
    return nicks_fit(nicks) && identities_fit(identities, json_array_size(nicks)) &&
           (room == NULL || json_is_true(room));
}

/* The item that a change names to members is the one that it changes. */
static bool change_fits(const struct event *e, const json_t *body)
{
    return (uint64_t)field_int(body, "of", 0) == e->of;
}

static bool edit_fits(const struct event *e, const json_t *body)
{
    return change_fits(e, body) && body_mention_fits(body);
}

/* A deleted poll has lost its words. */
static bool poll_fits(const struct event *e, const json_t *body)
{
    size_t options = json_array_size(json_object_get(body, "options"));
    bool deleted = options == 0 && field_string(body, "question")[0] == '\0';
    (void)e;
    return deleted || (options >= 2 && (size_t)field_int(body, "max", 0) <= options);
}

/* A judged vote or end goes to members as it is. */
static bool tally_fits(const struct event *e, const json_t *body)
{
    bool judged = json_object_get(body, "voters") != NULL;
    bool names = json_object_get(body, "poll") != NULL;
    const char *digest = field_string(body, "digest");
    return names >= judged && (!names || (uint64_t)field_int(body, "poll", 0) == e->of) &&
           (digest == NULL || is_hex(digest));
}

static bool vote_fits(const struct event *e, const json_t *body)
{
    bool judged = json_object_get(body, "voters") != NULL;
    return (judged || json_object_get(body, "choices") != NULL) && tally_fits(e, body);
}

static bool identity_fits(const struct event *e, const json_t *body)
{
    (void)e;
    return is_hex(field_string(body, "token"));
}

static bool photo_fits(const struct event *e, const json_t *body)
{
    struct photo photo;
    (void)e;
    return photo_read(body, &photo);
}

static bool message_fits(const struct event *e, const json_t *body)
{
    const json_t *photos = json_object_get(body, "photos");
    bool fit = body_mention_fits(body);
    for (size_t i = 0; i < json_array_size(photos); i++)
        fit &= photo_fits(e, json_array_get(photos, i));
    return fit;
}

static bool room_fits(const struct event *e, const json_t *body)
{
    const char *post = field_string(body, "post");
    (void)e;
    return strcmp(post, role_name(role_of(post))) == 0;
}

static bool setting_fits(const struct event *e, const json_t *body)
{
    enum level level;
    (void)e;
    return json_object_get(body, "room") == NULL ? json_object_get(body, "until") != NULL
                                                 : level_read(field_string(body, "level"), &level);
}

/* The server's log names the room. */
static bool rule_fits(const struct event *e, const json_t *body)
{
    return strcmp(e->room, SERVER_LOG) != 0 || json_object_get(body, "room") != NULL;
}

/* The words of the bodies in kinds.h. */
/* clang-format off */
#define NICK_OF(name, required) { name,   FIELD_STRING, required, 1, NICK_BYTES_MAX }
#define FROM                    { "from", FIELD_STRING, true,     0, NICK_BYTES_MAX } /* "": the operator */
#define KEY                     { "key",  FIELD_ID,     false,    0, 0 }
#define OF                      { "of",   FIELD_INT,    true,     1, SEQ_MAX }
#define TEXT                    { "text", FIELD_STRING, true,     0, TEXT_BYTES_MAX } /* "": deleted */
#define LINE(name, required)    { name,   FIELD_STRING, required, 0, BODY_LINE_MAX }
#define COUNT(name, required)   { name,   FIELD_INT,    required, 0, SEQ_MAX }
#define TALLY \
    { "poll", FIELD_INT, false, 1, SEQ_MAX }, COUNT("voters", false), \
    { "counts", FIELD_NUMBERS, false, 0, SEQ_MAX }
#define ACT \
    NICK_OF("nick", true), { "room", FIELD_ROOM, false, 0, 0 }, LINE("reason", false), \
    NICK_OF("by", false), KEY
#define PHOTO_FIELDS \
    { "photo", FIELD_STRING, true, PHOTO_NAME_CHARS, PHOTO_NAME_CHARS }, \
    { "width", FIELD_INT, true, 1, PHOTO_SIDE_MAX }, { "height", FIELD_INT, true, 1, PHOTO_SIDE_MAX }, \
    { "mime", FIELD_STRING, true, 1, PHOTO_MIME_MAX }, { "bytes", FIELD_INT, true, 1, SEQ_MAX }, \
    { "preview", FIELD_STRING_OR_NULL, true, 1, PHOTO_PREVIEW_MAX }
#define SECONDS { "seconds", FIELD_INT, true, 0, BAN_SECONDS_MAX }

#define FIELDS(...) (const struct field[]){ __VA_ARGS__, {0} }

static const struct body bodies[EVENT_KIND_MAX + 1] = {
#define ROW(name, number, ...) [number] = BODY_##name,
    EVENT_KINDS(ROW)
#undef ROW
};
/* clang-format on */

/* --- members that a body must not bring ----------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* event_write() adds these, and the folds of the features (store/feature.h) ITEM_MEMBERS. */
static bool is_added(const struct event *e, const char *name)
{
    static const char *const always[] = {"type", "room", "seq", "at", NULL};
    static const char *const items[] = {ITEM_MEMBERS, NULL};
    return is_one_of(name, always) ||
           (event_traits(e->kind)->class == CLASS_ITEM && is_one_of(name, items));
}

static bool is_field(const struct event *e, const char *name)
{
    const struct field *f = bodies[e->kind].fields;
    bool in_room = strcmp(e->room, SERVER_LOG) != 0;
    while (f->name != NULL && strcmp(f->name, name) != 0)
        f++;
    return f->name != NULL && !(in_room && f->type == FIELD_ROOM);
}

static enum event_fault check_members(const struct event *e, json_t *body)
{
    const char *name;
    json_t *value;
    json_object_foreach(body, name, value)
    {
        if (!is_field(e, name) && is_added(e, name))
            return FAULT_MEMBER;
    }
    return FAULT_NONE;
}

/* --- numbers and key ------------------------------------------------------------------------ */

static bool log_fits(const struct event *e)
{
    bool server = strcmp(e->room, SERVER_LOG) == 0;
    switch (event_traits(e->kind)->class) {
    case CLASS_NONE: return false;
    case CLASS_SERVER: return server;
    case CLASS_ACT:
    case CLASS_RULE:
    case CLASS_VOID: return true;
    default: return !server || e->kind == EVENT_GAP;
    }
}

static bool of_fits(const struct event *e)
{
    switch (event_traits(e->kind)->class) {
    case CLASS_CHANGE:
    case CLASS_TALLY: return e->of > 0 && e->of < e->seq; /* an earlier event */
    case CLASS_ACT: return e->of > 0 && e->of <= (uint64_t)IDENTITY_MAX;
    default: return e->of == 0;
    }
}

enum event_fault event_check_numbers(const struct event *e)
{
    if (!log_fits(e))
        return FAULT_KIND;
    bool good = e->seq > 0 && e->seq <= (uint64_t)SEQ_MAX && e->at_ms >= 0 && e->at_ms <= AT_MAX &&
                e->author <= (uint64_t)IDENTITY_MAX && of_fits(e);
    return good ? FAULT_NONE : FAULT_NUMBER;
}

/* Keys that a node makes have a colon, as "told:…". */
static bool key_fits(const char *key)
{
    size_t n = key == NULL ? 1 : strspn(key, ID_CHARACTERS ":");
    return key == NULL || (n >= 1 && n <= ID_MAX && key[n] == '\0');
}

/* --- the whole ------------------------------------------------------------------------------ */

/* event_write() puts a comma before the first member of a body that is longer than "{}". */
static bool is_joinable(const struct event *e)
{
    return e->body_bytes >= 2 && e->body_bytes <= BODY_BYTES_MAX && e->body[0] == '{' &&
           e->body[e->body_bytes - 1] == '}' && (e->body_bytes == 2 || e->body[1] == '"');
}

static enum event_fault check_parsed(const struct event *e, json_t *body)
{
    const struct body *b = &bodies[e->kind];
    const char *bad;
    if (fields_check(b->fields, body, 0, &bad) != OK || (b->fits != NULL && !b->fits(e, body)))
        return FAULT_FIELD;
    return check_members(e, body);
}

enum event_fault event_check_body(const struct event *e)
{
    json_t *body = json_parse_plain(e->body, e->body_bytes);
    enum event_fault fault = body == NULL ? FAULT_JSON : check_parsed(e, body);
    json_decref(body);
    return fault;
}

/* Most events are messages. */
static bool is_plain(const struct event *e)
{
    return e->kind == EVENT_MESSAGE &&
           plain_object_ok(bodies[e->kind].fields, e->body, e->body_bytes);
}

enum event_fault event_check(const struct event *e)
{
    enum event_fault fault = event_check_numbers(e);
    if (fault != FAULT_NONE)
        return fault;
    if (!key_fits(e->key))
        return FAULT_KEY;
    return is_joinable(e) ? is_plain(e) ? FAULT_NONE : event_check_body(e) : FAULT_JSON;
}

const char *event_fault_words(enum event_fault fault)
{
    static const char *const words[EVENT_FAULTS] = {
        [FAULT_NONE] = "good",
        [FAULT_KIND] = "kind not allowed in this log",
        [FAULT_NUMBER] = "a number is out of range",
        [FAULT_KEY] = "bad key",
        [FAULT_JSON] = "the body is no JSON object",
        [FAULT_FIELD] = "bad member",
        [FAULT_MEMBER] = "a member that only a node adds",
        [FAULT_STORED] = "not as it was stored",
        [FAULT_STORING] = "the store cannot carry it out",
        [FAULT_ABSENT] = "heard, but not in the stream",
    };
    return words[fault];
}
