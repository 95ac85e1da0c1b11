/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static char directory[] = "/tmp/samltap-file-test-XXXXXX";

static char *
path_of(const char *name)
{
    static char path[200];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static int
set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

static int
tear_down(void **state)
{
    static const char *const names[] = { "text", "empty", "pipe", "new", "link", "a/b", "a" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove(path_of(names[i]));
    return rmdir(directory);
}

static void
expect_refusal(const char *path, const char *says)
{
    struct buf bytes;
    char *why = NULL;

    assert_false(file_read_input(path, 1024, &bytes, &why));
    if (strstr(why, says) == NULL)
        fail_msg("'%s' lacks '%s'", why, says);
    assert_non_null(strstr(why, path));
    free(why);
    buf_release(&bytes);
}

static void
test_reads_what_was_created(void **state)
{
    struct buf bytes;
    struct stat status;
    char *why = NULL;

    (void)state;
    assert_true(file_create(path_of("text"), 0600, STR("one\0two"), &why));
    assert_int_equal(stat(path_of("text"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(file_read(path_of("text"), 7, &bytes, &why));
    assert_true(str_eq(buf_str(&bytes), STR("one\0two")));
    buf_release(&bytes);
    assert_false(file_create(path_of("text"), 0600, STR("again"), &why));
    assert_non_null(strstr(why, "File exists"));
    free(why);
}

/* Never a hang: a pipe without a writer and a device without an end are the usual traps. */
static void
test_refuses_what_is_no_file(void **state)
{
    char *why = NULL;

    (void)state;
    assert_true(file_create(path_of("empty"), 0600, STR(""), &why));
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    expect_refusal(directory, "is a directory");
    expect_refusal(path_of("missing"), "No such file");
    expect_refusal(path_of("empty"), "is empty");
    expect_refusal(path_of("pipe"), "is empty");
    expect_refusal("/dev/zero", "is bigger than");
}

static void
test_ceiling_is_exact(void **state)
{
    struct buf bytes;
    char *why = NULL;

    (void)state;
    assert_true(file_create(path_of("new"), 0600, STR("12345678"), &why));
    assert_true(file_read(path_of("new"), 8, &bytes, &why));
    buf_release(&bytes);
    assert_false(file_read(path_of("new"), 7, &bytes, &why));
    buf_release(&bytes);
    free(why);
}

static void
test_does_not_follow_a_link_when_creating(void **state)
{
    char *why = NULL;

    (void)state;
    assert_int_equal(symlink("/tmp/samltap-nowhere", path_of("link")), 0);
    assert_false(file_create(path_of("link"), 0600, STR("x"), &why));
    assert_int_not_equal(access("/tmp/samltap-nowhere", F_OK), 0);
    free(why);
}

static void
test_makes_directories_for_the_user_alone(void **state)
{
    struct stat status;
    char *why = NULL;

    (void)state;
    assert_true(file_make_directory(path_of("a/b"), &why));
    assert_true(file_make_directory(path_of("a/b"), &why));
    assert_int_equal(stat(path_of("a/b"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_false(file_make_directory(path_of("text/c"), &why));
    free(why);
    why = NULL;
    assert_false(file_make_directory(path_of("text"), &why));
    free(why);
}

static void
test_lists_files_in_order(void **state)
{
    size_t count = 0;
    char *why = NULL, **paths = file_list_directory(directory, &count, &why);

    (void)state;
    assert_non_null(paths);
    assert_int_equal(count, 3);
    assert_string_equal(paths[0], path_of("empty"));
    assert_string_equal(paths[2], path_of("text"));
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    assert_null(file_list_directory(path_of("missing"), &count, &why));
    free(why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_was_created),
        cmocka_unit_test(test_refuses_what_is_no_file),
        cmocka_unit_test(test_ceiling_is_exact),
        cmocka_unit_test(test_does_not_follow_a_link_when_creating),
        cmocka_unit_test(test_makes_directories_for_the_user_alone),
        cmocka_unit_test(test_lists_files_in_order),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
