/* SPDX-License-Identifier: MIT */
/* Is it the message that this endpoint expects, and is it built as SAML says? */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"

enum { MAX_REPORTS = 5 }; /* of one kind in one message: more do not help */

/* Only then another protocol is a fault: AWS takes SAML 2.0 only, and who asked by it wants its answer. */
static bool
is_foreign(const struct check_run *run)
{
    const struct metadata_entity *sp = run->context->sp;
    bool other_inside = run->saml->assertion_count == 0 && run->saml->stray_assertion_count > 0;
    return (run->context->profile & PROFILE_AWS) != 0 || run->request || run->context->request_id.text.len > 0 ||
           other_inside || (!run->message->wsfed && sp && sp->sp.supports_saml2 && sp->sp.sso_count > 0) ||
           (run->saml->kind == MESSAGE_WSTRUST_RSTR && str_eq_nocase(run->message->parameter, STR("SAMLResponse")));
}

/* By Browser/POST of SAML 1.1 a field TARGET stands beside the message; WS-Federation brings bare assertions. */
static bool
expects_saml1(const struct check_run *run)
{
    return run->message->wsfed ||
           (run->exchange && str_find_c(run->exchange->request_body.bytes, "TARGET=") != SIZE_MAX);
}

static void
root_not_response(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    bool at_acs = run->message->binding == BINDING_HTTP_POST && str_eq_c(run->message->parameter, "SAMLResponse");
    switch (saml->kind) {
    case MESSAGE_SAML1_RESPONSE:
    case MESSAGE_SAML1_ASSERTION:
        if (is_foreign(run)) {
            check_reportf(run, check, "This is SAML 1.1 (%.*s); the endpoint takes SAML 2.0 only.",
                          STR_ARG(saml->root_name));
        } else if (!expects_saml1(run)) {
            struct finding *finding = check_reportf(
                run, check, "This is SAML 1.1 (%.*s): a service provider that takes SAML 2.0 only refuses it.",
                STR_ARG(saml->root_name));
            finding->severity = SEVERITY_WARNING;
            finding->confidence = CONFIDENCE_POSSIBLE;
        }
        break;
    case MESSAGE_WSTRUST_RST:
    case MESSAGE_SAML1_REQUEST:
        check_reportf(run, check, "This is %.*s, a request of another protocol.", STR_ARG(saml->root_name));
        break;
    case MESSAGE_WSTRUST_RSTR:
        if (is_foreign(run)) {
            check_reportf(run, check, "This is a WS-Federation token (%.*s), not a SAML 2.0 Response.",
                          STR_ARG(saml->root_name));
        }
        break;
    case MESSAGE_UNKNOWN:
        check_reportf(run, check, "The document element is %.*s, which is no SAML 2.0 message.",
                      STR_ARG(saml->root_name));
        break;
    case MESSAGE_ASSERTION:
        if (at_acs) {
            check_reportf(run, check, "A bare Assertion was posted; it has to stand in a samlp:Response.");
        }
        break;
    case MESSAGE_AUTHN_REQUEST:
    case MESSAGE_LOGOUT_REQUEST:
        if (at_acs) {
            check_reportf(run, check, "The field SAMLResponse holds %s; requests belong into SAMLRequest.",
                          facts_kind_word(saml));
        }
        break;
    default:
        break;
    }
}

static bool
has_version(const struct saml_message *saml)
{
    return saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_AUTHN_REQUEST ||
           saml->kind == MESSAGE_LOGOUT_REQUEST || saml->kind == MESSAGE_LOGOUT_RESPONSE;
}

static void
judge_version(struct check_run *run, const struct check *check, const struct saml_value *version, const char *of,
              struct where where)
{
    if (!str_eq_c(version->text, "2.0")) {
        struct finding *finding =
            str_present(version->text)
                ? check_reportf(run, check, "%s/@Version is \"%.*s\".", of, STR_ARG(version->text))
                : check_reportf(run, check, "%s has no Version attribute.", of);
        finding_at(finding_mismatch(finding, STR("2.0"), version->text, "SAML 2.0 Core"), where);
    }
}

static void
version_not_2(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    if (has_version(saml)) {
        judge_version(run, check, &saml->version, facts_kind_word(saml), saml->where);
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        if (saml->assertions[i].saml1) {
            continue; /* saml1-version judges those */
        }
        judge_version(run, check, &saml->assertions[i].version, "Assertion", saml->assertions[i].where);
    }
}

