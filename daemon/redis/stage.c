/* stage.c - see stage.h. */
#include "stage.h"

#include "follower.h"
#include "log.h"
#include "soon.h"

#include <stdio.h>
#include <string.h>

#define KNOWN_MS 7000 /* in which each node has been heard twice */

const char *stage_fault(const struct journal *j)
{
    if (j->refused)
        return j->refusal;
    return j->stage < STAGE_SEALING ? redis_link_fault(j->ask) : NULL;
}

void stage_log_fault(struct journal *j)
{
    const char *why = stage_fault(j);
    if (!j->is_ready) /* at the start Redis may be away for a moment */
        return;
    if (why != NULL && strcmp(j->logged_fault, why) != 0)
        log_warn("redis messages wait: %s", why);
    if (why == NULL && j->logged_fault[0] != '\0')
        log_info("redis messages are stored again");
    snprintf(j->logged_fault, sizeof j->logged_fault, "%s", why == NULL ? "" : why);
}

void stage_refuse(struct journal *j, const char *why)
{
    int code = redis_code_bytes(why);
    j->refused = true;
    snprintf(j->refusal, sizeof j->refusal, "Redis refuses to write%s%.*s", code == 0 ? "" : ": ",
             code, why);
    stage_log_fault(j);
}

/* When LIVE ends it is clear whether this node can tell which nodes are missing. */
static void note_life(struct journal *j, enum redis_stage stage)
{
    uint64_t now_ms = uv_now(j->loop);
    if (stage == STAGE_LIVE)
        j->live_ms = now_ms;
    if (j->stage == STAGE_LIVE)
        j->knows_nodes = now_ms - j->live_ms > KNOWN_MS;
}

#define TO(stage) (1U << STAGE_##stage)

/* clang-format off */
static const struct {
    const char *name;
    unsigned next;
} stages[] = {
    [STAGE_AWAY]    = { "away",    TO(FENCING) },
    [STAGE_FENCING] = { "fencing", TO(AWAY) | TO(SEALING) },
    [STAGE_SEALING] = { "sealing", TO(AWAY) | TO(FENCING) | TO(LIVE) },
    [STAGE_LIVE]    = { "live",    TO(AWAY) | TO(FENCING) },
};
/* clang-format on */

void stage_set(struct journal *j, enum redis_stage stage)
{
    if (j->stage == stage)
        return;
    if ((stages[j->stage].next & 1U << stage) == 0)
        log_error("redis: the journal must not go from %s to %s", stages[j->stage].name,
                  stages[stage].name);
    log_debug("redis stage=%s", stages[stage].name);
    note_life(j, stage);
    j->stage = stage;
    if (j->ending)
        return;
    if (stage == STAGE_AWAY)
        list_each(i, n, &j->streams) follower_give_up(list_entry(i, struct stream, in_all));
    if (stage == STAGE_SEALING && redis_link_is_up(j->hear))
        chat_bus_up(j->chat);
    stage_log_fault(j);
}

void stage_fence(struct journal *j)
{
    if (j->stage == STAGE_FENCING)
        return;
    stage_set(j, STAGE_FENCING);
    j->fence_wanted = true;
    soon_now(j);
}
