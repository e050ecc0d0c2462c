/* test_conf.c - the configuration file, and the pages that may connect (conf.h, origin.h). */
#include "world.h"

#include "conf_text.h"
#include "config/conf.h"
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void an_empty_file_means_all_defaults(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(conf_text_load(&conf, "", &faults), 0);
    assert_int_equal(conf.limits.message_bytes, 16384);
    assert_int_equal(conf.limits.idle_seconds, 60);
    assert_int_equal(conf.listen[0].port, 8080);
    assert_string_equal(conf.listen[0].address, "127.0.0.1");
    assert_string_equal(conf.rooms[0].name, "lobby");
    assert_false(conf.sync_full);
    conf_destroy(&conf);
    free(faults);
}

static void all_faults_are_reported_in_one_run_with_their_lines(void **state)
{
    (void)state;
    static const char text[] = "state = 5;\n"
                               "colour = \"red\";\n"
                               "sync = \"sometimes\";\n"
                               "limits = { text_bytes = -1; rooms = \"many\"; bogus = 1; };\n"
                               "rooms = ( { name = \"Bad Name\"; } );\n"
                               "listen = ( { port = 99999; } );\n";
    static const char *const expected[] = {
        ":1: state: ", ":2: colour: ", ":3: sync: ", ":4: text_bytes: ",
        ":4: rooms: ", ":4: bogus: ",  ":5: name: ", ":6: port: "};
    struct conf conf;
    char *faults;
    assert_int_equal(conf_text_load(&conf, text, &faults), 8);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strstr(faults, expected[i]) == NULL)
            fail_msg("%s is missing in:\n%s", expected[i], faults);
    conf_destroy(&conf);
    free(faults);
}

static void a_syntax_error_names_its_line(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(conf_text_load(&conf, "state = \"x\";\nlimits = {", &faults), 1);
    assert_non_null(strstr(faults, ":2: "));
    conf_destroy(&conf);
    free(faults);
}

static void each_value_arrives_in_its_field(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(
        conf_text_load(&conf,
                       "name = \"Harbour\"; sync = \"full\"; create_rooms = \"nobody\";"
                       "origins = ( \"https://a.example\" ); log = { level = \"debug\"; };"
                       "listen = ( { unix = \"/tmp/x\"; }, { address = \"::1\"; port = 0; } );"
                       "rooms = ( { name = \"news\"; post = \"moderator\"; } );"
                       "limits = { commands_per_second = 0; };",
                       &faults),
        0);
    assert_string_equal(conf.name, "Harbour");
    assert_true(conf.sync_full);
    assert_int_equal(conf.create_rooms, ROLE_NOBODY);
    assert_string_equal(conf.origins[0], "https://a.example");
    assert_null(conf.origins[1]);
    assert_int_equal(conf.log_level, LOG_LEVEL_DEBUG);
    assert_string_equal(conf.listen[0].unix_path, "/tmp/x");
    assert_int_equal(conf.listen[0].mode, 0666);
    assert_string_equal(conf.listen[1].address, "::1");
    assert_int_equal(conf.rooms[0].post, ROLE_MODERATOR);
    assert_string_equal(conf.rooms[0].title, "news");
    assert_int_equal(conf.limits.commands_per_second, 0);
    conf_destroy(&conf);
    free(faults);
}

static void assert_same_lists(const struct conf *a, const struct conf *b)
{
    assert_int_equal(a->listen_count, b->listen_count);
    for (size_t i = 0; i < a->listen_count; i++) {
        assert_string_equal(a->listen[i].address, b->listen[i].address);
        assert_int_equal(a->listen[i].port, b->listen[i].port);
    }
    assert_int_equal(a->room_count, b->room_count);
    for (size_t i = 0; i < a->room_count; i++) {
        assert_string_equal(a->rooms[i].name, b->rooms[i].name);
        assert_string_equal(a->rooms[i].title, b->rooms[i].title);
        assert_string_equal(a->rooms[i].topic, b->rooms[i].topic);
        assert_int_equal(a->rooms[i].post, b->rooms[i].post);
    }
    size_t i = 0;
    for (; a->reserved_nicks[i] != NULL && b->reserved_nicks[i] != NULL; i++)
        assert_string_equal(a->reserved_nicks[i], b->reserved_nicks[i]);
    assert_ptr_equal(a->reserved_nicks[i], b->reserved_nicks[i]);
}

