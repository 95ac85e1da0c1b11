/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examine.h"
#include "file.h"
#include "history.h"
#include "log.h"
#include "report_maker.h"

#define NOW INT64_C(1769860800000)

static char directory[] = "/tmp/samltap-history-test-XXXXXX", path[64], old_path[70];
static struct settings settings = { .clock_skew_s = 180 };

static int
set_up(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/" HISTORY_NAME, directory);
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

static int
remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(old_path);
    return 0;
}

/* Posts the answer of that number; true when it was posted before. */
static bool
post(struct history *history, int number, int64_t at_ms)
{
    struct report *report = make_report(&settings);
    const struct past_view *view;
    char id[40];
    bool known;

    snprintf(id, sizeof(id), "_%08x", (unsigned)number * 2654435761u);
    make_exchange(report, "POST", "https://sp.example.com/acs", 302)->started_ms = at_ms;
    make_message(report, MESSAGE_RESPONSE, "", NULL, false)->saml->id.text = arena_copy_c(report->arena, id);
    view = past_view_of(history->past, report, NULL);
    known = view->used != NULL;
    report_release(report);
    history_write(history);
    return known;
}

static void
a_second_start_remembers(void **state)
{
    struct history history;
    struct stat status;
    struct buf bytes;
    char *why = NULL;

    (void)state;
    assert_true(history_open(&history, path, NOW));
    assert_false(post(&history, 1, NOW));
    assert_false(post(&history, 2, NOW - HISTORY_MAX_AGE_MS + 500));
    history_close(&history);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(file_read(path, 1 << 20, &bytes, &why));
    assert_int_equal(str_find_c(buf_str(&bytes), "_9e3779b1"), SIZE_MAX);
    buf_release(&bytes);
    /* Five hundred milliseconds later both are within a day, one more and the second one is older. */
    assert_true(history_open(&history, path, NOW + 500));
    assert_true(post(&history, 2, NOW + 600));
    assert_true(post(&history, 1, NOW + 600));
    history_close(&history);
    remove_files(NULL);
    assert_true(history_open(&history, path, NOW));
    assert_false(post(&history, 2, NOW - HISTORY_MAX_AGE_MS + 500));
    history_close(&history);
    assert_true(history_open(&history, path, NOW + 501));
    assert_false(post(&history, 2, NOW + 600));
    history_close(&history);
}

/* What is damaged is skipped, the rest is remembered. */
static void
damage_costs_what_is_damaged(void **state)
{
    enum { RECORDS = 4, IN_THE_STATUS = 8 + 9 + 3, CUT = 5 };
    struct history history;
    struct buf bytes;
    char *why = NULL;
    FILE *file;

    (void)state;
    assert_true(history_open(&history, path, NOW));
    for (int i = 1; i <= RECORDS; i++)
        assert_false(post(&history, i, NOW + i));
    history_close(&history);
    assert_true(file_read(path, 1 << 20, &bytes, &why));
    memset(bytes.bytes + bytes.len / RECORDS, 'x', 4);           /* the head of the second */
    bytes.bytes[2 * (bytes.len / RECORDS) + IN_THE_STATUS] ^= 1; /* one bit of the third */
    assert_non_null(file = fopen(path, "wb"));
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.len - CUT, file), bytes.len - CUT); /* and the last one is cut */
    fclose(file);
    assert_true(history_open(&history, path, NOW));
    assert_true(post(&history, 1, NOW + 100));
    for (int i = 2; i <= RECORDS; i++)
        assert_false(post(&history, i, NOW + 100));
    history_close(&history);
    buf_release(&bytes);
    /* Behind the cut it goes on. */
    assert_true(history_open(&history, path, NOW));
    assert_true(post(&history, 3, NOW + 200));
    history_close(&history);
}

/* It is bounded, and of what is set aside the newest are known all the same. */
static void
a_full_file_is_set_aside(void **state)
{
    enum { FAR_TOO_MANY = 100000, MORE = 10 };
    struct history history;
    struct stat status;
    int count = 0;

    (void)state;
    assert_true(history_open(&history, path, NOW));
    while (stat(old_path, &status) != 0 && count < FAR_TOO_MANY)
        post(&history, count, NOW + count), count++;
    for (int end = count + MORE; count < end;)
        post(&history, count, NOW + count), count++;
    history_close(&history);
    assert_int_equal(stat(old_path, &status), 0);
    assert_in_range(status.st_size, HISTORY_MAX_BYTES / 2, HISTORY_MAX_BYTES);
    assert_int_equal(stat(path, &status), 0);
    assert_in_range(status.st_size, 1, HISTORY_MAX_BYTES / 10);
    assert_true(history_open(&history, path, NOW));
    assert_true(post(&history, count - 1, NOW + 2 * count));
    assert_true(post(&history, count - PAST_USES + 1, NOW + 2 * count)); /* which was set aside */
    assert_false(post(&history, count - PAST_USES - 1, NOW + 2 * count));
    history_close(&history);
}

/* Without a file, and with one that cannot be written, the memory lasts as long as the process. */
static void
a_memory_without_a_file(void **state)
{
    static const char *const paths[] = { NULL, "/dev/null/" HISTORY_NAME };
    struct history history;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_true(history_open(&history, paths[i], NOW));
        assert_false(post(&history, 1, NOW));
        assert_true(post(&history, 1, NOW + 1));
        history_close(&history);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_second_start_remembers, remove_files),
        cmocka_unit_test_teardown(damage_costs_what_is_damaged, remove_files),
        cmocka_unit_test_teardown(a_full_file_is_set_aside, remove_files),
        cmocka_unit_test(a_memory_without_a_file),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
