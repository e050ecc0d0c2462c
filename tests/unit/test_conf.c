/* test_conf.c - the configuration file, and who may connect from where (conf.h, origin.h). */
#include "world.h"

#include "conf.h"
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads `text` as a file; the faults are a new string. */
static int load(struct conf *conf, const char *text, char **faults_out)
{
    char path[] = "/tmp/chatd-conf-XXXXXX";
    size_t size;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    FILE *faults = open_memstream(faults_out, &size);
    int n = conf_load(conf, path, faults);
    fclose(faults);
    unlink(path);
    return n;
}

static void an_empty_file_is_all_defaults(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(load(&conf, "", &faults), 0);
    assert_int_equal(conf.limits.message_bytes, 16384);
    assert_int_equal(conf.limits.idle_seconds, 60);
    assert_int_equal(conf.listen[0].port, 8080);
    assert_string_equal(conf.listen[0].address, "127.0.0.1");
    assert_string_equal(conf.rooms[0].name, "lobby");
    assert_false(conf.sync_full);
    conf_destroy(&conf);
    free(faults);
}

static void all_faults_are_told_at_once_with_their_lines(void **state)
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
    assert_int_equal(load(&conf, text, &faults), 8);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (strstr(faults, expected[i]) == NULL)
            fail_msg("%s is missing in:\n%s", expected[i], faults);
    conf_destroy(&conf);
    free(faults);
}

static void what_is_meant_for_later_is_known_and_redis_is_refused(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(
        load(&conf, "node = \"a\"; control = \"/tmp/c\"; limits = { photo_bytes = 1; };", &faults),
        0);
    conf_destroy(&conf);
    free(faults);
    assert_int_equal(load(&conf, "\nredis = { host = \"127.0.0.1\"; };", &faults), 1);
    assert_non_null(strstr(faults, ":2: redis: "));
    conf_destroy(&conf);
    free(faults);
}

static void a_syntax_error_has_a_line(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(load(&conf, "state = \"x\";\nlimits = {", &faults), 1);
    assert_non_null(strstr(faults, ":2: "));
    conf_destroy(&conf);
    free(faults);
}

static void values_arrive_where_they_belong(void **state)
{
    (void)state;
    struct conf conf;
    char *faults;
    assert_int_equal(load(&conf,
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
    assert_string_equal(conf.listen[1].address, "::1");
    assert_int_equal(conf.rooms[0].post, ROLE_MODERATOR);
    assert_string_equal(conf.rooms[0].title, "news");
    assert_int_equal(conf.limits.commands_per_second, 0);
    conf_destroy(&conf);
    free(faults);
}

static void the_shipped_sample_shows_every_default(void **state)
{
    (void)state;
    struct conf sample, defaults;
    FILE *nowhere = fopen("/dev/null", "w");
    assert_int_equal(conf_load(&sample, CHATD_SAMPLE, stderr), 0);
    assert_int_equal(conf_load(&defaults, NULL, nowhere), 0);
    assert_memory_equal(&sample.limits, &defaults.limits, sizeof sample.limits);
    assert_string_equal(sample.state, defaults.state);
    assert_string_equal(sample.www, defaults.www);
    assert_int_equal(sample.connections_per_address, defaults.connections_per_address);
    conf_destroy(&sample);
    conf_destroy(&defaults);
    fclose(nowhere);
}

static void only_known_pages_may_connect(void **state)
{
    (void)state;
    static const char *const allowed[] = {"https://chat.example", NULL};
    static const char *const good[] = {"https://chat.example", "http://box:8080",
                                       "https://box:8080", "HTTPS://CHAT.EXAMPLE"};
    static const char *const bad[] = {"null",
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
        assert_true(origin_allowed(good[i], "box:8080", allowed));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(origin_allowed(bad[i], "box:8080", allowed));
    assert_true(origin_allowed(NULL, "box:8080", allowed)); /* a program */
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

static void a_header_names_whole_tokens(void **state)
{
    (void)state;
    assert_true(header_names("chat", "chat"));
    assert_true(header_names("x, Chat ,y", "chat"));
    assert_false(header_names("chatter, xchat", "chat"));
    assert_false(header_names("", "chat"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_all_defaults),
        cmocka_unit_test(all_faults_are_told_at_once_with_their_lines),
        cmocka_unit_test(what_is_meant_for_later_is_known_and_redis_is_refused),
        cmocka_unit_test(a_syntax_error_has_a_line),
        cmocka_unit_test(values_arrive_where_they_belong),
        cmocka_unit_test(the_shipped_sample_shows_every_default),
        cmocka_unit_test(only_known_pages_may_connect),
        cmocka_unit_test(with_origins_only_their_hosts_are_served),
        cmocka_unit_test(a_header_names_whole_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
