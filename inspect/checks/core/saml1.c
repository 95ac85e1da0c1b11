/* SPDX-License-Identifier: MIT */
/* What is different in SAML 1.1: its version, status, confirmation, and how little ties it to its receiver. */
#include "facts.h"

#define CORE11 "OASIS SAML 1.1 Core (2003)"
#define BINDINGS11 "OASIS SAML 1.1 Bindings and Profiles (2003)"
#define METHOD1_BEARER "urn:oasis:names:tc:SAML:1.0:cm:bearer"

enum { MAX_REPORTS = 5 };

static bool
is_saml1_response(const struct check_run *run)
{
    return run->saml->kind == MESSAGE_SAML1_RESPONSE;
}

static void
judge_version(struct check_run *run, const struct check *check, const struct saml_value *version, const char *of,
              struct where where)
{
    if (!str_eq_c(version->text, "1.1")) {
        struct finding *finding = check_reportf(run, check, "MajorVersion and MinorVersion of the %s say \"%.*s\".", of,
                                                STR_ARG(str_present(version->text) ? version->text : STR("nothing")));
        finding_at(finding_mismatch(finding, STR("1.1"), version->text, "SAML 1.1 Core"), where);
    }
}

static void
version(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (is_saml1_response(run)) {
        judge_version(run, check, &saml->version, "Response", saml->where);
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        if (saml->assertions[i].saml1) {
            judge_version(run, check, &saml->assertions[i].version, "Assertion", saml->assertions[i].where);
        }
    }
}

static void
status(struct check_run *run, const struct check *check)
{
    const struct saml_status *status = &run->saml->status;
    if (!is_saml1_response(run) || facts_signs_in(run)) {
        return;
    }
    struct str code = status->code_count > 0 ? status->codes[status->code_count - 1].text : (struct str){ 0 };
    if (code.len == 0) {
        finding_at(check_reportf(run, check, "There is no StatusCode/@Value."), run->saml->where);
        return;
    }
    finding_at(check_reportf(run, check, "The identity provider answers %.*s%s%.*s%s.", STR_ARG(code),
                             status->message.text.len ? " and says: \"" : "", STR_ARG(status->message.text),
                             status->message.text.len ? "\"" : ""),
               status->codes[0].where);
}

static void
response_unsigned(struct check_run *run, const struct check *check)
{
    if (is_saml1_response(run) && facts_signs_in(run) && run->saml->signature < 0 &&
        run->message->binding != BINDING_NONE && run->message->binding != BINDING_SOAP) {
        finding_at(check_reportf(run, check, "The Response came by the browser and has no signature of its own."),
                   run->saml->where);
    }
}

static bool
has_bearer(const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->confirmation_count; i++) {
        if (str_eq_c(str_trim(assertion->confirmations[i].method.text), METHOD1_BEARER)) {
            return true;
        }
    }
    return false;
}

static void
confirmation_method(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = run->assertion;
    if (!assertion->saml1 || !facts_signs_in(run) || !assertion->has_subject || has_bearer(assertion)) {
        return;
    }
    struct str got = assertion->confirmation_count ? assertion->confirmations[0].method.text : (struct str){ 0 };
    struct finding *finding =
        check_reportf(run, check, "The confirmation method is %s%.*s%s; the browser needs bearer.",
                      got.len ? "\"" : "missing", STR_ARG(got), got.len ? "\"" : "");
    finding_at(finding_mismatch(finding, STR(METHOD1_BEARER), got, "SAML 1.1 Bindings 4.1.2"),
               assertion->confirmation_count ? assertion->confirmations[0].where : assertion->where);
}

static void
subjects_differ(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = run->assertion;
    if (str_present(assertion->other_name_id.text)) {
        struct finding *finding =
            check_reportf(run, check, "One statement is about \"%.*s\", a later one about \"%.*s\".",
                          STR_ARG(assertion->name_id.value.text), STR_ARG(assertion->other_name_id.text));
        finding_at(finding_mismatch(finding, assertion->name_id.value.text, assertion->other_name_id.text,
                                    "the subject of the first statement"),
                   assertion->other_name_id.where);
    }
}