static void
judge_id_present(struct check_run *run, const struct check *check, const struct saml_value *id, const char *of,
                 struct where where)
{
    if (id->text.len == 0) {
        finding_at(check_reportf(run, check, "%s has no ID%s.", of, str_present(id->text) ? ": it is empty" : ""),
                   where);
    }
}

static void
id_missing(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    if (has_version(saml)) {
        judge_id_present(run, check, &saml->id, facts_kind_word(saml), saml->where);
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        judge_id_present(run, check, &saml->assertions[i].id, "Assertion", saml->assertions[i].where);
    }
}

/* xs:NCName, for the ASCII part; bytes over 0x7F are letters for this purpose. */
static bool
is_ncname(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c > 0x7f;
        bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!letter && (i == 0 || !later)) {
            return false;
        }
    }
    return text.len > 0;
}

static void
judge_id(struct check_run *run, const struct check *check, const struct saml_value *id, const char *of)
{
    if (id->text.len > 0 && !is_ncname(id->text)) {
        finding_at(check_reportf(run, check,
                                 "The ID of %s is \"%.*s\": an xs:ID starts with a letter or '_' and holds letters, "
                                 "digits, '.', '-' and '_' only.",
                                 of, STR_ARG(id->text)),
                   id->where);
    }
}

static void
id_invalid(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    if (has_version(saml)) {
        judge_id(run, check, &saml->id, facts_kind_word(saml));
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        judge_id(run, check, &saml->assertions[i].id, "Assertion");
    }
}

static void
duplicate_ids(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->duplicate_id_count && i < MAX_REPORTS; i++) {
        const struct saml_duplicate_id *twice = &run->saml->duplicate_ids[i];
        finding_at(check_reportf(run, check,
                                 "Two elements have the ID \"%.*s\": %.*s and %.*s. A signature that refers to it "
                                 "may cover either.",
                                 STR_ARG(twice->id), STR_ARG(twice->first.xpath), STR_ARG(twice->second.xpath)),
                   twice->second);
    }
}

static void
judge_split(struct check_run *run, const struct check *check, const struct saml_value *value, const char *of)
{
    if (!value->split) {
        return;
    }
    bool same = str_eq(str_trim(value->first), str_trim(value->text));
    struct finding *finding = check_reportf(
        run, check,
        "A comment, processing instruction or CDATA section splits the text of %s. One reader takes \"%.*s\", another "
        "%s\"%.*s\".",
        of, STR_ARG(value->first), same ? "the same, " : "", STR_ARG(value->text));
    /* Where both read the same it is bad style, but no other user. */
    if (same) {
        finding->severity = SEVERITY_WARNING;
    }
    finding_at(finding, value->where);
}

static void
comment_in_value(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!saml) {
        return;
    }
    judge_split(run, check, &saml->issuer.value, "Issuer");
    judge_split(run, check, &saml->logout.name_id.value, "NameID");
    for (size_t i = 0; i < saml->assertion_count; i++) {
        const struct saml_assertion *assertion = &saml->assertions[i];
        judge_split(run, check, &assertion->issuer.value, "Issuer");
        judge_split(run, check, &assertion->name_id.value, "NameID");
        for (size_t k = 0; k < assertion->restriction_count; k++) {
            for (size_t n = 0; n < assertion->restrictions[k].audience_count; n++) {
                judge_split(run, check, &assertion->restrictions[k].audiences[n], "Audience");
            }
        }
        for (size_t k = 0; k < assertion->attribute_count; k++) {
            for (size_t n = 0; n < assertion->attributes[k].value_count; n++) {
                judge_split(run, check, &assertion->attributes[k].values[n].value, "AttributeValue");
            }
        }
    }
}

static void
schema_invalid(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->schema_problem_count && i < MAX_REPORTS; i++) {
        const struct saml_schema_problem *problem = &run->saml->schema_problems[i];
        finding_at(check_report(run, check, problem->text), problem->where);
    }
}

static void
relative_namespace(struct check_run *run, const struct check *check)
{
    if (run->saml && run->saml->relative_namespace) {
        check_reportf(run, check,
                      "A namespace is declared with a relative URI. Canonical XML is not defined for such a document: "
                      "some libraries then sign and verify nothing at all.");
    }
}

static void
processing_instruction(struct check_run *run, const struct check *check)
{
    if (run->saml && run->saml->processing_instruction_count > 0) {
        const struct saml_value *first = &run->saml->processing_instructions[0];
        finding_at(
            check_reportf(run, check, "There is a processing instruction in the message: %.*s.", STR_ARG(first->text)),
            first->where);
    }
}

