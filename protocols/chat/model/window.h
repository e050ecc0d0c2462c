/* window.h - the newest events of one room, framed for the wire, one behind the other in memory.
 *
 * A cursor is an absolute offset into this endless run of bytes: from it to window_head() is what a
 * member has not had, and it can be written to a socket as it lies. What falls out of the window is
 * read from the archive instead. Used by: room.c, fanout.c. Loop thread only. */
#ifndef CHAT_WINDOW_H
#define CHAT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kept at the least once a room has had as much: some seconds of the busiest room. The memory grows
 * to at most twice this. */
#define WINDOW_BYTES ((size_t)256 * 1024)

/* No cursor of a window: always behind it. */
#define WINDOW_OUTSIDE 0

struct window_mark {
    uint64_t seq;
    uint64_t of;  /* the message that this event changes, or 0 */
    uint64_t end; /* offset of the byte after it */
    bool tally;   /* the next tally of the same `of` says all that it says */
};

struct window {
    char *at;
    size_t size, capacity;
    uint64_t base;  /* offset of at[0]; at least 1 */
    uint64_t seen;  /* cursors may stand up to here */
    uint64_t floor; /* seq of the newest event that is not in the window any more */
    struct window_mark *marks;
    size_t first, count, marks_capacity; /* the marks in use are marks[first … first + count) */
};

/* `last`: the seq of the room's newest event, which is not in the window. */
void window_init(struct window *w, uint64_t last);
void window_finish(struct window *w);

/* Without memory the window is emptied instead: members then read from the archive. */
void window_append(struct window *w, uint64_t seq, uint64_t of, const char *frame, size_t n);
void window_clear(struct window *w);

/* The newest event is a tally. window_supersede(), before the next one of the same `of` is
 * appended, takes it out again, unless somebody may have seen it. */
void window_mark_tally(struct window *w);
void window_supersede(struct window *w, uint64_t of);
/* Somebody stands at the head, or inside, from now on: what is there stays where it is. */
void window_seen(struct window *w);

/* The offset of the byte after the newest event. */
uint64_t window_head(const struct window *w);
uint64_t window_last(const struct window *w);
/* What lies between `offset` and the head; NULL if the window begins after `offset`. Borrowed until
 * the next append. */
const char *window_from(const struct window *w, uint64_t offset, size_t *n_out);

/* The offset behind event `seq`, or WINDOW_OUTSIDE if events after it may be missing here. */
uint64_t window_find(const struct window *w, uint64_t seq);
/* How many events here are newer than `seq`. */
size_t window_count_after(const struct window *w, uint64_t seq);
/* The seq of the newest event that ends at or before `offset`, which is in the window. */
uint64_t window_seq_at(const struct window *w, uint64_t offset);

/* Takes the text out of message `seq` and of the edits of it. Sizes and offsets stay. */
void window_redact(struct window *w, uint64_t seq);

#endif
