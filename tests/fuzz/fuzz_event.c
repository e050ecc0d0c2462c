/* fuzz_event.c - takes any bytes for an entry of a stream, or a row of the store. What
 * event_check() lets through must be whole JSON for members, do no harm to the chat in memory, and
 * stay good when its words are taken out. Input: 's' for the server's log, any other byte for a
 * room's; then the entry. A byte 'p' is followed by the patch of an item. */
#include "../unit/world.h"

#include "chat/base/body.h"
#include "chat/base/item.h"
#include "redis/entry.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_json(const char *text, size_t n)
{
    json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_object(value));
    json_decref(value);
}

static void assert_writes(const struct event *e)
{
    struct bytes text = {0};
    event_write(&text, e);
    assert_json(text.at, text.size);
    bytes_finish(&text);
}

static void assert_patched(const struct event *e, const char *patch)
{
    struct bytes text = {0};
    assert_true(item_write(&text, e, patch));
    assert_json(text.at, text.size);
    bytes_finish(&text);
}

/* As the store keeps it after a deletion, and offers it to others. */
static void assert_redacts(const struct event *e)
{
    char *body = body_redacted(e->body), *deleted = item_deleted();
    struct event redacted = *e;
    redacted.body = body;
    redacted.body_bytes = strlen(body);
    assert_int_equal(event_check(&redacted), FAULT_NONE);
    assert_patched(&redacted, deleted);
    free(body);
    free(deleted);
}

static void assert_edits(const struct event *e)
{
    static const struct event item = {.room = "lobby",
                                      .seq = 1,
                                      .kind = EVENT_MESSAGE,
                                      .body = "{\"from\":\"a\",\"text\":\"b\"}",
                                      .body_bytes = 23};
    char *patch = item_edited(NULL, e);
    assert_true(item_patch_ok(patch));
    assert_patched(&item, patch);
    free(patch);
}

static void assert_repeats(const struct event *e)
{
    struct bytes body = {0};
    struct event again;
    if (event_repeat(e, &again, &body))
        assert_int_equal(event_check(&again), FAULT_NONE);
    bytes_finish(&body);
}

static void apply(const struct event *e)
{
    struct world *w = world_create();
    w->journal_broken = true; /* its log does not have the event */
    chat_apply(w->chat, e);
    world_pass(w, 1000);
    world_destroy(&w);
}

static void assert_good(const struct event *e)
{
    assert_int_equal(event_check_body(e), FAULT_NONE);
    assert_repeats(e);
    if (strcmp(e->room, SERVER_LOG) != 0) /* that one has no members */
        assert_writes(e);
    if (e->kind == EVENT_EDIT)
        assert_edits(e);
    if (e->kind == EVENT_MESSAGE || e->kind == EVENT_POLL || e->kind == EVENT_EDIT)
        assert_redacts(e);
    apply(e);
}

static void take_patch(const char *patch)
{
    static const struct event item = {.room = "lobby", .seq = 1, .body = "{}", .body_bytes = 2};
    if (item_patch_ok(patch))
        assert_patched(&item, patch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 8192)
        return 0;
    char key[ID_MAX + 1], text[8192];
    struct event e = {.room = *data == 's' ? SERVER_LOG : "lobby", .seq = 1000, .at_ms = 1000000};
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (*data == 'p')
        take_patch(text);
    else if (entry_read(&e, key, text, size - 1) && event_check(&e) == FAULT_NONE)
        assert_good(&e);
    return 0;
}
