/* request.h - what the library says of a request's header. Loop thread only. */
#ifndef REQUEST_H
#define REQUEST_H

#include "refusal.h"

#include <libwebsockets.h>

#define REQUEST_VALUE_MAX 512

/* A header's value, or NULL: absent or too long. */
const char *request_header(struct lws *wsi, enum lws_token_indexes token,
                           char to[REQUEST_VALUE_MAX]);
bool request_has(struct lws *wsi, enum lws_token_indexes token);
/* The path of a GET or HEAD. NULL: another method, or too long. */
const char *request_path(struct lws *wsi, char to[REQUEST_VALUE_MAX]);

/* POST /photos: the only request with a body. */
bool request_is_upload(struct lws *wsi);

/* The library may have read this request, or its beginning, together with the one before. True for
 * some others, too, while it has bytes of another connection to work off. */
bool request_may_be_read_ahead(struct lws *wsi);

/* Why it is refused, whatever it asks for. REFUSAL_COUNT: it is not. */
enum refusal request_fault(struct lws *wsi);

#endif
