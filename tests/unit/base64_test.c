/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
    WRAPPED = 1 << BASE64_WRAPPED,
    PLUS = 1 << BASE64_PLUS_AS_SPACE,
    URLSAFE = 1 << BASE64_URLSAFE,
    PADDING = 1 << BASE64_PADDING,
    TRAILING = 1 << BASE64_TRAILING,
    INVALID = 1 << BASE64_INVALID,
};

#define LINE64 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm"
#define LINE64_BYTES "0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct row {
    struct str text;
    struct str bytes; /* absent: refused */
    unsigned oddities;
} rows[] = {
    { STR_INIT("aGVsbG8="), STR_INIT("hello"), 0 },
    { STR_INIT("aGVsbG8h"), STR_INIT("hello!"), 0 },
    { STR_INIT("Pz8/Pj4+"),
      STR_INIT("?"
               "?"
               "?>>>"),
      0 },
    { STR_INIT("Pz8_Pj4-"),
      STR_INIT("?"
               "?"
               "?>>>"),
      URLSAFE },
    { STR_INIT("aGVs\r\nbG8="), STR_INIT("hello"), WRAPPED },
    { STR_INIT("\naGVsbG8=\t"), STR_INIT("hello"), WRAPPED },
    { STR_INIT("aGVsbG8"), STR_INIT("hello"), PADDING },
    { STR_INIT("aGVsbG8=="), STR_INIT("hello"), PADDING },
    { STR_INIT("aGVsbG9="), STR_INIT("hello"), PADDING }, /* spare bits not zero */
    { STR_INIT("aGVsbG8ha"), STR_INIT("hello!"), PADDING },
    { STR_INIT("aGVsbG8=aGVs"), STR_INIT("hello"), TRAILING },
    { STR_INIT("aGVs*bG8="), STR_INIT("hello"), INVALID },
    { STR_INIT("Pj4 Pj4="), STR_INIT(">>>>>"), PLUS },
    { STR_INIT("Pj4 Pj4 "), STR_INIT(">>>>>>"), PLUS }, /* at the end, too: the length asks for it */
    { STR_INIT("Pj4+Pj4 "), STR_INIT(">>>>>>"), PLUS },
    { STR_INIT("Pj4+Pj4+ "), STR_INIT(">>>>>>"), WRAPPED },
    { STR_INIT("Pj4 Pj4+ "), STR_INIT(">>>>>>"), PLUS | WRAPPED },
    { STR_INIT(" Pj4+"), STR_INIT(">>>"), WRAPPED },
    { STR_INIT("Pj4= Pj4+"), STR_INIT(">>"), WRAPPED | TRAILING },
    { STR_INIT("  8="), STR_INIT(""), WRAPPED | PADDING },
    { STR_INIT("a  8"), STR_INIT("k\xef\xbc"), PLUS },
    { STR_INIT(LINE64 " " LINE64 " " LINE64), STR_INIT(LINE64_BYTES LINE64_BYTES LINE64_BYTES), WRAPPED },
    { STR_INIT(LINE64 LINE64 "aGVsbG8="), STR_INIT(LINE64_BYTES LINE64_BYTES "hello"), 0 },
    { STR_INIT(LINE64 LINE64 "aGVsbG8"), STR_INIT(LINE64_BYTES LINE64_BYTES "hello"), PADDING },
    { STR_INIT(LINE64 LINE64 "a=VsbG8="), STR_INIT(LINE64_BYTES LINE64_BYTES), PADDING | TRAILING },
    { STR_INIT(LINE64 "\r\n  " LINE64), STR_INIT(LINE64_BYTES LINE64_BYTES), WRAPPED },
    { STR_INIT(""), { 0 }, 0 },
    { STR_INIT("===="), { 0 }, 0 },
    { STR_INIT("****"), { 0 }, 0 },
    { STR_INIT("a<b>"), { 0 }, 0 },
};

static void
rows_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(1 << 16);
        struct base64_notes notes;
        struct str bytes;
        bool ok = base64_decode(arena, rows[i].text, &bytes, &notes);

        if (ok != str_present(rows[i].bytes) ||
            (ok && (!str_eq(bytes, rows[i].bytes) || notes.oddities != rows[i].oddities)))
            fail_msg("\"%s\": ok %d, \"%.*s\", oddities %#x", rows[i].text.ptr, ok, STR_ARG(bytes), notes.oddities);
        /* The short way takes just what has nothing odd in it. */
        ok = base64_decode_plain(arena, rows[i].text, &bytes);
        if (ok != (str_present(rows[i].bytes) && rows[i].oddities == 0) || (ok && !str_eq(bytes, rows[i].bytes)))
            fail_msg("plain \"%s\": ok %d, \"%.*s\"", rows[i].text.ptr, ok, STR_ARG(bytes));
        arena_free(arena);
    }
}

static void
places_are_noted(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct base64_notes notes;
    struct str bytes;

    (void)state;
    assert_true(base64_decode(arena, STR("aG*Vs-*bG\n8=="), &bytes, &notes));
    assert_int_equal(notes.at[BASE64_INVALID], 2);
    assert_int_equal(notes.at[BASE64_URLSAFE], 5);
    assert_int_equal(notes.at[BASE64_WRAPPED], 9);
    assert_int_equal(notes.skipped, 2);
    arena_free(arena);
}

static void
a_full_arena_is_an_answer(void **state)
{
    struct arena *arena = arena_new(8);
    struct base64_notes notes;
    struct str bytes;

    (void)state;
    assert_false(base64_decode(arena, STR(LINE64), &bytes, &notes));
    assert_true(arena_failed(arena));
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_decode),
        cmocka_unit_test(places_are_noted),
        cmocka_unit_test(a_full_arena_is_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
