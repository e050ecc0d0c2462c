/* upload.c - see upload.h.
 *
 *   JUDGED --the core lets it in--> READING --all bytes are on disk--> MADE --it is a photo-->
 *   LOGGED --the log has it--> KEPT --it can be seen--> answered with 201
 *
 * A fault in any of them is answered, and the rest of the body is read and forgotten, for a while.
 */
#include "upload.h"

#include "answer.h"
#include "chat/base/object.h"
#include "chat/base/token.h"
#include "chat/chat.h"
#include "chat/command/photo.h"
#include "hold.h"
#include "private.h"
#include "request.h"
#include "shelf_ops.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_SECONDS 15   /* between two looks at how much has come */
#define REST_SECONDS 30   /* for the rest of a body whose request is refused */
#define LEAST_RATE   4096 /* bytes a second */
#define MOST_SECONDS 1800
#define LOG_SECONDS  10 /* for the log to take the photo */
#define NOW          (LWS_RXFLOW_REASON_USER_BOOL | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW)

struct posting {
    struct vhost *v;
    struct lws *wsi;
    struct posting **at;
    struct upload *upload;
    struct draft *draft;
    uint64_t announced, come, seen; /* bytes; seen: at the last look */
    struct bytes ahead; /* that came although the reading is paused: one read, at most */
    unsigned looks;
    bool paused;   /* waits for the core or for the disk */
    bool logging;  /* waits for the log */
    bool expected; /* the client waits for "100 Continue" (RFC 9110, 10.1.1) */
};

/* --- time ----------------------------------------------------------------------------------- */

/* Nobody may be slow for longer than anybody may be silent. */
static unsigned at_most_idle(const struct posting *p, unsigned seconds)
{
    unsigned idle = p->v->chat->config->limits.idle_seconds;
    return seconds < idle ? seconds : idle;
}

static void look_again(struct posting *p)
{
    lws_set_timer_usecs(p->wsi, at_most_idle(p, LOOK_SECONDS) * (lws_usec_t)1000000);
}

/* --- answers -------------------------------------------------------------------------------- */

static void forget(struct posting *p)
{
    *p->at = NULL;
    upload_destroy(&p->upload);
    bytes_finish(&p->ahead);
    if (p->draft != NULL)
        p->v->config->shelf_ops->draft_destroy(&p->draft);
    free(p);
}

/* Also ends the posting. `late`: not within a callback of the library. */
static int answer(struct posting *p, unsigned status, const char *more, const struct bytes *body,
                  bool late)
{
    struct lws *wsi = p->wsi;
    struct vhost *v = p->v;
    struct visit *visit = lws_get_opaque_user_data(wsi);
    visit->rest_s = p->come < p->announced ? at_most_idle(p, REST_SECONDS) : 0;
    forget(p);
    int sent =
        body->failed || (late && hold_request(wsi) != 0)
            ? -1
            : answer_send(v, wsi,
                          &(struct answer){
                              .status = status,
                              .type = "application/json",
                              .caching = "no-store",
                              .more = visit->ends && more == NULL ? "connection: close\r\n" : more,
                              .body = body->at,
                              .size = body->size});
    if (late && sent != 0)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    return sent;
}

static int answer_refusal(struct posting *p, unsigned status, const char *code, const char *text,
                          const char *more, bool late)
{
    struct bytes body = {0};
    object_begin(&body, NULL);
    object_add_text(&body, "code", code);
    object_add_text(&body, "text", text);
    object_end(&body);
    int done = answer(p, status, more, &body, late);
    bytes_finish(&body);
    return done;
}

static int refuse(struct posting *p, unsigned status, const char *code, const char *text,
                  uint64_t wait_ms, bool late)
{
    char more[64] = "";
    if (wait_ms > 0)
        snprintf(more, sizeof more, "retry-after: %llu\r\n",
                 (unsigned long long)(wait_ms + 999) / 1000);
    return answer_refusal(p, status, code, text, more, late);
}

/* Before the body, which the library must not read. Always -1. */
static int refuse_and_close(struct posting *p, unsigned status, const char *code, const char *text)
{
    answer_refusal(p, status, code, text, "connection: close\r\n", false);
    return -1;
}

static void refuse_late(struct posting *p, unsigned status, const char *code, const char *text)
{
    refuse(p, status, code, text, 0, true);
}

