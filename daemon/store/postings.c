/* postings.c - see postings.h. A distance below 128 is one byte; a longer one is its low 7 bits
 * with the high bit set, and a byte with the rest. */
#include "postings.h"

#include <string.h>

void postings_read(struct postings *p, const void *from, size_t size)
{
    const uint8_t *at = from, *end = at + size;
    uint32_t next = 0; /* the least that can follow */
    p->n = 0;
    while (at < end && next < BLOCK_PLACES) {
        uint32_t place = next + (*at & 0x7fu);
        bool is_long = *at++ >= 0x80;
        if (is_long && at < end)
            place += (uint32_t)*at++ << 7;
        if (place >= BLOCK_PLACES)
            return;
        p->at[p->n++] = (uint16_t)place;
        next = place + 1;
    }
}

size_t postings_write(const struct postings *p, uint8_t to[POSTINGS_BYTES_MAX])
{
    uint8_t *out = to;
    uint32_t next = 0;
    for (size_t i = 0; i < p->n; i++) {
        uint32_t distance = p->at[i] - next;
        *out++ = (uint8_t)(distance < 0x80 ? distance : (distance & 0x7f) | 0x80);
        if (distance >= 0x80)
            *out++ = (uint8_t)(distance >> 7);
        next = p->at[i] + 1u;
    }
    return (size_t)(out - to);
}

/* Of the first place that is not below. */
static size_t find(const struct postings *p, uint32_t place)
{
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->at[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool postings_add(struct postings *p, uint16_t place)
{
    size_t i = find(p, place);
    if (i < p->n && p->at[i] == place)
        return false;
    memmove(p->at + i + 1, p->at + i, (p->n - i) * sizeof *p->at);
    p->at[i] = place;
    p->n++;
    return true;
}

bool postings_remove(struct postings *p, uint16_t place)
{
    size_t i = find(p, place);
    if (i == p->n || p->at[i] != place)
        return false;
    p->n--;
    memmove(p->at + i, p->at + i + 1, (p->n - i) * sizeof *p->at);
    return true;
}

void postings_cut(struct postings *p, uint32_t place) { p->n = find(p, place); }

void postings_intersect(struct postings *p, const struct postings *other)
{
    size_t to = 0;
    for (size_t i = 0, k = 0; i < p->n && k < other->n;) {
        uint16_t a = p->at[i], b = other->at[k];
        if (a == b)
            p->at[to++] = a;
        i += a <= b;
        k += b <= a;
    }
    p->n = to;
}
