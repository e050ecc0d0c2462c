/* fence.h - which generation of the data in Redis is the current one.
 *
 * Redis's run_id tells whether it is the same process as before. If not, it may have come back
 * empty or with older data: a new generation begins, in which no number of an older one can come
 * again. */
#ifndef REDIS_FENCE_H
#define REDIS_FENCE_H

struct journal;

/* If the stage is FENCING: asks Redis for the generation, then goes on to SEALING. */
void fence_begin(struct journal *j);

/* Redis's own settings can lose events that it has acknowledged. */
#define REDIS_VOLATILE "redis appendonly=no: events that no node has copied are lost when it stops"
#define REDIS_EVICTS   "redis maxmemory-policy: any policy but noeviction can delete messages"

#endif
