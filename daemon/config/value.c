/* value.c - see value.h. */
#include "value.h"

#include "chat/base/json.h"
#include "chat/base/nick.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define HOST_BYTES_MAX 253 /* of a name in DNS */
#define HOST_LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

static bool explain(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool explain(struct why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

/* --- text ----------------------------------------------------------------------------------- */

/* Asks the function that checks the fields of a command. */
static enum err check_as_field(const struct field *rule, const char *value)
{
    const struct field fields[] = {*rule, {0}};
    const char *bad;
    json_t *object = json_object();
    json_object_set_new(object, rule->name, json_string(value));
    enum err err = fields_check(fields, object, SIZE_MAX, &bad);
    json_decref(object);
    return err;
}

bool value_ok(const struct field *rule, const char *value, struct why *why)
{
    size_t n = strlen(value);
    if (!utf8_ok(value, n))
        return explain(why, "is not UTF-8");
    if (check_as_field(rule, value) == OK)
        return true;
    if (rule->type == FIELD_ROOM)
        return explain(why, "a room's name has 1 to 48 of a-z 0-9 - _");
    if (n == 0)
        return explain(why, "must not be empty");
    if ((int64_t)n > rule->max)
        return explain(why, "has %zu bytes, at most %lld", n, (long long)rule->max);
    return explain(why, "must be one line that can be seen, without control characters");
}

bool value_nick_ok(const struct nick_rules *rules, const char *value, struct why *why)
{
    static const struct field rule = {"nick", FIELD_LINE, true, 1, NICK_BYTES_MAX};
    struct nick nick;
    return value_ok(&rule, value, why) &&
           ((rules != NULL && nick_parse(rules, value, &nick) == OK) ||
            explain(why, "\"%s\" cannot be a nickname", value));
}

/* --- origins -------------------------------------------------------------------------------- */

struct origin {
    bool tls;
    const char *host; /* the rest of the value */
    size_t bytes;     /* of the host */
    const char *port; /* behind the host: "", ":…", or what does not belong there */
};

static bool take_scheme(const char *value, struct origin *o, struct why *why)
{
    o->tls = strncasecmp(value, "https://", 8) == 0;
    if (o->tls || strncasecmp(value, "http://", 7) == 0) {
        o->host = value + (o->tls ? 8 : 7);
        return true;
    }
    if (strstr(value, "://") != NULL)
        return explain(why, "\"%s\": an origin begins with https:// or http://", value);
    return explain(why, "\"%s\": write \"https://%s\"", value, value);
}

static bool take_host(const char *value, struct origin *o, struct why *why)
{
    bool six = o->host[0] == '[';
    o->bytes =
        six ? 1 + strspn(o->host + 1, "0123456789abcdefABCDEF:.") : strspn(o->host, HOST_LETTERS);
    bool ok = six ? o->host[o->bytes++] == ']' && o->bytes > 4 : o->bytes > 0;
    if (!ok || o->bytes > HOST_BYTES_MAX || strchr("/?#:", o->host[o->bytes]) == NULL)
        return explain(why,
                       "\"%s\": the host has letters of ASCII, digits, dots and hyphens (a "
                       "name in other letters is written as xn--…)",
                       value);
    o->port = o->host + o->bytes;
    return true;
}

/* 0: none, or the default of the scheme. */
static bool take_port(const char *value, const struct origin *o, unsigned *port_out,
                      struct why *why)
{
    size_t digits = o->port[0] == ':' ? strspn(o->port + 1, "0123456789") : 0;
    const char *rest = o->port + (digits > 0) + digits;
    if (rest[0] == '/' || rest[0] == '?' || rest[0] == '#')
        return explain(why, "\"%s\": without a path", value);
    unsigned long port = strtoul(digits > 0 ? o->port + 1 : "0", NULL, 10);
    if (rest[0] != '\0' || digits > 5 || port > 65535 || (digits > 0 && port == 0))
        return explain(why, "\"%s\": the port is a number from 1 to 65535", value);
    *port_out = port == (o->tls ? 443 : 80) ? 0 : (unsigned)port;
    return true;
}

bool value_origin(const char *value, char **origin_out, struct why *why)
{
    static const struct field rule = {"origins", FIELD_LINE, true, 1, 300};
    struct origin o = {0};
    unsigned port = 0;
    char *out;
    if (!value_ok(&rule, value, why))
        return false;
    if (strcmp(value, "*") == 0)
        return explain(why, "\"*\": name each page, for instance \"https://chat.example.org\"");
    if (!take_scheme(value, &o, why) || !take_host(value, &o, why) ||
        !take_port(value, &o, &port, why))
        return false;
    if (asprintf(&out, port == 0 ? "%s%.*s" : "%s%.*s:%u", o.tls ? "https://" : "http://",
                 (int)o.bytes, o.host, port) < 0)
        return explain(why, "no memory");
    for (char *c = out; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    *origin_out = out;
    return true;
}

/* --- addresses ------------------------------------------------------------------------------ */

bool value_host(const char *value, struct why *why)
{
    struct in6_addr six;
    struct in_addr four;
    char address[INET6_ADDRSTRLEN];
    size_t n = strspn(value, HOST_LETTERS);
    snprintf(address, sizeof address, "%.*s", (int)strcspn(value, "%"), value);
    if (inet_pton(AF_INET6, address, &six) == 1)
        return true;
    if (value[0] == '/')
        return explain(why, "\"%s\" is a path: give it as `unix`", value);
    if (strstr(value, "://") != NULL)
        return explain(why, "\"%s\": give only the name or the address", value);
    if (n > 0 && value[n] == ':' && value[n + 1 + strspn(value + n + 1, "0123456789")] == '\0')
        return explain(why, "\"%s\": give the port as `port`", value);
    if (value[0] == '[')
        return explain(why, "\"%s\": give the address without brackets, the port as `port`", value);
    if (n == 0 || value[n] != '\0')
        return explain(why, "\"%s\" is neither a name (of ASCII) nor an address", value);
    if (strspn(value, "0123456789.") == n && inet_aton(value, &four) == 0)
        return explain(why, "\"%s\" is no address", value);
    return true;
}

/* What getaddrinfo() takes, but bind() never does. */
static bool check_ipv6(const char *value, const struct sockaddr_in6 *six, struct why *why)
{
    const unsigned char *last = six->sin6_addr.s6_addr + 12;
    if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        return explain(why, "\"%s\" is one of IPv4: give %u.%u.%u.%u", value, last[0], last[1],
                       last[2], last[3]);
    if (IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) && six->sin6_scope_id == 0)
        return explain(why, "\"%s\" needs its interface: give, for instance, %s%%eth0", value,
                       value);
    return true;
}

bool value_address(const char *value, struct sockaddr_storage *out, struct why *why)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    if (getaddrinfo(value, NULL, &hints, &all) != 0) {
        bool is_local = strcasecmp(value, "localhost") == 0;
        return explain(why, "\"%s\" is %s: give %s", value,
                       is_local ? "a name" : "no address of this machine",
                       is_local ? "127.0.0.1 or ::1" : "one in digits, for instance 0.0.0.0");
    }
    memset(out, 0, sizeof *out);
    memcpy(out, all->ai_addr, all->ai_addrlen);
    freeaddrinfo(all);
    return out->ss_family != AF_INET6 ||
           check_ipv6(value, (const struct sockaddr_in6 *)(const void *)out, why);
}
