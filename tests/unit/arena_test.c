/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
reset_makes_a_failed_arena_usable(void **state)
{
    struct arena *arena = arena_new(40000);
    char *bytes;

    (void)state;
    assert_non_null(arena_alloc(arena, 100));
    assert_non_null(arena_alloc(arena, 30000));
    assert_null(arena_alloc(arena, 30000));
    assert_true(arena_failed(arena));
    arena_reset(arena);
    assert_false(arena_failed(arena));
    assert_int_equal(arena_used(arena), 0);
    bytes = arena_alloc(arena, 64);
    assert_non_null(bytes);
    memset(bytes, 'x', 64);
    arena_reset(arena);
    bytes = arena_alloc(arena, 64);
    assert_non_null(bytes);
    for (int i = 0; i < 64; i++)
        assert_int_equal(bytes[i], 0); /* kept memory is handed out zeroed */
    arena_free(arena);
}

static void
reset_of_an_empty_arena_does_nothing(void **state)
{
    struct arena *arena = arena_new(100);

    (void)state;
    arena_reset(arena);
    assert_non_null(arena_alloc(arena, 10));
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_makes_a_failed_arena_usable),
        cmocka_unit_test(reset_of_an_empty_arena_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