static void refuse_fault(struct posting *p, enum shelf_fault fault)
{
    switch (fault) {
    case SHELF_NO_SPACE:
        refuse_late(p, 507, "no_space", "There is no space for photos at the moment.");
        break;
    case SHELF_UNKNOWN:
        refuse_late(p, 415, "not_a_photo", "This is not a photo: JPEG, PNG, GIF and WebP are.");
        break;
    case SHELF_TOO_BIG:
        refuse_late(p, 413, "too_big", "This photo has too many pixels or pictures.");
        break;
    default: refuse_late(p, 503, "unavailable", err_text(ERR_UNAVAILABLE)); break;
    }
}

static void refuse_err(struct posting *p, enum err err, uint64_t wait_ms)
{
    if (err == ERR_FORBIDDEN)
        refuse_late(p, 401, "unauthorized", "This needs the token of a person.");
    else if (err == ERR_BANNED || err == ERR_MUTED)
        refuse_late(p, 403, err_code(err), err_text(err));
    else if (err == ERR_FULL)
        refuse(p, 429, "full", "You have uploaded as much as a day allows.", wait_ms, true);
    else if (err == ERR_RATE)
        refuse(p, 429, "rate", err_text(err), wait_ms, true);
    else
        refuse(p, 503, "unavailable", err_text(ERR_UNAVAILABLE), 5000, true);
}

/* --- the timer ------------------------------------------------------------------------------ */

/* The client has closed, and waits for no answer. */
static bool has_left(const struct posting *p)
{
    struct pollfd end = {.fd = lws_get_socket_fd(p->wsi), .events = POLLRDHUP};
    return poll(&end, 1, 0) > 0;
}

bool upload_is_late(struct posting *p)
{
    unsigned seconds = at_most_idle(p, LOOK_SECONDS);
    bool slow = !p->paused && p->come - p->seen < seconds * LEAST_RATE;
    if (p->logging) {
        refuse_err(p, ERR_UNAVAILABLE, 0);
        return false;
    }
    p->seen = p->come;
    if (slow || has_left(p) || ++p->looks * seconds > MOST_SECONDS)
        return true;
    look_again(p);
    return false;
}

/* --- the way of a photo --------------------------------------------------------------------- */

static void on_kept(void *posting, enum shelf_fault fault)
{
    struct posting *p = posting;
    struct bytes body = {0};
    if (fault != SHELF_FINE) {
        refuse_fault(p, fault);
        return;
    }
    object_begin(&body, NULL);
    photo_write(&body, p->v->config->shelf_ops->draft_photo(p->draft));
    object_add_bool(&body, "located", p->v->config->shelf_ops->draft_located(p->draft));
    object_end(&body);
    answer(p, 201, NULL, &body, true);
    bytes_finish(&body);
}

static void on_logged(void *posting, enum err err, uint64_t wait_ms)
{
    struct posting *p = posting;
    p->logging = false;
    if (err != OK)
        refuse_err(p, err, wait_ms);
    else
        p->v->config->shelf_ops->draft_keep(p->draft, on_kept, p);
}

static void on_made(void *posting, enum shelf_fault fault)
{
    struct posting *p = posting;
    const struct photo *photo = p->v->config->shelf_ops->draft_photo(p->draft);
    if (fault == SHELF_FINE && photo->bytes > p->v->chat->config->limits.photo_bytes)
        fault = SHELF_TOO_BIG; /* a profile that was packed no longer is */
    if (fault != SHELF_FINE) {
        refuse_fault(p, fault);
        return;
    }
    p->logging = true;
    lws_set_timer_usecs(p->wsi, LOG_SECONDS * (lws_usec_t)1000000);
    lws_cancel_service(lws_get_context(p->wsi)); /* or the library does not look at its timers */
    upload_submit(p->upload, photo, on_logged, p);
}

static void pause_reading(struct posting *p)
{
    p->paused = true;
    lws_rx_flow_control(p->wsi, LWS_RXFLOW_REASON_APPLIES_DISABLE | NOW);
}

static void say_continue(struct posting *p)
{
    unsigned char line[LWS_PRE + 32];
    int n = snprintf((char *)line + LWS_PRE, 32, "HTTP/1.1 100 Continue\r\n\r\n");
    p->expected = false;
    lws_write(p->wsi, line + LWS_PRE, (size_t)n, LWS_WRITE_HTTP);
}

static void on_appended(void *posting, enum shelf_fault fault);

