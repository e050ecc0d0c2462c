/* item.h - an item as it is now: its event, and the patch that later events made. Pure, any thread.
 *
 * The patch is a JSON object whose members replace those of the event's body; NULL: no patch.
 * Returned strings are new (free() them); NULL: no memory. */
#ifndef CHAT_ITEM_H
#define CHAT_ITEM_H

#include "event.h"

#include <jansson.h>

/* Appends the item's JSON text. False: body or patch is damaged JSON, or no memory. */
bool item_write(struct bytes *to, const struct event *e, const char *patch);

bool item_is_deleted(const char *patch);
/* Whether the patch is one that item_edited() or item_deleted() makes. */
bool item_patch_ok(const char *patch);
/* 64-bit FNV-1a: tells a damaged patch. Never 0. */
uint64_t item_patch_hash(const char *patch);
/* The patch after an edit, and after a delete. */
char *item_edited(const char *patch, const struct event *edit);
char *item_deleted(void);

/* Empties the members that hold a person's words, in the JSON of an event or of a body. False: no
 * memory. */
bool item_redact(json_t *event);
/* A body without a person's words, for a deleted item and for its edits. */
char *body_redacted(const char *body);

#endif
