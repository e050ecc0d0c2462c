/* reaction.c - the command react. The store judges it and counts, in the order of the log. */
#include "private.h"
#include "request.h"
#include "submit.h"

#include "chat/base/limits.h"
#include "chat/base/object.h"
#include "chat/base/wire.h"
#include "chat/model/identity.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

/* --- one emoji ------------------------------------------------------------------------------ */

#define JOINER  0x200D
#define PICTURE 0xFE0F /* makes a character that is text by default an emoji */

/* The length of a picture with its variation or skin tone at the begin of `c`; 0: there is none.
 * *whole_out: it is an emoji by itself. The tables of this machine may be older than the emoji, for
 * which Unicode keeps characters free. */
static int32_t picture(const UChar32 *c, int32_t n, bool *whole_out)
{
    if (n == 0 || !u_hasBinaryProperty(c[0], UCHAR_EXTENDED_PICTOGRAPHIC))
        return 0;
    bool varied = n > 1 && (c[1] == PICTURE || u_hasBinaryProperty(c[1], UCHAR_EMOJI_MODIFIER));
    *whole_out = varied || u_hasBinaryProperty(c[0], UCHAR_EMOJI_PRESENTATION) ||
                 u_charType(c[0]) == U_UNASSIGNED;
    return varied ? 2 : 1;
}

/* Pictures, joined: how Unicode makes new emoji. */
static bool is_sequence(const UChar32 *c, int32_t n)
{
    bool whole = false;
    int32_t at = picture(c, n, &whole);
    for (int32_t more = at; more > 0 && at < n && c[at] == JOINER;) {
        more = picture(c + at + 1, n - at - 1, &whole);
        at += 1 + more;
        whole = more > 0;
    }
    return at > 0 && at == n && whole;
}

/* Exactly one emoji, fully qualified, as keyboards write them. */
static bool is_emoji(const char *text)
{
    UChar units[EMOJI_BYTES_MAX];
    UChar32 chars[EMOJI_BYTES_MAX];
    UErrorCode error = U_ZERO_ERROR;
    int32_t units_count, count;
    u_strFromUTF8(units, EMOJI_BYTES_MAX, &units_count, text, -1, &error);
    if (U_FAILURE(error))
        return false;
    u_strToUTF32(chars, EMOJI_BYTES_MAX, &count, units, units_count, &error);
    return u_stringHasBinaryProperty(units, units_count, UCHAR_RGI_EMOJI) ||
           (U_SUCCESS(error) && is_sequence(chars, count));
}

/* --- react ---------------------------------------------------------------------------------- */

/* The person's other connections may get the event of somebody later, in place of this one. */
static void tell_own(struct session *s, const struct request *q)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "reacted");
    object_add_text(&frame, "room", q->room);
    object_add_number(&frame, "of", q->of);
    object_add_text(&frame, "emoji", field_string(q->args, "emoji"));
    object_add_bool(&frame, "on", field_bool(q->args, "on"));
    wire_close(&frame, mark);
    identity_tell(s->identity, s, &frame);
    bytes_finish(&frame);
}

static struct request *create(const struct session *s, const struct call *c)
{
    struct request *q = request_create(sizeof *q, s, c->id, c->room->name);
    if (q == NULL)
        return NULL;
    q->of = (uint64_t)field_int(c->args, "of", 0);
    q->args = json_incref(c->args);
    q->stored = tell_own;
    return q;
}

static enum err check(const struct session *s, const struct call *c)
{
    if (!is_emoji(field_string(c->args, "emoji"))) {
        *c->bad = "emoji";
        return ERR_BAD_FIELD;
    }
    if ((uint64_t)field_int(c->args, "of", 0) > c->room->last)
        return ERR_NOT_FOUND;
    return standings_check_speech(s->identity, c->room);
}

static enum err cmd_react(struct session *s, const struct call *c)
{
    enum err err = check(s, c);
    if (err != OK)
        return err;
    struct bytes body = submit_body(s, c->id);
    struct event e = {.kind = EVENT_REACTION,
                      .author = s->identity->id,
                      .of = (uint64_t)field_int(c->args, "of", 0),
                      .key = c->id};
    object_add_number(&body, "of", e.of);
    object_add_text(&body, "emoji", field_string(c->args, "emoji"));
    object_add_bool(&body, "on", field_bool(c->args, "on"));
    return submit_take(create(s, c), e, &body);
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field react_fields[] = {
    ARG_ROOM, ARG_OF, { "emoji", FIELD_STRING, true, 1, EMOJI_BYTES_MAX },
    { "on", FIELD_BOOL, true, 0, 0 }, {0} };

const struct command reaction_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "react",       NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_react,      react_fields },
    {0},
};
/* clang-format on */
