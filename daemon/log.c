/* log.c - see log.h. */
#include "log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024 /* below PIPE_BUF: a pipe that can be written takes a whole line */

static struct {
    enum log_level most;
    bool to_journal;
    pthread_mutex_t writing;
    size_t left_out, left_out_untold;
} settings = {LOG_LEVEL_INFO, false, PTHREAD_MUTEX_INITIALIZER, 0, 0};

/* Programs that a service starts inherit the variable: it names the stream itself, see
 * systemd.exec(5). */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_set_level(enum log_level most)
{
    settings.most = most;
    settings.to_journal = is_journal();
}

/* The number in angle brackets is a priority of systemd's journal (sd-daemon(3)). */
static const char *const prefixes[] = {"<3>error ", "<4>warn ", "<6>info ", "<7>debug "};
#define JOURNAL_PREFIX 3

/* Asks first, because O_NONBLOCK would also change the terminal or pipe of other processes. */
static bool put(enum log_level level, const char *text)
{
    char line[LINE_MAX_BYTES + 32];
    struct pollfd to = {.fd = STDERR_FILENO, .events = POLLOUT};
    int n = snprintf(line, sizeof line, "%s%s\n",
                     prefixes[level] + (settings.to_journal ? 0 : JOURNAL_PREFIX), text);
    return poll(&to, 1, 0) == 1 && (to.revents & POLLOUT) != 0 &&
           write(STDERR_FILENO, line, (size_t)n) == n;
}

static void put_or_count(enum log_level level, const char *text)
{
    char told[64];
    pthread_mutex_lock(&settings.writing);
    snprintf(told, sizeof told, "log lines=%zu left out", settings.left_out_untold);
    if (settings.left_out_untold > 0 && put(LOG_LEVEL_WARN, told))
        settings.left_out_untold = 0;
    if (settings.left_out_untold > 0 || !put(level, text)) {
        settings.left_out_untold++;
        settings.left_out++;
    }
    pthread_mutex_unlock(&settings.writing);
}

size_t log_left_out(void)
{
    pthread_mutex_lock(&settings.writing);
    size_t n = settings.left_out;
    pthread_mutex_unlock(&settings.writing);
    return n;
}

void log_write(enum log_level level, const char *format, ...)
{
    char text[LINE_MAX_BYTES];
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
    put_or_count(level, text);
}
