/* cert.h - whether a certificate and a key can serve TLS together. */
#ifndef CONF_CERT_H
#define CONF_CERT_H

struct why;

enum cert_state {
    CERT_GOOD,
    CERT_ENDED, /* browsers refuse it, or will do so when the clock is right */
    CERT_BAD,
};

/* Paths of PEM files that can be read. If the state is not CERT_GOOD, *key_out ("cert" or "key") is
 * at fault. */
enum cert_state cert_check(const char *cert, const char *key, const char **key_out,
                           struct why *why);

#endif
