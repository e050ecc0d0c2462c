/* search_item.c - see search_item.h. */
#include "search_item.h"

#include "chat/base/fold.h"
#include "chat/base/gram.h"
#include "chat/base/json.h"

#include <string.h>

static void add_string(struct bytes *to, const json_t *string)
{
    const char *text = json_string_value(string);
    if (text != NULL && text[0] != '\0')
        fold_add(to, text);
}

static void add_alt_texts(struct search_item *i, const json_t *photos)
{
    const json_t *photo;
    size_t k;
    json_array_foreach(photos, k, photo) add_string(&i->text, json_object_get(photo, "alt"));
    i->has_photo = json_array_size(photos) > 0;
}

static void add_poll(struct search_item *i, const json_t *body)
{
    const json_t *options = json_object_get(body, "options"), *option;
    size_t k;
    add_string(&i->text, json_object_get(body, "question"));
    json_array_foreach(options, k, option) add_string(&i->text, option);
}

/* Most items have no patch. */
static json_t *parse(const char *body, size_t n, const char *patch)
{
    json_t *item = json_loadb(body, n, 0, NULL);
    json_t *changes = patch == NULL ? NULL : json_loads(patch, 0, NULL);
    bool whole = json_is_object(item) && (patch == NULL || json_object_update(item, changes) == 0);
    json_decref(changes);
    if (whole)
        return item;
    json_decref(item);
    return NULL;
}

void search_item_read(struct search_item *i, enum event_kind kind, const char *body, size_t n,
                      const char *patch)
{
    *i = (struct search_item){.is_poll = kind == EVENT_POLL};
    json_t *item = event_is_item(kind) ? parse(body, n, patch) : NULL;
    i->found = item != NULL && !json_is_true(json_object_get(item, "deleted"));
    if (i->found) {
        add_string(&i->text, json_object_get(item, "text"));
        add_alt_texts(i, json_object_get(item, "photos"));
        if (i->is_poll)
            add_poll(i, item);
        add_string(&i->from, json_object_get(item, "from"));
    }
    json_decref(item);
    i->text.failed |= i->from.failed;
}

void search_item_finish(struct search_item *i)
{
    bytes_finish(&i->text);
    bytes_finish(&i->from);
}

bool search_item_has_link(const struct search_item *i)
{
    return i->text.size > 0 && (memmem(i->text.at, i->text.size, "http://", 7) != NULL ||
                                memmem(i->text.at, i->text.size, "https://", 8) != NULL);
}

void search_item_add_grams(const struct search_item *i, struct bytes *to)
{
    gram_add_text(to, i->text.at, i->text.size);
    gram_add_mark(to, GRAM_FROM, i->from.at, i->from.size);
    if (i->has_photo)
        gram_add_mark(to, GRAM_PHOTO, "", 0);
    if (i->is_poll)
        gram_add_mark(to, GRAM_POLL, "", 0);
}
