/* SPDX-License-Identifier: MIT */
#include "json_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attributes.h"
#include "buf.h"

enum { TEXT_BYTES = 2 << 20, STEP_BYTES = 256 << 10 };

static void
values_are_those_of_the_library(void **state)
{
    static const char *const texts[] = {
        "{\"a\":[1,2.5,null,true,\"x\\u00e9\"],\"b\":{\"a\":1,\"a\":2}}", "[]", "{", "[\"\\ud800\"]", "", "[1]x"
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_error_t ours, theirs;
        json_t *value = json_load(str_from(texts[i]), 0, &ours);
        json_t *wanted = json_loadb(texts[i], strlen(texts[i]), 0, &theirs);

        assert_int_equal(value != NULL, wanted != NULL);
        assert_true(value == NULL || json_equal(value, wanted));
        if (value == NULL)
            assert_string_equal(ours.text, theirs.text);
        json_decref(value);
        json_decref(wanted);
    }
}

/* A value may be changed, emptied and freed in any order, beside values that were not loaded. */
static void
loaded_and_other_values_mix(void **state)
{
    json_t *loaded = json_load(STR("{\"a\":[\"one\",\"two\"],\"b\":\"c\"}"), 0, NULL), *made = json_object(), *inner;
    char *text;

    (void)state;
    assert_non_null(loaded);
    inner = json_incref(json_object_get(loaded, "a"));
    assert_int_equal(json_object_set_new(made, "x", inner), 0);
    assert_int_equal(json_array_append_new(inner, json_string("three")), 0);
    assert_int_equal(json_object_set_new(loaded, "b", json_integer(1)), 0);
    json_decref(loaded);
    text = json_dumps(made, JSON_COMPACT);
    assert_string_equal(text, "{\"x\":[\"one\",\"two\",\"three\"]}");
    free(text);
    json_decref(made);
}

/* AddressSanitizer maps terabytes: no limit that would bite lets it live. */
#if defined(__SANITIZE_ADDRESS__)
enum { HAS_SHADOW_MEMORY = 1 };
#else
enum { HAS_SHADOW_MEMORY = 0 };
#endif

/* Loads under a limit; 0: the value came, 1: no memory and said so. */
static int
load_within(struct str text, size_t room)
{
    struct rlimit limit = { room, room };
    json_error_t error;
    json_t *value, *small;
    int code = 0;

    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        return 2;
    value = json_load(text, 0, &error);
    if (value == NULL)
        code = strcmp(error.text, "out of memory") == 0 && json_error_code(&error) == json_error_out_of_memory ? 1 : 3;
    json_decref(value);
    small = json_load(STR("[\"there is memory again\"]"), 0, &error);
    if (small == NULL)
        code = 4;
    json_decref(small);
    return code;
}

/* A long string, and many values before one: wherever memory ends, the load ends, and nothing breaks. */
static void
memory_may_end_anywhere(void **state)
{
    struct buf texts[2];

    (void)state;
    if (HAS_SHADOW_MEMORY)
        skip();
    for (int i = 0; i < 2; i++) {
        buf_init(&texts[i], 2 * TEXT_BYTES);
        buf_add_c(&texts[i], i == 0 ? "[\"" : "[");
        while (texts[i].len < TEXT_BYTES)
            buf_add_c(&texts[i], i == 0 ? "long " : "1,\"a longer string than before\",{},");
        buf_add_c(&texts[i], i == 0 ? "\"]" : "1]");
        assert_false(buf_failed(&texts[i]));
    }
    for (int i = 0; i < 2; i++) {
        bool ended = false, came = false;

        for (size_t room = 3 * TEXT_BYTES; !came && room < 40 * (size_t)TEXT_BYTES; room += STEP_BYTES * (1 + 15 * i)) {
            pid_t child = fork();
            int status = 0;

            assert_true(child >= 0);
            if (child == 0)
                _exit(load_within(buf_str(&texts[i]), room));
            assert_int_equal(waitpid(child, &status, 0), child);
            if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
                fail_msg("text %d with %zu bytes: status %x", i, room, (unsigned)status);
            ended = ended || WEXITSTATUS(status) == 1;
            came = WEXITSTATUS(status) == 0;
        }
        assert_true(ended && came);
    }
    for (int i = 0; i < 2; i++)
        buf_release(&texts[i]);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_library),
        cmocka_unit_test(loaded_and_other_values_mix),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
