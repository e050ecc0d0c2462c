/* event.c - see event.h. */
#include "event.h"

#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *event_type(enum event_kind kind)
{
    switch (kind) {
    case EVENT_MESSAGE: return "message";
    case EVENT_GAP: return "gap";
    case EVENT_EDIT: return "edit";
    case EVENT_DELETE: return "delete";
    case EVENT_POLL: return "poll";
    case EVENT_VOTE:
    case EVENT_BALLOT: return "vote";
    case EVENT_POLL_CLOSED: return "poll_closed";
    case EVENT_ROLE: return "role";
    case EVENT_BAN: return "ban";
    case EVENT_UNBAN: return "unban";
    case EVENT_PURGE: return "purge";
    case EVENT_KICK: return "kick";
    case EVENT_MUTE: return "mute";
    case EVENT_UNMUTE: return "unmute";
    case EVENT_ROOM: return "room";
    case EVENT_IDENTITY: return "identity";
    case EVENT_VOID: break;
    }
    return "unknown";
}

void event_write(struct bytes *to, const struct event *e)
{
    bytes_add_text(to, "{\"type\":\"");
    bytes_add_text(to, event_type(e->kind));
    bytes_add_text(to, "\",\"room\":\"");
    bytes_add_text(to, e->room);
    bytes_add_text(to, "\",\"seq\":");
    bytes_add_u64(to, e->seq);
    bytes_add_text(to, ",\"at\":");
    bytes_add_u64(to, (uint64_t)e->at_ms);
    if (e->body_bytes > 2) /* more than "{}" */
        bytes_add(to, ",", 1);
    bytes_add(to, e->body + 1, e->body_bytes - 1);
}

void event_frame(struct bytes *to, const struct event *e)
{
    size_t mark = wire_begin(to);
    event_write(to, e);
    wire_end(to, mark);
}

static uint64_t hash(uint64_t h, const void *from, size_t n)
{
    for (const unsigned char *p = from; n > 0; p++, n--)
        h = (h ^ *p) * 0x100000001b3;
    return h;
}

uint64_t event_hash(const struct event *e)
{
    uint64_t h = hash(0xcbf29ce484222325, e->room, strlen(e->room) + 1);
    unsigned char kind = (unsigned char)e->kind;
    h = hash(h, &kind, sizeof kind);
    h = hash(h, &e->of, sizeof e->of);
    return hash(h, e->body, e->body_bytes);
}

void event_log_name(const struct event *e, char name[LOG_NAME_MAX + 1])
{
    snprintf(name, LOG_NAME_MAX + 1, "%" PRIx64 "-%" PRIx64, (uint64_t)e->at_ms, e->seq);
}
