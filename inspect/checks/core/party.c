/* SPDX-License-Identifier: MIT */
/* Is the message from the right identity provider, for this service provider, in answer to its request? */
#include "facts.h"

#define PROFILES "OASIS SAML 2.0 Profiles (2005)"
#define CORE "OASIS SAML 2.0 Core (2005)"
#define BINDINGS "OASIS SAML 2.0 Bindings (2005)"

enum { MAX_REPORTS = 5 };

/* --- issuer -------------------------------------------------------------------------------------- */

/* A difference that a typing error makes: told apart from another identity provider. */
static bool
is_slip(struct str expected, struct str received)
{
    switch (near_miss_of(expected, received)) {
    case NEAR_MISS_CASE:
    case NEAR_MISS_TRAILING_SLASH:
    case NEAR_MISS_SCHEME:
    case NEAR_MISS_WHITE_SPACE:
    case NEAR_MISS_DEFAULT_PORT:
    case NEAR_MISS_PERCENT_ENCODING:
    case NEAR_MISS_WWW:
    case NEAR_MISS_SPN_PREFIX:
    case NEAR_MISS_FRAGMENT:
    case NEAR_MISS_LOOK_ALIKE:
        return true;
    default:
        return false;
    }
}

static void
judge_issuer(struct check_run *run, const struct check *check, const struct saml_name_id *issuer, const char *of,
             bool slips)
{
    struct str received = str_trim(issuer->value.text);
    const struct expected *expected = &run->context->idp_entity_id;
    if (received.len == 0 || str_eq(received, expected->text) || is_slip(expected->text, received) != slips) {
        return;
    }
    struct finding *finding = check_reportf(run, check, "The Issuer of the %s is \"%.*s\", expected \"%.*s\" (%s): %s.",
                                            of, STR_ARG(received), STR_ARG(expected->text), expected->source,
                                            facts_near_miss_words(expected->text, received));
    finding_at(finding_mismatch(finding, expected->text, received, expected->source), issuer->value.where);
}

static void
judge_issuers(struct check_run *run, const struct check *check, bool slips)
{
    const struct saml_message *saml = run->saml;
    if (saml->kind != MESSAGE_ASSERTION && saml->kind != MESSAGE_SAML1_ASSERTION) {
        judge_issuer(run, check, &saml->issuer, facts_kind_word(saml), slips);
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        /* The same wrong value twice is one fault. */
        if (saml->kind == MESSAGE_ASSERTION || saml->kind == MESSAGE_SAML1_ASSERTION ||
            !str_eq(str_trim(saml->issuer.value.text), str_trim(saml->assertions[i].issuer.value.text))) {
            judge_issuer(run, check, &saml->assertions[i].issuer, "Assertion", slips);
        }
    }
}

static void
issuer_mismatch(struct check_run *run, const struct check *check)
{
    if (!facts_brings_token(run) && !facts_is_logout(run)) {
        return;
    }
    if (!str_present(run->context->idp_entity_id.text)) {
        check_skipped(run, check, "the entity ID of the identity provider is not known");
        return;
    }
    judge_issuers(run, check, false);
}

static void
issuer_near_miss(struct check_run *run, const struct check *check)
{
    if ((facts_brings_token(run) || facts_is_logout(run)) && str_present(run->context->idp_entity_id.text)) {
        judge_issuers(run, check, true);
    }
}

static void
issuers_differ(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    struct str response = str_trim(saml->issuer.value.text);
    for (size_t i = 0; saml->kind == MESSAGE_RESPONSE && i < saml->assertion_count && i < MAX_REPORTS; i++) {
        struct str assertion = str_trim(saml->assertions[i].issuer.value.text);
        if (response.len > 0 && assertion.len > 0 && !str_eq(response, assertion)) {
            struct finding *finding =
                check_reportf(run, check, "The Response is issued by \"%.*s\", the Assertion in it by \"%.*s\": %s.",
                              STR_ARG(response), STR_ARG(assertion), facts_near_miss_words(response, assertion));
            finding_at(finding_mismatch(finding, response, assertion, "Issuer of the Response"),
                       saml->assertions[i].issuer.value.where);
        }
    }
}

static void
report_no_issuer(struct check_run *run, const struct check *check, const struct saml_name_id *issuer, const char *of,
                 struct where where)
{
    if (str_trim(issuer->value.text).len == 0) {
        finding_at(check_reportf(run, check, "The %s has %s Issuer: nobody says who made it.", of,
                                 str_present(issuer->value.text) ? "an empty" : "no"),
                   where);
    }
}

