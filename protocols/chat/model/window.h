/* window.h - the newest events of one room, framed for the wire, one after the other in memory.
 * Loop thread only.
 *
 * A cursor is an absolute offset into this endless run of bytes. The bytes from a cursor to
 * window_head() are what a member lacks, ready to be written to its socket. A member whose cursor
 * is before the window reads the archive instead. */
#ifndef CHAT_WINDOW_H
#define CHAT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some seconds of the busiest room. When the window outgrows twice this, it drops its oldest events
 * until at most this much is left. Its memory grows further for a larger event only. */
#define WINDOW_BYTES ((size_t)256 * 1024)

/* Before every window, whose base is at least 1. */
#define WINDOW_OUTSIDE 0

struct window_mark {
    uint64_t seq;
    uint64_t of;    /* the item that this event changes, or 0 */
    uint64_t end;   /* offset of the byte after this event */
    uint64_t place; /* the next event of the same place replaces it; 0: none does */
};

struct window {
    char *at;
    size_t size, capacity;
    uint64_t base;  /* offset of at[0]; at least 1 */
    uint64_t seen;  /* cursors may stand up to here */
    uint64_t floor; /* seq of the newest event that the window has dropped */
    struct window_mark *marks;
    size_t first, count, marks_capacity; /* the marks in use are marks[first … first + count) */
};

/* An empty window. `last`: the seq of the room's newest event. */
void window_init(struct window *w, uint64_t last);
void window_finish(struct window *w);

/* Without memory it empties the window instead: members then read the archive. */
void window_append(struct window *w, uint64_t seq, uint64_t of, const char *frame, size_t n);
void window_clear(struct window *w);

/* The newest event has this place (event.h). Before the next event of the place is appended,
 * window_supersede() removes it, unless a member may have its bytes. */
void window_mark_place(struct window *w, uint64_t place);
void window_supersede(struct window *w, uint64_t place);
/* A cursor stands in the window or at its head: the bytes so far must not move any more. */
void window_seen(struct window *w);

/* The offset of the byte after the newest event. */
uint64_t window_head(const struct window *w);
/* The seq of the newest event. */
uint64_t window_last(const struct window *w);
/* The bytes from `offset` to the head; NULL: `offset` is before the window. Borrowed until the next
 * change of the window. */
const char *window_from(const struct window *w, uint64_t offset, size_t *n_out);

/* The offset after event `seq`, or WINDOW_OUTSIDE if the window lacks events after it. */
uint64_t window_find(const struct window *w, uint64_t seq);
/* The number of events in the window after `seq`. */
size_t window_count_after(const struct window *w, uint64_t seq);
/* The seq of the newest event that ends at or before `offset`, which is in the window. */
uint64_t window_seq_at(const struct window *w, uint64_t offset);

/* Removes the text of item `seq` and of its edits. Sizes and offsets stay. Without memory it
 * empties the window instead. */
void window_redact(struct window *w, uint64_t seq);

#endif
