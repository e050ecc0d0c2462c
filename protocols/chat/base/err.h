/* err.h - all errors, each with a code for programs and a text for people. Pure, any thread.
 *
 * Functions that can fail return OK or a negative value of this enum. */
#ifndef CHAT_ERR_H
#define CHAT_ERR_H

enum err {
    OK = 0,
    ERR_BAD_JSON = -1,
    ERR_BAD_FIELD = -2,
    ERR_UNKNOWN_TYPE = -3,
    ERR_TOO_BIG = -4,
    ERR_HELLO_FIRST = -5,
    ERR_BAD_NICK = -6,
    ERR_NICK_TAKEN = -7,
    ERR_NOT_MEMBER = -8,
    ERR_NO_SUCH_ROOM = -9,
    ERR_ROOM_EXISTS = -10,
    ERR_NOT_FOUND = -11,
    ERR_FORBIDDEN = -12,
    ERR_RATE = -13,
    ERR_FULL = -14,
    ERR_CONFLICT = -15,
    ERR_UNAVAILABLE = -16,
    ERR_CLOSED = -17,
    ERR_BANNED = -18,
    ERR_MUTED = -19,
};

/* WebSocket close codes (RFC 6455, 7.4) that the daemon sends by itself. */
enum close_code {
    CLOSE_NORMAL = 1000,
    CLOSE_PROTOCOL = 1002,
    CLOSE_BINARY = 1003,
    CLOSE_NOT_UTF8 = 1007,
    CLOSE_TOO_BIG = 1009,
    CLOSE_RESTART = 4001,
    CLOSE_BANNED = 4003,
    CLOSE_TOO_SLOW = 4008,
    CLOSE_FLOOD = 4009,
    CLOSE_NO_HELLO = 4010,
};

/* Static strings. `e` must be a value of the enum below OK. */
const char *err_code(enum err e);
const char *err_text(enum err e);
/* OK if `code` is unknown or NULL. */
enum err err_of(const char *code);

#endif
