/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "check.h"
#include "vendor.h"

static const struct check example = {
    .id = "example-check",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_PROVEN,
    .title = "an example",
};

struct fixture {
    struct findings findings;
    struct check_run run;
};

static void
fixture_init(struct fixture *fixture, size_t max_bytes)
{
    struct arena *arena = arena_new(max_bytes);

    assert_non_null(arena);
    findings_init(&fixture->findings, arena);
    fixture->run = (struct check_run){ .arena = arena, .findings = &fixture->findings, .message_number = 3 };
}

/* Every table of the build: ids unique over all tables, rows complete, words present. */
static void
registered_rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < check_set_count(); i++) {
        const struct check_set *set = check_set_at(i);

        for (size_t k = 0; k < set->count; k++) {
            const struct check *check = &set->rows[k];

            if (check->id == NULL || check->title == NULL || check->means == NULL || check->rule == NULL ||
                check->run == NULL || check->spec == NULL || check->profiles == 0 ||
                (unsigned)check->subject >= CHECK_SUBJECT_COUNT)
                fail_msg("row %zu of table %zu (%s) is incomplete", k, i, check->id ? check->id : "without id");
            if (strspn(check->id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(check->id))
                fail_msg("%s: ids are kebab-case", check->id);
            if (check_find(str_from(check->id)) != check)
                fail_msg("%s is registered twice", check->id);
        }
    }
    assert_null(check_set_at(check_set_count()));
    assert_null(check_find(STR("no-such-check")));
}

static void
a_check_passed_when_it_ran_and_has_nothing_to_say(void **state)
{
    const struct check *check = check_find(STR("time-expired")), *other = check_find(STR("sig-sha1"));
    size_t number = check_number(check), rows = 0;
    struct fixture fixture;

    (void)state;
    for (size_t i = 0; i < check_set_count(); rows += check_set_at(i)->count, i++)
        continue;
    assert_true(rows <= CHECKS_MAX);
    assert_int_equal(check_number(&check_set_at(check_set_count() - 1)->rows[0]),
                     rows - check_set_at(check_set_count() - 1)->count);
    assert_int_equal(check_number(&example), CHECKS_MAX);
    fixture_init(&fixture, 1 << 20);
    findings_note_run(&fixture.findings, CHECKS_MAX); /* of no table: left alone */
    assert_false(findings_did_run(&fixture.findings, CHECKS_MAX));
    assert_false(check_passed(&fixture.findings, check, number));
    findings_note_run(&fixture.findings, number);
    assert_true(check_passed(&fixture.findings, check, number));
    assert_false(check_passed(&fixture.findings, other, check_number(other)));
    check_skipped(&fixture.run, check, "no clock");
    assert_false(check_passed(&fixture.findings, check, number));
    findings_note_run(&fixture.findings, check_number(other));
    check_reportf(&fixture.run, other, "SHA-1");
    assert_false(check_passed(&fixture.findings, other, check_number(other)));
    arena_free(fixture.run.arena);
}

/* An echo of itself would vanish together with its cause. */
static void
follows_is_sound(const struct check *check, const char *follows)
{
    struct str rest = str_from(follows), id;

    while (rest.len > 0) {
        str_cut(rest, ' ', &id, &rest);
        if (id.len > 0 && str_eq_c(id, check->id))
            fail_msg("%s follows from itself", check->id);
        if (id.len > 0 && check_find(id) == NULL)
            fail_msg("%s follows from %.*s, which is no check", check->id, STR_ARG(id));
    }
}

static void
no_check_follows_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_set_at(i)->count; k++) {
            follows_is_sound(&check_set_at(i)->rows[k], check_set_at(i)->rows[k].follows);
            follows_is_sound(&check_set_at(i)->rows[k], check_set_at(i)->rows[k].follows_same);
        }
}

static void
vendors_have_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < vendor_count(); i++) {
        assert_non_null(vendor_at(i)->name);
        assert_non_null(vendor_at(i)->title);
    }
    assert_null(vendor_at(vendor_count()));
    assert_null(vendor_by_issuer((struct str){ 0 }));
    assert_null(vendor_by_issuer(STR("https://example.okta.com\0x")));
}

