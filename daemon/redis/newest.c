/* newest.c - see newest.h. */
#include "newest.h"

#include "call.h"
#include "seq.h"

bool newest_ask(struct redis_link *link, struct redis_key stream, redisCallbackFn *cb, void *arg)
{
    struct redis_call c;
    call_begin(&c, "XREVRANGE");
    call_key(&c, stream);
    call_text(&c, "+");
    call_text(&c, "-");
    call_text(&c, "COUNT");
    call_number(&c, 1);
    return redis_link_ask(link, &c, cb, arg);
}

bool newest_read(const redisReply *reply, uint64_t *seq_out)
{
    uint64_t seq = 0;
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY)
        return false;
    if (reply->elements > 0) {
        const redisReply *entry = reply->element[0];
        if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
            entry->element[0]->type != REDIS_REPLY_STRING ||
            (seq = seq_read(entry->element[0]->str, NULL)) == 0)
            return false;
    }
    *seq_out = seq;
    return true;
}
