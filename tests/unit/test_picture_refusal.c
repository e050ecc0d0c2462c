/* test_picture_refusal.c - what picture_clean() refuses, and why. */
#include "pieces.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct refused {
    const char *name;
    enum picture_kind kind;
    struct bytes in[PIECES_MAX];
    enum picture_fault fault;
};

/* clang-format off */
static const struct refused refusals[] = {
    { "nothing", PICTURE_JPEG, {B("")}, PICTURE_UNKNOWN },
    { "text", PICTURE_JPEG, {B("hello, I am no picture")}, PICTURE_UNKNOWN },
    { "SVG", PICTURE_JPEG, {B("<svg xmlns='http://www.w3.org/2000/svg'/>")}, PICTURE_UNKNOWN },
    { "HTML before a JPEG", PICTURE_JPEG, {B("<html>"), SOI, SOF, SOS, CODE, EOI}, PICTURE_UNKNOWN },
    { "AVIF", PICTURE_JPEG, {B("\0\0\0\x1c" "ftypavif\0\0\0\0")}, PICTURE_UNKNOWN },
    { "HEIC", PICTURE_JPEG, {B("\0\0\0\x1c" "ftypheic\0\0\0\0")}, PICTURE_UNKNOWN },
    { "WAVE in RIFF", PICTURE_JPEG, {B("RIFF\x04\0\0\0WAVE")}, PICTURE_UNKNOWN },
    { "GIF of no version", PICTURE_GIF, {B("GIF80a\x03\0\x02\0\0\0\0"), IMAGE, TRAILER}, PICTURE_UNKNOWN },
    { "GIF and a script", PICTURE_GIF, {B("GIF89a=1;alert(1)//")}, PICTURE_TOO_BIG },

    { "jpeg: arithmetic codes", PICTURE_JPEG, {SOI, SOF_OF("\xc9", "\0\x02", "\0\x03"), SOS, CODE, EOI}, PICTURE_UNKNOWN },
    { "jpeg: lossless", PICTURE_JPEG, {SOI, SOF_OF("\xc3", "\0\x02", "\0\x03"), SOS, CODE, EOI}, PICTURE_UNKNOWN },
    { "jpeg: 12 bits", PICTURE_JPEG, {SOI, B("\xff\xc1\0\x0b\x0c\0\x02\0\x03\x01\x01\x11\0"), SOS, CODE, EOI}, PICTURE_UNKNOWN },
    { "jpeg: no height yet", PICTURE_JPEG, {SOI, SOF_OF("\xc0", "\0\0", "\0\x03"), SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: DNL", PICTURE_JPEG, {SOI, SOF, SOS, CODE, B("\xff\xdc\0\x04\0\x02"), EOI}, PICTURE_BROKEN },
    { "jpeg: too big", PICTURE_JPEG, {SOI, SOF_OF("\xc0", "\0\x0b", "\0\x0a")}, PICTURE_TOO_BIG },
    { "jpeg: no frame", PICTURE_JPEG, {SOI, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: two frames", PICTURE_JPEG, {SOI, SOF, SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: no scan", PICTURE_JPEG, {SOI, SOF, EOI}, PICTURE_BROKEN },
    { "jpeg: a start within", PICTURE_JPEG, {SOI, SOF, SOI, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: bytes between segments", PICTURE_JPEG, {SOI, JFIF, B("me"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: bytes behind tables", PICTURE_JPEG, {SOI, B("\xff\xdb\0\x04me"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: bytes behind codes", PICTURE_JPEG, {SOI, B("\xff\xc4\0\x04me"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: half a profile", PICTURE_JPEG, {SOI, ICC("\x01", "\x02"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: a profile out of order", PICTURE_JPEG, {SOI, ICC("\x02", "\x02"), ICC("\x01", "\x02"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: two profiles", PICTURE_JPEG, {SOI, ICC("\x01", "\x01"), ICC("\x01", "\x01"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },
    { "jpeg: a segment of length 1", PICTURE_JPEG, {SOI, B("\xff\xfe\0\x01"), SOF, SOS, CODE, EOI}, PICTURE_BROKEN },

    { "png: no header", PICTURE_PNG, {IDAT, IEND}, PICTURE_BROKEN },
    { "png: two headers", PICTURE_PNG, {IHDR, IHDR, IDAT, IEND}, PICTURE_BROKEN },
    { "png: 100,000 by 100,000", PICTURE_PNG, {IHDR_OF("\0\x01\x86\xa0", "\0\x01\x86\xa0", "\x08", "\x02"), IDAT, IEND}, PICTURE_TOO_BIG },
    { "png: 1 by 100,000,000", PICTURE_PNG, {IHDR_OF("\0\0\0\x01", "\x05\xf5\xe1\0", "\x08", "\x02"), IDAT, IEND}, PICTURE_TOO_BIG },
    { "png: the greatest size", PICTURE_PNG, {IHDR_OF("\x7f\xff\xff\xff", "\x7f\xff\xff\xff", "\x08", "\x02"), IDAT, IEND}, PICTURE_TOO_BIG },
    { "png: a size beyond 2^31", PICTURE_PNG, {IHDR_OF("\x80\0\0\0", "\0\0\0\x01", "\x08", "\x02"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: no width", PICTURE_PNG, {IHDR_OF("\0\0\0\0", "\0\0\0\x01", "\x08", "\x02"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: a depth that its colours do not have", PICTURE_PNG, {IHDR_OF("\0\0\0\x03", "\0\0\0\x02", "\x04", "\x02"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: no palette", PICTURE_PNG, {IHDR_OF("\0\0\0\x03", "\0\0\0\x02", "\x08", "\x03"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: a palette of grey", PICTURE_PNG, {IHDR_OF("\0\0\0\x03", "\0\0\0\x02", "\x08", "\0"), B("PLTEabc"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: no data", PICTURE_PNG, {IHDR, IEND}, PICTURE_BROKEN },
    { "png: data in two places", PICTURE_PNG, {IHDR, IDAT, B("tEXta\0b"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: a critical chunk that nobody knows", PICTURE_PNG, {IHDR, B("ABCDx"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: too many frames", PICTURE_PNG, {IHDR, ACTL("\x04"), IDAT, IEND}, PICTURE_TOO_BIG },
    { "png: fewer frames than told", PICTURE_PNG, {IHDR, ACTL("\x02"), FCTL("\0"), IDAT, IEND}, PICTURE_BROKEN },
    { "png: frames out of order", PICTURE_PNG, {IHDR, ACTL("\x02"), FCTL("\0"), IDAT, FCTL("\x02"), FDAT("\x01"), IEND}, PICTURE_BROKEN },
    { "png: a frame without data", PICTURE_PNG, {IHDR, ACTL("\x02"), FCTL("\0"), IDAT, FCTL("\x01"), IEND}, PICTURE_BROKEN },
    { "png: data without a frame", PICTURE_PNG, {IHDR, ACTL("\x01"), FCTL("\0"), IDAT, FDAT("\x01"), IEND}, PICTURE_BROKEN },

    { "gif: no canvas", PICTURE_GIF, {GIF_OF("\0\0", "\x02\0"), IMAGE, TRAILER}, PICTURE_BROKEN },
    { "gif: too big", PICTURE_GIF, {GIF_OF("\x0b\0", "\x0a\0"), IMAGE, TRAILER}, PICTURE_TOO_BIG },
    { "gif: a frame that is too big", PICTURE_GIF, {GIF, B("\x2c\0\0\0\0\0\x01\0\x01\0\x02\x02" "ab\0"), TRAILER}, PICTURE_TOO_BIG },
    { "gif: an empty frame", PICTURE_GIF, {GIF, B("\x2c\0\0\0\0\0\0\x02\0\0\x02\x02" "ab\0"), TRAILER}, PICTURE_BROKEN },
    { "gif: too many frames", PICTURE_GIF, {GIF, IMAGE, IMAGE, IMAGE, IMAGE, TRAILER}, PICTURE_TOO_BIG },
    { "gif: no frame", PICTURE_GIF, {GIF, TRAILER}, PICTURE_BROKEN },
    { "gif: codes of 9 bits", PICTURE_GIF, {GIF, B("\x2c\0\0\0\0\x03\0\x02\0\0\x09\x02" "ab\0"), TRAILER}, PICTURE_BROKEN },
    { "gif: bytes between blocks", PICTURE_GIF, {GIF, B("me"), IMAGE, TRAILER}, PICTURE_BROKEN },

    { "webp: nothing", PICTURE_WEBP, {B("")}, PICTURE_BROKEN },
    { "webp: no picture first", PICTURE_WEBP, {ICCP, VP8}, PICTURE_BROKEN },
    { "webp: no key frame", PICTURE_WEBP, {B("VP8 \x01\0\0\x9d\x01\x2a\x03\0\x02\0")}, PICTURE_BROKEN },
    { "webp: no signature", PICTURE_WEBP, {B("VP8L.\x02\x40\0\0a")}, PICTURE_BROKEN },
    { "webp: too big", PICTURE_WEBP, {B(VP8_OF("\x0b\0", "\x0a\0"))}, PICTURE_TOO_BIG },
    { "webp: a canvas that is too big", PICTURE_WEBP, {B("VP8X\0\0\0\0\xff\xff\xff\xff\xff\xff"), VP8}, PICTURE_TOO_BIG },
    { "webp: another size than the canvas", PICTURE_WEBP, {VP8X("\0"), B(VP8_OF("\x04\0", "\x02\0"))}, PICTURE_BROKEN },
    { "webp: two pictures", PICTURE_WEBP, {VP8, VP8}, PICTURE_BROKEN },
    { "webp: no picture", PICTURE_WEBP, {VP8X("\0")}, PICTURE_BROKEN },
    { "webp: alpha alone", PICTURE_WEBP, {VP8X("\x10"), ALPH}, PICTURE_BROKEN },
    { "webp: alpha beside alpha", PICTURE_WEBP, {VP8X("\x10"), ALPH, VP8L}, PICTURE_BROKEN },
    { "webp: alpha beside frames", PICTURE_WEBP, {VP8X("\x12"), ANIM, ALPH, ANMF}, PICTURE_BROKEN },
    { "webp: frames in one that stands still", PICTURE_WEBP, {VP8X("\0"), ANIM, ANMF}, PICTURE_BROKEN },
    { "webp: a still one among frames", PICTURE_WEBP, {VP8X("\x02"), ANIM, VP8}, PICTURE_BROKEN },
    { "webp: frames without ANIM", PICTURE_WEBP, {VP8X("\x02"), ANMF}, PICTURE_BROKEN },
    { "webp: a frame that hangs over", PICTURE_WEBP, {VP8X("\x02"), ANIM, ANMF_OF("\x01", "\x02", "\0", FRAME_VP8)}, PICTURE_BROKEN },
    { "webp: a frame of another size", PICTURE_WEBP, {VP8X("\x02"), ANIM, ANMF_OF("\0", "\x01", "\0", FRAME_VP8)}, PICTURE_BROKEN },
    { "webp: an empty frame", PICTURE_WEBP, {VP8X("\x02"), ANIM, ANMF_OF("\0", "\x02", "\0", "")}, PICTURE_BROKEN },
    { "webp: too many frames", PICTURE_WEBP, {VP8X("\x02"), ANIM, ANMF, ANMF, ANMF, ANMF}, PICTURE_TOO_BIG },
};
/* clang-format on */
#define COUNT(table) (sizeof(table) / sizeof *(table))

static void it_refuses_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const struct refused *r = &refusals[i];
        struct file in = pieces_assemble(r->kind, r->in), out;
        struct picture p = {.width = 77};
        print_message("%s\n", r->name);
        assert_int_equal(pieces_clean(&in, &out, &p), r->fault);
        assert_int_equal(p.width, 77);
    }
}

static void a_wrong_sum_spoils_a_png(void **state)
{
    (void)state;
    static const struct bytes pieces[PIECES_MAX] = {IHDR, B("tEXta\0b"), IDAT, IEND};
    struct file good = pieces_assemble(PICTURE_PNG, pieces), out;
    for (size_t i = 8; i < good.n; i++) {
        struct file in = good;
        struct picture p;
        in.at[i] ^= 1;
        assert_int_not_equal(pieces_clean(&in, &out, &p), PICTURE_FINE);
    }
}

static void a_jpeg_has_at_most_100_scans(void **state)
{
    (void)state;
    static const struct bytes head[PIECES_MAX] = {SOI, SOF}, scan[PIECES_MAX] = {SOS, B("a")},
                              end[PIECES_MAX] = {EOI};
    struct file in = pieces_assemble(PICTURE_JPEG, head), one = pieces_assemble(PICTURE_JPEG, scan),
                last = pieces_assemble(PICTURE_JPEG, end), out;
    struct picture p;
    for (int i = 0; i < 101; i++) {
        struct file whole = in;
        pieces_add(&whole, last.at, last.n);
        assert_int_equal(pieces_clean(&whole, &out, &p), i == 0 ? PICTURE_BROKEN : PICTURE_FINE);
        pieces_add(&in, one.at, one.n);
    }
    pieces_add(&in, last.at, last.n);
    assert_int_equal(pieces_clean(&in, &out, &p), PICTURE_BROKEN);
}

/* The largest picture may have 20 scans. */
static void a_large_jpeg_has_fewer_scans(void **state)
{
    (void)state;
    static const struct bytes head[PIECES_MAX] = {SOI, SOF_OF("\xc2", "\0\x0a", "\0\x0a")},
                              scan[PIECES_MAX] = {SOS, B("a")}, end[PIECES_MAX] = {EOI};
    struct file in = pieces_assemble(PICTURE_JPEG, head), one = pieces_assemble(PICTURE_JPEG, scan),
                last = pieces_assemble(PICTURE_JPEG, end), out;
    struct picture p;
    for (int i = 0; i < 20; i++)
        pieces_add(&in, one.at, one.n);
    struct file more = in;
    pieces_add(&in, last.at, last.n);
    assert_int_equal(pieces_clean(&in, &out, &p), PICTURE_FINE);
    pieces_add(&more, one.at, one.n);
    pieces_add(&more, last.at, last.n);
    assert_int_equal(pieces_clean(&more, &out, &p), PICTURE_TOO_BIG);
}

static void what_cannot_be_read_is_a_failure(void **state)
{
    (void)state;
    static const struct picture_limits most = {100, 3};
    FILE *directory = fopen("/", "r"), *out = tmpfile();
    struct picture p;
    assert_non_null(directory);
    assert_int_equal(picture_clean(directory, out, &most, &p), PICTURE_FAILED);
    assert_int_equal(errno, EISDIR);
    fclose(directory);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_refuses_the_rest),
        cmocka_unit_test(a_wrong_sum_spoils_a_png),
        cmocka_unit_test(a_jpeg_has_at_most_100_scans),
        cmocka_unit_test(a_large_jpeg_has_fewer_scans),
        cmocka_unit_test(what_cannot_be_read_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
