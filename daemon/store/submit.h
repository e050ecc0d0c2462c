/* submit.h - stores events and numbers them: for the journal of a single node. */
#ifndef STORE_SUBMIT_H
#define STORE_SUBMIT_H

#include "chat/base/err.h"
#include "chat/base/event.h"

struct store;
struct submit;

/* The verdict on an event. */
struct store_written {
    enum err err;
    bool is_new;     /* false: seq and at_ms are those of an earlier event that stands for it */
    bool is_void;    /* only of store_verdict(): no event has the key, and the number is void */
    uint64_t number; /* of a copy: its own */
    struct event e;  /* complete; borrowed for the callback */
};
/* Loop thread, once, never before the call that gave the event has returned. */
typedef void store_written_cb(void *arg, const struct store_written *w);

/* Copies `e`. 0, or ERR_UNAVAILABLE: too much is waiting, the store ends, or no memory. */
enum err store_submit(struct store *s, const struct event *e, store_written_cb *cb, void *arg);

/* --- for copy.c ----------------------------------------------------------------------------- */

/* NULL as for store_write_job(). The caller sets `run` and gives it to the writer. */
struct submit *store_submit_create(struct store *s, const struct event *e, store_written_cb *cb,
                                   void *arg);
/* Writer's thread. Before each run: forgets what an earlier one has made of the event. */
void store_submit_reset(struct submit *j);
/* A node alone has one order of all logs, so a key names one event of all rooms. Copies are judged
 * by their own log: nodes copy different rooms in different orders. */
enum key_scope { KEY_OF_ROOM, KEY_OF_ROOMS };
/* Writer's thread. The one judge of a key. SQLITE_ROW: the author has used this key before in this
 * log, or with KEY_OF_ROOMS in any room (never both in a room and in the server's log, which is
 * room 0); the verdict says for what. */
int store_find_key(struct store *s, struct submit *j, int64_t room, enum key_scope scope);
/* Writer's thread. Sets err and is_new. If an earlier event stands for this one, j->e gets its seq
 * and time. */
int store_judge(struct store *s, struct submit *j, int64_t room, enum key_scope scope);
/* Writer's thread. Gives j->e seq and time of the event that the verdict names. */
int store_take_since(struct store *s, struct submit *j, int64_t room);
/* Writer's thread. Afterwards the body of j->e is the text that members see. */
int store_insert(struct store *s, struct submit *j, int64_t room);

#endif
