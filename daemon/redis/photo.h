/* photo.h - pieces of photos, on their way from one node to others. They have a link of their own,
 * so that no message waits behind them. Loop thread only.
 *
 * Functions that return false do nothing: the link is down, or no memory. Otherwise `done` is
 * called once, on the loop thread. `photo` is a photo's name. */
#ifndef REDIS_PHOTO_H
#define REDIS_PHOTO_H

#include <stdbool.h>
#include <stddef.h>

struct journal;

#define PIECES_AT_ONCE 16 /* of one giver in Redis */
#define PIECE_S        60 /* for which Redis keeps a piece that nobody removes */
#define GIVER_S        10 /* for which it remembers a giver */

typedef void redis_photo_done(void *arg, bool good);
/* `bytes` are borrowed; NULL: Redis does not have the piece, or is away. */
typedef void redis_photo_taken(void *arg, const char *bytes, size_t n);

/* This node wants to give the photo. Not good: another one gives it. */
bool redis_photo_claim(struct journal *j, const char *photo, redis_photo_done *done, void *arg);
/* It goes on giving it. */
void redis_photo_claim_again(struct journal *j, const char *photo);
/* `bytes` are borrowed for the call. */
bool redis_photo_put(struct journal *j, const char *photo, unsigned piece, const char *bytes,
                     size_t n, redis_photo_done *done, void *arg);
/* `most`: bytes that the piece may have. If it has more, `done` gets one more. */
bool redis_photo_take(struct journal *j, const char *photo, unsigned piece, size_t most,
                      redis_photo_taken *done, void *arg);
/* Removes `n` pieces, at most PIECES_AT_ONCE, and with `over` the claim. */
void redis_photo_remove(struct journal *j, const char *photo, unsigned first, unsigned n,
                        bool over);

#endif
