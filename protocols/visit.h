/* visit.h - whether a connection waits for a request, and whether it has ended without one that it
 * began to send. Loop thread only. */
#ifndef VISIT_H
#define VISIT_H

#include <stdbool.h>
#include <stdint.h>

struct lws;
struct visit;

/* From its adoption, and after each answer. */
void visit_wait(struct visit *visit, uint64_t now_ms);
/* The header of a request is whole, or the daemon ends the connection: it waits no more. */
void visit_go_on(struct visit *visit, struct lws *wsi);
/* Call it at the end. True: it waited, and something came that made no request: the library has
 * answered with 403, or with nothing, or the time was over. */
bool visit_was_cut(const struct visit *visit, struct lws *wsi, uint64_t now_ms);

#endif
