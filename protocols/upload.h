/* upload.h - POST /photos: the only request with a body. It goes to the shelf piece by piece, as
 * fast as the disk takes it. Loop thread only. */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct lws;
struct posting;
struct vhost;

/* A request has arrived, with its header. `*at` is the connection's, NULL before. 0; -1: the
 * connection ends, for nobody knows how much of the body comes, it is too much, or it cannot be
 * read. */
int upload_begin(struct vhost *v, struct lws *wsi, struct posting **at);
/* Bytes of its body. */
int upload_body(struct posting *p, const char *bytes, size_t n);
/* The timer is over: if the log has not answered in time, answers with 503. True: the upload is too
 * slow, or its client has left; end the connection. */
bool upload_is_late(struct posting *p);
/* The connection has ended. `at` NULL: it had not begun. 0. */
int upload_abandon(struct posting **at);

#endif
