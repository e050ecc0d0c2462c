/* nick.c - the operator's command for nicks whose holder has lost the token: free_nick. */
#include "private.h"
#include "request.h"

#include "chat/base/token.h"
#include "chat/model/ask.h"
#include "chat/model/identity.h"
#include "chat/model/reply.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct freeing {
    struct request q; /* first */
    struct nick nick;
};
_Static_assert(offsetof(struct freeing, q) == 0, "a request is a freeing");

static void on_freed(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct freeing *f = arg;
    struct session *s = request_speaker(&f->q);
    (void)seq, (void)at_ms;
    if (err == OK && s != NULL)
        reply_ok(s, request_id(&f->q), NULL);
    request_done_take(&f->q, err);
}

/* The nick goes to an identity whose token nobody has, and which was last seen in 1970. */
static enum err give_to_nobody(struct freeing *f)
{
    struct claim nobody = {.nick = f->nick, .free = true};
    char token[TOKEN_TEXT_MAX + 1];
    token_create(token);
    token_hash(token, nobody.token_hash);
    sodium_memzero(token, sizeof token);
    nobody.id = identity_number();
    return identity_claim(f->q.chat, &nobody, on_freed, f);
}

static void on_holder(struct ask *ask)
{
    struct freeing *f = ask->arg;
    const struct ask_identity *who = (struct ask_identity *)ask;
    enum err err = ask->err == OK && !who->found ? ERR_NOT_FOUND : ask->err;
    if (err == OK) {
        snprintf(f->nick.text, sizeof f->nick.text, "%s", ask->text.at);
        err = give_to_nobody(f);
    }
    if (err != OK)
        request_done_take(&f->q, err);
}

/* Not while the holder is here, on this node or another. */
static enum err cmd_free_nick(struct session *s, const struct call *c)
{
    struct nick nick;
    enum err err = nick_parse(s->chat->nicks, field_string(c->args, "nick"), &nick);
    if (err != OK)
        return err;
    const struct identity *live = identity_find(s->chat, nick.skeleton);
    if (live != NULL && (!list_empty(&live->sessions) || !list_empty(&live->people)))
        return ERR_NICK_TAKEN;
    struct freeing *f = request_later(sizeof *f, s, c);
    if (f == NULL)
        return ERR_UNAVAILABLE;
    f->nick = nick;
    struct ask_identity *ask = ask_create(sizeof *ask, ASK_IDENTITY, NULL, on_holder, f);
    if (ask != NULL)
        strcpy(ask->skeleton, nick.skeleton);
    request_ask_take(&f->q, (struct ask *)ask);
    return OK;
}

/* --- the commands --------------------------------------------------------------------------- */

/* clang-format off */
static const struct field free_fields[] = { ARG_NICK, {0} };

const struct command nick_commands[] = {
    /* type          need          least           cost  in order  needs id  handler         fields */
    { "free_nick",   NEED_NAME,    ROLE_OPERATOR,  2,    true,     true,     cmd_free_nick,  free_fields },
    {0},
};
/* clang-format on */
