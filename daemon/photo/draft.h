/* draft.h - a photo that is being uploaded: the functions of struct shelf_ops. */
#ifndef PHOTO_DRAFT_H
#define PHOTO_DRAFT_H

#include "shelf_ops.h"

struct draft *draft_create(struct shelf *s);
void draft_append_take(struct draft *d, char *bytes, size_t n, shelf_done *done, void *arg);
void draft_make(struct draft *d, shelf_done *done, void *arg);
const struct photo *draft_photo(const struct draft *d);
bool draft_located(const struct draft *d);
void draft_keep(struct draft *d, shelf_done *done, void *arg);
void draft_destroy(struct draft **d);

#endif