static void the_shipped_sample_shows_every_default(void **state)
{
    (void)state;
    struct conf sample, defaults;
    assert_int_equal(conf_load(&sample, CHATD_SAMPLE, stderr), 0);
    assert_int_equal(conf_load(&defaults, NULL, stderr), 0);
    assert_memory_equal(&sample.limits, &defaults.limits, sizeof sample.limits);
    assert_string_equal(sample.name, defaults.name);
    assert_string_equal(sample.state, defaults.state);
    assert_string_equal(sample.www, defaults.www);
    assert_int_equal(sample.sync_full, defaults.sync_full);
    assert_int_equal(sample.create_rooms, defaults.create_rooms);
    assert_int_equal(sample.log_level, defaults.log_level);
    assert_same_lists(&sample, &defaults);
    conf_destroy(&sample);
    conf_destroy(&defaults);
}

/* --- limits --------------------------------------------------------------------------------- */

static char *read_sample(void)
{
    char *text = calloc(1, 65536);
    FILE *sample = fopen(CHATD_SAMPLE, "r");
    assert_true(fread(text, 1, 65535, sample) < 65535);
    fclose(sample);
    return text;
}

static void the_shipped_sample_names_every_limit_with_its_default(void **state)
{
    (void)state;
    char *text = read_sample(), line[128];
    const char *block = strstr(text, "\nlimits = {");
    assert_non_null(block);
    for (const struct limit *l = limit_table; l->name != NULL; l++) {
        snprintf(line, sizeof line, "\n  %s = %u;", l->name, l->otherwise);
        if (strstr(block, line) == NULL)
            fail_msg("the sample lacks %s", line + 1);
    }
    free(text);
}

/* Whether the parser takes this value of a limit, and where it puts it. */
static bool takes(const struct limit *l, long long value)
{
    struct conf conf;
    char text[128], *faults;
    snprintf(text, sizeof text, "limits = { %s = %lld; };", l->name, value);
    conf_text_load(&conf, text, &faults);
    snprintf(text, sizeof text, "%s: must be a whole number from %u to %u", l->name, l->least,
             l->most);
    bool refused = strstr(faults, text) != NULL;
    assert_int_equal(limit_value(&conf.limits, l), refused ? l->otherwise : value);
    conf_destroy(&conf);
    free(faults);
    return !refused;
}

static void every_limit_has_its_default_and_its_bounds(void **state)
{
    (void)state;
    struct conf conf;
    assert_int_equal(conf_load(&conf, NULL, stderr), 0);
    for (const struct limit *l = limit_table; l->name != NULL; l++) {
        assert_int_equal(limit_value(&conf.limits, l), l->otherwise);
        assert_in_range(l->otherwise, l->least, l->most);
        if (!takes(l, l->least) || !takes(l, l->most))
            fail_msg("%s refuses one of its bounds", l->name);
        if (takes(l, (long long)l->least - 1) || takes(l, (long long)l->most + 1))
            fail_msg("%s takes a value out of its bounds", l->name);
    }
    conf_destroy(&conf);
}

/* --- several nodes -------------------------------------------------------------------------- */

static void without_a_redis_block_one_node_is_named_after_its_host(void **state)
{
    (void)state;
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    struct conf conf;
    char *faults;
    assert_int_equal(conf_text_load(&conf, "", &faults), 0);
    assert_null(conf.redis);
    assert_in_range(strlen(conf.node), 1, 64);
    assert_int_equal(strspn(conf.node, good), strlen(conf.node));
    conf_destroy(&conf);
    free(faults);
}

static void an_empty_redis_block_means_the_usual_address(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(conf_text_load(&conf, "redis = {};", &faults), 0);
    assert_non_null(conf.redis);
    assert_string_equal(conf.redis->host, "127.0.0.1");
    assert_int_equal(conf.redis->port, 6379);
    assert_null(conf.redis->unix_path);
    assert_null(conf.redis->user);
    assert_null(conf.redis->password_file);
    assert_string_equal(conf.redis->prefix, "chat:");
    assert_int_equal(conf.redis->database, 0);
    assert_int_equal(conf.redis->stream_events, 100000);
    assert_int_equal(conf.redis->outbox, 10000);
    assert_int_equal(conf.redis->key_seconds, 600);
    conf_destroy(&conf);
    free(faults);
}

