/* decide.h - commands that the server's log decides: it has all of them in one order, on every
 * node. A copy in the log of the room then tells its members. Loop thread only. */
#ifndef CHAT_DECIDE_H
#define CHAT_DECIDE_H

#include "chat/model/model.h"

#include "chat/base/event.h"

/* Submits `decided` to the server's log, and once it is there `told` to the room's, even if the
 * session ends meanwhile. Both bodies lack their end. `e` has kind, author and `of`; `id` is the
 * command's. Replies later, as submit_take() does, with the seq of the copy. ERR_UNAVAILABLE: no
 * reply follows. Consumes both bodies on every path. */
enum err decide(struct session *s, const char *id, const char *room, struct event e,
                struct bytes *decided, struct bytes *told);

#endif
