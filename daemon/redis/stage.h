/* stage.h - how far the journal has come with Redis, and why it cannot store events. */
#ifndef REDIS_STAGE_H
#define REDIS_STAGE_H

#include "private.h"

/* Does nothing if that is the stage already. A step that the drawing lacks is logged. */
void stage_set(struct journal *j, enum redis_stage stage);
/* Redis may be another one than before: FENCING, and fence_begin() in the next turn of the loop. */
void stage_fence(struct journal *j);
/* Redis takes no event for now; `why` is what it answered. The caller logs that. */
void stage_refuse(struct journal *j, const char *why);
/* Why events cannot be stored now; NULL: they can. Borrowed until the loop's next turn. */
const char *stage_fault(const struct journal *j);
/* Logs a fault that has begun, changed or ended. */
void stage_log_fault(struct journal *j);

#endif
