/* page.h - the files of the web page, in memory: what happens on the disk later does no harm. The
 * version is made of names and contents, so equal files have it on every node. page_load() is for
 * any thread; the rest is for the loop's. */
#ifndef PAGE_H
#define PAGE_H

#include "folder.h"

#define PAGE_VERSION_CHARS 16
#define PAGE_FAULT_BYTES   FOLDER_FAULT_BYTES

struct page;

/* Reads all files of a directory, all or nothing: a page that names a file that is not there is
 * refused, because it is a copy under way, and so are an empty file, an HTML file without its end,
 * and a link that leads out of the directory. index.html is changed as index.h says. Returns the
 * first reference. NULL: `fault` says which file, and why. */
struct page *page_load(const char *www, char fault[PAGE_FAULT_BYTES]);
/* An answer under way keeps the page that it is of. NULL is allowed. */
void page_ref(struct page *page);
void page_unref(struct page **page);

/* PAGE_VERSION_CHARS hexadecimal digits. */
const char *page_version(const struct page *page);
/* SHA-256, in base64, of the only script in index.html. Empty: it has none. */
const char *page_script_hash(const struct page *page);
/* NULL: no file of this name is served. */
const struct file *page_find(const struct page *page, const char *name);

#endif
