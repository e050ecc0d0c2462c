/* names.c - see names.h.
 *
 * The library (4.1 to 4.3) reads a name that it does not know up to a colon, even into the next
 * line, if the line has no colon, or has it where a name that the library knows goes on: "X" is the
 * beginning of "X-Real-IP", so "X: a\r\nContent-Length: 30" is one header to the library, and two
 * to a proxy. The proxy then sends a body that would be the next request here. "Content-Length :
 * 30" is another name to the library, too. */
#include "names.h"

#include "private.h"

#include <string.h>

/* `n` counts the colon. */
static bool is_token(const char *name, size_t n)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
    return n > 1 && name[n - 1] == ':' && strspn(name, letters) == n - 1;
}

#if LWS_LIBRARY_VERSION_NUMBER >= 4003000

struct judge {
    int names, odd;
};

static void on_name(const char *name, int n, void *arg)
{
    struct judge *judge = arg;
    judge->names++;
    judge->odd += !is_token(name, (size_t)n);
}

bool names_are_tokens(struct lws *wsi, size_t known)
{
    struct judge judge = {0};
    (void)known;
    lws_hdr_custom_name_foreach(wsi, on_name, &judge);
    return judge.odd == 0 && judge.names <= NAMES_MAX;
}

#else

/* 4.1 says only whether it has a certain name. But it stores the whole head in one piece, the path
 * first, and before each name that it does not know there is an entry of 8 bytes: the lengths of
 * the name and of the value in 16 bits each, and the place of the next entry in 32. Text can look
 * like one, and so can what follows the head, from an earlier use: so it is looked up by its name.
 */
#define ENTRY_BYTES     8
#define PATH_AT         9    /* the entry of the method's first letter, and that letter */
#define UNCOUNTED_BYTES 2048 /* the ends of values, and zero bytes: proxies refuse these */

static size_t number(const unsigned char *at) { return (size_t)at[0] << 8 | at[1]; }

static bool is_entry(struct lws *wsi, const unsigned char *e, size_t n)
{
    return n > 0 && e[4] == 0 && e[5] == 0 && e[ENTRY_BYTES + n - 1] == ':' &&
           lws_hdr_custom_length(wsi, (const char *)e + ENTRY_BYTES, (int)n) >= 0;
}

bool names_are_tokens(struct lws *wsi, size_t known)
{
    char *path;
    int size, names = 0;
    if (lws_http_get_uri_and_method(wsi, &path, &size) < 0 || path[-1] == '\0')
        return false; /* no method or two; or a header before the method */
    const unsigned char *at = (unsigned char *)path, *last = at + known + UNCOUNTED_BYTES,
                        *end = at - PATH_AT + HEADER_BYTES_MAX - ENTRY_BYTES;
    for (; at < end && at < last; at++) {
        size_t n = number(at);
        if (n > (size_t)(end - at) || !is_entry(wsi, at, n))
            continue;
        if (!is_token((const char *)at + ENTRY_BYTES, n) || ++names > NAMES_MAX)
            return false;
        last += ENTRY_BYTES + n + number(at + 2);
    }
    return true;
}

#endif
