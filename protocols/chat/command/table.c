/* table.c - see table.h. */
#include "table.h"

#include "hello.h"
#include "history.h"
#include "message.h"
#include "moderation.h"
#include "poll.h"
#include "presence.h"
#include "room.h"
#include "rooms.h"
#include "standings.h"

#include "chat/base/body.h"

#include <string.h>

/* clang-format off */
#define ROOM    { "room",   FIELD_ROOM,   true,  0, 0 }
#define PLACE   { "room",   FIELD_ROOM,   false, 0, 0 }
#define OF      { "of",     FIELD_INT,    true,  1, SEQ_MAX }
#define POLL    { "poll",   FIELD_INT,    true,  1, SEQ_MAX }
#define TEXT    { "text",   FIELD_TEXT,   true,  0, 0 }
#define NICK    { "nick",   FIELD_STRING, true,  1, 1024 }
#define REASON  { "reason", FIELD_LINE,   false, 0, 400 }

static const struct field hello_fields[] = {
    NICK, { "token", FIELD_STRING, false, 0, 128 }, { "claim", FIELD_STRING, false, 32, 128 }, {0} };
static const struct field join_fields[] = {
    ROOM, { "after", FIELD_INT, false, 0, SEQ_MAX }, { "log", FIELD_STRING, false, 0, 64 },
    { "limit", FIELD_INT, false, 0, 200 }, {0} };
static const struct field room_fields[] = { ROOM, {0} };
static const struct field create_fields[] = {
    ROOM, { "title", FIELD_LINE, false, 1, 80 }, { "topic", FIELD_LINE, false, 0, 400 }, {0} };
static const struct field say_fields[] = {
    ROOM, TEXT, { "reply_to", FIELD_INT, false, 1, SEQ_MAX }, {0} };
static const struct field edit_fields[] = { ROOM, OF, TEXT, {0} };
static const struct field delete_fields[] = { ROOM, OF, REASON, {0} };
static const struct field history_fields[] = {
    ROOM, { "before", FIELD_INT, false, 1, SEQ_MAX }, { "limit", FIELD_INT, false, 1, 200 }, {0} };
static const struct field read_fields[] = { ROOM, { "seq", FIELD_INT, true, 0, SEQ_MAX }, {0} };
static const struct field poll_fields[] = {
    ROOM, { "question", FIELD_LINE, true, 1, 300 }, { "options", FIELD_LINES, true, 1, 200 },
    { "max", FIELD_INT, true, 1, LIST_MAX }, { "secret", FIELD_BOOL, true, 0, 0 },
    { "results", FIELD_RESULTS, true, 0, 0 }, { "closes_at", FIELD_INT, false, 1, SEQ_MAX }, {0} };
static const struct field vote_fields[] = {
    ROOM, POLL, { "choices", FIELD_INDEXES, true, 0, LIST_MAX - 1 }, {0} };
static const struct field close_poll_fields[] = { ROOM, POLL, {0} };
static const struct field ballots_fields[] = {
    ROOM, POLL, { "after", FIELD_INT, false, 0, SEQ_MAX },
    { "limit", FIELD_INT, false, 1, BALLOTS_PAGE }, {0} };
static const struct field place_fields[] = { PLACE, {0} };
static const struct field role_fields[] = { PLACE, NICK, { "role", FIELD_ROLE, true, 0, 0 }, {0} };
static const struct field ban_fields[] = {
    PLACE, NICK, { "seconds", FIELD_INT, true, 0, BAN_SECONDS_MAX }, REASON, {0} };
static const struct field kick_fields[] = { ROOM, NICK, REASON, {0} };
static const struct field unban_fields[] = { PLACE, NICK, {0} };
static const struct field purge_fields[] = { ROOM, NICK, {0} };
static const struct field rooms_fields[] = {
    { "text", FIELD_LINE, false, 0, 100 }, { "limit", FIELD_INT, false, 1, ROOMS_PAGE },
    { "next", FIELD_ROOM, false, 0, 0 }, {0} };
static const struct field away_fields[] = { { "on", FIELD_BOOL, true, 0, 0 }, {0} };

static const struct command commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "say",         NEED_MEMBER,  ROLE_MEMBER,    1,    false,    true,     cmd_say,        say_fields },
    { "typing",      NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_typing,     room_fields },
    { "read",        NEED_MEMBER,  ROLE_MEMBER,    1,    false,    false,    cmd_read,       read_fields },
    { "history",     NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_history,    history_fields },
    { "join",        NEED_ROOM,    ROLE_MEMBER,    1,    true,     false,    cmd_join,       join_fields },
    { "leave",       NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_leave,      room_fields },
    { "edit",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_edit,       edit_fields },
    { "delete",      NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_delete,     delete_fields },
    { "poll",        NEED_MEMBER,  ROLE_MEMBER,    5,    false,    true,     cmd_poll,       poll_fields },
    { "vote",        NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_vote,       vote_fields },
    { "close_poll",  NEED_MEMBER,  ROLE_MEMBER,    1,    true,     true,     cmd_close_poll, close_poll_fields },
    { "ballots",     NEED_MEMBER,  ROLE_MEMBER,    2,    true,     false,    cmd_ballots,    ballots_fields },
    { "who",         NEED_MEMBER,  ROLE_MEMBER,    2,    false,    false,    cmd_who,        room_fields },
    { "role",        NEED_PLACE,   ROLE_ADMIN,     2,    true,     true,     cmd_role,       role_fields },
    { "kick",        NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_kick,       kick_fields },
    { "ban",         NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_ban,        ban_fields },
    { "unban",       NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unban,      unban_fields },
    { "mute",        NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_mute,       ban_fields },
    { "unmute",      NEED_PLACE,   ROLE_MODERATOR, 2,    true,     true,     cmd_unmute,     unban_fields },
    { "purge",       NEED_ROOM,    ROLE_MODERATOR, 2,    true,     true,     cmd_purge,      purge_fields },
    { "standings",   NEED_PLACE,   ROLE_MODERATOR, 2,    true,     false,    cmd_standings,  place_fields },
    { "away",        NEED_NAME,    ROLE_MEMBER,    1,    false,    false,    cmd_away,       away_fields },
    { "rooms",       NEED_NAME,    ROLE_MEMBER,    5,    false,    false,    cmd_rooms,      rooms_fields },
    { "create",      NEED_NAME,    ROLE_MEMBER,    5,    true,     true,     cmd_create,     create_fields },
    { "hello",       NEED_NOTHING, ROLE_MEMBER,    1,    true,     false,    cmd_hello,      hello_fields },
};
/* clang-format on */

const struct command *command_find(const char *type)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].type, type) == 0)
            return &commands[i];
    return NULL;
}

const struct field *command_field(const char *type, const char *name)
{
    const struct field *f = command_find(type)->fields;
    while (strcmp(f->name, name) != 0)
        f++;
    return f;
}
