/* wire.c - see wire.h. */
#include "wire.h"

#include "object.h"

#include <string.h>

#define FINAL_TEXT ((char)0x81)

size_t wire_begin(struct bytes *b)
{
    static const char gap[WIRE_HEADER_MAX];
    size_t mark = b->size;
    bytes_add(b, gap, sizeof gap);
    return mark;
}

static size_t put_header(char *to, size_t payload)
{
    to[0] = FINAL_TEXT;
    if (payload < 126) {
        to[1] = (char)payload;
        return 2;
    }
    size_t digits = payload <= 0xffff ? 2 : 8;
    to[1] = digits == 2 ? 126 : 127;
    for (size_t i = 0; i < digits; i++)
        to[2 + i] = (char)(payload >> (8 * (digits - 1 - i)) & 0xff);
    return 2 + digits;
}

void wire_end(struct bytes *b, size_t mark)
{
    if (b->failed)
        return;
    size_t payload = b->size - mark - WIRE_HEADER_MAX;
    char header[WIRE_HEADER_MAX];
    size_t n = put_header(header, payload);
    memmove(b->at + mark + n, b->at + mark + WIRE_HEADER_MAX, payload);
    memcpy(b->at + mark, header, n);
    b->size = mark + n + payload;
}

size_t wire_open(struct bytes *b, const char *type)
{
    size_t mark = wire_begin(b);
    bytes_add(b, "{", 1);
    object_add_text(b, "type", type);
    return mark;
}

void wire_close(struct bytes *b, size_t mark)
{
    object_end(b);
    wire_end(b, mark);
}

size_t wire_header_size(const char *frame)
{
    switch (frame[1] & 0x7f) {
    case 126: return 4;
    case 127: return 10;
    default: return 2;
    }
}

size_t wire_size(const char *frame)
{
    size_t header = wire_header_size(frame);
    if (header == 2)
        return 2 + (size_t)(frame[1] & 0x7f);

    size_t payload = 0;
    for (size_t i = 2; i < header; i++)
        payload = payload << 8 | (unsigned char)frame[i];
    return header + payload;
}
