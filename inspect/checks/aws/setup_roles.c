/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "trust_policy.h"

/* Roles for federation as IAM lists them: which of them no response can ever get. */

enum { MAX_REPORTED = 20 };

#define ACTION "sts:AssumeRoleWithSAML"

/* The first SAML provider that the statement lets in; absent when it is about somebody else. */
static struct str
provider_of(const struct trust_statement *statement)
{
    for (size_t i = 0; !statement->deny && i < statement->federated_count; i++)
        if (aws_arn_read(statement->federated[i]).kind == AWS_ARN_PROVIDER)
            return statement->federated[i];
    return (struct str){ 0 };
}

static bool
allows_saml(const struct trust_statement *statement)
{
    for (size_t i = 0; i < statement->action_count; i++)
        if (trust_pattern_matches(statement->actions[i], STR(ACTION), true))
            return true;
    return statement->negated; /* NotAction is not understood here */
}

/* False only when the list has providers of that account and not this one. *near gets one of them. */
static bool
may_exist(const struct aws_evidence *evidence, struct str provider, struct str *near)
{
    struct str account = aws_arn_read(provider).account;

    *near = (struct str){ 0 };
    for (size_t i = 0; i < evidence->provider_count; i++) {
        if (str_eq(evidence->providers[i], provider))
            return true;
        if (str_eq(aws_arn_read(evidence->providers[i]).account, account))
            *near = evidence->providers[i];
    }
    return !str_present(*near);
}

static void
report(struct check_run *run, const struct check *check, const struct iam_role *role, const char *reason,
       struct str expected, struct str received)
{
    struct finding *finding = check_reportf(run, check, "Role %.*s %s.", STR_ARG(aws_clip(role->arn)), reason);

    finding_mismatch(finding, expected, received, "the trust policy of the role");
    finding->source = role->source;
}

static bool
judge_role(struct check_run *run, const struct check *check, const struct iam_role *role)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;

    for (size_t i = 0; i < role->statement_count; i++) {
        const struct trust_statement *statement = &role->statements[i];
        struct str provider = provider_of(statement), near;

        if (!str_present(provider))
            continue;
        if (!allows_saml(statement)) {
            report(run, check, role, "lets the SAML provider in, but not with " ACTION, STR(ACTION),
                   statement->action_count > 0 ? statement->actions[0] : STR("(no action)"));
            return true;
        }
        if (!may_exist(evidence, provider, &near)) {
            report(run, check, role, "trusts a SAML provider that the account does not have", near, provider);
            return true;
        }
    }
    return false;
}

static void
roles(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    size_t reported = 0;

    for (size_t i = 0; evidence != NULL && i < evidence->role_count && reported < MAX_REPORTED; i++)
        reported += judge_role(run, check, &evidence->roles[i]);
}

static const struct check table[] = {
    {
        .id = "setup-role-trust",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SETUP,
        .profiles = PROFILE_ANY,
        .rank = RANK_DIRECTORY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a role that no response can get",
        .means = "Whoever is mapped to this role gets AccessDenied.",
        .rule = "A trust policy with a SAML provider allows " ACTION " and names a provider of the account.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "IAM > Roles > the role > Trust relationships: Principal.Federated is the ARN of the SAML "
                       "provider, Action " ACTION "."),
        },
        .run = roles,
    },
};

CHECK_SET(checks_aws_setup_roles, table);
