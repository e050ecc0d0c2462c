/* log.h - one event, one line: "level key=value key=value", to standard error.
 * Called by: daemon/ and, through vhost, the library's own messages; never by the core. Any thread.
 * Control characters are escaped, so that nothing from outside can forge a line; a line is cut at 1
 * KB. */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The sole global of daemon/: set once, before any thread begins. Under systemd's journal each
 * line begins with its priority. */
void log_set_level(enum log_level most);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
