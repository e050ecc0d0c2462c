/* frame.h - joins the pieces of a WebSocket message and checks its size and its UTF-8.
 * Pure: no socket, so that tests and the fuzzer can call it. */
#ifndef FRAME_H
#define FRAME_H

#include "chat/base/bytes.h"

enum frame_verdict {
    FRAME_MORE,    /* the next piece is missing */
    FRAME_WHOLE,   /* a message is complete */
    FRAME_TOO_BIG, /* it is, or will be, larger than allowed, or has too many pieces */
    FRAME_NOT_UTF8,
};

/* All zero before the first piece. Holds memory only while a message is incomplete. */
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

/* Writes *out for FRAME_WHOLE only; the next call begins a new message. After FRAME_TOO_BIG and
 * FRAME_NOT_UTF8 call only frame_finish(). */
enum frame_verdict frame_feed(struct frame *f, const struct frame_piece *piece, size_t bytes_max,
                              struct frame_message *out);
void frame_finish(struct frame *f);

#endif
