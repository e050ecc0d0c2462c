/* listen.c - see listen.h. Entries are read one by one, and then compared with each other: what the
 * kernel would refuse at the start is a fault here. */
#include "listen.h"

#include "reader.h"
#include "value.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MODE_DEFAULT "0666"

/* --- one entry ------------------------------------------------------------------------------ */

/* clang-format off */
#define STRING(name, field, most) KEY_OF_STRING(struct conf_listen, name, field, most, NULL)
static const struct key keys[] = {
    STRING("address", address, 64),
    STRING("unix", unix_path, UNIX_BYTES_MAX),
    KEY_OF_UNSIGNED(struct conf_listen, "port", port, 0, 65535, 0),
    { "tls", KEY_GROUP, 0, 0, 0, 0, NULL, NULL }, { "mode", KEY_LIST, 0, 0, 0, 0, NULL, NULL },
    {0},
};

static const struct key tls_keys[] = {
    STRING("cert", tls_cert, PATH_BYTES_MAX),
    STRING("key", tls_key, PATH_BYTES_MAX),
    {0},
};
/* clang-format on */

static void read_tls(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    config_setting_t *tls = config_setting_get_member(s, "tls");
    if (tls == NULL)
        return;
    bool is_group = config_setting_is_group(tls);
    if (is_group)
        reader_group(r, tls, tls_keys, l);
    if (!is_group || config_setting_get_member(tls, "cert") == NULL ||
        config_setting_get_member(tls, "key") == NULL)
        reader_fault(r, tls, "tls", "needs the files \"cert\" and \"key\"");
}

/* Octal digits in a string, as chmod takes them. */
static void read_mode(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    const config_setting_t *mode = config_setting_get_member(s, "mode");
    const char *digits = mode == NULL ? MODE_DEFAULT : config_setting_get_string(mode);
    size_t n = digits == NULL ? 0 : strspn(digits, "01234567");
    if (n < 3 || n > 4 || digits[n] != '\0' || (n == 4 && digits[0] != '0'))
        reader_fault(r, mode, "mode", "must be like \"0660\"");
    else
        l->mode = (mode_t)strtoul(digits, NULL, 8);
    if (mode != NULL && l->unix_path == NULL)
        reader_fault(r, mode, "mode", "only a unix socket has one");
}

static void check_place(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    static const char *const tcp[] = {"address", "port"};
    struct sockaddr_storage address;
    struct why why;
    bool is_unix = config_setting_get_member(s, "unix") != NULL;
    for (size_t i = 0; i < sizeof tcp / sizeof *tcp; i++) {
        const config_setting_t *member = config_setting_get_member(s, tcp[i]);
        if (is_unix && member != NULL)
            reader_fault(r, member, tcp[i], "there is a unix socket already: one or the other");
    }
    if (!is_unix && config_setting_get_member(s, "port") == NULL)
        reader_fault(r, s, "port", "is missing");
    if (!is_unix && !value_address(l->address, &address, &why))
        reader_fault(r, config_setting_get_member(s, "address"), "address", "%s", why.text);
}

static void read_entry(struct reader *r, const config_setting_t *s, struct conf_listen *l)
{
    if (!config_setting_is_group(s)) {
        reader_fault(r, s, "listen", "must be a list of groups");
        return;
    }
    reader_group(r, s, keys, l);
    read_tls(r, s, l);
    read_mode(r, s, l);
    check_place(r, s, l);
}

/* --- entries beside each other -------------------------------------------------------------- */

/* Whether a socket at `a` also takes what comes for `b`. Port 0 is another port each time. */
static bool takes_place_of(const struct conf_listen *a, const struct conf_listen *b)
{
    struct sockaddr_storage one, two;
    struct why why;
    if (a->unix_path != NULL || b->unix_path != NULL)
        return a->unix_path != NULL && b->unix_path != NULL &&
               strcmp(a->unix_path, b->unix_path) == 0;
    if (a->port != b->port || a->port == 0 || !value_address(a->address, &one, &why) ||
        !value_address(b->address, &two, &why) || one.ss_family != two.ss_family)
        return false;
    bool all = one.ss_family == AF_INET
                   ? ((struct sockaddr_in *)&one)->sin_addr.s_addr == INADDR_ANY
                   : IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)&one)->sin6_addr);
    return all || memcmp(&one, &two, sizeof one) == 0;
}

static void check_pair(struct reader *r, const config_setting_t *s, const struct conf_listen *first,
                       const struct conf_listen *second)
{
    bool twice = takes_place_of(first, second) || takes_place_of(second, first);
    if (twice && second->unix_path != NULL)
        reader_fault(r, s, "listen", "the second one on %s", second->unix_path);
    else if (twice)
        reader_fault(r, s, "listen", "the second one on %s:%u", second->address, second->port);
}

/* All listeners with TLS share one vhost. */
static void check_certificates(struct reader *r, const config_setting_t *list,
                               const struct conf_listen *all, size_t n)
{
    const struct conf_listen *first = NULL;
    for (const struct conf_listen *l = all; l < all + n; l++) {
        if (l->tls_cert == NULL || l->tls_key == NULL)
            continue;
        if (first == NULL)
            first = l;
        else if (strcmp(first->tls_cert, l->tls_cert) != 0 ||
                 strcmp(first->tls_key, l->tls_key) != 0)
            reader_fault(r, config_setting_get_elem(list, (unsigned)(l - all)), "tls",
                         "all of `listen` have one certificate: %s", first->tls_cert);
    }
}

static void check_all(struct reader *r, const config_setting_t *list, const struct conf_listen *all,
                      size_t n)
{
    if (n == 0)
        reader_fault(r, list, "listen", "the list is empty, so nobody can connect");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            check_pair(r, config_setting_get_elem(list, (unsigned)i), &all[k], &all[i]);
    check_certificates(r, list, all, n);
}

struct conf_listen *conf_listen_read(struct reader *r, size_t *count_out)
{
    config_setting_t *list = reader_member(r, "listen", false);
    size_t n = list == NULL ? 1 : (size_t)config_setting_length(list);
    struct conf_listen *all = calloc(n + 1, sizeof *all);
    *count_out = all == NULL ? 0 : n;
    for (size_t i = 0; i < *count_out; i++) {
        all[i] = (struct conf_listen){.address = "127.0.0.1", .port = 8080};
        if (list != NULL)
            read_entry(r, config_setting_get_elem(list, (unsigned)i), &all[i]);
    }
    check_all(r, list, all, *count_out);
    return all;
}
