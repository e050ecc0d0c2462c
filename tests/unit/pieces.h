/* pieces.h - the pieces of which tests make pictures of a few bytes: segments of JPEG, chunks of
 * PNG and WebP, blocks of GIF. The pixels are not sound: picture_clean() does not decode them. */
#ifndef UNIT_PIECES_H
#define UNIT_PIECES_H

#include "photo/picture.h"

#include <stddef.h>

#define FILE_BYTES_MAX 4096
#define PIECES_MAX     12

struct bytes {
    const char *at;
    size_t n;
};
#define B(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* --- JPEG ------------------------------------------------------------------------------------- */

#define SOI B("\xff\xd8")
#define EOI B("\xff\xd9")
#define SOF_OF(marker, height, width)                                                              \
    B("\xff" marker "\0\x0b\x08" height width "\x01"                                               \
      "\x01\x11\0")
#define SOF  SOF_OF("\xc0", "\0\x02", "\0\x03")
#define SOS  B("\xff\xda\0\x08\x01\x01\0\0\x3f\0")
#define CODE B("abc\xff\0d\xff\xd0y")
#define JFIF B("\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0")
#define ADOBE                                                                                      \
    B("\xff\xee\0\x0e"                                                                             \
      "Adobe\0\x64\0\0\0\0\x02")
#define DRI B("\xff\xdd\0\x04\0\x01")
#define DHT                                                                                        \
    B("\xff\xc4\0\x15\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                       \
      "ab")
#define COM                                                                                        \
    B("\xff\xfe\0\x04"                                                                             \
      "hi")
#define ICC(number, all) B("\xff\xe2\0\x13ICC_PROFILE\0" number all "abc")
#define TIFF_6           "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
#define EXIF_6                                                                                     \
    B("\xff\xe1\0\x22"                                                                             \
      "Exif\0\0" TIFF_6)
/* Orientation 6, and a directory of GPS with a latitude, in either order of bytes. */
#define TIFF_GPS                                                                                   \
    "MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"                                      \
    "\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0"                                                   \
    "\0\x01\0\x02\0\x05\0\0\0\x01\0\0\0\0\0\0\0\0"
#define TIFF_GPS_LITTLE                                                                            \
    "II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0"                                      \
    "\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0"                                                   \
    "\x01\0\x04\0\x05\0\x01\0\0\0\0\0\0\0\0\0\0\0"
#define EXIF_GPS                                                                                   \
    B("\xff\xe1\0\x40"                                                                             \
      "Exif\0\0" TIFF_GPS)
#define EXIF_GPS_LITTLE                                                                            \
    B("\xff\xe1\0\x40"                                                                             \
      "Exif\0\0" TIFF_GPS_LITTLE)
#define XMP_GPS B("\xff\xe1\0\x23http://ns.adobe.com/x GPSLatitude")
#define IPTC_CITY                                                                                  \
    B("\xff\xed\0\x24Photoshop 3.0\0"                                                              \
      "8BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x5a\0\x03Ulm")
#define MPF   B("\xff\xe2\0\x06MPF\0")
#define MAKER B("\xff\xe5\0\x05zzz")

/* --- PNG -------------------------------------------------------------------------------------- */

#define IHDR_OF(width, height, depth, colour) B("IHDR" width height depth colour "\0\0\0")
#define IHDR                                  IHDR_OF("\0\0\0\x03", "\0\0\0\x02", "\x08", "\x02")
#define IDAT                                  B("IDATab")
#define IEND                                  B("IEND")
#define ACTL(frames)                          B("acTL\0\0\0" frames "\0\0\0\0")
#define FCTL(seq)                             B("fcTL\0\0\0" seq "\0\0\0\x03\0\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x0a\0\0")
#define FDAT(seq)                             B("fdAT\0\0\0" seq "ab")

/* --- GIF -------------------------------------------------------------------------------------- */

#define GIF_OF(width, height) B("GIF89a" width height "\x80\0\0rgbRGB")
#define GIF                   GIF_OF("\x03\0", "\x02\0")
#define IMAGE                                                                                      \
    B("\x2c\0\0\0\0\x03\0\x02\0\0\x02\x02"                                                         \
      "ab\0")
#define CONTROL(delay) B("\x21\xf9\x04\0" delay "\0\0\0")
#define LOOP           B("\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\0\0")
#define GIF_XMP                                                                                    \
    B("\x21\xff\x0bXMP DataXMP\x0f"                                                                \
      "GPSLatitude 1, \0")
#define GIF_COM B("\x21\xfe\x02hi\0")
#define TEXT                                                                                       \
    B("\x21\x01\x0c"                                                                               \
      "abcdefghijkl\x02hi\0")
#define TRAILER B(";")

/* --- WebP ------------------------------------------------------------------------------------- */

#define VP8_OF(width, height) "VP8 \0\0\0\x9d\x01\x2a" width height "ab"
#define VP8                   B(VP8_OF("\x03\0", "\x02\0"))
#define VP8L                  B("VP8L/\x02\x40\0\0a")
#define VP8X(flags)           B("VP8X" flags "\0\0\0\x02\0\0\x01\0\0")
#define ALPH                  B("ALPHa")
#define ICCP                  B("ICCPabc")
#define ANIM                  B("ANIM\0\0\0\0\0\0")
#define ANMF_OF(x, width, flags, chunks)                                                           \
    B("ANMF" x "\0\0\0\0\0" width "\0\0\x01\0\0\x0a\0\0" flags chunks)
#define FRAME_VP8 "VP8 \x0c\0\0\0\0\0\0\x9d\x01\x2a\x03\0\x02\0ab"
#define ANMF      ANMF_OF("\0", "\x02", "\x02", FRAME_VP8)

/* --- files of pieces -------------------------------------------------------------------------- */

struct file {
    char at[FILE_BYTES_MAX];
    size_t n;
};

void pieces_add(struct file *f, const void *bytes, size_t n);
/* PIECES_MAX at most, up to one that is NULL. A piece of a PNG or WebP is a chunk's name and
 * content. */
struct file pieces_assemble(enum picture_kind kind, const struct bytes *pieces);
/* picture_clean() with at most 100 pixels and 3 frames. */
enum picture_fault pieces_clean(const struct file *in, struct file *out, struct picture *found);

#endif
