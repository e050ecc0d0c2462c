/* descriptors.h - how many files and sockets this process may have open. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>

/* Raises the limit and returns how many connections it allows; 0: not known. The limit has a bound,
 * since libwebsockets makes a table of that size. */
size_t descriptors_raise(void);

#endif
