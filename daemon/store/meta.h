/* meta.h - which Redis the logs are copied from, and which branch of the history they hold.
 *
 * A cursor of a client is a log's name and a number. It may resume only where the number names the
 * same event. So the name of each log ends in its branch, and a new branch begins when numbers may
 * be given twice. "In doubt" is a store that may lack events of its own: after a power cut (unless
 * sync is "full"), a restore, a stop that is not known, or with a damaged number in the file. It
 * stays in doubt until the journal has saved that it is not.
 *
 * - A node alone begins a new branch when it starts in doubt: it gives the lost numbers again.
 * - Over Redis the numbers are Redis's: a node in doubt reads again what it has lost, so no cursor
 *   is void. Only if it begins a new generation itself does the fence (redis/script.c) begin a new
 *   branch, for all nodes: what Redis and the node have lost may have been in a generation of that
 *   number.
 * - A node takes the branch that Redis says, unless it has events of the generation in which that
 *   branch began: those are other events than Redis's, so the node keeps its own branch. */
#ifndef STORE_META_H
#define STORE_META_H

#include "chat/base/err.h"
#include "chat/base/event.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

#define HISTORY_BYTES 32
struct store_meta {
    char history[HISTORY_BYTES + 1]; /* names the chat; "": this store has no event yet */
    uint64_t generation;             /* the highest that this node has entered */
    char branch[BRANCH_MAX + 1];     /* branch_ok() */
    bool in_doubt;
};

#define BRANCH_HEX 16
/* "": the first one; else the generation in which it began, a hyphen, and BRANCH_HEX digits. */
bool branch_ok(const char *branch);
uint64_t branch_generation(const char *branch);
/* The digits of a new one. */
void branch_random(char hex[BRANCH_HEX + 1]);

/* At start, before the first job. */
enum err store_load_meta(struct store *s, struct store_meta *meta);
/* For open.c: notes in the file that the store is in doubt, if it is. SQLite's code. */
int meta_set_doubt(struct store *s);
/* False: it will not, as for store_write_job(). */
bool store_save_meta(struct store *s, const struct store_meta *meta);

#endif
