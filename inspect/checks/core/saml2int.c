/* SPDX-License-Identifier: MIT */
/*
 * The pack saml2int: what the SAML2Int deployment profile asks for beyond the standard. Many sign-ins that work break
 * these rules, so they are off unless asked for (--pack saml2int, --strict saml2int).
 */
#include "facts.h"

#define SAML2INT "Kantara SAML2Int 2.0 (2019)"
#define NAMEFORMAT_URI "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
#define DAY_MS INT64_C(86400000)

enum { MAX_REPORTS = 5, LONGEST_VALIDITY_DAYS = 30 };

static void
response_unsigned(struct check_run *run, const struct check *check)
{
    if (facts_is_success(run) && run->saml->kind == MESSAGE_RESPONSE && run->saml->signature < 0 &&
        run->saml->signature_count > 0) {
        finding_at(check_reportf(run, check, "The Response itself is not signed, only what is in it."),
                   run->saml->where);
    }
}

static void
assertion_plain(struct check_run *run, const struct check *check)
{
    bool browser = run->message->binding == BINDING_HTTP_POST || run->message->binding == BINDING_FORM_PAGE;
    for (size_t i = 0; browser && facts_is_success(run) && i < run->saml->assertion_count; i++) {
        if (!run->saml->assertions[i].was_encrypted) {
            finding_at(check_reportf(run, check, "The Assertion goes through the browser unencrypted."),
                       run->saml->assertions[i].where);
            return;
        }
    }
}

static void
name_format(struct check_run *run, const struct check *check)
{
    size_t reported = 0;
    for (size_t i = 0; facts_is_success(run) && i < run->assertion->attribute_count && reported < MAX_REPORTS; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        if (!str_eq_c(attribute->name_format.text, NAMEFORMAT_URI)) {
            struct finding *finding =
                check_reportf(run, check, "The attribute \"%.*s\" has %s%.*s.", STR_ARG(attribute->name.text),
                              attribute->name_format.text.len ? "the NameFormat " : "no NameFormat",
                              STR_ARG(attribute->name_format.text));
            finding_at(
                finding_mismatch(finding, STR(NAMEFORMAT_URI), attribute->name_format.text, "SAML2Int SDP-IDP18"),
                attribute->where);
            reported++;
        }
    }
}

static void
name_id_policy(struct check_run *run, const struct check *check)
{
    const struct saml_request *request = &run->saml->request;
    bool create =
        str_eq_c(request->policy_allow_create.text, "true") || str_eq_c(request->policy_allow_create.text, "1");
    if (request->has_name_id_policy && (!create || request->policy_format.text.len > 0)) {
        finding_at(check_reportf(run, check, "NameIDPolicy has %s%.*s%s.",
                                 request->policy_format.text.len ? "the Format " : "no Format",
                                 STR_ARG(request->policy_format.text), create ? "" : ", and AllowCreate is not true"),
                   run->saml->where);
    }
}

static void
valid_until(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count && i < MAX_REPORTS; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        int64_t ahead = entity->has_valid_until ? entity->valid_until.ms - run->context->now_ms : 0;
        if (!entity->has_valid_until) {
            check_reportf(run, check, "The metadata of \"%.*s\" has %s.", STR_ARG(entity->entity_id),
                          str_present(entity->valid_until_text) ? "a validUntil that is no time" : "no validUntil");
        } else if (ahead > LONGEST_VALIDITY_DAYS * DAY_MS) {
            check_reportf(run, check, "The metadata of \"%.*s\" is valid until %.*s, %.*s from now.",
                          STR_ARG(entity->entity_id), STR_ARG(entity->valid_until_text),
                          STR_ARG(facts_duration(run->arena, ahead)));
        }
    }
}

#define SAML2INT_ROW(check_id, looks_at, fixer, title)                                                                 \
    CORE_ROW(check_id, WARNING, looks_at, NOTE, fixer, STANDARD, PROVEN, title), .pack = PACK_SAML2INT,                \
                                                                                 .source = SAML2INT

static const struct check table[] = {
    { SAML2INT_ROW("saml2int-response-unsigned", RESPONSE, IDP_ADMIN, "the Response itself is not signed"),
      .means = "Status, Destination and InResponseTo can be changed on the way.",
      .rule = "A successful Response is signed directly.", .spec = "SAML2Int SDP-IDP09 · saml-verification SIG-12",
      .fixes = { { "okta", "General → SAML Settings → Response: Signed." },
                 { "entra", "SAML certificates → Signing Option: Sign SAML response and assertion." },
                 { "any", "Let the identity provider sign the Response." } },
      .run = response_unsigned },
    { SAML2INT_ROW("saml2int-assertion-plain", RESPONSE, IDP_ADMIN, "the assertion is not encrypted"),
      .means = "Whoever reads the browser's traffic or logs sees who signs in, and everything that is known of them.",
      .rule = "An assertion that goes through the browser is encrypted.",
      .spec = "SAML2Int SDP-IDP11 · saml-verification ENC-07",
      .fixes = { { "any", "Give the identity provider the service provider's encryption certificate (AWS: see the "
                          "encryption options of the provider)." } },
      .run = assertion_plain },
    { SAML2INT_ROW("attribute-nameformat-not-uri", ASSERTION, IDP_ADMIN, "an attribute name is no URI"),
      .means = "Names without a URI mean different things at different organisations.",
      .rule = "NameFormat is " NAMEFORMAT_URI ".",
      .spec = "SAML2Int SDP-IDP18; SAML Core 2.7.3.1, 8.2 · saml-verification ATT-01",
      .fixes = { { "any", "Use URI names with the NameFormat uri." } }, .run = name_format },
    { SAML2INT_ROW("request-nameid-policy", REQUEST, SP_ADMIN, "the request insists on a format of NameID"),
      .means = "A frequent cause of InvalidNameIDPolicy.",
      .rule = "NameIDPolicy is left out, or has AllowCreate=\"true\" and no Format.",
      .spec = "SAML2Int SDP-SP04 · saml-verification REQ-06", .fixes = { { "any", "Leave NameIDPolicy out." } },
      .run = name_id_policy },
    { SAML2INT_ROW("meta-valid-until", METADATA, IDP_ADMIN, "the metadata does not say when to fetch it again"),
      .means = "Who loaded it once never hears of a withdrawn key. The profile names no number of days; 30 is a limit "
               "of samltap.",
      .rule = "validUntil is there and at most 30 days ahead.", .limit = "30 days",
      .spec = "SAML2Int SDP-MD03, IIP-MD04 · saml-verification MD-01",
      .fixes = { { "any", "Publish metadata with a validUntil some days ahead, and renew it." } }, .run = valid_until },
};

CHECK_SET(core_saml2int, table);
