/* gif.c - the first frame of a GIF by giflib, on its screen. Takes one byte for each pixel of the
 * frame, because rows may come interlaced. */
#include "codec.h"

#include "draft.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

#define BROKEN "The GIF cannot be decoded."

struct reader {
    GifFileType *gif;
    struct draft *draft;
    const uint8_t *at;
    size_t left;
    int transparent;  /* index of the colour; -1: none */
    uint8_t *indices; /* of the frame */
    uint8_t *row;     /* of the screen */
};

/* Called by giflib. */
static int read_bytes(GifFileType *gif, GifByteType *to, int n)
{
    struct reader *r = gif->UserData;
    size_t most = (size_t)n < r->left ? (size_t)n : r->left;
    memcpy(to, r->at, most);
    r->at += most;
    r->left -= most;
    return (int)most;
}

static bool read_extension(struct reader *r)
{
    GraphicsControlBlock control;
    GifByteType *block;
    int code;
    if (DGifGetExtension(r->gif, &code, &block) != GIF_OK)
        return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        r->transparent = control.TransparentColor;
    while (block != NULL)
        if (DGifGetExtensionNext(r->gif, &block) != GIF_OK)
            return false;
    return true;
}

/* Up to the first frame's pixels. */
static bool find_frame(struct reader *r)
{
    GifRecordType type;
    while (DGifGetRecordType(r->gif, &type) == GIF_OK)
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(r->gif) == GIF_OK;
        else if (type != EXTENSION_RECORD_TYPE || !read_extension(r))
            return false;
    return false;
}

static const char *read_indices(struct reader *r)
{
    static const unsigned first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const GifImageDesc *frame = &r->gif->Image;
    unsigned width = (unsigned)frame->Width, height = (unsigned)frame->Height;
    const char *fault = draft_size(r->draft, width, height); /* may exceed the screen */
    if (fault != NULL)
        return fault;
    r->indices = malloc((size_t)width * height);
    if (r->indices == NULL)
        return "There is no memory for the frame.";
    for (unsigned pass = 0; pass < (frame->Interlace ? 4 : 1); pass++)
        for (unsigned y = frame->Interlace ? first[pass] : 0; y < height;
             y += frame->Interlace ? step[pass] : 1)
            if (DGifGetLine(r->gif, r->indices + (size_t)y * width, (int)width) != GIF_OK)
                return BROKEN;
    return NULL;
}

static bool is_opaque(const struct reader *r)
{
    const GifImageDesc *frame = &r->gif->Image;
    return r->transparent < 0 && frame->Left == 0 && frame->Top == 0 &&
           frame->Width >= r->gif->SWidth && frame->Height >= r->gif->SHeight;
}

/* One row of the screen. What the frame does not cover is transparent. */
static void paint_row(struct reader *r, const ColorMapObject *colours, int y, bool alpha)
{
    const GifImageDesc *frame = &r->gif->Image;
    uint8_t *to = r->row;
    for (int x = 0; x < r->gif->SWidth; x++) {
        int left = x - frame->Left, top = y - frame->Top, index = -1;
        if (left >= 0 && left < frame->Width && top >= 0 && top < frame->Height)
            index = r->indices[(size_t)top * (size_t)frame->Width + (size_t)left];
        bool seen = index >= 0 && index < colours->ColorCount && index != r->transparent;
        GifColorType c = seen ? colours->Colors[index] : (GifColorType){0};
        *to++ = c.Red;
        *to++ = c.Green;
        *to++ = c.Blue;
        if (alpha)
            *to++ = seen ? 255 : 0;
    }
}

static const char *read_frame(struct reader *r)
{
    const char *fault;
    if (!find_frame(r))
        return BROKEN;
    const ColorMapObject *colours =
        r->gif->Image.ColorMap != NULL ? r->gif->Image.ColorMap : r->gif->SColorMap;
    if (colours == NULL)
        return "The GIF has no colours.";
    unsigned width = (unsigned)r->gif->SWidth, height = (unsigned)r->gif->SHeight;
    bool alpha = !is_opaque(r);
    if ((fault = read_indices(r)) != NULL ||
        (fault = draft_size(r->draft, width, height)) != NULL ||
        (fault = draft_begin(r->draft, width, height, 3, alpha)) != NULL)
        return fault;
    r->row = malloc((size_t)width * 4);
    if (r->row == NULL)
        return "There is no memory for a row.";
    for (int y = 0; y < r->gif->SHeight; y++) {
        paint_row(r, colours, y, alpha);
        draft_row(r->draft, r->row);
    }
    return NULL;
}

static const char *read_gif(struct draft *d, const uint8_t *picture, size_t size)
{
    struct reader r = {
        .draft = d, .at = picture, .left = size, .transparent = NO_TRANSPARENT_COLOR};
    int why;
    r.gif = DGifOpen(&r, read_bytes, &why);
    if (r.gif == NULL)
        return BROKEN;
    const char *fault = read_frame(&r);
    DGifCloseFile(r.gif, &why);
    free(r.indices);
    free(r.row);
    return fault;
}

const struct codec gif_codec = {"image/gif", read_gif};
