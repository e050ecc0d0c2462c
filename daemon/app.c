/* app.c - see app.h.
 *
 * One loop. Sockets, finished store jobs and timers change the chat; before the loop sleeps, once a
 * turn, chat_flush() sends what has changed. Stopping: no new connections and commands, then what
 * was submitted is stored and acknowledged, then everybody is told to come back, then the parts
 * end. */
#include "app.h"

#include "config/conf.h"
#include "net/control.h"
#include "net/listen.h"
#include "log.h"
#include "metric.h"
#include "redis/journal.h"
#include "store/journal.h"
#include "store/store.h"
#include "vhost.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <uv.h>

#define TICK_MS            250
#define DRAIN_MS           3000 /* for the store to take what was submitted */
#define FAREWELL_MS        1500 /* for clients to take their close frame */
#define LONG_FLUSH_NS      500000
#define FLUSH_PAUSE_MAX_MS 10
#define DESCRIPTORS_MAX    200000
#define DESCRIPTORS_OWN    64 /* not for connections: store, page, library */

enum stage { STAGE_STARTING, STAGE_SERVING, STAGE_DRAINING, STAGE_FAREWELL, STAGE_ENDED };

struct app {
    const struct conf *conf;
    uv_loop_t loop;
    uv_prepare_t before_sleep;
    uv_timer_t tick, flush_pause;
    uv_signal_t sigterm, sigint, sighup;
    struct chat_config chat_config;
    struct vhost_config plain, tls;
    struct store *store;
    struct journal_config journal_config;
    const struct journal_ops *journal_ops;
    struct journal *journal;
    struct chat *chat;
    struct vhost_host *host;
    struct listeners *listeners;
    struct control *control;
    enum stage stage;
    uint64_t stage_ms;     /* when it began */
    unsigned rooms_wanted; /* of the configuration, not yet answered for */
    bool rooms_missing;    /* the store could not write then: asked for again when it can */
    bool writable;         /* as everybody was told */
    uint64_t events_flushed;
    int status;
};

/* --- what the parts ask back ---------------------------------------------------------------- */

static bool ready(void *arg, struct bytes *to)
{
    const struct app *app = arg;
    const char *why =
        app->stage == STAGE_SERVING ? app->journal_ops->fault(app->journal) : "stopping";
    bytes_add_text(to, why == NULL ? "ready" : why);
    bytes_add(to, "\n", 1);
    app->journal_ops->warn(app->journal, to);
    return why == NULL;
}

static void metrics(void *arg, struct bytes *to)
{
    const struct app *app = arg;
    app->journal_ops->metrics(app->journal, to);
    metric_add_counter(to, "connections_refused_total", listeners_refused(app->listeners));
}

static void on_connection_closed(void *arg, struct source *source)
{
    listeners_closed(((struct app *)arg)->listeners, source);
}

/* libuv keeps its clock since it woke. */
static void tell_time(void *arg)
{
    struct app *app = arg;
    struct timespec own;
    clock_gettime(CLOCK_REALTIME, &own);
    int64_t wall_ms = app->journal_ops->wall_ms(app->journal);
    chat_clock(app->chat, uv_now(&app->loop),
               wall_ms != 0 ? wall_ms : (int64_t)own.tv_sec * 1000 + own.tv_nsec / 1000000);
}

static void on_library_line(const char *line) { log_warn("libwebsockets: %s", line); }

/* --- listening ------------------------------------------------------------------------------ */

/* systemd's sockets, if it has passed any, are served in place of those of the configuration. */
static int listen_all(struct app *app, struct vhost *plain, struct vhost *tls)
{
    int passed = sd_listen_fds(1);
    for (int i = 0; i < passed; i++)
        if (listeners_add_fd(app->listeners, SD_LISTEN_FDS_START + i, plain) != 0)
            return -1;
    for (size_t i = 0; passed <= 0 && i < app->conf->listen_count; i++) {
        const struct conf_listen *where = &app->conf->listen[i];
        if (listeners_add(app->listeners, where, where->tls_cert == NULL ? plain : tls) != 0)
            return -1;
    }
    return 0;
}

