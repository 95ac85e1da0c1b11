/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base64.h"
#include "capture_samples.h"
#include "find.h"
#include "urlform.h"

/* What all samples say. */
static const char facts[] = "GET https://sp.test/start?a=%2f 200 '' <p>h\xc3\xa9</p> @1767225600250\n"
                            "POST https://sp.test/acs 302 '/home' SAMLResponse=_r1 RelayState=x y&z @1767225601000\n";

enum wrapping { PLAIN, MARKED, UTF16_LE, UTF16_LE_BARE, UTF16_BE, GZIP, ZLIB, IN_ARRAY, WRAPPING_COUNT };

/* --- making ---------------------------------------------------------------------------------------------- */

/* All characters of the texts are below U+0100. */
static void
add_utf16(struct buf *out, struct str text, bool big_endian)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0xc0)
            c = (unsigned char)(c << 6 | (text.ptr[++i] & 0x3f));
        buf_add_byte(out, big_endian ? '\0' : (char)c);
        buf_add_byte(out, big_endian ? (char)c : '\0');
    }
}

static void
add_packed(struct buf *out, struct str text, int window)
{
    static unsigned char room[1 << 16];
    z_stream stream = { 0 };

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text.ptr;
    stream.avail_in = (uInt)text.len;
    stream.next_out = room;
    stream.avail_out = sizeof(room);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_add(out, room, stream.total_out);
    deflateEnd(&stream);
}

static void
wrap(struct buf *out, struct str text, enum wrapping wrapping)
{
    switch (wrapping) {
    case PLAIN:
        buf_add_str(out, text);
        break;
    case MARKED:
        buf_add_c(out, "\xef\xbb\xbf");
        buf_add_str(out, text);
        break;
    case UTF16_LE:
    case UTF16_LE_BARE:
        buf_add_c(out, wrapping == UTF16_LE ? "\xff\xfe" : "");
        add_utf16(out, text, false);
        break;
    case UTF16_BE:
        buf_add_c(out, "\xfe\xff");
        add_utf16(out, text, true);
        break;
    case GZIP:
        add_packed(out, text, 31);
        break;
    case ZLIB:
        add_packed(out, text, 15);
        break;
    case IN_ARRAY:
        buf_add_c(out, "[");
        buf_add_str(out, text);
        buf_add_c(out, "]\n");
        break;
    case WRAPPING_COUNT:
        break;
    }
}

/* --- reading --------------------------------------------------------------------------------------------- */

static void
tell_form(struct arena *arena, struct str body, struct buf *out)
{
    struct urlform form;

    assert_true(urlform_read(arena, body, &form));
    for (size_t i = 0; i < form.count; i++) {
        struct base64_notes notes;
        struct str value = form.items[i].value;
        bool is_message = str_eq_c(form.items[i].name, "SAMLResponse");

        if (is_message)
            value = base64_decode(arena, value, &value, &notes) && str_eq_c(value, CAPTURE_SAMPLE_XML) ? STR("_r1")
                                                                                                       : STR("damaged");
        buf_printf(out, " %.*s=%.*s", STR_ARG(form.items[i].name), STR_ARG(value));
    }
}

static void
tell(struct arena *arena, const struct exchange *exchange, struct buf *out)
{
    struct str location = headers_get(&exchange->response_headers, "Location");
    struct str url = exchange_url(arena, exchange);

    buf_printf(out, "%.*s %.*s %u '%.*s'", STR_ARG(exchange->method), STR_ARG(url), exchange->status,
               STR_ARG(location));
    if (exchange->request_body.bytes.len > 0)
        tell_form(arena, exchange->request_body.bytes, out);
    if (exchange->response_body.bytes.len > 0)
        buf_printf(out, " %.*s", STR_ARG(exchange->response_body.bytes));
    if (str_present(headers_get(&exchange->response_headers, "Content-Encoding")))
        buf_add_c(out, " with its coding");
    buf_printf(out, " @%lld\n", (long long)exchange->started_ms);
    for (size_t i = 0; i < exchange->request_headers.count; i++)
        if (str_starts_c(exchange->request_headers.items[i].name, ":"))
            buf_add_c(out, "a pseudo header is left\n");
}

static void
check(const char *name, enum wrapping wrapping, struct str file, const char *wanted, const char *problem)
{
    static const struct saml_options options;
    struct arena *arena = arena_new(8 << 20);
    struct input input;
    struct buf told;

    buf_init(&told, 1 << 16);
    if (!find_input(arena, file, &options, &input))
        fail_msg("%s, wrapping %d: %.*s", name, (int)wrapping, STR_ARG(input.problem));
    assert_int_equal(input.kind, INPUT_HAR);
    for (size_t i = 0; i < input.exchange_count; i++)
        tell(arena, &input.exchanges[i], &told);
    if (!str_eq_c(buf_str(&told), wanted))
        fail_msg("%s, wrapping %d:\n%s", name, (int)wrapping, told.bytes);
    if (!str_starts_c(input.problem, problem) || (problem[0] == '\0' && str_present(input.problem)))
        fail_msg("%s, wrapping %d: %.*s", name, (int)wrapping, STR_ARG(input.problem));
    buf_release(&told);
    arena_free(arena);
}

