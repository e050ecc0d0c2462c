/* watch.h - hiredis on a libuv loop. Unlike hiredis's own adapter it reports a failed connect, and
 * it writes once in a turn of the loop, with all commands of that turn. A value that is too large
 * for chatd is empty in the reply: a hundred of them do not fill the memory. */
#ifndef REDIS_WATCH_H
#define REDIS_WATCH_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <stdint.h>

#define WATCH_VALUE_MAX ((size_t)4 << 20) /* bytes; events and pieces of photos are smaller */

struct uv_loop_s;

/* Must be called before any callback of the context is set. The watch ends with the context; the
 * loop frees its memory when the handle is closed. False: no memory. */
bool redis_watch_begin(redisAsyncContext *redis, struct uv_loop_s *loop);
/* By uv_now(): when the last bytes came. */
uint64_t redis_watch_read_ms(const redisAsyncContext *redis);
/* Sends the commands of this turn. May free the context. */
void redis_watch_flush(redisAsyncContext *redis);

#endif