static const struct conf_listen *first_tls(const struct conf *conf)
{
    for (size_t i = 0; i < conf->listen_count; i++)
        if (conf->listen[i].tls_cert != NULL)
            return &conf->listen[i];
    return NULL;
}

static int open_doors(struct app *app)
{
    const struct conf_listen *secure = first_tls(app->conf);
    app->plain = (struct vhost_config){.www = app->conf->www,
                                       .origins = app->conf->origins,
                                       .ready = ready,
                                       .metrics = metrics,
                                       .tell_time = tell_time,
                                       .closed = on_connection_closed,
                                       .arg = app};
    app->tls = app->plain;
    struct vhost *plain = vhost_create(app->host, &app->plain, app->chat), *tls = NULL;
    if (plain == NULL) {
        log_error("page www=%s: index.html cannot be read", app->conf->www);
        return -1;
    }
    if (secure != NULL) {
        app->tls.tls_cert = secure->tls_cert;
        app->tls.tls_key = secure->tls_key;
        tls = vhost_create(app->host, &app->tls, app->chat);
        if (tls == NULL) {
            log_error("tls cert=%s: cannot be used", secure->tls_cert);
            return -1;
        }
    }
    if (control_create(&app->control, &app->loop, app->conf->control, app->chat) != 0)
        return -1;
    return listen_all(app, plain, tls);
}

static void tell_writable(struct app *app)
{
    bool writable = app->journal_ops->fault(app->journal) == NULL;
    if (writable != app->writable)
        chat_writable(app->chat, writable);
    app->writable = writable;
}

/* --- rooms of the configuration ------------------------------------------------------------- */

static void stop(struct app *app, int status);

static void serve(struct app *app)
{
    app->stage = STAGE_SERVING;
    tell_writable(app); /* the first who comes in is not told what was while we waited */
    if (open_doors(app) != 0) {
        stop(app, 1);
        return;
    }
    log_info("ready rooms=%zu", chat_stats(app->chat).rooms);
    sd_notify(0, "READY=1");
}

static void on_room(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct app *app = arg;
    (void)seq, (void)at_ms;
    app->rooms_missing |= err == ERR_UNAVAILABLE;
    if (err != OK && err != ERR_ROOM_EXISTS && err != ERR_UNAVAILABLE)
        log_error("room of the configuration was not created: %s", err_code(err));
    if (--app->rooms_wanted == 0 && app->stage == STAGE_STARTING)
        serve(app);
}

static void create_rooms(struct app *app)
{
    app->rooms_missing = false;
    app->rooms_wanted = 1; /* held until all have been asked for */
    for (size_t i = 0; i < app->conf->room_count; i++) {
        const struct conf_room *r = &app->conf->rooms[i];
        struct room_seed seed = {
            .name = r->name, .title = r->title, .topic = r->topic, .post = r->post};
        if (chat_has_room(app->chat, &seed))
            continue;
        app->rooms_wanted++;
        enum err err = chat_submit_room(app->chat, &seed, NULL, on_room, app);
        if (err != OK)
            on_room(app, err, 0, 0);
    }
    on_room(app, OK, 0, 0);
}

static void on_journal_ready(void *arg, bool right)
{
    if (right)
        create_rooms(arg);
    else
        stop(arg, 1);
}

/* --- the loop ------------------------------------------------------------------------------- */

static void end_loop(struct app *app)
{
    app->stage = STAGE_ENDED;
    uv_stop(&app->loop);
}

/* Each stage of the stop waits for what it needs, turn by turn. */
static void go_on_stopping(struct app *app)
{
    uint64_t in_stage_ms = uv_now(&app->loop) - app->stage_ms;
    if (app->stage == STAGE_DRAINING &&
        (app->journal_ops->waiting(app->journal) == 0 || in_stage_ms > DRAIN_MS)) {
        app->stage = STAGE_FAREWELL;
        app->stage_ms = uv_now(&app->loop);
        in_stage_ms = 0;
        chat_flush(app->chat);
        chat_farewell(app->chat);
    }
    if (app->stage == STAGE_FAREWELL &&
        (chat_stats(app->chat).sessions == 0 || in_stage_ms > FAREWELL_MS))
        end_loop(app);
}

