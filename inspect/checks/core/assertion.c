/* SPDX-License-Identifier: MIT */
/* Conditions, statements and encryption of an assertion. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define PROFILES "OASIS SAML 2.0 Profiles (2005)"

enum { MAX_REPORTS = 5 };

static void
conditions_missing(struct check_run *run, const struct check *check)
{
    if (facts_signs_in(run) && !run->assertion->has_conditions) {
        finding_at(check_reportf(run, check,
                                 "The Assertion has no Conditions: neither for how long nor for whom it is "
                                 "meant."),
                   run->assertion->where);
    }
}

static void
condition_unknown(struct check_run *run, const struct check *check)
{
    if (facts_signs_in(run) && run->assertion->unknown_condition_count > 0) {
        const struct saml_value *first = &run->assertion->unknown_conditions[0];
        finding_at(check_reportf(run, check,
                                 "Conditions holds %.*s, which SAML does not know: whoever does not "
                                 "understand it must not rely on the assertion.",
                                 STR_ARG(first->text)),
                   first->where);
    }
}

static void
condition_repeated(struct check_run *run, const struct check *check)
{
    if (run->assertion->one_time_use_count > 1 || run->assertion->proxy_restriction_count > 1) {
        finding_at(check_reportf(run, check, "Conditions holds %s more than once.",
                                 run->assertion->one_time_use_count > 1 ? "OneTimeUse" : "ProxyRestriction"),
                   run->assertion->conditions_where);
    }
}

static void
authn_statement_missing(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    size_t statements = 0;
    for (size_t i = 0; i < saml->assertion_count; i++) {
        statements += saml->assertions[i].authn_statement_count;
    }
    if (facts_signs_in(run) && saml->kind != MESSAGE_WSTRUST_RSTR && saml->assertion_count > 0 && statements == 0) {
        finding_at(check_reportf(run, check, "There is no %s: nothing says that the user signed in.",
                                 saml->assertions[0].saml1 ? "AuthenticationStatement" : "AuthnStatement"),
                   saml->assertions[0].where);
    }
}

static void
attribute_statement_missing(struct check_run *run, const struct check *check)
{
    if (facts_signs_in(run) && run->assertion->attribute_statement_count == 0) {
        finding_at(check_reportf(run, check, "The Assertion carries no attributes."), run->assertion->where);
    }
}

static struct str
first_value(const struct check_run *run, const struct saml_attribute *attribute)
{
    if (attribute->value_count == 0) {
        return STR("no value");
    }
    return arena_printf(run->arena, "\"%.*s\"", STR_ARG(str_slice(attribute->values[0].value.text, 0, 200)));
}

static void
attribute_duplicate(struct check_run *run, const struct check *check)
{
    const struct saml_assertion *assertion = run->assertion;
    size_t reports = 0;
    for (size_t i = 1; i < assertion->attribute_count && reports < MAX_REPORTS; i++) {
        for (size_t k = 0; k < i; k++) {
            if (str_eq(assertion->attributes[i].name.text, assertion->attributes[k].name.text) &&
                str_eq(assertion->attributes[i].name_space.text, assertion->attributes[k].name_space.text)) {
                finding_at(check_reportf(run, check,
                                         "The attribute \"%.*s\" is there twice; some service providers take the first "
                                         "(%.*s), some the last (%.*s), some refuse.",
                                         STR_ARG(assertion->attributes[i].name.text),
                                         STR_ARG(first_value(run, &assertion->attributes[k])),
                                         STR_ARG(first_value(run, &assertion->attributes[i]))),
                           assertion->attributes[i].where);
                reports++;
                break;
            }
        }
    }
}

/* The class has to be one of the requested ones; other comparisons need an order that nobody gave. */
static void
authn_context_unmet(struct check_run *run, const struct check *check)
{
    if (!run->request || !run->request->request.has_requested_context || !facts_is_success(run) ||
        run->assertion->authn_statement_count == 0) {
        return;
    }
    const struct saml_request *request = &run->request->request;
    struct str comparison = request->comparison.text;
    if (comparison.len > 0 && !str_eq_c(comparison, "exact")) {
        check_skipped(run, check, "which authentication method is stronger is for the service provider to say");
        return;
    }
    struct str got = str_trim(run->assertion->authn_statements[0].class_ref.text);
    for (size_t i = 0; i < request->class_ref_count; i++) {
        if (str_eq(str_trim(request->class_refs[i].text), got)) {
            return;
        }
    }
    if (request->class_ref_count > 0) {
        struct str asked = str_trim(request->class_refs[0].text);
        struct finding *finding =
            check_reportf(run, check, "The request asked for %.*s exactly, the user signed in with %.*s.",
                          STR_ARG(asked), STR_ARG(got.len ? got : STR("no stated method")));
        finding_at(finding_mismatch(finding, asked, got, "RequestedAuthnContext of the AuthnRequest"),
                   run->assertion->authn_statements[0].where);
    }
}

