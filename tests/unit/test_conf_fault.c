/* test_conf_fault.c - what cannot work in the configuration, and the sentence that says so. */
#include "world.h"

#include "conf_text.h"
#include "config/conf.h"

#include <stdio.h>
#include <stdlib.h>

#define A16 "aaaaaaaaaaaaaaaa"
#define A80 A16 A16 A16 A16 A16
#define TLS "port = 1; tls = { cert = \"/c\"; key = \"/k\"; };"

/* Each text has one fault. */
static void what_cannot_work_is_a_fault_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        /* the file */
        {"\xef\xbb\xbfname = \"x\";", ":1: begins with a byte order mark"},
        /* text */
        {"name = \"caf\xe9\";", ":1: name: is not UTF-8"},
        {"name = \"caf\\xe9\";", ":1: name: is not UTF-8"},
        {"name = \"\";", ":1: name: must not be empty"},
        {"name = \"a" A80 "\";", ":1: name: has 81 bytes, at most 80"},
        {"name = \"a\\r\\nb\";", ":1: name: must be one line"},
        {"state = \"/a\\nb\";", ":1: state: must be one line"},
        {"www = \"/\xff\";", ":1: www: is not UTF-8"},
        {"control = \"/a" A80 A16 A16 "\";", ":1: control: has 114 bytes, at most 107"},
        {"redis = { user = \"\xff\"; };", ":1: user: is not UTF-8"},
        {"redis = { host = \"a\\tb\"; };", ":1: host: must be one line"},
        {"reserved_nicks = ( \"ok\",\n \"\" );", ":2: reserved_nicks: must not be empty"},
        {"reserved_nicks = ( \"\xff\" );", ":1: reserved_nicks: is not UTF-8"},
        {"reserved_nicks = ( \"\xe2\x80\x8b\" );", ":1: reserved_nicks: "},
        {"reserved_nicks = ( 5 );", ":1: reserved_nicks: must be a list of strings"},
        /* rooms */
        {"rooms = ( { name = \"a\"; title = \"\"; } );", ":1: title: must not be empty"},
        {"rooms = ( { name = \"a\"; title = \"a" A80 "\"; } );",
         ":1: title: has 81 bytes, at most 80"},
        {"rooms = ( { name = \"a\"; title = \"\xe9\"; } );", ":1: title: is not UTF-8"},
        {"rooms = ( { name = \"a\"; title = 5; } );", ":1: title: must be a string"},
        {"rooms = ( { name = \"a\"; title = \"a\\nb\"; } );", ":1: title: must be one line"},
        {"rooms = ( { name = \"a\"; topic = \"\xe9\"; } );", ":1: topic: is not UTF-8"},
        {"rooms = ( { name = \"a\";\n topic = \"" A80 A80 A80 A80 A80 "a\"; } );",
         ":2: topic: has 401 bytes, at most 400"},
        {"rooms = ( { title = \"a\"; } );", ":1: name: is missing"},
        {"rooms = ( { name = \"A\"; } );", ":1: name: a room's name has"},
        {"rooms = ( { name = 5; } );", ":1: name: must be a string"},
        {"rooms = ( { name = \"a\"; post = 5; } );", ":1: post: must be"},
        {"limits = { rooms = 1; }; rooms = ( { name = \"a\"; }, { name = \"b\"; } );",
         ":1: rooms: has 2, but limits.rooms is 1"},
        /* listen */
        {"listen = ( );", ":1: listen: the list is empty, so nobody can connect"},
        {"listen = ( { address = \"localhost\"; port = 1; } );",
         ":1: address: \"localhost\" is a name: give 127.0.0.1 or ::1"},
        {"listen = ( { address = \"chat.example\"; port = 1; } );",
         ":1: address: \"chat.example\""},
        {"listen = ( { address = \"::ffff:127.0.0.1\"; port = 1; } );",
         ":1: address: \"::ffff:127.0.0.1\" is one of IPv4: give 127.0.0.1"},
        {"listen = ( { address = \"fe80::1\"; port = 1; } );",
         ":1: address: \"fe80::1\" needs its interface: give, for instance, fe80::1%eth0"},
        {"listen = ( { address = \"\"; port = 1; } );", ":1: address: must not be empty"},
        {"listen = ( { address = 5; port = 1; } );", ":1: address: must be a string"},
        {"listen = ( { address = \"::1\"; } );", ":1: port: is missing"},
        {"listen = ( { port = 8080; },\n { port = 8080; } );",
         ":2: listen: the second one on 127.0.0.1:8080"},
        {"listen = ( { address = \"0.0.0.0\"; port = 80; }, { port = 80; } );",
         ":1: listen: the second one on 127.0.0.1:80"},
        {"listen = ( { address = \"::1\"; port = 80; }, { address = \"::\"; port = 80; } );",
         ":1: listen: the second one on :::80"},
        {"listen = ( { unix = \"/a\"; }, { unix = \"/a\"; } );",
         ":1: listen: the second one on /a"},
        {"listen = ( { unix = \"/a\"; port = 80; } );", ":1: port: there is a unix socket already"},
        {"listen = ( { unix = \"/a\"; mode = \"888\"; } );", ":1: mode: must be like \"0660\""},
        {"listen = ( { unix = \"/a\"; mode = 660; } );", ":1: mode: must be like \"0660\""},
        {"listen = ( { port = 80; mode = \"0660\"; } );", ":1: mode: only a unix socket has one"},
        {"listen = ( { port = 1; tls = 5; } );", ":1: tls: needs the files"},
        {"listen = ( { port = 1; tls = { cert = \"/a\"; }; } );", ":1: tls: needs the files"},
        {"listen = ( { address = \"::1\"; " TLS " },\n"
         " { port = 2; tls = { cert = \"/other\"; key = \"/k\"; }; } );",
         ":2: tls: all of `listen` have one certificate: /c"},
        /* origins */
        {"origins = ( \"*\" );", ":1: origins: \"*\": name each page"},
        {"origins = ( \"\" );", ":1: origins: must not be empty"},
        {"origins = ( \"a\" );", ":1: origins: \"a\": write \"https://a\""},
        {"origins = ( \"https://a\",\n \"https://chat.example.org/\" );", ":2: origins: \"https"},
        {"origins = ( \"https://chat.example.org/\" );", "org/\": without a path"},
        {"origins = ( \"https://a?b\" );", "without a path"},
        {"origins = ( \"chat.example.org\" );", "write \"https://chat.example.org\""},
        {"origins = ( \"wss://a\" );", "begins with https:// or http://"},
        {"origins = ( \"https://\" );", "the host has letters"},
        {"origins = ( \"https://*.a\" );", "the host has letters"},
        {"origins = ( \"https://caf\xc3\xa9.example\" );", "xn--"},
        {"origins = ( \"https://me@a\" );", "the host has letters"},
        {"origins = ( \"https://[::1\" );", "the host has letters"},
        {"origins = ( \"https://a:0\" );", "the port is a number"},
        {"origins = ( \"https://a:65536\" );", "the port is a number"},
        {"origins = ( \"https://a:\" );", "the port is a number"},
        {"origins = ( \"https://a:4x\" );", "the port is a number"},
        {"origins = ( \"https://a; script-src *\" );", "the host has letters"},
        {"origins = ( \"https://a\\r\\nX-Evil: 1\" );", ":1: origins: must be one line"},
        {"origins = ( \"https://\xe9\" );", ":1: origins: is not UTF-8"},
        {"origins = ( 5 );", ":1: origins: must be a list of strings"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_one_fault(cases[i].text, cases[i].fault);
}

