/* catch_up.c - see catch_up.h. */
#include "catch_up.h"

#include "chat/base/body.h"
#include "chat/model/journal.h"
#include "chat/model/model.h"

bool catch_up(struct chat *chat, void (*done)(void *arg), void *arg)
{
    const struct chat_config *config = chat->config;
    return config->journal_ops->follow != NULL &&
           !config->journal_ops->follow(config->journal, SERVER_LOG, SEQ_MAX, done, arg);
}
