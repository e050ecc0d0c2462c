/* log.c - see log.h. */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static struct {
    enum log_level most;
    bool to_journal;
} settings = {LOG_LEVEL_INFO, false};

void log_set_level(enum log_level most)
{
    settings.most = most;
    settings.to_journal = getenv("JOURNAL_STREAM") != NULL; /* systemd.exec(5) */
}

/* The number in angle brackets is a priority of systemd's journal (sd-daemon(3)). */
static const char *const prefixes[] = {"<3>error ", "<4>warn ", "<6>info ", "<7>debug "};
#define JOURNAL_PREFIX 3

void log_write(enum log_level level, const char *format, ...)
{
    char text[LINE_MAX_BYTES], line[sizeof text + 32];
    va_list args;
    if (level > settings.most)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t end = strlen(text);
    while (end > 0 && text[end - 1] == '\n')
        text[--end] = '\0';
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = *p == '\n' ? ' ' : '?';
    int n = snprintf(line, sizeof line, "%s%s\n",
                     prefixes[level] + (settings.to_journal ? 0 : JOURNAL_PREFIX), text);
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return; /* standard error is closed: nothing to do about it */
}
