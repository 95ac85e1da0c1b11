/* SPDX-License-Identifier: MIT */
/*
 * SubjectConfirmation (Profiles 4.1.4.2): one bearer confirmation has to hold in every respect. Each
 * is judged by itself; what fails in one does not matter when another holds.
 */
#include "facts.h"

#define PROFILES "OASIS SAML 2.0 Profiles (2005)"
#define SUB_CAUSES                                                                                                     \
    "recipient-missing recipient-mismatch inresponseto-mismatch time-scd-notonorafter-missing time-scd-expired "       \
    "time-scd-not-yet-valid recipient-mismatch-iam recipient-mismatch-idc"

enum fault {
    FAULT_RECIPIENT_MISSING = 1 << 0,
    FAULT_RECIPIENT = 1 << 1,
    FAULT_REQUEST = 1 << 2,
    FAULT_END_MISSING = 1 << 3,
    FAULT_EXPIRED = 1 << 4,
    FAULT_NOT_YET = 1 << 5,
};

static bool
is_bearer(const struct saml_confirmation *confirmation)
{
    return str_eq_c(str_trim(confirmation->method.text), METHOD_BEARER);
}

/*
 * What is wrong with one confirmation. The recipient is compared for generic service providers only:
 * which recipients AWS takes is a matter of its own checks.
 */
static unsigned
faults_of(const struct check_run *run, const struct saml_confirmation *confirmation)
{
    const struct context *context = run->context;
    unsigned faults = 0;
    if (!facts_has_text(&confirmation->recipient)) {
        faults |= FAULT_RECIPIENT_MISSING;
    } else if (context->profile == PROFILE_GENERIC && str_present(context->acs_url.text) &&
               !str_eq(confirmation->recipient.text, context->acs_url.text)) {
        faults |= FAULT_RECIPIENT;
    }
    if (facts_has_text(&confirmation->in_response_to) && context->request_id.text.len > 0 &&
        !str_eq(confirmation->in_response_to.text, context->request_id.text)) {
        faults |= FAULT_REQUEST;
    }
    if (!str_present(confirmation->not_on_or_after.raw.text)) {
        faults |= FAULT_END_MISSING;
    } else if (confirmation->not_on_or_after.valid &&
               context->now_ms - confirmation->not_on_or_after.time.ms >= context->skew_ms) {
        faults |= FAULT_EXPIRED;
    }
    if (confirmation->not_before.valid && confirmation->not_before.time.ms - context->now_ms > context->skew_ms) {
        faults |= FAULT_NOT_YET;
    }
    return faults;
}

static bool
one_holds(const struct check_run *run)
{
    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &run->assertion->confirmations[i];
        if (is_bearer(confirmation) && faults_of(run, confirmation) == 0) {
            return true;
        }
    }
    return false;
}

static size_t
bearer_count(const struct check_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        count += is_bearer(&run->assertion->confirmations[i]) ? 1 : 0;
    }
    return count;
}

/* First bearer confirmation with that fault, when none holds; else NULL. */
static const struct saml_confirmation *
faulty(const struct check_run *run, enum fault fault)
{
    if (!facts_is_success(run) || one_holds(run)) {
        return NULL;
    }
    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &run->assertion->confirmations[i];
        if (is_bearer(confirmation) && faults_of(run, confirmation) & fault) {
            return confirmation;
        }
    }
    return NULL;
}

static void
recipient_missing(struct check_run *run, const struct check *check)
{
    const struct saml_confirmation *confirmation = faulty(run, FAULT_RECIPIENT_MISSING);
    if (confirmation) {
        finding_at(check_reportf(run, check, "%s.",
                                 confirmation->has_data ? "SubjectConfirmationData has no Recipient"
                                                        : "SubjectConfirmation has no SubjectConfirmationData, so no "
                                                          "Recipient"),
                   confirmation->where);
    }
}

static void
recipient_mismatch(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->acs_url;
    if (!str_present(expected->text)) {
        if (facts_is_success(run) && bearer_count(run) > 0) {
            check_skipped(run, check, "the ACS URL is not known");
        }
        return;
    }
    const struct saml_confirmation *confirmation = faulty(run, FAULT_RECIPIENT);
    if (confirmation) {
        struct str received = confirmation->recipient.text;
        struct finding *finding = check_reportf(
            run, check, "Recipient is \"%.*s\", but the message goes to \"%.*s\" (%s): %s.", STR_ARG(received),
            STR_ARG(expected->text), expected->source, facts_near_miss_words(expected->text, received));
        finding_at(finding_mismatch(finding, expected->text, received, expected->source),
                   confirmation->recipient.where);
    }
}

