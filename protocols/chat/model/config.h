/* config.h - what chat_create() needs: limits, names, and the tables of functions through which the
 * core reaches the outside. */
#ifndef CHAT_CONFIG_H
#define CHAT_CONFIG_H

#include "chat/base/limits.h"
#include "chat/base/role.h"

struct archive;
struct archive_ops;
struct bus;
struct bus_ops;
struct journal;
struct journal_ops;
struct nick_rules;
struct pull;
struct pull_ops;

#define NODE_NAME_MAX 255 /* bytes, of this node and of others */

/* Bytes in 24 hours; 0: no limit. */
struct photo_quota {
    unsigned of_person, of_address;
};

struct chat_config {
    struct chat_limits limits;
    const char *name;    /* shown by the page */
    const char *version; /* of the daemon */
    struct photo_quota photo_quota;
    enum role create_rooms;            /* the least role that may create rooms */
    const char *const *reserved_nicks; /* NULL ends the list */
    const struct nick_rules *nicks;    /* NULL: the chat loads the Unicode tables itself */
    const struct journal_ops *journal_ops;
    struct journal *journal;
    const struct archive_ops *archive_ops;
    struct archive *archive;
    const char *node;              /* this node's name, UTF-8, 1-NODE_NAME_MAX bytes */
    const struct bus_ops *bus_ops; /* NULL: this node is alone */
    struct bus *bus;
    const struct pull_ops *pull_ops; /* NULL: photos come from no other node */
    struct pull *pull;
};

#endif