static void append(struct posting *p)
{
    struct bytes b = p->ahead;
    p->ahead = (struct bytes){0};
    pause_reading(p);
    p->v->config->shelf_ops->draft_append_take(p->draft, b.at, b.size, on_appended, p);
}

static void go_on(struct posting *p)
{
    if (p->ahead.size > 0) {
        append(p);
        return;
    }
    p->paused = false;
    if (p->expected)
        say_continue(p);
    lws_rx_flow_control(p->wsi, LWS_RXFLOW_REASON_APPLIES_ENABLE | NOW);
}

static void on_appended(void *posting, enum shelf_fault fault)
{
    struct posting *p = posting;
    if (fault != SHELF_FINE)
        refuse_fault(p, fault);
    else if (p->come == p->announced && p->ahead.size == 0)
        p->v->config->shelf_ops->draft_make(p->draft, on_made, p);
    else
        go_on(p);
}

/* The library (4.3) gives bytes of the next request, too, if it has read them with the body. */
static size_t without_next(struct posting *p, size_t n)
{
    struct visit *visit = lws_get_opaque_user_data(p->wsi);
    size_t left = (size_t)(p->announced - p->come);
    visit->ends |= n > left;
    return n > left ? left : n;
}

int upload_body(struct posting *p, const char *bytes, size_t n)
{
    if (p == NULL || (n = without_next(p, n)) == 0)
        return 0; /* it is answered already, or whole */
    bytes_add(&p->ahead, bytes, n);
    p->come += n;
    if (p->ahead.failed)
        return -1;
    if (!p->paused)
        append(p);
    return 0;
}

static void on_judged(void *posting, enum err err, uint64_t wait_ms)
{
    struct posting *p = posting;
    if (err == OK)
        p->draft =
            p->v->config->shelf_ops->draft_create(p->v->config->shelf, upload_person(p->upload));
    if (err != OK || p->draft == NULL)
        refuse_err(p, err == OK ? ERR_UNAVAILABLE : err, wait_ms);
    else
        go_on(p);
}

/* --- begin and end -------------------------------------------------------------------------- */

/* The token of "Authorization: Bearer TOKEN". False: there is none. */
static bool read_token(struct lws *wsi, char to[TOKEN_TEXT_MAX + 1])
{
    static const char scheme[] = "bearer ";
    char given[TOKEN_TEXT_MAX + sizeof scheme];
    if (lws_hdr_copy(wsi, given, sizeof given, WSI_TOKEN_HTTP_AUTHORIZATION) <= 0 ||
        strncasecmp(given, scheme, sizeof scheme - 1) != 0)
        return false;
    strcpy(to, given + sizeof scheme - 1);
    return token_ok(to);
}

/* Digits only: the library takes more (CVE list: a negative length becomes a huge one). */
static bool read_length(struct lws *wsi, uint64_t *out)
{
    char given[20];
    int n = lws_hdr_copy(wsi, given, sizeof given, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (n <= 0 || strspn(given, "0123456789") != (size_t)n)
        return false;
    *out = strtoull(given, NULL, 10);
    return *out > 0;
}

int upload_begin(struct vhost *v, struct lws *wsi, struct posting **at)
{
    char token[TOKEN_TEXT_MAX + 1];
    struct posting *p = *at = calloc(1, sizeof *p);
    if (p == NULL)
        return -1;
    *p = (struct posting){.v = v, .wsi = wsi, .at = at};
    p->expected = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_EXPECT) > 0;
    if (request_may_be_read_ahead(wsi))
        return refuse_and_close(p, 503, "unavailable", "Send a photo when the answer is there.");
    if (!read_length(wsi, &p->announced))
        return refuse_and_close(p, 411, "length_required", "Say how many bytes the photo has.");
    if (p->announced > v->chat->config->limits.photo_bytes)
        return refuse_and_close(p, 413, "too_big", "This photo has too many bytes.");
    if (!read_token(wsi, token))
        return refuse(p, 401, "unauthorized", "This needs the token of a person.", 0, false);
    struct source *source = ((struct visit *)lws_get_opaque_user_data(wsi))->source;
    p->upload = upload_create(v->chat, source, token, p->announced, on_judged, p);
    if (p->upload == NULL)
        return refuse(p, 503, "unavailable", err_text(ERR_UNAVAILABLE), 5000, false);
    pause_reading(p);
    look_again(p);
    return 0;
}

int upload_abandon(struct posting **at)
{
    if (at != NULL && *at != NULL)
        forget(*at);
    return 0;
}
