/* SPDX-License-Identifier: MIT */
/* The pack advice: facts that explain a message to somebody who has the time to read them. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define CONSENT_PREFIX "urn:oasis:names:tc:SAML:2.0:consent:"
#define CLASS_PREFIX "urn:oasis:names:tc:SAML:2.0:ac:classes:"

enum { MAX_REPORTS = 5, LONG_VALUE = 256, GUID_BASE64 = 24 };

struct meaning {
    const char *value;
    const char *words;
};

static const char *
meaning_of(const struct meaning *list, size_t count, struct str value)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(value, list[i].value)) {
            return list[i].words;
        }
    }
    return NULL;
}

static void
consent(struct check_run *run, const struct check *check)
{
    static const struct meaning list[] = {
        { CONSENT_PREFIX "unspecified", "nothing is said about consent" },
        { CONSENT_PREFIX "obtained", "the user agreed" },
        { CONSENT_PREFIX "prior", "the user agreed earlier" },
        { CONSENT_PREFIX "current-implicit", "the user agreed by using the service" },
        { CONSENT_PREFIX "current-explicit", "the user agreed just now" },
        { CONSENT_PREFIX "unavailable", "no consent was obtained" },
        { CONSENT_PREFIX "inapplicable", "no consent is needed" },
    };
    if (run->saml && facts_has_text(&run->saml->consent)) {
        const char *words = meaning_of(list, COUNT_OF(list), run->saml->consent.text);
        finding_at(check_reportf(run, check, "Consent is \"%.*s\": %s.", STR_ARG(run->saml->consent.text),
                                 words ? words : "a value that SAML does not define"),
                   run->saml->consent.where);
    }
}

static const struct meaning classes[] = {
    { CLASS_PREFIX "unspecified", "the identity provider does not say how" },
    { CLASS_PREFIX "Password", "a password, not necessarily over TLS" },
    { CLASS_PREFIX "PasswordProtectedTransport", "a password over TLS" },
    { CLASS_PREFIX "Kerberos", "a Kerberos ticket (Windows sign-in)" },
    { CLASS_PREFIX "X509", "a certificate that was checked by signature" },
    { CLASS_PREFIX "TLSClient", "a client certificate in TLS" },
    { CLASS_PREFIX "Smartcard", "a smart card" },
    { CLASS_PREFIX "SmartcardPKI", "a smart card with PIN and certificate" },
    { CLASS_PREFIX "TimeSyncToken", "a one-time password" },
    { CLASS_PREFIX "MobileTwoFactorContract", "a registered mobile phone and a second factor" },
    { CLASS_PREFIX "MobileTwoFactorUnregistered", "a mobile phone and a second factor" },
    { CLASS_PREFIX "PreviousSession", "a session that existed before" },
    { "urn:federation:authentication:windows", "Windows sign-in (AD FS)" },
    { "http://schemas.microsoft.com/claims/multipleauthn", "more than one factor (Microsoft)" },
    { "https://refeds.org/profile/mfa", "more than one factor (REFEDS)" },
    { "https://refeds.org/profile/sfa", "one factor (REFEDS)" },
};

static void
authn_context(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; facts_is_success(run) && i < run->assertion->authn_statement_count && i < MAX_REPORTS; i++) {
        const struct saml_value *class_ref = &run->assertion->authn_statements[i].class_ref;
        if (facts_has_text(class_ref)) {
            const char *words = meaning_of(classes, COUNT_OF(classes), str_trim(class_ref->text));
            finding_at(check_reportf(run, check, "The user signed in with \"%.*s\": %s.", STR_ARG(class_ref->text),
                                     words ? words : "a class of the identity provider's own"),
                       class_ref->where);
        }
    }
}

/* What is unusual about the values of an attribute, or NULL. */
static const char *
oddity_of(const struct saml_attribute *attribute)
{
    for (size_t i = 0; i < attribute->value_count; i++) {
        const struct saml_attribute_value *value = &attribute->values[i];
        if (value->nil) {
            return "has a value that is nil (xsi:nil)";
        }
        if (value->structured) {
            return "has a value with XML in it";
        }
        if (value->value.text.len == 0) {
            return "has an empty value";
        }
        if (value->value.text.len > LONG_VALUE) {
            return "has a value of more than 256 bytes";
        }
        if (str_present(value->type)) {
            return "has a typed value (xsi:type); service providers must not depend on it";
        }
    }
    return attribute->value_count == 0 ? "has no value" : NULL;
}

static void
attribute_odd(struct check_run *run, const struct check *check)
{
    size_t reported = 0;
    for (size_t i = 0; facts_is_success(run) && i < run->assertion->attribute_count && reported < MAX_REPORTS; i++) {
        const struct saml_attribute *attribute = &run->assertion->attributes[i];
        const char *oddity = oddity_of(attribute);
        if (oddity) {
            finding_at(check_reportf(run, check, "The attribute \"%.*s\" %s.", STR_ARG(attribute->name.text), oddity),
                       attribute->where);
            reported++;
        }
    }
}

