/* SPDX-License-Identifier: MIT */
/* Whom the assertion names. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define UNSPECIFIED "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
#define ENCRYPTED "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"

static void
subject_missing(struct check_run *run, const struct check *check)
{
    if (facts_signs_in(run) && !run->assertion->has_subject) {
        finding_at(check_reportf(run, check, "The Assertion has no Subject: it is about nobody."),
                   run->assertion->where);
    }
}

static void
nameid_missing(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = run->assertion;
    if (!facts_signs_in(run) || !assertion->has_subject || str_present(assertion->name_id.value.text)) {
        return;
    }
    if (assertion->encrypted_id_count > 0) {
        check_skipped(run, check, "the NameID is encrypted and could not be read");
        return;
    }
    struct finding *finding =
        finding_at(check_reportf(run, check, "The Subject has no NameID.%s",
                                 run->context->profile & PROFILE_AWS
                                     ? " AWS names this as a cause of \"Not authorized to perform "
                                       "sts:AssumeRoleWithSAML\"."
                                     : " The service provider has to find the user by attributes alone."),
                   assertion->where);
    if (!(run->context->profile & PROFILE_AWS)) {
        finding->severity = SEVERITY_WARNING;
    }
}

static void
nameid_empty(struct check_run *run, const struct check *check)
{
    const struct saml_value *name = &run->assertion->name_id.value;
    if (facts_signs_in(run) && str_present(name->text) && str_trim(name->text).len == 0) {
        finding_at(
            check_reportf(run, check, "NameID is there, but %s.", name->text.len ? "holds only white space" : "empty"),
            name->where);
    }
}

static void
nameid_whitespace(struct check_run *run, const struct check *check)
{
    const struct saml_value *name = &run->assertion->name_id.value;
    struct str trimmed = str_trim(name->text);
    if (!facts_signs_in(run) || trimmed.len == 0 || !facts_has_outer_space(name->text)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "There is white space around the name \"%.*s\".", STR_ARG(trimmed));
    finding_at(finding_mismatch(finding, trimmed, name->text, "the name without white space"), name->where);
    if (run->context->profile != PROFILE_AWS_IDENTITY_CENTER) {
        finding->severity = SEVERITY_WARNING;
    }
}

static void
sp_name_qualifier(struct check_run *run, const struct check *check)
{
    const struct saml_value *qualifier = &run->assertion->name_id.sp_name_qualifier;
    const struct expected *expected = &run->context->sp_entity_id;
    if (!facts_is_success(run) || !facts_has_text(qualifier) || !str_present(expected->text) ||
        str_eq(qualifier->text, expected->text)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "NameID/@SPNameQualifier is \"%.*s\", this service provider is \"%.*s\" (%s): %s.",
                      STR_ARG(qualifier->text), STR_ARG(expected->text), expected->source,
                      facts_near_miss_words(expected->text, qualifier->text));
    finding_at(finding_mismatch(finding, expected->text, qualifier->text, expected->source), qualifier->where);
}

/* The request asked for a format; unspecified and encrypted ask for none. */
static void
policy_unmet(struct check_run *run, const struct check *check)
{
    if (!run->request || !facts_is_success(run) || !str_present(run->assertion->name_id.value.text)) {
        return;
    }
    struct str asked = run->request->request.policy_format.text;
    struct str got = run->assertion->name_id.format.text;
    if (asked.len == 0 || str_eq_c(asked, UNSPECIFIED) || str_eq_c(asked, ENCRYPTED) || str_eq(asked, got)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "The request asked for NameID format %.*s, the answer has %.*s.", STR_ARG(asked),
                      STR_ARG(got.len ? got : STR("none")));
    finding_at(finding_mismatch(finding, asked, got, "NameIDPolicy of the AuthnRequest"),
               run->assertion->name_id.value.where);
}

static const struct check table[] = {
    { CORE_ROW("saml-subject-missing", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, STANDARD, PROVEN,
               "the assertion has no subject"),
      .means = "An assertion about nobody cannot sign anybody in.",
      .rule = "An Assertion with an AuthnStatement or AttributeStatement has a Subject.",
      .spec = "SAML Core 2.3.3, 2.7.2, 2.7.3 · saml-verification AST-05", .source = CORE,
      .fixes = { { "any", "Set the NameID source of the application at the identity provider." } },
      .run = subject_missing },
    { CORE_ROW("nameid-missing", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN, "there is no NameID"),
      .means = "The service provider does not learn the user's name.",
      .rule = "Subject has a NameID (AWS: required; elsewhere a warning).",
      .spec = "SAML Core 2.4.1 · saml-verification SUB-07",
      .source = "AWS IAM User Guide, Troubleshoot SAML federation (2023)", .follows = "saml-subject-missing",
      .fixes = { { "adfs", "Add a transform rule to Name ID." },
                 { "entra", "Attributes & Claims → Unique User Identifier: choose a source that is not empty for this "
                            "user." },
                 { "okta", "Sign On → Application username." },
                 { "any", "Send a NameID." } },
      .run = nameid_missing },
    { CORE_ROW("nameid-empty", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN, "the NameID is empty"),
      .means = "The attribute that should fill it has no value for this user.",
      .rule = "The text of NameID is not empty.", .spec = "SAML Core 1.3.1, 2.2.3 · saml-verification XML-13",
      .source = "AWS IAM User Guide, Troubleshoot SAML federation (2023)",
      .fixes = { { "entra", "Unique User Identifier: the chosen source (often user.mail) is empty for this user." },
                 { "adfs", "The rule's incoming claim has no value for this user." },
                 { "any", "Fill in the user's attribute, or take another source." } },
      .run = nameid_empty },
    { CORE_ROW("nameid-whitespace", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, INFERRED, LIKELY,
               "white space around the user's name"),
      .means = "Names are compared byte for byte: with the white space the user is not found.",
      .rule = "NameID has no space, tab or line break at its ends.", .spec = "saml-verification SUB-09",
      .source = "own conclusion", .fixes = { { "any", "Trim the value in the claim rule or in the directory." } },
      .run = nameid_whitespace },
    { CORE_ROW_FOR(PROFILE_GENERIC, "spnamequalifier-mismatch", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, STANDARD, LIKELY,
                   "the name was made for another service provider"),
      .means = "The service provider refuses a name that is qualified for somebody else.",
      .rule =
          "NameID/@SPNameQualifier, when present, is the entity ID of the service provider (or of its affiliation).",
      .spec = "SAML Core 2.2.2, 8.3.7 · saml-verification SUB-06, SUB-07", .source = CORE,
      .fixes = { { "any",
                   "Set the service provider's entity ID at the identity provider, or leave the attribute out." } },
      .run = sp_name_qualifier },
    { CORE_ROW("nameid-policy-unmet", WARNING, ASSERTION, SUBJECT, IDP_ADMIN, STANDARD, PROVEN,
               "the NameID has not the requested format"),
      .means = "Strict service providers refuse it; others may match the wrong attribute.",
      .rule = "NameID/@Format is the one that NameIDPolicy asked for.",
      .spec = "SAML Core 3.4.1.1 (E14, E15) · saml-verification SUB-06", .source = CORE,
      .fixes = { { "any", "Issue the requested format, or let the service provider ask for none." } },
      .run = policy_unmet },
};

CHECK_SET(core_subject, table);
