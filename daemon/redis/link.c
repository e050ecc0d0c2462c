/* link.c - see link.h. */
#include "link.h"

#include "call.h"
#include "config/conf.h"
#include "log.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define PAUSE_FIRST_MS 50
#define PAUSE_STEP_MS  25
#define PAUSE_MAX_MS   1000
#define WATCH_MS       250
#define SILENCE_MS     3000 /* with an open question: the other side is gone */
#define PASSWORD_MAX   512
#define CODE_MAX       24

/*          .--- unix socket ---.
 *          |                   v
 *   DOWN --'--> RESOLVING --> CONNECTING --> GREETING (AUTH, SELECT) --> UP
 *    ^             |            |              |                         |
 *    '-------------+------------+--------------+-------------------------'
 *
 * One timer: DOWN it counts the pause, else it looks for silence. move() checks each step. */
enum state { LINK_DOWN, LINK_RESOLVING, LINK_CONNECTING, LINK_GREETING, LINK_UP };

struct redis_link {
    const struct conf_redis *conf;
    const char *name;
    const struct redis_link_ops *ops;
    void *arg;
    uv_loop_t *loop;
    uv_timer_t timer;
    uv_getaddrinfo_t resolve;
    redisAsyncContext *redis; /* not while DOWN or RESOLVING */
    enum state state;
    bool giving_up, ending;
    char why[96];   /* the link is down, as logged last; "": not since it was UP for SILENCE_MS */
    char fault[48]; /* of `why`, what everybody may see */
    unsigned tries, holders;
    uint64_t up_ms;    /* UP since then */
    size_t asked;      /* questions without an answer yet */
    uint64_t heard_ms; /* the last answer, or the first question after a rest */
};

/* A question that was sent: on_answer() counts its answer, then calls `cb`. */
struct question {
    struct redis_link *link;
    redisCallbackFn *cb;
    void *arg;
};

void redis_link_flush(struct redis_link *l)
{
    if (l != NULL && l->redis != NULL)
        redis_watch_flush(l->redis);
}

static void move(struct redis_link *l, enum state state)
{
    bool is_unix = l->state == LINK_DOWN && state == LINK_CONNECTING;
    if (state != LINK_DOWN && state != l->state + 1 && !is_unix)
        log_error("redis link=%s: must not go from state %d to %d", l->name, (int)l->state,
                  (int)state);
    l->state = state;
}

/* --- going down ----------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void pause_and_try(struct redis_link *l)
{
    unsigned ms = PAUSE_FIRST_MS + PAUSE_STEP_MS * l->tries++;
    if (ms > PAUSE_MAX_MS)
        ms = PAUSE_MAX_MS;
    move(l, LINK_DOWN);
    uv_timer_start(&l->timer, on_timer, ms / 2 + randombytes_uniform(ms), 0);
}

/* Frees the context, which calls the callback of each open question with NULL. In these callbacks
 * the link is down already. */
static void drop(struct redis_link *l)
{
    redisAsyncContext *redis = l->redis;
    bool was_up = l->state == LINK_UP;
    l->redis = NULL;
    move(l, LINK_DOWN);
    l->giving_up = false;
    if (redis != NULL) {
        redis->data = NULL;
        redisAsyncFree(redis);
    }
    l->asked = 0;
    if (was_up && !l->ending)
        l->ops->down(l->arg);
}

