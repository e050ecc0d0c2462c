/* test_postings.c - the lists of a search's index (daemon/store/postings.h), beside sets of bits.
 */
#include "world.h"

#include "store/postings.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 300

struct set {
    bool has[BLOCK_PLACES];
};

/* About one place in `every`. */
static void make(struct set *set, struct postings *p, unsigned every)
{
    p->n = 0;
    for (uint32_t i = 0; i < BLOCK_PLACES; i++) {
        set->has[i] = (unsigned)rand() % every == 0;
        if (set->has[i])
            p->at[p->n++] = (uint16_t)i;
    }
}

static void assert_same(const struct set *set, const struct postings *p)
{
    size_t n = 0;
    for (uint32_t i = 0; i < BLOCK_PLACES; i++)
        if (set->has[i]) {
            assert_true(n < p->n);
            assert_int_equal(p->at[n++], i);
        }
    assert_int_equal(n, p->n);
}

static unsigned any_share(void) { return 1u << (unsigned)rand() % 15; }

static void a_list_is_read_as_it_was_written(void **state)
{
    (void)state;
    static struct set set;
    static struct postings p, again;
    static uint8_t bytes[POSTINGS_BYTES_MAX];
    for (int i = 0; i < ROUNDS; i++) {
        make(&set, &p, any_share());
        size_t n = postings_write(&p, bytes);
        assert_in_range(n, p.n, 2 * p.n);
        postings_read(&again, bytes, n);
        assert_same(&set, &again);
    }
}

static void a_place_comes_and_goes(void **state)
{
    (void)state;
    static struct set set;
    static struct postings p;
    make(&set, &p, 20);
    for (int i = 0; i < 20000; i++) {
        uint16_t place = (uint16_t)((unsigned)rand() % BLOCK_PLACES);
        bool on = rand() % 2 == 0,
             changed = on ? postings_add(&p, place) : postings_remove(&p, place);
        assert_int_equal(changed, set.has[place] != on);
        set.has[place] = on;
    }
    assert_same(&set, &p);
}

static void lists_are_cut_and_intersected(void **state)
{
    (void)state;
    static struct set a, b;
    static struct postings p, q;
    for (int i = 0; i < ROUNDS; i++) {
        make(&a, &p, any_share());
        make(&b, &q, any_share());
        uint32_t end = (uint32_t)rand() % (BLOCK_PLACES + 1);
        postings_intersect(&p, &q);
        postings_cut(&p, end);
        for (uint32_t k = 0; k < BLOCK_PLACES; k++)
            a.has[k] &= b.has[k] && k < end;
        assert_same(&a, &p);
    }
}

static void any_bytes_give_a_list(void **state)
{
    (void)state;
    static struct postings p;
    static uint8_t bytes[3 * POSTINGS_BYTES_MAX];
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = (size_t)rand() % sizeof bytes;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)(rand() % (i % 2 == 0 ? 256 : 2));
        postings_read(&p, bytes, n);
        assert_true(p.n <= BLOCK_PLACES);
        for (size_t k = 1; k < p.n; k++)
            assert_true(p.at[k - 1] < p.at[k]);
        assert_true(p.n == 0 || p.at[p.n - 1] < BLOCK_PLACES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_as_it_was_written),
        cmocka_unit_test(a_place_comes_and_goes),
        cmocka_unit_test(lists_are_cut_and_intersected),
        cmocka_unit_test(any_bytes_give_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
