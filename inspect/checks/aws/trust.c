/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "buf.h"
#include "trust_policy.h"

/* Every Role pair against the roles and providers that the user gave: usable, or why not. */

enum { MAX_PAIRS = 200, MAX_REPORTED = 20 };

enum usable { USABLE_NO, USABLE_NOT_KNOWN, USABLE_YES };

struct pair {
    const struct saml_value *value;
    struct aws_arn role_arn;
    struct str role;
    struct str provider;
    enum usable usable;
    const char *why; /* one clause; NULL when usable */
    const char *id;  /* of the check that reports it; NULL: another row does, or nothing to report */
    struct str text;
    struct str expected;
    struct str received;
    const char *source;
    enum confidence confidence;
};

static const struct aws_evidence *
evidence_of(const struct check_run *run)
{
    return run->context->settings->evidence;
}

static bool
refuse(struct pair *pair, const char *why)
{
    pair->usable = USABLE_NO;
    pair->why = why;
    return false;
}

/* Splits the value; what is wrong with its form has findings of its own. */
static bool
pair_is_well_formed(struct pair *pair)
{
    struct aws_role_pair parts = aws_role_pair_read(pair->value->text);
    struct aws_arn first, second;
    bool role_first;

    pair->role = str_trim(pair->value->text);
    if (parts.arn_count != 2)
        return refuse(pair, "is no pair of two ARNs");
    first = aws_arn_read(parts.first);
    second = aws_arn_read(parts.second);
    role_first = first.kind == AWS_ARN_ROLE;
    pair->role = role_first ? parts.first : parts.second;
    pair->provider = role_first ? parts.second : parts.first;
    pair->role_arn = role_first ? first : second;
    if (first.problem != NULL || second.problem != NULL || first.kind == second.kind)
        return refuse(pair, "has an ARN that is not well-formed");
    if (first.partition != second.partition)
        return refuse(pair, "joins two partitions");
    if (!str_eq(first.account, second.account))
        return refuse(pair, "joins two accounts");
    if (aws_arn_is_reserved(&first) || aws_arn_is_reserved(&second))
        return refuse(pair, "belongs to Identity Center");
    return true;
}

static bool
provider_exists(const struct check_run *run, struct pair *pair)
{
    const struct aws_evidence *evidence = evidence_of(run);
    struct str near = { 0 };

    for (size_t i = 0; i < evidence->provider_count; i++) {
        if (str_eq(evidence->providers[i], pair->provider))
            return true;
        if (str_eq(aws_arn_read(evidence->providers[i]).account, pair->role_arn.account) &&
            (!str_present(near) || str_eq_nocase(evidence->providers[i], pair->provider)))
            near = evidence->providers[i];
    }
    if (!str_present(near)) /* the list is of another account, or there is none */
        return true;
    pair->id = "aws-provider-not-found";
    pair->text = STR("The account has no SAML provider with this ARN.");
    pair->expected = near;
    pair->received = pair->provider;
    pair->source = "the list of SAML providers";
    return refuse(pair, "names a provider that the account does not have");
}

/* The role of the pair; NULL with the reason set when it is not there or not known. */
static const struct iam_role *
find_role(const struct check_run *run, struct pair *pair)
{
    const struct aws_evidence *evidence = evidence_of(run);
    const struct iam_role *near = NULL;
    bool account_listed = false;

    for (size_t i = 0; i < evidence->role_count; i++) {
        struct aws_arn arn = aws_arn_read(evidence->roles[i].arn);

        if (str_eq(evidence->roles[i].arn, pair->role))
            return &evidence->roles[i];
        if (!str_eq(arn.account, pair->role_arn.account))
            continue;
        account_listed = true;
        if (str_eq_nocase(arn.name, pair->role_arn.name))
            near = &evidence->roles[i];
    }
    if (near == NULL && !(account_listed && aws_evidence_has(evidence, AWS_EVIDENCE_ROLE_LIST) &&
                          !aws_evidence_goes_on(evidence, AWS_EVIDENCE_ROLE_LIST))) {
        pair->usable = USABLE_NOT_KNOWN;
        pair->why = "is not judged: the role was not given";
        return NULL;
    }
    pair->id = "aws-role-not-found";
    pair->text = near != NULL ? STR("The role is there, but has another ARN: path and case of letters count.")
                              : STR("The list of the account's roles does not have this one.");
    pair->expected = near != NULL ? near->arn : (struct str){ 0 };
    pair->received = pair->role;
    pair->source = "the role as IAM has it";
    refuse(pair, "names a role that does not exist");
    return NULL;
}

static struct str
first_or(const struct str *items, size_t count, const char *otherwise)
{
    return count > 0 ? items[0] : str_from(otherwise);
}

