/* draft.c - see draft.h. Under its own random name a draft has in coming/: NAME, the bytes as they
 * came; NAME.clean, what is kept of them; and NAME.thumb. */
#include "draft.h"

#include "helper.h"
#include "picture.h"
#include "private.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <uv.h>

#define NODES UINT64_MAX /* no identity has this number */

struct draft {
    struct shelf *shelf;
    uint64_t person; /* whose turn it takes; NODES: all copies together */
    struct list in_waiting, in_making;
    unsigned rank; /* how many of the person's had to be made first when it came */
    uv_work_t work;
    /* What the pool does for the call that is under way. NULL: there is none. */
    enum shelf_fault (*run)(struct draft *d);
    enum shelf_fault fault;
    shelf_done *done;
    void *arg;
    bool dead; /* destroyed: remove it when the call is over */
    bool kept;
    int fd; /* of the bytes as they came; -1: nothing has come */
    char *bytes;
    size_t n;
    char name[PHOTO_NAME_CHARS + 1]; /* in coming/ */
    struct photo photo;
    bool located;
    bool is_copy; /* then `photo` is what it must be */
};

/* --- calls ---------------------------------------------------------------------------------- */

static void give(struct draft *d);

static bool is_made_for(const struct shelf *s, uint64_t person)
{
    for (const struct list *l = s->making.next; l != &s->making; l = l->next)
        if (list_entry(l, struct draft, in_making)->person == person)
            return true;
    return false;
}

/* Nobody has two helpers at once. */
static void start_next(struct shelf *s)
{
    list_each(l, next, &s->waiting)
    {
        struct draft *d = list_entry(l, struct draft, in_waiting);
        if (s->making_count == MAKES_MAX)
            return;
        if (is_made_for(s, d->person))
            continue;
        list_remove(&d->in_waiting);
        list_add(&s->making, &d->in_making);
        s->making_count++;
        give(d);
    }
}

/* Everybody's first one goes before anybody's second one. */
static void queue(struct draft *d)
{
    struct list *before = &d->shelf->waiting;
    d->rank = is_made_for(d->shelf, d->person);
    list_each(l, next, &d->shelf->waiting)
    {
        d->rank += list_entry(l, struct draft, in_waiting)->person == d->person;
    }
    while (before->prev != &d->shelf->waiting &&
           list_entry(before->prev, struct draft, in_waiting)->rank > d->rank)
        before = before->prev;
    list_add(before, &d->in_waiting);
}

static void run_work(uv_work_t *work)
{
    struct draft *d = work->data;
    d->fault = d->run(d);
}

static enum shelf_fault make(struct draft *d);
static enum shelf_fault discard(struct draft *d);

static void begin(struct draft *d, enum shelf_fault (*run)(struct draft *d), shelf_done *done,
                  void *arg)
{
    d->run = run;
    d->done = done;
    d->arg = arg;
}

static void on_worked(uv_work_t *work, int status)
{
    struct draft *d = work->data;
    bool made = d->run == make, discarded = d->run == discard;
    (void)status;
    free(d->bytes);
    d->bytes = NULL;
    d->run = NULL;
    if (made) {
        list_remove(&d->in_making);
        d->shelf->making_count--;
        start_next(d->shelf);
    }
    if (discarded)
        free(d);
    else if (d->dead) {
        begin(d, discard, NULL, NULL);
        give(d);
    } else
        d->done(d->arg, d->fault);
}

static void give(struct draft *d)
{
    d->work.data = d;
    uv_queue_work(d->shelf->loop, &d->work, run_work, on_worked);
}

/* --- bytes ---------------------------------------------------------------------------------- */

static enum shelf_fault fault_of(int error)
{
    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        return SHELF_NO_SPACE;
    log_error("photos: %s", strerror(error));
    return SHELF_FAILED;
}

