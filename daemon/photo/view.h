/* view.h - an open file of a photo: the functions of struct shelf_ops. */
#ifndef PHOTO_VIEW_H
#define PHOTO_VIEW_H

#include "shelf_ops.h"

struct view *view_open(struct shelf *s, const char *name, bool thumb, shelf_done *done, void *arg);
/* The same, but if it is not here it is not fetched from other nodes; its pieces are those of
 * SHELF_PIECE_BYTES. */
struct view *view_open_here(struct shelf *s, const char *name, shelf_done *done, void *arg);
size_t view_size(const struct view *v);
const char *view_mime(const struct view *v);
void view_read(struct view *v, shelf_done *done, void *arg);
bool view_read_now(struct view *v);
char *view_piece(struct view *v, size_t *n_out);
void view_close(struct view **v);

#endif
