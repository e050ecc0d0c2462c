/* vhost_config.h - what the daemon gives to a vhost: settings, and callbacks into the daemon. */
#ifndef VHOST_CONFIG_H
#define VHOST_CONFIG_H

#include "refusal.h"

struct source;

struct vhost_config {
    const char *const *origins;     /* allowed besides the request's own host; ends with NULL */
    const char *tls_cert, *tls_key; /* PEM files; NULL: no TLS */
    /* For /readyz: whether events can be stored. Appends lines for the operator: the fault, and
     * warnings. */
    bool (*ready)(void *arg, struct bytes *to);
    /* For /metrics: appends lines after the vhost's own. */
    void (*metrics)(void *arg, struct bytes *to);
    /* Calls chat_clock(). The vhost calls it before it passes on anything from a socket. */
    void (*tell_time)(void *arg);
    /* A connection is to become a WebSocket. False: its address has its share. */
    bool (*enter)(void *arg, struct source *source);
    /* A request was refused. */
    void (*refused)(void *arg, const struct source *source, enum refusal why, const char *detail);
    /* A connection of vhost_adopt_take() has ended. `entered`: enter() has let it in. */
    void (*closed)(void *arg, struct source *source, bool entered);
    const struct shelf_ops *shelf_ops;
    struct shelf *shelf;
    void *arg;
};

#endif
