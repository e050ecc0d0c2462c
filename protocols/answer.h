/* answer.h - sends an HTTP answer: in one write, or what is more in pieces (hold.h). Loop thread
 * only. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stddef.h>

struct lws;
struct page;
struct shelf_ops;
struct vhost;
struct view;

/* All is borrowed for the call, or if `page` is not NULL, the body is of that page: then what does
 * not fit into the first write is sent later, from there. */
struct answer {
    struct page *page;
    struct view *view; /* NULL, or where the body's next `unread` bytes come from: it is taken */
    const struct shelf_ops *shelf;
    size_t unread;
    const char *policy; /* content-security-policy; NULL: the vhost's */
    unsigned status;
    const char *type;    /* MIME */
    const char *caching; /* cache-control */
    const char *more;    /* further header lines, each with its CR LF; or NULL */
    const char *body;
    size_t size;
};

/* Adds the security headers, and leaves out the body if the request is HEAD. 0, or -1: the
 * connection is dead. The transaction stays open. */
int answer_send(struct vhost *v, struct lws *wsi, const struct answer *a);
/* The body is text, and nobody stores the answer. `more` as above. */
int answer_text(struct vhost *v, struct lws *wsi, unsigned status, const char *more,
                const char *text);

#endif
