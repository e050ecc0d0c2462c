/* wire.c - WebSocket frames and the few members of JSON that the bench reads. Keeps no state. It
 * trusts its peer: not a parser for untrusted input. */
#define _GNU_SOURCE
#include "wire.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char mask[4] = {0x5a, 0xa5, 0x3c, 0xc3};

static void unmask(unsigned char *bytes, size_t n, const unsigned char key[4])
{
    for (size_t i = 0; i < n; i++)
        bytes[i] ^= key[i & 3];
}

size_t wire_head(char *out, int opcode, size_t payload_bytes)
{
    unsigned char *b = (unsigned char *)out;

    b[0] = (unsigned char)(0x80 | opcode);
    if (payload_bytes < 126) {
        b[1] = (unsigned char)payload_bytes;
        return 2;
    }
    if (payload_bytes > 0xffff)
        errx(1, "wire_head: %zu bytes", payload_bytes);
    b[1] = 126;
    b[2] = (unsigned char)(payload_bytes >> 8);
    b[3] = (unsigned char)payload_bytes;
    return 4;
}

size_t wire_frame(char *out, int opcode, const char *payload, size_t n)
{
    size_t head = wire_head(out, opcode, n);

    out[1] = (char)(out[1] | 0x80);
    memcpy(out + head, mask, 4);
    memcpy(out + head + 4, payload, n);
    unmask((unsigned char *)out + head + 4, n, mask);
    return head + 4 + n;
}

size_t wire_next(struct slice in, int *opcode_out, struct slice *payload_out)
{
    const unsigned char *b = (const unsigned char *)in.at;
    size_t head = 2, n;

    if (in.n < 2)
        return 0;
    n = b[1] & 0x7f;
    head += n == 126 ? 2 : n == 127 ? 8 : 0;
    head += b[1] & 0x80 ? 4 : 0;
    if (in.n < head)
        return 0;
    if (n >= 126) {
        const int length_bytes = n == 126 ? 2 : 8;

        n = 0;
        for (int i = 0; i < length_bytes; i++)
            n = n << 8 | b[2 + i];
    }
    if (in.n - head < n)
        return 0;
    *opcode_out = b[0] & 0x0f;
    *payload_out = (struct slice){in.at + head, n};
    if (b[1] & 0x80)
        unmask((unsigned char *)(uintptr_t)payload_out->at, n, b + head - 4);
    return head + n;
}

int wire_close_code(struct slice payload)
{
    return payload.n < 2 ? 1005 : (unsigned char)payload.at[0] << 8 | (unsigned char)payload.at[1];
}

/* The place behind `name`, or NULL. */
static const char *behind(struct slice json, const char *name)
{
    const size_t n = strlen(name);
    const char *at = memmem(json.at, json.n, name, n);

    return at == NULL ? NULL : at + n;
}

uint64_t wire_number(struct slice json, const char *name)
{
    const char *at = behind(json, name), *end = json.at + json.n;
    uint64_t value = 0;

    while (at != NULL && at < end && *at == ' ')
        at++;
    for (; at != NULL && at < end && *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

double wire_real(struct slice json, const char *name)
{
    const char *at = behind(json, name);

    return at == NULL ? 0 : strtod(at, NULL); /* stops at the object's end */
}

struct slice wire_string(struct slice json, const char *name)
{
    const char *at = behind(json, name);
    const char *end = at == NULL ? NULL : memchr(at, '"', (size_t)(json.at + json.n - at));

    return end == NULL ? (struct slice){"", 0} : (struct slice){at, (size_t)(end - at)};
}

size_t wire_count(struct slice json, const char *name)
{
    const char *end = json.at + json.n;
    size_t count = 0;

    for (const char *at; (at = behind(json, name)) != NULL; count++)
        json = (struct slice){at, (size_t)(end - at)};
    return count;
}

size_t wire_printed(int n, size_t capacity)
{
    if (n < 0 || (size_t)n >= capacity)
        errx(1, "%d bytes of JSON", n);
    return (size_t)n;
}

void wire_copy(char *to, size_t room, struct slice from)
{
    if (from.n >= room)
        errx(1, "a name of %zu bytes", from.n);
    memcpy(to, from.at, from.n);
    to[from.n] = '\0';
}

void wire_no_wait(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        err(1, "O_NONBLOCK");
}
