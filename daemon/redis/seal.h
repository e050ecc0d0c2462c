/* seal.h - closes the generations before the current one, once for all nodes.
 *
 * Each node offers the old streams the newest events that it has of them, and that they may lack.
 * When all nodes that were there have offered, or after some seconds, Redis seals: the old streams
 * take nothing more, and the rooms go on in the new generation. */
#ifndef REDIS_SEAL_H
#define REDIS_SEAL_H

#include <stdint.h>

struct journal;

/* The stage is SEALING, in a generation that began `age_ms` ago; < 0: unknown. */
void seal_begin(struct journal *j, int64_t age_ms);
/* Takes the next step if its time has come. Called each time that `soon` is over. */
void seal_look(struct journal *j);

#endif
