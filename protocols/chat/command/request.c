/* request.c - see request.h. */
#include "request.h"

#include "chat/model/session.h"

#include <stdlib.h>
#include <string.h>

struct request *request_create(const struct session *s, const char *id, const char *room)
{
    struct request *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->chat = s->chat;
    q->session = s->id;
    q->identity = s->identity == NULL ? 0 : s->identity->id;
    if (id != NULL)
        strncpy(q->id, id, sizeof q->id - 1);
    if (room != NULL)
        strncpy(q->room, room, sizeof q->room - 1);
    return q;
}

void request_destroy(struct request **request)
{
    if (*request == NULL)
        return;
    json_decref((*request)->args);
    free((*request)->more);
    free(*request);
    *request = NULL;
}

void *request_more(struct request *q, size_t n)
{
    q->more = calloc(1, n);
    return q->more;
}

struct session *request_session(const struct request *q)
{
    return session_find(q->chat, q->session);
}

const char *request_id(const struct request *q) { return q->id[0] == '\0' ? NULL : q->id; }