static void
issuer_missing(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    if (!facts_brings_token(run) && !facts_is_logout(run)) {
        return;
    }
    bool present = str_present(saml->issuer.value.text);
    bool needed = saml->signature >= 0 || saml->encrypted_assertion_count > 0 || facts_is_logout(run);
    /* Only messages of SAML 2.0 have an Issuer of their own. */
    if ((saml->kind == MESSAGE_RESPONSE || facts_is_logout(run)) && (needed || present)) {
        report_no_issuer(run, check, &saml->issuer, facts_kind_word(saml), saml->where);
    }
    for (size_t i = 0; i < saml->assertion_count && i < MAX_REPORTS; i++) {
        report_no_issuer(run, check, &saml->assertions[i].issuer, "Assertion", saml->assertions[i].where);
    }
}

static void
issuer_format(struct check_run *run, const struct check *check)
{
    static const char entity[] = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    const struct saml_value *format = &run->assertion->issuer.format;
    if (facts_has_text(format) && !str_eq_c(format->text, entity)) {
        struct finding *finding = check_reportf(run, check, "Issuer/@Format is \"%.*s\".", STR_ARG(format->text));
        finding_at(finding_mismatch(finding, str_from(entity), format->text, "SAML Profiles 4.1.4.2"), format->where);
    }
}

/* --- audience ------------------------------------------------------------------------------------ */

static void
audience_missing(struct check_run *run, const struct check *check)
{
    size_t audiences = 0;
    for (size_t i = 0; i < run->assertion->restriction_count; i++) {
        audiences += run->assertion->restrictions[i].audience_count;
    }
    if (audiences == 0 && facts_signs_in(run)) {
        finding_at(check_reportf(run, check, "The Assertion has %s: it does not say for which service provider it is.",
                                 run->assertion->restriction_count ? "an AudienceRestriction without Audience"
                                                                   : "no AudienceRestriction"),
                   run->assertion->has_conditions ? run->assertion->conditions_where : run->assertion->where);
    }
}

static bool
restriction_holds(const struct saml_audience_restriction *restriction, struct str expected)
{
    for (size_t i = 0; i < restriction->audience_count; i++) {
        if (str_eq(str_trim(restriction->audiences[i].text), expected)) {
            return true;
        }
    }
    return false;
}

static struct str
audience_list(const struct check_run *run, const struct saml_audience_restriction *restriction)
{
    struct str list = STR("");
    for (size_t i = 0; i < restriction->audience_count && i < 8; i++) {
        list = arena_printf(run->arena, "%.*s%s%.*s", STR_ARG(list), i ? ", " : "",
                            STR_ARG(restriction->audiences[i].text));
    }
    return list;
}

static void
audience_mismatch(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->sp_entity_id;
    if (!facts_signs_in(run)) {
        return;
    }
    if (!str_present(expected->text)) {
        check_skipped(run, check, "the entity ID of the service provider is not known");
        return;
    }
    /* Several Audience in one restriction: one must fit. Several restrictions: each must hold. */
    for (size_t i = 0; i < run->assertion->restriction_count; i++) {
        const struct saml_audience_restriction *restriction = &run->assertion->restrictions[i];
        if (restriction->audience_count == 0 || restriction_holds(restriction, expected->text)) {
            continue;
        }
        struct str list = audience_list(run, restriction);
        struct finding *finding =
            check_reportf(run, check, "The Assertion is for \"%.*s\", this service provider is \"%.*s\" (%s): %s.",
                          STR_ARG(list), STR_ARG(expected->text), expected->source,
                          facts_near_miss_words(expected->text, restriction->audiences[0].text));
        finding_at(finding_mismatch(finding, expected->text, list, expected->source), restriction->where);
        return;
    }
}

/* --- destination --------------------------------------------------------------------------------- */

static bool
has_destination(const struct check_run *run)
{
    return (run->saml && (run->saml->kind == MESSAGE_RESPONSE || run->saml->kind == MESSAGE_SAML1_RESPONSE)) ||
           facts_is_logout(run);
}

/* SAML 1.1 calls it Recipient. */
static const char *
destination_word(const struct saml_message *saml)
{
    return saml->kind == MESSAGE_SAML1_RESPONSE ? "Recipient" : "Destination";
}

