/* hold.h - while a client does not take its answer, nothing is read from it. The library would look
 * at what it has sent in every turn of the loop, and not touch it. Loop thread only. */
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