/* --- encryption ---------------------------------------------------------------------------------- */

static void
decrypt_failed(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->encrypted_count; i++) {
        const struct saml_encrypted *part = &run->saml->encrypted[i];
        if (part->result == DECRYPT_OK || part->result == DECRYPT_PLAINTEXT) {
            continue;
        }
        if (part->result == DECRYPT_NO_KEY) {
            check_skipped(run, check, "the message is encrypted and no decryption key was given (--decrypt-key)");
            continue;
        }
        static const char *const words[] = {
            [DECRYPT_WRONG_KEY] = "none of the given keys opens it, or it is damaged",
            [DECRYPT_UNSUPPORTED] = "the algorithm is not supported",
            [DECRYPT_MALFORMED] = "it is not built as XML Encryption says",
        };
        const char *why =
            (size_t)part->result < COUNT_OF(words) && words[part->result] ? words[part->result] : "unknown";
        finding_at(check_reportf(run, check, "%.*s cannot be decrypted: %s%s%.*s. Data %.*s, key %.*s.",
                                 STR_ARG(part->element), why, part->detail.len ? ": " : "", STR_ARG(part->detail),
                                 STR_ARG(part->data_algorithm), STR_ARG(part->key_algorithm)),
                   part->where);
    }
}

/* What is encrypted can be exchanged: the message around it has no signature. */
static bool
is_bare(const struct check_run *run)
{
    return run->saml->signature < 0 && !run->message->query_signature.present;
}

static void
encryption_weak(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->encrypted_count; i++) {
        const struct saml_encrypted *part = &run->saml->encrypted[i];
        bool old =
            str_find_c(part->data_algorithm, "tripledes") != SIZE_MAX || str_ends_c(part->key_algorithm, "#rsa-1_5");
        bool cbc = str_ends_c(part->data_algorithm, "-cbc");
        if (old || cbc) {
            bool bare = is_bare(run);
            struct finding *finding =
                check_reportf(run, check, "%.*s is encrypted with %.*s and %.*s.%s%s", STR_ARG(part->element),
                              STR_ARG(part->data_algorithm), STR_ARG(part->key_algorithm),
                              old ? " Known attacks open such messages." : "",
                              bare ? " No signature is around it: who can post altered copies and see how the service "
                                     "provider answers may read it byte by byte."
                              : !old ? " It is common, and the signature around it protects it."
                                     : "");
            finding->severity = old || bare ? SEVERITY_WARNING : SEVERITY_INFO;
            finding_attack(finding, old || bare ? ATTACK_PADDING_ORACLE : ATTACK_NONE);
            finding_at(finding, part->where);
            return;
        }
    }
}

static void
encrypted_attribute(struct check_run *run, const struct check *check)
{
    size_t count = run->assertion->encrypted_attribute_count;
    for (size_t i = 0; i < run->assertion->attribute_count; i++) {
        count += run->assertion->attributes[i].was_encrypted ? 1 : 0;
    }
    if (count > 0) {
        finding_at(check_reportf(run, check,
                                 "%zu attribute%s encrypted one by one; few service providers can read that.", count,
                                 count == 1 ? " is" : "s are"),
                   run->assertion->where);
    }
}

