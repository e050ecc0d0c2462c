/* thumbhash.c - see thumbhash.h. The picture, laid on its mean colour, becomes three channels, and
 * four with alpha. Of each the lowest waves are kept: one constant, and the others in 4 bits as
 * parts of the greatest. */
#include "thumbhash.h"

#include <math.h>
#include <stdbool.h>

#define PIXELS_MAX (THUMBHASH_SIDE * THUMBHASH_SIDE)
#define WAVES_MAX  28 /* of 7 * 7, the upper left half */

enum { LIGHT, YELLOW_BLUE, RED_GREEN, ALPHA, CHANNELS };

struct view {
    const uint8_t *rgba;
    unsigned width, height;
    bool alpha;
    double mean[3];
};

struct waves {
    double constant, greatest, others[WAVES_MAX];
    unsigned count;
};

struct nibbles {
    uint8_t *hash;
    unsigned count;
};

static void find_mean(struct view *v)
{
    unsigned count = v->width * v->height;
    double weight = 0;
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *p = v->rgba + i * 4;
        for (int c = 0; c < 3; c++)
            v->mean[c] += p[3] / 255.0 / 255 * p[c];
        weight += p[3] / 255.0;
    }
    for (int c = 0; c < 3 && weight > 0; c++)
        v->mean[c] /= weight;
    v->alpha = weight < count;
}

static double sample(const struct view *v, unsigned i, int channel)
{
    const uint8_t *p = v->rgba + i * 4;
    double rgb[3], alpha = p[3] / 255.0;
    for (int c = 0; c < 3; c++)
        rgb[c] = v->mean[c] * (1 - alpha) + alpha / 255 * p[c];
    switch (channel) {
    case LIGHT: return (rgb[0] + rgb[1] + rgb[2]) / 3;
    case YELLOW_BLUE: return (rgb[0] + rgb[1]) / 2 - rgb[2];
    case RED_GREEN: return rgb[0] - rgb[1];
    default: return alpha;
    }
}

static double wave(unsigned n, unsigned at, unsigned length)
{
    return cos(M_PI / length * n * (at + 0.5));
}

static double factor(const struct view *v, const double *samples, unsigned nx, unsigned ny)
{
    double across[THUMBHASH_SIDE], sum = 0;
    for (unsigned x = 0; x < v->width; x++)
        across[x] = wave(nx, x, v->width);
    for (unsigned y = 0; y < v->height; y++) {
        double down = wave(ny, y, v->height);
        for (unsigned x = 0; x < v->width; x++)
            sum += *samples++ * across[x] * down;
    }
    return sum / (v->width * v->height);
}

static void find_waves(const struct view *v, int channel, unsigned nx, unsigned ny, struct waves *w)
{
    double samples[PIXELS_MAX];
    for (unsigned i = 0; i < v->width * v->height; i++)
        samples[i] = sample(v, i, channel);
    *w = (struct waves){.constant = factor(v, samples, 0, 0)};
    for (unsigned y = 0; y < ny; y++)
        for (unsigned x = y == 0 ? 1 : 0; x * ny < nx * (ny - y); x++) {
            double f = factor(v, samples, x, y);
            w->greatest = fmax(w->greatest, fabs(f));
            w->others[w->count++] = f;
        }
}

static unsigned rounded(double d) { return (unsigned)lround(d); }

static void put(struct nibbles *n, unsigned value)
{
    n->hash[n->count / 2] |= (uint8_t)(value << n->count % 2 * 4);
    n->count++;
}

static void put_waves(struct nibbles *n, const struct waves *w)
{
    for (unsigned i = 0; i < w->count; i++)
        put(n, w->greatest > 0 ? rounded(15 * (0.5 + 0.5 / w->greatest * w->others[i])) : 0);
}

static unsigned at_least(unsigned a, unsigned b) { return a > b ? a : b; }

static void put_header(uint8_t *hash, const struct view *v, const struct waves *w, unsigned shorter)
{
    unsigned first = rounded(63 * w[LIGHT].constant) |
                     rounded(31.5 + 31.5 * w[YELLOW_BLUE].constant) << 6 |
                     rounded(31.5 + 31.5 * w[RED_GREEN].constant) << 12 |
                     rounded(31 * w[LIGHT].greatest) << 18 | (unsigned)v->alpha << 23;
    unsigned second = shorter | rounded(63 * w[YELLOW_BLUE].greatest) << 3 |
                      rounded(63 * w[RED_GREEN].greatest) << 9 |
                      (unsigned)(v->width > v->height) << 15;
    for (unsigned i = 0; i < 3; i++)
        hash[i] = (uint8_t)(first >> 8 * i);
    hash[3] = (uint8_t)second;
    hash[4] = (uint8_t)(second >> 8);
    hash[5] = 0;
    if (v->alpha)
        hash[5] = (uint8_t)(rounded(15 * w[ALPHA].constant) | rounded(15 * w[ALPHA].greatest) << 4);
}

size_t thumbhash_encode(uint8_t hash[THUMBHASH_MAX], const uint8_t *rgba, unsigned width,
                        unsigned height)
{
    struct view v = {.rgba = rgba, .width = width, .height = height};
    struct waves w[CHANNELS] = {0};
    find_mean(&v);
    unsigned most = v.alpha ? 5 : 7, longer = at_least(width, height);
    unsigned nx = at_least(1, rounded((double)most * width / longer));
    unsigned ny = at_least(1, rounded((double)most * height / longer));
    find_waves(&v, LIGHT, at_least(3, nx), at_least(3, ny), &w[LIGHT]);
    find_waves(&v, YELLOW_BLUE, 3, 3, &w[YELLOW_BLUE]);
    find_waves(&v, RED_GREEN, 3, 3, &w[RED_GREEN]);
    if (v.alpha)
        find_waves(&v, ALPHA, 5, 5, &w[ALPHA]);
    for (unsigned i = 0; i < THUMBHASH_MAX; i++)
        hash[i] = 0;
    put_header(hash, &v, w, width > height ? ny : nx);
    struct nibbles n = {hash, v.alpha ? 12 : 10};
    for (int c = 0; c < (v.alpha ? CHANNELS : ALPHA); c++)
        put_waves(&n, &w[c]);
    return (n.count + 1) / 2;
}
