/* page_source.h - reads the page's directory for the vhosts: at the start, and again when asked,
 * then on a thread of its own, because a large page takes seconds to compress. Loop thread only. */
#ifndef PAGE_SOURCE_H
#define PAGE_SOURCE_H

struct page_source;
struct uv_loop_s;
struct vhost_host;

/* Borrows all. NULL: no memory. */
struct page_source *page_source_create(struct uv_loop_s *loop, struct vhost_host *host,
                                       const char *www);
/* Waits until the page is read. -1: there is none, and it has logged why. */
int page_source_read(struct page_source *s);
/* Begins to read it. When it is whole, the vhosts serve it; after a fault, the page from before
 * stays. Logs which. */
void page_source_read_again(struct page_source *s);
/* Before the host ends. Waits for a thread that reads. */
void page_source_destroy(struct page_source **s);

#endif
