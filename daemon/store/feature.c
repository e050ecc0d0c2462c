/* feature.c - see feature.h. */
#include "feature.h"

#include "private.h"

#define each_feature(f, s)                                                                         \
    for (const struct store_feature *const *f = (s)->features; *f != NULL; f++)

static int apply(struct store *s, const struct store_feature *f, const struct event *e,
                 int64_t room, struct verdict *v)
{
    if (e->kind == EVENT_GAP)
        return f->gap == NULL ? SQLITE_OK : f->gap(s, e, room);
    for (const struct feature_kind *k = f->kinds; k != NULL && k->apply != NULL; k++)
        if (k->kind == e->kind)
            return k->apply(s, e, room, v);
    return SQLITE_OK;
}

int features_apply(struct store *s, const struct event *e, int64_t room, struct verdict *v)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && v->err == OK) rc = apply(s, *f, e, room, v);
    return rc;
}

int features_unword(struct store *s, int64_t room, uint64_t seq, enum event_kind kind,
                    const char *body, const char *patch)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && (*f)->unword != NULL) rc =
        (*f)->unword(s, room, seq, kind, body, patch);
    return rc;
}

int features_forget(struct store *s, int64_t room, uint64_t item)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && (*f)->forget != NULL) rc =
        (*f)->forget(s, room, item);
    return rc;
}

int features_forget_room(struct store *s, int64_t room, int most)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && (*f)->forget_room != NULL) rc =
        (*f)->forget_room(s, room, most);
    return rc;
}

void features_ended(struct store *s, bool committed)
{
    each_feature(f, s) if ((*f)->ended != NULL)(*f)->ended(s, committed);
}

int features_fold(struct store *s, struct page *page)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && (*f)->fold != NULL) rc = (*f)->fold(s, page);
    return rc;
}

int features_connect(const struct store *s, struct db *db)
{
    int rc = SQLITE_OK;
    each_feature(f, s) if (rc == SQLITE_OK && (*f)->connect != NULL) rc = (*f)->connect(db);
    return rc;
}

enum err features_load(struct store *s, struct chat *chat)
{
    enum err err = OK;
    each_feature(f, s) if (err == OK && (*f)->load != NULL) err = (*f)->load(s, chat);
    return err;
}

int features_answer(struct store *s, struct ask *ask)
{
    each_feature(f, s) for (const struct feature_answer *a = (*f)->answers;
                            a != NULL && a->answer != NULL;
                            a++) if (a->kind == ask->kind) return a->answer(s, ask);
    return SQLITE_INTERNAL;
}
