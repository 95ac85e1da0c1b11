/* SPDX-License-Identifier: MIT */
/* The search for a cause: it begins for no valid message, and ends in time (saml-verification 5.2, 8.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsig.h"
#include "saml_maker.h"
#include "saml_reading.h"

#define RESPONSE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "                                            \
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\" Version=\"2.0\" "                                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com</saml:Issuer><?sign key=\"idp\"?>"     \
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"            \
    "<saml:Assertion ID=\"_a\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"                                 \
    "<saml:Issuer>https://idp.example.com</saml:Issuer><?sign key=\"idp\"?><saml:Subject><saml:NameID>"                \
    "jdoe@example.com</saml:NameID></saml:Subject><saml:AttributeStatement><saml:Attribute Name=\"mail\">"             \
    "<saml:AttributeValue>jdoe@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"           \
    "</saml:Assertion></samlp:Response>"

enum { STEP_US = 1000 };

/* A clock that goes on by a step whenever somebody looks at it. */
struct counter {
    int64_t now_us, step_us;
    size_t looks;
};

static int64_t
look(void *data)
{
    struct counter *counter = data;

    counter->looks++;
    counter->now_us += counter->step_us;
    return counter->now_us;
}

static void
begin(struct reading *reading, const struct stopwatch *stopwatch)
{
    reading_init(reading);
    reading_trust(reading, "idp");
    reading_make(reading, RESPONSE);
    reading->options.explain = true;
    reading->options.stopwatch = stopwatch;
}

/* Two letters in two values: nothing undoes that. */
static void
damage(struct reading *reading)
{
    reading_edit(reading, "jdoe@example.com</saml:NameID>", "jdoe@exbmple.com</saml:NameID>");
    reading_edit(reading, "jdoe@example.com</saml:AttributeValue>", "jdof@example.com</saml:AttributeValue>");
}

static void
a_valid_message_is_not_searched(void **state)
{
    struct counter counter = { .step_us = STEP_US };
    const struct stopwatch stopwatch = { look, &counter };
    struct reading reading;

    (void)state;
    begin(&reading, &stopwatch);
    assert_non_null(reading_read(&reading));
    assert_int_equal(reading.message->signature_count, 2);
    assert_true(reading.message->signatures[0].valid && reading.message->signatures[1].valid);
    assert_int_equal(counter.looks, 0);
    /* The counter counts: the same message, changed. */
    damage(&reading);
    assert_non_null(reading_read(&reading));
    assert_int_equal(reading.message->signatures[0].digest, DSIG_BAD);
    assert_true(counter.looks > 0);
    reading_release(&reading);
}

/* The first look begins the 200 ms, for all signatures of the message together. */
static void
the_time_is_up_after_200_ms(void **state)
{
    struct counter counter = { .step_us = STEP_US };
    const struct stopwatch stopwatch = { look, &counter };
    const char *words = "the search ended after 200 ms, not everything was tried";
    struct reading reading;

    (void)state;
    begin(&reading, &stopwatch);
    damage(&reading);
    assert_non_null(reading_read(&reading));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(reading.message->signatures[i].digest, DSIG_BAD);
        assert_int_equal(reading.message->signatures[i].value, DSIG_OK);
        assert_int_equal(reading.message->signatures[i].digest_cause, DSIG_CAUSE_NONE);
        assert_true(str_eq_c(reading.message->signatures[i].digest_cause_detail, words));
    }
    /* It begins with the first look, and the last is the one that finds it over; the second signature has none left. */
    assert_int_equal(counter.looks, DSIG_EXPLAIN_US / STEP_US + 2);
    reading_release(&reading);
}

/* A cause that is found in time is told although the time is nearly up, and one that comes too late is not. */
static void
a_cause_is_found_in_time_or_not(void **state)
{
    static const struct {
        int64_t step_us;
        enum dsig_cause cause;
    } rows[] = { { 1, DSIG_CAUSE_REINDENTED }, { DSIG_EXPLAIN_US / 2, DSIG_CAUSE_NONE } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct counter counter = { .step_us = rows[i].step_us };
        const struct stopwatch stopwatch = { look, &counter };
        struct reading reading;

        begin(&reading, &stopwatch);
        reading_edit_all(&reading, "><saml:", ">\n  <saml:");
        assert_non_null(reading_read(&reading));
        assert_int_equal(reading.message->signatures[0].digest_cause, rows[i].cause);
        reading_release(&reading);
    }
}

/* A document of many elements with IDs, each of which may be what was digested. */
static struct xml_document *
read_document(struct reading *reading, size_t elements)
{
    static struct xml_document document;
    struct xml_status status;
    struct buf xml;
    char why[200];

    buf_init(&xml, 8 << 20);
    buf_add_str(&xml, str_slice(STR(RESPONSE), 0, str_find_c(STR(RESPONSE), "</samlp:Response>")));
    for (size_t i = 0; i < elements; i++)
        buf_printf(&xml, "<saml:Assertion ID=\"_x%zu\"><saml:Issuer>i</saml:Issuer></saml:Assertion>", i);
    buf_add_c(&xml, "</samlp:Response>");
    buf_reset(&reading->xml);
    assert_true(saml_maker_fill(buf_str(&xml), &reading->xml, why, sizeof(why)));
    buf_release(&xml);
    damage(reading);
    assert_true(xml_parse(reading->arena, buf_str(&reading->xml), &xml_message_limits, &document, &status));
    return &document;
}

static void
work_is_bounded_by_count(void **state)
{
    struct reading reading;
    struct dsig_options options = { .explain = true };
    struct dsig_budget budget = dsig_full_budget;
    struct dsig_list list = { 0 };
    struct xml_document *document;

    (void)state;
    begin(&reading, NULL);
    options.keys = reading.options.keys;
    document = read_document(&reading, 120);
    assert_true(dsig_read(document, &options, &budget, &list));
    assert_int_equal(list.count, 2);
    assert_true(budget.canonicalisations < dsig_full_budget.canonicalisations - 100);
    assert_true(budget.work < dsig_full_budget.work);
    assert_int_equal(budget.until_us, 0); /* without a stopwatch nothing is timed */
    xml_release(document);
    /* Nothing left to explain with: both are verified all the same. */
    budget = dsig_full_budget;
    budget.work = 0;
    list = (struct dsig_list){ 0 };
    document = read_document(&reading, 0);
    assert_true(dsig_read(document, &options, &budget, &list));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list.items[i].digest, DSIG_BAD);
        assert_int_equal(list.items[i].value, DSIG_OK);
        assert_true(str_eq_c(list.items[i].digest_cause_detail,
                             "the search ended at its limit of work, not everything was tried"));
    }
    xml_release(document);
    /* Of canonicalisations, too: two are needed for each signature, and half of the rest may be used for the first. */
    budget = dsig_full_budget;
    budget.canonicalisations = 8;
    list = (struct dsig_list){ 0 };
    document = read_document(&reading, 0);
    assert_true(dsig_read(document, &options, &budget, &list));
    assert_int_equal(list.items[1].digest, DSIG_BAD);
    assert_int_equal(list.items[1].value, DSIG_OK);
    xml_release(document);
    reading_release(&reading);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_message_is_not_searched),
        cmocka_unit_test(the_time_is_up_after_200_ms),
        cmocka_unit_test(a_cause_is_found_in_time_or_not),
        cmocka_unit_test(work_is_bounded_by_count),
    };
    const char *why = NULL;
    int failed;

    if (!saml_library_init(&why))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    saml_maker_release();
    saml_library_cleanup();
    return failed;
}