static bool
condition_failed(const struct check_run *run, struct pair *pair, const struct trust_judgement *judgement)
{
    const struct trust_condition *condition = judgement->condition;
    bool audience = str_eq_nocase(condition->key, STR("saml:aud"));

    pair->id = audience ? "recipient-vs-trust-policy" : "aws-trust-condition-failed";
    pair->text = arena_printf(run->arena, "The trust policy demands %.*s of %.*s; %s",
                              STR_ARG(aws_clip(condition->operation)), STR_ARG(aws_clip(condition->key)),
                              !str_present(judgement->received) ? "the assertion has no value for it."
                              : audience                        ? "saml:aud is filled from Recipient."
                                                                : "the assertion has another value.");
    pair->expected = first_or(condition->values, condition->value_count, "(nothing)");
    pair->received = str_present(judgement->received) ? judgement->received : STR("(no value)");
    pair->source = "the role's trust policy";
    return refuse(pair, audience ? "has a trust policy for another sign-in URL"
                                 : "has a trust policy with a condition that does not hold");
}

/* May the provider assume the role at all? */
static bool
policy_allows(const struct check_run *run, struct pair *pair, const struct iam_role *role)
{
    struct trust_judgement judgement =
        trust_judge(run->arena, role, run->assertion, pair->provider, "sts:AssumeRoleWithSAML");
    const struct trust_statement *near = judgement.statement;

    pair->received = pair->provider;
    pair->source = "the role's trust policy";
    switch (judgement.answer) {
    case TRUST_ALLOWED:
        return true;
    case TRUST_NO_PRINCIPAL:
        pair->id = "aws-trust-principal-mismatch";
        pair->text = STR("No statement of the trust policy names the SAML provider of the pair.");
        pair->expected = first_or(near ? near->federated : NULL, near ? near->federated_count : 0, "(no provider)");
        return refuse(pair, "is not trusted with this provider");
    case TRUST_NO_ACTION:
        pair->id = "aws-trust-action-missing";
        pair->text = STR("The statement for the provider does not allow sts:AssumeRoleWithSAML.");
        pair->expected = STR("sts:AssumeRoleWithSAML");
        pair->received = first_or(near->actions, near->action_count, "(no action)");
        return refuse(pair, "has a trust policy without sts:AssumeRoleWithSAML");
    case TRUST_CONDITION:
        return condition_failed(run, pair, &judgement);
    case TRUST_DENIED:
        pair->id = "aws-trust-condition-failed";
        pair->text = STR("A Deny statement of the trust policy applies to this assertion.");
        return refuse(pair, "is denied by its trust policy");
    case TRUST_NOT_KNOWN:
    default:
        pair->usable = USABLE_NOT_KNOWN;
        pair->why = "is not judged: its trust policy needs what an assertion does not show";
        return false;
    }
}

static bool
extra_action_allowed(const struct check_run *run, struct pair *pair, const struct iam_role *role, const char *action,
                     const char *id, const char *text)
{
    enum trust_answer answer = trust_judge(run->arena, role, run->assertion, pair->provider, action).answer;

    if (answer == TRUST_ALLOWED || answer == TRUST_NOT_KNOWN)
        return true;
    pair->id = id;
    pair->text = str_from(text);
    pair->expected = str_from(action);
    pair->received = STR("(not allowed)");
    pair->source = "the role's trust policy";
    return refuse(pair, "lacks an action in its trust policy");
}

static bool
has_tags(const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (str_present(aws_attribute_tag_key(&assertion->attributes[i], AWS_ATTRIBUTE_PRINCIPAL_TAG)))
            return true;
    return false;
}

static bool
duration_fits(const struct check_run *run, struct pair *pair, const struct iam_role *role)
{
    const struct saml_attribute_value *value =
        aws_first_value(aws_attribute_find(run->assertion, AWS_ATTRIBUTE_SESSION_DURATION));
    uint64_t seconds;

    if (value == NULL || role->max_session_s <= 0 || !str_to_u64(str_trim(value->value.text), &seconds) ||
        seconds <= (uint64_t)role->max_session_s)
        return true;
    pair->id = "aws-sessionduration-over-role-max";
    pair->text = STR("SessionDuration is above the role's maximum. AWS documents the refusal for CLI and API.");
    pair->expected = arena_printf(run->arena, "at most %lld", (long long)role->max_session_s);
    pair->received = value->value.text;
    pair->source = "MaxSessionDuration of the role";
    pair->confidence = CONFIDENCE_LIKELY;
    return refuse(pair, "allows shorter sessions only");
}

