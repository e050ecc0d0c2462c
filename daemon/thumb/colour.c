/* colour.c - see colour.h. */
#include "colour.h"

#include "draft.h"

#include <lcms2.h>

/* How littlecms names what the draft has. CMYK is "reversed": 255 is no ink. */
static cmsUInt32Number format_of(const struct draft *d)
{
    cmsUInt32Number extra = EXTRA_SH(d->shrink.alpha ? 1U : 0U);
    switch (d->colours) {
    case 1: return TYPE_GRAY_8 | extra;
    case 3: return TYPE_RGB_8 | extra;
    default: return TYPE_CMYK_8_REV | extra;
    }
}

static bool fits(cmsHPROFILE profile, unsigned colours)
{
    cmsColorSpaceSignature space = cmsGetColorSpace(profile);
    return space == (colours == 1 ? cmsSigGrayData : colours == 3 ? cmsSigRgbData : cmsSigCmykData);
}

/* NULL: the profile is broken, or another kind of picture's. */
static cmsHTRANSFORM transform_of(const struct draft *d)
{
    cmsHPROFILE from = cmsOpenProfileFromMem(d->profile, (cmsUInt32Number)d->profile_size);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;
    if (from != NULL && to != NULL && fits(from, d->colours))
        transform = cmsCreateTransform(from, format_of(d), to, TYPE_RGBA_8, INTENT_PERCEPTUAL, 0);
    if (from != NULL)
        cmsCloseProfile(from);
    if (to != NULL)
        cmsCloseProfile(to);
    return transform;
}

static uint8_t without_ink(uint8_t colour, uint8_t black)
{
    return (uint8_t)((colour * black + 127) / 255);
}

static void convert_plainly(const struct draft *d, uint8_t *rgba)
{
    const uint8_t *from = d->shrink.pixels;
    for (size_t n = (size_t)d->width * d->height; n > 0; n--, from += d->shrink.samples, rgba += 4)
        for (unsigned i = 0; i < 3; i++)
            rgba[i] = d->colours == 1   ? from[0]
                      : d->colours == 3 ? from[i]
                                        : without_ink(from[i], from[3]);
}

/* littlecms leaves the fourth byte alone. */
static void copy_alpha(const struct draft *d, uint8_t *rgba)
{
    const uint8_t *from = d->shrink.pixels + d->colours;
    for (size_t n = (size_t)d->width * d->height; n > 0; n--, from += d->shrink.samples, rgba += 4)
        rgba[3] = d->shrink.alpha ? *from : 255;
}

void colour_convert(const struct draft *d, uint8_t *rgba)
{
    cmsHTRANSFORM transform = d->profile == NULL ? NULL : transform_of(d);
    if (transform != NULL) {
        cmsDoTransform(transform, d->shrink.pixels, rgba, d->width * d->height);
        cmsDeleteTransform(transform);
    } else {
        convert_plainly(d, rgba);
    }
    copy_alpha(d, rgba);
}
