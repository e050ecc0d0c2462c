/* log.h - writes one line an event to standard error: "level key=value key=value". Replaces control
 * characters, so that no text from outside can forge a line, and cuts a line at 1 KB. Never blocks:
 * when standard error is full it drops lines, and the next line that fits tells their number.
 * Never pass message texts, passwords or tokens. Any thread. */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Sets the only global of daemon/. Call it once, before any thread starts. Under systemd's journal
 * each line starts with its priority. */
void log_set_level(enum log_level most);

/* Lines that nobody has read in time. */
size_t log_left_out(void);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
