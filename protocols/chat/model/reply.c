/* reply.c - see reply.h. */
#include "reply.h"

#include "charge.h"
#include "sink.h"

#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <stdio.h>

/* If the caller knows no better time: */
#define TRY_AGAIN_MS     1000
#define TRY_AGAIN_MAX_MS 10000

size_t reply_begin(struct session *s, const char *type, const char *id)
{
    size_t mark = wire_open(&s->out, type);
    if (id != NULL)
        object_add_text(&s->out, "id", id);
    return mark;
}

void reply_end(struct session *s, size_t mark)
{
    wire_close(&s->out, mark);
    if (!s->out.failed)
        charge_reply(s, s->out.size - mark);
    sink_make_dirty(s);
}

void reply_ok(struct session *s, const char *id, const char *room)
{
    if (id == NULL)
        return;
    size_t mark = reply_begin(s, "ok", id);
    object_add_text(&s->out, "room", room);
    reply_end(s, mark);
}

/* What has lasted long will last longer: while nothing can be stored, a quarter of the time so far.
 */
static uint64_t try_again_ms(const struct chat *chat, enum err err)
{
    bool lasts = err == ERR_UNAVAILABLE && chat->unwritable;
    uint64_t ms = lasts ? (chat->now_ms - chat->unwritable_ms) / 4 : 0;
    return ms < TRY_AGAIN_MS ? TRY_AGAIN_MS : ms > TRY_AGAIN_MAX_MS ? TRY_AGAIN_MAX_MS : ms;
}

void reply_error(struct session *s, const char *id, enum err err, const char *field,
                 uint64_t wait_ms)
{
    char seconds[32];
    if (wait_ms == 0 && (err == ERR_RATE || err == ERR_UNAVAILABLE))
        wait_ms = try_again_ms(s->chat, err);
    size_t mark = reply_begin(s, "error", id);
    object_add_text(&s->out, "code", err_code(err));
    object_add_text(&s->out, "text", err_text(err));
    object_add_text(&s->out, "field", field);
    if (wait_ms > 0) {
        int n = snprintf(seconds, sizeof seconds, "%llu.%03llu", (unsigned long long)wait_ms / 1000,
                         (unsigned long long)wait_ms % 1000);
        object_add_json(&s->out, "retry_after", seconds, (size_t)n);
    }
    reply_end(s, mark);
    s->chat->stats.errors++;
}