static void
destination_mismatch(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->acs_url;
    if (!has_destination(run) || !facts_has_text(&run->saml->destination)) {
        return;
    }
    struct str received = run->saml->destination.text;
    if (!str_present(expected->text)) {
        check_skipped(run, check, "the URL that receives the message is not known");
        return;
    }
    if (!str_eq(received, expected->text)) {
        struct finding *finding =
            check_reportf(run, check, "%s is \"%.*s\", but the message goes to \"%.*s\" (%s): %s.",
                          destination_word(run->saml), STR_ARG(received), STR_ARG(expected->text), expected->source,
                          facts_near_miss_words(expected->text, received));
        finding_at(finding_mismatch(finding, expected->text, received, expected->source), run->saml->destination.where);
    }
}

static void
destination_empty(struct check_run *run, const struct check *check)
{
    if (has_destination(run) && str_present(run->saml->destination.text) && run->saml->destination.text.len == 0) {
        finding_at(check_reportf(run, check, "The %s of the %s is there, but empty.", destination_word(run->saml),
                                 facts_kind_word(run->saml)),
                   run->saml->destination.where);
    }
}

static void
destination_missing(struct check_run *run, const struct check *check)
{
    if (has_destination(run) && !str_present(run->saml->destination.text) && run->saml->signature >= 0) {
        finding_at(check_reportf(run, check,
                                 "The %s is signed, but has no %s: it could be replayed at another "
                                 "endpoint.",
                                 facts_kind_word(run->saml), destination_word(run->saml)),
                   run->saml->where);
    }
}

/* --- InResponseTo of the message ----------------------------------------------------------------- */

static bool
answers(const struct check_run *run)
{
    return run->saml && (run->saml->kind == MESSAGE_RESPONSE || run->saml->kind == MESSAGE_LOGOUT_RESPONSE);
}

static void
inresponseto_mismatch(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->request_id;
    if (!answers(run) || !facts_has_text(&run->saml->in_response_to)) {
        return;
    }
    struct str received = run->saml->in_response_to.text;
    if (!str_present(expected->text)) {
        check_skipped(run, check, "the request was not seen");
        return;
    }
    if (expected->text.len > 0 && !str_eq(received, expected->text)) {
        struct finding *finding =
            check_reportf(run, check, "InResponseTo is \"%.*s\", the request had the ID \"%.*s\" (%s).",
                          STR_ARG(received), STR_ARG(expected->text), expected->source);
        finding_at(finding_mismatch(finding, expected->text, received, expected->source),
                   run->saml->in_response_to.where);
    }
}

static void
inresponseto_missing(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->request_id;
    if (answers(run) && expected->text.len > 0 && !facts_has_text(&run->saml->in_response_to)) {
        struct finding *finding =
            check_reportf(run, check, "There was a request with the ID \"%.*s\" (%s), but the %s has no InResponseTo.",
                          STR_ARG(expected->text), expected->source, facts_kind_word(run->saml));
        finding_at(finding_mismatch(finding, expected->text, STR(""), expected->source), run->saml->where);
    }
}

/* An empty --request-id says that there was no request. */
static void
inresponseto_unsolicited(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->request_id;
    if (run->saml->kind == MESSAGE_RESPONSE && str_present(expected->text) && expected->text.len == 0 &&
        facts_has_text(&run->saml->in_response_to)) {
        finding_at(check_reportf(run, check, "The Response answers request \"%.*s\", but no request was made (%s).",
                                 STR_ARG(run->saml->in_response_to.text), expected->source),
                   run->saml->in_response_to.where);
    }
}

static void
inresponseto_inconsistent(struct check_run *run, const struct check *check)
{
    struct str response = run->saml->in_response_to.text;
    for (size_t i = 0; run->saml->kind == MESSAGE_RESPONSE && i < run->assertion->confirmation_count; i++) {
        const struct saml_value *inner = &run->assertion->confirmations[i].in_response_to;
        if (facts_has_text(inner) && !str_eq(inner->text, response)) {
            struct finding *finding =
                check_reportf(run, check, "SubjectConfirmationData answers \"%.*s\", the Response around it \"%.*s\".",
                              STR_ARG(inner->text), STR_ARG(response));
            finding_at(finding_mismatch(finding, response, inner->text, "InResponseTo of the Response"), inner->where);
            return;
        }
    }
}