static void on_flush_pause_over(uv_timer_t *timer)
{
    (void)timer; /* the loop wakes, and flushes */
}

/* A flush that took long was for a crowd. If it had several events for it, more are coming: they
 * gather for twice as long, and go out in one write to each member instead of many. Who talks alone
 * never waits, and nobody does in rooms that are quick to serve. */
static void flush(struct app *app)
{
    if (uv_is_active((uv_handle_t *)&app->flush_pause))
        return;
    uint64_t events = chat_stats(app->chat).events, begin_ns = uv_hrtime();
    chat_flush(app->chat);
    uint64_t gathered = events - app->events_flushed, took_ns = uv_hrtime() - begin_ns;
    app->events_flushed = events;
    if (took_ns <= LONG_FLUSH_NS || gathered < 2)
        return;
    uint64_t pause_ms = took_ns / 500000 + 1;
    uv_update_time(&app->loop); /* the pause begins now, not when the loop woke */
    uv_timer_start(&app->flush_pause, on_flush_pause_over,
                   pause_ms < FLUSH_PAUSE_MAX_MS ? pause_ms : FLUSH_PAUSE_MAX_MS, 0);
}

static void on_before_sleep(uv_prepare_t *handle)
{
    struct app *app = handle->data;
    tell_time(app);
    flush(app);
    go_on_stopping(app);
    app->journal_ops->flush(app->journal);
}

static void on_tick(uv_timer_t *timer)
{
    struct app *app = timer->data;
    tell_time(app);
    chat_tick(app->chat);
    tell_writable(app);
    if (app->rooms_missing && app->rooms_wanted == 0 &&
        app->journal_ops->fault(app->journal) == NULL && app->stage == STAGE_SERVING)
        create_rooms(app);
    sd_notify(0, "WATCHDOG=1");
}

static void stop(struct app *app, int status)
{
    app->status = status;
    app->stage = STAGE_DRAINING;
    app->stage_ms = uv_now(&app->loop);
    sd_notify(0, "STOPPING=1");
    listeners_stop(app->listeners);
    chat_drain(app->chat);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    log_info("stopping signal=%d", number);
    if (app->stage >= STAGE_DRAINING)
        end_loop(app);
    else
        stop(app, 0);
}

/* A newer page is served from now on; all else of the configuration is read at start only. */
static void on_hang_up(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    (void)number;
    if (app->host != NULL && vhost_host_reload(app->host) == 0)
        log_info("page read anew");
    else
        log_error("page www=%s: cannot be read, the old one stays", app->conf->www);
}

/* --- building and taking down --------------------------------------------------------------- */

/* As many descriptors as are allowed: the library makes a table of that size. */
static size_t raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * DESCRIPTORS_OWN ? limit.rlim_cur - DESCRIPTORS_OWN
                                                : limit.rlim_cur / 2;
}

