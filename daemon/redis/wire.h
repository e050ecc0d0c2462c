/* redis_wire.h - how an event, its number and its room are written in Redis: pure functions.
 * Used by: redis_*.c, journal_redis.c. See README.md, "Many nodes". */
#ifndef REDIS_WIRE_H
#define REDIS_WIRE_H

#include "chat/base/event.h"

/* A number is a generation (one history of Redis, from 1 on; 0: a node alone) and the place in its
 * room within it: gen * 2^40 + n, below 2^53. Redis counts from 0, a node alone from 1. */
#define GEN_BITS 40
#define GEN_MAX  8191
#define N_MASK   (((uint64_t)1 << GEN_BITS) - 1)

static inline uint64_t seq_of(uint64_t gen, uint64_t n) { return gen << GEN_BITS | n; }
static inline uint64_t seq_gen(uint64_t seq) { return seq >> GEN_BITS; }
static inline uint64_t seq_n(uint64_t seq) { return seq & N_MASK; }

/* The first number of a generation. */
static inline uint64_t seq_first(uint64_t gen) { return gen == 0 ? 1 : gen << GEN_BITS; }

/* A stream's id, "gen-n". */
#define REDIS_ID_MAX 48
void redis_id_write(char id[REDIS_ID_MAX], uint64_t seq);
/* 0: this is none. `end_out` may be NULL: then nothing may follow. */
uint64_t redis_id_read(const char *text, const char **end_out);

/* What Redis keeps of an event besides id and time: kind, author, of, key, body. */
void redis_event_write(struct bytes *to, const struct event *e);
/* Strings point into `text`, which must end with a zero behind its n bytes; the key is copied.
 * False: this is no event. */
bool redis_event_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n);

/* A stream is named by room and generation, a channel by its room. `name`, the room's, is
 * SERVER_LOG for the server's own log, which is called "*" there: no room is. */
#define REDIS_KEY_MAX 256
void redis_log_key(char key[REDIS_KEY_MAX], const char *prefix, const char *name, uint64_t gen);
void redis_channel(char key[REDIS_KEY_MAX], const char *prefix, const char *name);
/* The hash in which the open polls of a room have their keys, by their ids. */
void redis_secrets_key(char key[REDIS_KEY_MAX], const char *prefix, const char *name);
/* The room of a channel, or NULL: it is another channel. */
const char *redis_channel_room(const char *channel, const char *prefix);
/* The key under which Redis remembers a submit: a hash, so that nothing typed is part of it. */
void redis_idem_key(char key[REDIS_KEY_MAX], const char *prefix, const struct event *e);

#endif
