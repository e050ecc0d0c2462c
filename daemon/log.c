/* log.c - see log.h. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static enum log_level most_verbose = LOG_LEVEL_INFO;

void log_set_level(enum log_level most) { most_verbose = most; }

/* systemd's journal reads the priority in angle brackets (sd-daemon(3)). */
static const char *const prefixes[] = {"<3>error ", "<4>warn ", "<6>info ", "<7>debug "};

void log_write(enum log_level level, const char *format, ...)
{
    char text[LINE_MAX_BYTES], line[sizeof text + 32];
    va_list args;
    if (level > most_verbose)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t end = strlen(text);
    while (end > 0 && text[end - 1] == '\n')
        text[--end] = '\0';
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    int n = snprintf(line, sizeof line, "%s%s\n", prefixes[level], text);
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return; /* nobody reads it: there is nothing better to do */
}