static void
no_assertion(struct check_run *run, const struct check *check)
{
    if (facts_signs_in(run) && run->saml->kind != MESSAGE_WSTRUST_RSTR && run->saml->assertion_count == 0 &&
        run->saml->encrypted_assertion_count == 0) {
        finding_at(check_reportf(run, check,
                                 "The status is Success, but the Response holds neither Assertion nor "
                                 "EncryptedAssertion: nobody is named."),
                   run->saml->where);
    }
}

static void
multiple_assertions(struct check_run *run, const struct check *check)
{
    size_t encrypted = 0;
    if (!facts_is_response(run)) {
        return;
    }
    /* Decrypted ones are in the list already. */
    for (size_t i = 0; i < run->saml->assertion_count; i++) {
        encrypted += run->saml->assertions[i].was_encrypted ? 1 : 0;
    }
    size_t locked =
        run->saml->encrypted_assertion_count > encrypted ? run->saml->encrypted_assertion_count - encrypted : 0;
    size_t count = run->saml->assertion_count + locked;
    if (count > 1) {
        finding_at(check_reportf(run, check,
                                 "The Response holds %zu assertions. Many service providers take exactly one, and "
                                 "those that take more differ in which they read.",
                                 count),
                   run->saml->where);
    }
}

static void
error_with_assertion(struct check_run *run, const struct check *check)
{
    if (facts_is_response(run) && run->saml->status.code_count > 0 && !facts_is_success(run) &&
        run->saml->assertion_count + run->saml->encrypted_assertion_count > 0) {
        finding_at(check_reportf(run, check, "The status says that sign-in failed, yet there is an assertion."),
                   run->saml->where);
    }
}

