/* field.c - see field.h. */
#include "field.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t"

static bool is_word(const char *at, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(at, word, n) == 0;
}

bool field_names(const char *list, const char *token)
{
    while (*list != '\0') {
        list += strspn(list, BLANK ",");
        size_t n = strcspn(list, BLANK ",");
        if (is_word(list, n, token))
            return true;
        list += n;
    }
    return false;
}

bool field_has_tag(const char *list, const char *tag)
{
    return field_names(list, "*") || strstr(list, tag) != NULL;
}

/* Whether the parameters from `at` to `end` hold a weight of 0: "q=0", "q=0.000". */
static bool weighs_nothing(const char *at, const char *end)
{
    while (at < end && *at != 'q' && *at != 'Q')
        at++;
    at += at < end;
    at += strspn(at, BLANK "=");
    return at < end && *at == '0' && at + strspn(at, "0." BLANK) >= end;
}

bool field_accepts(const char *list, const char *coding)
{
    bool any = false;
    while (*list != '\0') {
        list += strspn(list, BLANK ",");
        const char *end = list + strcspn(list, ",");
        size_t n = strcspn(list, BLANK ",;");
        bool wanted = !weighs_nothing(list + n, end);
        if (is_word(list, n, coding))
            return wanted;
        any |= is_word(list, n, "*") && wanted;
        list = end;
    }
    return any;
}
