/* watch.h - hiredis on a libuv loop. Unlike hiredis's own adapter it reports a failed connect, and
 * it writes once in a turn of the loop, with all commands of that turn. */
#ifndef REDIS_WATCH_H
#define REDIS_WATCH_H

#include <hiredis/async.h>
#include <stdbool.h>

struct uv_loop_s;

/* Must be called before any callback of the context is set. The watch ends with the context; the
 * loop frees its memory when the handle is closed. False: no memory. */
bool redis_watch_begin(redisAsyncContext *redis, struct uv_loop_s *loop);
/* Sends the commands of this turn. May free the context. */
void redis_watch_flush(redisAsyncContext *redis);

#endif
