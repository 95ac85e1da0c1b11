/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk_link.h"
#include "log.h"
#include "pipe.h"

/*
 * The desk of these tests is this program again: it writes a line for every frame to the file
 * argv[2], acknowledges, and does what the host of the exchange says.
 */
static void
note(const char *path, const char *word, uint64_t number)
{
    FILE *file = fopen(path, "a");

    if (file == NULL)
        exit(9);
    fprintf(file, "%s %llu\n", word, (unsigned long long)number);
    fclose(file);
}

static bool
was_noted(const char *path, const char *line)
{
    char text[65536] = "";
    FILE *file = fopen(path, "r");

    if (file != NULL) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
    }
    return strstr(text, line) != NULL;
}

static void
answer(enum pipe_type type, struct str payload)
{
    struct buf frame;

    buf_init(&frame, 1000);
    pipe_write(&frame, type, payload);
    if (write(3, frame.bytes, frame.len) != (ssize_t)frame.len)
        exit(8);
    buf_release(&frame);
}

static void
play_exchange(const char *path, bool is_second, struct str payload)
{
    struct arena *arena = arena_new(1 << 26);
    struct str rest = payload;
    struct exchange exchange;
    uint64_t number = 0;

    if (!pipe_cut_number(&rest, &number) || !exchange_read(arena, rest, &exchange))
        exit(7);
    if (str_eq_c(exchange.host, "poison.test"))
        kill(getpid(), SIGKILL);
    if (str_eq_c(exchange.host, "once.test") && !was_noted(path, "dying")) {
        note(path, "dying", number);
        kill(getpid(), SIGKILL);
    }
    if (str_eq_c(exchange.host, "acked.test") && !was_noted(path, "acknowledged")) {
        note(path, "acknowledged", number);
        answer(PIPE_ACK, str_slice(payload, 0, 8));
        kill(getpid(), SIGKILL);
    }
    if (str_eq_c(exchange.host, "silent.test") && !is_second) {
        note(path, "silent", number);
        return;
    }
    if (str_eq_c(exchange.host, "signin.test"))
        answer(PIPE_SIGNIN, STR("\1"));
    note(path, exchange.request_body.cut ? "cut" : "exchange", number);
    answer(PIPE_ACK, str_slice(payload, 0, 8));
    arena_free(arena);
}

/* Notes the last number and how many records came. */
static void
play_bystanders(const char *path, struct str payload)
{
    struct arena *arena = arena_new(1 << 26);
    struct str rest = payload, record;
    struct exchange exchange;
    uint64_t number = 0, count = 0;

    if (!pipe_cut_number(&rest, &number))
        exit(7);
    for (; pipe_cut_record(&rest, &record); count++)
        if (!exchange_read(arena, record, &exchange) || exchange.request_headers.count != 0 ||
            exchange.response_headers.count != 0 || str_present(exchange.request_body.bytes) ||
            exchange.request_body.size == 0)
            exit(6);
    note(path, "bystanders", count);
    note(path, "last", number);
    answer(PIPE_ACK, str_slice(payload, 0, 8));
    arena_free(arena);
}

/* What is no exchange: notes how many bytes come with it. */
static void
play_order(const char *path, const char *word, struct str payload)
{
    note(path, word, payload.len - 8);
    answer(PIPE_ACK, str_slice(payload, 0, 8));
}

static int
play_desk(const char *path, bool is_second)
{
    struct buf in;
    enum pipe_type type;
    struct str payload;
    size_t used;
    char bytes[65536];
    ssize_t got;

    buf_init(&in, PIPE_MAX_FRAME * 2);
    note(path, is_second ? "second" : "start", 0);
    answer(PIPE_READY, STR("\1"));
    while ((got = read(3, bytes, sizeof(bytes))) > 0) {
        buf_add(&in, bytes, (size_t)got);
        while (pipe_next(&in, &type, &payload, &used) == 1) {
            uint64_t number = 0;

            if (type == PIPE_FINISH) {
                buf_release(&in);
                return 5;
            }
            if (type == PIPE_EXCHANGE)
                play_exchange(path, is_second, payload);
            if (type == PIPE_LINE)
                play_order(path, "line", payload);
            if (type == PIPE_DROPPED && pipe_cut_number(&payload, &number) && pipe_cut_number(&payload, &number)) {
                note(path, "dropped", number);
                answer(PIPE_ACK, (struct str){ payload.ptr - 16, 8 });
            }
            if (type == PIPE_REOPEN)
                play_order(path, "reopen", payload);
            if (type == PIPE_BYSTANDERS)
                play_bystanders(path, payload);
            if (type == PIPE_QUARANTINE && pipe_cut_number(&payload, &number)) {
                note(path, "quarantine", number);
                answer(PIPE_ACK, (struct str){ payload.ptr - 8, 8 });
            }
            buf_consume(&in, used);
        }
    }
    return 6;
}

