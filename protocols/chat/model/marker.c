/* marker.c - see marker.h. */
#include "marker.h"

#include "ask.h"
#include "identity.h"
#include "room.h"

#include "chat/base/object.h"
#include "chat/base/wire.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

bool marker_is_later(const struct marker *a, const struct marker *b)
{
    return a->backs > b->backs || (a->backs == b->backs && a->read > b->read);
}

static struct marker *find(const struct identity *i, const struct room *r)
{
    for (size_t n = 0; n < i->marker_count; n++)
        if (i->markers[n].room == r)
            return &i->markers[n];
    return NULL;
}

struct marker marker_of(const struct identity *i, const struct room *r)
{
    const struct marker *m = find(i, r);
    return m == NULL ? (struct marker){0} : *m;
}

static struct marker *add(struct identity *i)
{
    struct marker *all = realloc(i->markers, (i->marker_count + 1) * sizeof *all);
    if (all == NULL)
        return NULL;
    i->markers = all;
    return &all[i->marker_count++];
}

void markers_load(struct identity *i, const struct bytes *rows)
{
    const struct archive_marker *markers = (const void *)rows->at;
    for (size_t k = 0; k < rows->size / sizeof *markers; k++) {
        struct room *r = room_find(i->chat, markers[k].room);
        struct marker *m = r == NULL ? NULL : find(i, r);
        struct marker kept = {r, markers[k].read, markers[k].backs, markers[k].joined,
                              markers[k].level};
        if (m != NULL) { /* another node has sent this marker: its `joined` is newer */
            kept.joined = m->joined;
            m->level = kept.level;
            if (marker_is_later(&kept, m))
                *m = kept;
        } else if (r != NULL && (m = add(i)) != NULL) {
            *m = kept;
        }
    }
    i->loaded = true;
}

void marker_set_level(struct identity *i, struct room *r, enum level level)
{
    struct marker *m = find(i, r);
    if (m == NULL && (m = add(i)) != NULL)
        *m = (struct marker){.room = r};
    if (m != NULL)
        m->level = level;
}

void marker_keep(struct chat *chat, uint64_t identity, const struct marker *m)
{
    struct archive_marker kept = {.read = m->read, .backs = m->backs, .joined = m->joined};
    strcpy(kept.room, m->room->name);
    chat->config->archive_ops->mark(chat->config->archive, identity, &kept);
}

bool marker_set(struct identity *i, const struct marker *m)
{
    struct marker *mine = find(i, m->room);
    if (mine != NULL && mine->read == m->read && mine->backs == m->backs &&
        mine->joined == m->joined)
        return false;
    if (mine == NULL && (mine = add(i)) == NULL)
        return false;
    *mine = *m;
    marker_keep(i->chat, i->id, m);
    return true;
}

static void forget(const void *node, VISIT which, void *room)
{
    struct identity *i = *(struct identity *const *)node;
    if (which != preorder && which != leaf)
        return;
    struct marker *m = find(i, room);
    if (m != NULL)
        *m = i->markers[--i->marker_count];
}

void markers_forget(struct room *r) { twalk_r(r->chat->identities_by_skeleton, forget, r); }

void marker_signal(const struct identity *i, const struct session *except, const struct marker *m,
                   bool back)
{
    struct bytes frame = {0};
    size_t mark = wire_open(&frame, "read");
    object_add_text(&frame, "room", m->room->name);
    object_add_number(&frame, "seq", m->read);
    if (back)
        object_add_bool(&frame, "back", true);
    wire_close(&frame, mark);
    identity_tell(i, except, &frame);
    bytes_finish(&frame);
}
