/* place.c - see place.h. */
#include "place.h"

#include "scan.h"

#include <string.h>

#define RESOURCE_IPTC 0x0404

bool place_in_text(const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {
        "GPSLatitude",     "GPSLongitude",      "GPSPosition",           "photoshop:City",
        "photoshop:State", "photoshop:Country", "Iptc4xmpCore:Location", "Iptc4xmpExt:Location",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (memmem(bytes, n, names[i], strlen(names[i])) != NULL)
            return true;
    return false;
}

/* Record 2: content location, city, sublocation, state, country. */
static bool names_a_place(unsigned record, unsigned dataset)
{
    static const uint8_t places[] = {26, 27, 90, 92, 95, 100, 101};
    return record == 2 && memchr(places, (int)dataset, sizeof places) != NULL;
}

bool place_in_iptc(const uint8_t *bytes, size_t n)
{
    while (n >= 5 && bytes[0] == 0x1c) {
        size_t size = be16(bytes + 3);
        if (size > n - 5) /* bit 15 marks datasets of more than 32,767 bytes, which are no places */
            return false;
        if (size > 0 && names_a_place(bytes[1], bytes[2]))
            return true;
        bytes += 5 + size, n -= 5 + size;
    }
    return false;
}

/* The name is a Pascal string. Name and bytes are padded to even lengths. */
bool place_in_photoshop(const uint8_t *bytes, size_t n)
{
    while (n >= 12 && memcmp(bytes, "8BIM", 4) == 0) {
        size_t name = ((size_t)bytes[6] + 2) & ~(size_t)1;
        if (name > n - 10)
            return false;
        const uint8_t *data = bytes + 10 + name;
        size_t left = n - 10 - name, size = be32(data - 4);
        if (size > left)
            return false;
        if (be16(bytes + 4) == RESOURCE_IPTC && place_in_iptc(data, size))
            return true;
        size += size & 1;
        size = size < left ? size : left;
        bytes = data + size, n = left - size;
    }
    return false;
}
