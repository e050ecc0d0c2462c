/* control.c - see control.h. Frames of the session leave as lines; lines become its messages. */
#include "control.h"

#include "chat/base/list.h"
#include "chat/base/wire.h"
#include "chat/command/command.h"
#include "chat/model/session.h"
#include "log.h"
#include "unix_socket.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define BACKLOG     16
#define LINE_BYTES  ((size_t)65536) /* of a command */
#define UNSENT_MAX  ((size_t)1024 * 1024)
#define DEFAULT_DIR "/run/chatd"
#define SOCKET_NAME "control.sock"

struct control {
    uv_pipe_t pipe;
    char *path;
    struct chat *chat;
    struct list peers; /* peer.in_control */
};

struct peer {
    uv_pipe_t pipe;
    struct list in_control;
    struct session *session;
    struct bytes line; /* the start of the next command */
    bool ending;
    bool eof; /* no more commands: the connection ends after the last reply */
};

/* --- out ------------------------------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle)
{
    struct peer *p = handle->data;
    session_destroy(&p->session);
    bytes_finish(&p->line);
    free(p);
}

static void end(struct peer *p)
{
    if (uv_is_closing((uv_handle_t *)&p->pipe))
        return;
    list_remove(&p->in_control);
    uv_close((uv_handle_t *)&p->pipe, on_closed);
}

struct sending {
    uv_write_t write; /* first */
    struct bytes text;
};
_Static_assert(offsetof(struct sending, write) == 0, "on_sent() casts");

static bool is_done(const struct peer *p)
{
    bool last = p->ending || (p->eof && session_is_idle(p->session));
    return last && uv_stream_get_write_queue_size((const uv_stream_t *)&p->pipe) == 0;
}

static void on_sent(uv_write_t *write, int status)
{
    struct sending *w = (struct sending *)write;
    struct peer *p = write->data;
    bytes_finish(&w->text);
    free(w);
    if (status != 0 || is_done(p))
        end(p);
}

/* Replaces the WebSocket header of each frame by a newline after it. */
static ptrdiff_t send_lines(void *peer, const char *frames, size_t n)
{
    struct peer *p = peer;
    struct sending *w = calloc(1, sizeof *w);
    if (w == NULL || uv_stream_get_write_queue_size((uv_stream_t *)&p->pipe) > UNSENT_MAX) {
        free(w);
        return -1;
    }
    for (size_t at = 0; at < n; at += wire_size(frames + at)) {
        size_t header = wire_header_size(frames + at);
        bytes_add(&w->text, frames + at + header, wire_size(frames + at) - header);
        bytes_add(&w->text, "\n", 1);
    }
    uv_buf_t buffer = uv_buf_init(w->text.at, (unsigned)w->text.size);
    w->write.data = p;
    if (w->text.failed || uv_write(&w->write, (uv_stream_t *)&p->pipe, &buffer, 1, on_sent) != 0) {
        bytes_finish(&w->text);
        free(w);
        return -1;
    }
    return (ptrdiff_t)n;
}

static void close_soon(void *peer, enum close_code code, const char *reason)
{
    struct peer *p = peer;
    (void)code, (void)reason;
    p->ending = true;
    if (is_done(p))
        end(p);
}

static void ping(void *peer) { session_heard(((struct peer *)peer)->session); }

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer);

static void provide(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(malloc(wanted), (unsigned)wanted);
}

static void listen_or_not(void *peer, bool on)
{
    uv_stream_t *stream = (uv_stream_t *)&((struct peer *)peer)->pipe;
    if (on)
        uv_read_start(stream, provide, on_bytes);
    else
        uv_read_stop(stream);
}

static const struct sink_ops sink = {send_lines, close_soon, ping, listen_or_not};

/* --- in ------------------------------------------------------------------------------------- */

static void obey(struct peer *p)
{
    char *end_of_line;
    while (!p->ending && p->line.size > 0 &&
           (end_of_line = memchr(p->line.at, '\n', p->line.size)) != NULL) {
        size_t n = (size_t)(end_of_line - p->line.at);
        session_heard(p->session);
        command_obey(p->session, p->line.at, n);
        bytes_drop(&p->line, n + 1);
    }
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct peer *p = stream->data;
    if (n > 0) {
        bytes_add(&p->line, buffer->base, (size_t)n);
        obey(p);
    }
    free(buffer->base);
    p->eof = n == UV_EOF;
    if (p->eof)
        uv_read_stop(stream);
    if (is_done(p) || (n < 0 && !p->eof) || p->line.failed || p->line.size > LINE_BYTES)
        end(p);
}

static void on_connection(uv_stream_t *listening, int status)
{
    struct control *c = listening->data;
    struct peer *p = status == 0 ? calloc(1, sizeof *p) : NULL;
    if (p == NULL)
        return;
    uv_pipe_init(listening->loop, &p->pipe, 0);
    p->pipe.data = p;
    list_add(&c->peers, &p->in_control);
    if (uv_accept(listening, (uv_stream_t *)&p->pipe) == 0)
        p->session = session_open_operator(c->chat, &sink, p);
    if (p->session == NULL || uv_read_start((uv_stream_t *)&p->pipe, provide, on_bytes) != 0)
        end(p);
}

/* --- create and destroy --------------------------------------------------------------------- */

/* In RUNTIME_DIRECTORY systemd lists the runtime directories of the service. */
static char *default_path(void)
{
    const char *dir = getenv("RUNTIME_DIRECTORY");
    char *path;
    if (dir == NULL || dir[0] != '/')
        dir = DEFAULT_DIR;
    return asprintf(&path, "%.*s/" SOCKET_NAME, (int)strcspn(dir, ":"), dir) < 0 ? NULL : path;
}

static void on_control_closed(uv_handle_t *handle)
{
    struct control *c = handle->data;
    free(c->path);
    free(c);
}

static int open_at(struct control *c)
{
    int fd = c->path == NULL ? -1 : unix_socket_listen(c->path, 0600, BACKLOG);
    if (fd < 0)
        return -1;
    int err = uv_pipe_open(&c->pipe, fd);
    if (err != 0)
        close(fd);
    else
        err = uv_listen((uv_stream_t *)&c->pipe, BACKLOG, on_connection);
    errno = -err;
    return err;
}

int control_create(struct control **control_out, struct uv_loop_s *loop, const char *path,
                   struct chat *chat)
{
    struct control *c = calloc(1, sizeof *c);
    *control_out = NULL;
    if (c == NULL)
        return -1;
    c->chat = chat;
    list_init(&c->peers);
    uv_pipe_init(loop, &c->pipe, 0);
    c->pipe.data = c;
    c->path = path == NULL ? default_path() : strdup(path);
    if (open_at(c) == 0) {
        *control_out = c;
        log_info("control unix=%s", c->path);
        return 0;
    }
    if (path != NULL)
        log_error("control unix=%s: %s", path, strerror(errno));
    else
        log_info("control socket disabled: %s: %s", c->path, strerror(errno));
    uv_close((uv_handle_t *)&c->pipe, on_control_closed);
    return path == NULL ? 0 : -1;
}

void control_destroy(struct control **control)
{
    struct control *c = *control;
    if (c == NULL)
        return;
    list_each(l, next, &c->peers) end(list_entry(l, struct peer, in_control));
    unlink(c->path);
    uv_close((uv_handle_t *)&c->pipe, on_control_closed);
    *control = NULL;
}
