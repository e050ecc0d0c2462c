/* redis_wire.c - see redis_wire.h. */
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BYTES 16

/* A number without sign or blanks, and what follows it. */
static bool read_u64(const char **text, char end, uint64_t *out)
{
    char *stop;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *out = strtoull(*text, &stop, 10);
    if (errno != 0 || *stop != end)
        return false;
    *text = stop + (end != '\0');
    return true;
}

void redis_id_write(char id[REDIS_ID_MAX], uint64_t seq)
{
    snprintf(id, REDIS_ID_MAX, "%" PRIu64 "-%" PRIu64, seq_gen(seq), seq_n(seq));
}

uint64_t redis_id_read(const char *text, const char **end_out)
{
    uint64_t gen, n;
    if (!read_u64(&text, '-', &gen) || !read_u64(&text, end_out == NULL ? '\0' : ' ', &n))
        return 0;
    if (gen > GEN_MAX || n > N_MASK)
        return 0;
    if (end_out != NULL)
        *end_out = text;
    return seq_of(gen, n);
}

void redis_event_write(struct bytes *to, const struct event *e)
{
    char head[128];
    size_t key_bytes = e->key == NULL ? 0 : strlen(e->key);
    snprintf(head, sizeof head, "%d %" PRIu64 " %" PRIu64 " %zu ", (int)e->kind, e->author, e->of,
             key_bytes);
    bytes_add_text(to, head);
    bytes_add(to, e->key, key_bytes);
    bytes_add(to, e->body, e->body_bytes);
}

bool redis_event_read(struct event *e, char key[ID_MAX + 1], const char *text, size_t n)
{
    const char *end = text + n;
    uint64_t kind, key_bytes;
    if (!read_u64(&text, ' ', &kind) || kind == 0 || kind > EVENT_KIND_MAX ||
        !read_u64(&text, ' ', &e->author) || !read_u64(&text, ' ', &e->of) ||
        !read_u64(&text, ' ', &key_bytes) || key_bytes > ID_MAX ||
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

static const char *in_redis(const char *name) { return name[0] == '\0' ? "*" : name; }

void redis_log_key(char key[REDIS_KEY_MAX], const char *prefix, const char *name, uint64_t gen)
{
    snprintf(key, REDIS_KEY_MAX, "%slog:{%s}:%" PRIu64, prefix, in_redis(name), gen);
}

void redis_channel(char key[REDIS_KEY_MAX], const char *prefix, const char *name)
{
    snprintf(key, REDIS_KEY_MAX, "%sch:{%s}", prefix, in_redis(name));
}

void redis_secrets_key(char key[REDIS_KEY_MAX], const char *prefix, const char *name)
{
    snprintf(key, REDIS_KEY_MAX, "%spolls:{%s}", prefix, in_redis(name));
}

/* The braces keep a room's keys and its channel together: what is between them is its name. */
const char *redis_channel_room(const char *channel, const char *prefix)
{
    static _Thread_local char name[ROOM_NAME_MAX + 1];
    size_t n = strlen(prefix);
    if (strncmp(channel, prefix, n) != 0 || strncmp(channel + n, "ch:{", 4) != 0)
        return NULL;
    channel += n + 4;
    n = strlen(channel);
    if (n < 2 || n - 1 > ROOM_NAME_MAX || channel[n - 1] != '}')
        return NULL;
    memcpy(name, channel, n - 1);
    name[n - 1] = '\0';
    return strcmp(name, "*") == 0 ? SERVER_LOG : name;
}

void redis_idem_key(char key[REDIS_KEY_MAX], const char *prefix, const struct event *e)
{
    unsigned char hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    if (e->key == NULL)
        randombytes_buf(hash, sizeof hash);
    else
        crypto_generichash(hash, sizeof hash, (const unsigned char *)e->key, strlen(e->key), NULL,
                           0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(key, REDIS_KEY_MAX, "%skey:{%s}:%" PRIu64 ":%s", prefix, in_redis(e->room), e->author,
             hex);
}
