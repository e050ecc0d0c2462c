/* hub.c - see hub.h. */
#include "hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct letter {
    struct letter *next;
    size_t from, n;
    char *text;
};

static bool is_lost(struct hub *h, const char *text)
{
    char start[64];
    if (h->lose_percent > 0 && (unsigned)rand() % 100 < h->lose_percent)
        return true;
    if (h->lose == NULL || h->lose_n == 0)
        return false;
    snprintf(start, sizeof start, "{\"kind\":\"%s\"", h->lose);
    if (strncmp(text, start, strlen(start)) != 0)
        return false;
    h->lose_n--;
    return true;
}

static void tell(struct bus *b, const char *text, size_t n)
{
    struct hub *h = b->hub;
    h->sent++;
    if (h->sent_bytes < n)
        h->sent_bytes = n;
    if (h->cut[b->node] || is_lost(h, text))
        return;
    struct letter *letter = calloc(1, sizeof *letter);
    letter->from = b->node;
    letter->n = n;
    letter->text = malloc(n); /* exactly n, so that the sanitizer sees an overrun */
    memcpy(letter->text, text, n);
    *h->last = letter;
    h->last = &letter->next;
}

static const struct bus_ops ops = {tell};

static void create_node(struct hub *h, size_t node)
{
    static const char *const names[HUB_NODES] = {"a", "b", "c"};
    h->buses[node] = (struct bus){h, node};
    h->worlds[node] = world_create_node(names[node], &ops, &h->buses[node]);
}

struct hub *hub_create(void)
{
    struct hub *h = calloc(1, sizeof *h);
    h->last = &h->first;
    for (size_t i = 0; i < HUB_NODES; i++)
        create_node(h, i);
    for (size_t i = 0; i < HUB_NODES; i++)
        chat_bus_up(h->worlds[i]->chat);
    hub_pass(h, 1000);
    return h;
}

/* Delivers the oldest message to every node, also to its sender. */
static bool deliver(struct hub *h)
{
    struct letter *letter = h->first;
    if (letter == NULL)
        return false;
    h->first = letter->next;
    if (h->first == NULL)
        h->last = &h->first;
    for (size_t i = 0; i < HUB_NODES; i++)
        for (int times = h->twice ? 2 : 1; times > 0 && !h->cut[i]; times--)
            chat_heard(h->worlds[i]->chat, letter->text, letter->n);
    free(letter->text);
    free(letter);
    return true;
}

static void follow(struct hub *h)
{
    for (size_t i = 0; i < HUB_NODES; i++)
        for (size_t k = 0; k < HUB_NODES && !h->lags[i]; k++)
            world_follow(h->worlds[i], h->worlds[k]);
}

void hub_settle(struct hub *h)
{
    do {
        for (size_t i = 0; i < HUB_NODES; i++) {
            world_settle(h->worlds[i]);
            follow(h);
        }
    } while (deliver(h));
    for (size_t i = 0; i < HUB_NODES; i++)
        world_settle(h->worlds[i]);
}

void hub_pass(struct hub *h, uint64_t ms)
{
    for (uint64_t end = h->worlds[0]->now_ms + ms; h->worlds[0]->now_ms < end;) {
        for (size_t i = 0; i < HUB_NODES; i++)
            world_pass(h->worlds[i], 250);
        hub_settle(h);
    }
}

void hub_destroy(struct hub **hub)
{
    struct hub *h = *hub;
    hub_settle(h);
    for (size_t i = 0; i < HUB_NODES; i++)
        world_destroy(&h->worlds[i]);
    free(h);
    *hub = NULL;
}

int hub_begin(void **state)
{
    srand(1);
    *state = hub_create();
    return 0;
}

int hub_finish(void **state)
{
    struct hub *h = *state;
    hub_destroy(&h);
    return 0;
}

void hub_restart(struct hub *h, size_t node)
{
    uint64_t now_ms = h->worlds[node]->now_ms;
    world_destroy(&h->worlds[node]);
    create_node(h, node);
    struct world *w = h->worlds[node];
    w->now_ms = now_ms;
    chat_clock(w->chat, now_ms, (int64_t)now_ms, (int64_t)now_ms);
    follow(h);
    chat_bus_up(w->chat);
}

/* --- clients -------------------------------------------------------------------------------- */

struct client *hub_hello(struct hub *h, size_t node, const char *nick, char *token)
{
    struct client *c = client_create(h->worlds[node]);
    if (token != NULL && token[0] != '\0')
        client_send(c, "{'type':'hello','nick':'%s','token':'%s'}", nick, token);
    else
        client_send(c, "{'type':'hello','nick':'%s'}", nick);
    hub_settle(h);
    if (token != NULL && token[0] == '\0')
        snprintf(token, 64, "%s", text_of(c->frames[0], "token"));
    return c;
}

struct client *hub_enter(struct hub *h, size_t node, const char *nick, char *token)
{
    struct client *c = hub_hello(h, node, nick, token);
    client_next_of(c, "welcome");
    hub_send(h, c, "{'type':'join','room':'lobby'}");
    client_next_of(c, "joined");
    c->seen = c->count;
    return c;
}

void hub_say(struct hub *h, size_t node, const char *members)
{
    char *text;
    int n = asprintf(&text, "{'node':'stranger','boot':'%016u'%s%s}", h->strangers++,
                     members[0] == '\0' ? "" : ",", members);
    assert_true(n > 0);
    for (int i = 0; i < n; i++)
        if (text[i] == '\'')
            text[i] = '"';
    chat_heard(h->worlds[node]->chat, text, (size_t)n);
    free(text);
}

void hub_send(struct hub *h, struct client *c, const char *text)
{
    client_send(c, "%s", text);
    hub_settle(h);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *hub_here(struct hub *h, struct client *c)
{
    static char all[64 * 1024];
    char names[1000][64];
    const char *sorted[1000];
    size_t k, n = 0;
    json_t *person;
    hub_send(h, c, "{'type':'who','id':'who','room':'lobby'}");
    json_t *who = client_next_of(c, "who");
    json_array_foreach(json_object_get(who, "here"), k, person)
    {
        snprintf(names[n], sizeof names[n], "%s%s", text_of(person, "nick"),
                 is_true(person, "away") ? "~" : "");
        sorted[n] = names[n];
        n++;
    }
    assert_int_equal(number_of(who, "count"), n);
    qsort(sorted, n, sizeof *sorted, by_text);
    all[0] = '\0';
    for (k = 0; k < n; k++)
        strcat(strcat(all, k > 0 ? " " : ""), sorted[k]);
    return all;
}
