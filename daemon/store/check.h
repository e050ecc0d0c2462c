/* check.h - after a stop that was not clean, checks the file once, on a thread and a connection of
 * its own, while the daemon serves. After damage nothing is written any more; reading goes on where
 * it can. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

struct store;
struct uv_loop_s;

void store_check_begin(struct store *s, struct uv_loop_s *loop);
void store_check_end(struct store *s);

#endif
