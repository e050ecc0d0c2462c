/* test_page.c - a directory of files becomes a page in memory (protocols/page.h). */
#include "world.h"

#include "page.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define INDEX                                                                                      \
    "<head><link href=\"./a.css\" /><script type=\"module\" "                                      \
    "src=\"./main.js\"></script></head></html>"

#define NAMES "export const c = 0;\nexport class C {}\n"

static char www[] = "/tmp/chatd-page-XXXXXX";
static char fault[PAGE_FAULT_BYTES];

static void write_file(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", www, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int empty_folder(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s && mkdir %s", www, www);
    return system(command);
}

/* main.js imports b.js and c.js, and b.js imports c.js. */
static int write_page(void **state)
{
    if (empty_folder(state) != 0)
        return -1;
    write_file("index.html", INDEX);
    write_file("a.css", "p { margin: 0 }");
    write_file("main.js", "import { b } from './b.js';\nimport * as c from './c.js';\nb(c);\n");
    write_file("b.js", "import {\n  c,\n  C as See,\n} from './c.js';\n\n"
                       "export const b = () => import('./later.js');\nnew See(c);\n");
    write_file("c.js", "export async function c() {\n  await 0;\n}\nexport class C {}\n");
    write_file("later.js", "//");
    return 0;
}

static int remove_folder(void **state)
{
    int result = empty_folder(state);
    return result != 0 ? result : rmdir(www);
}

static struct page *load(void)
{
    struct page *p = page_load(www, fault);
    if (p == NULL)
        fail_msg("%s", fault);
    return p;
}

static void refused(const char *why)
{
    assert_null(page_load(www, fault));
    assert_string_equal(fault, why);
}

static const char *content_of(const struct page *p, const char *name)
{
    static char text[4096];
    const struct file *f = page_find(p, name);
    assert_non_null(f);
    assert_true(f->plain.size < sizeof text);
    memcpy(text, f->plain.at, f->plain.size);
    text[f->plain.size] = '\0';
    return text;
}

/* In the text, the version is "VERSION". */
static const char *index_of(const struct page *p)
{
    static char text[4096];
    snprintf(text, sizeof text, "%s", content_of(p, "index.html"));
    for (char *v; (v = strstr(text, page_version(p))) != NULL;) {
        memmove(v + 7, v + PAGE_VERSION_CHARS, strlen(v + PAGE_VERSION_CHARS) + 1);
        memcpy(v, "VERSION", 7);
    }
    return text;
}

static void modules_are_joined_and_the_files_stay_as_they_are(void **state)
{
    (void)state;
    struct page *p = load();
    assert_int_equal(strlen(page_version(p)), PAGE_VERSION_CHARS);
    assert_string_equal(
        index_of(p),
        "<head><link href=\"/v/VERSION/a.css\" />"
        "<script type=\"importmap\">{\"imports\":{\"/v/VERSION/c.js\":\"/v/VERSION/_all.js\",\n"
        "\"/v/VERSION/b.js\":\"/v/VERSION/_all.js\"}}</script>\n"
        "<link rel='modulepreload' href='/v/VERSION/_all.js' />\n"
        "<script type=\"module\" src=\"/v/VERSION/main.js\"></script></head></html>");
    assert_string_equal(content_of(p, "_all.js"),
                        "document.querySelector('script[type=importmap]')?.remove();\n"
                        "const _0 = (() => {\n"
                        "async function c() {\n  await 0;\n}\nclass C {}\n"
                        "\nreturn { c,C, };\n})();\n"
                        "const _1 = ((c, See, ) => {\n"
                        "\n\nconst b = () => import('./later.js');\nnew See(c);\n"
                        "\nreturn { b, };\n})(_0.c, _0.C, );\n"
                        "const { c: _0c, C: _0C, } = _0;\nexport { _0c as c, _0C as C, };\n"
                        "const { b: _1b, } = _1;\nexport { _1b as b, };\n");
    assert_string_equal(content_of(p, "c.js"),
                        "export async function c() {\n  await 0;\n}\nexport class C {}\n");
    assert_int_equal(strlen(page_script_hash(p)), 44);
    page_unref(&p);
}

static void comments_with_lines_of_their_own_are_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *module, *joined;
    } cases[] = {
        {"/* a */\n" NAMES, "=> {\nconst c = 0;"},
        {"  /* a\n   * export const d = 0; */\n" NAMES "c();\n", "=> {\nconst c = 0;"},
        {NAMES "c( /* a */\n1);\n", "\nc( /* a */\n1);\n"},
        {NAMES "/* a */ c();\n", "\n/* a */ c();\n"},
        {NAMES "c('image/*');\n/* a */\nc();\n", "\nc('image/*');\n/* a */\nc();\n"},
        {NAMES "c(`\n/* a */\n`);\n", "\nc(`\n/* a */\n`);\n"},
        {NAMES "/* a */", "\n/* a */"},
        {NAMES "/* `a` */\nc(`b`);\n", "class C {}\nc(`b`);\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file("c.js", cases[i].module);
        struct page *p = load();
        assert_non_null(strstr(content_of(p, "_all.js"), cases[i].joined));
        page_unref(&p);
    }
}

