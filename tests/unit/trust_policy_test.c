/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The evaluator is internal to its folder; the path is written out, as for every internal header. */
#include "../../inspect/checks/aws/trust_policy.h"

#define PROVIDER "arn:aws:iam::111122223333:saml-provider/Example"

static void
patterns_match_as_in_policies(void **state)
{
    (void)state;
    assert_true(trust_pattern_matches(STR("sts:*"), STR("sts:TagSession"), true));
    assert_true(trust_pattern_matches(STR("STS:assumerole*"), STR("sts:AssumeRoleWithSAML"), true));
    assert_false(trust_pattern_matches(STR("STS:*"), STR("sts:x"), false));
    assert_true(trust_pattern_matches(STR("a?c"), STR("abc"), false));
    assert_false(trust_pattern_matches(STR("a?c"), STR("ac"), false));
    assert_true(trust_pattern_matches(STR("*a*b*"), STR("xxaxxabxx"), false));
    assert_true(trust_pattern_matches(STR("***"), STR(""), false));
    assert_false(trust_pattern_matches(STR(""), STR("a"), false));
}

static struct arena *arena;

/* What a policy with this one condition says to an assertion of jdoe. */
static enum trust_answer
answer_to(const char *operation, const char *key, const char *value)
{
    struct str values[] = { str_from(value) }, federated[] = { STR_INIT(PROVIDER) }, actions[] = { STR_INIT("sts:*") };
    struct trust_condition condition = {
        .operation = str_from(operation), .key = str_from(key), .values = values, .value_count = 1
    };
    struct trust_statement statement = { .federated = federated,
                                         .federated_count = 1,
                                         .actions = actions,
                                         .action_count = 1,
                                         .conditions = &condition,
                                         .condition_count = 1 };
    struct iam_role role = { .has_policy = true, .statements = &statement, .statement_count = 1 };
    struct saml_confirmation confirmation = { .recipient.text = STR("https://signin.aws.amazon.com/saml") };
    struct saml_assertion assertion = { .confirmations = &confirmation, .confirmation_count = 1 };

    assertion.name_id.value.text = STR(" jdoe ");
    assertion.name_id.format.text = STR(AWS_FORMAT_PERSISTENT);
    return trust_judge(arena, &role, &assertion, STR(PROVIDER), "sts:AssumeRoleWithSAML").answer;
}

static void
conditions_hold_or_not(void **state)
{
    static const struct {
        const char *operation, *key, *value;
        enum trust_answer answer;
    } table[] = {
        { "StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml", TRUST_ALLOWED },
        { "StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml/", TRUST_CONDITION },
        { "StringLike", "saml:sub", "j*", TRUST_ALLOWED },
        { "StringEquals", "saml:sub", "JDOE", TRUST_CONDITION },
        { "StringEqualsIgnoreCase", "saml:sub", "JDOE", TRUST_ALLOWED },
        { "StringNotEquals", "saml:sub", "jdoe", TRUST_CONDITION },
        { "StringNotLike", "saml:sub", "a*", TRUST_ALLOWED },
        { "StringEquals", "saml:sub_type", "persistent", TRUST_ALLOWED },
        { "StringEquals", "saml:doc", "111122223333/Example", TRUST_ALLOWED },
        { "StringEquals", "saml:cn", "x", TRUST_CONDITION },
        { "StringEqualsIfExists", "saml:cn", "x", TRUST_ALLOWED },
        { "ForAllValues:StringEquals", "saml:cn", "x", TRUST_ALLOWED },
        { "ForAnyValue:StringEquals", "saml:cn", "x", TRUST_CONDITION },
        { "Null", "saml:cn", "true", TRUST_ALLOWED },
        { "Null", "saml:sub", "true", TRUST_CONDITION },
        { "StringEquals", "saml:namequalifier", "x", TRUST_NOT_KNOWN },
        { "StringEquals", "saml:sub", "${aws:username}", TRUST_NOT_KNOWN },
        { "IpAddress", "aws:SourceIp", "192.0.2.0/24", TRUST_NOT_KNOWN },
        { "DateLessThan", "saml:sub", "2026", TRUST_NOT_KNOWN },
    };

    (void)state;
    arena = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        enum trust_answer answer = answer_to(table[i].operation, table[i].key, table[i].value);

        if (answer != table[i].answer)
            fail_msg("%s %s %s: %d, not %d", table[i].operation, table[i].key, table[i].value, (int)answer,
                     (int)table[i].answer);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_policies),
        cmocka_unit_test(conditions_hold_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
