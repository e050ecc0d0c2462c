/* main.c - reads arguments and configuration, then runs app.c. */
#include "app/app.h"
#include "config/conf.h"
#include "config/survey.h"
#include "log.h"

#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdbool.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_USAGE 2

static const char usage[] =
    "chatd - a multi-room, real-time chat daemon\n"
    "\n"
    "  chatd --config FILE          run in the foreground\n"
    "  chatd --config FILE --check  read the file, list all faults, exit 0 or 2;\n"
    "                               what this machine lacks is a warning\n"
    "  chatd --version\n"
    "  chatd --help\n"
    "\n"
    "For several nodes that share a file; these replace its keys:\n"
    "  --state DIR                  directory of this node's database\n"
    "  --node NAME                  name of this node\n";

struct arguments {
    const char *config, *state, *node;
    bool check, version, help;
};

static int parse(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"state", required_argument, NULL, 's'},
                                            {"node", required_argument, NULL, 'n'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    for (int o; (o = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (o) {
        case 'c': a->config = optarg; break;
        case 's': a->state = optarg; break;
        case 'n': a->node = optarg; break;
        case 'k': a->check = true; break;
        case 'v': a->version = true; break;
        case 'h': a->help = true; break;
        default: return -1;
        }
    }
    return optind == argc ? 0 : -1;
}

static int run(const struct arguments *a)
{
    struct conf conf;
    int faults = conf_load(&conf, a->config, stderr), status = EXIT_USAGE;
    faults += conf_override(&conf, a->state, a->node, stderr);
    if (faults == 0 && a->check) {
        status = conf_survey(&conf, a->config, SURVEY_CHECK, stderr) == 0 ? 0 : EXIT_USAGE;
    } else if (faults == 0) {
        bool here = conf_survey(&conf, a->config, SURVEY_START, stderr) == 0;
        log_set_level(conf.log_level);
        status = !here || sodium_init() < 0 ? 1 : app_run(&conf);
    }
    conf_destroy(&conf);
    return status;
}

/* Else the first sockets would get these numbers, and log lines. */
static void open_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

/* The library holds 65,000 bytes for the headers of each connection until it is a WebSocket (see
 * vhost.c). On the heap, they would leave holes between what stays. */
#define LARGE_BYTES 65000

int main(int argc, char **argv)
{
    struct arguments a = {0};
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    open_standard_streams();
    if (parse(argc, argv, &a) != 0) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (a.help || a.version) {
        fputs(a.help ? usage : "chatd " CHATD_VERSION "\n", stdout);
        return 0;
    }
    if (a.config == NULL) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return run(&a);
}
