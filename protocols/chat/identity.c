/* identity.c - see identity.h. */
#include "identity.h"

#include "room.h"

#include <search.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_RANDOM_BYTES 24

static int by_skeleton(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct identity *identity_find(const struct chat *chat, const char *skeleton)
{
    struct identity **found = tfind(&skeleton, &chat->identities_by_skeleton, by_skeleton);
    return found == NULL ? NULL : *found;
}

static void destroy(struct identity *i)
{
    free(i->skeleton);
    free(i->nick);
    free(i->markers);
    free(i);
}

struct identity *identity_create(struct chat *chat, const struct archive_identity *from,
                                 const char *skeleton)
{
    struct identity *i = calloc(1, sizeof *i);
    if (i == NULL)
        return NULL;
    i->chat = chat;
    i->id = from->id;
    i->references = 1;
    i->skeleton = strdup(skeleton);
    i->nick = strdup(from->nick);
    memcpy(i->token_hash, from->token_hash, TOKEN_HASH_BYTES);
    list_init(&i->sessions);
    if (i->skeleton == NULL || i->nick == NULL ||
        tsearch(i, &chat->identities_by_skeleton, by_skeleton) == NULL) {
        destroy(i);
        return NULL;
    }
    chat->stats.identities++;
    return i;
}

struct identity *identity_ref(struct identity *i)
{
    i->references++;
    return i;
}

void identity_unref(struct identity **identity)
{
    struct identity *i = *identity;
    *identity = NULL;
    if (i == NULL || --i->references > 0)
        return;
    tdelete(i, &i->chat->identities_by_skeleton, by_skeleton);
    i->chat->stats.identities--;
    destroy(i);
}

void token_create(char text[TOKEN_TEXT_BYTES + 1])
{
    unsigned char random[TOKEN_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(text, TOKEN_TEXT_BYTES + 1, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_hash(const char *text, unsigned char hash[TOKEN_HASH_BYTES])
{
    crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)text, strlen(text), NULL, 0);
}

bool token_matches(const char *text, const unsigned char hash[TOKEN_HASH_BYTES])
{
    unsigned char given[TOKEN_HASH_BYTES];
    token_hash(text, given);
    return sodium_memcmp(given, hash, TOKEN_HASH_BYTES) == 0;
}

static struct marker *find_marker(const struct identity *i, const struct room *r)
{
    for (size_t n = 0; n < i->marker_count; n++)
        if (i->markers[n].room == r)
            return &i->markers[n];
    return NULL;
}

struct marker identity_marker(const struct identity *i, const struct room *r)
{
    const struct marker *m = find_marker(i, r);
    return m == NULL ? (struct marker){0} : *m;
}

static struct marker *add_marker(struct identity *i)
{
    struct marker *all = realloc(i->markers, (i->marker_count + 1) * sizeof *all);
    if (all == NULL)
        return NULL;
    i->markers = all;
    return &all[i->marker_count++];
}

void identity_load_markers(struct identity *i, const struct archive_marker *markers, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        struct room *r = room_find(i->chat, markers[k].room);
        struct marker *m = r == NULL ? NULL : add_marker(i);
        if (m != NULL)
            *m = (struct marker){r, markers[k].read, markers[k].joined};
    }
}

void identity_mark(struct identity *i, const struct marker *m)
{
    struct marker *mine = find_marker(i, m->room);
    if (mine != NULL && mine->read == m->read && mine->joined == m->joined)
        return;
    if (mine == NULL && (mine = add_marker(i)) == NULL)
        return;
    *mine = *m;
    const struct chat_config *config = i->chat->config;
    config->archive_ops->mark(config->archive, i->id,
                              &(struct archive_marker){m->room->name, m->read, m->joined});
}

void identity_write(struct bytes *b, const struct identity *i)
{
    bytes_add_text(b, "{\"nick\":");
    bytes_add_json(b, i->nick);
    bytes_add_text(b, ",\"role\":\"");
    bytes_add_text(b, role_name(ROLE_MEMBER));
    bytes_add_text(b, i->away ? "\",\"away\":true}" : "\",\"away\":false}");
}
