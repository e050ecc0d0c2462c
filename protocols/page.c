/* page.c - see page.h. */
#include "page.h"

#include "index.h"
#include "modules.h"
#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* bits; 16: with gzip's header */

struct page {
    unsigned refs;
    struct folder folder;
    char version[PAGE_VERSION_CHARS + 1];
    char script_hash[INDEX_HASH_CHARS];
};

/* --- checking ------------------------------------------------------------------------------- */

static int check_references(struct folder *f, const struct file *file)
{
    const char *from = file->plain.at, *end = from + file->plain.size;
    for (struct reference r; reference_next(&from, end, &r);) {
        char why[PAGE_FAULT_BYTES];
        bool real = r.kind == REFERENCE_ADDRESS ? file_is_html(file) : file_is_module(file);
        if (!real || r.size == 0 || folder_find(f, r.at, r.size) != NULL)
            continue;
        snprintf(why, sizeof why, "names %.*s, which is not there",
                 (int)(r.size < 100 ? r.size : 100), r.at);
        return folder_refuse(f, file->name, why);
    }
    return 0;
}

static int check_end(struct folder *f, const struct file *file)
{
    if (file->plain.size == 0)
        return folder_refuse(f, file->name, "is empty");
    if (file_is_html(file) && memmem(file->plain.at, file->plain.size, "</html>", 7) == NULL)
        return folder_refuse(f, file->name, "is cut off: it has no </html>");
    return 0;
}

static int check(struct folder *f)
{
    if (folder_find(f, "index.html", 10) == NULL)
        return folder_refuse(f, "index.html", "is not there");
    for (size_t i = 0; i < f->count; i++)
        if (check_end(f, &f->files[i]) != 0 || check_references(f, &f->files[i]) != 0)
            return -1;
    return 0;
}

/* --- version -------------------------------------------------------------------------------- */

/* FNV-1a, 64 bit. */
static uint64_t mix(uint64_t h, const void *from, size_t n)
{
    for (const unsigned char *c = from; n > 0; c++, n--)
        h = (h ^ *c) * 0x100000001b3;
    return h;
}

static void write_version(struct page *p)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < p->folder.count; i++) {
        const struct file *f = &p->folder.files[i];
        uint64_t size = f->plain.size;
        h = mix(h, f->name, strlen(f->name) + 1);
        h = mix(h, &size, sizeof size);
        h = mix(h, f->plain.at, f->plain.size);
    }
    snprintf(p->version, sizeof p->version, "%016llx", (unsigned long long)h);
}

/* --- compressing ---------------------------------------------------------------------------- */

static int compress_file(struct folder *folder, struct file *f)
{
    z_stream z = {.next_in = (unsigned char *)f->plain.at, .avail_in = (unsigned)f->plain.size};
    unsigned char piece[16384];
    int state = deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL,
                             Z_DEFAULT_STRATEGY);
    while (state == Z_OK) {
        z.next_out = piece;
        z.avail_out = sizeof piece;
        state = deflate(&z, Z_FINISH);
        bytes_add(&f->gzip, piece, sizeof piece - z.avail_out);
    }
    deflateEnd(&z);
    if (state != Z_STREAM_END || f->gzip.failed)
        return folder_refuse(folder, f->name, "no memory");
    if (f->gzip.size >= f->plain.size)
        bytes_finish(&f->gzip);
    return 0;
}

static int compress_all(struct folder *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (compress_file(f, &f->files[i]) != 0)
            return -1;
    return 0;
}

/* --- load, share, look up ------------------------------------------------------------------- */

/* The version covers what the daemon makes of the files, because a newer daemon may make another.
 */
static int load(struct page *p, const char *www)
{
    struct modules modules;
    char base[PAGE_VERSION_CHARS + 8];
    if (folder_read(&p->folder, www) != 0 || check(&p->folder) != 0 ||
        modules_collect(&p->folder, &modules) != 0)
        return -1;
    write_version(p);
    snprintf(base, sizeof base, "/v/%s/", p->version);
    if (index_write(&p->folder, &modules, base, p->script_hash) != 0)
        return -1;
    return compress_all(&p->folder);
}

struct page *page_load(const char *www, char fault[PAGE_FAULT_BYTES])
{
    struct page *p = calloc(1, sizeof *p);
    if (p == NULL) {
        snprintf(fault, PAGE_FAULT_BYTES, "no memory");
        return NULL;
    }
    p->refs = 1;
    if (load(p, www) == 0)
        return p;
    memcpy(fault, p->folder.fault, PAGE_FAULT_BYTES);
    page_unref(&p);
    return NULL;
}

void page_ref(struct page *page)
{
    if (page != NULL)
        page->refs++;
}

void page_unref(struct page **page)
{
    struct page *p = *page;
    *page = NULL;
    if (p == NULL || --p->refs > 0)
        return;
    folder_finish(&p->folder);
    free(p);
}

const char *page_version(const struct page *page) { return page->version; }

const char *page_script_hash(const struct page *page) { return page->script_hash; }

const struct file *page_find(const struct page *page, const char *name)
{
    return folder_find(&page->folder, name, strlen(name));
}
