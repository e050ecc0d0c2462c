/* window.c - see window.h. */
#include "window.h"

#include "chat/base/item.h"
#include "chat/base/wire.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void window_init(struct window *w, uint64_t last)
{
    *w = (struct window){.base = 1, .floor = last};
}

void window_finish(struct window *w)
{
    free(w->at);
    free(w->marks);
    *w = (struct window){0};
}

uint64_t window_head(const struct window *w) { return w->base + w->size; }

uint64_t window_last(const struct window *w)
{
    return w->count > 0 ? w->marks[w->first + w->count - 1].seq : w->floor;
}

void window_clear(struct window *w)
{
    uint64_t base = window_head(w), floor = window_last(w);
    window_finish(w);
    w->base = base;
    w->floor = floor;
}

/* Drops the oldest events until at most WINDOW_BYTES are left. */
static void drop_oldest(struct window *w)
{
    uint64_t keep_from = window_head(w) - (w->size < WINDOW_BYTES ? w->size : WINDOW_BYTES);
    uint64_t border = w->base;
    while (border < keep_from) {
        border = w->marks[w->first].end;
        w->floor = w->marks[w->first].seq;
        w->first++;
        w->count--;
    }
    size_t n = (size_t)(border - w->base);
    memmove(w->at, w->at + n, w->size - n);
    w->size -= n;
    w->base = border;
}

static bool reserve_bytes(struct window *w, size_t n)
{
    if (w->size + n <= w->capacity)
        return true;
    if (w->capacity >= 2 * WINDOW_BYTES && w->size > WINDOW_BYTES)
        drop_oldest(w);

    size_t capacity = w->capacity ? w->capacity : 1024;
    while (capacity < w->size + n)
        capacity *= 2;
    if (capacity == w->capacity)
        return true;
    char *at = realloc(w->at, capacity);
    if (at == NULL)
        return false;
    w->at = at;
    w->capacity = capacity;
    return true;
}

static bool reserve_mark(struct window *w)
{
    if (w->first + w->count < w->marks_capacity)
        return true;
    if (w->first > w->marks_capacity / 2) {
        memmove(w->marks, w->marks + w->first, w->count * sizeof *w->marks);
        w->first = 0;
        return true;
    }
    size_t capacity = w->marks_capacity ? w->marks_capacity * 2 : 8;
    struct window_mark *marks = realloc(w->marks, capacity * sizeof *marks);
    if (marks == NULL)
        return false;
    w->marks = marks;
    w->marks_capacity = capacity;
    return true;
}

void window_append(struct window *w, uint64_t seq, uint64_t of, const char *frame, size_t n)
{
    if (!reserve_bytes(w, n) || !reserve_mark(w)) {
        window_clear(w);
        w->base += n;
        w->floor = seq;
        return;
    }
    memcpy(w->at + w->size, frame, n);
    w->size += n;
    w->marks[w->first + w->count] =
        (struct window_mark){.seq = seq, .of = of, .end = window_head(w)};
    w->count++;
}

/* --- places --------------------------------------------------------------------------------- */

void window_seen(struct window *w) { w->seen = window_head(w); }

void window_mark_place(struct window *w, uint64_t place)
{
    if (w->count > 0) /* 0: there was no memory for it */
        w->marks[w->first + w->count - 1].place = place;
}

static uint64_t begin_of(const struct window *w, size_t i)
{
    return i == w->first ? w->base : w->marks[i - 1].end;
}

static void take_out(struct window *w, size_t at)
{
    uint64_t begin = begin_of(w, at);
    size_t n = (size_t)(w->marks[at].end - begin);
    char *gap = w->at + (begin - w->base);
    memmove(gap, gap + n, w->size - n - (size_t)(begin - w->base));
    w->size -= n;
    w->count--;
    for (size_t i = at; i < w->first + w->count; i++) {
        w->marks[i] = w->marks[i + 1];
        w->marks[i].end -= n;
    }
}

void window_supersede(struct window *w, uint64_t place)
{
    for (size_t i = w->first + w->count; i-- > w->first && begin_of(w, i) >= w->seen;)
        if (w->marks[i].place == place) {
            take_out(w, i);
            return;
        }
}

/* --- cursors -------------------------------------------------------------------------------- */

const char *window_from(const struct window *w, uint64_t offset, size_t *n_out)
{
    if (offset < w->base)
        return NULL;
    *n_out = (size_t)(window_head(w) - offset);
    return w->at + (offset - w->base);
}

/* The number of marks with a seq of at most `seq`. */
static size_t marks_up_to(const struct window *w, uint64_t seq)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (w->marks[w->first + mid].seq <= seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

uint64_t window_find(const struct window *w, uint64_t seq)
{
    if (seq < w->floor)
        return WINDOW_OUTSIDE;
    size_t n = marks_up_to(w, seq);
    return n == 0 ? w->base : w->marks[w->first + n - 1].end;
}

size_t window_count_after(const struct window *w, uint64_t seq)
{
    return w->count - marks_up_to(w, seq);
}

uint64_t window_seq_at(const struct window *w, uint64_t offset)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (w->marks[w->first + mid].end <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low == 0 ? w->floor : w->marks[w->first + low - 1].seq;
}

/* Removes the text from the payload and fills up with blanks, which JSON allows after an object.
 * False: no memory; the text is still there. */
static bool redact_payload(char *payload, size_t n)
{
    if (memmem(payload, n, "\"text\":", 7) == NULL)
        return true;
    json_t *event = json_loadb(payload, n, 0, NULL);
    char *text = item_redact(event) ? json_dumps(event, JSON_COMPACT) : NULL;
    size_t size = text == NULL ? n + 1 : strlen(text);
    bool fits = size <= n;
    if (fits) {
        memcpy(payload, text, size);
        memset(payload + size, ' ', n - size);
    }
    free(text);
    json_decref(event);
    return fits;
}

void window_redact(struct window *w, uint64_t seq)
{
    uint64_t begin = w->base;
    for (size_t i = w->first; i < w->first + w->count; i++) {
        const struct window_mark *m = &w->marks[i];
        if (m->seq == seq || m->of == seq) {
            char *frame = w->at + (begin - w->base);
            size_t header = wire_header_size(frame);
            if (!redact_payload(frame + header, (size_t)(m->end - begin) - header)) {
                window_clear(w);
                return;
            }
        }
        begin = m->end;
    }
}
