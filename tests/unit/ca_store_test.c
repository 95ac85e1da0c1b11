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

#include "ca_store.h"
#include "log.h"

enum { NOW_S = 1790000000 };

struct fixture {
    char directory[64];
    char path[128];
    struct options *options;
};

static char *
path_of(struct fixture *fixture, const char *name)
{
    snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->directory, name);
    return fixture->path;
}

static int
set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (fixture == NULL)
        return 1;
    strcpy(fixture->directory, "/tmp/samltap-ca-test-XXXXXX");
    fixture->options = options_new();
    *state = fixture;
    return mkdtemp(fixture->directory) == NULL;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    unlink(path_of(fixture, "samltap-ca-cert.pem"));
    unlink(path_of(fixture, "samltap-ca-key.pem"));
    rmdir(path_of(fixture, "new/state"));
    rmdir(path_of(fixture, "new"));
    rmdir(fixture->directory);
    options_free(fixture->options);
    free(fixture);
    return 0;
}

static bool
open_store(struct fixture *fixture, struct ca_store *store, enum ca_store_mode mode, int64_t now_s, char **why)
{
    return ca_store_open(store, fixture->options, fixture->directory, mode, NULL, 0, now_s, why);
}

static void
fingerprint_of_new(struct fixture *fixture, int64_t now_s, bool created, char out[65])
{
    struct ca_store store;
    char *why = NULL;

    assert_true(open_store(fixture, &store, CA_STORE_CREATE, now_s, &why));
    assert_int_equal(store.created, created);
    ca_fingerprint(store.ca, out);
    ca_store_release(&store);
}

static void
test_created_once_and_private(void **state)
{
    struct fixture *fixture = *state;
    char first[65], second[65];
    struct stat status;

    fingerprint_of_new(fixture, NOW_S, true, first);
    fingerprint_of_new(fixture, NOW_S + 1000, false, second);
    assert_string_equal(first, second);
    assert_int_equal(stat(path_of(fixture, "samltap-ca-key.pem"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void
test_replaced_when_it_has_expired(void **state)
{
    struct fixture *fixture = *state;
    char first[65], second[65];
    const int64_t later = NOW_S + (int64_t)(CA_DAYS + 1) * 86400;

    fingerprint_of_new(fixture, NOW_S, true, first);
    fingerprint_of_new(fixture, later, true, second);
    assert_string_not_equal(first, second);
}

static void
test_a_key_that_others_can_read_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char fingerprint[65], *why = NULL;
    struct ca_store store;

    fingerprint_of_new(fixture, NOW_S, true, fingerprint);
    assert_int_equal(chmod(path_of(fixture, "samltap-ca-key.pem"), 0640), 0);
    assert_false(open_store(fixture, &store, CA_STORE_CREATE, NOW_S, &why));
    assert_non_null(strstr(why, "chmod 600 '"));
    assert_non_null(strstr(why, fixture->path));
    ca_store_release(&store);
    free(why);
}

/* A crash between the two files leaves a key alone: both are made anew. */
static void
test_half_a_ca_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    char first[65], second[65];

    fingerprint_of_new(fixture, NOW_S, true, first);
    assert_int_equal(unlink(path_of(fixture, "samltap-ca-cert.pem")), 0);
    fingerprint_of_new(fixture, NOW_S, true, second);
    assert_string_not_equal(first, second);
}

static void
test_loading_without_one_says_how_to_make_it(void **state)
{
    struct fixture *fixture = *state;
    struct ca_store store;
    char *why = NULL;

    assert_false(open_store(fixture, &store, CA_STORE_LOAD, NOW_S, &why));
    assert_non_null(strstr(why, "samltap ca create"));
    ca_store_release(&store);
    free(why);
    why = NULL;
    assert_false(ca_store_remove(fixture->directory, &why));
    assert_non_null(strstr(why, "there is no CA in"));
    free(why);
}

static void
test_given_files_are_used_and_checked(void **state)
{
    struct fixture *fixture = *state;
    char first[65], second[65], *why = NULL;
    struct ca_store store;

    fingerprint_of_new(fixture, NOW_S, true, first);
    assert_true(options_set(fixture->options, OPT_CA_CERT, path_of(fixture, "samltap-ca-cert.pem"), &why));
    assert_true(options_set(fixture->options, OPT_CA_KEY, path_of(fixture, "samltap-ca-key.pem"), &why));
    assert_int_equal(chmod(fixture->path, 0644), 0);
    assert_true(ca_store_open(&store, fixture->options, "/nonexistent", CA_STORE_LOAD, NULL, 0, NOW_S, &why));
    ca_fingerprint(store.ca, second);
    assert_string_equal(first, second);
    assert_false(store.own);
    ca_store_release(&store);
    assert_true(options_set(fixture->options, OPT_CA_CERT, path_of(fixture, "samltap-ca-key.pem"), &why));
    assert_false(ca_store_open(&store, fixture->options, "/nonexistent", CA_STORE_LOAD, NULL, 0, NOW_S, &why));
    assert_non_null(strstr(why, "samltap-ca-key.pem"));
    ca_store_release(&store);
    free(why);
}

static void
test_removal_deletes_both_files(void **state)
{
    struct fixture *fixture = *state;
    char fingerprint[65], *why = NULL;

    fingerprint_of_new(fixture, NOW_S, true, fingerprint);
    assert_true(ca_store_remove(fixture->directory, &why));
    assert_int_not_equal(access(path_of(fixture, "samltap-ca-key.pem"), F_OK), 0);
    assert_int_not_equal(access(path_of(fixture, "samltap-ca-cert.pem"), F_OK), 0);
}

static void
test_the_state_directory_is_made_for_the_user_alone(void **state)
{
    struct fixture *fixture = *state;
    char *why = NULL, *directory;
    struct stat status;

    assert_true(options_set(fixture->options, OPT_STATE_DIR, path_of(fixture, "new/state"), &why));
    directory = state_directory(fixture->options, &why);
    assert_non_null(directory);
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    free(directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_created_once_and_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_replaced_when_it_has_expired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_key_that_others_can_read_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_a_ca_is_made_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loading_without_one_says_how_to_make_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_given_files_are_used_and_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_removal_deletes_both_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_state_directory_is_made_for_the_user_alone, set_up, tear_down),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
