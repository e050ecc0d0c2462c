/* conf.h - the configuration file, read once into one constant struct.
 * Used by: main.c. Every key, its default and its bounds stand in a table in conf.c or
 * conf_redis.c. */
#ifndef CONF_H
#define CONF_H

#include "chat/chat.h"
#include "log.h"

#include <stdio.h>

struct conf_listen {
    const char *address; /* of TCP, or */
    const char *unix_path;
    int port;
    const char *tls_cert, *tls_key;
};

struct conf_room {
    const char *name, *title, *topic;
    enum role post;
};

/* The server that joins several nodes. */
struct conf_redis {
    const char *host; /* and port, or NULL and */
    const char *unix_path;
    int port;
    unsigned database;
    const char *user, *password_file; /* NULL: none */
    const char *prefix;               /* of keys and channels */
    unsigned stream_events;           /* that it keeps, of each room and generation */
    unsigned outbox;                  /* posts that wait while it is away */
    unsigned key_seconds;             /* for which it knows a client's key */
};

struct conf {
    const char *name; /* of this chat, as people see it */
    const char *state, *www;
    bool sync_full;
    enum role create_rooms;
    enum log_level log_level;
    struct chat_limits limits;
    const struct conf_redis *redis; /* NULL: one node */
    const char *node;               /* the name of this one */
    const char *control;
    /* arrays; the pointers end with NULL */
    struct conf_listen *listen;
    size_t listen_count;
    struct conf_room *rooms;
    size_t room_count;
    const char **origins;
    const char **reserved_nicks;
    void *memory;  /* what the strings above live in */
    char host[65]; /* what `node` is by default: a conf is not copied */
};

/* Reads `path`, or takes all defaults if it is NULL. Writes every fault to `faults` as
 * "file:line: key: why" and returns their number; the conf is whole if that is 0.
 * conf_destroy() in any case. */
int conf_load(struct conf *conf, const char *path, FILE *faults);
/* What the command line says wins over the file; NULL: nothing. Borrowed as long as the conf
 * lives. Returns the number of faults. */
int conf_override(struct conf *conf, const char *state, const char *node, FILE *faults);
void conf_destroy(struct conf *conf);

#endif
