/* doors.c - see doors.h. */
#include "doors.h"

#include "config/conf.h"
#include "listen.h"
#include "log.h"
#include "unix_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <uv.h>

#define BACKLOG  4096
#define AGAIN_MS 2000
#define TLS_NAME "https" /* of a socket of systemd: FileDescriptorName= */

struct doors {
    uv_timer_t again;
    struct doors_config config;
    size_t failures;
    int faults[]; /* errno for each entry of conf.listen; 0: it is open */
};

/* --- one socket ----------------------------------------------------------------------------- */

/* share: other nodes on this machine may listen on the same port, and the kernel distributes
 * connections among them. */
static int open_address(const struct addrinfo *a, bool share)
{
    static const int on = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (share)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static int open_tcp(const char *address, unsigned port, bool share)
{
    char service[16];
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM},
                    *all = NULL;
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(address, service, &hints, &all) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = open_address(all, share);
    freeaddrinfo(all);
    return fd;
}

/* Logs the real port: for port 0 the system has chosen one. */
static void log_open(const struct conf_listen *where, int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t size = sizeof at;
    char port[16] = "?";
    const char *tls = where->tls_cert == NULL ? "no" : "yes";
    if (where->unix_path != NULL) {
        log_info("listen unix=%s tls=%s", where->unix_path, tls);
        return;
    }
    if (getsockname(fd, (struct sockaddr *)&at, &size) == 0)
        getnameinfo((struct sockaddr *)&at, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    log_info("listen address=%s port=%s tls=%s", where->address, port, tls);
}

static void log_failure(const struct conf_listen *where, int why)
{
    if (where->unix_path != NULL)
        log_error("listen unix=%s: %s", where->unix_path, strerror(why));
    else if (why == EADDRNOTAVAIL)
        log_warn("listen address=%s port=%u: %s. chatd tries again until this machine has it",
                 where->address, where->port, strerror(why));
    else
        log_error("listen address=%s port=%u: %s", where->address, where->port, strerror(why));
}

/* Opens an entry of the configuration, and logs what is new. errno, or 0. */
static int open_entry(struct doors *d, size_t i)
{
    const struct conf *conf = d->config.conf;
    const struct conf_listen *where = &conf->listen[i];
    int before = d->faults[i];
    int fd = where->unix_path != NULL ? unix_socket_listen(where->unix_path, where->mode, BACKLOG)
                                      : open_tcp(where->address, where->port, conf->redis != NULL);
    d->faults[i] = fd < 0 ? errno : 0;
    if (fd < 0) {
        d->failures++;
        if (d->faults[i] != before)
            log_failure(where, d->faults[i]);
        return d->faults[i];
    }
    if (listeners_add_take(d->config.listeners, fd,
                           where->tls_cert == NULL ? d->config.plain : d->config.tls,
                           where->unix_path) != 0)
        return d->faults[i] = ENOMEM;
    log_open(where, fd);
    return 0;
}

/* --- all of the configuration --------------------------------------------------------------- */

static void on_again(uv_timer_t *timer)
{
    struct doors *d = timer->data;
    bool all = true;
    for (size_t i = 0; i < d->config.conf->listen_count; i++)
        if (d->faults[i] != 0 && open_entry(d, i) != 0)
            all = false;
    if (all)
        uv_timer_stop(timer);
}

static int open_configured(struct doors *d)
{
    for (size_t i = 0; i < d->config.conf->listen_count; i++) {
        int why = open_entry(d, i);
        if (why == EADDRNOTAVAIL)
            uv_timer_start(&d->again, on_again, AGAIN_MS, AGAIN_MS);
        else if (why != 0)
            return -1;
    }
    return 0;
}

/* --- sockets of systemd --------------------------------------------------------------------- */

static int adopt(struct doors *d, int fd, const char *name)
{
    bool secure = strcmp(name, TLS_NAME) == 0;
    const char *why = NULL;
    if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
        why = "is no stream socket that listens";
    else if (secure && d->config.tls == NULL)
        why = "needs a certificate: no entry of `listen` has one";
    else if (listeners_add_take(d->config.listeners, fd, secure ? d->config.tls : d->config.plain,
                                NULL) != 0)
        why = "no memory";
    if (why != NULL)
        log_error("listen fd=%d name=%s: %s", fd, name, why);
    else
        log_info("listen fd=%d name=%s tls=%s", fd, name, secure ? "yes" : "no");
    return why == NULL ? 0 : -1;
}

/* The sockets of systemd replace `listen`, but never an entry with TLS by one without. */
static int check_names(const struct doors *d, char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (d->config.tls == NULL || strcmp(names[i], TLS_NAME) == 0)
            return 0;
    log_error("listen: the sockets of systemd replace `listen`, which has TLS, but none of them is "
              "named " TLS_NAME ": set FileDescriptorName=" TLS_NAME " in its unit");
    return -1;
}

static int adopt_passed(struct doors *d, char *const *names, int count)
{
    if (check_names(d, names, count) != 0)
        return -1;
    for (int i = 0; i < count; i++)
        if (adopt(d, SD_LISTEN_FDS_START + i, names[i]) != 0)
            return -1;
    return 0;
}

/* --- create and destroy --------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle) { free(handle->data); }

struct doors *doors_open(struct uv_loop_s *loop, const struct doors_config *config)
{
    struct doors *d = calloc(1, sizeof *d + config->conf->listen_count * sizeof *d->faults);
    char **names = NULL;
    if (d == NULL)
        return NULL;
    d->config = *config;
    uv_timer_init(loop, &d->again);
    d->again.data = d;
    int passed = sd_listen_fds_with_names(1, &names);
    int failed = passed > 0 ? adopt_passed(d, names, passed) : open_configured(d);
    for (int i = 0; i < passed; i++)
        free(names[i]);
    free(names);
    if (failed != 0)
        doors_destroy(&d);
    return d;
}

size_t doors_failures(const struct doors *d) { return d == NULL ? 0 : d->failures; }

void doors_destroy(struct doors **d)
{
    if (*d != NULL)
        uv_close((uv_handle_t *)&(*d)->again, on_closed);
    *d = NULL;
}
