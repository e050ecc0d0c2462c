/* request.c - see request.h. */
#include "request.h"

#include <string.h>

#define HEADERS_MAX 16384
#define BLANKS_MAX  8

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

/* Whether a header of this name, with so many blanks before it or before its colon, is there. */
static bool is_blank_sent(struct lws *wsi, const char *name, char blank, int blanks)
{
    char text[sizeof "transfer-encoding:" + BLANKS_MAX];
    int n = (int)strlen(name), size = n + blanks + 1;
    memset(text, blank, sizeof text);
    memcpy(text, name, (size_t)n);
    text[size - 1] = ':';
    if (lws_hdr_custom_length(wsi, text, size) >= 0)
        return true;
    memset(text, blank, (size_t)blanks);
    memcpy(text + blanks, name, (size_t)n);
    return lws_hdr_custom_length(wsi, text, size) >= 0;
}

/* Blanks make a header unknown to the library, but perhaps not to a proxy, which then sees a body
 * where we see a second request (RFC 9112, 2.2 and 5.1). */
static bool has_blank_name(struct lws *wsi)
{
    for (int blanks = 1; blanks <= BLANKS_MAX; blanks++)
        if (is_blank_sent(wsi, "transfer-encoding", ' ', blanks) ||
            is_blank_sent(wsi, "transfer-encoding", '\t', blanks) ||
            is_blank_sent(wsi, "content-length", ' ', blanks) ||
            is_blank_sent(wsi, "content-length", '\t', blanks))
            return true;
    return false;
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

/* No other address takes a body: a length is an attempt to hide a second request in the first. */
static bool has_body(struct lws *wsi)
{
    char length[REQUEST_VALUE_MAX];
    const char *given = request_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length);
    return request_has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) &&
           (given == NULL || strcmp(given, "0") != 0);
}

/* Of the headers that the library knows, so of cookies, too. */
static bool is_too_large(struct lws *wsi)
{
    int sum = 0;
    for (int token = 0; token < WSI_TOKEN_COUNT; token++)
        sum += lws_hdr_total_length(wsi, (enum lws_token_indexes)token);
    return sum > HEADERS_MAX;
}

enum refusal request_fault(struct lws *wsi)
{
    if (request_has(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) || has_blank_name(wsi))
        return REFUSAL_LENGTH;
    if (is_too_large(wsi))
        return REFUSAL_HEADERS;
    bool upload = request_is_upload(wsi);
    if (!upload && !request_has(wsi, WSI_TOKEN_GET_URI) && !request_has(wsi, WSI_TOKEN_HEAD_URI))
        return REFUSAL_METHOD;
    if (!is_version_1(wsi))
        return REFUSAL_HTTP;
    return !upload && has_body(wsi) ? REFUSAL_BODY : REFUSAL_COUNT;
}
