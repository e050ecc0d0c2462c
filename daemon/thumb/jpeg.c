/* jpeg.c - JPEG by libjpeg-turbo, which decodes at a half, a quarter or an eighth of the size.
 * Progressive pictures need two bytes for each sample of the whole picture: 320 MB for 40
 * megapixels in four colours. What a broken picture lacks is grey, as in browsers. */
#include "codec.h"

#include "draft.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define SCANS_MAX                                                                                  \
    100 /* usual: 10; each costs the time of the whole picture, however few its bytes */

#define APP1 (JPEG_APP0 + 1) /* EXIF */
#define APP2 (JPEG_APP0 + 2) /* the profile, in pieces */

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf broken;
    struct draft *draft;
    uint8_t *row;
};

static void on_error(j_common_ptr jpeg)
{
    struct reader *r = jpeg->client_data;
    longjmp(r->broken, 1);
}

static void ignore_warning(j_common_ptr jpeg, int level) { (void)jpeg, (void)level; }

static void count_scans(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
        on_error(jpeg);
}

static const char *take_markers(struct reader *r)
{
    JOCTET *profile;
    unsigned size;
    for (jpeg_saved_marker_ptr m = r->jpeg.marker_list; m != NULL; m = m->next)
        if (m->marker == APP1 && m->data_length > 6 && memcmp(m->data, "Exif\0\0", 6) == 0)
            draft_take_exif(r->draft, m->data, m->data_length);
    if (!jpeg_read_icc_profile(&r->jpeg, &profile, &size))
        return NULL;
    const char *fault = draft_take_profile(r->draft, profile, size);
    free(profile);
    return fault;
}

static void choose_colours(struct jpeg_decompress_struct *j)
{
    switch (j->jpeg_color_space) {
    case JCS_GRAYSCALE: j->out_color_space = JCS_GRAYSCALE; break;
    case JCS_CMYK:
    case JCS_YCCK: j->out_color_space = JCS_CMYK; break;
    default: j->out_color_space = JCS_RGB; break;
    }
}

static unsigned part(unsigned n, unsigned of) { return (n + of - 1) / of; }

static void choose_scale(struct jpeg_decompress_struct *j, const struct draft *d)
{
    j->scale_num = 1;
    j->scale_denom = 8;
    while (j->scale_denom > 1 && (part(j->image_width, j->scale_denom) < d->width ||
                                  part(j->image_height, j->scale_denom) < d->height))
        j->scale_denom /= 2;
}

static const char *read_rows(struct reader *r)
{
    struct jpeg_decompress_struct *j = &r->jpeg;
    jpeg_start_decompress(j);
    const char *fault = draft_begin(r->draft, j->output_width, j->output_height,
                                    (unsigned)j->output_components, false);
    r->row = malloc((size_t)j->output_width * (size_t)j->output_components);
    if (fault != NULL || r->row == NULL)
        return fault != NULL ? fault : "There is no memory for a row.";
    while (j->output_scanline < j->output_height && jpeg_read_scanlines(j, &r->row, 1) == 1)
        draft_row(r->draft, r->row);
    return NULL;
}

static const char *read_all(struct reader *r, const uint8_t *picture, size_t size)
{
    const char *fault;
    if (setjmp(r->broken) != 0)
        return "The JPEG cannot be decoded.";
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.client_data = r;
    r->jpeg.progress = &r->progress;
    jpeg_mem_src(&r->jpeg, picture, size);
    jpeg_save_markers(&r->jpeg, APP1, 0xffff);
    jpeg_save_markers(&r->jpeg, APP2, 0xffff);
    jpeg_read_header(&r->jpeg, TRUE);
    if ((fault = draft_size(r->draft, r->jpeg.image_width, r->jpeg.image_height)) != NULL ||
        (fault = take_markers(r)) != NULL)
        return fault;
    choose_colours(&r->jpeg);
    choose_scale(&r->jpeg, r->draft);
    return read_rows(r);
}

static const char *read_jpeg(struct draft *d, const uint8_t *picture, size_t size)
{
    struct reader r = {.draft = d, .progress.progress_monitor = count_scans};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = on_error;
    r.errors.emit_message = ignore_warning;
    const char *fault = read_all(&r, picture, size);
    jpeg_destroy_decompress(&r.jpeg);
    free(r.row);
    return fault;
}

const struct codec jpeg_codec = {"image/jpeg", read_jpeg};
