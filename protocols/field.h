/* field.h - values of HTTP header fields that are lists (RFC 9110, 5.6.1). Pure. */
#ifndef FIELD_H
#define FIELD_H

#include <stdbool.h>

/* Whether a comma-separated header names `token`. */
bool field_names(const char *list, const char *token);

/* Whether an If-None-Match header names the entity tag `tag`, strong or weak, or "*". `tag` has its
 * quotes. */
bool field_has_tag(const char *list, const char *tag);

/* Whether an Accept-Encoding header allows `coding`, by name or by "*", with a weight above 0. */
bool field_accepts(const char *list, const char *coding);

#endif
