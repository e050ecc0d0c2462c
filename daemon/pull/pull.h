/* pull.h - copies the photos of the log to this node, and gives them to others. Loop thread only.
 */
#ifndef PULL_H
#define PULL_H

#include "config.h"

#include "shelf_ops.h"

#include "chat/model/pull.h"

#include <stdint.h>

struct bytes;
struct chat;

extern const struct pull_ops pull_ops;

/* Borrows `config`. NULL: no memory. */
struct pull *pull_create(const struct pull_config *config);
/* Call once, before the journal applies events. */
void pull_attach(struct pull *p, struct chat *chat);
/* Call it some times a second. */
void pull_tick(struct pull *p);
/* Answers all who wait. Call before the journal stops, when nobody looks at photos any more. */
void pull_stop(struct pull *p);
/* When the loop has ended. */
void pull_destroy(struct pull **p);

/* For struct shelf_config: `pull` is a struct pull. */
bool pull_fetch(void *pull, const char *name, shelf_done *done, void *arg);
/* Appends lines for /metrics. */
void pull_metrics(const struct pull *p, struct bytes *to);

#endif
