/* hold.h - an answer that the client does not take at once: meanwhile it is sent piece by piece, as
 * the socket takes it, and nothing is read, because the library would poll the unread input in
 * every turn of the loop. Loop thread only. */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>

#define HOLD_PIECE_BYTES 32768 /* the library sends no more in one call */

struct lws;
struct page;
struct shelf_ops;
struct view;
struct visit;

/* The bytes of an answer that are not yet given to the library. They are not copied: they belong to
 * a page, of which the hold takes its own reference, or to a view, which it takes. */
struct hold_rest {
    struct page *page;
    struct view *view; /* NULL, or the photo that the next `unread` bytes come from */
    const struct shelf_ops *shelf;
    const char *at;
    size_t size;
    size_t unread;
};

/* The answer comes later, from outside the library's callbacks: reads nothing until then. -1: no
 * memory; close the connection. */
int hold_request(struct lws *wsi);
/* The answer waits for this view; if the connection ends before, the hold closes it. */
void hold_await_take(struct lws *wsi, struct view *view, const struct shelf_ops *shelf);
/* The view is the caller's again. NULL: there is none. */
struct view *hold_take_view(struct lws *wsi);

/* Call it after the first write of each answer. If there is a rest, or the socket takes no more,
 * holds the connection until the rest is sent and the socket takes bytes again. -1: it cannot;
 * close the connection. */
int hold_if_choked(struct lws *wsi, const struct hold_rest *rest);
/* Call it after each answer, unless the library ends the transaction by itself. Ends it, now or
 * after the hold; until the next request, the connection can be given up. If a part of the body is
 * still to come (visit.rest_s), sets the timer. -1: close it. */
int hold_end_transaction(struct lws *wsi);

/* The library can write. -1: close the connection. */
int hold_write(struct lws *wsi);
/* The timer that a hold has set is over. True: for 15 s the socket has not taken the next piece. */
bool hold_is_stuck(struct lws *wsi);

/* The connection has ended. */
void hold_finish(struct visit *visit);

#endif
