/* identity.c - see identity.h. */
#include "identity.h"

#include "room.h"
#include "session.h"
#include "standings.h"

#include <search.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

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

struct identity *identity_create(struct chat *chat, const struct claim *from)
{
    struct identity *i = calloc(1, sizeof *i);
    if (i == NULL)
        return NULL;
    i->chat = chat;
    i->id = from->id;
    i->seen_ms = from->seen_ms;
    list_init(&i->in_resting);
    i->references = 1;
    i->skeleton = strdup(from->nick.skeleton);
    i->nick = strdup(from->nick.text);
    memcpy(i->token_hash, from->token_hash, TOKEN_HASH_BYTES);
    list_init(&i->sessions);
    list_init(&i->people);
    struct identity **node = NULL;
    if (i->skeleton != NULL && i->nick != NULL)
        node = tsearch(i, &chat->identities_by_skeleton, by_skeleton);
    if (node == NULL || *node != i) { /* another holds the nick: who lost it is still here */
        destroy(i);
        return NULL;
    }
    chat->stats.identities++;
    return i;
}

struct identity *identity_ref(struct identity *i)
{
    list_remove(&i->in_resting);
    i->references++;
    return i;
}

struct identity *identity_operator(struct chat *chat)
{
    static const struct claim operator= {.id = OPERATOR_ID};
    struct identity *i = identity_find(chat, ""); /* no nick has this skeleton */
    if (i != NULL)
        return identity_ref(i);
    i = identity_create(chat, &operator);
    if (i != NULL)
        i->seen_ms = INT64_MAX - DAY_MS; /* it claims nothing */
    return i;
}

static void forget(struct identity *i)
{
    list_remove(&i->in_resting);
    tdelete(i, &i->chat->identities_by_skeleton, by_skeleton);
    i->chat->stats.identities--;
    destroy(i);
}

void identity_unref(struct identity **identity)
{
    struct identity *i = *identity;
    *identity = NULL;
    if (i == NULL || --i->references > 0)
        return;
    if (i->rate.due_us > i->chat->now_ms * 1000)
        list_add(&i->chat->resting, &i->in_resting);
    else
        forget(i);
}

void identities_rest(struct chat *chat)
{
    list_each(l, next, &chat->resting)
    {
        struct identity *i = list_entry(l, struct identity, in_resting);
        if (i->rate.due_us <= chat->now_ms * 1000)
            forget(i);
    }
}

void identities_forget(struct chat *chat)
{
    list_each(l, next, &chat->resting) forget(list_entry(l, struct identity, in_resting));
}

/* --- the nick, held ------------------------------------------------------------------------- */

int64_t identity_free_before_ms(const struct chat *chat)
{
    int64_t ms = chat->wall_ms - chat->config->limits.nick_days * DAY_MS;
    return ms > 0 ? ms : 0;
}

enum err identity_claim(struct chat *chat, const struct claim *who, journal_done *done, void *arg)
{
    const struct chat_config *config = chat->config;
    char hex[2 * TOKEN_HASH_BYTES + 1];
    struct bytes body = {0};

    sodium_bin2hex(hex, sizeof hex, who->token_hash, TOKEN_HASH_BYTES);
    bytes_add_text(&body, "{\"nick\":");
    bytes_add_json(&body, who->nick.text);
    session_add_text(&body, "skeleton", who->nick.skeleton);
    session_add_text(&body, "token", hex);
    session_add_number(&body, "identity", who->id);
    session_add_number(&body, "free_before", (uint64_t)identity_free_before_ms(chat));
    bytes_add(&body, "}", 1);

    struct event e = {
        .room = SERVER_LOG, .kind = EVENT_IDENTITY, .body = body.at, .body_bytes = body.size};
    enum err err =
        body.failed ? ERR_UNAVAILABLE : config->journal_ops->submit(config->journal, &e, done, arg);
    bytes_finish(&body);
    return err;
}

static void on_kept(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    (void)arg, (void)err, (void)seq,
        (void)at_ms; /* if not: tomorrow again, long before it is lost */
}

void identity_keep(struct identity *i)
{
    if (i->seen_ms + DAY_MS > i->chat->wall_ms)
        return;
    i->seen_ms = i->chat->wall_ms;
    struct claim who = {.id = i->id, .seen_ms = i->seen_ms};
    snprintf(who.nick.text, sizeof who.nick.text, "%s", i->nick);
    snprintf(who.nick.skeleton, sizeof who.nick.skeleton, "%s", i->skeleton);
    memcpy(who.token_hash, i->token_hash, TOKEN_HASH_BYTES);
    identity_claim(i->chat, &who, on_kept, NULL);
}

/* --- markers -------------------------------------------------------------------------------- */

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

void identity_load_markers(struct identity *i, const struct bytes *rows)
{
    const struct archive_marker *markers = (const void *)rows->at;
    for (size_t k = 0; k < rows->size / sizeof *markers; k++) {
        struct room *r = room_find(i->chat, markers[k].room);
        struct marker *m = r == NULL ? NULL : find_marker(i, r);
        if (m != NULL) { /* heard of while the archive was asked */
            if (m->read < markers[k].read)
                m->read = markers[k].read;
        } else if (r != NULL && (m = add_marker(i)) != NULL) {
            *m = (struct marker){r, markers[k].read, markers[k].joined};
        }
    }
    i->loaded = true;
}

void archive_mark(struct chat *chat, uint64_t identity, const struct marker *m)
{
    struct archive_marker kept = {.read = m->read, .joined = m->joined};
    strcpy(kept.room, m->room->name);
    chat->config->archive_ops->mark(chat->config->archive, identity, &kept);
}

bool identity_mark(struct identity *i, const struct marker *m)
{
    struct marker *mine = find_marker(i, m->room);
    if (mine != NULL && mine->read == m->read && mine->joined == m->joined)
        return false;
    if (mine == NULL && (mine = add_marker(i)) == NULL)
        return false;
    *mine = *m;
    archive_mark(i->chat, i->id, m);
    return true;
}

void identity_signal(const struct identity *i, const struct session *except,
                     const struct bytes *frame)
{
    list_each(l, next, &i->sessions)
    {
        struct session *s = list_entry(l, struct session, in_identity);
        if (s != except && !frame->failed)
            session_signal(s, frame);
    }
}

void identity_tell_read(const struct identity *i, const struct session *except, const char *room,
                        uint64_t seq)
{
    struct bytes frame = {0};
    size_t mark = session_begin(&frame, "read");
    session_add_text(&frame, "room", room);
    session_add_number(&frame, "seq", seq);
    session_end(&frame, mark);
    identity_signal(i, except, &frame);
    bytes_finish(&frame);
}

void identity_write(struct bytes *b, const struct identity *i, const struct room *r)
{
    bytes_add_text(b, "{\"nick\":");
    bytes_add_json(b, i->nick);
    bytes_add_text(b, ",\"role\":\"");
    bytes_add_text(b, role_name(role_in(i->chat, i->id, r)));
    bytes_add_text(b, i->away ? "\",\"away\":true}" : "\",\"away\":false}");
}
