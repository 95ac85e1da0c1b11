/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "aws_evidence.h"

static struct arena *arena;
static struct aws_evidence evidence;
static struct str why;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    evidence = (struct aws_evidence){ 0 };
    why = (struct str){ 0 };
    return arena == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static bool
take(const char *text, unsigned wanted)
{
    return aws_evidence_read(arena, str_from(text), STR("given.json"), wanted, &evidence, &why);
}

static void
takes(const char *text)
{
    if (!take(text, AWS_EVIDENCE_ANY))
        fail_msg("refused: %.*s", STR_ARG(why));
}

static void
assert_text(struct str text, const char *expected)
{
    if (!str_eq_c(text, expected))
        fail_msg("'%.*s' is not '%s'", STR_ARG(text), expected);
}

static void
assert_says(const char *part)
{
    if (str_find_c(why, part) == SIZE_MAX)
        fail_msg("'%.*s' does not say '%s'", STR_ARG(why), part);
}

static void
reads_the_identity_store(void **state)
{
    (void)state;
    takes("{\"Users\":[{\"UserName\":\"jdoe\",\"UserId\":\"u-1\",\"ExternalIds\":[{\"Issuer\":\"x\",\"Id\":\"00u1\"}],"
          "\"DisplayName\":\"Jane\",\"Emails\":[{\"Value\":\"jdoe@example.com\",\"Primary\":true}],"
          "\"IdentityStoreId\":\"d-1234567890\",\"UserStatus\":\"DISABLED\"},"
          "{\"UserName\":\"asmith\",\"UserId\":\"u-2\"},7]}");
    takes("{\"Groups\":[{\"GroupId\":\"g-1\",\"DisplayName\":\"Developers\"}],\"NextToken\":\"AAAA\"}");
    takes("{\"GroupMemberships\":[{\"GroupId\":\"g-1\",\"MemberId\":{\"UserId\":\"u-1\"}}],\"NextToken\":null}");
    takes("{\"GroupMemberships\":[{\"GroupId\":\"g-2\",\"MemberId\":{\"UserId\":\"u-1\"}}]}");
    takes("{\"AccountAssignments\":[{\"AccountId\":\"111122223333\",\"PermissionSetArn\":\"arn:aws:sso:::permissionSet/"
          "ssoins-1/ps-1\",\"PrincipalType\":\"GROUP\",\"PrincipalId\":\"g-1\"},{\"PrincipalType\":\"USER\"}]}");
    assert_int_equal(evidence.user_count, 3);
    assert_text(evidence.users[0].user_name, "jdoe");
    assert_text(evidence.users[0].external_id, "00u1");
    assert_text(evidence.users[0].store_id, "d-1234567890");
    assert_int_equal(evidence.users[0].email_count, 1);
    assert_text(evidence.users[0].emails[0], "jdoe@example.com");
    assert_int_equal(evidence.users[0].state, IDC_USER_DISABLED);
    assert_int_equal(evidence.users[1].state, IDC_USER_STATE_UNKNOWN);
    assert_text(evidence.groups[0].name, "Developers");
    assert_int_equal(evidence.membership_count, 2);
    assert_text(evidence.memberships[1].group_id, "g-2");
    assert_text(evidence.memberships[1].user_id, "u-1");
    assert_true(evidence.assignments[0].to_group);
    assert_false(evidence.assignments[1].to_group);
    assert_true(aws_evidence_has(&evidence, AWS_EVIDENCE_USERS));
    assert_false(aws_evidence_has(&evidence, AWS_EVIDENCE_ROLE));
    assert_false(aws_evidence_has(NULL, AWS_EVIDENCE_USERS));
    assert_true(aws_evidence_goes_on(&evidence, AWS_EVIDENCE_GROUPS));
    assert_false(aws_evidence_goes_on(&evidence, AWS_EVIDENCE_MEMBERSHIPS));
}

