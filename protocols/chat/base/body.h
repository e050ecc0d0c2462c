/* body.h - checks an event from outside this process: its numbers, key and body.
 * Pure, any thread.
 *
 * What comes from Redis or out of the store's file passes here before anything else reads it. The
 * verdict depends on the bytes alone, so all nodes agree on what is void. The tables are wider than
 * those of the commands: they hold what memory and the wire need, and let through what a node with
 * other limits has written. */
#ifndef CHAT_BODY_H
#define CHAT_BODY_H

#include "event.h"

#include <jansson.h>

#define SEQ_MAX         (((int64_t)1 << 53) - 1)
#define AT_MAX          ((int64_t)253402300799999) /* the end of the year 9999: pages can show it */
#define IDENTITY_MAX    (((int64_t)1 << 62) - 1)   /* of identities and of voters */
#define BAN_SECONDS_MAX ((int64_t)100 * 366 * 24 * 3600)
#define BODY_BYTES_MAX  ((size_t)2 * 1024 * 1024)
#define BODY_LINE_MAX   4096 /* bytes of titles, topics, questions, options, reasons */
#define BODY_CODE_MAX   64   /* bytes of a receipt */

enum event_fault {
    FAULT_NONE,
    FAULT_KIND,   /* the kind is unknown or not one for this log; or there is no event to be read */
    FAULT_NUMBER, /* seq, at, author or `of` */
    FAULT_KEY,
    FAULT_JSON,    /* the body is not one JSON object in the form that event_write() needs */
    FAULT_FIELD,   /* the body lacks a member, or has one of a wrong type or size */
    FAULT_MEMBER,  /* the body has a member that only a node adds */
    FAULT_STORED,  /* not the bytes that were stored */
    FAULT_STORING, /* the store cannot carry it out */
    FAULT_ABSENT,  /* heard, and not in the stream */
    EVENT_FAULTS,
};

/* For the log: a static string. */
const char *event_fault_words(enum event_fault fault);

enum event_fault event_check(const struct event *e);
/* Only the kind and the numbers: for an event whose body is known to be good. */
enum event_fault event_check_numbers(const struct event *e);
/* Only the body, by its whole JSON tree: event_check() has a shorter way for most messages. The
 * kind must be known. */
enum event_fault event_check_body(const struct event *e);
/* Whether the members of mention.h are good, if `body` has them: that of an event, or a patch. */
bool body_mention_fits(const json_t *body);

#endif
