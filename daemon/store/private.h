/* store_inside.h - what the store's files share: store.c (threads, health), store_open.c
 * (connections), store_write.c (events into the log), store_apply.c (what an event does besides),
 * store_read.c (questions). */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "db.h"
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>

#define STORE_WAITING_MAX 10000 /* jobs; some seconds of the writer's work */

struct store {
    char *path, *mark;
    int lock;
    bool sync_full;
    const struct chat_limits *limits;
    char new_log[17];   /* the rooms' logs are called so from this start on; "": as before */
    bool opened;        /* for writing: from here on a stop can be clean */
    bool unchecked;     /* after an unclean stop, until the file has been looked through */
    atomic_bool ending; /* the check is given up */
    struct worker *writer, *reader, *checker;
    struct db write, read, check; /* each for its own thread; write.handle NULL: read only */
    pthread_mutex_t reading;      /* held while `read` is used, or opened anew */
    /* writer's thread */
    void *rooms; /* tsearch tree of struct log_room */
    bool reopen; /* the connection cannot write, though the place may */
    bool scrub;  /* something was deleted: its old pages still lie in the WAL */
    /* any thread */
    _Atomic(const char *) fault; /* static string, NULL while all is well */
    atomic_bool damaged;         /* for good: nothing is written any more */
};

/* A room as the writer knows it. */
struct log_room {
    char *name; /* first: the tree compares it */
    int64_t id;
    uint64_t last;
    int64_t last_ms;
};

/* A job of the writer's: runs inside a transaction, in turn with others. */
struct write_job {
    struct job job; /* first */
    /* SQLite's code: anything but SQLITE_OK rolls the whole batch back. */
    int (*run)(struct store *s, struct write_job *job);
    enum err err; /* the verdict; ERR_UNAVAILABLE after a rollback */
};

/* An event on its way into the file. */
struct submit {
    struct write_job w; /* first */
    struct event e;     /* its strings are the submit's own, behind it */
    uint64_t hash;
    uint64_t number; /* of a copy: its own, also if its key was another's */
    uint64_t after;  /* of a copy: the event that must be the log's newest before this one */
    char *told;      /* what members are told in place of the body; NULL: the body. Own */
    bool is_new;
    store_written_cb *cb;
    void *arg;
};

/* NULL: too much waits, or no memory. Whoever calls it sets `run` and gives it to the writer. */
struct submit *store_submit_create(struct store *s, const struct event *e, store_written_cb *cb,
                                   void *arg);
/* *room_out is NULL if there is no such room. */
int store_find_room(struct store *s, const char *name, struct log_room **room_out);
/* SQLITE_ROW: the author has used this key in a room, or (0) in the server's log; e.seq, e.at_ms
 * and the verdict are there. */
int store_find_key(struct store *s, struct submit *j, int64_t room);
/* From here on j->e is what members are told. */
int store_insert(struct store *s, struct submit *j, int64_t room);

void store_work(void *store, struct job *batch);
void store_forget_rooms(struct store *s);
void store_set_fault(struct store *s, const char *why);
/* SQLite's code as a static string for people. */
const char *store_why(int rc);

/* store_apply.c: what an event does besides standing in the log. `e` is numbered; *verdict_out may
 * become an error: then nothing was changed, and the event must not be written. *told_out may
 * become new: what members are told in place of the body. SQLite's code. */
int store_apply(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                char **told_out);

/* store_standing.c: as above. */
/* An act in the server's log. */
int store_apply_standing(struct store *s, const struct event *e, enum err *verdict_out);
/* store_poll.c, store_poll_end.c: as above. */
int store_apply_poll(struct store *s, const struct event *e, int64_t room, enum err *verdict_out);
int store_apply_ballot(struct store *s, const struct event *e, int64_t room, enum err *verdict_out,
                       char **told_out); /* a vote, or the end */
int store_lose_polls(struct store *s, const struct event *gap, int64_t room);
int store_forget_poll(struct store *s, int64_t room, uint64_t poll);
/* Of an open poll that has none yet; else nothing happens. */
int store_set_secret(struct store *s, int64_t room, uint64_t poll,
                     const unsigned char key[SECRET_BYTES]);

/* store_open.c. 0, or -1: it has logged why. A place that can only be read is a fault, no failure.
 */
int store_open(struct store *s, const char *state);
/* Opens all anew. From the writer's thread. SQLite's code: whether it can be written. */
int store_reopen(struct store *s);

/* store_check.c */
enum store_stop { STOP_CLEAN, STOP_KILLED, STOP_OTHER_BOOT };
/* How the last run ended. */
enum store_stop store_read_mark(const struct store *s);
/* Leaves the mark of a running daemon. False: it cannot be written. */
bool store_write_mark(const struct store *s);
void store_check_begin(struct store *s, struct uv_loop_s *loop);
void store_check_end(struct store *s);

/* A question to the reader: begins what store_read.c and store_tail.c ask. */
struct read_job {
    struct job job; /* first */
    /* SQLite's code; SQLITE_OK, SQLITE_DONE and SQLITE_ROW are good. */
    int (*answer)(struct db *db, struct read_job *q);
    enum err err;
};

/* store_read.c */
void store_answer(void *store, struct job *batch);
void store_mark(struct archive *a, uint64_t identity, const struct archive_marker *m);
/* Consumes it, if too much waits. */
enum err store_give_question(struct store *s, struct read_job *q);

/* store_poll_read.c. What a poll has become, as `identity` may see it: a patch for its item, with a
 * zero behind it. SQLITE_ROW, or SQLITE_DONE: there is none any more. */
int store_poll_now(struct db *db, const char *room, uint64_t poll, uint64_t identity,
                   struct bytes *to);
/* Fills in the answer to a question of the core's. As store_answer(). */
typedef int store_answerer(struct db *db, struct ask *ask);
store_answerer store_answer_poll, store_answer_ballots, store_answer_standings;

#endif