static const struct check table[] = {
    { CORE_ROW("conditions-missing", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN, "there are no conditions"),
      .means = "Without Conditions the assertion would be valid for everybody, for ever; service providers refuse it.",
      .rule = "The Assertion has Conditions (the profile demands an AudienceRestriction in it).",
      .spec = "SAML Profiles 4.1.4.2 · saml-verification CON-03", .source = PROFILES,
      .fixes = { { "any", "A fault of the identity provider or its template." } }, .run = conditions_missing },
    { CORE_ROW("condition-unknown", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN,
               "there is a condition that nobody knows"),
      .means = "A service provider that does not understand a condition must not rely on the assertion.",
      .rule = "Conditions holds AudienceRestriction, OneTimeUse and ProxyRestriction only.",
      .spec = "SAML Core 2.5.1.1 · saml-verification CON-05", .source = CORE,
      .fixes = { { "any", "Remove the extension at the identity provider." } }, .run = condition_unknown },
    { CORE_ROW("condition-repeated", ERROR, ASSERTION, PARTY, IDP_ADMIN, STANDARD, PROVEN, "a condition is repeated"),
      .means = "SAML allows it once only.", .rule = "At most one OneTimeUse and one ProxyRestriction.",
      .spec = "SAML Core 2.5.1.5, 2.5.1.6 · saml-verification CON-04", .source = CORE, .follows = "saml-schema-invalid",
      .fixes = { { "any", "A fault of the identity provider or its template." } }, .run = condition_repeated },
    { CORE_ROW("authnstatement-missing", ERROR, RESPONSE, SUBJECT, IDP_ADMIN, STANDARD, PROVEN,
               "nothing says that the user signed in"),
      .means = "Sign-in by browser needs an AuthnStatement; attributes alone are no sign-in.",
      .rule = "The assertions hold at least one AuthnStatement.",
      .spec = "SAML Profiles 4.1.4.2 (E26) · saml-verification AST-06", .source = PROFILES,
      .fixes = { { "any", "Choose the Web Browser SSO profile at the identity provider." } },
      .run = authn_statement_missing },
    { CORE_ROW_FOR(PROFILE_GENERIC, "attributestatement-missing", INFO, ASSERTION, ATTRIBUTE, IDP_ADMIN, STANDARD,
                   PROVEN, "there are no attributes"),
      .means = "Fine for SAML; a service provider that needs an e-mail address or groups will not find them.",
      .rule = "The Assertion has an AttributeStatement.", .spec = "SAML Core 2.7.3 · saml-verification ATT-02",
      .source = CORE, .fixes = { { "any", "Add the attributes that the service provider needs." } },
      .run = attribute_statement_missing },
    { CORE_ROW("attribute-duplicate", WARNING, ASSERTION, ATTRIBUTE, IDP_ADMIN, STANDARD, PROVEN,
               "an attribute is there twice"),
      .attack = ATTACK_INJECTION, .means = "Receivers differ in which they take.",
      .rule = "Each attribute name occurs once, with all its values.",
      .spec = "SAML Core 2.7.3.1 · saml-verification ATT-04, ATK-INJECT", .source = CORE,
      .fixes = { { "any", "Send one Attribute with several AttributeValue; remove the second mapping." } },
      .run = attribute_duplicate },
    { CORE_ROW("authncontext-unmet", ERROR, ASSERTION, REQUEST, IDP_ADMIN, STANDARD, LIKELY,
               "the user signed in by another method than requested"),
      .means = "The service provider asked for exactly one of its methods and has to refuse another.",
      .rule = "With Comparison \"exact\" AuthnContextClassRef is one of the requested ones.",
      .spec = "SAML Core 3.3.2.2.1 · saml-verification AUT-03", .source = CORE,
      .fixes = { { "entra", "Entra answers AADSTS75011 instead when it can; drop RequestedAuthnContext." },
                 { "any", "Drop RequestedAuthnContext at the service provider, or send what was asked for." } },
      .run = authn_context_unmet },
    { CORE_ROW("decrypt-failed", ERROR, MESSAGE, ENCRYPTION, IDP_ADMIN, STANDARD, PROVEN, "it cannot be decrypted"),
      .means = "The identity provider encrypted for another key than the given one, or in a way that is not supported.",
      .rule = "Each encrypted part opens with one of the given keys.",
      .spec = "SAML Core 6 · saml-verification ENC-01, ENC-02, ENC-05", .source = "W3C XML Encryption (2002, 2013)",
      .fixes = { { "okta", "Advanced settings: upload the service provider's current encryption certificate." },
                 { "entra", "Token encryption: upload the current certificate and activate it." },
                 { "adfs", "Relying party → Encryption: the current certificate." },
                 { "any", "Load the service provider's current metadata at the identity provider." } },
      .run = decrypt_failed },
    { CORE_ROW("encryption-weak", INFO, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN, "the encryption is old"),
      .means = "CBC is common and acceptable below a signature; RSA 1.5 and Triple DES are not.",
      .rule = "AES-GCM with RSA-OAEP; CBC is noted, RSA 1.5 and Triple DES are warnings.",
      .spec = "SAML E93, SAML2Int SDP-ALG01 · saml-verification ENC-03, ATK-PADORACLE",
      .source = "OASIS SAML 2.0 Errata E93", .fixes = { { "any", "Choose AES-256-GCM and RSA-OAEP." } },
      .run = encryption_weak },
    { CORE_ROW("encrypted-attribute", WARNING, ASSERTION, ENCRYPTION, IDP_ADMIN, STANDARD, PROVEN,
               "attributes are encrypted one by one"),
      .means = "Several service providers refuse or ignore them.",
      .rule = "No EncryptedAttribute; encrypt the whole Assertion instead.",
      .spec = "SAML2Int SDP-IDP11 · saml-verification ENC-07", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Switch encryption of attributes off; encrypt the assertion if needed." } },
      .run = encrypted_attribute },
};

CHECK_SET(core_assertion, table);
