/* draft.h - a photo that is being uploaded, or copied from another node: the functions of struct
 * shelf_ops. */
#ifndef PHOTO_DRAFT_H
#define PHOTO_DRAFT_H

#include "shelf_ops.h"

struct draft *draft_create(struct shelf *s, uint64_t person);
/* A copy of a photo that other nodes have. draft_make() answers SHELF_UNKNOWN unless its bytes are
 * clean already, and have these measures. NULL: no memory. */
struct draft *draft_create_copy(struct shelf *s, const struct photo *photo);
void draft_append_take(struct draft *d, char *bytes, size_t n, shelf_done *done, void *arg);
void draft_make(struct draft *d, shelf_done *done, void *arg);
const struct photo *draft_photo(const struct draft *d);
bool draft_located(const struct draft *d);
void draft_keep(struct draft *d, shelf_done *done, void *arg);
void draft_destroy(struct draft **d);

#endif
