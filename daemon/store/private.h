/* private.h - the structs that the files of the store share.
 *
 * Three threads: the loop gives jobs, the writer alone uses `write`. The reader uses `read`, and
 * before the first job the loop (load.h); the writer opens it again if the store is broken. Each
 * holds `reading`. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "chat/base/err.h"
#include "chat/base/event.h"
#include "db.h"
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* A pointer to struct `name` is also one to its `field`. */
#define FIRST(name, field)                                                                         \
    _Static_assert(offsetof(struct name, field) == 0, #field " must be first")

struct chat_limits;
struct rejects;
struct search;
struct store_feature;
struct store_written;

struct store {
    /* set once by store_create() */
    const struct chat_limits *limits;            /* borrowed */
    const struct store_feature *const *features; /* ends with NULL */
    char *path, *mark;
    int lock;
    bool sync_full;
    bool (*go_on)(void *arg); /* NULL after store_create() */
    void *arg;
    /* loop thread */
    bool opened;         /* the file was open for writing: this stop can be clean */
    bool unchecked;      /* the last stop was not clean, and the check has not passed yet */
    unsigned marks_lost; /* read markers, too many waited */
    bool closing;        /* no job is given any more */
    bool resting;        /* a piece of a removed room is being destroyed */
    atomic_bool ending;  /* any thread: the check gives up */
    struct worker *writer, *reader, *checker;
    struct db write, read, check; /* write.handle is NULL where nothing can be written */
    pthread_mutex_t reading;      /* held while `read` is used or opened again */
    /* writer's thread, and before the first job the loop's */
    bool in_doubt; /* meta.h; the file may not say so yet */
    /* writer's thread */
    void *rooms;         /* tsearch tree of struct log_room */
    bool reopen;         /* the connection is read-only, but the place may be writable again */
    bool scrub;          /* the WAL holds deleted text: empty it after this batch */
    bool scrub_soon;     /* the same, but some time later: a poll has ended, or a try has failed */
    int64_t scrubbed_ms; /* monotonic */
    uint64_t page_bytes;
    struct bytes gone;   /* names of photos, each with its NUL, until the transaction ends */
    struct bytes stuck;  /* the same: their files could not be removed */
    uint64_t wal_logged; /* bytes of the WAL at the last line about it; 0: it is short */
    /* any thread */
    bool (*photo_gone)(void *arg, const char *name); /* set once by store_create() */
    void *photo_arg;
    struct rejects *rejects; /* set once by store_create() */
    struct search *search;   /* the same; NULL at its begin and end */
    _Atomic uint64_t wal_bytes;
    _Atomic(const char *) fault; /* static string, NULL while writing works */
    atomic_bool damaged;         /* for good: nothing is written any more */
    atomic_bool rest;            /* some rows of a removed room may be left */
};

/* A room as the writer knows it. */
struct log_room {
    char *name; /* first: by_name() compares it */
    int64_t id;
    uint64_t last; /* seq of the newest event */
    int64_t last_ms;
    uint64_t life; /* how many rooms had this name before */
};
FIRST(log_room, name);

/* A job of the writer. It runs inside a transaction, in turn with others. */
struct write_job {
    struct job job; /* first */
    /* SQLite's code: anything but SQLITE_OK rolls the whole batch back. May be called again after a
     * rollback. */
    int (*run)(struct store *s, struct write_job *job);
    /* In place of run() for a job that has failed for its own content. NULL: it does nothing, and
     * has ERR_BAD_FIELD. */
    int (*reject)(struct store *s, struct write_job *job);
    bool rejected; /* writer's thread */
    enum err err;  /* ERR_UNAVAILABLE after a rollback */
};
FIRST(write_job, job);

/* A question to the reader. */
struct read_job {
    struct job job; /* first */
    /* SQLite's code; SQLITE_OK, SQLITE_DONE and SQLITE_ROW are good. */
    int (*answer)(struct store *s, struct read_job *q);
    enum err err;
};
FIRST(read_job, job);

/* The verdict of the features on an event. */
struct verdict {
    bool one_order; /* set before: all logs are in one order here, that of a node alone */
    /* Not OK: the feature has changed nothing, and the sender gets this. A single node stores
     * nothing; a copy has the number already and stores an EVENT_VOID in its place. */
    enum err err;
    /* Not 0: an earlier event of the room has the same effect, and the sender gets its seq. A
     * single node stores nothing; a copy stores an EVENT_VOID that names it. */
    uint64_t since;
    char *told;        /* new: members see this in place of the body; NULL: the body */
    bool told_is_body; /* `told` is stored as the body, too */
};

/* An event on its way into the file. */
struct submit {
    struct write_job w; /* first */
    struct event given; /* its strings lie behind the struct */
    struct event e;     /* what becomes of it */
    uint64_t hash;
    uint64_t number; /* of a copy: its own seq, even if an earlier event stands for it */
    uint64_t life;   /* of a copy: of its room */
    uint64_t after;  /* of a copy: the seq that the log's newest event must have */
    struct verdict verdict;
    bool is_new, is_void;
    void (*cb)(void *arg, const struct store_written *w);
    void *arg;
};
FIRST(submit, w);

#endif
