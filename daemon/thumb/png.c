/* png.c - PNG by libpng, row by row. An interlaced picture is whole only after its last pass: it
 * takes up to 4 bytes a pixel, 160 MB for 40 megapixels. */
#include "codec.h"

#include "draft.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    png_structp png;
    png_infop info;
    struct draft *draft;
    const uint8_t *at;
    size_t left;
    uint8_t *pixels; /* one row, or all of an interlaced picture */
};

/* Called by libpng, which does not go on after a fault. */
static void read_bytes(png_structp png, png_bytep to, size_t n)
{
    struct reader *r = png_get_io_ptr(png);
    if (n > r->left)
        png_error(png, "");
    memcpy(to, r->at, n);
    r->at += n;
    r->left -= n;
}

static void on_error(png_structp png, png_const_charp why)
{
    (void)why;
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp why) { (void)png, (void)why; }

static const char *take_colours(struct reader *r)
{
    png_charp name;
    png_bytep profile;
    png_uint_32 size;
    int method;
    double gamma;
    if (png_get_iCCP(r->png, r->info, &name, &method, &profile, &size) != 0)
        return draft_take_profile(r->draft, profile, size);
    if (png_get_gAMA(r->png, r->info, &gamma) != 0)
        png_set_gamma(r->png, PNG_DEFAULT_sRGB, gamma);
    return NULL;
}

/* It may stand behind the pixels. */
static void take_exif(struct reader *r)
{
    png_bytep exif;
    png_uint_32 size;
    png_read_end(r->png, r->info);
    if (png_get_eXIf_1(r->png, r->info, &size, &exif) != 0)
        draft_take_exif(r->draft, exif, size);
}

/* Whatever the picture has, its rows have 8 bits a sample, grey or RGB, perhaps with alpha. */
static void choose_colours(struct reader *r)
{
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

static const char *read_rows(struct reader *r)
{
    unsigned width = png_get_image_width(r->png, r->info);
    unsigned height = png_get_image_height(r->png, r->info);
    bool alpha = (png_get_color_type(r->png, r->info) & PNG_COLOR_MASK_ALPHA) != 0;
    bool whole = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE;
    size_t row = png_get_rowbytes(r->png, r->info);
    const char *fault =
        draft_begin(r->draft, width, height, png_get_channels(r->png, r->info) - alpha, alpha);
    r->pixels = calloc(whole ? height : 1, row);
    if (fault != NULL || r->pixels == NULL)
        return fault != NULL ? fault : "There is no memory for the PNG.";
    for (int pass = whole ? PNG_INTERLACE_ADAM7_PASSES : 1; pass > 0; pass--)
        for (unsigned y = 0; y < height; y++) {
            uint8_t *at = whole ? r->pixels + y * row : r->pixels;
            png_read_row(r->png, at, NULL);
            if (pass == 1)
                draft_row(r->draft, at);
        }
    return NULL;
}

static const char *read_all(struct reader *r)
{
    const char *fault;
    if (setjmp(png_jmpbuf(r->png)) != 0)
        return "The PNG cannot be decoded.";
    png_set_read_fn(r->png, r, read_bytes);
    png_read_info(r->png, r->info);
    fault = draft_size(r->draft, png_get_image_width(r->png, r->info),
                       png_get_image_height(r->png, r->info));
    if (fault != NULL || (fault = take_colours(r)) != NULL)
        return fault;
    choose_colours(r);
    if ((fault = read_rows(r)) == NULL)
        take_exif(r);
    return fault;
}

static const char *read_png(struct draft *d, const uint8_t *picture, size_t size)
{
    struct reader r = {.draft = d, .at = picture, .left = size};
    const char *fault = "There is no memory for the PNG.";
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, ignore_warning);
    r.info = r.png == NULL ? NULL : png_create_info_struct(r.png);
    if (r.info != NULL)
        fault = read_all(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.pixels);
    return fault;
}

const struct codec png_codec = {"image/png", read_png};
