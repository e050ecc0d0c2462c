/* listen.h - the list `listen` of the configuration. */
#ifndef CONF_LISTEN_H
#define CONF_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

struct reader;

struct conf_listen {
    const char *address;   /* with port */
    const char *unix_path; /* NULL, or used in place of address and port */
    mode_t mode;           /* of the unix socket */
    unsigned port;
    const char *tls_cert, *tls_key; /* PEM files; NULL: no TLS. All entries have the same */
};

/* New; NULL: no memory. Faults go to the reader. */
struct conf_listen *conf_listen_read(struct reader *r, size_t *count_out);

#endif
