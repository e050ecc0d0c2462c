/* test_stress.c - six clients do at random what people and networks do, while journal and archive
 * answer in random order. Every member must see the whole log, each event once. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 6
#define STEPS  1500
#define SEEDS  12

struct play {
    struct world *world;
    struct client *clients[PEOPLE];
    json_int_t at[PEOPLE]; /* the newest seq that the client has seen */
    bool in[PEOPLE];
    int ids;
    char big[3900];
};

static int dice(int sides) { return rand() % sides; }

static void come(struct play *p, int i)
{
    p->clients[i] = client_create(p->world);
    p->in[i] = false;
    client_send(p->clients[i], "{'type':'hello','id':'hello','nick':'u%d-%d'}", i, dice(3));
}

static void see_joined(struct play *p, int i, json_t *frame)
{
    p->in[i] = true;
    p->at[i] =
        is_true(frame, "recovered") ? atoll(text_of(frame, "id") + 1) : number_of(frame, "last");
}

static void look(struct play *p, int i)
{
    struct client *c = p->clients[i];
    while (client_has_more(c)) {
        json_t *frame = client_next(c);
        const char *type = text_of(frame, "type");
        if (strcmp(type, "joined") == 0) {
            see_joined(p, i, frame);
        } else if (json_object_get(frame, "seq") != NULL && json_object_get(frame, "key") != NULL) {
            assert_true(p->in[i]);
            assert_int_equal(number_of(frame, "seq"), p->at[i] + 1);
            p->at[i]++;
        } else if (strcmp(type, "ok") == 0 && strcmp(text_of(frame, "id"), "leave") == 0) {
            p->in[i] = false;
        }
        json_decref(frame);
    }
    c->count = c->seen = 0;
}

static void join(struct play *p, int i)
{
    long long after = dice(2) ? p->at[i] : p->at[i] / 2;
    if (dice(3) == 0)
        client_send(p->clients[i], "{'type':'join','id':'j','room':'lobby','limit':%d}", dice(4));
    else
        client_send(p->clients[i],
                    "{'type':'join','id':'j%lld','room':'lobby','log':'log-1','after':%lld}", after,
                    after);
}

static void speak(struct play *p, int i)
{
    struct client *c = p->clients[i];
    int id = p->ids++;
    switch (dice(12)) {
    case 0:
        client_send(c, "{'type':'edit','id':'m%d','room':'lobby','of':%d,'text':'y'}", id,
                    1 + dice(50));
        break;
    case 1:
        client_send(c, "{'type':'delete','id':'m%d','room':'lobby','of':%d}", id, 1 + dice(50));
        break;
    case 2: client_send(c, "{'type':'history','id':'h','room':'lobby','limit':3}"); break;
    default:
        client_send(c, "{'type':'say','id':'m%d','room':'lobby','text':'%s'}", id,
                    dice(2) ? p->big : "x");
    }
}

static void pass_quietly(struct play *p)
{
    p->world->now_ms += 20000;
    chat_clock(p->world->chat, p->world->now_ms, (int64_t)p->world->now_ms,
               (int64_t)p->world->now_ms);
    for (int i = 0; i < PEOPLE; i++)
        session_heard(p->clients[i]->session);
    chat_tick(p->world->chat);
}

static void step(struct play *p)
{
    int i = dice(PEOPLE), what = dice(100);
    struct client *c = p->clients[i];
    if (what < 33)
        speak(p, i);
    else if (what < 47)
        join(p, i);
    else if (what < 50)
        client_send(c, "{'type':'leave','id':'leave','room':'lobby'}");
    else if (what < 58)
        c->takes = (size_t)(dice(3) ? dice(200000) : 0);
    else if (what < 70) {
        c->takes = (size_t)-1;
        session_writable(c->session);
    } else if (what < 72 || c->close_code != 0) {
        client_destroy(&p->clients[i]);
        come(p, i);
    } else if (what < 74)
        pass_quietly(p);
    else if (what < 83)
        world_answer_journal(p->world);
    else if (what < 92)
        world_answer_archive(p->world);
    else
        chat_flush(p->world->chat);
}

static void settle_all(struct play *p)
{
    for (int i = 0; i < PEOPLE; i++) {
        p->clients[i]->takes = (size_t)-1;
        session_writable(p->clients[i]->session);
    }
    for (int turn = 0; turn < 200; turn++) {
        world_settle(p->world);
        for (int i = 0; i < PEOPLE; i++)
            look(p, i);
    }
}

/* All members have seen the same newest event. */
static void expect_all_at_the_head(const struct play *p)
{
    json_int_t head = 0;
    for (int i = 0; i < PEOPLE; i++)
        if (p->in[i] && p->clients[i]->close_code == 0 && p->at[i] > head)
            head = p->at[i];
    for (int i = 0; i < PEOPLE; i++)
        if (p->in[i] && p->clients[i]->close_code == 0)
            assert_int_equal(p->at[i], head);
}

static void expect_nothing_left(struct play *p)
{
    for (int i = 0; i < PEOPLE; i++)
        client_destroy(&p->clients[i]);
    world_pass(p->world, 20000);
    struct chat_stats left = chat_stats(p->world->chat);
    assert_int_equal(left.sessions + left.members + left.identities, 0);
}

static void play(unsigned seed)
{
    struct play p = {.world = world_create()};
    memset(p.big, 'b', sizeof p.big - 1);
    srand(seed);
    print_message("seed %u\n", seed);
    for (int i = 0; i < PEOPLE; i++)
        come(&p, i);
    for (int n = 0; n < STEPS && p.world->event_count < WORLD_EVENTS_MAX - 300; n++) {
        step(&p);
        for (int i = 0; i < PEOPLE; i++)
            look(&p, i);
    }
    settle_all(&p);
    expect_all_at_the_head(&p);
    expect_nothing_left(&p);
    world_destroy(&p.world);
}

static void every_member_sees_every_event_whatever_happens(void **state)
{
    const char *only = getenv("SEED");
    (void)state;
    if (only != NULL)
        play((unsigned)atoi(only));
    for (unsigned seed = 1; only == NULL && seed <= SEEDS; seed++)
        play(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_sees_every_event_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
