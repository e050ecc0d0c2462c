/* watch.c - see watch.h. */
#include "watch.h"

#include <stdlib.h>
#include <uv.h>

/* Outlives the context until its handle is closed. */
struct watch {
    uv_poll_t poll;
    redisAsyncContext *redis; /* NULL: it was freed */
    int events;
    uint64_t read_ms;
    redisReplyObjectFunctions replies; /* how hiredis makes a reply, */
    void *(*create_string)(const redisReadTask *task, char *text, size_t n); /* and by itself */
    bool unsent, flushing;
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch_for(struct watch *w, int events)
{
    if (events == w->events)
        return;
    w->events = events;
    uv_poll_start(&w->poll, events, on_poll);
}

/* Reading and writing may each free the context. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    bool failed = status < 0; /* libuv has stopped the handle */
    w->events = failed ? 0 : w->events;
    if (w->redis != NULL && (failed || (events & UV_READABLE) != 0))
        redisAsyncHandleRead(w->redis);
    if ((events & UV_READABLE) != 0)
        w->read_ms = uv_now(poll->loop);
    if (w->redis != NULL && (failed || (events & UV_WRITABLE) != 0))
        redisAsyncHandleWrite(w->redis);
}

static void add_read(void *watch)
{
    struct watch *w = watch;
    watch_for(w, w->events | UV_READABLE);
}

static void del_read(void *watch)
{
    struct watch *w = watch;
    watch_for(w, w->events & ~UV_READABLE);
}

/* The socket is watched while it connects, to see the end of that, and when a flush could not write
 * all. Else the commands wait for redis_watch_flush(). */
static void add_write(void *watch)
{
    struct watch *w = watch;
    w->unsent = true;
    if (w->flushing || (w->redis->c.flags & REDIS_CONNECTED) == 0)
        watch_for(w, w->events | UV_WRITABLE);
}

static void del_write(void *watch)
{
    struct watch *w = watch;
    w->unsent = false;
    watch_for(w, w->events & ~UV_WRITABLE);
}

static void on_watch_closed(uv_handle_t *handle) { free(handle->data); }

static void end_watch(void *watch)
{
    struct watch *w = watch;
    w->redis = NULL;
    uv_close((uv_handle_t *)&w->poll, on_watch_closed);
}

static void *create_string(const redisReadTask *task, char *text, size_t n)
{
    const struct watch *w = task->privdata;
    return w->create_string(task, text, n > WATCH_VALUE_MAX ? 0 : n);
}

static void limit_values(struct watch *w, redisReader *reader)
{
    w->replies = *reader->fn;
    w->create_string = w->replies.createString;
    w->replies.createString = create_string;
    reader->fn = &w->replies;
    reader->privdata = w;
}

bool redis_watch_begin(redisAsyncContext *redis, uv_loop_t *loop)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL || uv_poll_init(loop, &w->poll, redis->c.fd) != 0) {
        free(w);
        return false;
    }
    w->poll.data = w;
    w->redis = redis;
    limit_values(w, redis->c.reader);
    redis->ev.data = w;
    redis->ev.addRead = add_read;
    redis->ev.delRead = del_read;
    redis->ev.addWrite = add_write;
    redis->ev.delWrite = del_write;
    redis->ev.cleanup = end_watch;
    return true;
}

uint64_t redis_watch_read_ms(const redisAsyncContext *redis)
{
    const struct watch *w = redis->ev.data;
    return w == NULL ? 0 : w->read_ms;
}

/* hiredis calls add_write() again if the socket has not taken all. */
void redis_watch_flush(redisAsyncContext *redis)
{
    struct watch *w = redis->ev.data;
    if (w == NULL || !w->unsent || (redis->c.flags & REDIS_CONNECTED) == 0 ||
        (w->events & UV_WRITABLE) != 0)
        return;
    w->flushing = true;
    redisAsyncHandleWrite(redis);
    w->flushing = false;
}
