/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/*
 * Limits of AWS that only big or odd inputs reach: too long for a case file. The facts are made by
 * hand and each check is called alone.
 */
struct bench {
    struct settings settings;
    struct context context;
    struct message message;
    struct saml_message saml;
    struct metadata metadata;
    struct metadata_entity entity;
    struct metadata_key key;
    struct findings findings;
    struct check_run run;
};

static void
bench_init(struct bench *bench, unsigned profile)
{
    *bench = (struct bench){ 0 };
    bench->context.settings = &bench->settings;
    bench->context.profile = profile;
    bench->metadata.entities = &bench->entity;
    bench->metadata.entity_count = 1;
    bench->entity.entity_id = STR("https://idp.example.com/saml");
    bench->entity.idp.present = true;
    bench->entity.idp.keys = &bench->key;
    bench->entity.idp.key_count = 1;
    bench->saml.metadata = &bench->metadata;
    bench->run = (struct check_run){
        .arena = arena_new(1 << 20),
        .context = &bench->context,
        .message = &bench->message,
        .saml = &bench->saml,
        .metadata = &bench->metadata,
        .findings = &bench->findings,
    };
    findings_init(&bench->findings, bench->run.arena);
}

static void
bench_release(struct bench *bench)
{
    arena_free(bench->run.arena);
}

/* The finding of that check, NULL when it has none. */
static const struct finding *
judge(struct bench *bench, const char *id)
{
    const struct check *check = check_find(str_from(id));

    assert_non_null(check);
    assert_true((check->profiles & bench->context.profile) != 0);
    bench->findings.count = 0;
    check->run(&bench->run, check);
    assert_false(bench->findings.incomplete);
    return bench->findings.count > 0 ? bench->findings.items[0] : NULL;
}

/* Judges a message whose XML has that many bytes. */
static const struct finding *
judge_size(struct bench *bench, const char *id, const char *bytes, size_t len)
{
    bench->message.xml = (struct str){ bytes, len };
    return judge(bench, id);
}

static void
test_size_for_sts(void **state)
{
    struct bench bench;
    char *bytes = calloc(1, 80000);

    (void)state;
    assert_non_null(bytes);
    bench_init(&bench, PROFILE_AWS_IAM);
    assert_null(judge_size(&bench, "saml-too-large-sts", bytes, 59997)); /* 79 996 in base64 */
    assert_int_equal(judge_size(&bench, "saml-too-large-sts", bytes, 60000)->severity, SEVERITY_WARNING);
    assert_int_equal(judge_size(&bench, "saml-too-large-sts", bytes, 75000)->severity, SEVERITY_WARNING);
    assert_int_equal(judge_size(&bench, "saml-too-large-sts", bytes, 75001)->severity, SEVERITY_ERROR);
    assert_true(str_eq_c(bench.findings.items[0]->received, "100004 characters"));
    bench_release(&bench);
    free(bytes);
}

static void
test_size_for_identity_center(void **state)
{
    struct bench bench;
    char *bytes = calloc(1, 40000);

    (void)state;
    assert_non_null(bytes);
    bench_init(&bench, PROFILE_AWS_IDENTITY_CENTER);
    assert_null(judge_size(&bench, "saml-too-large-idc", bytes, 37500)); /* 50 000 in base64 */
    assert_int_equal(judge_size(&bench, "saml-too-large-idc", bytes, 37501)->severity, SEVERITY_WARNING);
    bench_release(&bench);
    free(bytes);
}

static void
test_size_of_metadata(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, PROFILE_AWS_IDENTITY_CENTER);
    bench.metadata.characters = 75000;
    assert_null(judge(&bench, "meta-idc-too-large"));
    bench.metadata.characters = 75001;
    assert_int_equal(judge(&bench, "meta-idc-too-large")->severity, SEVERITY_ERROR);
    bench_release(&bench);
}

/* A metadata file that was given beside a response does not make the response fail. */
static void
test_given_metadata_only_warns(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, PROFILE_AWS_IDENTITY_CENTER);
    bench.saml.metadata = NULL;
    bench.metadata.characters = 75001;
    assert_int_equal(judge(&bench, "meta-idc-too-large")->severity, SEVERITY_WARNING);
    bench_release(&bench);
}

static void
test_length_of_certificate(void **state)
{
    struct bench bench;
    char *der = calloc(1, 2000);

    (void)state;
    assert_non_null(der);
    bench_init(&bench, PROFILE_AWS_IDENTITY_CENTER);
    bench.key.certificate.der = (struct str){ der, 1803 }; /* 2404 + 38 line ends + 54: 2496 */
    assert_null(judge(&bench, "cert-idc-too-long"));
    bench.key.certificate.der.len = 1809;
    assert_non_null(judge(&bench, "cert-idc-too-long"));
    bench.key.use = KEY_USE_ENCRYPTION;
    assert_null(judge(&bench, "cert-idc-too-long"));
    bench_release(&bench);
    free(der);
}

static void
test_repeated_extension(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, PROFILE_AWS_IAM);
    assert_null(judge(&bench, "sig-cert-repeated-extension"));
    bench.key.certificate.repeated_extension = true;
    assert_int_equal(judge(&bench, "sig-cert-repeated-extension")->severity, SEVERITY_ERROR);
    bench_release(&bench);
}

/* 20 000 attributes of a hostile message: the checks that compare each with each stop early. */
static void
test_many_attributes(void **state)
{
    enum { COUNT = 20000 };
    struct bench bench;
    struct saml_assertion assertion = { .attribute_count = COUNT, .signature = -1 };
    static const char *const ids[] = { "aws-tag-key-case-collision", "aws-context-key-duplicate",
                                       "aws-role-attribute-missing", "aws-tags-too-many" };

    (void)state;
    assertion.attributes = calloc(COUNT, sizeof(*assertion.attributes));
    assert_non_null(assertion.attributes);
    for (size_t i = 0; i < COUNT; i++)
        assertion.attributes[i].name.text = STR("https://aws.amazon.com/SAML/Attributes/PrincipalTag:k");
    bench_init(&bench, PROFILE_AWS_IAM);
    bench.saml.assertions = &assertion;
    bench.saml.assertion_count = 1;
    bench.run.assertion = &assertion;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        const struct check *check = check_find(str_from(ids[i]));

        check->run(&bench.run, check);
    }
    assert_true(bench.findings.count <= FINDINGS_MAX);
    bench_release(&bench);
    free(assertion.attributes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_for_sts),          cmocka_unit_test(test_size_for_identity_center),
        cmocka_unit_test(test_size_of_metadata),      cmocka_unit_test(test_given_metadata_only_warns),
        cmocka_unit_test(test_length_of_certificate), cmocka_unit_test(test_repeated_extension),
        cmocka_unit_test(test_many_attributes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