static void modules_that_cannot_be_joined_are_announced(void **state)
{
    (void)state;
    static const char *const modules[] = {
        "import { b } from './b.js';\n" NAMES, /* a circle */
        "export const c = 0;\n",               /* C is not found */
        "export const c = 0;\nexport { c as C };\n",
        "export const c = 0;\nexport default class C {}\n",
        NAMES "export const b = 1;\n", /* b.js has it, too */
        "export const { c, C } = {};\n",
        "export const c = 0;\nexport const C = await c;\n",
        NAMES "try {\n  await c;\n} finally {\n}\n",
        NAMES "const d = async () => {};\n{\n  await d();\n}\n",
        "import main from './main.js'\nexport const c = 0;\nexport const C = 0;\n",
        NAMES "export { c as d };\n",
        "\xef\xbb\xbf"
        "import './d.js';\n" NAMES,
        "#!/bin/node\n" NAMES,
        NAMES "// \xe2\x80\xa8 export const d = 0;\n",
        NAMES "// \xe2\x80\xa9 export const d = 0;\n",
        NAMES "// \rexport const d = 0;\n",
        "import './d.js';import './e.js';\n" NAMES,
        "import'./d.js';\n" NAMES,
        "import{d}from'./d.js';\n" NAMES,
        "  import './d.js';\n" NAMES,
        "export const c = 0; export const C = 0;\n",
        "export const c = 0, C = 0;\nexport { C };\n",
        NAMES "export const d = [0, 1],\n  e = 2;\n",
        NAMES "  export const d = 0;\n",
        NAMES "{\n}export const d = 0;\n",
        NAMES "/* */ export const d = 0;\n",
        NAMES "; /*\nexport const d = 0;\n*/\n",
        NAMES "export{d};\nconst d = 0;\n",
        NAMES "export*from './d.js';\n",
    };
    write_file("d.js", "export const d = 0;\n");
    write_file("e.js", "//");
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        write_file("c.js", modules[i]);
        struct page *p = load();
        const char *index = index_of(p);
        assert_non_null(strstr(index, "<link rel=\"modulepreload\" href=\"/v/VERSION/b.js\" />\n"));
        assert_non_null(strstr(index, "<link rel=\"modulepreload\" href=\"/v/VERSION/c.js\" />\n"));
        assert_null(strstr(index, "later.js"));
        assert_null(page_find(p, "_all.js"));
        assert_string_equal(page_script_hash(p), "");
        page_unref(&p);
    }
}

static void the_version_is_made_of_contents_and_not_of_times(void **state)
{
    (void)state;
    char first[PAGE_VERSION_CHARS + 1];
    struct page *p = load();
    strcpy(first, page_version(p));
    page_unref(&p);

    write_page(state);
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    char path[200];
    snprintf(path, sizeof path, "%s/a.css", www);
    assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
    p = load();
    assert_string_equal(page_version(p), first);
    page_unref(&p);

    write_file("a.css", "p { margin: 1 }");
    p = load();
    assert_string_not_equal(page_version(p), first);
    page_unref(&p);
}

static void a_file_is_compressed_if_that_makes_it_smaller(void **state)
{
    (void)state;
    char zeros[1001] = {0}, back[2000];
    memset(zeros, '0', 1000);
    write_file("zeros.css", zeros);
    struct page *p = load();
    const struct file *f = page_find(p, "zeros.css");
    assert_in_range(f->gzip.size, 1, 100);
    z_stream z = {.next_in = (unsigned char *)f->gzip.at,
                  .avail_in = (unsigned)f->gzip.size,
                  .next_out = (unsigned char *)back,
                  .avail_out = sizeof back};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    assert_int_equal(z.total_out, 1000);
    assert_memory_equal(back, zeros, 1000);
    assert_int_equal(page_find(p, "later.js")->gzip.size, 0);
    page_unref(&p);
}

