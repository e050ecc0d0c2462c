/* request.c - see request.h. */
#include "request.h"

#include "names.h"
#include "private.h"

#include <string.h>

#define HEADERS_MAX 16384

const char *request_header(struct lws *wsi, enum lws_token_indexes token,
                           char to[REQUEST_VALUE_MAX])
{
    int n = lws_hdr_copy(wsi, to, REQUEST_VALUE_MAX, token);
    return n <= 0 ? NULL : to;
}

bool request_has(struct lws *wsi, enum lws_token_indexes token)
{
    return lws_hdr_total_length(wsi, token) > 0;
}

const char *request_path(struct lws *wsi, char to[REQUEST_VALUE_MAX])
{
    bool head = request_has(wsi, WSI_TOKEN_HEAD_URI);
    return request_header(wsi, head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, to);
}

/* In the request line. The library takes what it does not know for HTTP/1.0. */
static bool is_version_1(struct lws *wsi)
{
    char version[REQUEST_VALUE_MAX];
    const char *given = request_header(wsi, WSI_TOKEN_HTTP, version);
    return given != NULL && (strcmp(given, "HTTP/1.1") == 0 || strcmp(given, "HTTP/1.0") == 0);
}

bool request_is_upload(struct lws *wsi)
{
    char path[REQUEST_VALUE_MAX];
    const char *to = request_header(wsi, WSI_TOKEN_POST_URI, path);
    return to != NULL && strcmp(to, "/photos") == 0;
}

/* The library (4.1.6, and 4.4.1) may not get the body of a request whose header it has read ahead:
 * lws_http_action() feeds the header to the body again, and spins for ever if it has read one byte
 * more. It does not tell which connection such bytes are of, only that there are some: then it
 * would not wait. */
bool request_may_be_read_ahead(struct lws *wsi)
{
    const struct visit *visit = lws_get_opaque_user_data(wsi);
    return visit->again && lws_service_adjust_timeout(lws_get_context(wsi), 1, 0) == 0;
}

/* No other address takes a body: a length is an attempt to hide a second request in the first. */
static bool has_body(struct lws *wsi)
{
    char length[REQUEST_VALUE_MAX];
    const char *given = request_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length);
    return request_has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) &&
           (given == NULL || strcmp(given, "0") != 0);
}

/* Of the headers that the library knows, so of cookies, too. */
static size_t known_bytes(struct lws *wsi)
{
    size_t sum = 0;
    for (int token = 0; token < WSI_TOKEN_COUNT; token++)
        sum += (size_t)lws_hdr_total_length(wsi, (enum lws_token_indexes)token);
    return sum;
}

/* In a value of a header that the library knows. What stands behind it would not be seen here. */
static bool has_zero_byte(struct lws *wsi)
{
    char value[HEADERS_MAX + 1];
    for (int token = 0; token < WSI_TOKEN_COUNT; token++) {
        int n = lws_hdr_copy(wsi, value, sizeof value, (enum lws_token_indexes)token);
        if (n > 0 && strlen(value) != (size_t)n)
            return true;
    }
    return false;
}

enum refusal request_fault(struct lws *wsi)
{
    if (request_has(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
        return REFUSAL_LENGTH;
    size_t known = known_bytes(wsi);
    if (known > HEADERS_MAX)
        return REFUSAL_HEADERS;
    if (!names_are_tokens(wsi, known) || has_zero_byte(wsi))
        return REFUSAL_FIELD;
    bool upload = request_is_upload(wsi);
    if (!upload && !request_has(wsi, WSI_TOKEN_GET_URI) && !request_has(wsi, WSI_TOKEN_HEAD_URI))
        return REFUSAL_METHOD;
    if (!is_version_1(wsi))
        return REFUSAL_HTTP;
    return !upload && has_body(wsi) ? REFUSAL_BODY : REFUSAL_COUNT;
}
