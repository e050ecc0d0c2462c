/* seq.h - the numbers of events: a generation (one history of Redis, from 1 on; 0: a node alone)
 * and the place in the room within it, gen * 2^40 + n, below 2^53. Redis counts from 0, a node
 * alone from 1. Pure functions. */
#ifndef REDIS_SEQ_H
#define REDIS_SEQ_H

#include <stdint.h>

#define GEN_BITS 40
#define GEN_MAX  8191
#define N_MASK   (((uint64_t)1 << GEN_BITS) - 1)

static inline uint64_t seq_of(uint64_t gen, uint64_t n) { return gen << GEN_BITS | n; }
static inline uint64_t seq_gen(uint64_t seq) { return seq >> GEN_BITS; }
static inline uint64_t seq_n(uint64_t seq) { return seq & N_MASK; }

/* The first number of a generation. */
static inline uint64_t seq_first(uint64_t gen) { return gen == 0 ? 1 : gen << GEN_BITS; }

/* As the id of a stream's entry, "gen-n". */
#define SEQ_TEXT_MAX 48
void seq_write(char text[SEQ_TEXT_MAX], uint64_t seq);
/* 0: `text` is no id. If `end_out` is not NULL a blank must follow the id, and *end_out points
 * behind that blank; else nothing may follow. */
uint64_t seq_read(const char *text, const char **end_out);

#endif