static void
request_mismatch(struct check_run *run, const struct check *check)
{
    const struct saml_confirmation *confirmation = faulty(run, FAULT_REQUEST);
    /* The same wrong value at the Response is reported there. */
    if (confirmation && str_eq(run->saml->in_response_to.text, run->context->request_id.text)) {
        struct finding *finding = check_reportf(
            run, check, "SubjectConfirmationData answers request \"%.*s\", the request had the ID \"%.*s\" (%s).",
            STR_ARG(confirmation->in_response_to.text), STR_ARG(run->context->request_id.text),
            run->context->request_id.source);
        finding_at(finding_mismatch(finding, run->context->request_id.text, confirmation->in_response_to.text,
                                    run->context->request_id.source),
                   confirmation->in_response_to.where);
    }
}

static void
end_missing(struct check_run *run, const struct check *check)
{
    const struct saml_confirmation *confirmation = faulty(run, FAULT_END_MISSING);
    if (confirmation) {
        finding_at(check_reportf(run, check, "SubjectConfirmation has no SubjectConfirmationData/@NotOnOrAfter."),
                   confirmation->where);
    }
}

static void
confirmation_expired(struct check_run *run, const struct check *check)
{
    const struct saml_confirmation *confirmation = faulty(run, FAULT_EXPIRED);
    if (!confirmation) {
        return;
    }
    const struct saml_time *end = &confirmation->not_on_or_after;
    int64_t late = run->context->now_ms - end->time.ms;
    struct str copy = facts_old_copy(run);
    struct finding *finding =
        check_reportf(run, check,
                      "SubjectConfirmationData/@NotOnOrAfter is %.*s, and it is %.*s (%s): %.*s too late (skew %lld s "
                      "allowed).%.*s%.*s%.*s%.*s",
                      STR_ARG(end->raw.text), STR_ARG(facts_time(run, run->context->now_ms)), run->context->now_source,
                      STR_ARG(facts_duration(run->arena, late)), (long long)(run->context->skew_ms / 1000),
                      STR_ARG(check_would_pass(run, late + 1)), STR_ARG(facts_waited(run, late)),
                      STR_ARG(facts_clocks(run)), STR_ARG(copy));
    finding->expected = arena_printf(run->arena, "later than %.*s", STR_ARG(facts_time(run, run->context->now_ms)));
    finding->received = end->raw.text;
    finding->source = str_from(run->context->now_source);
    if (str_present(copy)) {
        finding->severity = SEVERITY_WARNING;
    }
    finding_at(finding, end->raw.where);
}

static void
confirmation_not_yet(struct check_run *run, const struct check *check)
{
    const struct saml_confirmation *confirmation = faulty(run, FAULT_NOT_YET);
    if (confirmation) {
        const struct saml_time *start = &confirmation->not_before;
        int64_t early = start->time.ms - run->context->now_ms;
        finding_at(
            check_reportf(run, check,
                          "SubjectConfirmationData/@NotBefore is %.*s, and it is %.*s (%s): %.*s too early.%.*s%.*s",
                          STR_ARG(start->raw.text), STR_ARG(facts_time(run, run->context->now_ms)),
                          run->context->now_source, STR_ARG(facts_duration(run->arena, early)),
                          STR_ARG(check_would_pass(run, early)), STR_ARG(facts_clocks(run))),
            start->raw.where);
    }
}

static void
not_before_present(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &run->assertion->confirmations[i];
        if (is_bearer(confirmation) && str_present(confirmation->not_before.raw.text)) {
            finding_at(check_reportf(run, check,
                                     "SubjectConfirmationData has NotBefore \"%.*s\", which a bearer "
                                     "confirmation must not have.",
                                     STR_ARG(confirmation->not_before.raw.text)),
                       confirmation->not_before.raw.where);
            return;
        }
    }
}

static void
confirmation_missing(struct check_run *run, const struct check *check)
{
    if (facts_is_success(run) && run->assertion->confirmation_count == 0) {
        finding_at(check_reportf(run, check, "%s.",
                                 run->assertion->has_subject
                                     ? "Subject has no SubjectConfirmation"
                                     : "The Assertion has no Subject, so no SubjectConfirmation"),
                   run->assertion->where);
    }
}

