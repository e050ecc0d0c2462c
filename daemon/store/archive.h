/* archive.h - the store as the archive of the core (chat/model/ask.h). Loop thread only. */
#ifndef STORE_ARCHIVE_H
#define STORE_ARCHIVE_H

#include "chat/model/ask.h"

struct store;

extern const struct archive_ops store_archive_ops;
struct archive *store_archive(struct store *s); /* borrowed: the store itself */

#endif
