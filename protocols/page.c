/* page.c - see page.h. The files are served from the directory as /v/<version>/<name>, where they
 * never change: the version is a hash of all names, sizes and times. */
#include "page.h"

#include "private.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FNV-1a, 64 bit. */
static uint64_t mix(uint64_t h, const void *from, size_t n)
{
    for (const unsigned char *p = from; n > 0; p++, n--)
        h = (h ^ *p) * 0x100000001b3;
    return h;
}

/* readdir() has no order, so the hashes of the files are added. */
static uint64_t hash_folder(int folder)
{
    uint64_t sum = 0;
    DIR *dir = fdopendir(folder);
    if (dir == NULL) {
        close(folder);
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct stat st;
        if (entry->d_name[0] == '.' || fstatat(folder, entry->d_name, &st, 0) != 0)
            continue;
        uint64_t h = mix(0xcbf29ce484222325, entry->d_name, strlen(entry->d_name));
        h = mix(h, &st.st_size, sizeof st.st_size);
        h = mix(h, &st.st_mtim, sizeof st.st_mtim);
        sum += h;
    }
    closedir(dir);
    return sum;
}

const char *page_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".html", "text/html; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *ending = strrchr(name, '.');
    if (ending == NULL || name[0] == '.' || strlen(name) > 100 ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] !=
            '\0')
        return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

/* Copies the page and replaces the "./" of its files' addresses with v->files. */
static void write_versioned(struct vhost *v, const struct bytes *raw)
{
    static const char relative[] = "=\"./";
    const char *from = raw->at, *end = raw->at + raw->size;
    for (const char *hit; (hit = memmem(from, (size_t)(end - from), relative, 4)) != NULL;) {
        bytes_add(&v->page, from, (size_t)(hit + 2 - from));
        bytes_add_text(&v->page, v->files);
        from = hit + 4;
    }
    bytes_add(&v->page, from, (size_t)(end - from));
}

static int read_all(const char *path, struct bytes *to)
{
    char piece[4096];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        bytes_add(to, piece, n);
    bool failed = ferror(file) || to->failed;
    fclose(file);
    return failed ? -1 : 0;
}

int page_load(struct vhost *v)
{
    char path[4096];
    struct bytes raw = {0}, before = v->page;
    int folder = open(v->config->www, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/index.html", v->config->www);
    if (folder < 0 || read_all(path, &raw) != 0) {
        if (folder >= 0)
            close(folder);
        bytes_finish(&raw);
        return -1;
    }
    v->page = (struct bytes){0};
    snprintf(v->version, sizeof v->version, "%016llx", (unsigned long long)hash_folder(folder));
    snprintf(v->files, sizeof v->files, "/v/%s/", v->version);
    write_versioned(v, &raw);
    bytes_finish(&raw);
    bytes_finish(&before);
    return v->page.failed ? -1 : 0;
}