static const struct check table[] = {
    { CORE_ROW_FOR(PROFILE_GENERIC, "issuer-mismatch", ERROR, MESSAGE, PARTY, SP_ADMIN, STANDARD, PROVEN,
                   "the message is from another identity provider"),
      .means = "The service provider does not know this issuer, or takes it for another tenant.",
      .rule = "Issuer is the entity ID of the identity provider, byte for byte.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification MSG-06, AST-02", .source = PROFILES,
      .fixes = { { "entra", "The issuer is https://sts.windows.net/TENANT/ with the slash at the end." },
                 { "adfs", "The issuer is http://HOST/adfs/services/trust (http, not https)." },
                 { "okta", "The issuer is http://www.okta.com/ and the application's id." },
                 { "any", "Load the metadata of the identity provider that really signs at the service provider." } },
      .run = issuer_mismatch },
    { CORE_ROW("issuer-near-miss", ERROR, MESSAGE, PARTY, SP_ADMIN, INFERRED, PROVEN,
               "the issuer is spelled a little differently"),
      .means = "The same identity provider, but entity IDs are compared byte for byte.",
      .rule = "Issuer equals the entity ID only after ignoring case, a final slash, http against https, white space or "
              "the like.",
      .spec = "SAML2Int SDP-SP06 · saml-verification MSG-06, 3.1", .source = PROFILES,
      .fixes = { { "any", "Copy the entity ID from the metadata, do not type it." } }, .run = issuer_near_miss },
    { CORE_ROW("issuer-response-assertion-differ", ERROR, RESPONSE, PARTY, IDP_ADMIN, STANDARD, PROVEN,
               "Response and Assertion have different issuers"),
      .means = "Service providers refuse a Response whose Assertion somebody else issued.",
      .rule = "Response/Issuer, when present, equals Assertion/Issuer.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification AST-02", .source = PROFILES,
      .fixes = { { "any", "A broker or proxy in front of the identity provider is set up wrongly." } },
      .run = issuers_differ },
    { CORE_ROW("issuer-missing", ERROR, MESSAGE, PARTY, IDP_ADMIN, STANDARD, PROVEN, "there is no issuer"),
      .means = "The service provider cannot tell whose keys to use.",
      .rule = "Each Assertion, each signed Response and each logout message has a non-empty Issuer.",
      .spec = "SAML Core 2.3.3, Profiles 4.1.4.2 (E17), 4.4.4 · saml-verification MSG-06, AST-02, SLO-01",
      .source = PROFILES, .fixes = { { "any", "A fault of the identity provider or its template." } },
      .run = issuer_missing },
    { CORE_ROW("issuer-format", WARNING, ASSERTION, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the issuer has an unusual format"),
      .means = "Strict service providers refuse it.",
      .rule = "Issuer/@Format is absent or urn:oasis:names:tc:SAML:2.0:nameid-format:entity.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification MSG-06, AST-02", .source = PROFILES,
      .fixes = { { "any", "Leave the attribute out." } }, .run = issuer_format },
    { CORE_ROW("aud-missing", ERROR, ASSERTION, PARTY, IDP_ADMIN, DOCUMENTED, PROVEN, "no audience is named"),
      .means = "AWS IAM says \"Response does not contain the required audience\"; the profile demands one.",
      .rule = "Conditions/AudienceRestriction/Audience is there.",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification CON-03",
      .source = "AWS IAM User Guide, Troubleshoot SAML federation (2023)", .follows = "conditions-missing",
      .fixes = { { "okta", "Audience URI (SP Entity ID)." },
                 { "adfs", "Relying party → Identifiers." },
                 { "keycloak", "The client ID is the service provider's entity ID." },
                 { "any", "Set the audience to the service provider's entity ID." } },
      .run = audience_missing },
    { CORE_ROW_FOR(PROFILE_GENERIC, "audience-mismatch", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN,
                   "the assertion is for another service provider"),
      .means = "The service provider must not use an assertion that is not addressed to it.",
      .rule = "Every AudienceRestriction names the service provider's entity ID, byte for byte.",
      .spec = "SAML Core 2.5.1.4 (E46) · saml-verification CON-03", .source = CORE,
      .fixes = { { "okta", "Audience URI (SP Entity ID)." },
                 { "entra", "Basic SAML configuration → Identifier (Entity ID)." },
                 { "adfs", "Relying party → Identifiers." },
                 { "keycloak", "The client ID is the service provider's entity ID." },
                 { "google", "Service provider details → Entity ID." },
                 { "any", "Copy the entity ID from the service provider's metadata." } },
      .run = audience_mismatch },
    { CORE_ROW("destination-mismatch", ERROR, MESSAGE, PARTY, IDP_ADMIN, STANDARD, PROVEN,
               "the message was meant for another URL"),
      .means = "The service provider must discard a message whose Destination is not the URL it came to.",
      .rule = "Destination, when present, equals the receiving URL, byte for byte.",
      .spec = "SAML Core 3.2.2, Bindings 3.5.5.2 · saml-verification MSG-04, BND-05", .source = BINDINGS,
      .fixes = { { "okta", "Single sign-on URL, and Destination URL below it." },
                 { "entra", "Basic SAML configuration → Reply URL." },
                 { "adfs", "Relying party → Endpoints." },
                 { "any", "Set the ACS URL (logout URL) to the one that is called; behind a reverse proxy it is the "
                          "public one." } },
      .run = destination_mismatch },
    { CORE_ROW("destination-empty", ERROR, MESSAGE, PARTY, IDP_ADMIN, STANDARD, PROVEN, "the destination is empty"),
      .means = "An empty Destination equals no URL; service providers refuse it.",
      .rule = "Destination is absent or a URL.", .spec = "SAML Core 3.2.2 · saml-verification MSG-04, XML-13",
      .source = CORE, .fixes = { { "any", "Fill in the ACS URL at the identity provider." } },
      .run = destination_empty },
    { CORE_ROW("destination-missing", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "a signed message without destination"),
      .means = "The binding demands it; some service providers refuse the message.",
      .rule = "A signed message has a Destination.",
      .spec = "SAML Bindings 3.5.5.2, 3.4.5.2 · saml-verification BND-05", .source = BINDINGS,
      .fixes = { { "any", "Let the identity provider write Destination." } }, .run = destination_missing },
    { CORE_ROW("inresponseto-mismatch", ERROR, MESSAGE, REQUEST, USER, STANDARD, PROVEN,
               "the message answers another request"),
      .means = "Two tabs, a stale page, the Back button, or an identity provider that invents the value. Sign-in begun "
               "at the identity provider works, begun at the service provider fails.",
      .rule = "InResponseTo equals the ID of the outstanding request.",
      .spec = "SAML Core 3.2.2, Profiles 4.1.4.3 · saml-verification MSG-05, SLO-04", .source = PROFILES,
      .fixes = { { "entra", "AADSTS7500529: the ID of the request must not start with a digit." },
                 { "any", "Start again in one tab; if it stays, the identity provider must copy the request's ID." } },
      .run = inresponseto_mismatch },
    { CORE_ROW("inresponseto-missing", ERROR, MESSAGE, REQUEST, IDP_ADMIN, STANDARD, PROVEN,
               "the answer does not name its request"),
      .means = "The service provider asked, and cannot join this answer to its question.",
      .rule = "The answer to a request has InResponseTo.", .spec = "SAML Core 3.2.2 · saml-verification MSG-05",
      .source = CORE,
      .fixes = { { "any",
                   "Check that the answer belongs to the request, and that sign-in was not begun at the identity "
                   "provider instead." } },
      .run = inresponseto_missing },
    { CORE_ROW("inresponseto-unsolicited", ERROR, RESPONSE, REQUEST, IDP_ADMIN, STANDARD, PROVEN,
               "the message answers a request that was never made"),
      .means = "Sign-in begun at the identity provider is refused.",
      .rule = "Without a request there is no InResponseTo.", .spec = "SAML Profiles 4.1.5 · saml-verification MSG-05",
      .source = PROFILES,
      .fixes = { { "any", "Start from the service provider; the identity provider's template must leave InResponseTo "
                          "out." } },
      .run = inresponseto_unsolicited },
    { CORE_ROW("inresponseto-inconsistent", WARNING, ASSERTION, REQUEST, IDP_ADMIN, STANDARD, PROVEN,
               "the two InResponseTo differ"),
      .means = "Strict service providers refuse it.",
      .rule = "SubjectConfirmationData/@InResponseTo equals Response/@InResponseTo.",
      .spec = "SAML Profiles 4.1.4.2, 4.1.4.3 · saml-verification SUB-02", .source = PROFILES,
      .follows = "inresponseto-mismatch inresponseto-missing inresponseto-unsolicited",
      .fixes = { { "any", "A fault of the identity provider." } }, .run = inresponseto_inconsistent },
};

CHECK_SET(core_party, table);