static const struct trust_statement *
only_statement(size_t role)
{
    assert_true(role < evidence.role_count);
    assert_true(evidence.roles[role].has_policy);
    assert_int_equal(evidence.roles[role].statement_count, 1);
    return &evidence.roles[role].statements[0];
}

static void
reads_roles_with_either_policy_form(void **state)
{
    const struct trust_statement *statement;

    (void)state;
    takes("{\"Role\":{\"Arn\":\"arn:aws:iam::111122223333:role/Dev\",\"MaxSessionDuration\":7200,"
          "\"AssumeRolePolicyDocument\":{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":"
          "[\"arn:a\",\"arn:b\"]},\"Action\":\"sts:AssumeRoleWithSAML\",\"Condition\":{\"StringEquals\":{\"SAML:aud\":"
          "\"https://signin.aws.amazon.com/saml\",\"saml:iss\":[\"x\",\"y\"]},\"Bool\":{\"k\":true}}}]}}}");
    takes("{\"Role\":{\"Arn\":\"b\",\"AssumeRolePolicyDocument\":\"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C"
          "%22Principal%22%3A%22*%22%2C%22NotAction%22%3A%22x%22%7D%7D\"}}");
    takes("{\"Roles\":[{\"Arn\":\"c\"},{\"Arn\":\"d\",\"AssumeRolePolicyDocument\":\"%7Bbroken\"}]}");
    statement = only_statement(0);
    assert_int_equal(evidence.roles[0].max_session_s, 7200);
    assert_text(evidence.roles[0].source, "given.json");
    assert_int_equal(statement->federated_count, 2);
    assert_text(statement->federated[1], "arn:b");
    assert_text(statement->actions[0], "sts:AssumeRoleWithSAML");
    assert_int_equal(statement->condition_count, 3);
    assert_text(statement->conditions[0].operation, "StringEquals");
    assert_text(statement->conditions[0].key, "SAML:aud");
    assert_int_equal(statement->conditions[1].value_count, 2);
    assert_text(statement->conditions[2].values[0], "true");
    statement = only_statement(1);
    assert_true(statement->deny && statement->any_principal && statement->negated);
    assert_false(evidence.roles[2].has_policy);
    assert_false(evidence.roles[3].has_policy);
    assert_int_equal(evidence.roles[2].max_session_s, 0);
}

static void
reads_providers(void **state)
{
    (void)state;
    takes("{\"SAMLMetadataDocument\":\"<EntityDescriptor/>\",\"CreateDate\":\"2026-01-01T00:00:00Z\"}");
    takes("{\"SAMLProviderList\":[{\"Arn\":\"arn:aws:iam::111122223333:saml-provider/Example\"}]}");
    assert_text(evidence.provider_metadata[0], "<EntityDescriptor/>");
    assert_text(evidence.providers[0], "arn:aws:iam::111122223333:saml-provider/Example");
}

#define STS_EVENT                                                                                                      \
    "{\"eventTime\":\"2026-01-01T00:00:02Z\",\"eventName\":\"AssumeRoleWithSAML\",\"eventID\":\"e-1\",\"requestID\":"  \
    "\"r-1\",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"Not authorized\",\"requestParameters\":{"               \
    "\"sAMLAssertionID\":\"_a1\",\"roleArn\":\"arn:r\",\"principalArn\":\"arn:p\",\"roleSessionName\":\"jdoe\"},"      \
    "\"userIdentity\":{\"userName\":\"jdoe@example.com\"}}"
#define LOGIN_EVENT                                                                                                    \
    "{\"eventTime\":\"later\",\"eventName\":\"ExternalIdPDirectoryLogin\",\"serviceEventDetails\":{"                   \
    "\"ExternalIdPDirectoryLogin\":\"Failure\"},\"additionalEventData\":{\"UserName\":\"jdoe\",\"CredentialType\":"    \
    "\"EXTERNAL_IDP\"}}"

