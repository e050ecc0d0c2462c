/* modules.c - see modules.h. Module number 2 becomes
 *
 *     const _2 = ((a, own) => { …; return { x, y, }; })(_0.a, _1);
 *
 * where it had "import { a } from" module 0 and "import * as own from" module 1. Only the names _0,
 * _1 and so on are in the scope around it, so it sees no name that it has not imported. It looks at
 * the starts of lines and knows no other JavaScript; what it does not know is not joined. */
#include "modules.h"

#include "reference.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum visit { NOT_SEEN, OPEN, DONE };

struct graph {
    const struct folder *folder;
    struct modules *out;
    enum visit visits[FOLDER_FILES_MAX];
    bool circle;
};

/* --- the graph ------------------------------------------------------------------------------ */

static void visit(struct graph *g, const struct file *from, enum reference_kind kind)
{
    const char *at = from->plain.at, *end = at + from->plain.size;
    for (struct reference r; reference_next(&at, end, &r);) {
        struct file *to = r.kind == kind ? folder_find(g->folder, r.at, r.size) : NULL;
        if (to == NULL || !file_is_module(to))
            continue;
        enum visit *state = &g->visits[to - g->folder->files];
        g->circle |= *state == OPEN;
        if (*state != NOT_SEEN)
            continue;
        *state = OPEN;
        visit(g, to, REFERENCE_IMPORT);
        *state = DONE;
        if (kind == REFERENCE_IMPORT) /* the first module stays what the page names */
            g->out->names[g->out->count++] = to->name;
    }
}

/* --- a module ------------------------------------------------------------------------------- */

struct joining {
    const struct modules *modules;
    struct bytes exports[FOLDER_FILES_MAX]; /* of each module: ",a,b," */
    struct bytes all;                       /* joined so far */
    struct bytes last;                      /* what ends the joined module: its exports */
    struct bytes params, args, body;        /* of the module at hand */
};

static size_t word(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && (at[n] == '_' || at[n] == '$' || (at[n] >= '0' && at[n] <= '9') ||
                            (at[n] >= 'a' && at[n] <= 'z') || (at[n] >= 'A' && at[n] <= 'Z')))
        n++;
    return n;
}

static bool skip(const char **at, const char *end, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(end - *at) < n || memcmp(*at, text, n) != 0)
        return false;
    *at += n;
    return true;
}

static void add_name(struct bytes *b, const char *name, size_t n)
{
    if (b->size == 0)
        bytes_add(b, ",", 1);
    bytes_add(b, name, n);
    bytes_add(b, ",", 1);
}

static bool has_name(const struct bytes *b, const char *name, size_t n)
{
    struct bytes wanted = {0};
    add_name(&wanted, name, n);
    bool has =
        b->size > 0 && !wanted.failed && memmem(b->at, b->size, wanted.at, wanted.size) != NULL;
    bytes_finish(&wanted);
    return has;
}

static void add_module(struct bytes *b, size_t number)
{
    bytes_add(b, "_", 1);
    bytes_add_u64(b, number);
}

/* Adds a parameter and its argument: an export of module `from`, or with n = 0 all of them. */
static void add_import(struct joining *j, const char *own, size_t own_n, size_t from,
                       const char *name, size_t n)
{
    bytes_add(&j->params, own, own_n);
    bytes_add(&j->params, ", ", 2);
    add_module(&j->args, from);
    bytes_add(&j->args, ".", n > 0);
    bytes_add(&j->args, name, n);
    bytes_add(&j->args, ", ", 2);
}

/* "a, b as c }" */
static bool take_names(struct joining *j, const char *at, const char *end, size_t from)
{
    for (at += strspn(at, " \n,"); at < end && *at != '}'; at += strspn(at, " \n,")) {
        const char *name = at, *own = at;
        size_t n = word(name, end), own_n = n;
        at += n;
        if (skip(&at, end, " as ")) {
            own = at;
            own_n = word(own, end);
            at += own_n;
        }
        if (n == 0 || own_n == 0 || !has_name(&j->exports[from], name, n))
            return false;
        add_import(j, own, own_n, from, name, n);
    }
    return at < end;
}

/* The number of the module that the reference names. False: it is not among the modules. */
static bool number_of(const struct joining *j, const struct reference *r, size_t *out)
{
    for (size_t i = 0; i < j->modules->count; i++)
        if (strlen(j->modules->names[i]) == r->size &&
            memcmp(j->modules->names[i], r->at, r->size) == 0) {
            *out = i;
            return true;
        }
    return false;
}

