/* refusal.h - the one path of all refusals of HTTP: what the client is answered, what /metrics
 * counts, and what the log tells the operator to do: one line for each reason and address, and
 * every ten seconds another with how many more there were. Loop thread only. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "chat/base/bytes.h"

enum refusal {
    REFUSAL_ADDRESS,     /* its people */
    REFUSAL_CONNECTIONS, /* its connections, none of them idle */
    REFUSAL_DESCRIPTORS,
    REFUSAL_HOST,
    REFUSAL_ORIGIN,
    REFUSAL_PATH,
    REFUSAL_PROTOCOL,
    REFUSAL_VERSION,
    REFUSAL_UPGRADE,
    REFUSAL_H2C, /* a large file with an upgrade that is ignored */
    REFUSAL_METHOD,
    REFUSAL_HTTP,      /* its version */
    REFUSAL_MALFORMED, /* the library has answered 403, or nothing */
    REFUSAL_FIELD,     /* a header has an invalid name or value */
    REFUSAL_BODY,
    REFUSAL_LENGTH,
    REFUSAL_HEADERS,
    REFUSAL_STUCK, /* it has not taken its answer. Nothing more can be sent */
    REFUSAL_COUNT
};

struct refusal_answer {
    unsigned status;
    const char *more; /* header lines, or NULL */
    const char *text;
};

const struct refusal_answer *refusal_answer(enum refusal why);

struct refusals;

/* NULL: no memory. */
struct refusals *refusals_create(void (*log)(const char *line));
void refusals_destroy(struct refusals **r);

/* `address` and `detail` (NULL: none) go to the log. */
void refusals_add(struct refusals *r, enum refusal why, const char *address, const char *detail,
                  uint64_t now_ms);
/* From time to time: writes the lines that are due. */
void refusals_tick(struct refusals *r, uint64_t now_ms);
/* Appends lines for /metrics. */
void refusals_metrics(const struct refusals *r, struct bytes *to);

#endif