static void only_files_of_known_types_and_plain_names_are_served(void **state)
{
    (void)state;
    write_file("README.md", "x");
    write_file(".hidden.js", "x");
    write_file("_all.js", "x");
    write_file("b c.js", "x");
    char path[200];
    snprintf(path, sizeof path, "%s/folder.js", www);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/fifo.js", www);
    assert_int_equal(mkfifo(path, 0600), 0);
    struct page *p = load();
    static const char *const not_served[] = {"README.md", ".hidden.js", "b c.js", "folder.js",
                                             "fifo.js",   "",           "../x.js"};
    for (size_t i = 0; i < sizeof not_served / sizeof *not_served; i++)
        assert_null(page_find(p, not_served[i]));
    assert_string_equal(page_find(p, "a.css")->type, "text/css; charset=utf-8");
    page_unref(&p);
}

static void a_page_with_an_empty_file_or_one_that_is_cut_off_is_refused(void **state)
{
    static const char *const names[] = {"index.html", "a.css", "main.js", "later.js", "icon.svg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char why[100];
        write_page(state);
        write_file(names[i], "");
        snprintf(why, sizeof why, "%s: is empty", names[i]);
        refused(why);
    }
    write_page(state);
    write_file("index.html", "<head><link href=\"./a.css\" /></head><body><p>Half a");
    refused("index.html: is cut off: it has no </html>");
}

static void link_to(const char *target, const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", www, name);
    unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

static void a_link_within_the_directory_is_served_and_one_that_leads_out_is_refused(void **state)
{
    char path[200];
    link_to("a.css", "b.css");
    link_to("later.js", "again.js");
    struct page *p = load();
    assert_string_equal(content_of(p, "b.css"), "p { margin: 0 }");
    page_unref(&p);

    snprintf(path, sizeof path, "%s/a.css", www);
    link_to(path, "b.css");
    p = load();
    page_unref(&p);

    link_to("/etc/hostname", "b.css");
    refused("b.css: leads out of the directory");
    write_page(state);
    link_to("../../etc/passwd", "main.js");
    refused("main.js: leads out of the directory");
}

static void the_directory_itself_may_be_a_link(void **state)
{
    char path[sizeof www + 5];
    (void)state;
    snprintf(path, sizeof path, "%s-link", www);
    assert_int_equal(symlink(www, path), 0);
    struct page *p = page_load(path, fault);
    unlink(path);
    assert_non_null(p);
    page_unref(&p);
}

static void an_absent_index_is_refused(void **state)
{
    empty_folder(state);
    refused("index.html: is not there");
    assert_null(page_load("/nowhere", fault));
    assert_string_equal(fault, "/nowhere: No such file or directory");
}

static void a_page_that_lacks_one_of_its_files_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *why;
    } cases[] = {
        {"a.css", "index.html: names a.css, which is not there"},
        {"c.js", "b.js: names c.js, which is not there"},
        {"later.js", "b.js: names later.js, which is not there"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", www, cases[i].name);
        write_page(state);
        assert_int_equal(unlink(path), 0);
        refused(cases[i].why);
    }
}

static void too_many_files_or_bytes_are_refused(void **state)
{
    (void)state;
    char name[20], *big = calloc(1, FOLDER_BYTES_MAX + 1);
    memset(big, 'x', FOLDER_BYTES_MAX);
    write_file("big.css", big);
    free(big);
    assert_null(page_load(www, fault));
    assert_non_null(strstr(fault, "the page has more than 16 MiB"));
    write_page(state);
    for (int i = 0; i < FOLDER_FILES_MAX; i++) {
        snprintf(name, sizeof name, "%d.css", i);
        write_file(name, "x");
    }
    assert_null(page_load(www, fault));
    assert_non_null(strstr(fault, "the page has more than 500 files"));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(www) == NULL ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(modules_are_joined_and_the_files_stay_as_they_are, write_page),
        cmocka_unit_test_setup(comments_with_lines_of_their_own_are_left_out, write_page),
        cmocka_unit_test_setup(modules_that_cannot_be_joined_are_announced, write_page),
        cmocka_unit_test_setup(the_version_is_made_of_contents_and_not_of_times, write_page),
        cmocka_unit_test_setup(a_file_is_compressed_if_that_makes_it_smaller, write_page),
        cmocka_unit_test_setup(only_files_of_known_types_and_plain_names_are_served, write_page),
        cmocka_unit_test_setup(a_page_with_an_empty_file_or_one_that_is_cut_off_is_refused,
                               write_page),
        cmocka_unit_test_setup(
            a_link_within_the_directory_is_served_and_one_that_leads_out_is_refused, write_page),
        cmocka_unit_test_setup(the_directory_itself_may_be_a_link, write_page),
        cmocka_unit_test_setup(an_absent_index_is_refused, write_page),
        cmocka_unit_test_setup(a_page_that_lacks_one_of_its_files_is_refused, write_page),
        cmocka_unit_test_setup(too_many_files_or_bytes_are_refused, write_page),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
