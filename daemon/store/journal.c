/* journal_local.c - see journal_local.h. An event goes to the store's writer, and comes back
 * numbered and durable; then the chat is told, then the sender. */
#include "journal.h"

#include "store.h"

#include <stdlib.h>

struct journal {
    struct store *store;
    struct chat *chat;
};

/* A submit on its way. */
struct ticket {
    struct journal *journal;
    journal_done *done;
    void *arg;
};

static void on_written(void *arg, const struct store_written *w)
{
    struct ticket *t = arg;
    if (w->err == OK && w->is_new)
        chat_apply(t->journal->chat, &w->e);
    t->done(t->arg, w->err, w->e.seq, w->e.at_ms);
    free(t);
}

static enum err submit(struct journal *j, const struct event *e, journal_done *done, void *arg)
{
    struct ticket *t = malloc(sizeof *t);
    if (t == NULL)
        return ERR_UNAVAILABLE;
    *t = (struct ticket){j, done, arg};
    enum err err = store_submit(j->store, e, on_written, t);
    if (err != OK)
        free(t);
    return err;
}

const struct journal_ops journal_local_ops = {.submit = submit};

struct journal *journal_local_create(struct store *store)
{
    struct journal *j = calloc(1, sizeof *j);
    if (j != NULL)
        j->store = store;
    return j;
}

void journal_local_attach(struct journal *j, struct chat *chat) { j->chat = chat; }

void journal_local_destroy(struct journal **j)
{
    free(*j);
    *j = NULL;
}