static void each_redis_value_arrives_in_its_field(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(
        conf_text_load(&conf,
                       "node = \"Node_a-1.example\";"
                       "redis = { unix = \"/run/r.sock\"; user = \"me\"; prefix = \"b/\";"
                       "password_file = \"/dev/null\"; database = 3; stream_events = 50;"
                       "outbox = 7; key_seconds = 60; };",
                       &faults),
        0);
    assert_string_equal(conf.node, "Node_a-1.example");
    assert_null(conf.redis->host);
    assert_string_equal(conf.redis->unix_path, "/run/r.sock");
    assert_string_equal(conf.redis->user, "me");
    assert_string_equal(conf.redis->password_file, "/dev/null");
    assert_string_equal(conf.redis->prefix, "b/");
    assert_int_equal(conf.redis->database, 3);
    assert_int_equal(conf.redis->stream_events, 50);
    assert_int_equal(conf.redis->outbox, 7);
    assert_int_equal(conf.redis->key_seconds, 60);
    conf_destroy(&conf);
    free(faults);
}

#define A16 "aaaaaaaaaaaaaaaa"
#define A64 A16 A16 A16 A16

static void each_fault_of_redis_and_node_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"\nredis = 5;", ":2: redis: must be a group"},
        {"redis = ( { port = 1; } );", ":1: redis: must be a group"},
        {"redis = {\n hots = \"x\"; };", ":2: hots: there is no such key"},
        {"redis = { host = \"x\";\n unix = \"/y\"; };", ":1: host: "},
        {"redis = { unix = \"/y\";\n port = 6379; };", ":2: port: "},
        {"redis = { host = \"\"; };", ":1: host: "},
        {"redis = { host = \"r.example:6379\"; };",
         ":1: host: \"r.example:6379\": give the port as `port`"},
        {"redis = { host = \"127.0.0.1:6379\"; };", ":1: host: \"127.0.0.1:6379\": give the port"},
        {"redis = { host = \"r.example:\"; };", ":1: host: "},
        {"redis = { host = \"redis://r.example\"; };",
         ":1: host: \"redis://r.example\": give only the name"},
        {"redis = { host = \"[::1]\"; };", ":1: host: \"[::1]\": give the address without"},
        {"redis = { host = \"[::1]:6379\"; };", ":1: host: "},
        {"redis = { host = \"/run/r.sock\"; };", ":1: host: \"/run/r.sock\" is a path"},
        {"redis = { host = \"me@r.example\"; };", ":1: host: \"me@r.example\" is neither"},
        {"redis = { host = \"r.example/0\"; };", ":1: host: "},
        {"redis = { host = \"a b\"; };", ":1: host: "},
        {"redis = { host = \"b\xc3\xbc.example\"; };", ":1: host: "},
        {"redis = { host = \"10.0.0.256\"; };", ":1: host: \"10.0.0.256\" is no address"},
        {"redis = { host = \"::1::\"; };", ":1: host: "},
        {"redis = { unix = \"r.sock\"; };", ":1: unix: \"r.sock\" must be a whole path"},
        {"redis = { unix = \"unix:/r.sock\"; };", ":1: unix: "},
        {"redis = { unix = \"/" A64 A64 "\"; };", ":1: unix: has 129 bytes, at most 107"},
        {"redis = {\n user = \"me\"; };", ":2: user: needs a `password_file`"},
        {"redis = { user = \"a b\"; password_file = \"/dev/null\"; };", ":1: user: "},
        {"redis = { port = 0; };", ":1: port: "},
        {"redis = { port = 65536; };", ":1: port: "},
        {"redis = { database = 16; };", ":1: database: "},
        {"redis = { database = -1; };", ":1: database: "},
        {"redis = { stream_events = 9; };", ":1: stream_events: "},
        {"redis = { outbox = 0; };", ":1: outbox: "},
        {"redis = { key_seconds = 0; };", ":1: key_seconds: "},
        {"redis = { prefix = \"\"; };", ":1: prefix: "},
        {"redis = { prefix = \"a b\"; };", ":1: prefix: "},
        {"redis = { prefix = \"a{b\"; };", ":1: prefix: "},
        {"redis = { prefix = \"a}b\"; };", ":1: prefix: "},
        {"redis = { prefix = \"a\\n\"; };", ":1: prefix: "},
        {"redis = { prefix = \"a" A64 "\"; };", ":1: prefix: "},
        {"redis = { password_file = \"/nowhere/at/all\"; };",
         ":1: password_file: /nowhere/at/all: No such file"},
        {"redis = { password_file = \"/tmp\"; };", ":1: password_file: /tmp: Is a directory"},
        {"redis = {\n tls = { cert = \"x\"; }; };", ":2: tls: hiredis 0.14 of Debian 12 has none"},
        {"redis = { tls = true; };", ":1: tls: "},
        {"node = \"\";", ":1: node: "},
        {"node = 5;", ":1: node: "},
        {"node = \"a b\";", ":1: node: "},
        {"\nnode = \"a/b\";", ":2: node: "},
        {"node = \"a" A64 "\";", ":1: node: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_one_fault(cases[i].text, cases[i].fault);
}

