/* app.c - see app.h.
 *
 * One loop. Sockets, finished store jobs and timers change the chat; before the loop sleeps, once a
 * turn, chat_flush() sends the changes. */
#include "app.h"

#include "chat/base/metric.h"
#include "chat/chat.h"
#include "clock.h"
#include "config/conf.h"
#include "descriptors.h"
#include "log.h"
#include "long_start.h"
#include "net/control.h"
#include "net/doors.h"
#include "net/listen.h"
#include "pacing.h"
#include "photos.h"
#include "page_source.h"
#include "redis/journal.h"
#include "rooms.h"
#include "store/archive.h"
#include "store/journal.h"
#include "store/removal.h"
#include "store/store.h"
#include "vhost.h"

#include <signal.h>
#include <systemd/sd-daemon.h>
#include <uv.h>

#define TICK_MS       250
#define PAUSED_MS     2000 /* without a tick: the process was stopped */
#define TICK_AGAIN_MS 10   /* if a tick leaves work: the loop serves connections meanwhile */
#define DRAIN_MS      3000 /* for the journal to answer all submits */
#define FAREWELL_MS   1500 /* for clients to take their close frame */

/*   STARTING --rooms answered--> SERVING
 *      |                            |
 *      '------signal, failure-------+
 *                                   v
 *                                DRAINING --all submits answered, DRAIN_MS over--> FAREWELL
 *                                   |                                                  |
 *             second signal         '---------------> ENDED <--------------------------'
 *                                  no session left, FAREWELL_MS over, second signal
 *
 * STARTING: the journal catches up; nobody can connect. DRAINING: no new connections, no commands.
 * FAREWELL: every session gets its close frame. */
enum app_stage { APP_STARTING, APP_SERVING, APP_DRAINING, APP_FAREWELL, APP_ENDED };

struct app {
    const struct conf *conf;
    uv_loop_t loop;
    uv_prepare_t before_sleep;
    uv_timer_t tick;
    uv_signal_t sigterm, sigint, sighup;
    struct chat_config chat_config;
    struct vhost_config plain, tls;
    struct store *store;
    struct journal_config journal_config;
    const struct journal_ops *journal_ops;
    struct journal *journal;
    struct chat *chat;
    struct rooms rooms;
    struct pacing pacing;
    struct photos photos;
    struct vhost_host *host;
    struct page_source *page;
    struct listeners *listeners;
    struct doors *doors;
    struct control *control;
    enum app_stage stage;
    uint64_t stage_ms, tick_ms; /* when the stage began, and when the last tick was */
    bool writable;              /* what the chat knows */
    int status;                 /* of the process */
};

static void set_stage(struct app *app, enum app_stage to)
{
    static const unsigned next[] = {[APP_STARTING] = 1 << APP_SERVING | 1 << APP_DRAINING,
                                    [APP_SERVING] = 1 << APP_DRAINING,
                                    [APP_DRAINING] = 1 << APP_FAREWELL | 1 << APP_ENDED,
                                    [APP_FAREWELL] = 1 << APP_ENDED,
                                    [APP_ENDED] = 0};
    if ((next[app->stage] & 1U << to) == 0)
        log_error("app stage=%u: cannot become %u", app->stage, to);
    app->stage = to;
    app->stage_ms = uv_now(&app->loop);
}

/* --- callbacks of the parts ----------------------------------------------------------------- */

static bool ready(void *arg, struct bytes *to)
{
    const struct app *app = arg;
    const char *why =
        app->stage == APP_SERVING ? app->journal_ops->fault(app->journal) : "stopping";
    bytes_add_text(to, why == NULL ? "ready" : why);
    bytes_add(to, "\n", 1);
    app->journal_ops->warn(app->journal, to);
    return why == NULL;
}

static void metrics(void *arg, struct bytes *to)
{
    const struct app *app = arg;
    app->journal_ops->metrics(app->journal, to);
    photos_metrics(&app->photos, to);
    metric_add_counter(to, "log_lines_left_out_total", log_left_out());
    metric_add_counter(to, "clock_jumps_total", clock_jumps());
    metric_add_counter(to, "listen_failures_total", doors_failures(app->doors));
    listeners_metrics(app->listeners, to);
}

static bool on_enter(void *arg, struct source *source)
{
    return listeners_enter(((struct app *)arg)->listeners, source);
}

static void on_refused(void *arg, const struct source *source, enum refusal why, const char *detail)
{
    listeners_refuse(((struct app *)arg)->listeners, source, why, detail);
}

static void on_connection_closed(void *arg, struct source *source, bool entered)
{
    listeners_closed(((struct app *)arg)->listeners, source, entered);
}

/* uv_now() is the time at which the loop woke. */
static void tell_time(void *arg)
{
    struct app *app = arg;
    int64_t wall_ms = app->journal_ops->wall_ms(app->journal);
    chat_clock(app->chat, uv_now(&app->loop), wall_ms, clock_end_ms(wall_ms));
}

