/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dsig.h"
#include "proof_maker.h"
#include "saml_maker.h"

/*
 * The first cause that the verifier names is the true one: every hypothesis of saml-verification 5.2, for a
 * signed Assertion and a signed Response, under every algorithm and canonicalisation.
 */

static void
name_way(const struct proof_way *way, char *out, size_t size)
{
    static const char *const c14ns[PROOF_C14N_COUNT] = { "exc", "exc-comments", "inc", "inc11" };

    snprintf(out, size, "%s, %s, %s", way->element, way->method, c14ns[way->c14n]);
}

static void
read_made(struct reading *reading, const struct proof_way *way)
{
    reading_trust(reading, way->key);
    reading->options.candidates = proof_candidates;
    reading->options.candidate_count = proof_candidate_count;
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
    assert_true(reading->message->signature_count > 0);
}

/* True when the label is found; says what was found otherwise. */
static bool
agrees(const struct reading *reading, const struct proof_way *way, const struct proof_row *row)
{
    const struct dsig_signature *signature = &reading->message->signatures[0];
    char name[100];

    if (signature->digest_cause == row->cause && signature->digest_cause_also == row->also && !signature->valid &&
        str_find_c(signature->digest_cause_detail, row->words) != SIZE_MAX)
        return true;
    name_way(way, name, sizeof(name));
    print_message("%s (%s): digest %s, cause %s + %s: %.*s\n", row->name, name, dsig_state_name(signature->digest),
                  dsig_cause_name(signature->digest_cause), dsig_cause_name(signature->digest_cause_also),
                  STR_ARG(signature->digest_cause_detail));
    return false;
}

static bool
makes_sense(const struct proof_way *way, const struct proof_row *row)
{
    return (row->c14ns == 0 || (row->c14ns >> way->c14n & 1u) != 0) &&
           (!row->only_assertion || strcmp(way->element, "Assertion") == 0);
}

static void
test_first_cause_of_a_digest_is_the_label(void **state)
{
    unsigned cases = 0, wrong = 0;

    (void)state;
    for (size_t w = 0; w < proof_way_count(); w++) {
        struct proof_way way = proof_way(w);

        for (size_t r = 0; r < proof_digest_row_count; r++) {
            const struct proof_row *row = &proof_digest_rows[r];
            struct reading reading;

            /* Every row meets every element and canonicalisation, and half of the algorithms. */
            if (!makes_sense(&way, row) || (w / 2 + r) % 2 != 0)
                continue;
            reading_init(&reading);
            proof_make(&reading, &way, row, NULL);
            read_made(&reading, &way);
            cases++;
            wrong += !agrees(&reading, &way, row);
            reading_release(&reading);
        }
    }
    print_message("%u cases\n", cases);
    assert_int_equal(wrong, 0);
    assert_true(cases > 1000);
}

/* Without any edit every way is valid: the corpus itself is sound. */
static void
test_every_way_is_valid_unchanged(void **state)
{
    static const struct proof_row nothing = { .name = "nothing" };

    (void)state;
    for (size_t w = 0; w < proof_way_count(); w++) {
        struct proof_way way = proof_way(w);
        struct reading reading;

        reading_init(&reading);
        proof_make(&reading, &way, &nothing, NULL);
        read_made(&reading, &way);
        assert_true(reading.message->signatures[0].trusted);
        assert_int_equal(reading.message->signatures[0].digest_cause, DSIG_CAUSE_NONE);
        reading_release(&reading);
    }
}

/* H1: what the browser was given is known, so any change is proved, also one that no rule undoes. */
static void
test_an_earlier_copy_is_the_best_evidence(void **state)
{
    static const struct proof_row rows[] = {
        { "any edit", DSIG_CAUSE_ON_THE_WAY, "here \"", .from = "jdoe@example.com", .to = "someone-else@example.net" },
        { "a rule that undoes it is named too", DSIG_CAUSE_ON_THE_WAY, "; values were padded",
          .from = ">jdoe@example.com<", .to = ">  jdoe@example.com<", .also = DSIG_CAUSE_TRIMMED },
    };

    (void)state;
    for (size_t i = 0; i < proof_way_count() * COUNT_OF(rows); i++) {
        struct proof_way way = proof_way(i / COUNT_OF(rows));
        struct dsig_earlier earlier[2] = { { .xml = STR("<not a message"), .where = STR("nowhere") },
                                           { .where = STR("the page of https://idp.example.com/sso") } };
        struct reading reading;

        reading_init(&reading);
        proof_make(&reading, &way, &rows[i % COUNT_OF(rows)], &earlier[1].xml);
        reading.options.earlier = earlier;
        reading.options.earlier_count = 2;
        read_made(&reading, &way);
        assert_true(agrees(&reading, &way, &rows[i % COUNT_OF(rows)]));
        assert_true(str_find_c(reading.message->signatures[0].digest_cause_detail,
                               "intact in the page of https://idp.example.com/sso") != SIZE_MAX);
        reading_release(&reading);
    }
}

/* A copy that was broken already proves nothing. */
static void
test_a_broken_earlier_copy_proves_nothing(void **state)
{
    static const struct proof_row row = { "any edit", .from = "jdoe@example.com", .to = "someone-else@example.net" };
    struct proof_way way = proof_way(0);
    struct dsig_earlier earlier = { .where = STR("the page") };
    struct reading reading;

    (void)state;
    reading_init(&reading);
    proof_make(&reading, &way, &row, NULL);
    earlier.xml = arena_copy(reading.arena, buf_str(&reading.xml));
    reading.options.earlier = &earlier;
    reading.options.earlier_count = 1;
    read_made(&reading, &way);
    assert_int_equal(reading.message->signatures[0].digest_cause, DSIG_CAUSE_NONE);
    reading_release(&reading);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_is_valid_unchanged),
        cmocka_unit_test(test_first_cause_of_a_digest_is_the_label),
        cmocka_unit_test(test_an_earlier_copy_is_the_best_evidence),
        cmocka_unit_test(test_a_broken_earlier_copy_proves_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
