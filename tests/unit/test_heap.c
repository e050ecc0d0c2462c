/* test_heap.c - chat/base/heap.c: the lowest key comes first, whatever was removed before. */
#include "chat/base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define LINKS 5000

static struct heap_link links[LINKS];

static void fill(struct heap *h)
{
    srand(1);
    for (size_t i = 0; i < LINKS; i++) {
        links[i] = (struct heap_link){0};
        assert_true(heap_add(h, &links[i], rand() % 1000));
    }
}

static void expect_in_order(struct heap *h, size_t n)
{
    int64_t before = INT64_MIN;
    for (struct heap_link *l; (l = heap_first(h)) != NULL; n--) {
        assert_true(l->key >= before);
        before = l->key;
        heap_remove(h, l);
        assert_int_equal(l->place, 0);
    }
    assert_int_equal(n, 0);
}

static void links_come_in_the_order_of_their_keys(void **state)
{
    struct heap h = {0};
    (void)state;
    fill(&h);
    expect_in_order(&h, LINKS);
    heap_finish(&h);
}

static void any_link_can_be_removed_and_removed_twice(void **state)
{
    struct heap h = {0};
    size_t left = LINKS;
    (void)state;
    fill(&h);
    for (size_t i = 0; i < LINKS; i += 1 + (size_t)(rand() % 3)) {
        heap_remove(&h, &links[i]);
        heap_remove(&h, &links[i]);
        left--;
    }
    expect_in_order(&h, left);
    heap_finish(&h);
}

static void links_with_one_key_come_group_by_group(void **state)
{
    struct heap h = {0};
    uint64_t before = 0;
    (void)state;
    for (size_t i = 0; i < LINKS; i++) {
        links[i] = (struct heap_link){.group = i % 7};
        assert_true(heap_add(&h, &links[i], 5));
    }
    for (struct heap_link *l; (l = heap_first(&h)) != NULL; heap_remove(&h, l)) {
        assert_true(l->group >= before);
        before = l->group;
    }
    heap_finish(&h);
}

static void an_empty_heap_has_no_first_link(void **state)
{
    struct heap h = {0};
    struct heap_link one = {0};
    (void)state;
    assert_null(heap_first(&h));
    assert_true(heap_add(&h, &one, INT64_MAX));
    assert_ptr_equal(heap_first(&h), &one);
    heap_remove(&h, &one);
    assert_null(heap_first(&h));
    heap_finish(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_come_in_the_order_of_their_keys),
        cmocka_unit_test(any_link_can_be_removed_and_removed_twice),
        cmocka_unit_test(links_with_one_key_come_group_by_group),
        cmocka_unit_test(an_empty_heap_has_no_first_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