static void values_at_the_bounds_are_no_faults(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "redis = { user = \"me\"; password_file = \"/dev/null\"; };",
        "redis = { prefix = \"" A64 "\"; };",
        "node = \"" A64 "\";",
        "redis = { port = 65535; database = 15; };",
        "redis = { prefix = \"\xc3\xbc:\"; };",
        "redis = { host = \"redis.example\"; };",
        "redis = { host = \"redis_1\"; };",
        "redis = { host = \"10.0.0.1\"; };",
        "redis = { host = \"::1\"; };",
        "redis = { host = \"fe80::1%eth0\"; };",
        "redis = { unix = \"/r.sock\"; };"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_no_fault(texts[i]);
}

static void the_command_line_wins_over_the_file(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    FILE *nowhere = fopen("/dev/null", "w");
    assert_int_equal(conf_text_load(&conf, "state = \"/file\"; node = \"file\";", &faults), 0);
    assert_int_equal(conf_override(&conf, NULL, NULL, nowhere), 0);
    assert_string_equal(conf.state, "/file");
    assert_string_equal(conf.node, "file");
    assert_int_equal(conf_override(&conf, "/given", "given", nowhere), 0);
    assert_string_equal(conf.state, "/given");
    assert_string_equal(conf.node, "given");
    assert_int_equal(conf_override(&conf, "", "a/b", nowhere), 2);
    conf_destroy(&conf);
    free(faults);
    fclose(nowhere);
}

/* The block is a comment in the sample, because with it chatd would need a Redis. Without the "# "
 * it must mean the same as an empty block. */
static void the_shipped_sample_shows_every_default_of_redis(void **state)
{
    (void)state;
    char line[256], text[4096] = "", *faults;
    bool inside = false;
    FILE *sample = fopen(CHATD_SAMPLE, "r");
    while (fgets(line, sizeof line, sample) != NULL) {
        inside |= strncmp(line, "# redis = {", 11) == 0;
        if (inside)
            strncat(text, line + 2, sizeof text - strlen(text) - 1);
        inside &= strncmp(line, "# };", 4) != 0;
    }
    fclose(sample);
    struct conf shown, meant;
    assert_int_equal(conf_text_load(&shown, text, &faults), 0);
    free(faults);
    assert_int_equal(conf_text_load(&meant, "redis = {};", &faults), 0);
    assert_string_equal(shown.redis->host, meant.redis->host);
    assert_int_equal(shown.redis->port, meant.redis->port);
    assert_string_equal(shown.redis->prefix, meant.redis->prefix);
    assert_int_equal(shown.redis->database, meant.redis->database);
    assert_int_equal(shown.redis->stream_events, meant.redis->stream_events);
    assert_int_equal(shown.redis->outbox, meant.redis->outbox);
    assert_int_equal(shown.redis->key_seconds, meant.redis->key_seconds);
    for (const char *const *key =
             (const char *const[]){"host", "port", "unix", "prefix", "database", "stream_events",
                                   "outbox", "key_seconds", NULL};
         *key != NULL; key++)
        if (strstr(text, *key) == NULL)
            fail_msg("%s is not in the sample", *key);
    conf_destroy(&shown);
    conf_destroy(&meant);
    free(faults);
}

