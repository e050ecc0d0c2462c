/* folder.c - see folder.h. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX 100
#define HTML           "text/html; charset=utf-8"
#define MODULE         "text/javascript; charset=utf-8"
#define STYLE          "text/css; charset=utf-8"

int folder_refuse(struct folder *f, const char *name, const char *why)
{
    snprintf(f->fault, sizeof f->fault, "%s: %s", name, why);
    return -1;
}

/* NULL: the name is not served. */
static const char *type_of(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".js", MODULE},
        {".mjs", MODULE},
        {".css", STYLE},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".html", HTML},
        {".webmanifest", "application/manifest+json"},
    };
    const char *ending = strrchr(name, '.');
    if (ending == NULL || strlen(name) > NAME_BYTES_MAX ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] !=
            '\0')
        return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

bool file_is_html(const struct file *f) { return strcmp(f->type, HTML) == 0; }
bool file_is_module(const struct file *f) { return strcmp(f->type, MODULE) == 0; }
bool file_is_style(const struct file *f) { return strcmp(f->type, STYLE) == 0; }

/* --- order ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void sort(struct folder *f)
{
    if (f->count > 0)
        qsort(f->files, f->count, sizeof *f->files, by_name);
}

struct file *folder_find(const struct folder *f, const char *name, size_t n)
{
    char text[NAME_BYTES_MAX + 1];
    if (n > NAME_BYTES_MAX || f->count == 0)
        return NULL;
    memcpy(text, name, n);
    text[n] = '\0';
    const struct file key = {.name = text};
    return bsearch(&key, f->files, f->count, sizeof key, by_name);
}

/* --- reading -------------------------------------------------------------------------------- */

/* Makes a place behind the others. NULL: no memory. */
static struct file *append(struct folder *f, const char *name)
{
    struct file *files = realloc(f->files, (f->count + 1) * sizeof *files);
    if (files == NULL)
        return NULL;
    f->files = files;
    struct file *new = &files[f->count];
    *new = (struct file){.name = strdup(name), .type = type_of(name)};
    if (new->name == NULL)
        return NULL;
    f->count++;
    return new;
}

int folder_add_take(struct folder *f, const char *name, struct bytes *text)
{
    struct file *new = text->failed ? NULL : append(f, name);
    if (new == NULL) {
        bytes_finish(text);
        return folder_refuse(f, name, strerror(ENOMEM));
    }
    new->plain = *text;
    *text = (struct bytes){0};
    sort(f);
    return 0;
}

static int read_text(struct folder *f, int fd, struct file *to)
{
    char piece[16384];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        bytes_add(&to->plain, piece, (size_t)n);
        f->bytes += (size_t)n;
        if (f->bytes > FOLDER_BYTES_MAX)
            return folder_refuse(f, to->name, "with this file, the page has more than 16 MiB");
    }
    if (n < 0)
        return folder_refuse(f, to->name, strerror(errno));
    bytes_add(&to->plain, "", 1);
    if (to->plain.failed)
        return folder_refuse(f, to->name, strerror(ENOMEM));
    to->plain.size--;
    return 0;
}

static int read_regular(struct folder *f, int fd, const char *name)
{
    if (f->count == FOLDER_FILES_MAX)
        return folder_refuse(f, name, "with this file, the page has more than 500 files");
    struct file *new = append(f, name);
    return new == NULL ? folder_refuse(f, name, strerror(ENOMEM)) : read_text(f, fd, new);
}

/* Whether the name, perhaps of a link, is of something beneath the folder. */
static bool is_within(const char *folder, const char *name)
{
    char path[PATH_MAX], real_folder[PATH_MAX], real[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n >= PATH_MAX || realpath(folder, real_folder) == NULL || realpath(path, real) == NULL)
        return false;
    size_t size = strlen(real_folder);
    return strncmp(real, real_folder, size) == 0 && real[size] == '/';
}

static int read_entry(struct folder *f, const char *path, int folder, const char *name)
{
    if (name[0] == '.' || name[0] == '_' || type_of(name) == NULL)
        return 0;
    struct stat st;
    int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not hang it */
    if (fd < 0)
        return folder_refuse(f, name, strerror(errno));
    int result = fstat(fd, &st) != 0      ? folder_refuse(f, name, strerror(errno))
                 : !S_ISREG(st.st_mode)   ? 0
                 : !is_within(path, name) ? folder_refuse(f, name, "leads out of the directory")
                                          : read_regular(f, fd, name);
    close(fd);
    return result;
}

int folder_read(struct folder *f, const char *path)
{
    int result = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return folder_refuse(f, path, strerror(errno));
    for (struct dirent *entry; result == 0 && (entry = readdir(folder)) != NULL;)
        result = read_entry(f, path, dirfd(folder), entry->d_name);
    closedir(folder);
    sort(f);
    return result;
}

void folder_finish(struct folder *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->files[i].name);
        bytes_finish(&f->files[i].plain);
        bytes_finish(&f->files[i].gzip);
    }
    free(f->files);
    *f = (struct folder){0};
}
