/* ending.c - see ending.h.
 *
 * In the step that numbers the end of a room, the script "submit" takes all events out of its
 * stream and leaves one entry there, behind which it adds none. That entry stays as long as Redis
 * does: it shows a node that was away that nothing is lost. All other keys of the room are deleted
 * here, by every node, since a node that was away may have written some of them again. */
#include "ending.h"

#include "call.h"
#include "channel.h"
#include "follower.h"
#include "order.h"
#include "private.h"
#include "stream.h"
#include "ticket.h"

#define DELETE_AT 100 /* keys in one command */
_Static_assert(1 + DELETE_AT <= CALL_ARGS_MAX, "a call holds them");

/* --- keys ----------------------------------------------------------------------------------- */

struct deletion {
    struct journal *journal;
    struct redis_call c;
};

static void begin(struct deletion *d) { call_begin(&d->c, "DEL"); }

static void ask(struct deletion *d)
{
    if (d->c.count > 1)
        redis_link_ask(d->journal->ask, &d->c, NULL, NULL);
    begin(d);
}

static void add(struct deletion *d, struct redis_key key)
{
    call_key(&d->c, key);
    if (d->c.count > DELETE_AT)
        ask(d);
}

/* The last entry is in the generation of the room's end, and of use in the current one only. */
static void delete_keys(struct stream *s)
{
    struct journal *j = s->journal;
    const char *prefix = j->redis->prefix;
    struct deletion d = {.journal = j};
    begin(&d);
    add(&d, key_secrets(prefix, s->place));
    for (uint64_t gen = 1; gen <= j->gen; gen++)
        if (gen < j->gen || seq_gen(s->gone_at) < gen)
            add(&d, key_stream(prefix, s->place, gen));
    ask(&d);
}

/* --- those who wait ------------------------------------------------------------------------- */

/* The others of the outbox are on their way: their answers find that the stream has ended. */
static void finish_submits(struct stream *s)
{
    ticket_finish_all(&s->awaited, ERR_NO_SUCH_ROOM);
    list_each(i, n, &s->journal->outbox)
    {
        struct ticket *t = list_entry(i, struct ticket, in_list);
        if (t->stream == s && !t->asked)
            ticket_finish(t, ERR_NO_SUCH_ROOM, 0, 0);
    }
}

void ending_clear(struct journal *j)
{
    list_each(i, n, &j->gone)
    {
        struct stream *s = list_entry(i, struct stream, in_all);
        list_remove(&s->in_all);
        list_add(&j->cleared, &s->in_all);
        order_drop_held(s);
        follower_give_up(s);
        finish_submits(s);
        channel_drop(s);
        delete_keys(s);
    }
}