static void
confirmation_method(struct check_run *run, const struct check *check)
{
    if (!facts_is_success(run) || run->assertion->confirmation_count == 0 || bearer_count(run) > 0) {
        return;
    }
    const struct saml_value *method = &run->assertion->confirmations[0].method;
    struct finding *finding = check_reportf(run, check,
                                            "SubjectConfirmation/@Method is \"%.*s\"; sign-in by browser "
                                            "needs bearer.",
                                            STR_ARG(method->text));
    finding_at(finding_mismatch(finding, STR(METHOD_BEARER), method->text, "SAML Profiles 4.1.4.2"), method->where);
}

static struct str
add_reason(const struct check_run *run, struct str list, const char *reason)
{
    return arena_printf(run->arena, "%.*s%s%s", STR_ARG(list), list.len ? ", " : "", reason);
}

/* "no Recipient, expired": what faults_of found. */
static struct str
reasons(const struct check_run *run, unsigned faults)
{
    static const struct {
        enum fault fault;
        const char *words;
    } list[] = {
        { FAULT_RECIPIENT_MISSING, "no Recipient" },
        { FAULT_RECIPIENT, "Recipient is another URL" },
        { FAULT_REQUEST, "InResponseTo names another request" },
        { FAULT_END_MISSING, "no NotOnOrAfter" },
        { FAULT_EXPIRED, "expired" },
        { FAULT_NOT_YET, "not valid yet" },
    };
    struct str text = STR("");
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        if (faults & list[i].fault) {
            text = add_reason(run, text, list[i].words);
        }
    }
    return text;
}

static void
confirmation_invalid(struct check_run *run, const struct check *check)
{
    if (!facts_is_success(run) || bearer_count(run) == 0 || one_holds(run)) {
        return;
    }
    struct str text = STR("");
    unsigned all = 0;
    for (size_t i = 0; i < run->assertion->confirmation_count && i < 8; i++) {
        const struct saml_confirmation *confirmation = &run->assertion->confirmations[i];
        if (is_bearer(confirmation)) {
            unsigned faults = faults_of(run, confirmation);
            all |= faults;
            text = arena_printf(run->arena, "%.*s%s%zu: %.*s", STR_ARG(text), text.len ? "; " : "", i + 1,
                                STR_ARG(reasons(run, faults)));
        }
    }
    struct finding *finding =
        check_reportf(run, check, "No bearer confirmation holds. Confirmation %.*s.", STR_ARG(text));
    if (all == FAULT_EXPIRED && str_present(facts_old_copy(run))) {
        finding->severity = SEVERITY_WARNING;
    }
    finding_at(finding, run->assertion->where);
}

#define SCD_ROW(check_id, how_bad, explains, owner, rests_on, title)                                                   \
    CORE_ROW(check_id, how_bad, ASSERTION, explains, owner, rests_on, PROVEN, title)

