/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "report_maker.h"

#define ROW(the_id, the_rank, the_confidence, ...)                                                                     \
    {                                                                                                                  \
        .id = (the_id), .title = (the_id), .severity = SEVERITY_ERROR, .rank = (the_rank),                             \
        .confidence = (the_confidence), __VA_ARGS__                                                                    \
    }

static const struct check wrong_product = ROW("acs-wrong-product", RANK_WRONG_ENDPOINT, CONFIDENCE_PROVEN, .means = "");
static const struct check audience =
    ROW("aud-mismatch", RANK_PARTY, CONFIDENCE_PROVEN, .follows = "something-else acs-wrong-product");
static const struct check recipient =
    ROW("recipient-mismatch", RANK_PARTY, CONFIDENCE_LIKELY, .follows = "aud-mismatch");
static const struct check attribute = ROW("role-missing", RANK_ATTRIBUTE, CONFIDENCE_PROVEN, .means = "");
static const struct check guess = ROW("guess", RANK_TRANSPORT, CONFIDENCE_POSSIBLE, .means = "");
static const struct check symptom = ROW("symptom", RANK_SYMPTOM, CONFIDENCE_PROVEN, .means = "");
static const struct check circle_a = ROW("circle-a", RANK_KEY, CONFIDENCE_PROVEN, .follows = "circle-b");
static const struct check circle_b = ROW("circle-b", RANK_KEY, CONFIDENCE_PROVEN, .follows = "circle-a");

static struct settings settings;

static struct finding *
add(struct report *report, const struct check *check)
{
    struct finding *finding = findings_add(&report->findings);

    finding->check = check;
    finding->severity = check->severity;
    finding->confidence = check->confidence;
    return finding;
}

static void
order_is(const struct report *report, const char *ids)
{
    struct str rest = str_from(ids), id;
    size_t i = 0;

    while (rest.len > 0) {
        str_cut(rest, ' ', &id, &rest);
        assert_true(i < report->findings.count);
        if (!str_eq_c(id, report->findings.items[i]->check->id))
            fail_msg("place %zu: %s, want %.*s", i + 1, report->findings.items[i]->check->id, STR_ARG(id));
        assert_int_equal(report->findings.items[i]->rank, (int)i + 1);
        i++;
    }
    assert_int_equal(i, report->findings.count);
}

static void
echoes_come_after_causes(void **state)
{
    struct report *report = make_report(&settings);

    (void)state;
    add(report, &recipient);
    add(report, &attribute);
    add(report, &audience);
    add(report, &wrong_product);
    verdict_decide(report);
    order_is(report, "acs-wrong-product role-missing aud-mismatch recipient-mismatch");
    assert_null(report->findings.items[1]->follows_from);
    assert_string_equal(report->findings.items[2]->follows_from->check->id, "acs-wrong-product");
    assert_string_equal(report->findings.items[3]->follows_from->check->id, "aud-mismatch");
    assert_int_equal(report->verdict, VERDICT_FAIL);
    assert_true(str_eq_c(report->summary, "acs-wrong-product"));
    verdict_decide(report); /* nothing changes the second time */
    order_is(report, "acs-wrong-product role-missing aud-mismatch recipient-mismatch");
    report_release(report);
}

static void
without_its_cause_an_echo_stands_alone(void **state)
{
    struct report *report = make_report(&settings);

    (void)state;
    add(report, &attribute);
    add(report, &audience);
    add(report, &wrong_product)->severity = SEVERITY_WARNING; /* a warning explains no error */
    verdict_decide(report);
    order_is(report, "aud-mismatch role-missing acs-wrong-product");
    assert_null(report->findings.items[0]->follows_from);
    report_release(report);
}

static void
guesses_and_symptoms_yield(void **state)
{
    struct report *report = make_report(&settings);

    (void)state;
    add(report, &symptom);
    add(report, &guess);
    add(report, &attribute);
    verdict_decide(report);
    order_is(report, "role-missing guess symptom");
    assert_string_equal(report->findings.items[2]->follows_from->check->id, "role-missing");
    report_release(report);

    report = make_report(&settings);
    add(report, &symptom);
    verdict_decide(report);
    assert_null(report->findings.items[0]->follows_from);
    report_release(report);
}

static void
circles_do_not_swallow_each_other(void **state)
{
    struct report *report = make_report(&settings);

    (void)state;
    add(report, &circle_b);
    add(report, &circle_a);
    verdict_decide(report);
    order_is(report, "circle-a circle-b");
    assert_null(report->findings.items[0]->follows_from);
    report_release(report);
}

/* A response of which everything mandatory can be checked. */
static struct report *
sound_report(enum coverage coverage)
{
    struct report *report = make_report(&settings);
    struct message *message = make_message(report, MESSAGE_RESPONSE, "_1", NULL, false);

    make_assertion(report, message, "jdoe@example.com", coverage);
    report->principal = 0;
    report->context.sp_entity_id = (struct expected){ STR("https://sp.example.com"), "--sp-entity-id" };
    report->context.acs_url = (struct expected){ STR("https://sp.example.com/acs"), "--acs-url" };
    return report;
}

