/* app.h - the daemon: builds its parts in order, runs the loop, takes them down in reverse. */
#ifndef APP_H
#define APP_H

struct conf;

/* Runs until SIGTERM or SIGINT. Returns the exit status of the process. */
int app_run(const struct conf *conf);

#endif
