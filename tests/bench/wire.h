/* wire.h - WebSocket frames and the few members of JSON that the bench reads. Pure functions. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_HEAD_BYTES 14   /* longest frame header: 2, 8 for the length, 4 for the mask */
#define WIRE_TEXT_MAX   4000 /* bytes of a message's text: limits.text_bytes by default */
#define WIRE_JSON_BYTES 8192 /* of a message or a command */

enum wire_opcode { WIRE_TEXT = 1, WIRE_CLOSE = 8, WIRE_PING = 9, WIRE_PONG = 10 };

struct slice {
    const char *at;
    size_t n;
};

/* Writes a client's frame, masked, to `out`, which has n + WIRE_HEAD_BYTES. Returns its size. */
size_t wire_frame(char *out, int opcode, const char *payload, size_t n);
/* Writes the head of a server's frame; returns its size. */
size_t wire_head(char *out, int opcode, size_t payload_bytes);
/* Finds the first frame of `in`, and unmasks it in place if it is masked. Returns its size, or 0 if
 * it is not whole yet. `*payload_out` points into `in`. */
size_t wire_next(struct slice in, int *opcode_out, struct slice *payload_out);
int wire_close_code(struct slice payload);

/* The value behind the first `name` in `json`: a number (0 if `name` is missing), or a string
 * without escapes, up to its quote (empty if missing). `name` includes everything up to the value:
 * "\"seq\":" */
uint64_t wire_number(struct slice json, const char *name);
double wire_real(struct slice json, const char *name);
struct slice wire_string(struct slice json, const char *name);
size_t wire_count(struct slice json, const char *name);
/* The bytes of what snprintf() wrote into `capacity` bytes. Ends the run if they did not fit. */
size_t wire_printed(int n, size_t capacity);
/* Copies and adds a NUL. Ends the run if the text does not fit. */
void wire_copy(char *to, size_t room, struct slice from);

void wire_no_wait(int fd); /* O_NONBLOCK */

#endif
