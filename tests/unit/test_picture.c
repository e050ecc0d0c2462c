/* test_picture.c - what picture_clean() keeps and drops. tests/photo has whole pictures. */
#include "pieces.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

struct example {
    const char *name;
    enum picture_kind kind;
    struct bytes in[PIECES_MAX], out[PIECES_MAX]; /* out: when it is fine */
    struct picture found;
};

/* clang-format off */
static const struct example examples[] = {
    { "jpeg: plain", PICTURE_JPEG,
      { SOI, SOF, SOS, CODE, EOI }, { SOI, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, false } },
    { "jpeg: all that is kept", PICTURE_JPEG,
      { SOI, JFIF, ADOBE, DHT, SOF, DRI, SOS, CODE, EOI }, { SOI, JFIF, ADOBE, DHT, SOF, DRI, SOS, CODE, EOI },
      { 0, 3, 2, 1, 1, false } },
    { "jpeg: all that is dropped", PICTURE_JPEG,
      { SOI, COM, MPF, MAKER, IPTC_CITY, XMP_GPS, EXIF_GPS_LITTLE, SOF, SOS, CODE, COM, EOI },
      { SOI, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, true } },
    { "jpeg: what is no profile", PICTURE_JPEG,
      { SOI, ICC("\x01", "\x02"), ICC("\x02", "\x02"), SOF, SOS, CODE, EOI }, { SOI, SOF, SOS, CODE, EOI },
      { 0, 3, 2, 1, 1, false } },
    { "jpeg: the orientation stays, and turns the size", PICTURE_JPEG,
      { SOI, EXIF_GPS, SOF, SOS, CODE, EOI }, { SOI, EXIF_6, SOF, SOS, CODE, EOI },
      { 0, 2, 3, 6, 1, true } },
    { "jpeg: the first orientation counts", PICTURE_JPEG,
      { SOI, EXIF_GPS_LITTLE, EXIF_6, SOF, SOS, CODE, EOI }, { SOI, SOF, SOS, CODE, EOI },
      { 0, 3, 2, 1, 1, true } },
    { "jpeg: XMP with a place", PICTURE_JPEG,
      { SOI, XMP_GPS, SOF, SOS, CODE, EOI }, { SOI, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, true } },
    { "jpeg: IPTC with a city", PICTURE_JPEG,
      { SOI, IPTC_CITY, SOF, SOS, CODE, EOI }, { SOI, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, true } },
    { "jpeg: a thumbnail in JFIF", PICTURE_JPEG,
      { SOI, B("\xff\xe0\0\x13JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01rgb"), SOF, SOS, CODE, EOI },
      { SOI, JFIF, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, false } },
    { "jpeg: more than needed in Adobe", PICTURE_JPEG,
      { SOI, B("\xff\xee\0\x11" "Adobe\0\x64\0\0\0\0\x02me!"), SOF, SOS, CODE, EOI },
      { SOI, ADOBE, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, false } },
    { "jpeg: fill bytes", PICTURE_JPEG,
      { SOI, B("\xff\xff"), SOF, SOS, CODE, B("\xff\xff"), EOI }, { SOI, SOF, SOS, CODE, EOI },
      { 0, 3, 2, 1, 1, false } },
    { "jpeg: another picture behind it", PICTURE_JPEG,
      { SOI, SOF, SOS, CODE, EOI, SOI, EXIF_GPS, SOF, SOS, CODE, EOI },
      { SOI, SOF, SOS, CODE, EOI }, { 0, 3, 2, 1, 1, false } },
    { "jpeg: progressive, two scans", PICTURE_JPEG,
      { SOI, SOF_OF("\xc2", "\0\x02", "\0\x03"), SOS, CODE, DHT, EXIF_GPS, SOS, CODE, EOI },
      { SOI, SOF_OF("\xc2", "\0\x02", "\0\x03"), SOS, CODE, DHT, SOS, CODE, EOI },
      { 0, 3, 2, 1, 1, false } },

    { "png: plain", PICTURE_PNG, { IHDR, IDAT, IEND }, { IHDR, IDAT, IEND }, { 1, 3, 2, 1, 1, false } },
    { "png: all that is kept", PICTURE_PNG,
      { IHDR, B("gAMAabcd"), B("sRGBa"), B("cICPabcd"), B("PLTEabc"), B("tRNSabcdef"),
        B("pHYsabcdefghi"), IDAT, IDAT, IEND },
      { IHDR, B("gAMAabcd"), B("sRGBa"), B("cICPabcd"), B("PLTEabc"), B("tRNSabcdef"),
        B("pHYsabcdefghi"), IDAT, IDAT, IEND }, { 1, 3, 2, 1, 1, false } },
    { "png: all that is dropped", PICTURE_PNG,
      { IHDR, B("tEXta\0b"), B("iCCPp\0\0z"), B("tIMEabcdefg"), B("iTXta\0\0\0\0\0b"), B("sPLTa\0b"), B("priVx"),
        B("zTXta\0\0b"), IDAT, B("tEXta\0b"), IEND },
      { IHDR, IDAT, IEND }, { 1, 3, 2, 1, 1, false } },
    { "png: out of place, twice, of a wrong size", PICTURE_PNG,
      { IHDR, B("sRGBa"), B("sRGBb"), B("cHRMab"), B("PLTEabc"), B("gAMAabcd"), IDAT, B("pHYsabcdefghi"), IEND },
      { IHDR, B("sRGBa"), B("PLTEabc"), IDAT, IEND }, { 1, 3, 2, 1, 1, false } },
    { "png: the orientation stays, and turns the size", PICTURE_PNG,
      { IHDR, B("eXIf" TIFF_GPS), IDAT, IEND }, { IHDR, B("eXIf" TIFF_6), IDAT, IEND },
      { 1, 2, 3, 6, 1, true } },
    { "png: EXIF behind the data", PICTURE_PNG,
      { IHDR, IDAT, B("eXIf" TIFF_GPS), IEND }, { IHDR, B("eXIf" TIFF_6), IDAT, IEND },
      { 1, 2, 3, 6, 1, true } },
    { "png: a place as a text", PICTURE_PNG,
      { IHDR, IDAT, B("tEXtexif:GPSLatitude\0" "48/1"), IEND }, { IHDR, IDAT, IEND }, { 1, 3, 2, 1, 1, true } },
    { "png: a place as XMP", PICTURE_PNG,
      { IHDR, B("iTXtXML:com.adobe.xmp\0\0\0\0\0<exif:GPSLatitude>"), IDAT, IEND },
      { IHDR, IDAT, IEND }, { 1, 3, 2, 1, 1, true } },
    { "png: a place in hexadecimal", PICTURE_PNG,
      { IHDR, B("tEXtRaw profile type iptc\0\niptc\n  8\n1c025a00\n03556C6d\n"), IDAT, IEND },
      { IHDR, IDAT, IEND }, { 1, 3, 2, 1, 1, true } },
    { "png: moving, the data is a frame", PICTURE_PNG,
      { IHDR, ACTL("\x02"), FCTL("\0"), IDAT, FCTL("\x01"), FDAT("\x02"), FDAT("\x03"), IEND },
      { IHDR, ACTL("\x02"), FCTL("\0"), IDAT, FCTL("\x01"), FDAT("\x02"), FDAT("\x03"), IEND },
      { 1, 3, 2, 1, 2, false } },
    { "png: moving, the data is not a frame", PICTURE_PNG,
      { IHDR, ACTL("\x01"), IDAT, FCTL("\0"), FDAT("\x01"), IEND },
      { IHDR, ACTL("\x01"), IDAT, FCTL("\0"), FDAT("\x01"), IEND }, { 1, 3, 2, 1, 1, false } },
    { "png: frames without an announcement", PICTURE_PNG,
      { IHDR, FCTL("\0"), IDAT, ACTL("\x01"), FCTL("\x01"), FDAT("\x02"), IEND }, { IHDR, IDAT, IEND },
      { 1, 3, 2, 1, 1, false } },

    { "gif: plain", PICTURE_GIF, { GIF, IMAGE, TRAILER }, { GIF, IMAGE, TRAILER }, { 2, 3, 2, 1, 1, false } },
    { "gif: moving", PICTURE_GIF,
      { GIF, LOOP, CONTROL("\x05"), IMAGE, CONTROL("\x06"), IMAGE, TRAILER },
      { GIF, LOOP, CONTROL("\x05"), IMAGE, CONTROL("\x06"), IMAGE, TRAILER }, { 2, 3, 2, 1, 2, false } },
    { "gif: all that is dropped", PICTURE_GIF,
      { GIF, GIF_COM, GIF_XMP, LOOP, LOOP, CONTROL("\x05"), TEXT, CONTROL("\x06"), IMAGE, TRAILER, B("<script>") },
      { GIF, LOOP, CONTROL("\x06"), IMAGE, TRAILER }, { 2, 3, 2, 1, 1, true } },
    { "gif: more in the loop than its count", PICTURE_GIF,
      { GIF, B("\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\0\x03you\0"), IMAGE, TRAILER },
      { GIF, LOOP, IMAGE, TRAILER }, { 2, 3, 2, 1, 1, false } },

    { "webp: lossy", PICTURE_WEBP, { VP8 }, { VP8 }, { 3, 3, 2, 1, 1, false } },
    { "webp: lossless", PICTURE_WEBP, { VP8L }, { VP8L }, { 3, 3, 2, 1, 1, false } },
    { "webp: all that is kept", PICTURE_WEBP,
      { VP8X("\x10"), ALPH, VP8 }, { VP8X("\x10"), ALPH, VP8 }, { 3, 3, 2, 1, 1, false } },
    { "webp: what is no profile", PICTURE_WEBP,
      { VP8X("\x30"), ICCP, ALPH, VP8 }, { VP8X("\x10"), ALPH, VP8 }, { 3, 3, 2, 1, 1, false } },
    { "webp: all that is dropped", PICTURE_WEBP,
      { VP8X("\xcd"), B("abcdx"), VP8, B("EXIF" TIFF_GPS_LITTLE), B("XMP GPSLatitude"), ICCP },
      { VP8X("\0"), VP8 }, { 3, 3, 2, 1, 1, true } },
    { "webp: the orientation goes, and turns nothing", PICTURE_WEBP,
      { VP8X("\x08"), VP8L, B("EXIF" "Exif\0\0" TIFF_GPS) }, { VP8X("\0"), VP8L },
      { 3, 3, 2, 1, 1, true } },
    { "webp: EXIF without effect", PICTURE_WEBP,
      { VP8, B("EXIF" TIFF_GPS) }, { VP8 }, { 3, 3, 2, 1, 1, true } },
    { "webp: EXIF and a profile without their flags", PICTURE_WEBP,
      { VP8X("\0"), ICCP, VP8, B("EXIF" TIFF_GPS) }, { VP8X("\0"), VP8 }, { 3, 3, 2, 1, 1, true } },
    { "webp: moving", PICTURE_WEBP,
      { VP8X("\x0a"), ANIM, ANMF, ANMF, B("EXIF" TIFF_6) },
      { VP8X("\x02"), ANIM, ANMF, ANMF }, { 3, 3, 2, 1, 2, false } },
    { "webp: unknown chunks in a frame", PICTURE_WEBP,
      { VP8X("\x12"), ANIM, ANMF_OF("\0", "\x02", "\xfe", "abcd\x02\0\0\0me" "ALPH\x01\0\0\0x\0" FRAME_VP8) },
      { VP8X("\x12"), ANIM, ANMF_OF("\0", "\x02", "\x02", "ALPH\x01\0\0\0x\0" FRAME_VP8) },
      { 3, 3, 2, 1, 1, false } },
};

