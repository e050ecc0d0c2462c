/* rooms.h - the rooms of the configuration: submits those that the chat lacks, or knows with
 * another title, topic or rule. Loop thread only. */
#ifndef ROOMS_H
#define ROOMS_H

#include <stdbool.h>

struct chat;
struct conf;

struct rooms {
    /* set once by rooms_init() */
    struct chat *chat;
    const struct conf *conf;
    void (*answered)(void *arg);
    void *arg;
    /* changed by rooms_submit() and the journal's answers only */
    unsigned waiting; /* submits without an answer */
    bool refused;     /* one could not be stored */
};

/* Borrows `chat` and `conf`. After each rooms_submit() `answered` is called once, when the journal
 * has answered all, perhaps within the call. */
void rooms_init(struct rooms *r, struct chat *chat, const struct conf *conf,
                void (*answered)(void *arg), void *arg);
/* Not while submits are waiting. */
void rooms_submit(struct rooms *r);
/* Submits again what could not be stored, if anything. Call it only while the journal has no
 * fault. */
void rooms_retry(struct rooms *r);

#endif
