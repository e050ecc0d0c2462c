/* long_start.h - work at start that may take minutes, while the loop does not run: systemd hears
 * that it goes on, and the signals that end the daemon wait until somebody asks for them. */
#ifndef LONG_START_H
#define LONG_START_H

#include <stdbool.h>
#include <stdint.h>

struct long_start {
    uint64_t extended_ms; /* the last notice to systemd */
};

void long_start_begin(struct long_start *l);
/* Call it again and again while the work lasts. False: a signal asks for the end. */
bool long_start_goes_on(void *long_start);
/* Whether a signal has come. It is handled from here on. */
bool long_start_end(struct long_start *l);

#endif