static void on_library_line(const char *line) { log_warn("libwebsockets: %s", line); }

/* --- listen --------------------------------------------------------------------------------- */

static struct vhost *create_plain(struct app *app)
{
    app->plain = (struct vhost_config){.origins = app->conf->origins,
                                       .ready = ready,
                                       .metrics = metrics,
                                       .tell_time = tell_time,
                                       .enter = on_enter,
                                       .refused = on_refused,
                                       .closed = on_connection_closed,
                                       .shelf_ops = &shelf_ops,
                                       .shelf = app->photos.shelf,
                                       .arg = app};
    return vhost_create(app->host, &app->plain, app->chat);
}

/* All listeners with TLS have one certificate. */
static struct vhost *create_tls(struct app *app, const struct conf_listen *secure)
{
    app->tls = app->plain;
    app->tls.tls_cert = secure->tls_cert;
    app->tls.tls_key = secure->tls_key;
    struct vhost *v = vhost_create(app->host, &app->tls, app->chat);
    if (v == NULL)
        log_error("tls cert=%s: cannot be used", secure->tls_cert);
    return v;
}

static int open_doors(struct app *app)
{
    const struct conf_listen *secure = conf_first_tls(app->conf);
    struct vhost *plain = NULL, *tls = NULL;
    if (page_source_read(app->page) != 0 || (plain = create_plain(app)) == NULL ||
        (secure != NULL && (tls = create_tls(app, secure)) == NULL) ||
        control_create(&app->control, &app->loop, app->conf->control, app->chat) != 0)
        return -1;
    const struct doors_config doors = {app->conf, app->listeners, plain, tls};
    app->doors = doors_open(&app->loop, &doors);
    return app->doors == NULL ? -1 : 0;
}

/* --- stages --------------------------------------------------------------------------------- */

static void tell_writable(struct app *app)
{
    bool writable = app->journal_ops->fault(app->journal) == NULL;
    if (writable != app->writable)
        chat_writable(app->chat, writable);
    app->writable = writable;
}

static void stop(struct app *app, int status)
{
    app->status = status;
    set_stage(app, APP_DRAINING);
    sd_notify(0, "STOPPING=1");
    doors_destroy(&app->doors);
    listeners_stop(app->listeners);
    chat_drain(app->chat);
}

static void serve(struct app *app)
{
    set_stage(app, APP_SERVING);
    tell_writable(app); /* before anyone connects: they need not hear what changed until now */
    if (open_doors(app) != 0) {
        stop(app, 1);
        return;
    }
    log_info("ready rooms=%zu", chat_stats(app->chat).rooms);
    sd_notify(0, "READY=1");
}

static void on_journal_ready(void *arg, bool right)
{
    struct app *app = arg;
    if (app->stage != APP_STARTING) /* a signal was faster */
        return;
    if (right)
        rooms_submit(&app->rooms);
    else
        stop(app, 1);
}

static void on_rooms_answered(void *arg)
{
    struct app *app = arg;
    if (app->stage == APP_STARTING)
        serve(app);
}

static void end_loop(struct app *app)
{
    set_stage(app, APP_ENDED);
    uv_stop(&app->loop);
}

/* Once a turn: leaves DRAINING and FAREWELL as soon as they have what they wait for. */
static void go_on_stopping(struct app *app)
{
    if (app->stage == APP_DRAINING && (app->journal_ops->waiting(app->journal) == 0 ||
                                       uv_now(&app->loop) - app->stage_ms > DRAIN_MS)) {
        set_stage(app, APP_FAREWELL);
        chat_flush(app->chat);
        chat_farewell(app->chat);
    }
    if (app->stage == APP_FAREWELL &&
        (chat_stats(app->chat).sessions == 0 || uv_now(&app->loop) - app->stage_ms > FAREWELL_MS))
        end_loop(app);
}

/* --- the loop ------------------------------------------------------------------------------- */

static void on_before_sleep(uv_prepare_t *handle)
{
    struct app *app = handle->data;
    tell_time(app);
    pacing_flush(&app->pacing, app->chat);
    vhost_host_settle(app->host);
    go_on_stopping(app);
    app->journal_ops->flush(app->journal);
}

static void on_tick(uv_timer_t *timer)
{
    struct app *app = timer->data;
    uint64_t now_ms = uv_now(&app->loop);
    clock_look();
    tell_time(app);
    if (now_ms - app->tick_ms > PAUSED_MS)
        chat_paused(app->chat);
    app->tick_ms = now_ms;
    if (chat_tick(app->chat))
        uv_timer_start(timer, on_tick, TICK_AGAIN_MS, TICK_MS);
    listeners_tick(app->listeners);
    tell_writable(app);
    bool stores = app->stage == APP_SERVING && app->writable;
    bool knows_all = stores && app->journal_ops->caught_up(app->journal);
    photos_tick(&app->photos, knows_all ? app->store : NULL, now_ms, app->chat->end_ms);
    if (stores)
        rooms_retry(&app->rooms);
    if (stores)
        store_removal_go_on(app->store);
    sd_notify(0, "WATCHDOG=1");
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    log_info("stopping signal=%d", number);
    if (app->stage < APP_DRAINING)
        stop(app, 0);
    else if (app->stage < APP_ENDED)
        end_loop(app);
}

