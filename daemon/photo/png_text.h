/* png_text.h - the metadata that programs put into the text chunks of a PNG. */
#ifndef PHOTO_PNG_TEXT_H
#define PHOTO_PNG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tells whether the content of a chunk tEXt, zTXt or iTXt says where the picture was taken: as XMP,
 * as a name of EXIF, or as ImageMagick's hexadecimal "Raw profile". Reads the first 64 KiB of
 * compressed text. Changes `bytes`. */
bool png_text_located(const uint8_t type[4], uint8_t *bytes, size_t n);

#endif