struct fixture {
    struct event_base *base;
    struct desk_link *link;
    char path[64];
    char *arguments[4];
    int code; /* of on_ended, -1: not called */
    int replaced;
    int ready;
};

static void
on_ready(void *data)
{
    ((struct fixture *)data)->ready++;
}

static void
on_ended(void *data, int code)
{
    struct fixture *fixture = data;

    fixture->code = code;
    event_base_loopbreak(fixture->base);
}

static void
start(struct fixture *fixture, const char *mode, size_t max_bytes)
{
    struct desk_link_options options = { .max_bytes = max_bytes,
                                         .restart_delay_ms = 1,
                                         .arguments = fixture->arguments,
                                         .on_ready = on_ready,
                                         .on_ended = on_ended,
                                         .data = fixture };
    char *why = NULL;
    int file;

    memset(fixture, 0, sizeof(*fixture));
    fixture->code = -1;
    strcpy(fixture->path, "/tmp/samltap-link-test-XXXXXX");
    file = mkstemp(fixture->path);
    assert_true(file >= 0);
    close(file);
    fixture->arguments[0] = strdup("desk_link_test");
    fixture->arguments[1] = strdup(mode);
    fixture->arguments[2] = fixture->path;
    fixture->base = event_base_new();
    fixture->link = desk_link_new(fixture->base, &options, &why);
    assert_non_null(fixture->link);
}

static void
stop(struct fixture *fixture)
{
    desk_link_free(fixture->link);
    event_base_free(fixture->base);
    free(fixture->arguments[0]);
    free(fixture->arguments[1]);
    unlink(fixture->path);
}

static void
send_exchange(struct fixture *fixture, uint64_t number, const char *host, size_t body)
{
    struct exchange exchange = { .number = number, .host = str_from(host), .method = STR("GET"), .target = STR("/") };
    char *bytes = calloc(1, body + 1);

    assert_non_null(bytes);
    exchange.request_body.bytes = (struct str){ bytes, body };
    exchange.request_body.size = body;
    desk_link_send(fixture->link, &exchange);
    free(bytes);
}

/* Runs the loop until the desk has ended; a test that hangs is ended by the alarm. */
static void
finish(struct fixture *fixture)
{
    desk_link_finish(fixture->link);
    event_base_dispatch(fixture->base);
}

static void
expect_log(struct fixture *fixture, const char *expected)
{
    char text[65536] = "";
    FILE *file = fopen(fixture->path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static void
test_all_arrive_in_order(void **state)
{
    struct fixture fixture;
    struct desk_link_stats stats;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", 10);
    send_exchange(&fixture, 2, "a.test", 3 << 20);
    send_exchange(&fixture, 3, "a.test", 0);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    assert_int_equal(fixture.ready, 1);
    stats = desk_link_stats(fixture.link);
    assert_int_equal(stats.queued, 3);
    assert_int_equal(stats.acknowledged, 3);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.waiting_bytes, 0);
    expect_log(&fixture, "start 0\nexchange 1\nexchange 2\nexchange 3\n");
    stop(&fixture);
}

static void
test_a_kill_of_the_relay_loses_nothing(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    while (fixture.ready == 0)
        event_base_loop(fixture.base, EVLOOP_ONCE);
    for (uint64_t number = 1; number <= 20; number++) {
        send_exchange(&fixture, number, "a.test", 2000);
        assert_true(desk_link_stats(fixture.link).handed_over);
    }
    finish(&fixture);
    assert_int_equal(desk_link_stats(fixture.link).acknowledged, 20);
    stop(&fixture);
}

static void
send_bystander(struct fixture *fixture, uint64_t number)
{
    struct header header = { STR("Accept"), STR("*/*") };
    struct exchange exchange = {
        .number = number, .host = STR("poison.test"), .request_headers = { &header, 1 }, .request_body = { .size = 3 }
    };

    desk_link_send_bystander(fixture->link, &exchange);
}

static void
test_bystanders_travel_in_batches(void **state)
{
    struct fixture fixture;
    struct desk_link_stats stats;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_bystander(&fixture, 1);
    send_bystander(&fixture, 2);
    send_exchange(&fixture, 3, "a.test", 10);
    send_bystander(&fixture, 4);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    stats = desk_link_stats(fixture.link);
    assert_int_equal(stats.bystanders, 3);
    assert_int_equal(stats.acknowledged, 3);
    assert_int_equal(stats.waiting, 0);
    expect_log(&fixture, "start 0\nbystanders 2\nlast 2\nexchange 3\nbystanders 1\nlast 4\n");
    stop(&fixture);
}

/* Without anything else that would carry them along. */
static void
test_bystanders_leave_after_a_moment(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_bystander(&fixture, 1);
    while (desk_link_stats(fixture.link).acknowledged == 0)
        event_base_loop(fixture.base, EVLOOP_ONCE);
    finish(&fixture);
    expect_log(&fixture, "start 0\nbystanders 1\nlast 1\n");
    stop(&fixture);
}

static void
test_what_was_not_acknowledged_is_sent_again(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", 10);
    send_exchange(&fixture, 2, "once.test", 10);
    send_exchange(&fixture, 3, "a.test", 10);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    assert_int_equal(desk_link_stats(fixture.link).restarts, 1);
    assert_int_equal(desk_link_stats(fixture.link).quarantined, 0);
    expect_log(&fixture, "start 0\nexchange 1\ndying 2\nstart 0\nexchange 2\nexchange 3\n");
    stop(&fixture);
}

/* Acknowledged right before the death: neither sent again nor blamed. */
static void
test_an_acknowledgement_before_death_counts(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "acked.test", 10);
    send_exchange(&fixture, 2, "a.test", 10);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    expect_log(&fixture, "start 0\nacknowledged 1\nstart 0\nexchange 2\n");
    stop(&fixture);
}