/* SIGHUP reloads the page only; the configuration is read at start. */
static void on_hang_up(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    (void)number;
    if (app->stage == APP_SERVING)
        page_source_read_again(app->page);
}

/* --- build and take down -------------------------------------------------------------------- */

static void begin_handles(struct app *app)
{
    pacing_init(&app->pacing, &app->loop);
    uv_prepare_init(&app->loop, &app->before_sleep);
    uv_timer_init(&app->loop, &app->tick);
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
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, no reason to end */
}

static void end_handles(struct app *app)
{
    uv_handle_t *all[] = {(uv_handle_t *)&app->before_sleep, (uv_handle_t *)&app->tick,
                          (uv_handle_t *)&app->sigterm, (uv_handle_t *)&app->sigint,
                          (uv_handle_t *)&app->sighup};
    pacing_finish(&app->pacing);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        uv_close(all[i], NULL);
}

/* The only place that knows which journal it is. Only several nodes need a name and a bus. */
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
        app->journal_ops = &redis_journal_ops;
        app->journal = redis_journal_create(&app->journal_config);
        chat->node = app->conf->node;
        chat->bus_ops = &redis_journal_bus_ops;
        chat->bus = redis_journal_bus(app->journal);
        if (photos_share(&app->photos, app->journal, chat) != 0)
            return -1;
    }
    chat->journal_ops = app->journal_ops;
    return (chat->journal = app->journal) == NULL ? -1 : 0;
}

static int create_store(struct app *app)
{
    const struct conf *conf = app->conf;
    struct long_start start;
    const struct store_config config = {.state = conf->state,
                                        .sync_full = conf->sync_full,
                                        .limits = &conf->limits,
                                        .go_on = long_start_goes_on,
                                        .arg = &start,
                                        .photo_gone = photos_gone,
                                        .photo_arg = &app->photos};
    long_start_begin(&start);
    app->store = store_create(&app->loop, &config);
    if (long_start_end(&start) && app->store == NULL)
        app->status = 0;
    return app->store == NULL ? -1 : 0;
}

static int create_chat(struct app *app)
{
    const struct conf *conf = app->conf;
    if (create_store(app) != 0 || photos_begin(&app->photos, &app->loop, conf) != 0)
        return -1;
    app->chat_config = (struct chat_config){.limits = conf->limits,
                                            .name = conf->name,
                                            .version = CHATD_VERSION,
                                            .create_rooms = conf->create_rooms,
                                            .photo_quota = conf->photo_quota,
                                            .reserved_nicks = conf->reserved_nicks,
                                            .archive_ops = &store_archive_ops,
                                            .archive = store_archive(app->store)};
    if (create_journal(app) != 0 || (app->chat = chat_create(&app->chat_config)) == NULL)
        return -1;
    photos_attach(&app->photos, app->chat);
    rooms_init(&app->rooms, app->chat, conf, on_rooms_answered, app);
    tell_time(app);
    return 0;
}

static int create_network(struct app *app, size_t connections)
{
    unsigned most = app->conf->limits.connections_per_address;
    app->host = vhost_host_create(&app->loop, on_library_line);
    app->listeners = listeners_create(&app->loop, app->host, most, connections);
    app->page = page_source_create(&app->loop, app->host, app->conf->www);
    if (app->host == NULL)
        log_error("libwebsockets cannot use libuv: is libwebsockets-evlib-uv installed?");
    return app->listeners == NULL || app->host == NULL || app->page == NULL ? -1 : 0;
}

/* Sockets first, because their ends reach the chat; then the store, because its answers do. */
static void destroy_parts(struct app *app)
{
    if (app->listeners != NULL)
        listeners_stop(app->listeners);
    control_destroy(&app->control);
    page_source_destroy(&app->page);
    if (app->host != NULL)
        vhost_host_finish(app->host);
    photos_stop(&app->photos);
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
    photos_end(&app->photos);
    if (uv_loop_close(&app->loop) != 0)
        log_warn("event loop did not close");
}

int app_run(const struct conf *conf)
{
    struct app app = {.conf = conf, .writable = true, .status = 1};
    uv_loop_init(&app.loop);
    begin_handles(&app);
    if (create_chat(&app) == 0 && create_network(&app, descriptors_raise()) == 0 &&
        store_load(app.store, app.chat) == OK) {
        clock_compare(chat_newest_ms(app.chat));
        app.journal_ops->attach(app.journal, app.chat);
        uv_run(&app.loop, UV_RUN_DEFAULT);
    }
    destroy_parts(&app);
    return app.status;
}
