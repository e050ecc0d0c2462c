/* chatctl.c - the operator's tool: sends one command as a line of JSON to the daemon's control
 * socket and prints the answer in words. A new command is a row of `commands`. */
#include "chat/base/body.h"

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

#define EXIT_REFUSED   1
#define EXIT_USAGE     2
#define ANSWER_SECONDS 30
#define ID_BYTES       16
#define DEFAULT_SOCKET "/run/chatd/control.sock"

struct arguments {
    const char *control, *room;
    char **words; /* the command's name, then its arguments */
    int count;
};

/* --- commands ------------------------------------------------------------------------------- */

/* Seconds; -1: `text` is no duration. */
static json_int_t read_duration(const char *text)
{
    static const char units[] = "smhd";
    static const json_int_t seconds[] = {1, 60, 3600, 86400};
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || n > BAN_SECONDS_MAX || errno != 0)
        return -1;
    if (n == 0 && *end == '\0')
        return 0;
    const char *unit = *end == '\0' ? NULL : strchr(units, *end);
    return unit == NULL || end[1] != '\0' || n == 0 ? -1 : n * seconds[unit - units];
}

/* These add the arguments after the first to the frame. False: one is wrong. */
static bool add_nothing(json_t *frame, char *const *more, int count)
{
    (void)frame, (void)more, (void)count;
    return true;
}

static bool add_role(json_t *frame, char *const *more, int count)
{
    (void)count;
    return json_object_set_new(frame, "role", json_string(more[0])) == 0;
}

static bool add_sanction(json_t *frame, char *const *more, int count)
{
    json_int_t seconds = read_duration(more[0]);
    json_object_set_new(frame, "seconds", json_integer(seconds));
    return seconds >= 0 &&
           (count == 1 || json_object_set_new(frame, "reason", json_string(more[1])) == 0);
}

/* clang-format off */
static const struct command {
    const char *name, *type; /* on the command line (one word, or two), of the frame */
    const char *first;       /* the member of the frame for the first argument */
    const char *arguments, *words;
    int least, most; /* arguments */
    bool needs_room;
    bool (*add)(json_t *frame, char *const *more, int count);
} commands[] = {
    { "role",   "role",      "nick", "NICK admin|moderator|member", "admins are of the server, moderators of the room or of all", 2, 2, false, add_role },
    { "ban",    "ban",       "nick", "NICK DURATION [REASON]",      "DURATION is 10m, 2h, 7d, or 0: until lifted",  2, 3, false, add_sanction },
    { "mute",   "mute",      "nick", "NICK DURATION [REASON]",      "they read and vote, but post nothing",         2, 3, false, add_sanction },
    { "unban",  "unban",     "nick", "NICK",                        "lifts a ban",                                  1, 1, false, add_nothing },
    { "unmute", "unmute",    "nick", "NICK",                        "lifts a mute",                                 1, 1, false, add_nothing },
    { "kick",   "kick",      "nick", "NICK",                        "out of the room; they may come back",          1, 1, true,  add_nothing },
    { "purge",  "purge",     "nick", "NICK",                        "deletes everything they posted in the room",   1, 1, true,  add_nothing },
    { "free",   "free_nick", "nick", "NICK",                        "for somebody who has lost it; not while they are here", 1, 1, false, add_nothing },
    { "list",   "standings", NULL,   "",                            "everyone who has a role, a ban or a mute",     0, 0, false, add_nothing },
    { "room delete", "delete_room", "room", "ROOM",                 "deletes the room and everything in it",        1, 1, false, add_nothing },
};
/* clang-format on */

#define COMMANDS (sizeof commands / sizeof *commands)

#define NAME_WIDTH      6
#define ARGUMENTS_WIDTH 27

/* How much wider the name is than its column. */
static int name_excess(const struct command *c)
{
    int width = (int)strlen(c->name);
    return width > NAME_WIDTH ? width - NAME_WIDTH : 0;
}

static void print_usage(FILE *to)
{
    fputs("chatctl - commands of chatd's operator\n"
          "\n"
          "  chatctl [--control SOCKET] [--room ROOM] COMMAND\n"
          "\n",
          to);
    for (const struct command *c = commands; c < commands + COMMANDS; c++)
        fprintf(to, "  %-6s %-*s  %s%s\n", c->name, ARGUMENTS_WIDTH - name_excess(c), c->arguments,
                c->words, c->needs_room ? " (needs --room)" : "");
    fputs("\n"
          "Without --room a command is for the whole server. The default SOCKET is\n" DEFAULT_SOCKET
          ".\n",
          to);
}

/* How many words of the command line are the command's name; 0: it is another command. */
static int count_name(const struct command *c, const struct arguments *a)
{
    const char *second = strchr(c->name, ' ');
    size_t n = strcspn(c->name, " ");
    if (a->count == 0 || strlen(a->words[0]) != n || strncmp(c->name, a->words[0], n) != 0)
        return 0;
    if (second == NULL)
        return 1;
    return a->count > 1 && strcmp(second + 1, a->words[1]) == 0 ? 2 : 0;
}

