/* bytes.h - a growing run of bytes, for building text and frames. Pure, any thread.
 *
 * A failed allocation sets `failed`, and every later append does nothing: the caller checks once,
 * at the end. Never touches: what the bytes mean. */
#ifndef CHAT_BYTES_H
#define CHAT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *at; /* NULL before the first append */
    size_t size;
    size_t capacity;
    bool failed;
};

/* Frees the bytes. All zero is empty: `struct bytes b = {0};` */
void bytes_finish(struct bytes *b);
void bytes_add(struct bytes *b, const void *from, size_t n);
void bytes_add_text(struct bytes *b, const char *text);
void bytes_add_u64(struct bytes *b, uint64_t n);
/* `text` as a JSON string with its quotes. It must be UTF-8; C0 controls are escaped. */
void bytes_add_json(struct bytes *b, const char *text);
/* Drops the first n bytes; there must be so many. */
void bytes_drop(struct bytes *b, size_t n);

#endif
