/* sql.h - pieces of SQL text that several files use. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "chat/base/body.h"

/* ?1 is the room's name. */
#define SQL_ROOM "(SELECT id FROM room WHERE name = ?1)"

/* SQLite uses the index event_item only where a statement says this word for word: a parameter will
 * not do. Other kinds are parameters. */
#define SQL_IS_ITEM "kind < 16"
_Static_assert(EVENT_ITEM_END == 16, "SQL_IS_ITEM is EVENT_ITEM_END");

/* Destroys ?2 rows of the room ?1. `key`: what the primary key has besides the room. */
#define SQL_FORGET_ROOM(table, key)                                                                \
    "DELETE FROM " table " WHERE room = ?1 AND (" key ") IN (SELECT " key " FROM " table           \
    " WHERE room = ?1 LIMIT ?2)"

/* The highest number of an event. */
#define SQL_SEQ_MAX "9007199254740991"
_Static_assert(SEQ_MAX == INT64_C(9007199254740991), "SQL_SEQ_MAX is SEQ_MAX");

#endif