static const struct check table[] = {
    { CORE_ROW("saml-root-not-response", ERROR, MESSAGE, WRONG_ENDPOINT, IDP_ADMIN, STANDARD, PROVEN,
               "this is not the message the endpoint takes"),
      .means = "The service provider cannot use it and shows a general error page.",
      .rule = "The document element is {urn:oasis:names:tc:SAML:2.0:protocol}Response.",
      .spec = "SAML Core 3.2.2, SAML Profiles 4.1.3 · saml-verification MSG-10", .source = CORE,
      .fixes = { { "adfs", "Relying party: SAML 2.0 WebSSO endpoint, not WS-Federation passive." },
                 { "entra", "Single sign-on method: SAML; token version SAML 2.0." },
                 { "any", "Set the protocol of the application to SAML 2.0." } },
      .run = root_not_response },
    { CORE_ROW("saml-version-not-2", ERROR, MESSAGE, WRONG_ENDPOINT, IDP_ADMIN, STANDARD, PROVEN,
               "the version is not 2.0"),
      .means = "A SAML 2.0 service provider refuses other versions.",
      .rule = "@Version of the message and of each Assertion is exactly \"2.0\".",
      .spec = "SAML Core 2.3.3, 3.2.1, 3.2.2 · saml-verification MSG-01, AST-01", .source = CORE,
      .fixes = { { "entra", "Use SAML 2.0, not SAML 1.1 tokens." },
                 { "any", "Set SAML 2.0 at the identity provider." } },
      .run = version_not_2 },
    { CORE_ROW("saml-id-missing", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "there is no ID"),
      .means = "Nothing can refer to the message: no signature, no answer, no replay check.",
      .rule = "Message and Assertion have a non-empty ID attribute.",
      .spec = "SAML Core 1.3.4, 2.3.3, 3.2.1 · saml-verification MSG-02", .source = CORE,
      .fixes = { { "any", "A fault of the identity provider or its template." } }, .run = id_missing },
    { CORE_ROW("saml-id-invalid", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "the ID is not an xs:ID"),
      .means = "Validating service providers refuse it; Entra ID refuses requests whose ID starts with a digit.",
      .rule = "The ID is an xs:ID: starts with a letter or '_'.", .spec = "SAML Core 1.3.4 · saml-verification MSG-02",
      .source = CORE, .fixes = { { "any", "Make IDs from '_' and random hexadecimal digits." } }, .run = id_invalid },
    { CORE_ROW("saml-duplicate-ids", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "two elements have the same ID"),
      .attack = ATTACK_WRAPPING, .fixed = true,
      .means = "What the signature covers is ambiguous: a typical sign of signature wrapping.",
      .rule = "No two ID attributes of the document have the same value.",
      .spec = "SAML Core 1.3.4, XML Signature 4.4.3.2 · saml-verification XML-06", .source = CORE,
      .follows = "sig-wrapping-suspect",
      .fixes = { { "any", "A fault of the identity provider or of something in between; treat it as suspicious." } },
      .run = duplicate_ids },
    { CORE_ROW("saml-comment-in-value", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, INFERRED, PROVEN,
               "a comment splits a value"),
      .attack = ATTACK_COMMENT,
      .means = "Parsers that stop at the comment read another user or value than the one that was signed.",
      .rule = "The text of NameID, Issuer, Audience and AttributeValue is one text node.",
      .spec = "VU#475445 · saml-verification XML-05, ATK-COMMENT", .source = "CERT/CC VU#475445 (2018)",
      .fixes = { { "any", "The identity provider must not emit comments or CDATA there; if it did not, somebody added "
                          "them." } },
      .run = comment_in_value },
    { CORE_ROW("saml-schema-invalid", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message does not follow the SAML schema"),
      .means = "Service providers that validate the schema refuse it; others may read it differently.",
      .rule = "Elements and attributes are those of the SAML 2.0 schemas, in their order.",
      .spec = "SAML Core, saml-schema-protocol-2.0.xsd · saml-verification XML-09, MSG-08", .source = CORE,
      .follows = "saml-root-not-response saml-version-not-2 saml-id-missing saml-id-invalid status-missing "
                 "sig-wrapping-suspect issuer-missing time-bad-format",
      .fixes = { { "any", "Fix the template or the program that writes the message." } }, .run = schema_invalid },
    { CORE_ROW("saml-relative-namespace", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "a namespace has a relative URI"),
      .attack = ATTACK_VOID_C14N, .fixed = true,
      .means = "The signature has no defined meaning: a known way around verification.",
      .rule = "Every namespace name is absolute.",
      .spec = "Exclusive XML Canonicalization 1.3 · saml-verification XML-07, ATK-VOIDC14N",
      .source = "W3C xml-exc-c14n (2002)", .fixes = { { "any", "Remove the declaration; find out who added it." } },
      .run = relative_namespace },
    { CORE_ROW("saml-processing-instruction", WARNING, MESSAGE, DECODE, IDP_ADMIN, INFERRED, PROVEN,
               "there is a processing instruction in the message"),
      .means = "No identity provider writes one; parsers treat it differently.",
      .rule = "No processing instruction inside the document element.", .spec = "saml-verification XML-05",
      .source = "security practice", .follows = "saml-comment-in-value",
      .fixes = { { "any", "Remove it; find out who added it." } }, .run = processing_instruction },
    { CORE_ROW("saml-no-assertion", ERROR, RESPONSE, STATUS, IDP_ADMIN, STANDARD, PROVEN,
               "the Response holds no assertion"),
      .means = "Sign-in is reported as done, but the message names nobody.",
      .rule = "Status Success comes with at least one Assertion or EncryptedAssertion.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification STA-02", .source = "OASIS SAML 2.0 Profiles (2005)",
      .follows = "sig-wrapping-suspect",
      .fixes = { { "adfs", "The issuance transform rules give no claims or no Name ID: check them." },
                 { "keycloak", "Check the client's mappers and scopes." },
                 { "ping", "Check the attribute contract fulfilment." },
                 { "any", "Check the rules that release the assertion." } },
      .run = no_assertion },
    { CORE_ROW_FOR(PROFILE_GENERIC | PROFILE_AWS_IAM, "saml-assertion-count", WARNING, RESPONSE, STATUS, IDP_ADMIN,
                   STANDARD, PROVEN, "the Response holds more than one assertion"),
      .means = "Many service providers refuse it, and some read the wrong one.",
      .rule = "Exactly one Assertion or EncryptedAssertion.",
      .spec = "SAML2Int SDP-IDP10 · saml-verification AST-04, SIG-12", .source = "SAML2Int 2.0 deployment profile",
      .follows = "sig-wrapping-suspect", .fixes = { { "any", "Send one assertion with all statements." } },
      .run = multiple_assertions },
    { CORE_ROW("status-with-assertion", WARNING, RESPONSE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "an error status comes with an assertion"),
      .means = "The two contradict each other; a careless service provider might sign the user in.",
      .rule = "A status other than Success comes without assertions.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification STA-03", .source = "OASIS SAML 2.0 Profiles (2005)",
      .fixes = { { "any", "A fault of the identity provider." } }, .run = error_with_assertion },
};

CHECK_SET(core_shape, table);
