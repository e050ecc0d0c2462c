/* keys.c - see keys.h. Nodes of other versions use the same names: a changed one splits the chat.
 * Only key_submit() has changed, since its keys end by themselves. */
#include "keys.h"

#include "chat/base/hash.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct redis_key key(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct redis_key key(const char *format, ...)
{
    struct redis_key k;
    va_list args;
    va_start(args, format);
    vsnprintf(k.text, sizeof k.text, format, args);
    va_end(args);
    return k;
}

struct redis_key key_generation(const char *prefix) { return key("%sgen", prefix); }

struct redis_key key_run(const char *prefix) { return key("%srun", prefix); }

struct redis_key key_since(const char *prefix) { return key("%ssince", prefix); }

struct redis_key key_history(const char *prefix) { return key("%shistory", prefix); }

struct redis_key key_branch(const char *prefix) { return key("%sbranch", prefix); }

struct redis_key key_sealed(const char *prefix) { return key("%ssealed", prefix); }

struct redis_key key_come(const char *prefix, uint64_t gen)
{
    return key("%scome:%" PRIu64, prefix, gen);
}

struct redis_key key_offered(const char *prefix, uint64_t gen)
{
    return key("%soffered:%" PRIu64, prefix, gen);
}

struct redis_key key_bus(const char *prefix) { return key("%sbus", prefix); }

struct redis_key key_node(const char *prefix, const char *id)
{
    return key("%snode:%s", prefix, id);
}

/* --- a photo's ------------------------------------------------------------------------------ */

struct redis_key key_giver(const char *prefix, const char *photo)
{
    return key("%sgiver:%s", prefix, photo);
}

struct redis_key key_piece(const char *prefix, const char *photo, unsigned piece)
{
    return key("%spiece:%s:%u", prefix, photo, piece);
}

/* --- a room's ------------------------------------------------------------------------------- */

static const char *in_redis(const char *place) { return place[0] == '\0' ? "*" : place; }

struct redis_key key_stream(const char *prefix, const char *place, uint64_t gen)
{
    return key("%slog:{%s}:%" PRIu64, prefix, in_redis(place), gen);
}

struct redis_key key_channel(const char *prefix, const char *place)
{
    return key("%sch:{%s}", prefix, in_redis(place));
}

struct redis_key key_secrets(const char *prefix, const char *place)
{
    return key("%spolls:{%s}", prefix, in_redis(place));
}

void key_place(const char *room, uint64_t life, char place[PLACE_MAX + 1])
{
    if (life == 0)
        snprintf(place, PLACE_MAX + 1, "%s", room);
    else
        snprintf(place, PLACE_MAX + 1, "%s.%" PRIu64, room, life);
}

struct redis_key key_submit(const char *prefix, const struct event *e)
{
    unsigned char random[HASH_CHARS / 2];
    char hex[HASH_CHARS + 1];
    if (e->key != NULL) {
        hash_text(e->key, hex);
    } else {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    }
    const char *place = strcmp(e->room, SERVER_LOG) == 0 ? "server" : "rooms";
    return key("%skey:%s:%" PRIu64 ":%s", prefix, place, e->author, hex);
}

bool key_place_of(const char *channel, const char *prefix, char place[PLACE_MAX + 1])
{
    size_t n = strlen(prefix);
    if (strncmp(channel, prefix, n) != 0 || strncmp(channel + n, "ch:{", 4) != 0)
        return false;
    channel += n + 4;
    n = strlen(channel);
    if (n < 2 || n - 1 > PLACE_MAX || channel[n - 1] != '}')
        return false;
    memcpy(place, channel, n - 1);
    place[n - 1] = '\0';
    if (strcmp(place, "*") == 0)
        strcpy(place, SERVER_LOG);
    return true;
}