static void
test_what_kills_twice_is_quarantined(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "poison.test", 10);
    send_exchange(&fixture, 2, "a.test", 10);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    assert_int_equal(desk_link_stats(fixture.link).quarantined, 1);
    assert_int_equal(desk_link_stats(fixture.link).restarts, 2);
    expect_log(&fixture, "start 0\nstart 0\nstart 0\nquarantine 1\nexchange 2\n");
    stop(&fixture);
}

/* Before the loop runs nothing is sent, so the queue fills up: the oldest go. */
static void
test_past_the_ceiling_the_oldest_are_dropped(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 5000);
    for (uint64_t number = 1; number <= 6; number++)
        send_exchange(&fixture, number, "a.test", 2000);
    assert_int_equal(desk_link_stats(fixture.link).dropped, 4);
    assert_true(desk_link_stats(fixture.link).waiting_bytes <= 5000);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    assert_int_equal(desk_link_stats(fixture.link).acknowledged, 2);
    expect_log(&fixture, "start 0\nexchange 5\nexchange 6\ndropped 4\n");
    stop(&fixture);
}

static void
test_a_body_that_fits_no_frame_is_left_out(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", PIPE_MAX_FRAME);
    finish(&fixture);
    expect_log(&fixture, "start 0\ncut 1\n");
    stop(&fixture);
}

/* A desk that refuses its options is not started again: its exit code is the program's. */
static void
test_a_desk_that_never_gets_ready_ends_it(void **state)
{
    struct fixture fixture;

    (void)state;
    start(&fixture, "bad-options", 0);
    event_base_dispatch(fixture.base);
    assert_int_equal(fixture.code, 3);
    assert_int_equal(fixture.ready, 0);
    stop(&fixture);
}

static void
test_orders_travel_in_their_turn(void **state)
{
    struct fixture fixture;
    struct desk_link_stats stats;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", 10);
    desk_link_print(fixture.link, STR("abc\n"));
    desk_link_reopen(fixture.link);
    send_exchange(&fixture, 2, "a.test", 10);
    finish(&fixture);
    stats = desk_link_stats(fixture.link);
    assert_int_equal(stats.queued, 2);
    assert_int_equal(stats.acknowledged, 2);
    assert_int_equal(stats.waiting, 0);
    expect_log(&fixture, "start 0\nexchange 1\nline 4\nreopen 0\nexchange 2\n");
    stop(&fixture);
}

static void
test_verdicts_are_counted(void **state)
{
    struct fixture fixture;
    struct desk_link_stats stats;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "signin.test", 10);
    send_exchange(&fixture, 2, "signin.test", 10);
    finish(&fixture);
    stats = desk_link_stats(fixture.link);
    assert_int_equal(stats.signins[1], 2);
    assert_int_equal(stats.signins[0] + stats.signins[2], 0);
    stop(&fixture);
}

static void
on_replaced(void *data, bool is_ready)
{
    struct fixture *fixture = data;

    fixture->replaced = is_ready ? 1 : -1;
}

