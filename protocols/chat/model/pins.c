/* pins.c - see pins.h. */
#include "pins.h"

#include "ask.h"
#include "model.h"
#include "room.h"

#include "chat/base/object.h"

static const uint64_t *items_of(const struct bytes *pins, size_t *n_out)
{
    *n_out = pins->size / sizeof(uint64_t);
    return (const void *)pins->at;
}

static bool has(const struct room *r, uint64_t item)
{
    size_t n;
    const uint64_t *items = items_of(&r->pins, &n);
    while (n > 0 && items[n - 1] != item)
        n--;
    return n > 0;
}

/* Nobody knows here who has written what a purge deletes. */
static bool may_change(const struct room *r, const struct event *e)
{
    switch (e->kind) {
    case EVENT_PIN:
    case EVENT_PURGE:
    case EVENT_GAP: return true;
    case EVENT_DELETE: return !r->pins_known || has(r, e->of);
    default: return false;
    }
}

void pins_apply(struct chat *chat, const struct event *e)
{
    struct room *r = room_find(chat, e->room);
    if (r == NULL || !may_change(r, e))
        return;
    r->pins_known = false;
    r->pins_changes++;
}

bool pins_known(const struct room *r) { return r->pins_known; }

struct ask *pins_ask(const struct room *r, void (*done)(struct ask *ask), void *arg)
{
    struct ask_pins *ask = ask_create(sizeof *ask, ASK_PINS, r->name, done, arg);
    if (ask != NULL)
        ask->changes = r->pins_changes;
    return (struct ask *)ask;
}

void pins_take(struct room *r, const struct ask *ask)
{
    r->pins.size = 0;
    bytes_add(&r->pins, ask->rows.at, ask->rows.size);
    r->pins_known = ((const struct ask_pins *)ask)->changes == r->pins_changes && !r->pins.failed;
}

void pins_write(struct bytes *to, const struct room *r)
{
    size_t n;
    const uint64_t *items = items_of(&r->pins, &n);
    array_begin(to, "pins");
    for (size_t i = 0; i < n; i++)
        object_add_number(to, NULL, items[i]);
    array_end(to);
}
