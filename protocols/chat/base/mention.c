/* mention.c - see mention.h. */
#include "mention.h"

#include "body.h"
#include "json.h"
#include "nick.h"
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

static bool nicks_fit(const json_t *nicks)
{
    const json_t *nick;
    size_t i;
    bool fit = json_is_array(nicks) && json_array_size(nicks) <= MENTIONS_MAX;
    json_array_foreach(nicks, i, nick) fit &=
        json_string_length(nick) >= 1 && json_string_length(nick) <= NICK_BYTES_MAX;
    return fit;
}

static bool identities_fit(const json_t *identities, size_t n)
{
    const json_t *one;
    size_t i;
    bool fit = json_is_array(identities) && json_array_size(identities) == n;
    json_array_foreach(identities, i, one) fit &=
        json_integer_value(one) >= 1 && json_integer_value(one) <= IDENTITY_MAX;
    return fit;
}

bool mention_fits(const json_t *body)
{
    const json_t *nicks = json_object_get(body, "mentions"),
                 *room = json_object_get(body, "mentions_room"),
                 *identities = json_object_get(body, "mentioned");
    if (nicks == NULL || identities == NULL)
        return nicks == identities && room == NULL;
    return nicks_fit(nicks) && identities_fit(identities, json_array_size(nicks)) &&
           (room == NULL || json_is_true(room));
}

void mention_hide(json_t *body) { json_object_del(body, "mentioned"); }

void mention_remove(json_t *body)
{
    json_object_del(body, "mentions");
    json_object_del(body, "mentions_room");
    mention_hide(body);
}
