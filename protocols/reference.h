/* reference.h - finds the files that a page and its modules name. Pure. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

enum reference_kind {
    REFERENCE_ADDRESS, /* HTML: src="./NAME", href="./NAME" */
    REFERENCE_IMPORT,  /* a module: from './NAME', import './NAME' */
    REFERENCE_LATER,   /* a module: import('./NAME') */
};

struct reference {
    enum reference_kind kind;
    const char *at; /* NAME, after the "./"; borrowed from the text */
    size_t size;
};

/* Finds the next reference in the text between *from and `end`, and moves *from behind it. False:
 * there is none. */
bool reference_next(const char **from, const char *end, struct reference *out);

#endif
