/* err.c - the one place where an error becomes words. */
#include "err.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *code;
    const char *text;
} words[] = {
    /* clang-format off */
    [-ERR_BAD_JSON]     = { "bad_json",     "This is not a JSON object." },
    [-ERR_BAD_FIELD]    = { "bad_field",    "A field of this command is missing or not allowed." },
    [-ERR_UNKNOWN_TYPE] = { "unknown_type", "There is no such command." },
    [-ERR_TOO_BIG]      = { "too_big",      "This text is too long." },
    [-ERR_HELLO_FIRST]  = { "hello_first",  "Say hello first." },
    [-ERR_BAD_NICK]     = { "bad_nick",     "A nickname has 1 to 32 visible characters and no space at either end." },
    [-ERR_NICK_TAKEN]   = { "nick_taken",   "This nickname, or one that looks like it, belongs to somebody else." },
    [-ERR_NOT_MEMBER]   = { "not_member",   "Join the room first." },
    [-ERR_NO_SUCH_ROOM] = { "no_such_room", "There is no such room." },
    [-ERR_ROOM_EXISTS]  = { "room_exists",  "A room with this name, or a title that looks the same, already exists." },
    [-ERR_NOT_FOUND]    = { "not_found",    "This does not exist, or no longer exists." },
    [-ERR_FORBIDDEN]    = { "forbidden",    "You are not allowed to do this here." },
    [-ERR_RATE]         = { "rate",         "Too fast. Wait a moment." },
    [-ERR_FULL]         = { "full",         "There are too many of these already." },
    [-ERR_CONFLICT]     = { "conflict",     "This id has already been used for something else." },
    [-ERR_UNAVAILABLE]  = { "unavailable",  "The server cannot store anything at the moment. Try again soon." },
    [-ERR_CLOSED]       = { "closed",       "This poll is closed." },
    [-ERR_BANNED]       = { "banned",       "You are banned here." },
    [-ERR_MUTED]        = { "muted",        "You are muted here." },
    /* clang-format on */
};

const char *err_code(enum err e) { return words[-e].code; }

const char *err_text(enum err e) { return words[-e].text; }

enum err err_of(const char *code)
{
    for (size_t i = 1; code != NULL && i < sizeof words / sizeof *words; i++)
        if (words[i].code != NULL && strcmp(words[i].code, code) == 0)
            return (enum err)(-(int)i);
    return OK;
}