/* An import statement, up to its semicolon. */
static bool take_import(struct joining *j, const char *at, const char *end)
{
    struct reference r;
    size_t from;
    const char *search = at;
    if (!reference_next(&search, end, &r) || search + 1 != end || r.kind != REFERENCE_IMPORT ||
        !number_of(j, &r, &from))
        return false;
    skip(&at, end, "import ");
    if (skip(&at, end, "{"))
        return take_names(j, at, end, from);
    if (!skip(&at, end, "* as "))
        return *at == '\'' || *at == '"';
    size_t n = word(at, end);
    add_import(j, at, n, from, "", 0);
    return n > 0;
}

/* Whether a comma outside of brackets may begin a second name: "a = 1, b = 2;". */
static bool has_second_name(const char *at, const char *end)
{
    for (int depth = 0; at < end && (depth > 0 || *at != ';'); at++) {
        depth += *at == '(' || *at == '[' || *at == '{';
        depth -= *at == ')' || *at == ']' || *at == '}';
        if (depth == 0 && *at == ',')
            return true;
    }
    return false;
}

/* An export, from behind its first word to its name. No other module has exported that name. */
static bool take_export(struct joining *j, size_t number, const char **at, const char *end)
{
    const char *start = *at;
    bool is_const = skip(at, end, "const ");
    if (!is_const)
        skip(at, end, "async ");
    if (!is_const && !skip(at, end, "class ") && !skip(at, end, "function "))
        return false;
    size_t n = word(*at, end);
    for (size_t i = 0; i <= number; i++)
        if (has_name(&j->exports[i], *at, n))
            return false;
    add_name(&j->exports[number], *at, n);
    *at += n;
    bytes_add(&j->body, start, (size_t)(*at - start));
    return n > 0 && !(is_const && has_second_name(*at, end));
}

/* Whether the line waits at the module's top. `async`: its statement, which began at the margin,
 * has had an async function. */
static bool waits(const char *line, const char *end, bool *async)
{
    size_t n = (size_t)(end - line);
    *async &= strchr(" \n)]}*/", *line) != NULL;
    *async |= memmem(line, n, "async ", 6) != NULL;
    return !*async && memmem(line, n, "await ", 6) != NULL;
}

/* Whether a statement begins with the keyword. */
static bool begins(const char *line, const char *end, const char *keyword)
{
    size_t n = strlen(keyword);
    for (const char *at = line; (at = memmem(at, (size_t)(end - at), keyword, n)) != NULL;) {
        const char *before = at, *after = at + n;
        size_t whole = word(at, end);
        while (before > line && isspace((unsigned char)before[-1]))
            before--;
        at += n;
        if (whole == n && (before == line || strchr(";}/", before[-1]) != NULL) &&
            (after == end || strchr("(.", *after) == NULL))
            return true;
    }
    return false;
}

/* Whether a comment is open after the line. */
static bool opens_comment(const char *line, const char *end, bool open)
{
    static const char begin[2] = {'/', '*'};
    while ((line = memmem(line, (size_t)(end - line), open ? "*/" : begin, 2)) != NULL) {
        line += 2;
        open = !open;
    }
    return open;
}

/* Skips a comment that begins at `at` and has its lines for itself: no visitor's browser needs it.
 * Not where lines may belong to a text: those of a module with a line that has one "`". */
static const char *skip_comment(const char *at, const char *end)
{
    const char *from = at, *stop;
    while (from < end && *from == ' ')
        from++;
    if (!skip(&from, end, "/*") || (stop = memmem(from, (size_t)(end - from), "*/", 2)) == NULL)
        return at;
    return stop + 2 < end && stop[2] == '\n' ? stop + 3 : at;
}

/* Whether a text in "`" has several lines. */
static bool has_long_text(const char *at, const char *end)
{
    bool open = false;
    for (; at < end && !(open && *at == '\n'); at++)
        open ^= *at == '`';
    return at < end;
}

static bool take_text(struct joining *j, size_t number, const char *at, const char *end)
{
    bool in_comment = false, async = false, texts = has_long_text(at, end);
    while (at < end) {
        if (!in_comment && !texts)
            at = skip_comment(at, end);
        const char *line = at, *stop = memchr(at, ';', (size_t)(end - at));
        if (skip(&at, end, "import ")) {
            if (in_comment || stop == NULL || !take_import(j, line, stop))
                return false;
            at = stop + 1;
        } else if (skip(&at, end, "export ") && (in_comment || !take_export(j, number, &at, end)))
            return false;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline == NULL ? end : newline + 1;
        if (waits(line, next, &async) || begins(at, next, "import") || begins(at, next, "export"))
            return false;
        in_comment = opens_comment(at, next, in_comment);
        bytes_add(&j->body, at, (size_t)(next - at));
        at = next;
    }
    return true;
}

