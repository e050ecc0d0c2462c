/* conf.h - the configuration file, read once into one constant struct.
 * Used by: main.c. Every key, its default and its bounds stand in one table in conf.c. */
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

struct conf {
    const char *name; /* of this chat, as people see it */
    const char *state, *www;
    bool sync_full;
    enum role create_rooms;
    enum log_level log_level;
    unsigned connections_per_address;
    struct chat_limits limits;
    /* read and checked; what they are for is not there yet */
    const char *control, *node;
    unsigned photo_bytes, photo_pixels, uploads_per_minute;
    /* arrays; the pointers end with NULL */
    struct conf_listen *listen;
    size_t listen_count;
    struct conf_room *rooms;
    size_t room_count;
    const char **origins;
    const char **reserved_nicks;
    void *memory; /* what the strings above live in */
};

/* Reads `path`, or takes all defaults if it is NULL. Writes every fault to `faults` as
 * "file:line: key: why" and returns their number; the conf is whole if that is 0.
 * conf_destroy() in any case. */
int conf_load(struct conf *conf, const char *path, FILE *faults);
void conf_destroy(struct conf *conf);

#endif