static void
weakly_bound(struct check_run *run, const struct check *check)
{
    if (run->assertion->saml1 && facts_signs_in(run)) {
        finding_at(check_report(run, check,
                                STR("The assertion names neither the URL that may receive it nor a request that it "
                                    "answers: only its audience and its short life tie it to this sign-in.")),
                   run->assertion->where);
    }
}

static const struct check table[] = {
    { CORE_ROW("saml1-version", ERROR, RESPONSE, WRONG_ENDPOINT, IDP_ADMIN, STANDARD, PROVEN,
               "the version of SAML 1 is not 1.1"),
      .means = "Receivers of SAML 1.1 refuse it; SAML 1.0 signs in another way.",
      .rule = "MajorVersion is 1 and MinorVersion is 1.", .spec = "SAML 1.1 Core 2.3.2, 3.4.1 · saml-verification 2.7",
      .source = CORE11, .fixes = { { "any", "A fault of the identity provider." } }, .run = version },
    { CORE_ROW("saml1-status", ERROR, RESPONSE, STATUS, IDP_ADMIN, STANDARD, PROVEN,
               "the identity provider answered with an error"),
      .means = "Nobody is signed in: the reason is at the identity provider.", .rule = "The top StatusCode is Success.",
      .spec = "SAML 1.1 Core 3.4.3 · saml-verification STA-01", .source = CORE11,
      .fixes = { { "any", "Look into the log of the identity provider at that time." } }, .run = status },
    { CORE_ROW("saml1-response-unsigned", ERROR, RESPONSE, KEY, IDP_ADMIN, STANDARD, PROVEN,
               "the response of SAML 1.1 is not signed"),
      .means = "By the browser the whole Response has to be signed, not only the assertion in it.",
      .rule = "A Response of the Browser/POST profile carries a signature of its own.",
      .spec = "SAML 1.1 Bindings 4.1.2 · saml-verification 2.1", .source = BINDINGS11, .follows = "sig-missing",
      .fixes = { { "any", "Switch signing of responses on at the identity provider." } }, .run = response_unsigned },
    { CORE_ROW("saml1-confirmation-method", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN,
               "the confirmation is not a bearer one"),
      .means = "Sign-in by browser takes bearer confirmations only.",
      .rule = "A ConfirmationMethod is " METHOD1_BEARER ".", .spec = "SAML 1.1 Bindings 4.1.2 · saml-verification 2.7",
      .source = BINDINGS11, .fixes = { { "any", "Choose the browser profile at the identity provider." } },
      .run = confirmation_method },
    { CORE_ROW("saml1-subjects-differ", ERROR, ASSERTION, SUBJECT, IDP_ADMIN, INFERRED, PROVEN,
               "the statements are about different users"),
      .means = "Which user signs in depends on which statement is read.",
      .rule = "Every statement of the assertion has the same NameIdentifier.",
      .spec = "SAML 1.1 Core 2.4.2 · saml-verification 2.7", .source = "own conclusion from " CORE11,
      .fixes = { { "any", "A fault of the identity provider or of its template." } }, .run = subjects_differ },
    { CORE_ROW("saml1-weakly-bound", INFO, ASSERTION, NOTE, SP_ADMIN, STANDARD, PROVEN,
               "SAML 1.1 ties an assertion to little"),
      .means = "Whoever gets hold of it can use it at any endpoint of that audience while it is valid.",
      .rule = "An assertion of SAML 1.1 has no Recipient and no InResponseTo.",
      .spec = "SAML 1.1 Core 2.4.2 · saml-verification 2.7", .source = CORE11,
      .fixes = { { "any", "Prefer SAML 2.0 where both sides can; keep the life short and remember assertion IDs." } },
      .run = weakly_bound },
};

CHECK_SET(core_saml1, table);
