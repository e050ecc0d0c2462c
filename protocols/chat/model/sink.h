/* sink.h - how bytes reach the connection of a session, and how it is closed. Loop thread only. */
#ifndef CHAT_SINK_H
#define CHAT_SINK_H

#include "chat/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct bytes;
struct session;

/* What the owner of the connection provides. */
struct sink_ops {
    /* Sends whole frames, as many as the socket takes at once, and returns their bytes. If the
     * socket takes a part of a frame, the sink keeps the rest and counts the whole. Less than `n`:
     * session_writable() follows when the socket takes more. -1: the connection is dead. */
    ptrdiff_t (*send)(void *peer, const char *frames, size_t n);
    /* Ends the connection soon, never within this call. `reason` is borrowed. */
    void (*close)(void *peer, enum close_code code, const char *reason);
    /* Sends a ping, if the socket takes one at once. */
    void (*ping)(void *peer);
    /* Off: stops reading from the socket, which slows the client down. On: reads again. */
    void (*listen)(void *peer, bool on);
};

/* Sends whole frames; returns the bytes that the sink has taken, 0 while it is blocked. */
size_t sink_send(struct session *s, const char *frames, size_t n);
/* Sends one frame behind the replies, as soon as the socket takes it: nothing else would make up
 * for it. A session that lacks too much by then is closed, and its client resumes. */
void sink_tell(struct session *s, const struct bytes *frame);
/* Sends one frame, behind the replies of this turn. False: dropped, as the session is blocked or
 * not named. For what is out of date soon. */
bool sink_signal(struct session *s, const struct bytes *frame);
/* Sends s->out, as far as the socket takes it. Closes the session if memory for s->out has failed,
 * so that callers that add to it need no check. */
void sink_flush(struct session *s);
/* Has chat_flush() flush the session at the end of this turn of the loop. */
void sink_make_dirty(struct session *s);
/* Ends the session: it obeys no more commands. The owner destroys it later. `reason` is
 * borrowed. */
void sink_close(struct session *s, enum close_code code, const char *reason);

#endif
