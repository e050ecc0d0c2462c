/* config.h - what the copying of photos needs. */
#ifndef PULL_CONFIG_H
#define PULL_CONFIG_H

struct journal;
struct shelf;
struct uv_loop_s;

struct pull_config {
    struct uv_loop_s *loop;
    struct shelf *shelf;
    struct journal *journal; /* of redis/ */
};

#endif
