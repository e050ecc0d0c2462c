/* meta.h - which Redis the logs are copied from. */
#ifndef STORE_META_H
#define STORE_META_H

#include "chat/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

#define HISTORY_BYTES 32
struct store_meta {
    char history[HISTORY_BYTES + 1]; /* names the chat; "": this store has no event yet */
    uint64_t generation;             /* the highest that this node has seen */
};

/* At start, before the first job. */
enum err store_load_meta(struct store *s, struct store_meta *meta);
/* False: it will not, as for store_write_job(). */
bool store_save_meta(struct store *s, const struct store_meta *meta);

#endif