static const struct command *find_command(const struct arguments *a)
{
    for (const struct command *c = commands; c < commands + COMMANDS; c++)
        if (count_name(c, a) > 0)
            return c;
    return NULL;
}

/* A new frame. NULL: there is no such command, or its arguments are wrong. */
static json_t *frame_of(const struct arguments *a)
{
    const struct command *c = find_command(a);
    int name = c == NULL ? 0 : count_name(c, a), count = a->count - name;
    char *const *words = a->words + name;
    if (c == NULL || count < c->least || count > c->most || (c->needs_room && a->room == NULL))
        return NULL;
    json_t *frame = json_pack("{s:s, s:s*}", "type", c->type, "room", a->room);
    if (count > 0)
        json_object_set_new(frame, c->first, json_string(words[0]));
    if (frame != NULL && c->add(frame, words + 1, count - 1))
        return frame;
    json_decref(frame);
    return NULL;
}

/* --- the control socket --------------------------------------------------------------------- */

/* False: see errno. */
static bool reach(int fd, const char *path)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    if (strlen(path) >= sizeof where.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(where.sun_path, path);
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
           connect(fd, (struct sockaddr *)&where, sizeof where) == 0;
}

static FILE *dial(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *link = fd >= 0 && reach(fd, path) ? fdopen(fd, "r+") : NULL;
    if (link != NULL)
        return link;
    fprintf(stderr, "chatctl: %s: %s. Use --control to name another socket\n", path,
            strerror(errno));
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* The reply with this id, new; other frames are skipped. NULL: none came. */
static json_t *await_reply(FILE *link, const char *id)
{
    char *line = NULL;
    size_t capacity = 0;
    json_t *reply = NULL;
    while (reply == NULL && getline(&line, &capacity, link) > 0) {
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

/* A line for each: nick, tab, role, ban, mute. */
static int print_standings(const json_t *reply)
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
        fputs("chatctl: the list is not complete\n", stderr);
    return EXIT_SUCCESS;
}

/* The daemon's words are for every command. */
static const char *words_for(const char *code, const char *text, const char *command)
{
    if (strcmp(code, "not_found") == 0)
        return "Nobody has this nickname, or there is nothing to lift.";
    if (strcmp(code, "forbidden") == 0 && strcmp(command, "delete_room") == 0)
        return "The room is in the configuration. Take it out of the file and restart chatd first.";
    return text;
}

static int print_done(const json_t *reply)
{
    const char *title = json_string_value(json_object_get(reply, "title"));
    if (title != NULL)
        printf("deleted room %s (%s) and everything in it\n",
               json_string_value(json_object_get(reply, "room")), title);
    return EXIT_SUCCESS;
}

/* `command`: its type. */
static int print_reply(const json_t *reply, const char *command)
{
    const char *type = json_string_value(json_object_get(reply, "type"));
    const char *text = json_string_value(json_object_get(reply, "text"));
    const char *field = json_string_value(json_object_get(reply, "field"));
    const char *code = json_string_value(json_object_get(reply, "code"));
    if (type != NULL && strcmp(type, "ok") == 0)
        return print_done(reply);
    if (type != NULL && strcmp(type, "standings") == 0)
        return print_standings(reply);
    if (code != NULL)
        text = words_for(code, text, command);
    fprintf(stderr, "chatctl: %s%s%s%s\n", reply == NULL ? "no answer from the daemon" : text,
            field == NULL ? "" : " (", field == NULL ? "" : field, field == NULL ? "" : ")");
    return EXIT_REFUSED;
}

static int run(const struct arguments *a, json_t *frame)
{
    unsigned char random[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    FILE *link = dial(a->control);
    if (link == NULL)
        return EXIT_REFUSED;
    randombytes_buf(random, sizeof random);
    json_object_set_new(frame, "id",
                        json_string(sodium_bin2hex(id, sizeof id, random, sizeof random)));
    json_dumpf(frame, link, JSON_COMPACT);
    fputc('\n', link);
    fflush(link);
    json_t *reply = await_reply(link, id);
    int status = print_reply(reply, json_string_value(json_object_get(frame, "type")));
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
    *a = (struct arguments){.control = DEFAULT_SOCKET};
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (o) {
        case 'c': a->control = optarg; break;
        case 'r': a->room = optarg; break;
        case 'v': puts("chatctl " CHATD_VERSION); exit(EXIT_SUCCESS);
        case 'h': print_usage(stdout); exit(EXIT_SUCCESS);
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
    signal(SIGPIPE, SIG_IGN); /* the daemon may end */
    json_t *frame = parse(argc, argv, &a) == 0 && sodium_init() >= 0 ? frame_of(&a) : NULL;
    if (frame == NULL) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    int status = run(&a, frame);
    json_decref(frame);
    return status;
}