static void what_can_work_is_no_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "name = \"" A80 "\";",
        "rooms = ( { name = \"a\"; topic = \"\"; } );",
        "rooms = ( );",
        "reserved_nicks = ( );",
        "listen = ( { port = 0; }, { port = 0; } );",
        "listen = ( { port = 80; }, { address = \"::1\"; port = 80; } );",
        "listen = ( { address = \"0.0.0.0\"; port = 80; }, { address = \"::\"; port = 80; } );",
        "listen = ( { unix = \"/a\"; mode = \"660\"; }, { unix = \"/b\"; } );",
        "listen = ( { " TLS " }, { address = \"::1\"; " TLS " } );",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_no_fault(texts[i]);
}

static void origins_are_kept_as_browsers_write_them(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"https://chat.example.org", "https://chat.example.org"},
        {"HTTPS://Chat.Example.ORG:443", "https://chat.example.org"},
        {"http://chat:80", "http://chat"},
        {"http://chat:443", "http://chat:443"},
        {"https://chat:8443", "https://chat:8443"},
        {"https://[2001:DB8::1]:443", "https://[2001:db8::1]"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct conf conf;
        char text[128], *faults;
        snprintf(text, sizeof text, "origins = ( \"%s\" );", cases[i][0]);
        assert_int_equal(conf_text_load(&conf, text, &faults), 0);
        assert_string_equal(conf.origins[0], cases[i][1]);
        assert_null(conf.origins[1]);
        conf_destroy(&conf);
        free(faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_work_is_a_fault_with_a_sentence),
        cmocka_unit_test(what_can_work_is_no_fault),
        cmocka_unit_test(origins_are_kept_as_browsers_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
