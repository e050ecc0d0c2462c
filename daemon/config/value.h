/* value.h - whether one string of the configuration can work. Every string passes here, under the
 * rules that the protocol has for a user's input. Pure. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>

struct field;
struct nick_rules;
struct sockaddr_storage;

/* A sentence for the operator, if a function returns false. */
struct why {
    char text[512];
};

/* `rule` is a row of a command's fields or of a table here (chat/base/json.h). */
bool value_ok(const struct field *rule, const char *value, struct why *why);

/* A nickname as `hello` takes it. */
bool value_nick_ok(const struct nick_rules *rules, const char *value, struct why *why);

/* A new origin as browsers write it: scheme and host in lower case, no default port. */
bool value_origin(const char *value, char **origin_out, struct why *why);

/* A name in DNS, or an address in digits; without a port. */
bool value_host(const char *value, struct why *why);

/* An IPv4 or IPv6 address; the port in *out is 0. */
bool value_address(const char *value, struct sockaddr_storage *out, struct why *why);

#endif
