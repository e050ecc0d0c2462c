/* photo.c - see photo.h. */
#include "photo.h"

#include "json.h"
#include "object.h"

#include <string.h>

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

bool photo_name_ok(const char *name)
{
    return name != NULL && strspn(name, BASE64URL) == PHOTO_NAME_CHARS &&
           name[PHOTO_NAME_CHARS] == '\0';
}

static bool mime_ok(const char *mime)
{
    static const char *const shown[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strcmp(mime, shown[i]) == 0)
            return true;
    return false;
}

bool photo_ok(const struct photo *p)
{
    return photo_name_ok(p->name) && mime_ok(p->mime) &&
           p->preview[strspn(p->preview, BASE64URL)] == '\0';
}

void photo_write(struct bytes *to, const struct photo *p)
{
    object_add_text(to, "photo", p->name);
    object_add_number(to, "width", p->width);
    object_add_number(to, "height", p->height);
    object_add_text(to, "mime", p->mime);
    object_add_number(to, "bytes", p->bytes);
    if (p->preview[0] == '\0')
        object_add_json(to, "preview", "null", 4);
    else
        object_add_text(to, "preview", p->preview);
}

static void copy(char *to, size_t size, const char *from)
{
    if (from != NULL && strlen(from) < size)
        strcpy(to, from);
}

bool photo_read(const json_t *object, struct photo *out)
{
    *out = (struct photo){.width = (unsigned)field_int(object, "width", 0),
                          .height = (unsigned)field_int(object, "height", 0),
                          .bytes = (uint64_t)field_int(object, "bytes", 0)};
    copy(out->name, sizeof out->name, field_string(object, "photo"));
    copy(out->mime, sizeof out->mime, field_string(object, "mime"));
    copy(out->preview, sizeof out->preview, field_string(object, "preview"));
    return photo_ok(out);
}

/* The text that is looked for cannot be in a string, which escapes its quotes. */
json_t *photos_in(const char *body, size_t n)
{
    static const char member[] = "\"photos\":[";
    if (memmem(body, n, member, sizeof member - 1) == NULL)
        return NULL;
    json_t *object = json_loadb(body, n, 0, NULL);
    json_t *photos = json_incref(json_object_get(object, "photos"));
    json_decref(object);
    return photos;
}