static void
judge_pair(const struct check_run *run, struct pair *pair)
{
    const struct iam_role *role;

    pair->confidence = CONFIDENCE_PROVEN;
    if (!pair_is_well_formed(pair) || !provider_exists(run, pair) || (role = find_role(run, pair)) == NULL ||
        !policy_allows(run, pair, role))
        return;
    if (has_tags(run->assertion) &&
        !extra_action_allowed(run, pair, role, "sts:TagSession", "aws-tagsession-missing",
                              "The assertion carries session tags, and the trust policy does not allow them."))
        return;
    if (aws_has_value(aws_attribute_find(run->assertion, AWS_ATTRIBUTE_SOURCE_IDENTITY)) &&
        !extra_action_allowed(run, pair, role, "sts:SetSourceIdentity", "aws-setsourceidentity-missing",
                              "The assertion carries a SourceIdentity, and the trust policy does not allow it."))
        return;
    if (duration_fits(run, pair, role))
        pair->usable = USABLE_YES;
}

/* With one usable role the user can sign in: what is wrong with others is then a warning. */
static void
report_pair(struct check_run *run, const struct pair *pair, bool others_work)
{
    const struct check *check = pair->id != NULL ? check_find(str_from(pair->id)) : NULL;
    struct finding *finding;

    if (check == NULL)
        return;
    finding = check_report(run, check,
                           arena_printf(run->arena, "%.*s: %.*s", STR_ARG(aws_clip(pair->role)), STR_ARG(pair->text)));
    if (str_present(pair->expected))
        finding_mismatch(finding, pair->expected, pair->received, pair->source);
    finding->received = pair->received;
    finding->source = str_from(pair->source);
    finding->confidence = pair->confidence;
    finding->severity = others_work ? SEVERITY_WARNING : SEVERITY_ERROR;
    finding_at(finding, pair->value->where);
}

static void
report_summary(struct check_run *run, const struct check *check, const struct pair *pairs, size_t count, size_t usable)
{
    struct buf text;

    buf_init(&text, 64 * 1024);
    buf_printf(&text, "%zu of %zu pairs %s usable", usable, count, usable == 1 ? "is" : "are");
    for (size_t i = 0, shown = 0; i < count && shown < MAX_REPORTED; i++)
        if (pairs[i].usable != USABLE_YES) {
            struct str role = aws_clip(pairs[i].role);

            buf_printf(&text, "%s %.*s %s", shown++ == 0 ? "," : ";", STR_ARG(role), pairs[i].why);
        }
    buf_add_c(&text, ".");
    if (!buf_failed(&text))
        check_report(run, check, arena_copy(run->arena, buf_str(&text)));
    buf_release(&text);
}

static void
judge_pairs(struct check_run *run, const struct check *check)
{
    const struct saml_attribute *attribute = aws_attribute_find(run->assertion, AWS_ATTRIBUTE_ROLE);
    const struct aws_evidence *evidence = evidence_of(run);
    size_t most, count = 0, usable = 0, not_known = 0;
    struct pair *pairs;

    if (attribute == NULL)
        attribute = aws_attribute_find_china(run->assertion, "Role");
    if (!aws_evidence_has(evidence, AWS_EVIDENCE_ROLE) && !aws_evidence_has(evidence, AWS_EVIDENCE_ROLE_LIST) &&
        !aws_evidence_has(evidence, AWS_EVIDENCE_PROVIDER_LIST)) {
        check_skipped(run, check, "no role and no list of SAML providers given");
        return;
    }
    most = attribute == NULL ? 0 : attribute->value_count < MAX_PAIRS ? attribute->value_count : MAX_PAIRS;
    pairs = arena_calloc(run->arena, most + 1, sizeof(*pairs));
    for (size_t i = 0; pairs != NULL && i < most; i++) {
        pairs[count].value = &attribute->values[i].value;
        if (str_trim(pairs[count].value->text).len == 0)
            continue;
        judge_pair(run, &pairs[count]);
        usable += pairs[count].usable == USABLE_YES;
        not_known += pairs[count].usable == USABLE_NOT_KNOWN;
        count++;
    }
    for (size_t i = 0, reported = 0; i < count && reported < MAX_REPORTED; i++)
        if (pairs[i].id != NULL) {
            report_pair(run, &pairs[i], usable + not_known > 0);
            reported++;
        }
    if (count > 0)
        report_summary(run, check, pairs, count, usable);
}

static const struct check table[] = {
    {
        .id = "aws-roles-usable",
        .severity = SEVERITY_INFO,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_NOTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "which roles of the assertion can be used",
        .means = "Each pair of role and provider was compared with the roles and providers as IAM has them.",
        .rule = "Role and provider exist; the trust policy names the provider, allows sts:AssumeRoleWithSAML (and "
                "sts:TagSession, sts:SetSourceIdentity when used), and its conditions hold; SessionDuration fits.",
        .spec = "-",
        .source = AWS_GUIDE_TROUBLESHOOT "; IAM User Guide, \"Create a role for SAML 2.0 federation\"",
        .follows = "",
        .fixes = {
            FIX("any", "IAM > Roles > the role > Trust relationships; IAM > Identity providers."),
        },
        .run = judge_pairs,
    },
};

CHECK_SET(checks_aws_trust, table);
