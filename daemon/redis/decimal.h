/* decimal.h - reads the numbers in ids and entries. Pure function. */
#ifndef REDIS_DECIMAL_H
#define REDIS_DECIMAL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* A number without sign or blanks that ends at the character `end`. *text moves behind `end`, but
 * not behind the zero of the string. */
static inline bool decimal_read(const char **text, char end, uint64_t *out)
{
    char *stop;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *out = strtoull(*text, &stop, 10);
    if (errno != 0 || *stop != end)
        return false;
    *text = stop + (end != '\0');
    return true;
}

#endif
