/* entry.c - see entry.h. */
#include "entry.h"

#include "decimal.h"

#include "chat/base/body.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void entry_write(struct bytes *to, const struct event *e)
{
    char head[128];
    size_t key_bytes = e->key == NULL ? 0 : strlen(e->key);
    snprintf(head, sizeof head, "%d %" PRIu64 " %" PRIu64 " %zu ", (int)e->kind, e->author, e->of,
             key_bytes);
    bytes_add_text(to, head);
    bytes_add(to, e->key, key_bytes);
    bytes_add(to, e->body, e->body_bytes);
}

/* A gap is each node's own: none comes from outside. */
static bool read_numbers(struct event *e, const char **text, uint64_t *key_bytes)
{
    uint64_t kind;
    if (!decimal_read(text, ' ', &kind) || kind > EVENT_KIND_MAX || kind == EVENT_GAP ||
        !decimal_read(text, ' ', &e->author) || !decimal_read(text, ' ', &e->of) ||
        !decimal_read(text, ' ', key_bytes) || *key_bytes > ID_MAX)
        return false;
    e->kind = (enum event_kind)kind;
    return true;
}

bool entry_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n)
{
    const char *end = text + n;
    uint64_t key_bytes;
    struct event read = {.room = e->room, .seq = e->seq, .at_ms = e->at_ms, .body = ""};
    *e = read;
    if (!read_numbers(&read, &text, &key_bytes) || key_bytes > (uint64_t)(end - text) ||
        memchr(text, '\0', key_bytes) != NULL)
        return false;
    memcpy(key, text, key_bytes);
    key[key_bytes] = '\0';
    read.key = key_bytes == 0 ? NULL : key;
    read.body = text + key_bytes;
    read.body_bytes = (size_t)(end - read.body);
    *e = read;
    return true;
}

bool entry_read_time(const char **text, char end, int64_t *at_ms_out)
{
    uint64_t at_ms;
    if (!decimal_read(text, end, &at_ms) || at_ms > (uint64_t)AT_MAX)
        return false;
    *at_ms_out = (int64_t)at_ms;
    return true;
}
