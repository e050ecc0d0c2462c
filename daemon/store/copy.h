/* copy.h - copies a log that is numbered elsewhere. Events come with their numbers, one after the
 * other; each node judges them and comes to the same verdicts. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "submit.h"

/* `e` is complete; `life` is that of its room (chat/base/kinds.h, ROOM_GONE), `after` the event
 * before it in its log (0: none). A duplicate or rejected
 * event is stored as EVENT_VOID under its own number. In the callback `err` is the error that a
 * submit would get. After ERR_UNAVAILABLE neither this event nor a later one is in the file.
 * !is_new: the event was there already, or it is void; then e.seq and e.at_ms are those of the
 * earlier event that stands for it, if one does. Returns 0, or ERR_UNAVAILABLE: too much is
 * waiting, or no memory. */
enum err store_copy(struct store *s, const struct event *e, uint64_t life, uint64_t after,
                    store_written_cb *cb, void *arg);
/* Tells the verdict on an event that was copied as e.seq: for a submit that was sent again.
 * ERR_NO_SUCH_ROOM: its room is gone. */
enum err store_verdict(struct store *s, const struct event *e, uint64_t life, store_written_cb *cb,
                       void *arg);

#endif