static bool has_space(const struct shelf *s)
{
    struct statvfs disk;
    return fstatvfs(s->coming, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize > s->config->free_bytes;
}

static enum shelf_fault append(struct draft *d)
{
    if (!has_space(d->shelf))
        return SHELF_NO_SPACE;
    if (d->fd < 0)
        d->fd = openat(d->shelf->coming, d->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (d->fd < 0)
        return fault_of(errno);
    for (size_t at = 0; at < d->n;) {
        ssize_t n = write(d->fd, d->bytes + at, d->n - at);
        if (n < 0 && errno != EINTR)
            return fault_of(errno);
        at += n < 0 ? 0 : (size_t)n;
    }
    return SHELF_FINE;
}

/* --- the picture ---------------------------------------------------------------------------- */

static const char *file_name(char to[PHOTO_FILE_CHARS + 1], const struct draft *d,
                             const char *ending)
{
    snprintf(to, PHOTO_FILE_CHARS + 1, "%s%s", d->name, ending);
    return to;
}

static enum shelf_fault judge(enum picture_fault fault)
{
    switch (fault) {
    case PICTURE_FINE: return SHELF_FINE;
    case PICTURE_TOO_BIG: return SHELF_TOO_BIG;
    case PICTURE_FAILED: return fault_of(errno);
    default: return SHELF_UNKNOWN;
    }
}

static bool have_same_bytes(FILE *one, FILE *other)
{
    char a[16384], b[sizeof a];
    size_t n;
    rewind(one);
    rewind(other);
    do {
        n = fread(a, 1, sizeof a, one);
        if (fread(b, 1, sizeof b, other) != n || memcmp(a, b, n) != 0)
            return false;
    } while (n == sizeof a);
    return ferror(one) == 0 && ferror(other) == 0;
}

/* What a node has put on its shelf is clean, and the log says its measures. */
static bool is_as_said(const struct photo *said, const struct photo *found, FILE *in, FILE *out)
{
    return found->width == said->width && found->height == said->height &&
           found->bytes == said->bytes && strcmp(found->mime, said->mime) == 0 &&
           have_same_bytes(in, out);
}

static enum shelf_fault clean(struct draft *d, FILE *in, FILE *out)
{
    struct picture found;
    struct stat file;
    struct photo made = d->photo;
    enum shelf_fault fault = judge(picture_clean(in, out, &d->shelf->config->limits, &found));
    if (fault != SHELF_FINE)
        return fault;
    if (fflush(out) != 0 || fsync(fileno(out)) != 0 || fstat(fileno(out), &file) != 0)
        return fault_of(errno);
    made.width = found.width;
    made.height = found.height;
    made.bytes = (uint64_t)file.st_size;
    strcpy(made.mime, picture_mime(found.kind));
    if (d->is_copy && !is_as_said(&d->photo, &made, in, out))
        return SHELF_UNKNOWN;
    d->photo = made;
    d->located = found.located;
    return SHELF_FINE;
}

static FILE *open_stream(int fd, const char *mode)
{
    FILE *f = fd < 0 ? NULL : fdopen(fd, mode);
    if (f == NULL && fd >= 0)
        close(fd);
    return f;
}

static enum shelf_fault make(struct draft *d)
{
    char name[PHOTO_FILE_CHARS + 1];
    int in = d->fd, out = openat(d->shelf->coming, file_name(name, d, ".clean"),
                                 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    d->fd = -1;
    if (in < 0)
        return SHELF_UNKNOWN; /* not a byte has come */
    FILE *from = open_stream(in, "rb"), *to = open_stream(out, "w+b");
    enum shelf_fault fault = SHELF_FAILED;
    if (from != NULL && to != NULL && fseek(from, 0, SEEK_SET) == 0)
        fault = clean(d, from, to);
    else
        fault = fault_of(errno);
    if (from != NULL)
        fclose(from);
    if (to != NULL)
        fclose(to);
    if (fault == SHELF_FINE)
        helper_run(d->shelf, d->name, &d->photo);
    return fault;
}

/* --- to be seen, or not --------------------------------------------------------------------- */

static enum shelf_fault keep(struct draft *d)
{
    char from[PHOTO_FILE_CHARS + 1], to[PHOTO_FILE_CHARS + 1];
    int coming = d->shelf->coming, folder = d->shelf->folder;
    if (renameat(coming, file_name(from, d, ".clean"), folder, d->photo.name) != 0)
        return fault_of(errno);
    file_name(from, d, ".thumb");
    snprintf(to, sizeof to, "%s.thumb", d->photo.name);
    if (renameat(coming, from, folder, to) != 0 && errno != ENOENT)
        log_warn("photos thumbnail: %s", strerror(errno));
    if (fsync(folder) != 0)
        return fault_of(errno);
    d->kept = true;
    return SHELF_FINE;
}

static enum shelf_fault discard(struct draft *d)
{
    static const char *const endings[] = {"", ".clean", ".thumb"};
    char name[PHOTO_FILE_CHARS + 1];
    if (d->fd >= 0)
        close(d->fd);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        unlinkat(d->shelf->coming, file_name(name, d, endings[i]), 0);
    return SHELF_FINE;
}

/* --- struct shelf_ops ----------------------------------------------------------------------- */

struct draft *draft_create(struct shelf *s, uint64_t person)
{
    unsigned char random[16];
    struct draft *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(d->name, sizeof d->name, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    strcpy(d->photo.name, d->name);
    d->shelf = s;
    d->person = person;
    d->fd = -1;
    list_init(&d->in_waiting);
    list_init(&d->in_making);
    return d;
}

struct draft *draft_create_copy(struct shelf *s, const struct photo *photo)
{
    struct draft *d = draft_create(s, NODES);
    if (d == NULL)
        return NULL;
    d->photo = *photo;
    d->is_copy = true;
    return d;
}

void draft_append_take(struct draft *d, char *bytes, size_t n, shelf_done *done, void *arg)
{
    begin(d, append, done, arg);
    d->bytes = bytes;
    d->n = n;
    give(d);
}

void draft_make(struct draft *d, shelf_done *done, void *arg)
{
    begin(d, make, done, arg);
    queue(d);
    start_next(d->shelf);
}

const struct photo *draft_photo(const struct draft *d) { return &d->photo; }

bool draft_located(const struct draft *d) { return d->located; }

void draft_keep(struct draft *d, shelf_done *done, void *arg)
{
    begin(d, keep, done, arg);
    give(d);
}

void draft_destroy(struct draft **draft)
{
    struct draft *d = *draft;
    *draft = NULL;
    if (d == NULL)
        return;
    bool waiting = !list_empty(&d->in_waiting);
    list_remove(&d->in_waiting);
    d->dead = true;
    if (d->run != NULL && !waiting)
        return; /* on_worked() goes on */
    begin(d, discard, NULL, NULL);
    give(d);
}
