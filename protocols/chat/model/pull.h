/* pull.h - what the log and the other nodes say about photos, for the daemon, which has the files.
 * It answers by chat_tell_photo(). Loop thread only. `photo` is a photo's name that photo_name_ok()
 * has passed, `boot` one run of another node. */
#ifndef CHAT_PULL_H
#define CHAT_PULL_H

#include <stdbool.h>

struct pull;

struct pull_ops {
    /* The log names the photo: its file should be here. `upload`: the node where it was uploaded
     * has yet to put it on its shelf. */
    void (*named)(struct pull *p, const char *photo, bool upload);
    /* A node lacks the photo. */
    void (*wanted)(struct pull *p, const char *photo, const char *boot);
    /* A node has put its pieces from `first` to before `end` where others can take them. */
    void (*given)(struct pull *p, const char *photo, unsigned first, unsigned end);
    /* A node has taken the pieces before `end`. */
    void (*taken)(struct pull *p, const char *photo, const char *boot, unsigned end);
};

#endif
