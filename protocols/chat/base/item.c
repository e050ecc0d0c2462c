/* item.c - see item.h. */
#include "item.h"

#include "body.h"
#include "json.h"
#include "mention.h"

#include <stdlib.h>
#include <string.h>

/* The members of items that hold what a person wrote. */
static const char *const words[] = {"text", "question", "options", "photos"};
#define WORDS (sizeof words / sizeof *words)

static json_t *parse(const char *text)
{
    return text == NULL ? json_object() : json_loads(text, 0, NULL);
}

static char *dump_take(json_t *object)
{
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* An edited or deleted item mentions only whom its patch names. */
static bool patch_body(json_t *body, json_t *changes)
{
    bool deleted = json_is_true(json_object_get(changes, "deleted"));
    if (body == NULL || changes == NULL)
        return false;
    if (deleted || json_object_get(changes, "text") != NULL)
        mention_remove(body);
    if (json_object_update(body, changes) != 0)
        return false;
    for (size_t i = 0; deleted && i < WORDS; i++)
        json_object_del(body, words[i]);
    mention_hide(body);
    return true;
}

static bool write_patched(struct bytes *to, const struct event *e, const char *patch)
{
    json_t *body = json_loadb(e->body, e->body_bytes, 0, NULL), *changes = parse(patch);
    char *text = patch_body(body, changes) ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text != NULL) {
        struct event now = *e;
        now.body = text;
        now.body_bytes = strlen(text);
        event_write(to, &now);
    }
    bool done = text != NULL;
    free(text);
    json_decref(body);
    json_decref(changes);
    return done;
}

bool item_write(struct bytes *to, const struct event *e, const char *patch)
{
    if (patch != NULL)
        return write_patched(to, e, patch);
    event_write(to, e);
    return true;
}

bool item_is_deleted(const char *patch)
{
    json_t *changes = parse(patch);
    bool deleted = json_is_true(json_object_get(changes, "deleted"));
    json_decref(changes);
    return deleted;
}

bool item_patch_ok(const char *patch)
{
    static const struct field fields[] = {{"text", FIELD_STRING, false, 0, INT64_MAX},
                                          {"edited", FIELD_INT, false, 0, AT_MAX},
                                          {"deleted", FIELD_BOOL, false, 0, 0},
                                          {0}};
    json_t *changes = json_parse_plain(patch, strlen(patch));
    const char *bad;
    size_t known = 0;
    bool named = body_mention_fits(changes);
    mention_remove(changes);
    for (const struct field *f = fields; f->name != NULL; f++)
        known += json_object_get(changes, f->name) != NULL;
    bool good = changes != NULL && named && known == json_object_size(changes) &&
                fields_check(fields, changes, 0, &bad) == OK;
    json_decref(changes);
    return good;
}

uint64_t item_patch_hash(const char *patch)
{
    struct event e = {.room = "", .body = patch, .body_bytes = strlen(patch)};
    uint64_t hash = event_hash(&e);
    return hash == 0 ? 1 : hash;
}

/* What an edit says in place of the item, and of earlier edits. */
static bool take_words(json_t *changes, json_t *edit)
{
    static const char *const said[] = {"text", "mentions", "mentions_room", "mentioned"};
    bool done = json_object_get(edit, "text") != NULL;
    mention_remove(changes);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        json_t *value = json_object_get(edit, said[i]);
        done &= value == NULL || json_object_set(changes, said[i], value) == 0;
    }
    return done;
}

char *item_edited(const char *patch, const struct event *edit)
{
    json_t *changes = parse(patch), *body = json_loadb(edit->body, edit->body_bytes, 0, NULL);
    if (!json_is_object(changes)) { /* damaged: the edit mends it */
        json_decref(changes);
        changes = json_object();
    }
    if (!take_words(changes, body) ||
        json_object_set_new(changes, "edited", json_integer(edit->at_ms)) != 0) {
        json_decref(changes);
        changes = NULL;
    }
    json_decref(body);
    return dump_take(changes);
}

char *item_deleted(void) { return strdup("{\"deleted\":true}"); }

bool item_redact(json_t *event)
{
    bool done = json_object_set_new(event, "text", json_string("")) == 0;
    mention_remove(event);
    for (size_t i = 0; i < WORDS; i++) {
        const json_t *value = json_object_get(event, words[i]);
        if (value != NULL)
            done &= json_object_set_new(event, words[i],
                                        json_is_array(value) ? json_array() : json_string("")) == 0;
    }
    return done;
}

char *body_redacted(const char *body)
{
    json_t *object = json_loads(body, 0, NULL);
    if (!json_is_object(object)) { /* damaged: deleted all the same */
        json_decref(object);
        object = json_object();
    }
    if (object != NULL && !item_redact(object)) {
        json_decref(object);
        object = NULL;
    }
    return dump_take(object);
}