/* A library that got no memory may have said anything: nothing is claimed from there on. */
static void
nothing_is_claimed_once_memory_was_refused(void **state)
{
    struct arena *arena = arena_new(1 << 16), *other = arena_new(100);
    struct findings findings;

    (void)state;
    findings_init(&findings, arena);
    assert_ptr_not_equal(findings_add(&findings), &findings.scratch);
    assert_false(findings_short_of_memory(&findings));
    assert_null(arena_alloc(other, 1000));
    assert_true(findings_short_of_memory(&findings));
    assert_ptr_equal(findings_add(&findings), &findings.scratch);
    assert_true(findings.incomplete);
    assert_int_equal(findings.count, 1);
    /* The next report starts afresh. */
    findings_init(&findings, arena);
    assert_ptr_not_equal(findings_add(&findings), &findings.scratch);
    arena_free(other);
    arena_free(arena);
}

static void
report_fills_a_finding(void **state)
{
    struct fixture fixture;
    struct finding *finding;

    (void)state;
    fixture_init(&fixture, 1 << 20);
    finding = check_reportf(&fixture.run, &example, "%d of %s", 2, "three");
    finding_mismatch(finding, STR("https://sp.test/acs"), STR("https://sp.test/acs/"), "--acs-url");
    finding_at(finding, (struct where){ .xpath = STR("/a"), .element = 1 });
    assert_int_equal(fixture.findings.count, 1);
    assert_ptr_equal(fixture.findings.items[0], finding);
    assert_ptr_equal(finding->check, &example);
    assert_int_equal(finding->severity, SEVERITY_ERROR);
    assert_int_equal(finding->confidence, CONFIDENCE_PROVEN);
    assert_int_equal(finding->message, 3);
    assert_true(str_eq_c(finding->text, "2 of three"));
    assert_true(str_eq_c(finding->source, "--acs-url"));
    assert_int_equal(finding->first_difference, 19);
    assert_int_equal(finding->near_miss, NEAR_MISS_TRAILING_SLASH);
    assert_int_equal(finding->where.element, 1);
    arena_free(fixture.run.arena);
}

static void
reasons_count_once(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture, 1 << 20);
    check_skipped(&fixture.run, &example, "no user list given");
    check_skipped(&fixture.run, &example, "no user list given");
    check_skipped(&fixture.run, &example, "no clock");
    assert_int_equal(fixture.findings.skipped_count, 2);
    assert_true(str_eq_c(fixture.findings.skipped[1].why, "no clock"));
    arena_free(fixture.run.arena);
}

static void
full_memory_gives_a_scratch_finding(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture, 64);
    assert_non_null(check_reportf(&fixture.run, &example, "does not fit into %d bytes at all, not even nearly", 64));
    check_skipped(&fixture.run, &example, "why");
    assert_int_equal(fixture.findings.count, 0);
    assert_int_equal(fixture.findings.skipped_count, 0);
    assert_true(fixture.findings.incomplete);
    arena_free(fixture.run.arena);
}

static void
findings_are_bounded(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture, 8 << 20);
    for (int i = 0; i < FINDINGS_MAX + 5; i++)
        check_report(&fixture.run, &example, STR("again"));
    assert_int_equal(fixture.findings.count, FINDINGS_MAX);
    assert_true(fixture.findings.incomplete);
    arena_free(fixture.run.arena);
}

/* A gap that no setting of --clock-skew bridges gets no number. */
static void
only_a_gap_that_skew_bridges_is_named(void **state)
{
    struct fixture fixture;
    struct context context = { .skew_ms = 30000 };

    (void)state;
    fixture_init(&fixture, 8 << 20);
    fixture.run.context = &context;
    assert_true(str_eq_c(check_would_pass(&fixture.run, 30001),
                         " It would pass with a clock skew of 31 s or more (now 30 s)."));
    assert_true(str_eq_c(check_would_pass(&fixture.run, CHECK_MOST_SKEW_MS),
                         " It would pass with a clock skew of 600 s or more (now 30 s)."));
    assert_true(str_eq_c(check_would_pass(&fixture.run, CHECK_MOST_SKEW_MS + 1), ""));
    arena_free(fixture.run.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registered_rows_are_sound),
        cmocka_unit_test(a_check_passed_when_it_ran_and_has_nothing_to_say),
        cmocka_unit_test(no_check_follows_itself),
        cmocka_unit_test(vendors_have_names),
        cmocka_unit_test(nothing_is_claimed_once_memory_was_refused),
        cmocka_unit_test(report_fills_a_finding),
        cmocka_unit_test(reasons_count_once),
        cmocka_unit_test(full_memory_gives_a_scratch_finding),
        cmocka_unit_test(findings_are_bounded),
        cmocka_unit_test(only_a_gap_that_skew_bridges_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
