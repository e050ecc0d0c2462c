/* shrink.c - see shrink.h. A pixel that arrives is `width` wide, one of the result `from_width`. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

bool shrink_init(struct shrink *s, unsigned from_width, unsigned from_height, unsigned width,
                 unsigned height, unsigned samples, bool alpha)
{
    size_t in_row = (size_t)width * samples;
    *s = (struct shrink){.from_width = from_width,
                         .from_height = from_height,
                         .width = width,
                         .height = height,
                         .samples = samples,
                         .alpha = alpha,
                         .pixels = calloc(height, in_row),
                         .row = calloc(in_row, sizeof *s->row),
                         .sums = calloc(in_row, sizeof *s->sums),
                         .lacks = from_height};
    if (s->pixels != NULL && s->row != NULL && s->sums != NULL)
        return true;
    shrink_finish(s);
    return false;
}

void shrink_finish(struct shrink *s)
{
    free(s->pixels);
    free(s->row);
    free(s->sums);
    *s = (struct shrink){0};
}

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

static void add_pixel(uint64_t *sum, const uint8_t *pixel, unsigned colours, bool alpha,
                      uint64_t share)
{
    if (alpha)
        sum[colours] += share *= pixel[colours];
    for (unsigned i = 0; i < colours; i++)
        sum[i] += share * pixel[i];
}

static void sum_row(struct shrink *s, const uint8_t *row)
{
    unsigned samples = s->samples, colours = samples - s->alpha, lacks = s->from_width, share;
    uint64_t *sum = s->row;
    memset(sum, 0, (size_t)s->width * samples * sizeof *sum);
    for (unsigned x = 0; x < s->from_width; x++, row += samples)
        for (unsigned left = s->width; left > 0; left -= share) {
            share = least(left, lacks);
            add_pixel(sum, row, colours, s->alpha, share);
            lacks -= share;
            if (lacks == 0) {
                sum += samples;
                lacks = s->from_width;
            }
        }
}

static uint8_t mean(uint64_t sum, uint64_t weight)
{
    return (uint8_t)(weight == 0 ? 0 : (sum + weight / 2) / weight);
}

static void write_row(struct shrink *s)
{
    uint64_t area = (uint64_t)s->from_width * s->from_height;
    unsigned colours = s->samples - s->alpha;
    uint8_t *to = s->pixels + (size_t)s->done * s->width * s->samples;
    for (const uint64_t *sum = s->sums; sum < s->sums + s->width * s->samples; sum += s->samples) {
        for (unsigned i = 0; i < colours; i++)
            *to++ = mean(sum[i], s->alpha ? sum[colours] : area);
        if (s->alpha)
            *to++ = mean(sum[colours], area);
    }
    memset(s->sums, 0, (size_t)s->width * s->samples * sizeof *s->sums);
    s->lacks = s->from_height;
    s->done++;
}

void shrink_row(struct shrink *s, const uint8_t *row)
{
    unsigned share;
    if (shrink_is_done(s))
        return;
    sum_row(s, row);
    for (unsigned left = s->height; left > 0; left -= share) {
        share = least(left, s->lacks);
        for (unsigned i = 0; i < s->width * s->samples; i++)
            s->sums[i] += s->row[i] * share;
        s->lacks -= share;
        if (s->lacks == 0)
            write_row(s);
    }
}

bool shrink_is_done(const struct shrink *s) { return s->done == s->height; }
