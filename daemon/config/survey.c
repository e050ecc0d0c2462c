/* survey.c - see survey.h. */
#include "survey.h"

#include "cert.h"
#include "conf.h"
#include "reader.h"
#include "value.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct survey {
    struct reader r;
    enum survey_for why;
};

static void tell_absent(struct survey *v, const config_setting_t *at, const char *key,
                        const char *what, const char *why)
{
    if (v->why == SURVEY_CHECK)
        reader_warn(&v->r, at, key, "%s: %s", what, why);
    else
        reader_fault(&v->r, at, key, "%s: %s", what, why);
}

/* --- files and directories ------------------------------------------------------------------ */

static bool look_for_directory(struct survey *v, const config_setting_t *at, const char *key,
                               const char *path)
{
    struct stat is;
    int why = stat(path, &is) != 0 ? errno : S_ISDIR(is.st_mode) ? 0 : ENOTDIR;
    if (why != 0)
        tell_absent(v, at, key, path, strerror(why));
    return why == 0;
}

static void look_for_parent(struct survey *v, const config_setting_t *at, const char *key,
                            const char *path)
{
    char parent[PATH_BYTES_MAX + 1] = ".";
    const char *end = strrchr(path, '/');
    if (end != NULL)
        snprintf(parent, sizeof parent, "%.*s", end == path ? 1 : (int)(end - path), path);
    look_for_directory(v, at, key, parent);
}

/* chatd makes the directory itself, but not the one around it. */
static void look_for_state(struct survey *v)
{
    const config_setting_t *at = config_lookup(v->r.file, "state");
    struct stat is;
    if (stat(v->r.conf->state, &is) == 0)
        look_for_directory(v, at, "state", v->r.conf->state);
    else
        look_for_parent(v, at, "state", v->r.conf->state);
}

/* Of a FIFO, the reader would wait for ever. */
static bool look_for_file(struct survey *v, const config_setting_t *at, const char *key,
                          const char *path)
{
    struct stat is;
    const char *why = stat(path, &is) != 0 || access(path, R_OK) != 0 ? strerror(errno)
                      : !S_ISREG(is.st_mode)                          ? "is no file"
                                                                      : NULL;
    if (why != NULL)
        tell_absent(v, at, key, path, why);
    return why == NULL;
}

static void look_for_page(struct survey *v)
{
    const config_setting_t *at = config_lookup(v->r.file, "www");
    char page[PATH_BYTES_MAX + sizeof "/index.html"];
    if (!look_for_directory(v, at, "www", v->r.conf->www))
        return;
    snprintf(page, sizeof page, "%s/index.html", v->r.conf->www);
    look_for_file(v, at, "www", page);
}

/* chatd makes the file itself, and replaces one only if it is a socket. */
static void look_for_socket(struct survey *v, const config_setting_t *at, const char *key,
                            const char *path)
{
    struct stat is;
    if (lstat(path, &is) == 0 && !S_ISSOCK(is.st_mode))
        tell_absent(v, at, key, path, "is there, and is no socket");
    else
        look_for_parent(v, at, key, path);
}

/* Redis may start later, so its absence is never an error. */
static void look_for_redis(struct survey *v, const char *path)
{
    const config_setting_t *at = config_lookup(v->r.file, "redis.unix");
    struct stat is;
    if (stat(path, &is) != 0)
        reader_warn(&v->r, at, "unix", "%s: %s", path, strerror(errno));
    else if (!S_ISSOCK(is.st_mode))
        reader_warn(&v->r, at, "unix", "%s: is no socket", path);
}

/* --- listen --------------------------------------------------------------------------------- */

static void look_for_certificate(struct survey *v, const config_setting_t *entry,
                                 const struct conf_listen *l)
{
    const config_setting_t *tls = config_setting_get_member(entry, "tls");
    const struct {
        const char *key, *path;
    } files[] = {{"cert", l->tls_cert}, {"key", l->tls_key}};
    struct why why;
    const char *key;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!look_for_file(v, config_setting_get_member(tls, files[i].key), files[i].key,
                           files[i].path))
            return;
    switch (cert_check(l->tls_cert, l->tls_key, &key, &why)) {
    case CERT_GOOD: return;
    case CERT_ENDED:
        reader_warn(&v->r, config_setting_get_member(tls, key), key, "%s", why.text);
        return;
    case CERT_BAD:
        reader_fault(&v->r, config_setting_get_member(tls, key), key, "%s", why.text);
        return;
    }
}

/* A daemon that runs has the port, which is fine. */
static int try_address(const struct conf_listen *l)
{
    struct sockaddr_storage to;
    struct why why;
    if (!value_address(l->address, &to, &why))
        return EADDRNOTAVAIL;
    bool six = to.ss_family == AF_INET6;
    *(six ? &((struct sockaddr_in6 *)&to)->sin6_port : &((struct sockaddr_in *)&to)->sin_port) =
        htons((uint16_t)l->port);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fault = fd < 0 ? errno
                : bind(fd, (const struct sockaddr *)&to,
                       six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) != 0
                    ? errno
                    : 0;
    if (fd >= 0)
        close(fd);
    return fault == EADDRINUSE ? 0 : fault;
}

static void look_for_place(struct survey *v, const config_setting_t *entry,
                           const struct conf_listen *l)
{
    const config_setting_t *address =
        entry == NULL ? NULL : config_setting_get_member(entry, "address");
    int fault = l->unix_path == NULL && v->why == SURVEY_CHECK ? try_address(l) : 0;
    if (l->unix_path != NULL)
        look_for_socket(v, config_setting_get_member(entry, "unix"), "unix", l->unix_path);
    if (fault != 0)
        tell_absent(v, address, "address", l->address, strerror(fault));
}

/* --- all ------------------------------------------------------------------------------------ */

int conf_survey(const struct conf *conf, const char *path, enum survey_for why, FILE *out)
{
    struct survey v = {{.file = conf->memory, .path = path, .faults = out}, why};
    v.r.conf = (struct conf *)conf; /* only read */
    const config_setting_t *list = config_lookup(v.r.file, "listen");
    look_for_state(&v);
    look_for_page(&v);
    if (conf->control != NULL)
        look_for_socket(&v, config_lookup(v.r.file, "control"), "control", conf->control);
    if (conf->redis != NULL && conf->redis->unix_path != NULL && why == SURVEY_CHECK)
        look_for_redis(&v, conf->redis->unix_path);
    for (size_t i = 0; i < conf->listen_count; i++) {
        const config_setting_t *entry =
            list == NULL ? NULL : config_setting_get_elem(list, (unsigned)i);
        look_for_place(&v, entry, &conf->listen[i]);
        if (conf->listen[i].tls_cert != NULL)
            look_for_certificate(&v, entry, &conf->listen[i]);
    }
    return v.r.count;
}
