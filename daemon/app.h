/* app.h - the daemon: everything it is made of, built in order, run, and taken down in reverse.
 * Used by: main.c. */
#ifndef APP_H
#define APP_H

struct conf;

/* Runs until SIGTERM or SIGINT. The process's exit status. */
int app_run(const struct conf *conf);

#endif
