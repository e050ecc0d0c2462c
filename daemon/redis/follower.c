/* follower.c - see follower.h. */
#include "follower.h"

#include "private.h"

#include <stdlib.h>

struct follower {
    struct list in_stream;
    uint64_t reads; /* so many must have ended */
    uint64_t until; /* then this event must be copied; 0: not yet known */
    void (*done)(void *arg);
    void *arg;
};

bool follower_add(struct stream *s, uint64_t seq, void (*done)(void *arg), void *arg)
{
    struct follower *f = calloc(1, sizeof *f);
    if (f == NULL)
        return false;
    f->reads = s->reads + 1;
    f->until = s->state == STREAM_LIVE && seq <= s->taken ? seq + 1 : 0;
    f->done = done;
    f->arg = arg;
    list_add(&s->followers, &f->in_stream);
    return true;
}

static void call(struct follower *f)
{
    list_remove(&f->in_stream);
    f->done(f->arg);
    free(f);
}

static bool wants_read(const struct stream *s, const struct follower *f)
{
    return f->until == 0 && s->reads - s->reading < f->reads;
}

bool follower_wants_read(const struct stream *s)
{
    list_each(i, n, &s->followers)
    {
        if (wants_read(s, list_entry(i, struct follower, in_stream)))
            return true;
    }
    return false;
}

void follower_release(struct stream *s)
{
    list_each(i, n, &s->followers)
    {
        struct follower *f = list_entry(i, struct follower, in_stream);
        if (f->until == 0 && s->state == STREAM_LIVE && !wants_read(s, f))
            f->until = s->taken + 1;
        if (f->until > 0 && f->until - 1 <= s->copied)
            call(f);
    }
}

void follower_give_up(struct stream *s)
{
    struct list now;
    list_take(&now, &s->followers);
    list_each(i, n, &now) call(list_entry(i, struct follower, in_stream));
}
