/* cert.c - see cert.h. Asks OpenSSL, as the library that serves does. */
#include "cert.h"

#include "value.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

static enum cert_state check_end(const X509 *cert, struct why *why)
{
    struct tm end;
    if (X509_cmp_current_time(X509_get0_notAfter(cert)) > 0)
        return CERT_GOOD;
    ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end);
    strftime(why->text, sizeof why->text, "ended %Y-%m-%d", &end);
    return CERT_ENDED;
}

static enum cert_state check_pair(SSL_CTX *tls, const char *cert, const char *key,
                                  const char **key_out, struct why *why)
{
    *key_out = "cert";
    if (SSL_CTX_use_certificate_chain_file(tls, cert) != 1) {
        snprintf(why->text, sizeof why->text, "is no certificate in PEM");
        return CERT_BAD;
    }
    if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(tls) == 1)
        return check_end(SSL_CTX_get0_certificate(tls), why);
    *key_out = "key";
    bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    snprintf(why->text, sizeof why->text,
             other ? "does not belong to cert" : "is no private key in PEM without a password");
    return CERT_BAD;
}

enum cert_state cert_check(const char *cert, const char *key, const char **key_out, struct why *why)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    enum cert_state state = CERT_GOOD;
    if (tls != NULL)
        state = check_pair(tls, cert, key, key_out, why);
    SSL_CTX_free(tls);
    ERR_clear_error();
    return state;
}
