/* listen.c - see listen.h.
 *
 * The daemon accepts connections itself, not the library: so it can count those of an address
 * before it spends memory on one, and set TCP_NODELAY. An address may have so many WebSockets, and
 * eight times as many connections, for the files of the page. Over a limit, an idle connection is
 * closed before one is refused. Without descriptors, accepting pauses for a moment. */
#include "listen.h"

#include "chat/base/heap.h"
#include "chat/base/list.h"
#include "chat/chat.h"
#include "log.h"
#include "chat/model/session.h"
#include "vhost.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define ACCEPTS_A_TURN 64
#define PAUSE_MS       200
#define FORGETS_A_TIME 16
#define UNSENT_BYTES   65536 /* queued by the kernel for a slow client, not megabytes */
#define PER_PERSON     8     /* connections: a browser opens six, and its WebSocket */
#define ADDRESS_CHARS  64

/* Stays after its last connection until its rates have recovered. */
struct address {
    unsigned char prefix[16]; /* first: the tree compares it. All zero: unix sockets */
    unsigned connections, people;
    struct source source;
    struct heap_link in_idle;
};
_Static_assert(offsetof(struct address, prefix) == 0, "the tree compares addresses by prefix");

struct listener {
    struct listener *next;
    struct listeners *all;
    struct vhost *vhost;
    uv_poll_t poll;
    uv_timer_t pause;
    int fd;
    unsigned handles; /* not yet closed */
    char *unix_path;  /* removed at the end */
};

struct listeners {
    uv_loop_t *loop;
    struct listener *first;
    void *addresses;  /* tsearch tree of struct address */
    struct heap idle; /* address.in_idle, by the time at which it may go */
    unsigned per_address;
    size_t most, connections;
    struct vhost_host *host;
    struct refusals *refusals;
};

/* --- connections of an address -------------------------------------------------------------- */

static int by_prefix(const void *a, const void *b) { return memcmp(a, b, 16); }

static struct address address_of(const struct sockaddr_storage *from)
{
    struct address a = {0};
    if (from->ss_family == AF_INET) {
        a.prefix[11] = a.prefix[10] = 0xff;
        memcpy(a.prefix + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
        memcpy(a.prefix, six, IN6_IS_ADDR_V4MAPPED(six) ? 16 : 8);
        a.prefix[15] |= !IN6_IS_ADDR_V4MAPPED(six); /* so that ::/64 is not all zero */
    }
    return a;
}

static void forget(struct listeners *ls, struct address *a)
{
    heap_remove(&ls->idle, &a->in_idle);
    tdelete(a, &ls->addresses, by_prefix);
    free(a);
}

static void forget_idle(struct listeners *ls)
{
    const int64_t now_us = (int64_t)uv_now(ls->loop) * 1000;
    for (int n = 0; n < FORGETS_A_TIME; n++) {
        struct heap_link *first = heap_first(&ls->idle);
        if (first == NULL || first->key > now_us)
            return;
        forget(ls, heap_entry(first, struct address, in_idle));
    }
}

static void rest(struct listeners *ls, struct address *a)
{
    if (!heap_add(&ls->idle, &a->in_idle, (int64_t)source_rests_until_us(&a->source)))
        forget(ls, a);
}

static struct address *add_address(struct listeners *ls, const struct address *key)
{
    struct address *a = malloc(sizeof *a);
    if (a == NULL)
        return NULL;
    *a = *key;
    if (tsearch(a, &ls->addresses, by_prefix) == NULL) {
        free(a);
        return NULL;
    }
    return a;
}

static struct address *find_address(struct listeners *ls, const struct address *key)
{
    struct address **found = tfind(key, &ls->addresses, by_prefix);
    return found != NULL ? *found : add_address(ls, key);
}

/* Counts a connection and returns its address's entry. NULL: no memory. */
static struct address *count_connection(struct listeners *ls, const struct sockaddr_storage *from)
{
    static const unsigned char unix_prefix[16];
    struct address key = address_of(from);
    key.source.unlimited = ls->per_address == 0 || memcmp(key.prefix, unix_prefix, 16) == 0;
    struct address *a = find_address(ls, &key);
    if (a == NULL)
        return NULL;
    heap_remove(&ls->idle, &a->in_idle);
    forget_idle(ls);
    a->connections++;
    ls->connections++;
    return a;
}

/* The limit that the newest connection of an address exceeds, unless an idle one makes place.
 * REFUSAL_COUNT: none. */
static enum refusal over_limit(struct listeners *ls, const struct address *a)
{
    if (!a->source.unlimited && a->connections > ls->per_address * PER_PERSON &&
        !vhost_host_give_up_idle(ls->host, &a->source))
        return REFUSAL_CONNECTIONS;
    if (ls->connections > ls->most && !vhost_host_give_up_idle(ls->host, NULL))
        return REFUSAL_DESCRIPTORS;
    return REFUSAL_COUNT;
}

bool listeners_enter(struct listeners *ls, struct source *source)
{
    struct address *a = list_entry(source, struct address, source);
    if (!source->unlimited && a->people >= ls->per_address)
        return false;
    a->people++;
    return true;
}

void listeners_closed(struct listeners *ls, struct source *source, bool entered)
{
    struct address *a = list_entry(source, struct address, source);
    ls->connections--;
    a->people -= entered;
    if (--a->connections == 0)
        rest(ls, a);
    forget_idle(ls);
}

/* --- refusals ------------------------------------------------------------------------------- */

static void write_address(const struct address *a, char to[ADDRESS_CHARS])
{
    static const unsigned char unix_prefix[16], mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(a->prefix, unix_prefix, 16) == 0)
        strcpy(to, "unix");
    else if (memcmp(a->prefix, mapped, 12) == 0)
        inet_ntop(AF_INET, a->prefix + 12, to, ADDRESS_CHARS);
    else {
        unsigned char six[16] = {0};
        memcpy(six, a->prefix, 8);
        inet_ntop(AF_INET6, six, to, INET6_ADDRSTRLEN);
        strcat(to, "/64");
    }
}