/* Whether the text contains something that is valid only where a file begins, or a line end other
 * than '\n'. */
static bool is_strange(const struct bytes *text)
{
    static const char *const strange[] = {"\xef\xbb\xbf", "\xe2\x80\xa8", "\xe2\x80\xa9", "\r"};
    for (size_t i = 0; text->size > 0 && i < sizeof strange / sizeof *strange; i++)
        if (memmem(text->at, text->size, strange[i], strlen(strange[i])) != NULL)
            return true;
    return text->size > 1 && memcmp(text->at, "#!", 2) == 0;
}

/* --- joining -------------------------------------------------------------------------------- */

/* Writes "const { a: _2a, } = _2; export { _2a as a, };" */
static void add_exports(struct joining *j, size_t number)
{
    const struct bytes *names = &j->exports[number];
    struct bytes out = {0};
    bytes_add_text(&j->last, "const { ");
    bytes_add_text(&out, "export { ");
    for (const char *at = names->at + 1, *end = names->at + names->size; at < end;) {
        size_t n = word(at, end);
        bytes_add(&j->last, at, n);
        bytes_add(&j->last, ": ", 2);
        add_module(&j->last, number);
        bytes_add(&j->last, at, n);
        bytes_add(&j->last, ", ", 2);
        add_module(&out, number);
        bytes_add(&out, at, n);
        bytes_add(&out, " as ", 4);
        bytes_add(&out, at, n);
        bytes_add(&out, ", ", 2);
        at += n + 1;
    }
    bytes_add_text(&j->last, "} = ");
    add_module(&j->last, number);
    bytes_add_text(&j->last, ";\n");
    bytes_add(&j->last, out.at, out.size);
    bytes_add_text(&j->last, "};\n");
    j->last.failed |= out.failed;
    bytes_finish(&out);
}

static bool join_module(struct joining *j, const struct file *f, size_t number)
{
    bytes_finish(&j->params);
    bytes_finish(&j->args);
    bytes_finish(&j->body);
    if (is_strange(&f->plain) || !take_text(j, number, f->plain.at, f->plain.at + f->plain.size))
        return false;
    bytes_add_text(&j->all, "const ");
    add_module(&j->all, number);
    bytes_add_text(&j->all, " = ((");
    bytes_add(&j->all, j->params.at, j->params.size);
    bytes_add_text(&j->all, ") => {\n");
    bytes_add(&j->all, j->body.at, j->body.size);
    bytes_add_text(&j->all, "\nreturn { ");
    if (j->exports[number].size > 0) {
        bytes_add(&j->all, j->exports[number].at + 1, j->exports[number].size - 1);
        add_exports(j, number);
    }
    bytes_add_text(&j->all, " };\n})(");
    bytes_add(&j->all, j->args.at, j->args.size);
    bytes_add_text(&j->all, ");\n");
    j->all.failed |= j->params.failed || j->args.failed || j->body.failed;
    return true;
}

static void joining_destroy(struct joining *j)
{
    for (size_t i = 0; i < FOLDER_FILES_MAX; i++)
        bytes_finish(&j->exports[i]);
    bytes_finish(&j->all);
    bytes_finish(&j->last);
    bytes_finish(&j->params);
    bytes_finish(&j->args);
    bytes_finish(&j->body);
    free(j);
}

static int join(struct folder *f, struct modules *m)
{
    struct joining *j = calloc(1, sizeof *j);
    if (j == NULL)
        return folder_refuse(f, MODULES_JOINED, "no memory");
    int result = 0;
    j->modules = m;
    /* The browser has read the map; so no script without an address stays in the document. */
    bytes_add_text(&j->all, "document.querySelector('script[type=importmap]')?.remove();\n");
    m->joined = m->count > 0;
    for (size_t i = 0; i < m->count && m->joined; i++)
        m->joined = join_module(j, folder_find(f, m->names[i], strlen(m->names[i])), i);
    if (m->joined) {
        bytes_add(&j->all, j->last.at, j->last.size);
        j->all.failed |= j->last.failed;
        result = folder_add_take(f, MODULES_JOINED, &j->all);
    }
    joining_destroy(j);
    return result;
}

int modules_collect(struct folder *f, struct modules *out)
{
    struct graph g = {.folder = f, .out = out};
    out->count = 0;
    out->joined = false;
    visit(&g, folder_find(f, "index.html", 10), REFERENCE_ADDRESS);
    return g.circle ? 0 : join(f, out);
}
