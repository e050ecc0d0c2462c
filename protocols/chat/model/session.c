/* session.c - see session.h. */
#include "session.h"

#include "backlog.h"
#include "identity.h"
#include "member.h"
#include "presence.h"
#include "wheel.h"

#include <search.h>
#include <stdlib.h>

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t source_rests_until_us(const struct source *s)
{
    uint64_t new_ones = s->nicks.due_us > s->rooms.due_us ? s->nicks.due_us : s->rooms.due_us;
    return new_ones > s->uploads.due_us ? new_ones : s->uploads.due_us;
}

struct session *session_find(const struct chat *chat, uint64_t id)
{
    struct session **found = tfind(&id, &chat->sessions_by_id, by_id);
    return found == NULL ? NULL : *found;
}

struct session *session_open(struct chat *chat, const struct sink_ops *ops, void *peer,
                             struct source *source)
{
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->id = ++chat->next_session;
    s->chat = chat;
    s->ops = ops;
    s->peer = peer;
    s->source = source;
    s->opened_s = s->heard_s = (uint32_t)(chat->now_ms / 1000);
    list_init(&s->in_identity);
    list_init(&s->members);
    list_init(&s->waiting);
    list_init(&s->in_dirty);
    list_init(&s->in_wheel);
    if (tsearch(s, &chat->sessions_by_id, by_id) == NULL) {
        free(s);
        return NULL;
    }
    wheel_add(s);
    chat->stats.sessions++;
    return s;
}

struct session *session_open_operator(struct chat *chat, const struct sink_ops *ops, void *peer)
{
    struct session *s = session_open(chat, ops, peer, NULL);
    if (s == NULL)
        return NULL;
    s->identity = identity_operator(chat);
    if (s->identity == NULL) {
        session_destroy(&s);
        return NULL;
    }
    list_add(&s->identity->sessions, &s->in_identity);
    s->state = SESSION_NAMED;
    return s;
}

void session_destroy(struct session **session)
{
    struct session *s = *session;
    if (s == NULL)
        return;
    list_each(l, next, &s->members)
    {
        struct member *m = list_entry(l, struct member, in_session);
        member_leave(&m, false);
    }
    backlog_clear(s);
    list_remove(&s->in_identity);
    if (s->identity != NULL)
        presences_apply_away(s->identity);
    identity_unref(&s->identity);
    list_remove(&s->in_dirty);
    list_remove(&s->in_wheel);
    tdelete(s, &s->chat->sessions_by_id, by_id);
    s->chat->stats.sessions--;
    bytes_finish(&s->out);
    free(s);
    *session = NULL;
}

void session_heard(struct session *s)
{
    s->heard_s = (uint32_t)(s->chat->now_ms / 1000);
    s->pinged = false;
}

void session_writable(struct session *s)
{
    s->write_blocked = false;
    sink_make_dirty(s);
}

bool session_is_idle(const struct session *s)
{
    return s->pending == 0 && !s->busy && list_empty(&s->waiting) && s->out.size == 0;
}
