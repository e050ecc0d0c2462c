/* standing.c - see standing.h. */
#include "standing.h"

#include "json.h"

bool standing_change(struct standing *s, const struct event *e)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL);
    int64_t seconds = field_int(body, "seconds", 0);
    int64_t end_ms = seconds == 0 ? INT64_MAX : e->wall_ms + seconds * 1000;
    bool changes = true;
    switch (e->kind) {
    case EVENT_ROLE: s->role = role_of(field_string(body, "role")); break;
    case EVENT_BAN: s->banned_until_ms = end_ms; break;
    case EVENT_UNBAN: s->banned_until_ms = 0; break;
    case EVENT_MUTE: s->muted_until_ms = end_ms; break;
    case EVENT_UNMUTE: s->muted_until_ms = 0; break;
    default: changes = false;
    }
    json_decref(body);
    return changes;
}

bool standing_is_plain(const struct standing *s, int64_t now_ms)
{
    return s->role == ROLE_MEMBER && s->banned_until_ms <= now_ms && s->muted_until_ms <= now_ms;
}
