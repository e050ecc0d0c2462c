/* test_nick.c - which nicknames are allowed, and which look alike (chat/base/nick.h). */
#include "world.h"

#include "chat/base/nick.h"

#include <string.h>

static struct nick_rules *rules;

static int load(void **state)
{
    (void)state;
    rules = nick_rules_create();
    return rules == NULL ? -1 : 0;
}

static int unload(void **state)
{
    (void)state;
    nick_rules_destroy(&rules);
    return 0;
}

static void ordinary_nicks_stay_unchanged(void **state)
{
    (void)state;
    static const char *const good[] = {
        "ann",  "Oskar", "ユキ", "Zoë", "Ольга", "a b", "x", "日本語", "Tobias-with-a-long-nick",
        "🦀", "مريم"};
    struct nick n;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(nick_parse(rules, good[i], &n), OK);
        assert_string_equal(n.text, good[i]);
    }
}

static void a_nick_is_normalised(void **state)
{
    (void)state;
    struct nick n;
    assert_int_equal(nick_parse(rules, "ａｎｎ", &n), OK); /* fullwidth */
    assert_string_equal(n.text, "ann");
    assert_int_equal(nick_parse(rules, "Zoe\u0308", &n), OK); /* e and a diaeresis */
    assert_string_equal(n.text, "Zoë");
}

static void invisible_characters_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ann",
                                      "ann ",
                                      " ",
                                      "a\tb",
                                      "a\nb",
                                      "ad\u200bmin",
                                      "\u202eann",
                                      "\u2066ann",
                                      "a\u00adb",
                                      "\u3164",
                                      "\u2800",
                                      "a\u034fb",
                                      "\U000e0041",
                                      "\ufeffann",
                                      "\u0301a",
                                      "a\ufe0f",
                                      "a\u0316\u0317\u0318\u0319\u031c",
                                      "\ue000",
                                      "\u2028",
                                      "ann  lee",
                                      "admin\U0001d159",
                                      "\u1160",
                                      "\u115fann",
                                      "a\U00013441",
                                      "a\u180e",
                                      "ad\ufffcmin"};
    struct nick n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (nick_parse(rules, bad[i], &n) != ERR_BAD_NICK)
            fail_msg("number %zu is taken for a nick", i);
}

static void length_is_counted_in_characters(void **state)
{
    (void)state;
    char nick[4 * 33 + 1] = "";
    struct nick n;
    for (int i = 0; i < 32; i++)
        strcat(nick, "🦀");
    assert_int_equal(nick_parse(rules, nick, &n), OK);
    strcat(nick, "🦀");
    assert_int_equal(nick_parse(rules, nick, &n), ERR_BAD_NICK);
    assert_int_equal(nick_parse(rules, "012345678901234567890123456789012", &n), ERR_BAD_NICK);
}

static void look_alikes_share_one_skeleton(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"ann", "аnn"},       /* Cyrillic */ {"ann", "ANN"},
        {"admin", "аdmin"},   {"bob", "b0b"},
        {"paypal", "paypa1"}, {"Zoë", "zoe\u0308"},
        {"scope", "ѕсоре"},   /* all Cyrillic */ {"mirela", "rnirela"},
        {"Iila", "lila"},     {"Iila", "iila"}};
    struct nick a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(nick_parse(rules, pairs[i][0], &a), OK);
        assert_int_equal(nick_parse(rules, pairs[i][1], &b), OK);
        assert_string_equal(a.skeleton, b.skeleton);
    }
}

static void different_nicks_have_different_skeletons(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"ann", "anna"}, {"ali", "alan"}, {"zoe", "zoë"}};
    struct nick a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(nick_parse(rules, pairs[i][0], &a), OK);
        assert_int_equal(nick_parse(rules, pairs[i][1], &b), OK);
        assert_string_not_equal(a.skeleton, b.skeleton);
    }
}

/* A capital of another alphabet may look like a Latin one where its small letter does not. */
static void a_nick_is_like_what_its_capitals_look_like(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"Tom", "Тom"},
                                           /* Cyrillic */ {"tom", "Тom"},
                                           {"Bob", "Вob"},
                                           /* Cyrillic */ {"nina", "Νina"},
                                           {"admin", "ADМIN"},
                                           /* Cyrillic */ {"HANS", "НАNS"},
                                           {"Moderator", "Мoderator"},
                                           {"admin", "admi\u0307n"},
                                           {"Tim", "Ti\u0307m"}};
    struct nick a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(nick_parse(rules, pairs[i][0], &a), OK);
        assert_int_equal(nick_parse(rules, pairs[i][1], &b), OK);
        assert_true(nick_is_like(&a, &b) && nick_is_like(&b, &a));
    }
    assert_int_equal(nick_parse(rules, "Николай", &a), OK);
    assert_int_equal(nick_parse(rules, "николай", &b), OK);
    assert_true(nick_is_like(&a, &b));
    assert_int_equal(nick_parse(rules, "Ольга", &b), OK);
    assert_false(nick_is_like(&a, &b));
}

static const char *const dressed[][2] = {
    {"Tom", "ᴛom"},
    {"tom", "ᴛᴏᴍ"},
    {"Admin", "ᴀᴅᴍɪɴ"},
    {"admin", "аᴅᴍɪɴ"}, /* Cyrillic a */
    {"fiona", "ꜰɪᴏɴᴀ"},
    {"Tom", "🅣om"},
    {"Tom", "🆃🅾🅼"},
    {"Tom", "ⓉⓄⓂ"},
    {"Tom", "🇹om"},
    {"Tom", "T\u0336om"},
    {"Tom", "T\u0336o\u0336m\u0336"},
    {"Tom", "T\u0335om"},
    {"Tom", "To\u0338m"},
    {"Tom", "T\u0332o\u0332m\u0332"},
    {"Tom", "To\u0305m"},
    {"Tom", "T\u20ddom"},
    {"Tom", "T\u20d2om"},
    {"admin", "a d m i n"},
    {"admin", "A.D.M.I.N"},
    {"admin", "а-d_m*i n"}, /* Cyrillic a */
    {"admin", "a d m 1 n"},
    {"admin", "ᴀ ᴅ ᴍ ɪ ɴ"},
    {"admin", "a\u0336 d\u0336 m\u0336 i\u0336 n\u0336"},
    {"日本語", "日 本 語"},
};