static void
reads_trails_in_every_frame(void **state)
{
    (void)state;
    takes("{\"Records\":[" STS_EVENT ",{\"eventName\":\"ListBuckets\"},null]}");
    takes("[" STS_EVENT "," LOGIN_EVENT "]");
    takes(LOGIN_EVENT);
    takes(
        "{\"Events\":[{\"EventId\":\"e-1\",\"CloudTrailEvent\":\"{\\\"eventName\\\":\\\"UserAuthentication\\\","
        "\\\"responseElements\\\":{\\\"UserAuthentication\\\":\\\"Success\\\"}}\"},{\"CloudTrailEvent\":\"{oops\"}]}");
    assert_int_equal(evidence.event_count, 5);
    assert_true(evidence.events[0].has_time);
    assert_text(evidence.events[0].assertion_id, "_a1");
    assert_text(evidence.events[0].error_message, "Not authorized");
    assert_text(evidence.events[0].user, "jdoe@example.com");
    assert_text(evidence.events[0].session_name, "jdoe");
    assert_false(evidence.events[2].has_time);
    assert_text(evidence.events[2].outcome, "Failure");
    assert_text(evidence.events[2].credential_type, "EXTERNAL_IDP");
    assert_text(evidence.events[4].outcome, "Success");
}

static void
a_wrong_file_says_what_it_is(void **state)
{
    (void)state;
    assert_false(take("{\"Groups\":[]}", 1U << AWS_EVIDENCE_USERS));
    assert_says("list-groups; give it as --idc-groups");
    assert_false(take("{\"Users\":[{\"Arn\":\"arn:aws:iam::111122223333:user/x\"}]}", AWS_EVIDENCE_ANY));
    assert_says("a list of IAM");
    assert_false(take("<html>", 1U << AWS_EVIDENCE_USERS));
    assert_says("XML or HTML; accepted is the untouched output (--output json) of aws identitystore list-users");
    assert_false(take("-----------\n|ListUsers|", AWS_EVIDENCE_ANY));
    assert_says("a table");
    assert_false(take("{\"log\":{}}", AWS_EVIDENCE_ANY));
    assert_says("a HAR file");
    assert_false(take("{\"schemas\":[],\"Resources\":[]}", AWS_EVIDENCE_ANY));
    assert_says("a SCIM list");
    assert_false(take("{\"Buckets\":[]}", AWS_EVIDENCE_ANY));
    assert_says("\"Buckets\"");
    assert_false(take("{\"Users\":", AWS_EVIDENCE_ANY));
    assert_says("no JSON");
    assert_false(take("", AWS_EVIDENCE_ANY));
    assert_false(take("[]", AWS_EVIDENCE_ANY));
    assert_false(take("{\"Users\":7}", AWS_EVIDENCE_ANY));
}

static void
survives_any_shape(void **state)
{
    static const char *const texts[] = {
        "{\"Users\":[[],null,{\"Emails\":{},\"ExternalIds\":[],\"UserName\":{}}]}",
        "{\"Role\":[]}",
        "{\"Role\":{\"AssumeRolePolicyDocument\":{\"Statement\":[7,{\"Principal\":7,\"Condition\":{\"StringEquals\":7,"
        "\"x\":{\"y\":{}}}}]}}}",
        "{\"Records\":[7,[],{\"eventName\":7},{\"eventName\":\"ConsoleLogin\",\"requestParameters\":[]}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        takes(texts[i]);
}

static void
memory_that_runs_out_is_said(void **state)
{
    struct arena *small = arena_new(16 << 10);
    char text[8192] = "{\"Groups\":[{}";

    (void)state;
    while (strlen(text) < sizeof(text) - 10)
        strcat(text, ",{}");
    strcat(text, "]}");
    assert_false(aws_evidence_read(small, str_from(text), STR("x"), AWS_EVIDENCE_ANY, &evidence, &why));
    assert_true(str_present(why));
    arena_free(small);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(reads_the_identity_store),     CASE(reads_roles_with_either_policy_form), CASE(reads_providers),
        CASE(reads_trails_in_every_frame),  CASE(a_wrong_file_says_what_it_is),        CASE(survives_any_shape),
        CASE(memory_that_runs_out_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