/* 16 bytes in base64: what directory synchronisation makes of an object's GUID. */
static bool
is_guid_base64(struct str text)
{
    if (text.len != GUID_BASE64 || !str_ends_c(text, "==")) {
        return false;
    }
    for (size_t i = 0; i < text.len - 2; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/') {
            return false;
        }
    }
    return true;
}

static void
immutable_id(struct check_run *run, const struct check *check)
{
    const struct saml_value *name = &run->assertion->name_id.value;
    if (facts_is_success(run) && is_guid_base64(str_trim(name->text))) {
        finding_at(check_reportf(run, check,
                                 "NameID \"%.*s\" looks like an object's GUID in base64 (immutableId), not like a user "
                                 "name.",
                                 STR_ARG(name->text)),
                   name->where);
    }
}

static void
cacheable(struct check_run *run, const struct check *check)
{
    if (!run->exchange || !run->message->in_response || run->exchange->response_headers.count == 0) {
        return;
    }
    struct str control = headers_get(&run->exchange->response_headers, "Cache-Control");
    struct str pragma = headers_get(&run->exchange->response_headers, "Pragma");
    if (str_find_nocase(control, STR("no-store")) == SIZE_MAX ||
        str_find_nocase(control, STR("no-cache")) == SIZE_MAX || str_find_nocase(pragma, STR("no-cache")) == SIZE_MAX) {
        struct finding *finding =
            check_reportf(run, check, "The answer of %.*s that carries the message has Cache-Control \"%.*s\" and %s.",
                          STR_ARG(run->exchange->host), STR_ARG(control),
                          str_present(pragma) ? "another Pragma than no-cache" : "no Pragma");
        finding_mismatch(finding, STR("no-cache, no-store"), control, "SAML Bindings 3.4.5.1, 3.5.5.1");
    }
}

#define ADVICE_ROW(check_id, how_bad, looks_at, title)                                                                 \
    CORE_ROW(check_id, how_bad, looks_at, NOTE, IDP_ADMIN, STANDARD, PROVEN, title), .pack = PACK_ADVICE, .source = CORE

static const struct check table[] = {
    { ADVICE_ROW("consent-stated", INFO, MESSAGE, "what the message says about the user's consent"),
      .means = "For information; service providers hardly ever look at it.", .rule = "Consent is not there.",
      .spec = "SAML Core 8.4 · saml-verification MSG-09", .fixes = { { "any", "Nothing has to be done." } },
      .run = consent },
    { ADVICE_ROW("authncontext-explained", INFO, ASSERTION, "how the user signed in"),
      .means = "What the identity provider says about the method; compare it with what the service provider wants.",
      .rule = "AuthnContextClassRef is not there.",
      .spec = "SAML Core 2.7.2.2; SAML Authentication Context · "
              "saml-verification AUT-05",
      .fixes = { { "any", "Nothing has to be done." } }, .run = authn_context },
    { ADVICE_ROW("attribute-value-unusual", INFO, ASSERTION, "an attribute value is of an unusual form"),
      .means = "Allowed, but some service providers read it as empty, as text, or not at all.",
      .rule = "Values are plain text of 1 to 256 bytes, without xsi:nil and xsi:type.", .limit = "256 bytes of text",
      .spec = "SAML Core 2.7.3.1.1; IIP-SP02 · saml-verification ATT-05, ATT-06",
      .fixes = { { "any", "Send plain text, and leave attributes without value out." } }, .run = attribute_odd },
    { ADVICE_ROW("nameid-immutable-id", INFO, ASSERTION, "NameID looks like a directory's GUID"),
      .means = "Service providers that look for a user name or an e-mail address find nobody of that name.",
      .rule = "NameID is not the base64 of 16 bytes.", .spec = "saml-verification ATT-06",
      .fixes = { { "adfs", "Claim Issuance Policy: send the UPN or the e-mail address as Name ID." },
                 { "any", "Send the user name as NameID, if the service provider looks for it." } },
      .run = immutable_id },
    { ADVICE_ROW("response-cacheable", WARNING, MESSAGE, "an answer with a SAML message may be cached"),
      .means = "A cache or the Back button can bring the message up again.",
      .rule = "An answer that carries a message has Cache-Control: no-cache, no-store and Pragma: no-cache.",
      .spec = "SAML Bindings 3.4.5.1, 3.5.5.1 · saml-verification BND-08",
      .fixes = { { "any", "Set both headers where the page or the redirect is made." } }, .run = cacheable },
};

CHECK_SET(core_advice, table);