static void
every_tool_in_every_wrapping(void **state)
{
    struct buf text, file;

    (void)state;
    buf_init(&text, 1 << 16);
    buf_init(&file, 1 << 17);
    for (size_t i = 0; i < capture_sample_count; i++)
        for (enum wrapping wrapping = PLAIN; wrapping < WRAPPING_COUNT; wrapping++) {
            buf_reset(&text);
            buf_reset(&file);
            capture_sample_fill(&capture_samples[i], &text);
            wrap(&file, buf_str(&text), wrapping);
            assert_false(buf_failed(&file));
            check(capture_samples[i].name, wrapping, buf_str(&file), facts, capture_samples[i].problem);
        }
    buf_release(&text);
    buf_release(&file);
}

/* All of them behind each other, as "cat *.har" makes them. */
static void
files_behind_each_other(void **state)
{
    struct buf file, wanted;

    (void)state;
    buf_init(&file, 1 << 17);
    buf_init(&wanted, 1 << 16);
    for (size_t i = 0; i < capture_sample_count; i++) {
        buf_add_c(&file, i % 2 == 0 ? "" : "\r\n\xef\xbb\xbf");
        capture_sample_fill(&capture_samples[i], &file);
        buf_add_c(&wanted, facts);
    }
    check("all", PLAIN, buf_str(&file), wanted.bytes, "");
    buf_release(&file);
    buf_release(&wanted);
}

/* Whatever of a file is there: every exchange that came in whole is read, and where the cut is, is said. */
static void
cut_anywhere(void **state)
{
    static const struct saml_options options;
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 16);
    for (size_t i = 0; i < capture_sample_count; i++) {
        size_t second = 0;

        buf_reset(&text);
        capture_sample_fill(&capture_samples[i], &text);
        for (size_t length = 1; length < text.len; length++) {
            struct arena *arena = arena_new(8 << 20);
            struct input input;
            bool read = find_input(arena, str_slice(buf_str(&text), 0, length), &options, &input);
            struct str where = arena_printf(arena, "at byte %zu", length);

            assert_true(!read || input.kind == INPUT_HAR);
            if (read && input.exchange_count > 0 && str_find_c(input.problem, "cut off") == SIZE_MAX)
                fail_msg("%s, %zu of %zu bytes: '%.*s'", capture_samples[i].name, length, text.len,
                         STR_ARG(input.problem));
            if (read && str_find(input.problem, where) == SIZE_MAX)
                fail_msg("%s: '%.*s' is not %.*s", capture_samples[i].name, STR_ARG(input.problem), STR_ARG(where));
            if (read && input.exchange_count == 2 && second == 0)
                second = length;
            assert_true(second == 0 || (read && input.exchange_count == 2));
            arena_free(arena);
        }
        assert_true(second > 0);
    }
    buf_release(&text);
}

/* What is wrong with one entry costs that entry only. */
static void
broken_entries_are_told(void **state)
{
    static const char *const broken[] = { "null",
                                          "7",
                                          "[]",
                                          "{}",
                                          "{\"request\":null}",
                                          "{\"request\":[]}",
                                          "{\"request\" {}}",
                                          "{\"request\":{\"url\":\"x\"},}",
                                          "\"text\"",
                                          "{\"a\":nul}" };
    struct buf file, wanted;

    (void)state;
    buf_init(&file, 1 << 17);
    buf_init(&wanted, 1 << 12);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        buf_reset(&file);
        buf_reset(&wanted);
        buf_printf(&file,
                   "{\"log\":{\"entries\":[%s,{\"startedDateTime\":\"2026-01-01T00:00:00Z\",\"request\":{\"method\":"
                   "\"GET\",\"url\":\"https://sp.test/\"},\"response\":{\"status\":204}},%s]}}",
                   broken[i], broken[i]);
        buf_add_c(&wanted, "GET https://sp.test/ 204 '' @1767225600000\n");
        check(broken[i], PLAIN, buf_str(&file), wanted.bytes, "2 of 3 entries were left out, the first is entry 1: ");
    }
    buf_release(&file);
    buf_release(&wanted);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tool_in_every_wrapping),
        cmocka_unit_test(files_behind_each_other),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(broken_entries_are_told),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
