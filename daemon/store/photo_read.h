/* photo_read.h - answers questions about photos: those that a message may show, one by its name,
 * and who may upload. */
#ifndef STORE_PHOTO_READ_H
#define STORE_PHOTO_READ_H

#include "feature.h"

/* For struct store_feature. */
feature_answer_fn photo_answer_photos, photo_answer_photo, photo_answer_uploader;

#endif
