/* page.h - the web page: index.html in memory, its files under an address that changes with their
 * content. Loop thread only. */
#ifndef PAGE_H
#define PAGE_H

struct vhost;

/* Reads index.html and computes the version of all files. -1: it cannot be read, and the vhost
 * keeps the page that it had. */
int page_load(struct vhost *v);

/* The MIME type of a file of the page. NULL: the name is not served. A served name has no slash, so
 * no path leads out of the directory. Static. */
const char *page_type(const char *name);

#endif