void listeners_refuse(struct listeners *ls, const struct source *source, enum refusal why,
                      const char *detail)
{
    const struct address *a = list_entry(source, const struct address, source);
    char address[ADDRESS_CHARS], held[40];
    write_address(a, address);
    snprintf(held, sizeof held, "held=%u", a->people);
    refusals_add(ls->refusals, why, address, why == REFUSAL_ADDRESS ? held : detail,
                 uv_now(ls->loop));
}

void listeners_tick(struct listeners *ls) { refusals_tick(ls->refusals, uv_now(ls->loop)); }

void listeners_metrics(const struct listeners *ls, struct bytes *to)
{
    refusals_metrics(ls->refusals, to);
}

/* Answers without the library. Over TLS this would take a handshake, so there it only closes. */
static void refuse_take(struct listener *l, int fd, struct address *a, enum refusal why)
{
    char text[400], detail[60];
    const struct refusal_answer *answer = refusal_answer(why);
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 %u Service Unavailable\r\ncontent-type: text/plain\r\n"
                     "content-length: %zu\r\n%s\r\n%s",
                     answer->status, strlen(answer->text), answer->more, answer->text);
    snprintf(detail, sizeof detail, "connections=%u people=%u", a->connections - 1, a->people);
    listeners_refuse(l->all, &a->source, why, detail);
    if (!vhost_is_tls(l->vhost) && send(fd, text, (size_t)n, MSG_NOSIGNAL) == n)
        shutdown(fd, SHUT_WR);
    for (int i = 0; i < 16 && recv(fd, text, sizeof text, 0) > 0; i++)
        ; /* unread bytes would make a reset of it */
    close(fd);
    listeners_closed(l->all, &a->source, false);
}

/* --- accept --------------------------------------------------------------------------------- */

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
    struct listener *l = timer->data;
    uv_poll_start(&l->poll, UV_READABLE, on_readable);
}

static void pause_accepting(struct listener *l)
{
    log_warn("listen paused: %s", strerror(errno));
    uv_poll_stop(&l->poll);
    uv_timer_start(&l->pause, on_pause_over, PAUSE_MS, 0);
}

static void adopt_take(struct listener *l, int fd, const struct sockaddr_storage *from)
{
    static const int on = 1, unsent = UNSENT_BYTES;
    struct address *a = count_connection(l->all, from);
    if (a == NULL) {
        close(fd);
        return;
    }
    enum refusal why = over_limit(l->all, a);
    if (why != REFUSAL_COUNT) {
        refuse_take(l, fd, a, why);
        return;
    }
    if (from->ss_family != AF_UNIX) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    }
    if (vhost_adopt_take(l->vhost, fd, &a->source) != 0)
        listeners_closed(l->all, &a->source, false);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;
    (void)status, (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof from;
        int fd = accept4(l->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            adopt_take(l, fd, &from);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            pause_accepting(l);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

int listeners_add_take(struct listeners *ls, int fd, struct vhost *v, const char *unix_path)
{
    struct listener *l = calloc(1, sizeof *l);
    if (l == NULL || uv_poll_init(ls->loop, &l->poll, fd) != 0) {
        free(l);
        close(fd);
        return -1;
    }
    uv_timer_init(ls->loop, &l->pause);
    l->poll.data = l->pause.data = l;
    l->handles = 2;
    l->fd = fd;
    l->vhost = v;
    l->unix_path = unix_path == NULL ? NULL : strdup(unix_path);
    l->all = ls;
    l->next = ls->first;
    ls->first = l;
    uv_poll_start(&l->poll, UV_READABLE, on_readable);
    return 0;
}

/* --- create and destroy --------------------------------------------------------------------- */

static void log_refusal(const char *line) { log_warn("%s", line); }

struct listeners *listeners_create(struct uv_loop_s *loop, struct vhost_host *host,
                                   unsigned per_address, size_t all)
{
    struct listeners *ls = calloc(1, sizeof *ls);
    if (ls == NULL || (ls->refusals = refusals_create(log_refusal)) == NULL) {
        free(ls);
        return NULL;
    }
    ls->loop = loop;
    ls->host = host;
    ls->per_address = per_address;
    ls->most = all;
    return ls;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    if (--l->handles > 0)
        return;
    if (l->unix_path != NULL)
        unlink(l->unix_path);
    free(l->unix_path);
    close(l->fd);
    free(l);
}

void listeners_stop(struct listeners *ls)
{
    for (struct listener *l = ls->first, *next; l != NULL; l = next) {
        next = l->next;
        uv_close((uv_handle_t *)&l->poll, on_handle_closed);
        uv_close((uv_handle_t *)&l->pause, on_handle_closed);
    }
    ls->first = NULL;
}

void listeners_destroy(struct listeners **ls)
{
    if (*ls == NULL)
        return;
    tdestroy((*ls)->addresses, free);
    heap_finish(&(*ls)->idle);
    refusals_destroy(&(*ls)->refusals);
    free(*ls);
    *ls = NULL;
}
