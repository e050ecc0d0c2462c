/* chatctl.c - the operator's tool: one command, one line of JSON to the daemon's control socket,
 * and what it answers in words. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define EXIT_REFUSED     1
#define EXIT_USAGE       2
#define PATIENCE_SECONDS 30
#define ID_BYTES         16
#define SECONDS_MAX      ((long long)100 * 366 * 24 * 3600)

static const char usage[] =
    "chatctl - what the operator of chatd may do\n"
    "\n"
    "  chatctl [--control SOCKET] [--room ROOM] COMMAND\n"
    "\n"
    "  role NICK admin|moderator|member   admins are of the server, moderators of the room or of "
    "all\n"
    "  ban NICK DURATION [REASON]         DURATION is 10m, 2h, 7d, or 0: until lifted\n"
    "  mute NICK DURATION [REASON]        reads, votes, but says nothing\n"
    "  unban NICK, unmute NICK\n"
    "  kick NICK                          out of the room, but may come back\n"
    "  purge NICK                         deletes all that was said in the room\n"
    "\n"
    "  list                               who has a role, a ban or a mute there\n"
    "\n"
    "Without --room it is for the whole server; kick and purge need one. SOCKET is "
    "/run/chatd/control.sock, if not given.\n";

struct arguments {
    const char *control, *room;
    char **words;
    int count;
};

/* --- the command ---------------------------------------------------------------------------- */

/* Seconds; -1: it is none. */
static json_int_t read_duration(const char *text)
{
    static const char units[] = "smhd";
    static const json_int_t seconds[] = {1, 60, 3600, 86400};
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || n > SECONDS_MAX || errno != 0)
        return -1;
    if (n == 0 && *end == '\0')
        return 0;
    const char *unit = *end == '\0' ? NULL : strchr(units, *end);
    return unit == NULL || end[1] != '\0' || n == 0 ? -1 : n * seconds[unit - units];
}

/* A new command, or NULL: it is not used like this. */
static json_t *command_of(const struct arguments *a)
{
    const char *what = a->count > 1 ? a->words[0] : "", *nick = a->count > 1 ? a->words[1] : "";
    json_t *c = json_pack("{s:s, s:s, s:s*}", "type", what, "nick", nick, "room", a->room);
    bool good = false;
    if (a->count == 1 && strcmp(a->words[0], "list") == 0) {
        json_object_set_new(c, "type", json_string("standings"));
        json_object_del(c, "nick");
        return c;
    }
    if (strcmp(what, "role") == 0 && a->count == 3) {
        good = json_object_set_new(c, "role", json_string(a->words[2])) == 0;
    } else if ((strcmp(what, "ban") == 0 || strcmp(what, "mute") == 0) &&
               (a->count == 3 || a->count == 4)) {
        json_int_t seconds = read_duration(a->words[2]);
        json_object_set_new(c, "seconds", json_integer(seconds));
        good = seconds >= 0 &&
               (a->count == 3 || json_object_set_new(c, "reason", json_string(a->words[3])) == 0);
    } else if (a->count == 2) {
        good = strcmp(what, "unban") == 0 || strcmp(what, "unmute") == 0 ||
               (a->room != NULL && (strcmp(what, "purge") == 0 || strcmp(what, "kick") == 0));
    }
    if (!good)
        json_decref(c);
    return good ? c : NULL;
}

/* --- the conversation ----------------------------------------------------------------------- */

static FILE *dial(const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(where.sun_path, sizeof where.sun_path, "%s", path);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (strlen(path) < sizeof where.sun_path &&
        connect(fd, (struct sockaddr *)&where, sizeof where) == 0)
        return fdopen(fd, "r+");
    fprintf(stderr, "chatctl: %s: %s. Another one is named by --control\n", path, strerror(errno));
    close(fd);
    return NULL;
}

/* The reply with this id; what else is told is not for us. NULL: none came. */
static json_t *await_reply(FILE *link, const char *id)
{
    char *line = NULL;
    size_t room = 0;
    json_t *reply = NULL;
    while (reply == NULL && getline(&line, &room, link) > 0) {
        json_t *frame = json_loads(line, 0, NULL);
        const char *its = json_string_value(json_object_get(frame, "id"));
        if (its != NULL && strcmp(its, id) == 0)
            reply = json_incref(frame);
        json_decref(frame);
    }
    free(line);
    return reply;
}

static void print_end(const char *what, const json_t *until_ms)
{
    char text[64];
    time_t at = (time_t)(json_integer_value(until_ms) / 1000);
    struct tm local;
    if (until_ms == NULL)
        return;
    strftime(text, sizeof text, "until %F %R", localtime_r(&at, &local));
    printf(", %s %s", what, at == 0 ? "until lifted" : text);
}

/* A line for each: the nick, a tab, what she is. */
static int list(const json_t *reply)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(reply, "standings"), i, one)
    {
        printf("%s\t%s", json_string_value(json_object_get(one, "nick")),
               json_string_value(json_object_get(one, "role")));
        print_end("banned", json_object_get(one, "banned"));
        print_end("muted", json_object_get(one, "muted"));
        putchar('\n');
    }
    if (json_is_true(json_object_get(reply, "more")))
        fputs("chatctl: there are more\n", stderr);
    return EXIT_SUCCESS;
}

static int tell(json_t *reply)
{
    const char *type = json_string_value(json_object_get(reply, "type"));
    const char *text = json_string_value(json_object_get(reply, "text"));
    const char *field = json_string_value(json_object_get(reply, "field"));
    const char *code = json_string_value(json_object_get(reply, "code"));
    if (type != NULL && strcmp(type, "ok") == 0)
        return EXIT_SUCCESS;
    if (type != NULL && strcmp(type, "standings") == 0)
        return list(reply);
    if (code != NULL && strcmp(code, "not_found") == 0)
        text = "Nobody has this nickname, or there is nothing to be lifted.";
    fprintf(stderr, "chatctl: %s%s%s%s\n", reply == NULL ? "the daemon has not answered" : text,
            field == NULL ? "" : " (", field == NULL ? "" : field, field == NULL ? "" : ")");
    return EXIT_REFUSED;
}

static int run(const struct arguments *a, json_t *command)
{
    unsigned char random[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    FILE *link = dial(a->control);
    if (link == NULL)
        return EXIT_REFUSED;
    randombytes_buf(random, sizeof random);
    json_object_set_new(command, "id",
                        json_string(sodium_bin2hex(id, sizeof id, random, sizeof random)));
    json_dumpf(command, link, JSON_COMPACT);
    fputc('\n', link);
    fflush(link);
    json_t *reply = await_reply(link, id);
    int status = tell(reply);
    json_decref(reply);
    fclose(link);
    return status;
}

static int parse(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {{"control", required_argument, NULL, 'c'},
                                            {"room", required_argument, NULL, 'r'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    *a = (struct arguments){.control = "/run/chatd/control.sock"};
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (o) {
        case 'c': a->control = optarg; break;
        case 'r': a->room = optarg; break;
        case 'v': puts("chatctl " CHATD_VERSION); exit(EXIT_SUCCESS);
        case 'h': fputs(usage, stdout); exit(EXIT_SUCCESS);
        default: return -1;
        }
    }
    a->words = argv + optind;
    a->count = argc - optind;
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments a;
    signal(SIGPIPE, SIG_IGN); /* the daemon may go */
    json_t *command = parse(argc, argv, &a) == 0 && sodium_init() >= 0 ? command_of(&a) : NULL;
    if (command == NULL) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    int status = run(&a, command);
    json_decref(command);
    return status;
}
