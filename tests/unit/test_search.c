/* test_search.c - the form in which a search compares texts (chat/base/fold.h), the words of a
 * search (words.h), the grams by which an index finds them (gram.h), and the command. */
#include "client.h"

#include "chat/base/fold.h"
#include "chat/base/gram.h"
#include "chat/base/words.h"

#include <string.h>

/* Borrowed until the next call. */
static const char *fold(const char *text)
{
    static struct bytes b;
    bytes_finish(&b);
    b = (struct bytes){0};
    fold_add(&b, text);
    bytes_add(&b, "", 1);
    assert_false(b.failed);
    return b.at;
}

/* --- folding -------------------------------------------------------------------------------- */

static void case_width_and_accents_do_not_count(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"Crème Brûlée", "creme brulee"},
        {"STRASSE", "straße"},
        {"ΟΔΟΣ", "οδος"},
        {"Ελλάδα", "ελλαδα"},
        {"Ёлка", "елка"},
        {"Việt Nam", "viet nam"},
        {"ＡＢＣ１２３", "abc123"},
        {"ｶﾞｷﾞｸﾞ", "ガギグ"},
        {"ﬁn", "fin"},
        {"İstanbul", "istanbul"},
        {"e\u0301", "é"},
        {"שָׁלוֹם", "שלום"},
        {"مُحَمَّد", "محمد"},
        {"أحمد", "احمد"},
        {"مـحـمـد", "محمد"},
        {"\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"},
        {"№ 5", "no 5"},
        {"❤\ufe0f", "❤"},
        {"👩\u200d💻", "👩💻"},
        {"so\u00adfort", "sofort"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char first[100];
        strcpy(first, fold(same[i][0]));
        assert_string_equal(first, fold(same[i][1]));
    }
}

static void marks_that_make_another_letter_stay(void **state)
{
    (void)state;
    static const char *const other[][2] = {{"कि", "क"},  {"हिन्दी", "हनद"}, {"ไม่", "ไม"},
                                           {"が", "か"}, {"ば", "ぱ"},     {"தமிழ்", "தமழ"},
                                           {"한", "하"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        char first[100];
        strcpy(first, fold(other[i][0]));
        assert_string_not_equal(first, fold(other[i][1]));
    }
}

static void spaces_are_one_and_none_at_the_ends(void **state)
{
    (void)state;
    assert_string_equal(fold("  a \t\n b  "), "a b");
    assert_string_equal(fold("\u3000é\u00a0\u2003ü "), "e u");
    assert_string_equal(fold(""), "");
    assert_string_equal(fold(" \n"), "");
    struct bytes two = {0};
    fold_add(&two, "One ");
    fold_add(&two, " zwölf");
    assert_memory_equal(two.at, "one\nzwolf", two.size);
    bytes_finish(&two);
}

/* U+FDFA has 18 characters after NFKC. */
static void a_text_may_grow(void **state)
{
    (void)state;
    struct bytes text = {0}, folded = {0};
    for (int i = 0; i < 3000; i++)
        bytes_add_text(&text, "\uFDFA");
    bytes_add(&text, "", 1);
    fold_add(&folded, text.at);
    assert_false(folded.failed);
    assert_in_range(folded.size, 3000 * 30, 3000 * 40);
    bytes_finish(&text);
    bytes_finish(&folded);
}

static void folding_twice_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"Crème Brûlée", "Ἀθῆναι",         "Ёлка й",
                                        "한국어",       "ｶﾞｷﾞ が",        "हिन्दी में",
                                        "ไม่เป็นไร",      "தமிழ்",           "مُحَمَّد أحمد",
                                        "שָׁלוֹם",         "中文字",         "👩\u200d💻 1\ufe0f\u20e3",
                                        "ǅ ﬀ İ ẞ",      "Å a\u0315\u0300"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char once[200];
        strcpy(once, fold(texts[i]));
        assert_string_equal(once, fold(once));
    }
}

/* --- words ---------------------------------------------------------------------------------- */

static bool finds(const char *sought, const char *text)
{
    struct words w;
    char folded[1000];
    strcpy(folded, fold(text));
    words_parse(&w, sought);
    assert_false(w.text.failed);
    bool found = words_match(&w, folded, strlen(folded));
    words_finish(&w);
    return found;
}

static void a_word_is_found_anywhere(void **state)
{
    (void)state;
    assert_true(finds("ell", "Hello"));
    assert_true(finds("学中", "我们在大学中文课"));
    assert_true(finds("시지", "새 메시지가 있습니다"));
    assert_true(finds("リフト", "ソフトウェアのリフト"));
    assert_true(finds("ВЕТ", "привет"));
    assert_true(finds("न्द", "हिन्दी"));
    assert_true(finds("เป็น", "ไม่เป็นไร"));
    assert_true(finds("سلام", "السلام عليكم"));
    assert_true(finds("شلו", "شلו") && !finds("שלום", "שלו"));
    assert_true(finds("creme", "Crème brûlée") && finds("CRÈME", "creme"));
}

