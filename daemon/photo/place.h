/* place.h - tells whether metadata other than EXIF says where a picture was taken. */
#ifndef PHOTO_PLACE_H
#define PHOTO_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* XMP, or any text with XMP's names (XMP part 2; IPTC Photo Metadata Standard, "XMP property"). */
bool place_in_text(const uint8_t *bytes, size_t n);
/* Photoshop's image resources: "8BIM", a number, a name, a size, the bytes. */
bool place_in_photoshop(const uint8_t *bytes, size_t n);
/* Datasets of IPTC-IIM 4.2: 0x1c, record, dataset, size, the bytes. */
bool place_in_iptc(const uint8_t *bytes, size_t n);

#endif
