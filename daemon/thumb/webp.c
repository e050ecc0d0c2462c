/* webp.c - WebP by libwebp: a picture, or the first frame of a moving one; as it lies, because
 * Chromium does not turn a WebP. Decodes it whole: 4
 * bytes a pixel, and 4 more within the library if it is lossless, 320 MB for 40 megapixels. */
#include "codec.h"

#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#define BROKEN "The WebP cannot be decoded."

static const char *take_profile(struct draft *d, WebPDemuxer *demuxer)
{
    WebPChunkIterator chunk;
    const char *fault = NULL;
    if (WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk))
        fault = draft_take_profile(d, chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
    return fault;
}

/* Lays the frame on the canvas, which is transparent elsewhere. */
static const char *paint(struct draft *d, const WebPIterator *frame, unsigned width,
                         unsigned height, bool alpha, const uint8_t *pixels)
{
    size_t samples = 3 + alpha, in_frame = (size_t)frame->width * samples;
    unsigned top = (unsigned)frame->y_offset, bottom = top + (unsigned)frame->height;
    const char *fault = draft_begin(d, width, height, 3, alpha);
    uint8_t *row = malloc(width * samples);
    if (fault != NULL || row == NULL) {
        free(row);
        return fault != NULL ? fault : "There is no memory for a row.";
    }
    for (unsigned y = 0; y < height; y++) {
        memset(row, 0, width * samples);
        if (y >= top && y < bottom)
            memcpy(row + (size_t)frame->x_offset * samples, pixels + (y - top) * in_frame,
                   in_frame);
        draft_row(d, row);
    }
    free(row);
    return NULL;
}

static const char *read_frame(struct draft *d, const WebPIterator *frame, unsigned width,
                              unsigned height)
{
    bool covers = (unsigned)frame->width == width && (unsigned)frame->height == height;
    bool alpha = !covers || frame->has_alpha;
    int got_width, got_height;
    const WebPData *bytes = &frame->fragment;
    uint8_t *pixels = (alpha ? WebPDecodeRGBA : WebPDecodeRGB)(bytes->bytes, bytes->size,
                                                               &got_width, &got_height);
    const char *fault = BROKEN;
    if (pixels != NULL && got_width == frame->width && got_height == frame->height)
        fault = paint(d, frame, width, height, alpha, pixels);
    WebPFree(pixels);
    return fault;
}

static const char *read_webp(struct draft *d, const uint8_t *picture, size_t size)
{
    const WebPData data = {picture, size};
    WebPDemuxer *demuxer = WebPDemux(&data);
    WebPIterator frame;
    if (demuxer == NULL)
        return BROKEN;
    unsigned width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    unsigned height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    const char *fault = draft_size(d, width, height);
    if (fault == NULL)
        fault = take_profile(d, demuxer);
    if (fault == NULL && WebPDemuxGetFrame(demuxer, 1, &frame)) {
        fault = read_frame(d, &frame, width, height);
        WebPDemuxReleaseIterator(&frame);
    }
    WebPDemuxDelete(demuxer);
    return fault;
}

const struct codec webp_codec = {"image/webp", read_webp};
