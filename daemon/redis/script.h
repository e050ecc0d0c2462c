/* script.h - what Redis does in one step: Lua scripts, each known to Redis by its sum. */
#ifndef REDIS_SCRIPT_H
#define REDIS_SCRIPT_H

#include "call.h"
#include "link.h"

enum script { SCRIPT_SUBMIT, SCRIPT_FENCE, SCRIPT_OFFER, SCRIPT_SEAL, SCRIPTS };

/* All zero before script_load_all(); stays where it is while the link lives. */
struct scripts {
    struct script_slot {
        struct redis_link *link;
        char sum[41];
    } slots[SCRIPTS];
};

/* A script can be called once the answer to a later question is there: sums are needed to call. */
void script_load_all(struct scripts *s, struct redis_link *link);
/* Begins a call of it. The keys follow, then the arguments, in the order that script.c names. */
void script_begin(struct redis_call *c, const struct scripts *s, enum script which);

#endif
