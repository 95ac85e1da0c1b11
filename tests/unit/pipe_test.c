/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "pipe.h"

/* Frames that arrive byte by byte come out whole, one after the other. */
static void
test_frames_in_any_pieces(void **state)
{
    struct buf sent, seen;
    enum pipe_type types[3] = { 0 };
    size_t frames = 0, used = 0, lengths[3] = { 0 };
    struct str payload;

    (void)state;
    buf_init(&sent, 1000);
    buf_init(&seen, 1000);
    pipe_write(&sent, PIPE_EXCHANGE, STR("\0\0\0\0\0\0\0\7hello"));
    pipe_write(&sent, PIPE_FINISH, STR(""));
    pipe_write(&sent, PIPE_READY, STR("\1"));
    for (size_t i = 0; i < sent.len; i++) {
        buf_add_byte(&seen, sent.bytes[i]);
        while (pipe_next(&seen, &types[frames], &payload, &used) == 1) {
            lengths[frames++] = payload.len;
            if (frames == 1) {
                uint64_t number = 0;

                assert_true(pipe_cut_number(&payload, &number));
                assert_int_equal(number, 7);
                assert_true(str_eq_c(payload, "hello"));
            }
            buf_consume(&seen, used);
        }
    }
    assert_int_equal(frames, 3);
    assert_int_equal(types[0], PIPE_EXCHANGE);
    assert_int_equal(types[1], PIPE_FINISH);
    assert_int_equal(types[2], PIPE_READY);
    assert_int_equal(lengths[0], 13);
    assert_int_equal(lengths[1], 0);
    assert_int_equal(seen.len, 0);
    buf_release(&sent);
    buf_release(&seen);
}

static void
expect_broken(struct str bytes)
{
    struct buf in;
    enum pipe_type type;
    struct str payload;
    size_t used;

    buf_init(&in, 1000);
    buf_add_str(&in, bytes);
    assert_int_equal(pipe_next(&in, &type, &payload, &used), -1);
    buf_release(&in);
}

static void
test_broken_streams(void **state)
{
    struct buf in;
    enum pipe_type type;
    struct str payload = STR("1234567");
    uint64_t number;
    size_t used;

    (void)state;
    expect_broken(STR("\0\0\0\0\1"));
    expect_broken(STR("\0\0\0\1\0"));
    expect_broken(STR("\0\0\0\1\177"));
    expect_broken(STR("\377\377\377\377\1"));
    expect_broken(STR("\1\0\0\1\1"));
    assert_false(pipe_cut_number(&payload, &number));
    buf_init(&in, 1000);
    assert_int_equal(pipe_next(&in, &type, &payload, &used), 0);
    buf_release(&in);
}

static void
test_records_end_where_they_say(void **state)
{
    struct str payload = STR("\0\0\0\2ab\0\0\0\0\0\0\0\3xy"), record;

    (void)state;
    assert_true(pipe_cut_record(&payload, &record));
    assert_true(str_eq_c(record, "ab"));
    assert_true(pipe_cut_record(&payload, &record));
    assert_int_equal(record.len, 0);
    assert_false(pipe_cut_record(&payload, &record)); /* three are said, two are there */
    payload = STR("\0\0\0");
    assert_false(pipe_cut_record(&payload, &record));
}

static void
test_a_payload_over_the_limit_fails_the_buffer(void **state)
{
    struct buf out;
    char *big = calloc(1, PIPE_MAX_FRAME);

    (void)state;
    assert_non_null(big);
    buf_init(&out, PIPE_MAX_FRAME * 2);
    pipe_write(&out, PIPE_EXCHANGE, (struct str){ big, PIPE_MAX_FRAME });
    assert_true(buf_failed(&out));
    assert_int_equal(out.len, 0);
    buf_release(&out);
    free(big);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_in_any_pieces),
        cmocka_unit_test(test_broken_streams),
        cmocka_unit_test(test_records_end_where_they_say),
        cmocka_unit_test(test_a_payload_over_the_limit_fails_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
