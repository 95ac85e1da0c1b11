/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "journal.h"

static char directory[] = "/tmp/samltap-journal-test-XXXXXX";
static char path[100];
static char old_path[110];

static int
set_up(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/exchanges.log", directory);
    snprintf(old_path, sizeof(old_path), "%s.1", path);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(old_path);
    return rmdir(directory);
}

static void
expect_records(const char *file, const char *const *expected, size_t count)
{
    struct buf bytes;
    struct str rest, record;
    char *why = NULL;

    assert_true(file_read(file, 1 << 20, &bytes, &why));
    rest = buf_str(&bytes);
    for (size_t i = 0; i < count; i++) {
        assert_true(journal_next(&rest, &record));
        assert_true(str_eq_c(record, expected[i]));
    }
    assert_false(journal_next(&rest, &record));
    buf_release(&bytes);
}

static void
test_what_is_appended_comes_back(void **state)
{
    struct journal journal;
    struct stat status;
    char *why = NULL;

    (void)state;
    assert_true(journal_open(&journal, path, 1000, &why));
    assert_true(journal_append(&journal, STR("one")));
    assert_true(journal_append(&journal, STR("STX1 inside")));
    journal_release(&journal);
    assert_true(journal_open(&journal, path, 1000, &why));
    assert_true(journal_append(&journal, STR("three")));
    journal_release(&journal);
    expect_records(path, (const char *const[]){ "one", "STX1 inside", "three" }, 3);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    unlink(path);
}

static void
test_past_the_ceiling_the_file_is_set_aside(void **state)
{
    struct journal journal;
    char *why = NULL;

    (void)state;
    assert_true(journal_open(&journal, path, 24, &why));
    assert_true(journal_append(&journal, STR("first")));
    assert_true(journal_append(&journal, STR("next")));
    assert_true(journal_append(&journal, STR("a record over the ceiling is kept all the same")));
    journal_release(&journal);
    expect_records(old_path, (const char *const[]){ "next" }, 1);
    expect_records(path, (const char *const[]){ "a record over the ceiling is kept all the same" }, 1);
    unlink(path);
    unlink(old_path);
}

static void
test_damage_costs_one_record(void **state)
{
    struct str bytes = STR("junkSTX1\0\0\0\2okSTX1\0\0\7\7cutSTX1\0\0\0\4goodSTX1\0\0"), record;

    (void)state;
    assert_true(journal_next(&bytes, &record));
    assert_true(str_eq_c(record, "ok"));
    assert_true(journal_next(&bytes, &record));
    assert_true(str_eq_c(record, "good"));
    assert_false(journal_next(&bytes, &record));
}

static void
test_a_path_that_cannot_be_opened(void **state)
{
    struct journal journal;
    char *why = NULL;

    (void)state;
    assert_false(journal_open(&journal, directory, 1000, &why));
    assert_non_null(strstr(why, directory));
    free(why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_appended_comes_back),
        cmocka_unit_test(test_past_the_ceiling_the_file_is_set_aside),
        cmocka_unit_test(test_damage_costs_one_record),
        cmocka_unit_test(test_a_path_that_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
