/* photo.c - see photo.h. Everybody who knows the name of a photo may see it. */
#include "photo.h"

#include "answer.h"
#include "field.h"
#include "hold.h"
#include "private.h"
#include "shelf_ops.h"

#include <stdio.h>
#include <string.h>

#define SANDBOX  "sandbox; default-src 'none'"
#define AGAIN_S  "2" /* for Retry-After */
#define FOR_EVER "private, max-age=31536000, immutable"

static const char *ending_of(const char *mime)
{
    const char *kind = strchr(mime, '/') + 1;
    return strcmp(kind, "jpeg") == 0 ? "jpg" : kind;
}

/* Whether the client has this photo already: what has a name never changes. */
static bool is_known(struct lws *wsi, const char *tag)
{
    char given[512];
    return lws_hdr_copy(wsi, given, sizeof given, WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0 &&
           field_has_tag(given, tag);
}

/* The name of the photo is in the path, which has passed find(). */
static void path_of(struct lws *wsi, char to[64])
{
    bool head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    if (lws_hdr_copy(wsi, to, 64, head ? WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI) <= 0)
        to[0] = '\0';
}

static int send_view(struct vhost *v, struct lws *wsi, struct view *view)
{
    const struct shelf_ops *shelf = v->config->shelf_ops;
    char path[64], tag[PHOTO_NAME_CHARS + 10], more[300];
    size_t size, all = shelf->view_size(view);
    const char *mime = shelf->view_mime(view), *at = shelf->view_piece(view, &size);
    path_of(wsi, path);
    bool thumb = strstr(path, "/thumb") != NULL;
    const char *name = path + strlen("/photos/");
    snprintf(tag, sizeof tag, "\"%.*s%s\"", PHOTO_NAME_CHARS, name, thumb ? "-t" : "");
    snprintf(more, sizeof more,
             "etag: %s\r\ncontent-disposition: inline; filename=\"%.*s%s.%s\"\r\n", tag,
             PHOTO_NAME_CHARS, name, thumb ? "-thumb" : "", ending_of(mime));
    return answer_send(v, wsi,
                       &(struct answer){.status = is_known(wsi, tag) ? 304 : 200,
                                        .policy = SANDBOX,
                                        .type = mime,
                                        .caching = FOR_EVER,
                                        .more = more,
                                        .body = at,
                                        .size = size,
                                        .view = view,
                                        .shelf = shelf,
                                        .unread = all - size});
}

static int refuse(struct vhost *v, struct lws *wsi, enum shelf_fault fault)
{
    if (fault == SHELF_NO_SUCH)
        return answer_text(v, wsi, 404, NULL, "There is no such photo.\n");
    if (fault == SHELF_AWAY)
        return answer_text(v, wsi, 503, "retry-after: " AGAIN_S "\r\n",
                           "The photo has not come from another node yet.\n");
    return answer_text(v, wsi, 503, NULL, "The photo cannot be read now.\n");
}

static void on_opened(void *visit, enum shelf_fault fault)
{
    struct lws *wsi = ((struct visit *)visit)->wsi;
    struct vhost *v = vhost_of(wsi);
    struct view *view = hold_take_view(wsi);
    if (fault != SHELF_FINE)
        v->config->shelf_ops->view_close(&view);
    int sent = fault == SHELF_FINE ? send_view(v, wsi, view) : refuse(v, wsi, fault);
    if (sent != 0)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* Splits NAME or NAME/thumb. False: it is neither. */
static bool find(const char *path, char name[PHOTO_NAME_CHARS + 1], bool *thumb_out)
{
    if (strlen(path) < PHOTO_NAME_CHARS)
        return false;
    memcpy(name, path, PHOTO_NAME_CHARS);
    name[PHOTO_NAME_CHARS] = '\0';
    *thumb_out = strcmp(path + PHOTO_NAME_CHARS, "/thumb") == 0;
    return photo_name_ok(name) && (*thumb_out || path[PHOTO_NAME_CHARS] == '\0');
}

int photo_answer(struct vhost *v, struct lws *wsi, const char *path)
{
    const struct shelf_ops *shelf = v->config->shelf_ops;
    char name[PHOTO_NAME_CHARS + 1];
    bool thumb;
    if (!find(path, name, &thumb))
        return answer_text(v, wsi, 404, NULL, "There is no such photo.\n");
    if (hold_request(wsi) != 0)
        return -1;
    struct view *view =
        shelf->view_open(v->config->shelf, name, thumb, on_opened, lws_get_opaque_user_data(wsi));
    if (view == NULL)
        return -1;
    hold_await_take(wsi, view, shelf);
    return 0;
}
