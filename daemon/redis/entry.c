/* entry.c - see entry.h. */
#include "entry.h"

#include "decimal.h"

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

bool entry_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n)
{
    const char *end = text + n;
    uint64_t kind, key_bytes;
    if (!decimal_read(&text, ' ', &kind) || kind == 0 || kind > EVENT_KIND_MAX ||
        !decimal_read(&text, ' ', &e->author) || !decimal_read(&text, ' ', &e->of) ||
        !decimal_read(&text, ' ', &key_bytes) || key_bytes > ID_MAX ||
        key_bytes > (uint64_t)(end - text) || e->author > INT64_MAX || e->of > INT64_MAX)
        return false;
    memcpy(key, text, key_bytes);
    key[key_bytes] = '\0';
    e->kind = (enum event_kind)kind;
    e->key = key_bytes == 0 ? NULL : key;
    e->body = text + key_bytes;
    e->body_bytes = (size_t)(end - e->body);
    return e->body_bytes >= 2 && e->body[0] == '{' && end[-1] == '}';
}