/* Starts a desk of that mode in the place of the first, and waits for word of it. */
static void
replace(struct fixture *fixture, char *const *arguments)
{
    fixture->replaced = 0;
    while (fixture->ready == 0) {
        assert_false(desk_link_replace(fixture->link, arguments, on_replaced, fixture)); /* not before the first one */
        event_base_loop(fixture->base, EVLOOP_ONCE);
    }
    assert_true(desk_link_replace(fixture->link, arguments, on_replaced, fixture));
    assert_false(desk_link_replace(fixture->link, arguments, on_replaced, fixture)); /* one at a time */
    while (fixture->replaced == 0)
        event_base_loop(fixture->base, EVLOOP_ONCE);
}

static void
test_a_successor_gets_what_was_not_acknowledged(void **state)
{
    struct fixture fixture;
    char name[] = "desk_link_test", mode[] = "second-desk";
    struct desk_link_stats stats;

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", 10);
    send_exchange(&fixture, 2, "silent.test", 10);
    while (!was_noted(fixture.path, "silent"))
        event_base_loop(fixture.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    replace(&fixture, (char *[]){ name, mode, fixture.path, NULL });
    assert_int_equal(fixture.replaced, 1);
    send_exchange(&fixture, 3, "a.test", 10);
    finish(&fixture);
    assert_int_equal(fixture.code, 5);
    assert_int_equal(fixture.ready, 1);
    stats = desk_link_stats(fixture.link);
    assert_int_equal(stats.acknowledged, 3);
    assert_int_equal(stats.restarts + stats.quarantined + stats.dropped, 0);
    expect_log(&fixture, "start 0\nexchange 1\nsilent 2\nsecond 0\nexchange 2\nexchange 3\n");
    stop(&fixture);
}

static void
test_a_successor_that_is_not_ready_changes_nothing(void **state)
{
    struct fixture fixture;
    char name[] = "desk_link_test", mode[] = "bad-options";

    (void)state;
    start(&fixture, "fake-desk", 0);
    send_exchange(&fixture, 1, "a.test", 10);
    replace(&fixture, (char *[]){ name, mode, fixture.path, NULL });
    assert_int_equal(fixture.replaced, -1);
    send_exchange(&fixture, 2, "a.test", 10);
    finish(&fixture);
    assert_int_equal(desk_link_stats(fixture.link).restarts, 0);
    expect_log(&fixture, "start 0\nexchange 1\nexchange 2\n");
    stop(&fixture);
}

/* The first one dies over an exchange while the second one is on its way. */
static void
test_a_successor_follows_a_desk_that_dies(void **state)
{
    struct fixture fixture;
    char name[] = "desk_link_test", mode[] = "second-desk";

    (void)state;
    start(&fixture, "fake-desk", 0);
    while (fixture.ready == 0)
        event_base_loop(fixture.base, EVLOOP_ONCE);
    send_exchange(&fixture, 1, "once.test", 10);
    replace(&fixture, (char *[]){ name, mode, fixture.path, NULL });
    assert_int_equal(fixture.replaced, 1);
    send_exchange(&fixture, 2, "a.test", 10);
    finish(&fixture);
    assert_int_equal(desk_link_stats(fixture.link).acknowledged, 2);
    assert_true(was_noted(fixture.path, "exchange 1\nexchange 2\n"));
    stop(&fixture);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_arrive_in_order),
        cmocka_unit_test(test_a_kill_of_the_relay_loses_nothing),
        cmocka_unit_test(test_bystanders_travel_in_batches),
        cmocka_unit_test(test_bystanders_leave_after_a_moment),
        cmocka_unit_test(test_what_was_not_acknowledged_is_sent_again),
        cmocka_unit_test(test_an_acknowledgement_before_death_counts),
        cmocka_unit_test(test_what_kills_twice_is_quarantined),
        cmocka_unit_test(test_past_the_ceiling_the_oldest_are_dropped),
        cmocka_unit_test(test_a_body_that_fits_no_frame_is_left_out),
        cmocka_unit_test(test_a_desk_that_never_gets_ready_ends_it),
        cmocka_unit_test(test_orders_travel_in_their_turn),
        cmocka_unit_test(test_verdicts_are_counted),
        cmocka_unit_test(test_a_successor_gets_what_was_not_acknowledged),
        cmocka_unit_test(test_a_successor_that_is_not_ready_changes_nothing),
        cmocka_unit_test(test_a_successor_follows_a_desk_that_dies),
    };

    if (argc == 3 && strcmp(argv[1], "bad-options") == 0)
        return 3;
    if (argc == 3)
        return play_desk(argv[2], strcmp(argv[1], "second-desk") == 0);
    alarm(60);
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