/* clang-format on */
#define COUNT(table) (sizeof(table) / sizeof *(table))

static void it_keeps_what_a_picture_needs_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *e = &examples[i];
        struct file in = pieces_assemble(e->kind, e->in), want = pieces_assemble(e->kind, e->out),
                    out;
        struct picture p;
        print_message("%s\n", e->name);
        assert_int_equal(pieces_clean(&in, &out, &p), PICTURE_FINE);
        assert_int_equal(out.n, want.n);
        assert_memory_equal(out.at, want.at, want.n);
        assert_int_equal(p.kind, e->kind);
        assert_int_equal(p.width, e->found.width);
        assert_int_equal(p.height, e->found.height);
        assert_int_equal(p.orientation, e->found.orientation);
        assert_int_equal(p.frames, e->found.frames);
        assert_int_equal(p.located, e->found.located);
    }
}

static void what_is_clean_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *e = &examples[i];
        struct file in = pieces_assemble(e->kind, e->out), out;
        struct picture p;
        assert_int_equal(pieces_clean(&in, &out, &p), PICTURE_FINE);
        assert_int_equal(out.n, in.n);
        assert_memory_equal(out.at, in.at, in.n);
        assert_false(p.located);
    }
}

static void every_beginning_of_a_picture_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct file in = pieces_assemble(examples[i].kind, examples[i].out), out;
        struct picture p;
        while (in.n-- > 0) {
            enum picture_fault fault = pieces_clean(&in, &out, &p);
            assert_true(fault == PICTURE_BROKEN || fault == PICTURE_UNKNOWN);
        }
    }
}