/* Nicks and titles have one rule. */
static void dressed_letters_are_like_plain_ones(void **state)
{
    struct nick a, b;
    (void)state;
    for (size_t i = 0; i < sizeof dressed / sizeof *dressed; i++) {
        assert_int_equal(nick_parse(rules, dressed[i][0], &a), OK);
        assert_int_equal(nick_parse(rules, dressed[i][1], &b), OK);
        if (!nick_is_like(&a, &b) || !nick_is_like(&b, &a))
            fail_msg("%s is not like %s: %s, %s", b.text, a.text, b.look, a.skeleton);
        assert_int_equal(nick_of_title(rules, dressed[i][0], &a), OK);
        assert_int_equal(nick_of_title(rules, dressed[i][1], &b), OK);
        assert_true(nick_is_like(&a, &b) && nick_is_like(&b, &a));
    }
}

static void names_of_every_script_pass_and_differ(void **state)
{
    static const char *const names[] = {"Nguyễn Thị Đào",
                                        "Nguyễn Thị Dào",
                                        "Đặng Văn Lộc",
                                        "Đặng Văn Lốc",
                                        "مُحَمَّد",
                                        "محمد",
                                        "فاطِمة",
                                        "अनुष्का",
                                        "राजेंद्र",
                                        "राजेन्द्र",
                                        "สมชาย",
                                        "กิ่งแก้ว",
                                        "กิงแก้ว",
                                        "שָׁרָה",
                                        "שרה",
                                        "தமிழ்ச்செல்வி",
                                        "ញ៉ាំ",
                                        "မြင့်",
                                        "김민준",
                                        "ʻIolani",
                                        "Łukasz",
                                        "Lukasz",
                                        "Søren",
                                        "Soren",
                                        "Ħamed",
                                        "Hamed",
                                        "Ŧor",
                                        "Tor",
                                        "Zoë",
                                        "Zoe",
                                        "Ångström",
                                        "Angstrom",
                                        "ᏣᎳᎩ",
                                        "བསྟན་འཛིན",
                                        "Ḵwak",
                                        "Kwak",
                                        "Ann Lee",
                                        "AnnLee",
                                        "J R",
                                        "JR",
                                        "1.2.3",
                                        "123",
                                        "d'Arc",
                                        "dArc",
                                        "🦀",
                                        "O’Neil",
                                        "ⵉⴷⵉⵔ",
                                        "ߡߊߡߊߘߎ",
                                        "ꦗꦮ",
                                        "ܐܒܐ"};
    struct nick nicks[sizeof names / sizeof *names];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (nick_parse(rules, names[i], &nicks[i]) != OK)
            fail_msg("%s is refused", names[i]);
        assert_string_equal(nicks[i].text, names[i]);
        for (size_t k = 0; k < i; k++)
            if (nick_is_like(&nicks[i], &nicks[k]))
                fail_msg("%s is like %s", names[i], names[k]);
    }
}

static void titles_look_alike_as_nicks_do(void **state)
{
    static const char *const alike[][2] = {{"The attic", "the ATTIC"},
                                           {"The attic", " The  attic\u200b"},
                                           {"Тom's room", "Tom's room"},
                                           {"R00m", "Room"},
                                           {"日本語", "日本語\u3000"}};
    struct nick a, b;
    (void)state;
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        assert_int_equal(nick_of_title(rules, alike[i][0], &a), OK);
        assert_int_equal(nick_of_title(rules, alike[i][1], &b), OK);
        assert_true(nick_is_like(&a, &b) && nick_is_like(&b, &a));
    }
    assert_int_equal(nick_of_title(rules, "C++", &a), OK);
    assert_int_equal(nick_of_title(rules, "C#", &b), OK);
    assert_false(nick_is_like(&a, &b));
}

/* Of 80 bytes; U+FDFA becomes 18 characters. */
static void a_title_of_any_characters_has_keys_that_fit(void **state)
{
    static const char *const wide[] = {"a", "\uFDFA", "\u0390", "🦀", "\u1E9E", "m", "\u33C2"};
    struct nick n;
    (void)state;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        char title[81] = "";
        while (strlen(title) + strlen(wide[i]) < sizeof title)
            strcat(title, wide[i]);
        assert_int_equal(nick_of_title(rules, title, &n), OK);
        assert_string_equal(n.text, "");
    }
    assert_int_equal(nick_of_title(rules, "\u200b", &n), ERR_BAD_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_nicks_stay_unchanged),
        cmocka_unit_test(a_nick_is_normalised),
        cmocka_unit_test(invisible_characters_are_refused),
        cmocka_unit_test(length_is_counted_in_characters),
        cmocka_unit_test(look_alikes_share_one_skeleton),
        cmocka_unit_test(different_nicks_have_different_skeletons),
        cmocka_unit_test(a_nick_is_like_what_its_capitals_look_like),
        cmocka_unit_test(dressed_letters_are_like_plain_ones),
        cmocka_unit_test(names_of_every_script_pass_and_differ),
        cmocka_unit_test(titles_look_alike_as_nicks_do),
        cmocka_unit_test(a_title_of_any_characters_has_keys_that_fit),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