static void
verdict_is(struct report *report, enum verdict verdict, const char *part_of_summary)
{
    verdict_decide(report);
    if (report->verdict != verdict || str_find_c(report->summary, part_of_summary) == SIZE_MAX)
        fail_msg("%s: %.*s", verdict_name(report->verdict), STR_ARG(report->summary));
    report_release(report);
}

static void
pass_needs_every_mandatory_check(void **state)
{
    struct report *report;

    (void)state;
    verdict_is(sound_report(COVERAGE_SIGNED), VERDICT_PASS, "must check was checked and held");
    verdict_is(sound_report(COVERAGE_SELF), VERDICT_UNDECIDED, "intact since signing, signer not authenticated");
    verdict_is(sound_report(COVERAGE_BROKEN), VERDICT_UNDECIDED, "no valid signature covers the assertion");
    verdict_is(sound_report(COVERAGE_UNSIGNED), VERDICT_UNDECIDED, "no valid signature covers the assertion");

    report = sound_report(COVERAGE_SIGNED);
    report->context.sp_entity_id.text = (struct str){ 0 };
    verdict_is(report, VERDICT_UNDECIDED, "audience could not be checked");
    report = sound_report(COVERAGE_SIGNED);
    report->context.acs_url.text = (struct str){ 0 };
    verdict_is(report, VERDICT_UNDECIDED, "recipient could not be checked");
    report = sound_report(COVERAGE_SIGNED);
    report->findings.incomplete = true;
    verdict_is(report, VERDICT_UNDECIDED, "incomplete");
    report = sound_report(COVERAGE_SIGNED);
    report->messages.items[0].saml->assertion_count = 0;
    verdict_is(report, VERDICT_UNDECIDED, "no assertion");
    report = sound_report(COVERAGE_SIGNED);
    report->messages.items[0].saml = NULL;
    verdict_is(report, VERDICT_UNDECIDED, "could not be read");
    report = sound_report(COVERAGE_SIGNED);
    add(report, &attribute)->severity = SEVERITY_WARNING;
    verdict_is(report, VERDICT_PASS, "held");
    report = sound_report(COVERAGE_SIGNED);
    add(report, &attribute);
    verdict_is(report, VERDICT_FAIL, "role-missing");
}

static void
the_outcome_counts(void **state)
{
    struct signin signin = { .outcome = OUTCOME_REFUSED, .accounts = -1, .quote = STR("No.") };
    struct report *report = sound_report(COVERAGE_SIGNED);

    (void)state;
    report->signin = &signin;
    verdict_is(report, VERDICT_UNDECIDED, "refused it although every check held");
    report = sound_report(COVERAGE_SIGNED);
    report->signin = &signin;
    add(report, &attribute);
    verdict_is(report, VERDICT_FAIL, "the service provider refused the response (\"No.\"): role-missing");
    signin.outcome = OUTCOME_NO_ACCOUNTS;
    report = sound_report(COVERAGE_SIGNED);
    report->signin = &signin;
    verdict_is(report, VERDICT_UNDECIDED, "the portal returned 0 accounts");
    signin.outcome = OUTCOME_SIGNED_IN;
    report = sound_report(COVERAGE_SIGNED);
    report->signin = &signin;
    add(report, &attribute);
    verdict_is(report, VERDICT_FAIL, "accepted the response, but a strict service provider refuses it");
}

static void
other_kinds_have_their_own_list(void **state)
{
    struct report *report = make_report(&settings);

    (void)state;
    verdict_is(report, VERDICT_UNDECIDED, "no SAML message");
    report = make_report(&settings);
    make_message(report, MESSAGE_METADATA, "_m", NULL, false);
    report->principal = 0;
    verdict_is(report, VERDICT_PASS, "nothing wrong");
    report = make_report(&settings);
    make_message(report, MESSAGE_LOGOUT_REQUEST, "_l", NULL, false);
    report->principal = 0;
    verdict_is(report, VERDICT_PASS, "nothing wrong");
    report = make_report(&settings);
    make_message(report, MESSAGE_UNKNOWN, "_u", NULL, false);
    report->principal = 0;
    verdict_is(report, VERDICT_UNDECIDED, "no SAML message");
}

static void
exit_codes_are_fixed(void **state)
{
    (void)state;
    assert_int_equal(verdict_exit_code(VERDICT_PASS), 0);
    assert_int_equal(verdict_exit_code(VERDICT_FAIL), 1);
    assert_int_equal(verdict_exit_code(VERDICT_UNDECIDED), 5);
    assert_string_equal(verdict_name(VERDICT_UNDECIDED), "undecided");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes_come_after_causes),         cmocka_unit_test(without_its_cause_an_echo_stands_alone),
        cmocka_unit_test(guesses_and_symptoms_yield),       cmocka_unit_test(circles_do_not_swallow_each_other),
        cmocka_unit_test(pass_needs_every_mandatory_check), cmocka_unit_test(the_outcome_counts),
        cmocka_unit_test(other_kinds_have_their_own_list),  cmocka_unit_test(exit_codes_are_fixed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
