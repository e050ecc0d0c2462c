/* stoppable.c - see stoppable.h. Each file is one of SQLite's own, with other methods; they lie
 * behind it in the memory that SQLite allocates for the file. */
#include "stoppable.h"

#include <stddef.h>

struct methods {
    sqlite3_io_methods io; /* first: what file->pMethods points to */
    const sqlite3_io_methods *own;
    const atomic_bool *stop;
};
_Static_assert(offsetof(struct methods, io) == 0, "read_or_stop() casts");
_Static_assert(offsetof(struct stoppable, vfs) == 0, "open_file() casts");

static int read_or_stop(sqlite3_file *file, void *to, int n, sqlite3_int64 from)
{
    const struct methods *m = (const struct methods *)file->pMethods;
    return atomic_load(m->stop) ? SQLITE_IOERR_READ : m->own->xRead(file, to, n, from);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *flags_out)
{
    const struct stoppable *s = (const struct stoppable *)vfs;
    struct methods *m = (struct methods *)((char *)file + vfs->szOsFile - sizeof *m);
    int rc = s->own->xOpen(s->own, name, file, flags, flags_out);
    if (file->pMethods == NULL)
        return rc;
    *m = (struct methods){*file->pMethods, file->pMethods, s->stop};
    m->io.xRead = read_or_stop;
    file->pMethods = &m->io;
    return rc;
}

int stoppable_begin(struct stoppable *s, const atomic_bool *stop)
{
    sqlite3_vfs *own = sqlite3_vfs_find(NULL);
    if (own == NULL)
        return SQLITE_CANTOPEN;
    *s = (struct stoppable){*own, own, stop};
    s->vfs.zName = STOPPABLE_NAME;
    s->vfs.pNext = NULL;
    s->vfs.szOsFile = (own->szOsFile + 15) / 16 * 16 + (int)sizeof(struct methods);
    s->vfs.xOpen = open_file;
    return sqlite3_vfs_register(&s->vfs, 0);
}

void stoppable_end(struct stoppable *s) { sqlite3_vfs_unregister(&s->vfs); }
