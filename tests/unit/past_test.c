/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "examination.h"
#include "past.h"
#include "report_maker.h"

static struct settings settings = { .clock_skew_s = 180 };

static void
ids_that_can_be_guessed(void **state)
{
    static const struct {
        const char *a, *b;
        bool similar;
    } rows[] = {
        { "id-1001", "id-1002", true },
        { "id-999", "id-1000", true },
        { "id-1000-x", "id-2000-x", true },  /* as far apart as a counter may be */
        { "id-1000-x", "id-2001-x", false }, /* one further */
        { "_0123456789abcdef000000000001", "_0123456789abcdef999999999999", true },    /* 12 differ */
        { "_0123456789abcdef0a0b0c0d0e0f0", "_0123456789abcdef1a0b0c0d0e0f1", false }, /* 13 differ */
        { "_5d41402abc4b2a76b9719d911017c592", "_7d793037a0760186574b0282f2f435e7", false },
        { "_same", "_same", false },
        { "", "_1", false },
        { "_a1", "_a", false },
        { "99999999999999999999999999999999991", "99999999999999999999999999999999992", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (past_ids_are_similar(str_from(rows[i].a), str_from(rows[i].b)) != rows[i].similar ||
            past_ids_are_similar(str_from(rows[i].b), str_from(rows[i].a)) != rows[i].similar)
            fail_msg("%s, %s", rows[i].a, rows[i].b);
}

/* Looks at an answer with that ID, posted to that URL; what was seen of it before lives in *keep. */
static const struct past_view *
post(struct past *past, int number, const char *url, struct report **keep)
{
    struct report *report = make_report(&settings);
    struct message *message;
    char id[40];

    snprintf(id, sizeof(id), "_%08x", (unsigned)number * 2654435761u);
    make_exchange(report, "POST", url, 302);
    report->exchange->started_ms = 1000000 + number;
    message = make_message(report, MESSAGE_RESPONSE, "", NULL, false);
    message->saml->id.text = arena_copy_c(report->arena, id);
    message->saml->issuer.value.text = STR("https://idp.example.com/");
    *keep = report;
    return past_view_of(past, report, NULL);
}

static bool
is_known(struct past *past, int number)
{
    struct report *report;
    const struct past_view *view = post(past, number, "https://sp.example.com/acs", &report);
    bool known = view->used != NULL;

    report_release(report);
    return known;
}

static void
the_oldest_are_forgotten(void **state)
{
    struct past *past = past_new();

    (void)state;
    for (int i = 0; i < PAST_USES; i++)
        assert_false(is_known(past, i));
    assert_true(is_known(past, 1)); /* which forgets 0 */
    assert_false(is_known(past, 0));
    assert_true(is_known(past, PAST_USES - 1));
    past_free(past);
}

static void
what_was_seen_is_told(void **state)
{
    struct past *past = past_new();
    struct report *first, *second;
    const struct past_view *view;

    (void)state;
    assert_null(post(past, 7, "https://sp.example.com/acs?x=1", &first)->used);
    view = post(past, 7, "https://sp.example.com/acs", &second);
    assert_non_null(view->used);
    assert_true(str_eq_c(view->used->url, "https://sp.example.com/acs"));
    assert_int_equal(view->used->at_ms, 1000007);
    assert_int_equal(view->used->status, 302);
    assert_false(view->used->accepted); /* nobody says that it was */
    assert_true(view->used->same_browser);
    assert_true(view->used->same_response);
    report_release(first);
    report_release(second);
    past_free(past);
}

/* What one memory writes down, another one knows. */
static void
what_is_written_down_is_recalled(void **state)
{
    struct past *past = past_new(), *later = past_new();
    const struct past_view *view;
    struct report *report;
    struct buf log;

    (void)state;
    buf_init(&log, 1 << 16);
    past_write_down(past, &log);
    for (int i = 0; i < 3; i++)
        assert_false(is_known(past, i));
    assert_false(buf_failed(&log));
    assert_true(past_recall(later, buf_str(&log), 1000001)); /* the first one is too old */
    view = post(later, 0, "https://sp.example.com/other", &report);
    assert_null(view->used);
    report_release(report);
    view = post(later, 1, "https://sp.example.com/other", &report);
    assert_non_null(view->used);
    assert_true(str_eq_c(view->used->url, "https://sp.example.com/acs"));
    assert_int_equal(view->used->at_ms, 1000001);
    assert_int_equal(view->used->status, 302);
    assert_true(view->used->same_response);
    report_release(report);
    buf_release(&log);
    past_free(past);
    past_free(later);
}

/* A desk that died may have noted what the next one gets again. */
static void
what_is_handed_over_again_is_no_replay(void **state)
{
    struct past *past = past_new(), *later = past_new();
    struct buf log;

    (void)state;
    buf_init(&log, 1 << 16);
    past_write_down(past, &log);
    assert_false(is_known(past, 5));
    assert_true(past_recall(later, buf_str(&log), 0));
    assert_false(is_known(later, 5)); /* posted in the same millisecond */
    assert_true(is_known(later, 5));  /* but within one process it is a second post */
    buf_release(&log);
    past_free(past);
    past_free(later);
}

/* Requests are known by their ID; but who was not there has no right to say that one was never made. */
static void
requests_and_senders_are_recalled(void **state)
{
    static const char *const ids[] = { "_q0123456789abcdef0123", "id-1001" };
    struct past *past = past_new(), *later = past_new();
    const struct past_view *view;
    struct report *report;
    struct buf log;

    (void)state;
    buf_init(&log, 1 << 16);
    past_write_down(past, &log);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        report = make_report(&settings);
        make_exchange(report, "GET", "https://idp.example.com/sso", 200)->started_ms = 2000000;
        make_message(report, MESSAGE_AUTHN_REQUEST, ids[i], NULL, false)->saml->request.acs_url.text =
            STR("https://sp.example.com/acs");
        report->messages.items[0].saml->issuer.value.text = STR("https://sp.example.com/saml");
        past_view_of(past, report, NULL);
        report_release(report);
    }
    assert_true(past_recall(later, buf_str(&log), 0));
    report = make_report(&settings);
    make_exchange(report, "POST", "https://sp.example.com/acs", 302)->started_ms = 2001000;
    make_message(report, MESSAGE_RESPONSE, "_r1", ids[0], false);
    view = past_view_of(later, report, NULL);
    assert_int_equal(view->asked_ms, 2000000);
    assert_false(view->requests_seen);
    report_release(report);
    report = make_report(&settings);
    make_exchange(report, "GET", "https://idp.example.com/sso", 200)->started_ms = 2002000;
    make_message(report, MESSAGE_AUTHN_REQUEST, "id-1002", NULL, false)->saml->issuer.value.text =
        STR("https://sp.example.com/saml");
    view = past_view_of(later, report, NULL);
    assert_true(str_eq_c(view->similar_id, "id-1001"));
    report_release(report);
    buf_release(&log);
    past_free(past);
    past_free(later);
}

/* Any beginning of it, and any byte that is another, is read without harm. */
static void
damaged_records_are_refused(void **state)
{
    struct past *past = past_new();
    struct buf log;
    size_t refused = 0;

    (void)state;
    buf_init(&log, 1 << 16);
    past_write_down(past, &log);
    assert_false(is_known(past, 1));
    past_write_down(past, NULL);
    for (size_t len = 0; len < log.len; len++) {
        struct past *later = past_new();
        char *copy = malloc(len + 1); /* so that a sanitizer sees a byte too many */

        memcpy(copy, log.bytes, len);
        refused += !past_recall(later, (struct str){ copy, len }, 0);
        free(copy);
        past_free(later);
    }
    assert_true(refused >= log.len - 2); /* nothing at all, and the end of the first record, are whole */
    for (size_t i = 0; i < log.len; i++) {
        log.bytes[i] ^= (char)0xff;
        past_recall(past, buf_str(&log), 0);
        log.bytes[i] ^= (char)0xff;
    }
    buf_release(&log);
    past_free(past);
}

/* Two recordings of one run. */
static void
files_share_what_was_seen(void **state)
{
    static const char xml[] =
        "SAMLResponse="
        "PFJlc3BvbnNlIHhtbG5zPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiIElEPSJfcjEiLz4%3D";
    const bool shared[] = { true, false };
    struct arena *arena = arena_new(1 << 20);
    struct exchange exchange = { .method = STR("POST"), .status = 200, .started_ms = 1000 };

    (void)state;
    assert_true(exchange_set_url(arena, &exchange, STR("https://sp.example.com/acs")));
    exchange.request_body.bytes = STR(xml);
    exchange.request_headers.items = &(struct header){ STR("Content-Type"), STR("application/x-www-form-urlencoded") };
    exchange.request_headers.count = 1;
    for (size_t i = 0; i < COUNT_OF(shared); i++) {
        struct past *past = past_new();
        bool replayed = false;

        for (int file = 0; file < 2; file++) {
            struct examination *examination = examination_new(&settings, STR("x.har"));
            struct report *report;

            if (shared[i])
                examination_share(examination, past);
            assert_true(examination_take(examination, &exchange));
            examination_end(examination, "HAR", (struct str){ 0 });
            while ((report = examination_next(examination)) != NULL) {
                for (size_t k = 0; k < report->findings.count; k++)
                    replayed = replayed || strcmp(report->findings.items[k]->check->id, "assertion-replayed") == 0;
                report_release(report);
            }
            examination_free(examination);
            assert_int_equal(replayed, shared[i] && file == 1);
        }
        past_free(past);
    }
    arena_free(arena);
}

/* Single messages: no one says that they were posted. */
static void
bare_files_are_only_told_of(void **state)
{
    static const char xml[] = "<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_r1'/>";
    static const char *const names[] = { "first.xml", "second.xml" };
    struct past *past = past_new();
    size_t told = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct arena *keep;
        struct str problem;
        size_t count;
        struct report **reports =
            examine_input(&settings, past, str_from(xml), str_from(names[i]), &count, &keep, &problem);

        assert_int_equal(count, 1);
        for (size_t k = 0; k < reports[0]->findings.count; k++) {
            const struct finding *finding = reports[0]->findings.items[k];

            if (strcmp(finding->check->id, "assertion-replayed") != 0)
                continue;
            told++;
            assert_int_equal(i, 1);
            assert_int_equal(finding->severity, SEVERITY_INFO);
            assert_int_not_equal(str_find_c(finding->text, "first.xml"), SIZE_MAX);
            assert_int_not_equal(str_find_c(finding->text, "If both were posted"), SIZE_MAX);
        }
        report_release(reports[0]);
        free(reports);
        arena_free(keep);
    }
    assert_int_equal(told, 1);
    past_free(past);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_that_can_be_guessed),
        cmocka_unit_test(the_oldest_are_forgotten),
        cmocka_unit_test(what_was_seen_is_told),
        cmocka_unit_test(what_is_written_down_is_recalled),
        cmocka_unit_test(what_is_handed_over_again_is_no_replay),
        cmocka_unit_test(requests_and_senders_are_recalled),
        cmocka_unit_test(damaged_records_are_refused),
        cmocka_unit_test(files_share_what_was_seen),
        cmocka_unit_test(bare_files_are_only_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
