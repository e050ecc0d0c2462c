/* standings.c - the command that lists roles, bans and mutes: standings. */
#include "answer.h"
#include "private.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"

#include <string.h>

#define STANDINGS_MAX 1000 /* rows in one answer */

static void add_standings(struct bytes *to, const struct request *q, const struct ask *ask)
{
    object_add_text(to, "room", strcmp(q->room, SERVER_LOG) == 0 ? NULL : q->room);
    object_add_json(to, "standings", ask->text.at, ask->text.size);
    object_add_bool(to, "more", ((const struct ask_standings *)ask)->more);
}

static void on_standings(struct ask *ask) { answer_take(ask, "standings", add_standings); }

static enum err cmd_standings(struct session *s, const struct call *c)
{
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_standings *ask = ask_create(sizeof *ask, ASK_STANDINGS, q->room, on_standings, q);
    if (ask != NULL) {
        ask->now_ms = s->chat->end_ms;
        ask->limit = STANDINGS_MAX;
    }
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field place_fields[] = { ARG_PLACE, {0} };

const struct command standings_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "standings",   NEED_PLACE,   ROLE_MODERATOR, 2,    true,     false,    cmd_standings,  place_fields },
    {0},
};
/* clang-format on */
