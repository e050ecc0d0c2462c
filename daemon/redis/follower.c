/* follower.c - see follower.h. */
#include "follower.h"

#include "private.h"

#include <stdlib.h>

struct follower {
    struct list in_stream;
    uint64_t until; /* this event must be copied first; 0: the stream is not live yet */
    void (*done)(void *arg);
    void *arg;
};

bool follower_add(struct stream *s, void (*done)(void *arg), void *arg)
{
    struct follower *f = calloc(1, sizeof *f);
    if (f == NULL)
        return false;
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

void follower_release(struct stream *s)
{
    list_each(i, n, &s->followers)
    {
        struct follower *f = list_entry(i, struct follower, in_stream);
        if (f->until == 0 && s->state == STREAM_LIVE)
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
