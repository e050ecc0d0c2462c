/* call.c - see call.h. */
#include "call.h"

#include "seq.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void call_bytes(struct redis_call *c, const void *at, size_t n)
{
    assert(c->count < CALL_ARGS_MAX);
    c->args[c->count] = at;
    c->sizes[c->count++] = n;
}

void call_text(struct redis_call *c, const char *text)
{
    size_t n = strlen(text);
    assert(n <= sizeof c->text - c->used);
    call_bytes(c, memcpy(c->text + c->used, text, n), n);
    c->used += n;
}

void call_begin(struct redis_call *c, const char *name)
{
    c->count = 0;
    c->used = 0;
    c->key_count = NULL;
    call_text(c, name);
}

void call_number(struct redis_call *c, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, n);
    call_text(c, text);
}

void call_seq(struct redis_call *c, uint64_t seq)
{
    char text[SEQ_TEXT_MAX];
    seq_write(text, seq);
    call_text(c, text);
}

void call_count_keys(struct redis_call *c)
{
    c->key_count = c->text + c->used;
    call_text(c, "0");
}

void call_key(struct redis_call *c, struct redis_key key)
{
    if (c->key_count != NULL) {
        assert(*c->key_count < '9');
        assert(c->args[c->count - 1 - (*c->key_count - '0')] == c->key_count); /* no argument yet */
        ++*c->key_count;
    }
    call_text(c, key.text);
}
