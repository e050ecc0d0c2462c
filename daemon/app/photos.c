/* photos.c - see photos.h. */
#include "photos.h"

#include "log.h"

#include "chat/base/bytes.h"
#include "chat/chat.h"
#include "chat/command/photo.h"
#include "chat/model/ask.h"
#include "chat/model/config.h"
#include "config/conf.h"
#include "store/photo.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define EXPIRE_MS   30000
#define HOUR_MS     (PHOTO_WAITS_S * (int64_t)1000)
#define DAY_MS      (24 * 3600 * (int64_t)1000)
#define FRAMES_MAX  200
#define SWEEP_FILES 500   /* in a tick */
#define ASK_MS      10000 /* between two questions about files that are not there */

/* The helper is beside this program, or where it is installed. */
static void find_helper(char *to, size_t size)
{
    static const char *const places[] = {"chatd-thumb", "../lib/chatd/chatd-thumb"};
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n < 0 ? 0 : n] = '\0';
    char *slash = strrchr(self, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - self);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(to, size, "%.*s/%s", (int)folder, self, places[i]);
        if (access(to, X_OK) == 0)
            return;
    }
}

/* --- files that are lost -------------------------------------------------------------------- */

static void on_known(struct ask *ask)
{
    const struct photos *p = ask->arg;
    if (ask->err == OK)
        log_error("photos: %.6s… is in the log, but its file is lost: put it back into %s/photos "
                  "from the backup",
                  ((struct ask_photo *)ask)->photo.name, p->config.state);
}

/* In place of other nodes, if there are none: it has no photo, but tells of one that is lost. */
static bool look_up(void *photos, const char *name, shelf_done *done, void *arg)
{
    struct photos *p = photos;
    uint64_t now_ms = uv_now(p->loop);
    (void)done, (void)arg;
    if (p->asked_ms != 0 && now_ms - p->asked_ms < ASK_MS)
        return false;
    struct ask_photo *ask = ask_create(sizeof *ask, ASK_PHOTO, NULL, on_known, p);
    if (ask == NULL)
        return false;
    p->asked_ms = now_ms;
    snprintf(ask->photo.name, sizeof ask->photo.name, "%s", name);
    ask->ask.turn = p->chat->now_ms * 1000;
    ask_take(p->chat->config, &ask->ask);
    return false;
}

/* --- life ----------------------------------------------------------------------------------- */

int photos_begin(struct photos *p, struct uv_loop_s *loop, const struct conf *conf)
{
    find_helper(p->helper, sizeof p->helper);
    p->loop = loop;
    p->config = (struct shelf_config){.state = conf->state,
                                      .helper = p->helper,
                                      .limits = {conf->limits.photo_pixels, FRAMES_MAX},
                                      .free_bytes = conf->photo_free_bytes,
                                      .fetch = look_up,
                                      .fetch_arg = p};
    p->shelf = shelf_create(loop, &p->config);
    return p->shelf == NULL ? -1 : 0;
}

int photos_share(struct photos *p, struct journal *j, struct chat_config *chat)
{
    p->pull_config = (struct pull_config){p->loop, p->shelf, j};
    p->pull = pull_create(&p->pull_config);
    p->config.fetch = pull_fetch;
    p->config.fetch_arg = p->pull;
    chat->pull_ops = &pull_ops;
    chat->pull = p->pull;
    return p->pull == NULL ? -1 : 0;
}

void photos_attach(struct photos *p, struct chat *chat)
{
    p->chat = chat;
    if (p->pull != NULL)
        pull_attach(p->pull, chat);
}

void photos_stop(struct photos *p)
{
    pull_stop(p->pull);
    shelf_stop(p->shelf);
}

void photos_end(struct photos *p)
{
    pull_destroy(&p->pull);
    shelf_destroy(&p->shelf);
}

void photos_metrics(const struct photos *p, struct bytes *to)
{
    if (p->pull != NULL)
        pull_metrics(p->pull, to);
}

bool photos_gone(void *photos, const char *name)
{
    struct photos *p = photos;
    return shelf_remove(p->shelf, name);
}

/* A crash, or a log that was put back, may leave files that the store does not know. */
static void sweep(struct photos *p, struct store *store)
{
    struct bytes names = {0};
    p->swept = !shelf_list(p->shelf, &names, SWEEP_FILES);
    store_photos_sweep(store, &names);
    bytes_finish(&names);
}

void photos_tick(struct photos *p, struct store *store, uint64_t now_ms, int64_t wall_ms)
{
    if (p->pull != NULL)
        pull_tick(p->pull);
    if (store != NULL && !p->swept)
        sweep(p, store);
    if (store == NULL || now_ms - p->expired_ms < EXPIRE_MS)
        return;
    p->expired_ms = now_ms;
    store_photos_expire(store, wall_ms - HOUR_MS, wall_ms - DAY_MS);
}
