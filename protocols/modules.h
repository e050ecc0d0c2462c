/* modules.h - the modules that a page needs at its start, joined into one without comments that
 * have lines of their own, so that a first visit is two round trips and not eight. Pure but for the
 * folder. */
#ifndef MODULES_H
#define MODULES_H

#include "folder.h"

#define MODULES_JOINED "_all.js"

/* What the first module of index.html imports, and what that imports: an imported module before the
 * one that imports it. */
struct modules {
    const char *names[FOLDER_FILES_MAX]; /* borrowed from the folder */
    size_t count;
    bool joined; /* the folder has MODULES_JOINED, which exports all that they export */
};

/* Adds MODULES_JOINED to the folder if it understands all modules. It does not if imports make a
 * circle, two modules export the same name, or one has another form of `import` or `export` than
 * "import { a, b as c } from", "import * as a from" and "export" before a const, function or class,
 * at the start of a line, one in a line; nor if one has a byte order mark, a hashbang or another
 * line end than "\n". -1: no memory. */
int modules_collect(struct folder *f, struct modules *out);

#endif
