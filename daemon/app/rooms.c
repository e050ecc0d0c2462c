/* rooms.c - see rooms.h. */
#include "rooms.h"

#include "chat/chat.h"
#include "config/conf.h"
#include "log.h"

void rooms_init(struct rooms *r, struct chat *chat, const struct conf *conf,
                void (*answered)(void *arg), void *arg)
{
    *r = (struct rooms){.chat = chat, .conf = conf, .answered = answered, .arg = arg};
}

static void on_answer(void *arg, enum err err, uint64_t seq, int64_t at_ms)
{
    struct rooms *r = arg;
    (void)seq, (void)at_ms;
    r->refused |= err == ERR_UNAVAILABLE;
    if (err != OK && err != ERR_ROOM_EXISTS && err != ERR_UNAVAILABLE)
        log_error("room of the configuration not created: %s", err_code(err));
    if (--r->waiting > 0)
        return;
    for (size_t i = 0; i < r->conf->room_count; i++)
        chat_keep_room(r->chat, r->conf->rooms[i].name);
    r->answered(r->arg);
}

/* The configuration may do what users may not. */
static void warn_of_title(const struct rooms *r, const struct room_seed *seed)
{
    const char *other = chat_room_titled(r->chat, seed);
    if (other != NULL)
        log_warn("room=%s of the configuration has a title that looks like that of room=%s",
                 seed->name, other);
}

void rooms_submit(struct rooms *r)
{
    r->refused = false;
    r->waiting = 1; /* holds `answered` back until all are submitted */
    for (size_t i = 0; i < r->conf->room_count; i++) {
        const struct conf_room *c = &r->conf->rooms[i];
        struct room_seed seed = {
            .name = c->name, .title = c->title, .topic = c->topic, .post = c->post};
        if (chat_has_room(r->chat, &seed))
            continue;
        warn_of_title(r, &seed);
        r->waiting++;
        enum err err = chat_submit_room(r->chat, &seed, NULL, on_answer, r);
        if (err != OK)
            on_answer(r, err, 0, 0);
    }
    on_answer(r, OK, 0, 0);
}

void rooms_retry(struct rooms *r)
{
    if (r->refused && r->waiting == 0)
        rooms_submit(r);
}