int redis_code_bytes(const char *answer)
{
    size_t n = strspn(answer, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n >= 3 && n <= CODE_MAX && (answer[n] == ' ' || answer[n] == '\0') ? (int)n : 0;
}

const char *redis_link_fault(const struct redis_link *l)
{
    return l == NULL || l->fault[0] == '\0' ? "Redis is away" : l->fault;
}

/* Logs a reason once until the link has been UP for SILENCE_MS. */
static void log_why(struct redis_link *l, const char *why)
{
    int code = redis_code_bytes(why);
    if (strncmp(l->why, why, sizeof l->why - 1) != 0)
        log_warn("redis link=%s: %s", l->name, why);
    snprintf(l->why, sizeof l->why, "%s", why);
    snprintf(l->fault, sizeof l->fault, "%s%.*s", code == 0 ? "" : "Redis refuses: ", code, why);
}

static void fail(struct redis_link *l, const char *why)
{
    if (why != l->why) /* else redis_link_give_up() has logged it */
        log_why(l, why);
    drop(l);
    if (!l->ending)
        pause_and_try(l);
}

/* hiredis frees the context after this callback. */
static void on_disconnect(const redisAsyncContext *redis, int status)
{
    struct redis_link *l = redis->data;
    if (l == NULL) /* drop() has ended it */
        return;
    bool was_up = l->state == LINK_UP;
    l->giving_up = false;
    log_why(l, status == REDIS_OK ? "closed" : redis->errstr);
    l->redis = NULL;
    l->asked = 0;
    pause_and_try(l);
    if (was_up)
        l->ops->down(l->arg);
}

void redis_link_give_up(struct redis_link *l, const char *why)
{
    if (l == NULL || l->redis == NULL || l->giving_up)
        return;
    log_why(l, why);
    l->giving_up = true;
    uv_timer_start(&l->timer, on_timer, 0, 0);
}

/* --- asking --------------------------------------------------------------------------------- */

static void on_answer(redisAsyncContext *redis, void *reply, void *arg)
{
    struct question *q = arg;
    struct redis_link *l = q->link;
    if (reply != NULL && l->redis == redis) {
        l->heard_ms = uv_now(l->loop);
        l->asked--;
    }
    if (q->cb != NULL)
        q->cb(redis, reply, q->arg);
    free(q);
}

static bool ask(struct redis_link *l, const struct redis_call *call, redisCallbackFn *cb, void *arg)
{
    struct question *q = l->redis == NULL || l->giving_up ? NULL : malloc(sizeof *q);
    if (q == NULL)
        return false;
    *q = (struct question){l, cb, arg};
    if (redisAsyncCommandArgv(l->redis, on_answer, q, call->count, (const char **)call->args,
                              call->sizes) != REDIS_OK) {
        free(q);
        return false;
    }
    if (l->asked++ == 0)
        l->heard_ms = uv_now(l->loop);
    return true;
}

bool redis_link_is_up(const struct redis_link *l) { return l != NULL && l->state == LINK_UP; }

bool redis_link_ask(struct redis_link *l, const struct redis_call *call, redisCallbackFn *cb,
                    void *arg)
{
    return redis_link_is_up(l) && ask(l, call, cb, arg);
}

bool redis_link_subscribe(struct redis_link *l, const struct redis_call *call, redisCallbackFn *cb,
                          void *arg)
{
    return redis_link_is_up(l) && !l->giving_up &&
           redisAsyncCommandArgv(l->redis, cb, arg, call->count, (const char **)call->args,
                                 call->sizes) == REDIS_OK;
}

/* --- coming up ------------------------------------------------------------------------------ */

static void greet(struct redis_link *l);

static void come_up(struct redis_link *l)
{
    l->up_ms = uv_now(l->loop);
    move(l, LINK_UP);
    l->ops->up(l->arg);
}

static void on_greeted(redisAsyncContext *redis, void *raw, void *arg)
{
    struct redis_link *l = arg;
    const redisReply *reply = raw;
    if (reply == NULL || l->redis != redis || l->giving_up)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        redis_link_give_up(l, reply->str);
        return;
    }
    if (l->asked == 0)
        come_up(l);
}

/* The first line of the file, cut at PASSWORD_MAX bytes. False: the file cannot be read. */
static bool read_password(const char *path, char *password)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, password, PASSWORD_MAX);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    password[n] = '\0';
    password[strcspn(password, "\r\n")] = '\0';
    return true;
}

static bool authenticate(struct redis_link *l)
{
    char password[PASSWORD_MAX + 1] = "";
    struct redis_call c;
    if (l->conf->password_file == NULL)
        return true;
    if (!read_password(l->conf->password_file, password)) {
        redis_link_give_up(l, "cannot read the password file");
        return false;
    }
    call_begin(&c, "AUTH");
    if (l->conf->user != NULL)
        call_bytes(&c, l->conf->user, strlen(l->conf->user));
    call_bytes(&c, password, strlen(password)); /* no copy of it stays behind */
    bool asked = ask(l, &c, on_greeted, l);
    sodium_memzero(password, sizeof password);
    return asked;
}

static void greet(struct redis_link *l)
{
    struct redis_call c;
    move(l, LINK_GREETING);
    call_begin(&c, "SELECT");
    call_number(&c, l->conf->database);
    if (authenticate(l) && !ask(l, &c, on_greeted, l))
        redis_link_give_up(l, "no memory");
}

