/* feature.h - the parts of a feature that the store needs, and the functions that call them.
 *
 * A feature is a file of its own, which defines <file>_feature, and a row of STORE_FEATURES. Every
 * member of struct store_feature may be NULL. All nodes that copy a log must come to the same rows
 * and verdicts, so `apply` and `gap` depend on earlier events only. */
#ifndef STORE_FEATURE_H
#define STORE_FEATURE_H

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "chat/model/ask.h"

struct chat;
struct db;
struct page;
struct store;
struct verdict;

/* Brings the file from schema `version` - 1 to `version`. Never change a released step: add one
 * with the next version. */
struct schema_step {
    int version;
    const char *sql; /* NULL ends a table */
};

/* Writer's thread. `e` has its number and time; `room` is 0 in the server's log. */
typedef int feature_apply_fn(struct store *s, const struct event *e, int64_t room,
                             struct verdict *v);
struct feature_kind {
    enum event_kind kind;
    feature_apply_fn *apply; /* NULL ends a table */
};

/* Reader's thread. Fills in `ask`. SQLITE_OK, SQLITE_DONE and SQLITE_ROW are good. */
typedef int feature_answer_fn(struct store *s, struct ask *ask);
struct feature_answer {
    enum ask_kind kind;
    feature_answer_fn *answer; /* NULL ends a table */
};

/* Functions that return int return SQLite's code, and SQLITE_OK for success. */
struct store_feature {
    const struct schema_step *schema;
    /* The kinds that change more than the log. If several features list a kind, all of them apply
     * it, until one rejects the event. */
    const struct feature_kind *kinds;
    const struct feature_answer *answers;
    /* Registers SQL functions with a connection that has just been opened. */
    int (*connect)(struct db *db);
    /* Loop thread, at start: adds the stored rows to the chat. */
    enum err (*load)(struct store *s, struct chat *chat);
    /* Reader's thread. Adds members to the items of a page (page.h): one query a page, never one an
     * item. */
    int (*fold)(struct store *s, struct page *page);
    /* Writer's thread, before the words of an item change or go: `body` and `patch` (item.h) have
     * them for the last time. */
    int (*unword)(struct store *s, int64_t room, uint64_t seq, enum event_kind kind,
                  const char *body, const char *patch);
    /* Writer's thread, after an item was deleted: destroys the rows that belong to it. */
    int (*forget)(struct store *s, int64_t room, uint64_t item);
    /* Writer's thread, when a room is removed, and again until it changes nothing: destroys `most`
     * rows of that room. What counts beyond the room must go the first time. */
    int (*forget_room)(struct store *s, int64_t room, int most);
    /* Writer's thread, after each transaction; not `committed`: it is rolled back. */
    void (*ended)(struct store *s, bool committed);
    /* Writer's thread, before EVENT_GAP is stored: the events before it are missing here. */
    int (*gap)(struct store *s, const struct event *gap, int64_t room);
};

/* One row for each feature: its file. Rooms come first: the others load into them. */
#define STORE_FEATURES(ROW)                                                                        \
    ROW(room)                                                                                      \
    ROW(message)                                                                                   \
    ROW(identity)                                                                                  \
    ROW(meta)                                                                                      \
    ROW(photo)                                                                                     \
    ROW(poll)                                                                                      \
    ROW(reaction)                                                                                  \
    ROW(mention)                                                                                   \
    ROW(setting)                                                                                   \
    ROW(pin)                                                                                       \
    ROW(search)                                                                                    \
    ROW(standing)                                                                                  \
    ROW(act)                                                                                       \
    ROW(removal)

#define STORE_FEATURE(file) extern const struct store_feature file##_feature;
STORE_FEATURES(STORE_FEATURE)
#undef STORE_FEATURE

/* Each calls the features in the order of the list until one fails. */
int features_apply(struct store *s, const struct event *e, int64_t room, struct verdict *v);
int features_unword(struct store *s, int64_t room, uint64_t seq, enum event_kind kind,
                    const char *body, const char *patch);
int features_forget(struct store *s, int64_t room, uint64_t item);
int features_forget_room(struct store *s, int64_t room, int most);
void features_ended(struct store *s, bool committed);
int features_fold(struct store *s, struct page *page);
int features_connect(const struct store *s, struct db *db);
enum err features_load(struct store *s, struct chat *chat);
/* Calls the one answer to this kind of question. */
int features_answer(struct store *s, struct ask *ask);

#endif
