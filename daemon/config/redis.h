/* redis.h - the block `redis` of the configuration. */
#ifndef CONF_REDIS_H
#define CONF_REDIS_H

struct reader;

#define REDIS_PREFIX_MAX 64 /* bytes */

/* The Redis server that joins several nodes. */
struct conf_redis {
    const char *host;      /* with port; NULL if there is a unix_path */
    const char *unix_path; /* or NULL */
    int port;
    unsigned database;
    const char *user, *password_file; /* or NULL */
    const char *prefix;               /* of keys and channels */
    unsigned stream_events;           /* kept of each room and generation */
    unsigned outbox;                  /* submits that wait while Redis is away */
    unsigned key_seconds;             /* for which Redis remembers a client's key */
};

/* New. NULL: the file has no such block, or no memory, which is a fault. Faults go to the reader.
 */
struct conf_redis *conf_redis_read(struct reader *r);
void conf_redis_destroy(const struct conf_redis **redis);

#endif
