/* conf_redis.h - the block `redis` of the configuration. Called by: conf.c. */
#ifndef CONF_REDIS_H
#define CONF_REDIS_H

struct conf_redis;
struct reader;

/* New, or NULL: the file has no such block. Faults are told to the reader. */
struct conf_redis *conf_redis_read(struct reader *r);
void conf_redis_destroy(const struct conf_redis **redis);

#endif