static void on_connect(const redisAsyncContext *redis, int status)
{
    struct redis_link *l = redis->data;
    if (l == NULL)
        return;
    if (status == REDIS_OK) {
        int on = 1;
        if (l->conf->unix_path == NULL)
            setsockopt(redis->c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        greet(l);
        return;
    }
    l->redis = NULL; /* hiredis frees it after this callback */
    log_why(l, redis->errstr);
    pause_and_try(l);
}

static void connect_to(struct redis_link *l, const char *address)
{
    l->redis = address == NULL ? redisAsyncConnectUnix(l->conf->unix_path)
                               : redisAsyncConnect(address, l->conf->port);
    if (l->redis == NULL || l->redis->err != 0) {
        fail(l, l->redis == NULL ? "no memory" : l->redis->errstr);
        return;
    }
    l->redis->data = l;
    move(l, LINK_CONNECTING);
    l->heard_ms = uv_now(l->loop);
    if (!redis_watch_begin(l->redis, l->loop)) {
        fail(l, "no memory");
        return;
    }
    redisAsyncSetConnectCallback(l->redis, on_connect);
    redisAsyncSetDisconnectCallback(l->redis, on_disconnect);
    uv_timer_start(&l->timer, on_timer, WATCH_MS, WATCH_MS);
}

/* Frees an ended link when neither its timer nor a request of libuv holds it any more. */
static void release(struct redis_link *l)
{
    if (--l->holders == 0)
        free(l);
}

/* The n-th address of a name, round and round: each try takes the next one. */
static const struct addrinfo *nth_address(const struct addrinfo *found, unsigned n)
{
    unsigned count = 0;
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
        count++;
    for (n = count == 0 ? 0 : n % count; n > 0; n--)
        found = found->ai_next;
    return found;
}

/* libuv resolves names: hiredis would block the loop. */
static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *found)
{
    struct redis_link *l = resolve->data;
    char address[INET6_ADDRSTRLEN] = "";
    const struct addrinfo *a = nth_address(found, l->tries);
    if (a != NULL && a->ai_family == AF_INET)
        uv_ip4_name((struct sockaddr_in *)(void *)a->ai_addr, address, sizeof address);
    if (a != NULL && a->ai_family == AF_INET6)
        uv_ip6_name((struct sockaddr_in6 *)(void *)a->ai_addr, address, sizeof address);
    uv_freeaddrinfo(found);
    if (l->ending)
        release(l);
    else if (status != 0)
        fail(l, uv_strerror(status));
    else
        connect_to(l, address);
}

static void begin(struct redis_link *l)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (l->conf->unix_path != NULL) {
        connect_to(l, NULL);
        return;
    }
    l->resolve.data = l;
    move(l, LINK_RESOLVING);
    if (uv_getaddrinfo(l->loop, &l->resolve, on_resolved, l->conf->host, NULL, &hints) != 0)
        fail(l, "cannot resolve the host name");
}

/* Bytes of a long answer are signs of life. */
static bool is_silent(const struct redis_link *l)
{
    uint64_t read_ms = redis_watch_read_ms(l->redis);
    return uv_now(l->loop) - (read_ms > l->heard_ms ? read_ms : l->heard_ms) > SILENCE_MS;
}

static void on_timer(uv_timer_t *timer)
{
    struct redis_link *l = timer->data;
    if (l->state == LINK_DOWN) {
        begin(l);
    } else if (l->giving_up) {
        fail(l, l->why);
    } else if (l->state == LINK_UP && l->tries > 0 && uv_now(l->loop) - l->up_ms > SILENCE_MS) {
        log_info("redis link=%s: connected", l->name);
        l->why[0] = '\0';
        l->tries = 0;
    } else if (l->state != LINK_RESOLVING && (l->asked > 0 || l->state != LINK_UP) &&
               is_silent(l)) {
        fail(l, "silent");
    }
}

/* --- life ----------------------------------------------------------------------------------- */

struct redis_link *redis_link_create(uv_loop_t *loop, const struct conf_redis *conf,
                                     const char *name, const struct redis_link_ops *ops, void *arg)
{
    struct redis_link *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->conf = conf;
    l->name = name;
    l->ops = ops;
    l->arg = arg;
    l->loop = loop;
    uv_timer_init(loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_timer, 0, 0);
    return l;
}

static void on_closed(uv_handle_t *handle) { release(handle->data); }

void redis_link_destroy(struct redis_link **link)
{
    struct redis_link *l = *link;
    *link = NULL;
    if (l == NULL)
        return;
    l->ending = true;
    l->holders = 1;
    if (l->state == LINK_RESOLVING) {
        l->holders++;
        uv_cancel((uv_req_t *)&l->resolve);
    }
    drop(l);
    uv_close((uv_handle_t *)&l->timer, on_closed);
}