static const struct check table[] = {
    { SCD_ROW("recipient-missing", ERROR, PARTY, IDP_ADMIN, DOCUMENTED, "the confirmation names no recipient"),
      .means = "The service provider cannot tell that the message was meant for it.",
      .rule = "A bearer SubjectConfirmationData has a Recipient.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification SUB-02",
      .source = "AWS IAM User Guide, Configure SAML assertions; OASIS SAML 2.0 Profiles",
      .fixes = { { "any", "Fix the identity provider's template: Recipient is the ACS URL." } },
      .run = recipient_missing },
    { CORE_ROW_FOR(PROFILE_GENERIC, "recipient-mismatch", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN,
                   "the recipient is another URL"),
      .means = "The assertion was made for another endpoint; the service provider must refuse it.",
      .rule = "SubjectConfirmationData/@Recipient equals the ACS URL that received the message, byte for byte.",
      .spec = "SAML Profiles 4.1.4.2, 4.1.4.3 · saml-verification SUB-02", .source = PROFILES,
      .follows_same = "destination-mismatch",
      .fixes = { { "okta", "Single sign-on URL (\"Use this for Recipient URL and Destination URL\")." },
                 { "entra", "Basic SAML configuration → Reply URL." },
                 { "adfs", "Relying party → Endpoints → SAML Assertion Consumer." },
                 { "any", "Set the ACS URL at the identity provider to the one that is called." } },
      .run = recipient_mismatch },
    { SCD_ROW("inresponseto-confirmation-mismatch", ERROR, REQUEST, IDP_ADMIN, STANDARD,
              "the confirmation answers another request"),
      .means = "The Response names the right request, the signed confirmation in it another one.",
      .rule = "SubjectConfirmationData/@InResponseTo equals the ID of the outstanding request.",
      .spec = "SAML Profiles 4.1.4.3 · saml-verification SUB-02", .source = PROFILES,
      .fixes = { { "any", "A fault of the identity provider, or an older assertion in a new Response." } },
      .run = request_mismatch },
    { SCD_ROW("time-scd-notonorafter-missing", ERROR, TIME, IDP_ADMIN, DOCUMENTED, "the confirmation has no end"),
      .means = "AWS documents that it is required, and so does the profile.",
      .rule = "A bearer SubjectConfirmationData has NotOnOrAfter.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification SUB-02",
      .source = "AWS IAM User Guide, Configure SAML assertions; OASIS SAML 2.0 Profiles",
      .fixes = { { "any", "Fix the identity provider's template." } }, .run = end_missing },
    { SCD_ROW("time-scd-expired", ERROR, TIME, USER, STANDARD, "the confirmation has expired"),
      .means =
          "Too late: the page was left open, an old response was used again, or a clock is wrong. This end is often "
          "nearer than that of Conditions.",
      .rule = "now < SubjectConfirmationData/@NotOnOrAfter + skew; the end itself is outside.",
      .limit = "1 ms before NotOnOrAfter + skew", .spec = "SAML Profiles 4.1.4.3 · saml-verification SUB-02, CON-01",
      .source = PROFILES, .follows = "time-expired",
      .fixes = { { "any", "Sign in again and do not reuse a stored response; check the clocks." } },
      .run = confirmation_expired },
    { SCD_ROW("time-scd-not-yet-valid", ERROR, TIME, IDP_ADMIN, STANDARD, "the confirmation is not valid yet"),
      .means = "The identity provider's clock is ahead; besides, NotBefore must not stand there.",
      .rule = "now >= SubjectConfirmationData/@NotBefore - skew.", .limit = "NotBefore is now + skew",
      .spec = "SAML Core 2.4.1.2 · saml-verification SUB-02", .source = PROFILES, .follows = "time-not-yet-valid",
      .fixes = { { "any", "Set the identity provider's clock by NTP and leave NotBefore out." } },
      .run = confirmation_not_yet },
    { SCD_ROW("time-scd-notbefore-present", WARNING, NOTE, IDP_ADMIN, STANDARD,
              "the confirmation has a start, which is not allowed"),
      .means = "Strict service providers refuse it.", .rule = "A bearer SubjectConfirmationData has no NotBefore.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification SUB-02", .source = PROFILES,
      .follows = "time-scd-not-yet-valid", .fixes = { { "any", "Fix the identity provider's template." } },
      .run = not_before_present },
    { SCD_ROW("subjectconfirmation-missing", ERROR, PARTY, IDP_ADMIN, STANDARD, "there is no SubjectConfirmation"),
      .means = "Nothing says that the bearer of this assertion is its subject.",
      .rule = "Subject has at least one bearer SubjectConfirmation.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification SUB-01", .source = PROFILES, .follows = "saml-subject-missing",
      .fixes = { { "any", "Choose the Web Browser SSO profile at the identity provider." } },
      .run = confirmation_missing },
    { SCD_ROW("subjectconfirmation-method", ERROR, PARTY, IDP_ADMIN, STANDARD, "the confirmation is not a bearer one"),
      .means = "Sign-in by browser takes bearer confirmations only.",
      .rule = "A SubjectConfirmation has the Method urn:oasis:names:tc:SAML:2.0:cm:bearer.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification SUB-01, SUB-05", .source = PROFILES,
      .fixes = { { "any", "Choose the Web Browser SSO profile at the identity provider." } },
      .run = confirmation_method },
    { SCD_ROW("subjectconfirmation-invalid", ERROR, PARTY, IDP_ADMIN, STANDARD, "no subject confirmation holds"),
      .means = "The service provider cannot tie the assertion to this delivery.",
      .rule = "At least one bearer SubjectConfirmation holds: Recipient, NotOnOrAfter, no NotBefore in the future, "
              "InResponseTo.",
      .spec = "SAML Profiles 4.1.4.2, 4.1.4.3 · saml-verification SUB-02", .source = PROFILES,
      .follows = SUB_CAUSES " inresponseto-confirmation-mismatch",
      .fixes = { { "any", "See the causes that are named." } }, .run = confirmation_invalid },
};

CHECK_SET(core_confirmation, table);