static void begin_handles(struct app *app)
{
    uv_prepare_init(&app->loop, &app->before_sleep);
    uv_timer_init(&app->loop, &app->tick);
    uv_timer_init(&app->loop, &app->flush_pause);
    uv_signal_init(&app->loop, &app->sigterm);
    uv_signal_init(&app->loop, &app->sigint);
    uv_signal_init(&app->loop, &app->sighup);
    app->before_sleep.data = app->tick.data = app;
    app->sigterm.data = app->sigint.data = app->sighup.data = app;
    uv_prepare_start(&app->before_sleep, on_before_sleep);
    uv_timer_start(&app->tick, on_tick, TICK_MS, TICK_MS);
    uv_signal_start(&app->sigterm, on_signal, SIGTERM);
    uv_signal_start(&app->sigint, on_signal, SIGINT);
    uv_signal_start(&app->sighup, on_hang_up, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not an end */
}

static void end_handles(struct app *app)
{
    uv_handle_t *all[] = {(uv_handle_t *)&app->before_sleep, (uv_handle_t *)&app->tick,
                          (uv_handle_t *)&app->flush_pause,  (uv_handle_t *)&app->sigterm,
                          (uv_handle_t *)&app->sigint,       (uv_handle_t *)&app->sighup};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        uv_close(all[i], NULL);
}

/* The only place that knows which journal it is. The node and the bus are for many nodes. */
static int create_journal(struct app *app)
{
    struct chat_config *chat = &app->chat_config;
    app->journal_config = (struct journal_config){.loop = &app->loop,
                                                  .store = app->store,
                                                  .redis = app->conf->redis,
                                                  .ready = on_journal_ready,
                                                  .arg = app};
    if (app->conf->redis == NULL) {
        app->journal_ops = &store_journal_ops;
        app->journal = store_journal_create(&app->journal_config);
    } else {
        app->journal_ops = &journal_redis_ops;
        app->journal = journal_redis_create(&app->journal_config);
        chat->node = app->conf->node;
        chat->bus_ops = &journal_redis_bus_ops;
        chat->bus = journal_redis_bus(app->journal);
    }
    chat->journal_ops = app->journal_ops;
    chat->journal = app->journal;
    return app->journal == NULL ? -1 : 0;
}

static int create_parts(struct app *app, size_t connections)
{
    const struct conf *conf = app->conf;
    const struct store_config store = {.state = conf->state,
                                       .sync_full = conf->sync_full,
                                       .rooms = conf->limits.rooms,
                                       .rooms_per_person = conf->limits.rooms_per_person,
                                       .polls = conf->limits.polls};
    if ((app->store = store_create(&app->loop, &store)) == NULL)
        return -1;
    app->chat_config = (struct chat_config){.limits = conf->limits,
                                            .name = conf->name,
                                            .version = CHATD_VERSION,
                                            .create_rooms = conf->create_rooms,
                                            .reserved_nicks = conf->reserved_nicks,
                                            .archive_ops = &store_archive_ops,
                                            .archive = store_archive(app->store)};
    if (create_journal(app) != 0 || (app->chat = chat_create(&app->chat_config)) == NULL)
        return -1;
    tell_time(app);
    app->listeners = listeners_create(&app->loop, conf->limits.connections_per_address, connections,
                                      conf->redis != NULL);
    app->host = vhost_host_create(&app->loop, on_library_line);
    if (app->host == NULL)
        log_error("libwebsockets cannot use libuv: is libwebsockets-evlib-uv installed?");
    return app->listeners == NULL || app->host == NULL ? -1 : 0;
}

/* Sockets first: their ends are told to the chat. Then the store's threads: their answers are. */
static void destroy_parts(struct app *app)
{
    if (app->listeners != NULL)
        listeners_stop(app->listeners);
    control_destroy(&app->control);
    if (app->host != NULL)
        vhost_host_finish(app->host);
    if (app->journal != NULL)
        app->journal_ops->stop(app->journal);
    store_destroy(&app->store);
    end_handles(app);
    uv_run(&app->loop, UV_RUN_DEFAULT);
    chat_destroy(&app->chat);
    if (app->journal != NULL)
        app->journal_ops->destroy(&app->journal);
    vhost_host_destroy(&app->host);
    listeners_destroy(&app->listeners);
    if (uv_loop_close(&app->loop) != 0)
        log_warn("loop did not close");
}

int app_run(const struct conf *conf)
{
    struct app app = {.conf = conf, .writable = true, .status = 1};
    uv_loop_init(&app.loop);
    begin_handles(&app);
    if (create_parts(&app, raise_descriptors()) == 0 &&
        store_load_rooms(app.store, app.chat) == OK &&
        store_load_standings(app.store, app.chat) == OK &&
        store_load_polls(app.store, app.chat) == OK) {
        app.journal_ops->attach(app.journal, app.chat);
        uv_run(&app.loop, UV_RUN_DEFAULT);
    }
    destroy_parts(&app);
    return app.status;
}
