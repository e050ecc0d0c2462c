/* view.c - see view.h. */
#include "view.h"

#include "private.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#define SERVED_PIECE_BYTES ((size_t)60 * 1024) /* malloc() maps what is bigger: see app/app.c */

struct view {
    struct shelf *shelf;
    uv_work_t work;
    bool busy;
    bool dead;      /* closed: free it when the call is over */
    bool may_fetch; /* from other nodes, if it is not here */
    enum shelf_fault fault;
    shelf_done *done;
    void *arg;
    char photo[PHOTO_NAME_CHARS + 1];
    char file[PHOTO_FILE_CHARS + 1];
    int fd;
    size_t size, at;
    const char *mime;
    size_t n, most; /* bytes of a piece: now, at most */
    char space[SHELF_SPACE_BYTES];
    char piece[];
};

static void destroy(struct view *v)
{
    if (v->fd >= 0)
        close(v->fd);
    free(v);
}

static void finish(struct view *v)
{
    v->busy = false;
    if (v->dead)
        destroy(v);
    else
        v->done(v->arg, v->fault);
}

static void on_fetched(void *arg, enum shelf_fault fault);

/* True: on_fetched() follows. */
static bool fetch(struct view *v)
{
    const struct shelf_config *config = v->shelf->config;
    bool may = v->may_fetch && !v->dead && v->fault == SHELF_NO_SUCH && config->fetch != NULL;
    v->may_fetch = false;
    return may && config->fetch(config->fetch_arg, v->photo, on_fetched, v);
}

static void on_worked(uv_work_t *work, int status)
{
    struct view *v = work->data;
    (void)status;
    if (!fetch(v))
        finish(v);
}

static void give(struct view *v, uv_work_cb run, shelf_done *done, void *arg)
{
    v->work.data = v;
    v->busy = true;
    v->done = done;
    v->arg = arg;
    uv_queue_work(v->shelf->loop, &v->work, run, on_worked);
}

static void fail(struct view *v)
{
    v->fault = errno == ENOENT ? SHELF_NO_SUCH : SHELF_FAILED;
    if (errno != ENOENT)
        log_error("photos: %s", strerror(errno));
}

static void read_piece(uv_work_t *work)
{
    struct view *v = work->data;
    ssize_t n = pread(v->fd, v->piece, v->most, (off_t)v->at);
    v->fault = SHELF_FINE;
    v->n = n < 0 ? 0 : (size_t)n;
    v->at += v->n;
    if (n < 0)
        fail(v);
    else if (n == 0 && v->at < v->size)
        v->fault = SHELF_FAILED;
}

/* The files here are clean pictures: their first bytes tell the kind. */
static const char *mime_of(const char *bytes, size_t n)
{
    if (n >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return "image/webp";
    if (n >= 4 && memcmp(bytes, "GIF8", 4) == 0)
        return "image/gif";
    return n >= 4 && memcmp(bytes, "\x89PNG", 4) == 0 ? "image/png" : "image/jpeg";
}

static void open_file(uv_work_t *work)
{
    struct view *v = work->data;
    struct stat file;
    v->fault = SHELF_FINE;
    v->fd = openat(v->shelf->folder, v->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (v->fd < 0 || fstat(v->fd, &file) != 0) {
        fail(v);
        if (faccessat(v->shelf->folder, v->photo, F_OK, 0) == 0)
            v->may_fetch = false; /* its thumbnail could not be made: no node has it */
        return;
    }
    v->size = (size_t)file.st_size;
    read_piece(work);
    v->mime = mime_of(v->piece, v->n);
}

static void on_fetched(void *arg, enum shelf_fault fault)
{
    struct view *v = arg;
    v->fault = fault;
    if (fault != SHELF_FINE || v->dead)
        finish(v);
    else
        give(v, open_file, v->done, v->arg);
}

static struct view *create(struct shelf *s, const char *name, const char *ending, size_t most)
{
    struct view *v = malloc(sizeof *v + most);
    if (v == NULL)
        return NULL;
    *v = (struct view){.shelf = s, .fd = -1, .most = most};
    snprintf(v->photo, sizeof v->photo, "%s", name);
    snprintf(v->file, sizeof v->file, "%s%s", name, ending);
    return v;
}

struct view *view_open(struct shelf *s, const char *name, bool thumb, shelf_done *done, void *arg)
{
    struct view *v = create(s, name, thumb ? ".thumb" : "", SERVED_PIECE_BYTES);
    if (v == NULL)
        return NULL;
    v->may_fetch = true;
    give(v, open_file, done, arg);
    return v;
}

struct view *view_open_here(struct shelf *s, const char *name, shelf_done *done, void *arg)
{
    struct view *v = create(s, name, "", SHELF_PIECE_BYTES);
    if (v != NULL)
        give(v, open_file, done, arg);
    return v;
}

size_t view_size(const struct view *v) { return v->size; }

const char *view_mime(const struct view *v) { return v->mime; }

void view_read(struct view *v, shelf_done *done, void *arg) { give(v, read_piece, done, arg); }

bool view_read_now(struct view *v)
{
    struct iovec to = {.iov_base = v->piece, .iov_len = v->most};
    ssize_t n = preadv2(v->fd, &to, 1, (off_t)v->at, RWF_NOWAIT);
    if (n <= 0)
        return false;
    v->n = (size_t)n;
    v->at += v->n;
    return true;
}

char *view_piece(struct view *v, size_t *n_out)
{
    *n_out = v->n;
    return v->piece;
}

void view_close(struct view **view)
{
    struct view *v = *view;
    *view = NULL;
    if (v == NULL)
        return;
    v->dead = true;
    if (!v->busy)
        destroy(v);
}
