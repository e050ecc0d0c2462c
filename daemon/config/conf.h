/* conf.h - the configuration file, read once into one constant struct. Each key has a row with its
 * default and bounds in a table of conf.c or redis.c; limits have theirs in chat/base/limits.h. */
#ifndef CONF_H
#define CONF_H

#include "chat/base/limits.h"
#include "chat/model/config.h"
#include "chat/base/role.h"
#include "listen.h"
#include "log.h"
#include "redis.h"

#include <stdio.h>

struct conf_room {
    const char *name, *title, *topic;
    enum role post; /* the least role that may post */
};

struct conf {
    const char *name; /* of this chat, shown by the page */
    const char *state, *www;
    bool sync_full;
    enum role create_rooms;
    enum log_level log_level;
    struct chat_limits limits;
    struct photo_quota photo_quota;
    unsigned photo_free_bytes;
    const struct conf_redis *redis; /* NULL: a single node */
    const char *node;               /* this node's name */
    const char *control;            /* path of the control socket; NULL: the default */
    /* arrays; those of strings end with NULL */
    struct conf_listen *listen;
    size_t listen_count;
    struct conf_room *rooms;
    size_t room_count;
    const char **origins;
    const char **reserved_nicks;
    /* memory of the strings above; `host` is the default of `node`, so a conf cannot be copied */
    void *memory;
    char host[65];
};

/* Reads `path`, or takes all defaults if it is NULL. Writes all faults to `faults` as
 * "file:line: key: why" and returns their number; use the conf only if that is 0. Call
 * conf_destroy() in any case. */
int conf_load(struct conf *conf, const char *path, FILE *faults);
/* Replaces values by those of the command line; NULL: keeps the value. Borrows both until
 * conf_destroy(). Returns the number of faults. */
int conf_override(struct conf *conf, const char *state, const char *node, FILE *faults);
void conf_destroy(struct conf *conf);

/* The first entry of `listen` that has TLS: all that have it share one certificate. NULL: none. */
const struct conf_listen *conf_first_tls(const struct conf *conf);

#endif
