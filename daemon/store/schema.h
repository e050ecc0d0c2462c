/* schema.h - a connection to the file, with the schema that the features want. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "db.h"

struct store;

/* SQLite's code. A writer creates the file and brings its schema up to date; the others need it to
 * be so. Call db_close() in any case. */
int schema_open(const struct store *s, struct db *db, enum db_use use);

#endif
