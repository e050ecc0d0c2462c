/* mention.c - see mention.h. */
#include "mention.h"

#include "object.h"

#include <string.h>

/* No string contains these texts: it escapes its quotes. */
#define NICKS    ",\"mentions\":["
#define IDENTITY ",\"mentioned\":["

void mention_write(struct bytes *body, const struct mention *named, size_t n, bool room)
{
    if (n == 0 && !room)
        return;
    array_begin(body, "mentions");
    for (size_t i = 0; i < n; i++)
        object_add_text(body, NULL, named[i].nick);
    array_end(body);
    if (room)
        object_add_bool(body, "mentions_room", true);
    array_begin(body, "mentioned");
    for (size_t i = 0; i < n; i++)
        object_add_number(body, NULL, named[i].identity);
    array_end(body);
}

static size_t find(const char *body, size_t n, const char *member)
{
    const char *at = memmem(body, n, member, strlen(member));
    return at == NULL ? n : (size_t)(at - body);
}

size_t mention_hidden(const char *body, size_t n)
{
    if (n < 2 || body[n - 2] != ']')
        return n;
    size_t at = find(body, n, IDENTITY);
    if (at == n)
        return n;
    size_t numbers = at + strlen(IDENTITY);
    while (numbers < n && strchr("0123456789,", body[numbers]) != NULL)
        numbers++;
    return numbers == n - 2 ? at : n;
}

size_t mention_begin(const char *body, size_t n)
{
    size_t hidden = mention_hidden(body, n);
    return hidden == n ? n : find(body, n, NICKS);
}

json_t *mention_parse(const char *body, size_t n)
{
    return mention_hidden(body, n) == n ? NULL : json_loadb(body, n, 0, NULL);
}

void mention_hide(json_t *body) { json_object_del(body, "mentioned"); }

void mention_remove(json_t *body)
{
    json_object_del(body, "mentions");
    json_object_del(body, "mentions_room");
    mention_hide(body);
}
