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
        assert_true(journal_next(&rest, false, &record));
        assert_true(str_eq_c(record, expected[i]));
    }
    assert_false(journal_next(&rest, false, &record));
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
    assert_true(journal_next(&bytes, false, &record));
    assert_true(str_eq_c(record, "ok"));
    assert_true(journal_next(&bytes, false, &record));
    assert_true(str_eq_c(record, "good"));
    assert_false(journal_next(&bytes, false, &record));
}

/* However a file is cut into pieces, the records are the same; only what may become a record is kept over. */
static void
test_pieces_make_no_difference(void **state)
{
    const struct str whole = STR("junkSTX1\0\0\0\2okSTX1\0\0\7\7cutSTX1\xff\0\0\1xSSTSTX1\0\0\0\4goodSTX");

    (void)state;
    for (size_t piece = 1; piece <= whole.len; piece++) {
        char told[40] = "", kept[80];
        struct str rest = { kept, 0 }, record;

        for (size_t at = 0; at <= whole.len; at += piece) {
            struct str next = str_slice(whole, at, piece);
            bool more = at + piece <= whole.len;

            memmove(kept, rest.ptr, rest.len);
            memcpy(kept + rest.len, next.ptr, next.len);
            rest = (struct str){ kept, rest.len + next.len };
            while (journal_next(&rest, more, &record)) {
                strncat(told, record.ptr, record.len);
                strcat(told, " ");
            }
        }
        assert_string_equal(told, "ok good ");
    }
}

/* Two processes at one file, as "samltap import" beside "samltap proxy". */
static void
test_two_writers_lose_nothing(void **state)
{
    struct journal proxy, import;
    char *why = NULL;

    (void)state;
    assert_true(journal_open(&proxy, path, 40, &why));
    assert_true(journal_open(&import, path, UINT64_MAX, &why));
    assert_true(journal_append(&import, STR("a")));
    assert_true(journal_append(&proxy, STR("b")));
    assert_true(journal_append(&import, STR("a much longer record")));
    assert_true(journal_append(&proxy, STR("sets it aside")));
    assert_true(journal_append(&import, STR("follows")));
    assert_int_equal(import.size, proxy.size + 15);
    journal_release(&proxy);
    journal_release(&import);
    expect_records(old_path, (const char *const[]){ "a", "b", "a much longer record" }, 3);
    expect_records(path, (const char *const[]){ "sets it aside", "follows" }, 2);
    unlink(path);
    unlink(old_path);
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
        cmocka_unit_test(test_pieces_make_no_difference),
        cmocka_unit_test(test_two_writers_lose_nothing),
        cmocka_unit_test(test_a_path_that_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