static void a_place_is_found_in_compressed_text(void **state)
{
    (void)state;
    static const char xmp[] = "<exif:GPSLatitude>48,24N</exif:GPSLatitude>";
    char chunk[128] = "zTXtXML:com.adobe.xmp\0"; /* and a zero for the method */
    size_t head = sizeof "zTXtXML:com.adobe.xmp" + 1;
    uLongf n = sizeof chunk - head;
    assert_int_equal(compress((Bytef *)chunk + head, &n, (const Bytef *)xmp, sizeof xmp), Z_OK);
    struct bytes pieces[PIECES_MAX] = {IHDR, {chunk, head + n}, IDAT, IEND};
    struct file in = pieces_assemble(PICTURE_PNG, pieces), out;
    struct picture p;
    assert_int_equal(pieces_clean(&in, &out, &p), PICTURE_FINE);
    assert_true(p.located);
}

static void a_full_disk_is_a_failure(void **state)
{
    (void)state;
    static const struct picture_limits most = {100, 3};
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct file f = pieces_assemble(examples[i].kind, examples[i].in);
        FILE *in = fmemopen(f.at, f.n, "r"), *full = fopen("/dev/full", "w");
        struct picture p;
        assert_non_null(in);
        assert_non_null(full);
        errno = 0;
        assert_int_equal(picture_clean(in, full, &most, &p), PICTURE_FAILED);
        assert_int_equal(errno, ENOSPC);
        fclose(in);
        fclose(full);
    }
}

static void every_kind_has_a_type_and_an_extension(void **state)
{
    (void)state;
    assert_string_equal(picture_mime(PICTURE_JPEG), "image/jpeg");
    assert_string_equal(picture_extension(PICTURE_WEBP), "webp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_what_a_picture_needs_and_nothing_else),
        cmocka_unit_test(what_is_clean_stays_as_it_is),
        cmocka_unit_test(every_beginning_of_a_picture_is_refused),
        cmocka_unit_test(a_place_is_found_in_compressed_text),
        cmocka_unit_test(a_full_disk_is_a_failure),
        cmocka_unit_test(every_kind_has_a_type_and_an_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
