/* folder.h - the files of a directory, in memory. It knows which names are served, and as what.
 * One thread at a time. */
#ifndef FOLDER_H
#define FOLDER_H

#include "chat/base/bytes.h"

#define FOLDER_FAULT_BYTES 256
#define FOLDER_FILES_MAX   500
#define FOLDER_BYTES_MAX   ((size_t)16 * 1024 * 1024)

struct file {
    char *name;
    const char *type;   /* MIME */
    struct bytes plain; /* as read; a zero byte follows */
    struct bytes gzip;  /* empty if it is not smaller */
};

/* All zero is empty. */
struct folder {
    struct file *files; /* sorted by name */
    size_t count, bytes;
    char fault[FOLDER_FAULT_BYTES]; /* which file, and why */
};

/* Reads all files whose names are served. -1: `fault` says why. */
int folder_read(struct folder *f, const char *path);
void folder_finish(struct folder *f);

/* Adds a file that is not on the disk. Its name begins with "_", as none on the disk does. */
int folder_add_take(struct folder *f, const char *name, struct bytes *text);

/* Writes `fault`. Always -1. */
int folder_refuse(struct folder *f, const char *name, const char *why);

/* `n`: bytes of the name. NULL: there is none. Borrowed until the next folder_add_take(). */
struct file *folder_find(const struct folder *f, const char *name, size_t n);

bool file_is_html(const struct file *f);
bool file_is_module(const struct file *f);
bool file_is_style(const struct file *f);

#endif
