/* doors.h - opens the sockets that the daemon listens on: those that systemd passes, or else those
 * of the configuration. Loop thread only. */
#ifndef DOORS_H
#define DOORS_H

#include <stddef.h>

struct conf;
struct doors;
struct listeners;
struct uv_loop_s;
struct vhost;

struct doors_config {
    const struct conf *conf;
    struct listeners *listeners;
    struct vhost *plain, *tls; /* `tls` NULL: the configuration has no certificate */
};

/* An address that this machine does not have yet is tried again until it has it; every other
 * failure ends the opening. NULL: it has logged why. */
struct doors *doors_open(struct uv_loop_s *loop, const struct doors_config *config);
/* Attempts to listen that have failed. 0 for NULL. */
size_t doors_failures(const struct doors *d);
/* Tries no more; the sockets stay with the listeners. The loop must run until the handle is closed.
 * NULL is allowed. */
void doors_destroy(struct doors **d);

#endif
