/* library.h - what libwebsockets says in its log. Loop thread only. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdbool.h>

/* `log` gets errors and warnings, at most five lines a second. */
void library_log(void (*log)(const char *line));

/* Whether, since the last call, a request's header was too large for the library: this is known
 * from its log only. It ends the connection right after it has said so. */
bool library_ran_out(void);

#endif
