/* redis_watch.h - hiredis and the loop. Unlike hiredis's own adapter it tells a failed connect, and
 * writes once a turn, when all of the turn's commands are there. Used by: redis_link.c. */
#ifndef REDIS_WATCH_H
#define REDIS_WATCH_H

#include <hiredis/async.h>
#include <stdbool.h>

struct uv_loop_s;

/* Before any callback of the context is set. It ends with the context; its memory is freed when the
 * loop has closed its handle. False: no memory. */
bool redis_watch_begin(redisAsyncContext *redis, struct uv_loop_s *loop);
/* Sends what was asked in this turn. It may free the context. */
void redis_watch_flush(redisAsyncContext *redis);

#endif
