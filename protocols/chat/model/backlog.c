/* backlog.c - see backlog.h. */
#include "backlog.h"

#include <stdlib.h>
#include <string.h>

static size_t bytes_max(const struct session *s)
{
    const struct chat_limits *limits = &s->chat->config->limits;
    return (size_t)8 * limits->message_bytes + limits->waiting * sizeof(struct waiting);
}

bool backlog_add(struct session *s, const struct command *command, const char *text, size_t n)
{
    const size_t bytes = sizeof(struct waiting) + n;
    bool fits = s->waiting_count < s->chat->config->limits.waiting &&
                s->waiting_bytes + bytes <= bytes_max(s);
    struct waiting *w = fits ? malloc(bytes) : NULL;
    if (w == NULL)
        return false;
    *w = (struct waiting){.command = command, .text_bytes = n};
    memcpy(w->text, text, n);
    list_add(&s->waiting, &w->in_session);
    s->waiting_count++;
    s->waiting_bytes += bytes;
    return true;
}

struct waiting *backlog_first(const struct session *s)
{
    return list_empty(&s->waiting) ? NULL : list_entry(s->waiting.next, struct waiting, in_session);
}

struct waiting *backlog_take(struct session *s)
{
    struct waiting *w = backlog_first(s);
    list_remove(&w->in_session);
    s->waiting_count--;
    s->waiting_bytes -= sizeof *w + w->text_bytes;
    return w;
}

void backlog_clear(struct session *s)
{
    while (backlog_first(s) != NULL)
        free(backlog_take(s));
}

bool backlog_is_long(const struct session *s)
{
    return s->waiting_count > s->chat->config->limits.waiting / 2 ||
           s->waiting_bytes > bytes_max(s) / 2;
}
