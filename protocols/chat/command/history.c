/* history.c - the command for pages of a room's items: history. */
#include "answer.h"
#include "private.h"
#include "request.h"

#include "chat/base/object.h"
#include "chat/model/ask.h"

static void add_page(struct bytes *to, const struct request *q, const struct ask *ask)
{
    object_add_text(to, "room", q->room);
    object_add_json(to, "items", ask->text.at, ask->text.size);
    object_add_json(to, "acts", ask->rows.at, ask->rows.size);
    object_add_bool(to, "more", ((const struct ask_page *)ask)->more);
    object_add_bool(to, "newer", ((const struct ask_page *)ask)->newer);
}

static void on_page(struct ask *ask) { answer_take(ask, "history", add_page); }

/* Of `before`, `after` and `around` a page has one at most. */
static enum err check_place(const struct call *c)
{
    static const char *const places[] = {"before", "after", "around"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (json_object_get(c->args, places[i]) != NULL && n++ > 0) {
            *c->bad = places[i];
            return ERR_BAD_FIELD;
        }
    return OK;
}

static enum err cmd_history(struct session *s, const struct call *c)
{
    enum err err = check_place(c);
    if (err != OK)
        return err;
    struct request *q = request_later(sizeof *q, s, c);
    if (q == NULL)
        return ERR_UNAVAILABLE;
    struct ask_page *ask = ask_create(sizeof *ask, ASK_PAGE, q->room, on_page, q);
    if (ask != NULL) {
        ask->before = (uint64_t)field_int(c->args, "before", 0);
        ask->from = (uint64_t)(field_int(c->args, "after", -1) + 1);
        ask->around = (uint64_t)field_int(c->args, "around", 0);
        ask->limit = (unsigned)field_int(c->args, "limit", PAGE_DEFAULT);
        ask->identity = q->identity;
    }
    request_ask_take(q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field history_fields[] = {
    ARG_ROOM, { "before", FIELD_INT, false, 1, SEQ_MAX }, { "after", FIELD_INT, false, 0, SEQ_MAX },
    { "around", FIELD_INT, false, 1, SEQ_MAX }, { "limit", FIELD_INT, false, 1, 200 }, {0} };

const struct command history_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "history",     NEED_MEMBER,  ROLE_MEMBER,    1,    true,     false,    cmd_history,    history_fields },
    {0},
};
/* clang-format on */
