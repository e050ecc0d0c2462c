/* journals.c - see journals.h. */
#include "journals.h"

#include "config/conf.h"
#include "store/journal.h"
#include "store/store.h"

int journals_create(struct journals *j, struct uv_loop_s *loop,
                    const struct journals_config *config, struct chat_config *chat)
{
    j->redis = config->conf->redis;
    j->store = config->store;
    if (j->redis == NULL) {
        j->journal = journal_local_create(j->store);
        chat->journal_ops = &journal_local_ops;
        chat->journal = j->journal;
        return j->journal == NULL ? -1 : 0;
    }
    j->config = (struct journal_redis_config){
        .redis = j->redis, .store = j->store, .ready = config->ready, .arg = config->arg};
    j->journal = journal_redis_create(loop, &j->config);
    chat->journal_ops = &journal_redis_ops;
    chat->journal = j->journal;
    chat->node = config->conf->node;
    chat->bus_ops = &journal_redis_bus_ops;
    chat->bus = j->journal == NULL ? NULL : journal_redis_bus(j->journal);
    return j->journal == NULL ? -1 : 0;
}

void journals_attach(struct journals *j, struct chat *chat)
{
    if (j->redis == NULL)
        journal_local_attach(j->journal, chat);
    else
        journal_redis_attach(j->journal, chat);
}

void journals_flush(struct journals *j)
{
    if (j->redis != NULL)
        journal_redis_flush(j->journal);
}

void journals_stop(struct journals *j)
{
    if (j->redis != NULL)
        journal_redis_stop(j->journal);
}

void journals_destroy(struct journals *j)
{
    if (j->redis == NULL)
        journal_local_destroy(&j->journal);
    else
        journal_redis_destroy(&j->journal);
}

const char *journals_fault(const struct journals *j)
{
    const char *why = store_fault(j->store);
    return why == NULL && j->redis != NULL ? journal_redis_fault(j->journal) : why;
}

size_t journals_waiting(const struct journals *j)
{
    return store_waiting(j->store) + (j->redis == NULL ? 0 : journal_redis_waiting(j->journal));
}

int64_t journals_wall_ms(const struct journals *j)
{
    return j->redis == NULL ? 0 : journal_redis_wall_ms(j->journal);
}

void journals_warn(const struct journals *j, struct bytes *to)
{
    if (j->redis != NULL)
        journal_redis_warn(j->journal, to);
}

static void add_gauge(struct bytes *to, const char *name, uint64_t value)
{
    bytes_add_text(to, "# TYPE ");
    bytes_add_text(to, name);
    bytes_add_text(to, " gauge\n");
    bytes_add_text(to, name);
    bytes_add_text(to, " ");
    bytes_add_u64(to, value);
    bytes_add_text(to, "\n");
}

void journals_metrics(const struct journals *j, struct bytes *to)
{
    add_gauge(to, "chatd_store_writable", store_fault(j->store) == NULL);
    add_gauge(to, "chatd_store_waiting", store_waiting(j->store));
    if (j->redis == NULL)
        return;
    add_gauge(to, "chatd_redis_connected", journal_redis_fault(j->journal) == NULL);
    add_gauge(to, "chatd_redis_waiting", journal_redis_waiting(j->journal));
    add_gauge(to, "chatd_redis_generation", journal_redis_generation(j->journal));
}
