/* naming.c - see naming.h. */
#include "naming.h"

#include "request.h"

#include "chat/base/at_name.h"
#include "chat/base/mention.h"
#include "chat/model/ask.h"
#include "chat/model/room.h"
#include "chat/model/standings.h"

#include <string.h>

/* A text of many "@" is not worth more work than this: what comes behind is plain text. */
#define ENDS_A_NAME 8 /* that are tried, on average */
#define ROOM_WORD   "room"

static const char *text_of(const struct request *q)
{
    const char *text = field_string(q->args, "text");
    return text == NULL ? "" : text;
}

static struct at_names names_of(const char *text)
{
    return (struct at_names){.text = text, .n = (int32_t)strlen(text)};
}

bool naming_possible(const struct chat *chat, const json_t *args)
{
    const char *text = field_string(args, "text");
    return text != NULL && strchr(text, '@') != NULL && chat->config->limits.mentions > 0;
}

/* --- the question --------------------------------------------------------------------------- */

/* "" for what cannot be a nick: nobody has it. */
static void add_skeleton(struct bytes *to, const struct chat *chat, const char *text,
                         const struct at_name *name)
{
    char raw[4 * NICK_BYTES_MAX + 1];
    size_t n = (size_t)(name->end - name->begin);
    struct nick nick = {0};
    if (n < sizeof raw) {
        memcpy(raw, text + name->begin, n);
        raw[n] = '\0';
        if (nick_parse(chat->nicks, raw, &nick) != OK)
            nick.skeleton[0] = '\0';
    }
    bytes_add(to, nick.skeleton, strlen(nick.skeleton) + 1);
}

struct ask *naming_ask(struct request *q, void (*done)(struct ask *ask))
{
    struct ask_names *ask = ask_create(sizeof *ask, ASK_NAMES, NULL, done, q);
    const char *text = text_of(q);
    struct at_names names = names_of(text);
    struct at_name name;
    size_t left = ENDS_A_NAME * q->chat->config->limits.mentions;
    if (ask == NULL)
        return NULL;
    while (left-- > 0 && at_name_next(&names, &name))
        add_skeleton(&ask->ask.text, q->chat, text, &name);
    if (ask->ask.text.failed)
        ask_destroy((struct ask **)&ask);
    return (struct ask *)ask;
}

/* --- the answer ----------------------------------------------------------------------------- */

struct found {
    const struct archive_name *rows;
    size_t n, limit;
    bool may_name_room;
    /* what the text mentions */
    struct mention named[MENTIONS_MAX];
    size_t count;
    bool room;
};

/* What the longest name of one "@" means. */
struct meant {
    const struct archive_name *who;
    bool room;
    int32_t after; /* where the text goes on; 0: nothing is meant */
};

static const struct archive_name *find_row(const struct found *f, size_t place)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->rows[i].place == place)
            return &f->rows[i];
    return NULL;
}

static bool is_room(const struct found *f, const char *text, const struct at_name *name)
{
    size_t n = strlen(ROOM_WORD);
    return f->may_name_room && (size_t)(name->end - name->begin) == n &&
           strncmp(text + name->begin, ROOM_WORD, n) == 0;
}

static void add(struct found *f, const struct archive_name *who)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->named[i].identity == who->identity)
            return;
    if (f->count < f->limit)
        f->named[f->count++] = (struct mention){who->identity, who->nick};
}

static void take(struct found *f, const struct meant *m)
{
    if (m->who != NULL)
        add(f, m->who);
    f->room |= m->room;
}

/* Goes through the names in the order of naming_ask(). An "@" inside a name that is meant says
 * nothing. */
static void find_meant(struct found *f, const char *text)
{
    struct at_names names = names_of(text);
    struct at_name name;
    struct meant m = {0};
    int32_t begin = 0, after = 0;
    for (size_t place = 0; place < ENDS_A_NAME * f->limit && at_name_next(&names, &name); place++) {
        if (name.begin != begin) {
            take(f, &m);
            after = m.after > after ? m.after : after;
            begin = name.begin;
            m = (struct meant){0};
        }
        const struct archive_name *who = find_row(f, place);
        bool room = who == NULL && is_room(f, text, &name);
        if (name.begin > after && (who != NULL || room))
            m = (struct meant){who, room, name.after};
    }
    take(f, &m);
}

void naming_write(struct bytes *body, const struct session *s, const struct request *q,
                  const struct ask *ask)
{
    const struct room *r = room_find(q->chat, q->room);
    struct found f = {.rows = (const void *)ask->rows.at,
                      .n = ask->rows.size / sizeof *f.rows,
                      .limit = q->chat->config->limits.mentions,
                      .may_name_room =
                          standings_role(q->chat, s->identity->id, r) >= ROLE_MODERATOR};
    find_meant(&f, text_of(q));
    mention_write(body, f.named, f.count, f.room);
}