static void several_words_are_all_wanted(void **state)
{
    (void)state;
    assert_true(finds("world hello", "hello world"));
    assert_false(finds("world hallo", "hello world"));
    assert_true(finds("\"hello world\"", "oh hello  world"));
    assert_false(finds("\"world hello\"", "hello world hell"));
    assert_true(finds("a \"hello world\" b", "b a hello world"));
    assert_true(finds("＂hello world＂", "hello world"));
}

static void everything_else_is_ordinary_text(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "\"",    "\"\"", "a\"b", "5\" pipe", "\"open", "C++", "100 %",       "*",      "a*",
        "@ann",  "-x",   "a-b",  "NEAR",     "OR NOT", "x:y", "(a",          "{}",     "^",
        "'; --", "\\",   "%_",   "👍",        "❤️", "🇩🇪",  "👩‍💻", "1️⃣"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char text[100];
        snprintf(text, sizeof text, "so %s it is", odd[i]);
        assert_true(finds(odd[i], text));
        assert_false(finds(odd[i], "???"));
    }
    assert_true(finds("", "anything") && finds("  ", "anything") && finds("\" \"", "a \" \" b"));
}

/* --- grams ---------------------------------------------------------------------------------- */

static bool has(const struct bytes *grams, uint16_t gram)
{
    const uint16_t *at = (const uint16_t *)(const void *)grams->at;
    for (size_t i = 0; i < grams->size / sizeof *at; i++)
        if (at[i] == gram)
            return true;
    return false;
}

static void a_text_has_all_grams_of_every_word_in_it(void **state)
{
    (void)state;
    static const char *const in[][2] = {{"Hello, world", "lo, wor"},
                                        {"我们在大学中文课", "学中"},
                                        {"a 👍 b", "👍"},
                                        {"C++ und 100 %", "c++ 100 %"},
                                        {"हिन्दी में", "न्द"},
                                        {"＂a", "\"a"}};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        struct bytes all = {0}, some = {0};
        struct words w;
        const char *folded = fold(in[i][0]);
        gram_add_text(&all, folded, strlen(folded));
        words_parse(&w, in[i][1]);
        words_add_grams(&w, &some);
        assert_true(gram_sort(&some) > 0);
        for (size_t k = 0; k < some.size / 2; k++)
            assert_true(has(&all, ((uint16_t *)(void *)some.at)[k]));
        words_finish(&w);
        bytes_finish(&all);
        bytes_finish(&some);
    }
}

static void grams_are_sorted_and_each_comes_once(void **state)
{
    (void)state;
    struct bytes grams = {0};
    gram_add_text(&grams, "abababa ab", 10);
    gram_add_mark(&grams, GRAM_PHOTO, "", 0);
    gram_add_mark(&grams, GRAM_FROM, "ann", 3);
    gram_add_mark(&grams, GRAM_FROM, "ann", 3);
    assert_int_equal(gram_sort(&grams), 4);
    const uint16_t *at = (const uint16_t *)(const void *)grams.at;
    assert_true(at[0] < at[1] && at[1] < at[2] && at[2] < at[3]);
    bytes_finish(&grams);
    assert_int_equal(gram_sort(&(struct bytes){0}), 0);
}

/* --- the command ---------------------------------------------------------------------------- */

static size_t count_found(struct client *c)
{
    return json_array_size(json_object_get(client_next_of(c, "results"), "items"));
}

static void a_room_that_is_forbidden_meanwhile_is_not_in_the_answer(void **state)
{
    struct world *w = *state;
    struct client *ann = client_joined(w, "ann"), *op = client_operator(w);
    client_say(ann, "lobby", "1", "a word");
    world_settle(w);
    client_send(ann, "{'type':'search','id':'2','text':'word'}");
    world_settle(w);
    assert_int_equal(count_found(ann), 1);
    client_send(op, "{'type':'ban','id':'b','nick':'ann','room':'lobby','seconds':60}");
    while (world_answer_archive(w))
        ;
    client_send(ann, "{'type':'search','id':'3','text':'word'}");
    assert_true(world_answer_journal(w)); /* the ban, while the search is under way */
    world_settle(w);
    assert_int_equal(count_found(ann), 0);
    client_destroy(&ann);
    client_destroy(&op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_width_and_accents_do_not_count),
        cmocka_unit_test(marks_that_make_another_letter_stay),
        cmocka_unit_test(spaces_are_one_and_none_at_the_ends),
        cmocka_unit_test(a_text_may_grow),
        cmocka_unit_test(folding_twice_changes_nothing),
        cmocka_unit_test(a_word_is_found_anywhere),
        cmocka_unit_test(several_words_are_all_wanted),
        cmocka_unit_test(everything_else_is_ordinary_text),
        cmocka_unit_test(a_text_has_all_grams_of_every_word_in_it),
        cmocka_unit_test(grams_are_sorted_and_each_comes_once),
        cmocka_unit_test_setup_teardown(a_room_that_is_forbidden_meanwhile_is_not_in_the_answer,
                                        world_begin, world_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
