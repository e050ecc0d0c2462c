/* wire.h - the daemon's side of WebSocket framing (RFC 6455, 5.2): whole, unmasked text frames.
 * Pure, any thread. */
#ifndef CHAT_WIRE_H
#define CHAT_WIRE_H

#include "bytes.h"

#define WIRE_HEADER_MAX 10

/* Begins a text frame whose payload the caller appends next; returns a mark for wire_end(). */
size_t wire_begin(struct bytes *b);
/* Writes the header in front of the payload and moves the payload up to it. */
void wire_end(struct bytes *b, size_t mark);

/* The same for a frame that is one object with a `type`; the caller adds members in between. */
size_t wire_open(struct bytes *b, const char *type);
void wire_close(struct bytes *b, size_t mark);

/* Bytes of the frame that begins at `frame`, header and payload. The frame must be whole. */
size_t wire_size(const char *frame);
/* Bytes of that frame's header. */
size_t wire_header_size(const char *frame);

#endif
