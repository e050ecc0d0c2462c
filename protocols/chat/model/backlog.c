/* backlog.c - see backlog.h. */
#include "backlog.h"

#include <stdlib.h>

static size_t bytes_max(const struct session *s)
{
    return (size_t)8 * s->chat->config->limits.message_bytes;
}

bool backlog_add(struct session *s, const struct command *command, json_t *args, size_t bytes)
{
    bool fits = s->waiting_count < s->chat->config->limits.waiting &&
                s->waiting_bytes + bytes <= bytes_max(s);
    struct waiting *w = fits ? malloc(sizeof *w) : NULL;
    if (w == NULL)
        return false;
    *w = (struct waiting){.command = command, .args = json_incref(args), .bytes = bytes};
    list_add(&s->waiting, &w->in_session);
    s->waiting_count++;
    s->waiting_bytes += bytes;
    return true;
}

struct waiting *backlog_first(const struct session *s)
{
    return list_empty(&s->waiting) ? NULL : list_entry(s->waiting.next, struct waiting, in_session);
}

void backlog_remove(struct session *s, struct waiting *w)
{
    list_remove(&w->in_session);
    s->waiting_count--;
    s->waiting_bytes -= w->bytes;
    json_decref(w->args);
    free(w);
}

void backlog_clear(struct session *s)
{
    for (struct waiting *w; (w = backlog_first(s)) != NULL;)
        backlog_remove(s, w);
}

bool backlog_is_long(const struct session *s)
{
    return s->waiting_count > s->chat->config->limits.waiting / 2 ||
           s->waiting_bytes > bytes_max(s) / 2;
}
