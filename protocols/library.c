/* library.c - see library.h. */
#include "library.h"

#include <libwebsockets.h>
#include <string.h>
#include <time.h>

#define LINES_A_SECOND 5

/* Static, because the log callback of the library has no argument. */
static struct {
    void (*log)(const char *line);
    time_t second;
    unsigned lines;
    bool ran_out;
} library;

static void on_line(int level, const char *line)
{
    time_t now = time(NULL);
    (void)level;
    if (strstr(line, "Ran out of header data space") != NULL) {
        library.ran_out = true; /* a refusal says it */
        return;
    }
    if (now != library.second) {
        library.second = now;
        library.lines = 0;
    }
    if (library.lines++ < LINES_A_SECOND)
        library.log(line);
}

void library_log(void (*log)(const char *line))
{
    library.log = log;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_line);
}

bool library_ran_out(void)
{
    bool ran_out = library.ran_out;
    library.ran_out = false;
    return ran_out;
}
