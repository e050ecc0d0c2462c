/* seq.c - see seq.h. */
#include "seq.h"

#include "decimal.h"

#include <inttypes.h>
#include <stdio.h>

void seq_write(char text[SEQ_TEXT_MAX], uint64_t seq)
{
    snprintf(text, SEQ_TEXT_MAX, "%" PRIu64 "-%" PRIu64, seq_gen(seq), seq_n(seq));
}

uint64_t seq_read(const char *text, const char **end_out)
{
    uint64_t gen, n;
    if (!decimal_read(&text, '-', &gen) || !decimal_read(&text, end_out == NULL ? '\0' : ' ', &n) ||
        gen > GEN_MAX || n > N_MASK)
        return 0;
    if (end_out != NULL)
        *end_out = text;
    return seq_of(gen, n);
}
