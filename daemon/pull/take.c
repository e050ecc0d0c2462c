/* take.c - see take.h. */
#include "take.h"

#include "log.h"
#include "photo/draft.h"
#include "photo/look.h"
#include "photo/shelf.h"

#include "chat/chat.h"
#include "chat/model/ask.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 1000 /* for a node to give the next pieces */

void take_forget(struct want *w)
{
    draft_destroy(&w->draft);
    w->next = w->end = 0;
}

void take_end(struct want *w, enum outcome outcome)
{
    if (outcome != OUTCOME_HERE && w->next < w->count && w->end > 0) /* the giver need not wait */
        chat_tell_photo(w->pull->chat, "taken", w->photo.name, 0, w->count);
    take_forget(w);
    w->pull->tries--;
    w->pull->on_ended(w, outcome);
}

static void fail(struct want *w) { take_end(w, OUTCOME_FAILED); }

static void note_refusal(struct want *w, const char *why)
{
    w->pull->refused++;
    log_warn("photos: the copy of %.6s… of another node is refused: %s", w->photo.name, why);
}

/* Somebody has put into Redis what is not this photo, or the log is forged. */
static void refuse(struct want *w, const char *why)
{
    note_refusal(w, why);
    fail(w);
}

/* --- what the store knows ------------------------------------------------------------------- */

static void know(struct want *w, void (*done)(struct ask *ask))
{
    struct ask_photo *ask = ask_create(sizeof *ask, ASK_PHOTO, NULL, done, w);
    if (ask != NULL) {
        strcpy(ask->photo.name, w->photo.name);
        ask->ask.turn = w->pull->chat->now_ms * 1000; /* as a person who asks little */
    }
    if (ask_take(w->pull->chat->config, (struct ask *)ask) != OK)
        fail(w);
}

/* A photo that was deleted before it was kept is removed here; one that is deleted later is removed
 * by the store. */
static void on_checked(struct ask *ask)
{
    struct want *w = ask->arg;
    if (w->pull->ending)
        return;
    if (ask->err == OK) {
        w->pull->copied++;
        take_end(w, OUTCOME_HERE);
        return;
    }
    shelf_remove(w->pull->config->shelf, w->photo.name);
    take_end(w, ask->err == ERR_NOT_FOUND ? OUTCOME_GONE : OUTCOME_FAILED);
}

/* --- the copy ------------------------------------------------------------------------------- */

static void on_kept(void *arg, enum shelf_fault fault)
{
    struct want *w = arg;
    if (fault != SHELF_FINE) {
        fail(w);
        return;
    }
    w->state = WANT_CHECKING;
    know(w, on_checked);
}

static void on_made(void *arg, enum shelf_fault fault)
{
    struct want *w = arg;
    if (fault == SHELF_UNKNOWN || fault == SHELF_TOO_BIG) {
        refuse(w, "it is not the clean picture that the log describes");
    } else if (fault != SHELF_FINE) {
        fail(w);
    } else {
        w->state = WANT_KEEPING;
        draft_keep(w->draft, on_kept, w);
    }
}

static void take_piece(struct want *w);

static void on_appended(void *arg, enum shelf_fault fault)
{
    struct want *w = arg;
    if (fault != SHELF_FINE) {
        fail(w);
        return;
    }
    w->next++;
    if (w->next < w->end) {
        take_piece(w);
        return;
    }
    chat_tell_photo(w->pull->chat, "taken", w->photo.name, 0, w->next);
    w->state = w->next < w->count ? WANT_ASKED : WANT_MAKING;
    w->due_ms = w->pull->now_ms + ANSWER_MS;
    if (w->state == WANT_MAKING)
        draft_make(w->draft, on_made, w);
}

static void on_piece(void *arg, const char *bytes, size_t n)
{
    struct want *w = arg;
    uint64_t rest = w->photo.bytes - (uint64_t)w->next * SHELF_PIECE_BYTES;
    if (w->pull->ending)
        return;
    char *copy = bytes == NULL || n == 0 ? NULL : malloc(n);
    if (bytes != NULL && n != (rest < SHELF_PIECE_BYTES ? rest : SHELF_PIECE_BYTES)) {
        free(copy);
        refuse(w, "a piece of another size");
    } else if (copy == NULL) {
        fail(w);
    } else {
        memcpy(copy, bytes, n);
        draft_append_take(w->draft, copy, n, on_appended, w);
    }
}

static void take_piece(struct want *w)
{
    if (!redis_photo_take(w->pull->config->journal, w->photo.name, w->next, SHELF_PIECE_BYTES,
                          on_piece, w))
        fail(w);
}

/* Nodes may give it twice, or what has come already. */
void take_given(struct want *w, unsigned first, unsigned end)
{
    if (w->state != WANT_ASKED || first > w->next || end <= w->next || end > w->count)
        return;
    if (w->draft == NULL)
        w->draft = draft_create_copy(w->pull->config->shelf, &w->photo);
    if (w->draft == NULL)
        return;
    w->end = end;
    w->state = WANT_TAKING;
    take_piece(w);
}

/* --- the beginning -------------------------------------------------------------------------- */

static void on_known(struct ask *ask)
{
    struct want *w = ask->arg;
    if (w->pull->ending)
        return;
    if (ask->err != OK) {
        take_end(w, ask->err == ERR_NOT_FOUND ? OUTCOME_GONE : OUTCOME_FAILED);
        return;
    }
    w->photo = ((struct ask_photo *)ask)->photo;
    if (w->photo.bytes > w->pull->chat->config->limits.photo_bytes) {
        note_refusal(w, "it has more than limits.photo_bytes");
        take_end(w, OUTCOME_GONE);
        return;
    }
    w->count = pieces_of(w->photo.bytes);
    w->state = WANT_ASKED;
    w->due_ms = w->pull->now_ms + ANSWER_MS;
    chat_tell_photo(w->pull->chat, "want", w->photo.name, 0, 0);
}

static void on_looked(void *arg, enum shelf_fault fault)
{
    struct want *w = arg;
    if (w->pull->ending)
        return;
    if (fault == SHELF_FINE) {
        take_end(w, OUTCOME_HERE);
        return;
    }
    w->state = WANT_KNOWING;
    know(w, on_known);
}

void take_begin(struct want *w)
{
    w->state = WANT_LOOKING;
    w->pull->tries++;
    if (!look_for(w->pull->config->shelf, w->photo.name, on_looked, w))
        fail(w);
}
