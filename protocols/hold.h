/* hold.h - stops reading from a client that does not read its answer. The library would poll the
 * unread input in every turn of the loop. Loop thread only. */
#ifndef HOLD_H
#define HOLD_H

struct lws;
struct visit;

/* Call it after each answer. Holds the connection until its socket takes bytes again. -1: it
 * cannot; close the connection. */
int hold_if_choked(struct lws *wsi);
/* The connection has ended. */
void hold_finish(struct visit *visit);

#endif
