/* shelf.c - see shelf.h. */
#include "shelf.h"

#include "draft.h"
#include "private.h"
#include "view.h"

#include "log.h"

#include "chat/base/bytes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

const struct shelf_ops shelf_ops = {.draft_create = draft_create,
                                    .draft_append_take = draft_append_take,
                                    .draft_make = draft_make,
                                    .draft_photo = draft_photo,
                                    .draft_located = draft_located,
                                    .draft_keep = draft_keep,
                                    .draft_destroy = draft_destroy,
                                    .view_open = view_open,
                                    .view_size = view_size,
                                    .view_mime = view_mime,
                                    .view_read = view_read,
                                    .view_read_now = view_read_now,
                                    .view_piece = view_piece,
                                    .view_close = view_close};

static int open_folder(int in, const char *path)
{
    if (mkdirat(in, path, 0700) != 0 && errno != EEXIST) {
        log_error("photos folder=%s: %s", path, strerror(errno));
        return -1;
    }
    int fd = openat(in, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        log_error("photos folder=%s: %s", path, strerror(errno));
    return fd;
}

static DIR *list_folder(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *all = fd < 0 ? NULL : fdopendir(fd);
    if (all == NULL && fd >= 0)
        close(fd);
    return all;
}

/* Removes what a crash has left: no client has had an answer for it. */
static void clear_coming(struct shelf *s)
{
    DIR *all = list_folder(s->coming);
    if (all == NULL)
        return;
    for (const struct dirent *e; (e = readdir(all)) != NULL;)
        if (e->d_name[0] != '.')
            unlinkat(s->coming, e->d_name, 0);
    closedir(all);
}

struct shelf *shelf_create(struct uv_loop_s *loop, const struct shelf_config *config)
{
    struct shelf *s = calloc(1, sizeof *s);
    char *path = NULL;
    if (s == NULL || asprintf(&path, "%s/photos", config->state) < 0) {
        free(s);
        return NULL;
    }
    signal(SIGCHLD, SIG_DFL); /* where it is ignored, nobody learns how a helper ended */
    s->loop = loop;
    s->config = config;
    list_init(&s->waiting);
    list_init(&s->making);
    s->ending = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->folder = open_folder(AT_FDCWD, path);
    s->coming = s->folder < 0 ? -1 : open_folder(s->folder, "coming");
    free(path);
    if (s->coming < 0 || s->ending < 0)
        shelf_destroy(&s);
    else
        clear_coming(s);
    return s;
}

void shelf_stop(struct shelf *s)
{
    if (s != NULL)
        eventfd_write(s->ending, 1);
}

void shelf_destroy(struct shelf **shelf)
{
    struct shelf *s = *shelf;
    *shelf = NULL;
    if (s == NULL)
        return;
    if (s->folder >= 0)
        close(s->folder);
    if (s->coming >= 0)
        close(s->coming);
    if (s->ending >= 0)
        close(s->ending);
    if (s->listing != NULL)
        closedir(s->listing);
    free(s);
}

static bool remove_file(struct shelf *s, const char *file)
{
    if (unlinkat(s->folder, file, 0) == 0 || errno == ENOENT)
        return true;
    log_error("photos: %.6s… cannot be removed: %s", file, strerror(errno));
    return false;
}

bool shelf_remove(struct shelf *s, const char *name)
{
    char thumb[PHOTO_FILE_CHARS + 1];
    snprintf(thumb, sizeof thumb, "%s.thumb", name);
    bool removed = remove_file(s, name);
    return remove_file(s, thumb) && removed;
}

static void add_name(struct bytes *to, const char *file)
{
    char name[PHOTO_NAME_CHARS + 1];
    snprintf(name, sizeof name, "%.*s", PHOTO_NAME_CHARS, file);
    if (photo_name_ok(name) &&
        (file[PHOTO_NAME_CHARS] == '\0' || strcmp(file + PHOTO_NAME_CHARS, ".thumb") == 0))
        bytes_add(to, name, sizeof name);
}

bool shelf_list(struct shelf *s, struct bytes *to, size_t most)
{
    const struct dirent *e = NULL;
    if (s->listing == NULL)
        s->listing = list_folder(s->folder);
    for (size_t n = 0; s->listing != NULL && n < most && (e = readdir(s->listing)) != NULL; n++)
        add_name(to, e->d_name);
    if (e != NULL)
        return true;
    if (s->listing != NULL)
        closedir(s->listing);
    s->listing = NULL;
    return false;
}
