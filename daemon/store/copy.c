/* copy.c - see copy.h. */
#include "copy.h"

#include "feature.h"
#include "private.h"
#include "reject.h"
#include "room.h"

#include "chat/base/json.h"
#include "chat/base/object.h"

#include <stdlib.h>
#include <string.h>

/* --- copying -------------------------------------------------------------------------------- */

/* An event that changes nothing is stored as EVENT_VOID under its own number, so that the log has
 * no hole, with the reason: why it is rejected, or which earlier event stands for it. */
static int insert_void(struct store *s, const struct submit *j, const struct log_room *room,
                       uint64_t seq, int64_t at_ms)
{
    struct submit empty = {.e = {.seq = seq, .at_ms = at_ms, .kind = EVENT_VOID}};
    struct bytes why = {0};
    object_begin(&why, NULL);
    object_add_text(&why, "why", j->w.err == OK ? "" : err_code(j->w.err));
    if (j->verdict.since > 0)
        object_add_number(&why, "since", j->verdict.since);
    object_end(&why);
    bool judged = j->w.err == OK && j->e.kind == EVENT_VOID; /* by another node */
    empty.e.body = judged ? j->e.body : why.at;
    empty.e.body_bytes = judged ? j->e.body_bytes : why.size;
    int rc = why.failed ? SQLITE_NOMEM : store_insert(s, &empty, room->id);
    bytes_finish(&why);
    return rc;
}

/* An event that a late node has repeated takes effect at its new place, on this node, too, which
 * has had it at another one. */
static int move(struct store *s, const struct submit *j, const struct log_room *room, uint64_t seq,
                int64_t at_ms)
{
    struct event e = j->e;
    struct verdict verdict = {0};
    if (!event_is_repeated(&e))
        return SQLITE_OK;
    e.seq = seq;
    e.at_ms = at_ms;
    int rc = features_apply(s, &e, room->id, &verdict);
    free(verdict.told);
    return rc;
}

static int judge(struct store *s, struct submit *j, struct log_room *room)
{
    const uint64_t seq = j->e.seq;
    const int64_t at_ms = event_time(j->e.at_ms, room->last_ms);
    j->e.wall_ms = j->e.at_ms;
    j->e.at_ms = at_ms;
    int rc = j->e.kind == EVENT_VOID ? SQLITE_OK : store_judge(s, j, room->id, KEY_OF_ROOM);
    if (rc == SQLITE_OK && !j->is_new)
        rc = move(s, j, room, seq, at_ms);
    if (rc != SQLITE_OK)
        return rc;
    rc = j->is_new ? store_insert(s, j, room->id) : insert_void(s, j, room, seq, at_ms);
    if (rc != SQLITE_OK)
        return rc;
    room->last = seq;
    room->last_ms = at_ms;
    return SQLITE_OK;
}

/* Rejects an event that is not valid: only its number is stored. */
static int reject(struct store *s, struct submit *j, struct log_room *room, enum event_fault fault)
{
    j->w.err = ERR_BAD_FIELD;
    int rc = insert_void(s, j, room, j->number, room->last_ms);
    if (rc != SQLITE_OK)
        return rc;
    room->last = j->number;
    store_reject_event(s, j->given.room, j->number, fault);
    return SQLITE_OK;
}

/* Whether the event continues the log; *room_out is its log then. SQLite's code. An event that does
 * not is not written: one before it was lost on the way, it is there already, or its room is gone,
 * and perhaps another one has its name. */
static int find_place(struct store *s, struct submit *j, struct log_room **room_out)
{
    struct log_room *room;
    store_submit_reset(j);
    *room_out = NULL;
    int rc = store_find_room(s, j->e.room, &room);
    bool is_there = room != NULL && room->life == j->life;
    if (rc != SQLITE_OK || (is_there && j->number <= room->last))
        return rc;
    if (!is_there || room->last != j->after)
        j->w.err = ERR_UNAVAILABLE;
    else
        *room_out = room;
    return SQLITE_OK;
}

static int run_copy(struct store *s, struct write_job *job)
{
    struct submit *j = (struct submit *)job;
    struct log_room *room;
    int rc = find_place(s, j, &room);
    if (rc != SQLITE_OK || room == NULL)
        return rc;
    enum event_fault fault = event_check(&j->e);
    return fault == FAULT_NONE ? judge(s, j, room) : reject(s, j, room, fault);
}

/* The event is good, but SQLite fails on it each time. */
static int reject_copy(struct store *s, struct write_job *job)
{
    struct submit *j = (struct submit *)job;
    struct log_room *room;
    int rc = find_place(s, j, &room);
    return rc != SQLITE_OK || room == NULL ? rc : reject(s, j, room, FAULT_STORING);
}

enum err store_copy(struct store *s, const struct event *e, uint64_t life, uint64_t after,
                    store_written_cb *cb, void *arg)
{
    struct submit *j = store_submit_create(s, e, cb, arg);
    if (j == NULL)
        return ERR_UNAVAILABLE;
    j->number = e->seq;
    j->life = life;
    j->after = after;
    j->w.run = run_copy;
    j->w.reject = reject_copy;
    worker_give(s->writer, &j->w.job);
    return OK;
}

/* --- verdicts ------------------------------------------------------------------------------- */

/* SQLITE_ROW: the log has this number; if it is a void, the verdict is in it. */
static int find_number(struct store *s, struct submit *j, const struct log_room *room)
{
    sqlite3_stmt *q =
        db_statement(&s->write, "SELECT kind, at, body FROM event WHERE room = ?1 AND seq = ?2");
    db_bind_place(q, room->id, j->e.seq);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        j->e.at_ms = sqlite3_column_int64(q, 1);
        if (sqlite3_column_int(q, 0) == EVENT_VOID) {
            j->is_void = true;
            json_t *body = json_loads(db_text(q, 2), 0, NULL);
            j->verdict.err = err_of(field_string(body, "why"));
            j->verdict.since = (uint64_t)field_int(body, "since", 0);
            json_decref(body);
        }
    }
    db_reset(q);
    return rc;
}

static int run_verdict(struct store *s, struct write_job *job)
{
    struct submit *j = (struct submit *)job;
    struct log_room *room;
    store_submit_reset(j);
    int rc = store_find_room(s, j->e.room, &room);
    if (rc != SQLITE_OK || room == NULL || room->life != j->life) {
        j->w.err = ERR_NO_SUCH_ROOM;
        return rc;
    }
    rc = store_find_key(s, j, room->id, KEY_OF_ROOM);
    if (rc == SQLITE_DONE)
        rc = find_number(s, j, room);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return rc;
    j->w.err = j->verdict.err;
    return j->verdict.since > 0 ? store_take_since(s, j, room->id) : SQLITE_OK;
}

enum err store_verdict(struct store *s, const struct event *e, uint64_t life, store_written_cb *cb,
                       void *arg)
{
    struct submit *j = store_submit_create(s, e, cb, arg);
    if (j == NULL)
        return ERR_UNAVAILABLE;
    j->life = life;
    j->w.run = run_verdict;
    worker_give(s->writer, &j->w.job);
    return OK;
}
