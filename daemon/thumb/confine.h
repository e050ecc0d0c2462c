/* confine.h - takes from this process what decoding a picture does not need, before it sees a byte
 * of the picture: descriptors, memory, time, system calls. */
#ifndef THUMB_CONFINE_H
#define THUMB_CONFINE_H

#include <stdbool.h>

/* Closes all descriptors from `files` on. False: the process must end. */
bool confine(unsigned files);

#endif
