/* frame.h - pieces of a WebSocket message become one whole, checked message.
 * Used by: chat.c. Pure: no socket, so that tests and the fuzzer can call it. */
#ifndef FRAME_H
#define FRAME_H

#include "chat/base/bytes.h"

enum frame_verdict {
    FRAME_MORE,    /* wait for the next piece */
    FRAME_WHOLE,   /* a message is there */
    FRAME_TOO_BIG, /* it is, or will be, larger than allowed, or comes in too many pieces */
    FRAME_NOT_UTF8,
};

/* All zero is "nothing begun". Holds memory only while a message is incomplete. */
struct frame {
    struct bytes joined;
    unsigned pieces;
};

struct frame_piece {
    const char *at; /* borrowed for the call */
    size_t size;
    size_t announced; /* bytes of the same frame that will follow */
    bool last;        /* ends the message */
};

struct frame_message {
    const char *text; /* not terminated; borrowed until the next call */
    size_t size;
};

/* *out is written for FRAME_WHOLE only; the next call begins a new message. After FRAME_TOO_BIG and
 * FRAME_NOT_UTF8 only frame_finish() makes sense. */
enum frame_verdict frame_feed(struct frame *f, const struct frame_piece *piece, size_t bytes_max,
                              struct frame_message *out);
void frame_finish(struct frame *f);

#endif
