/* index.c - see index.h. */
#include "index.h"

#include "reference.h"

#include <sodium.h>
#include <string.h>

/* Copies text, and replaces the "./" of addresses. */
static void add_versioned(struct bytes *b, const char *base, const char *from, const char *end)
{
    const char *copied = from;
    for (struct reference r; reference_next(&from, end, &r);) {
        if (r.kind != REFERENCE_ADDRESS)
            continue;
        bytes_add(b, copied, (size_t)(r.at - 2 - copied));
        bytes_add_text(b, base);
        copied = r.at;
    }
    bytes_add(b, copied, (size_t)(end - copied));
}

static void add_links(struct bytes *b, const struct modules *m, const char *base)
{
    for (size_t i = 0; i < m->count; i++) {
        bytes_add_text(b, "<link rel=\"modulepreload\" href=\"");
        bytes_add_text(b, base);
        bytes_add_text(b, m->names[i]);
        bytes_add_text(b, "\" />\n");
    }
}

static void hash_text(const struct bytes *text, char out[INDEX_HASH_CHARS])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)text->at, text->size);
    sodium_bin2base64(out, INDEX_HASH_CHARS, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
}

/* The map must be there before the first script that loads a module. */
static void add_map(struct bytes *b, const struct modules *m, const char *base,
                    char hash_out[INDEX_HASH_CHARS])
{
    struct bytes map = {0};
    bytes_add_text(&map, "{\"imports\":{");
    for (size_t i = 0; i < m->count; i++) {
        bytes_add_text(&map, i == 0 ? "\"" : ",\n\"");
        bytes_add_text(&map, base);
        bytes_add_text(&map, m->names[i]);
        bytes_add_text(&map, "\":\"");
        bytes_add_text(&map, base);
        bytes_add_text(&map, MODULES_JOINED "\"");
    }
    bytes_add_text(&map, "}}");
    b->failed |= map.failed;
    if (!map.failed)
        hash_text(&map, hash_out);
    bytes_add_text(b, "<script type=\"importmap\">");
    bytes_add(b, map.at, map.size);
    bytes_add_text(b, "</script>\n<link rel='modulepreload' href='");
    bytes_add_text(b, base);
    bytes_add_text(b, MODULES_JOINED "' />\n");
    bytes_finish(&map);
}

/* Where scripts begin: the first one, else the end of the head, else the end. */
static const char *place(const struct bytes *text)
{
    const char *script = memmem(text->at, text->size, "<script", 7);
    const char *head_end = memmem(text->at, text->size, "</head>", 7);
    return script != NULL ? script : head_end != NULL ? head_end : text->at + text->size;
}

int index_write(struct folder *f, const struct modules *m, const char *base,
                char hash_out[INDEX_HASH_CHARS])
{
    struct file *index = folder_find(f, "index.html", 10);
    const char *at = index->plain.at, *end = at + index->plain.size, *here = place(&index->plain);
    struct bytes b = {0};
    hash_out[0] = '\0';
    add_versioned(&b, base, at, here);
    if (m->joined)
        add_map(&b, m, base, hash_out);
    else
        add_links(&b, m, base);
    add_versioned(&b, base, here, end);
    bytes_finish(&index->plain);
    index->plain = b;
    return b.failed ? folder_refuse(f, "index.html", "no memory") : 0;
}
