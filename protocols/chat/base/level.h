/* level.h - of what in a room a person wants to be told. Pure, any thread. */
#ifndef CHAT_LEVEL_H
#define CHAT_LEVEL_H

#include <stdbool.h>

enum level { LEVEL_MENTIONS, LEVEL_ALL, LEVEL_NONE }; /* the first: of who has said nothing */
#define LEVELS 3

const char *level_name(enum level l); /* "mentions", …; static */
/* False for NULL and for what is no level. */
bool level_read(const char *name, enum level *out);

#endif
