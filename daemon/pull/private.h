/* private.h - the structs that the files of this folder share. Loop thread only. */
#ifndef PULL_PRIVATE_H
#define PULL_PRIVATE_H

#include "config.h"

#include "chat/base/list.h"
#include "chat/base/photo.h"
#include "redis/photo.h"
#include "shelf_ops.h"

#include <stdint.h>

#define BOOT_MAX   16
#define TAKERS_MAX 64 /* as many nodes as the cluster knows */

/* How a photo that was wanted ends. */
enum outcome { OUTCOME_HERE, OUTCOME_GONE, OUTCOME_FAILED };

/* WAITING --due, or used--> LOOKING --no file--> KNOWING --in the log--> ASKED <--pieces--> TAKING
 *    ^                         |                    |                     |                  |
 *    | failed                  | it is here         | gone                | no answer        | all
 *    '- or forgotten: ---------+--------------------+---------------------'                  v
 *             ^-- CHECKING <--kept-- KEEPING <--clean, and as the log says-- MAKING <--------'
 *
 * CHECKING: whether the photo was deleted meanwhile. Every failure leads back to WAITING. */
enum want_state {
    WANT_WAITING,
    WANT_LOOKING,
    WANT_KNOWING,
    WANT_ASKED,
    WANT_TAKING,
    WANT_MAKING,
    WANT_KEEPING,
    WANT_CHECKING
};

/* A photo that is not here. */
struct want {
    struct pull *pull;
    struct list in_pull;
    struct list waiters; /* waiter.in_want */
    enum want_state state;
    uint64_t due_ms;    /* WAITING: when it is tried; ASKED: until then a node may answer */
    uint64_t pause_ms;  /* after the next failure */
    struct photo photo; /* its name; from ASKED on, what the log says */
    struct draft *draft;
    unsigned next, end, count; /* pieces: the next one, those that are given, all */
};

/* QUEUED --its turn--> OPENING --here--> CLAIMING --no other gives it--> PUTTING --> GIVEN --.
 *                         |                 |                               ^                 |
 *                         |                 |                               '-- more, taken --+
 *                         '-----------------+--> over <----------- all are taken, or late ----'
 *
 * GIVEN: the pieces that are in Redis wait for their takers. Every failure leads to the end. */
enum give_state { GIVE_QUEUED, GIVE_OPENING, GIVE_CLAIMING, GIVE_PUTTING, GIVE_GIVEN };

struct taker {
    char boot[BOOT_MAX + 1];
    unsigned end; /* it has the pieces before this one */
};

/* A photo that other nodes want. Only the first ones of the queue are not QUEUED. */
struct give {
    struct pull *pull;
    struct list in_queue;
    enum give_state state;
    char name[PHOTO_NAME_CHARS + 1];
    struct view *view;
    bool claimed;
    unsigned first, end, count; /* pieces: those in Redis, all */
    uint64_t due_ms;            /* GIVEN: until then takers have time */
    size_t takers_count;
    struct taker takers[TAKERS_MAX];
};

struct pull {
    const struct pull_config *config;
    struct chat *chat;
    uint64_t now_ms;
    bool ending;
    struct list wants;         /* want.in_pull */
    size_t wants_count, tries; /* all, and those that are not WAITING */
    void (*on_ended)(struct want *w, enum outcome outcome);
    struct list gives; /* give.in_queue */
    size_t gives_count;
    uint64_t copied, refused, given; /* for /metrics */
};

/* Pieces of a photo of so many bytes. */
static inline unsigned pieces_of(uint64_t bytes)
{
    return (unsigned)((bytes + SHELF_PIECE_BYTES - 1) / SHELF_PIECE_BYTES);
}

#endif
