/* photo.h - the addresses of photos: /photos/NAME and /photos/NAME/thumb. Loop thread only. */
#ifndef PHOTO_H
#define PHOTO_H

struct lws;
struct vhost;

/* Answers, now or later. `name`: what stands behind "/photos/". 0; -1: the connection ends. */
int photo_answer(struct vhost *v, struct lws *wsi, const char *name);

#endif
