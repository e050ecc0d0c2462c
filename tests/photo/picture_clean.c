/* picture_clean IN OUT - picture_clean() for the tests: prints what it found as JSON, and exits
 * with the fault's number. At most 40,000,000 pixels and 200 frames. */
#include "photo/picture.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static const struct picture_limits most = {40000000, 200};
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
    FILE *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
    struct picture p;
    if (in == NULL || out == NULL)
        return PICTURE_FAILED;
    enum picture_fault fault = picture_clean(in, out, &most, &p);
    if (fault == PICTURE_FINE)
        printf("{\"mime\": \"%s\", \"width\": %u, \"height\": %u, \"orientation\": %u, \"frames\": "
               "%u, "
               "\"located\": %s}\n",
               picture_mime(p.kind), p.width, p.height, p.orientation, p.frames,
               p.located ? "true" : "false");
    fclose(in);
    fclose(out);
    return (int)fault;
}