/* --- origins -------------------------------------------------------------------------------- */

static void only_pages_of_known_origins_may_connect(void **state)
{
    (void)state;
    static const char *const allowed[] = {"https://chat.example", NULL};
    static const char *const good[] = {"https://chat.example", "http://box:8080",
                                       "HTTPS://CHAT.EXAMPLE"};
    static const char *const bad[] = {"null",
                                      "https://box:8080",
                                      "https://evil.example",
                                      "https://chat.example.evil",
                                      "https://evil-chat.example",
                                      "https://chat.example:444",
                                      "http://chat.example",
                                      "http://box:8081",
                                      "http://box",
                                      "file://",
                                      "https://box:8080.evil",
                                      ""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(origin_allowed(good[i], "box:8080", ORIGIN_HTTP, allowed));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(origin_allowed(bad[i], "box:8080", ORIGIN_HTTP, allowed));
    /* a program sends no Origin */
    assert_true(origin_allowed(NULL, "box:8080", ORIGIN_HTTP, allowed));
}

static void a_page_of_the_same_host_has_the_scheme_of_the_listener(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    assert_true(origin_allowed("http://box:8080", "box:8080", ORIGIN_HTTP, none));
    assert_false(origin_allowed("https://box:8080", "box:8080", ORIGIN_HTTP, none));
    assert_false(origin_allowed("http://box:8080", "box:8080", ORIGIN_HTTPS, none));
    assert_true(origin_allowed("https://box:8080", "box:8080", ORIGIN_HTTPS, none));
    assert_true(origin_allowed("http://box:8080", "box:8080", ORIGIN_ANY, none));
    assert_true(origin_allowed("https://box:8080", "box:8080", ORIGIN_ANY, none));
}

static void a_default_port_may_be_there_or_not(void **state)
{
    (void)state;
    static const char *const none[] = {NULL}, *const some[] = {"https://chat.example", NULL};
    assert_true(origin_allowed("https://box", "box:443", ORIGIN_HTTPS, none));
    assert_true(origin_allowed("http://box", "box:80", ORIGIN_HTTP, none));
    assert_false(origin_allowed("http://box", "box:443", ORIGIN_ANY, none));
    assert_true(origin_allowed("https://chat.example:443", "x", ORIGIN_HTTP, some));
    assert_true(host_allowed("chat.example:443", some));
    assert_false(host_allowed("chat.example:80", some));
    assert_false(host_allowed(":443", some));
}

static void with_origins_only_their_hosts_are_served(void **state)
{
    (void)state;
    static const char *const none[] = {NULL}, *const some[] = {"https://chat.example", NULL};
    assert_true(host_allowed("anything", none));
    assert_true(host_allowed("chat.example", some));
    assert_true(host_allowed("localhost:8080", some));
    assert_true(host_allowed("[::1]:8080", some));
    assert_false(host_allowed("evil", some));
    assert_false(host_allowed("localhost.evil", some));
    assert_false(host_allowed(NULL, some));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_means_all_defaults),
        cmocka_unit_test(all_faults_are_reported_in_one_run_with_their_lines),
        cmocka_unit_test(a_syntax_error_names_its_line),
        cmocka_unit_test(each_value_arrives_in_its_field),
        cmocka_unit_test(the_shipped_sample_shows_every_default),
        cmocka_unit_test(the_shipped_sample_names_every_limit_with_its_default),
        cmocka_unit_test(every_limit_has_its_default_and_its_bounds),
        cmocka_unit_test(without_a_redis_block_one_node_is_named_after_its_host),
        cmocka_unit_test(an_empty_redis_block_means_the_usual_address),
        cmocka_unit_test(each_redis_value_arrives_in_its_field),
        cmocka_unit_test(each_fault_of_redis_and_node_is_reported),
        cmocka_unit_test(values_at_the_bounds_are_no_faults),
        cmocka_unit_test(the_command_line_wins_over_the_file),
        cmocka_unit_test(the_shipped_sample_shows_every_default_of_redis),
        cmocka_unit_test(only_pages_of_known_origins_may_connect),
        cmocka_unit_test(a_page_of_the_same_host_has_the_scheme_of_the_listener),
        cmocka_unit_test(a_default_port_may_be_there_or_not),
        cmocka_unit_test(with_origins_only_their_hosts_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
