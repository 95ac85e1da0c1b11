/* SPDX-License-Identifier: MIT */
/* Which key signed, and what its certificate says. */
#include <string.h>

#include "signature_facts.h"

#define DAY_MS INT64_C(86400000)
#define DSIG "W3C XML Signature (2002); OASIS SAML 2.0 Core 5.4"

enum { SOON_DAYS = 90, MAX_LISTED = 4 };

/* True when the i-th trusted key may sign for the issuer of this message. */
static bool
applies(const struct check_run *run, size_t i)
{
    struct str entity = key_set_trusted_entity(run->context->settings->keys, i);
    struct str expected = run->context->idp_entity_id.text;
    return !str_present(entity) || !str_present(expected) || str_eq(entity, expected);
}

/* "SHA-256 1f3a… (CN=idp, from idp.pem), …" of the trusted certificates. */
static struct str
trusted_list(const struct check_run *run)
{
    const struct key_set *keys = run->context->settings->keys;
    struct str list = STR("");
    size_t shown = 0;
    for (size_t i = 0; keys && i < key_set_trusted_count(keys) && shown < MAX_LISTED; i++) {
        const struct certificate_facts *trusted = key_set_trusted(keys, i);
        if (applies(run, i)) {
            list = arena_printf(run->arena, "%.*s%s%s", STR_ARG(list), shown ? ", " : "",
                                trusted->sha256[0] ? trusted->sha256 : trusted->spki_sha256);
            shown++;
        }
    }
    return list;
}

/* A trusted certificate with the same subject, but another key, that is older than the one that signed. */
static const struct certificate_facts *
older_sibling(const struct check_run *run, const struct certificate_facts *signer)
{
    const struct key_set *keys = run->context->settings->keys;
    for (size_t i = 0; keys && i < key_set_trusted_count(keys); i++) {
        const struct certificate_facts *trusted = key_set_trusted(keys, i);
        if (trusted->parsed && applies(run, i) && signer->subject.len > 0 &&
            str_eq(trusted->subject, signer->subject) && trusted->not_before_ms < signer->not_before_ms) {
            return trusted;
        }
    }
    return NULL;
}

static bool
signed_by_other(const struct check_run *run, const struct dsig_signature *signature)
{
    const struct key_set *keys = run->context->settings->keys;
    return signature_by_other_key(signature) && keys && key_set_trusted_count(keys) > 0;
}

static bool
is_rotation(const struct check_run *run, const struct dsig_signature *signature)
{
    return signature->keyinfo_count > 0 && older_sibling(run, &signature->keyinfo[0]) != NULL;
}

/* What becomes of it where the key in the message is believed. */
static struct str
carried_key_reading(const struct check_run *run, const struct dsig_signature *signature)
{
    if (!facts_signs_in(run) || is_rotation(run, signature)) {
        return STR("");
    }
    return arena_printf(run->arena,
                        " A service provider that takes the key from the message would sign in %.*s; a strict one "
                        "signs in nobody.",
                        STR_ARG(facts_user(run)));
}

static void
wrong_key(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (!signed_by_other(run, signature)) {
            continue;
        }
        struct str received = signature->keyinfo_count ? str_from(signature->keyinfo[0].sha256) : STR("a bare key");
        struct str subject = signature->keyinfo_count ? signature->keyinfo[0].subject : (struct str){ 0 };
        struct finding *finding = check_reportf(
            run, check,
            "The %.*s is signed by a key your metadata does not list: fingerprint %.*s (%.*s), your metadata lists "
            "%.*s.%.*s",
            STR_ARG(signature->parent_name), STR_ARG(received), STR_ARG(subject), STR_ARG(trusted_list(run)),
            STR_ARG(carried_key_reading(run, signature)));
        if (!is_rotation(run, signature)) {
            finding_attack(finding, ATTACK_CARRIED_KEY);
        }
        finding_mismatch(finding, trusted_list(run), received, "the given certificates or metadata");
        finding->near_miss = NEAR_MISS_NONE;
        finding_at(finding, signature->where);
        return;
    }
}

static void
cert_rotated(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (!signed_by_other(run, signature) || signature->keyinfo_count == 0) {
            continue;
        }
        const struct certificate_facts *signer = &signature->keyinfo[0];
        const struct certificate_facts *old = older_sibling(run, signer);
        if (!old) {
            continue;
        }
        struct finding *finding = check_reportf(
            run, check,
            "The identity provider signs with a newer certificate of the same name (%.*s): valid from %.*s, SHA-256 "
            "%s. The trusted one is from %.*s, SHA-256 %s.",
            STR_ARG(signer->subject), STR_ARG(facts_time(run, signer->not_before_ms)), signer->sha256,
            STR_ARG(facts_time(run, old->not_before_ms)), old->sha256);
        finding_mismatch(finding, str_from(old->sha256), str_from(signer->sha256),
                         "the given certificates or metadata");
        finding->near_miss = NEAR_MISS_NONE;
        finding_at(finding, signature->where);
        return;
    }
}

/* Another key that is trusted for the same entity, or NULL. */
static const struct certificate_facts *
second_key(const struct check_run *run, const struct dsig_signature *signature)
{
    const struct key_set *keys = run->context->settings->keys;
    struct str entity = key_set_trusted_entity(keys, (size_t)signature->trusted_key);
    for (size_t i = 0; i < key_set_trusted_count(keys); i++) {
        const struct certificate_facts *other = key_set_trusted(keys, i);
        if (other->parsed && str_eq(entity, key_set_trusted_entity(keys, i)) &&
            strcmp(other->spki_sha256, signature->key->spki_sha256) != 0 &&
            other->not_before_ms != signature->key->not_before_ms) {
            return other;
        }
    }
    return NULL;
}

static void
rollover(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        const struct certificate_facts *signer = signature->key;
        if (signature->trusted_key < 0 || !signer || !signer->parsed) {
            continue;
        }
        const struct certificate_facts *other = second_key(run, signature);
        if (!other) {
            continue;
        }
        bool coming = other->not_before_ms > signer->not_before_ms;
        finding_at(check_reportf(run, check,
                                 "Two keys are trusted, and the %s signs (valid from %.*s, SHA-256 %s). The other one "
                                 "(valid from %.*s, SHA-256 %s) %s.",
                                 coming ? "older" : "newer", STR_ARG(facts_time(run, signer->not_before_ms)),
                                 signer->sha256, STR_ARG(facts_time(run, other->not_before_ms)), other->sha256,
                                 coming ? "may take over: the service provider needs both until then"
                                        : "can be removed at the service provider when no message is signed by it"),
                   signature->where);
        return;
    }
}

static void
cert_renewed(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->trusted && signature->same_key_other_certificate) {
            finding_at(check_reportf(run, check,
                                     "Same key, renewed certificate: the message carries another certificate than "
                                     "the trusted one, over the same key. The signature is good; a service provider "
                                     "that compares certificates will refuse it."),
                       signature->where);
            return;
        }
    }
}

static void
cert_expired(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct certificate_facts *certificate = signature_certificate(&run->saml->signatures[i]);
        if (certificate && certificate->parsed && certificate->not_after_ms < run->context->now_ms) {
            int64_t ago = run->context->now_ms - certificate->not_after_ms;
            finding_at(
                check_reportf(run, check,
                              "The signing certificate (%.*s) expired on %.*s, %.*s ago. The signature itself is "
                              "judged by the key alone.",
                              STR_ARG(certificate->subject), STR_ARG(facts_time(run, certificate->not_after_ms)),
                              STR_ARG(facts_duration(run->arena, ago))),
                run->saml->signatures[i].where);
            return;
        }
    }
}

static void
cert_expiring(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct certificate_facts *certificate = signature_certificate(&run->saml->signatures[i]);
        if (!certificate || !certificate->parsed) {
            continue;
        }
        int64_t left = certificate->not_after_ms - run->context->now_ms;
        if (left >= 0 && left < SOON_DAYS * DAY_MS) {
            finding_at(check_reportf(run, check, "The signing certificate (%.*s) expires on %.*s, in %.*s.",
                                     STR_ARG(certificate->subject), STR_ARG(facts_time(run, certificate->not_after_ms)),
                                     STR_ARG(facts_duration(run->arena, left))),
                       run->saml->signatures[i].where);
            return;
        }
    }
}

static void
cert_not_yet_valid(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct certificate_facts *certificate = signature_certificate(&run->saml->signatures[i]);
        if (certificate && certificate->parsed && certificate->not_before_ms > run->context->now_ms) {
            finding_at(check_reportf(run, check, "The signing certificate (%.*s) is valid only from %.*s on.",
                                     STR_ARG(certificate->subject),
                                     STR_ARG(facts_time(run, certificate->not_before_ms))),
                       run->saml->signatures[i].where);
            return;
        }
    }
}

static void
key_too_small(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct certificate_facts *certificate = signature_certificate(&run->saml->signatures[i]);
        bool rsa = certificate && str_eq_c(certificate->key_type, "RSA");
        bool ec = certificate && str_eq_c(certificate->key_type, "EC");
        if (!certificate || certificate->key_bits <= 0 ||
            !((rsa && certificate->key_bits < 2048) || (ec && certificate->key_bits < 256))) {
            continue;
        }
        bool broken = rsa && certificate->key_bits < 1024;
        struct finding *finding =
            check_reportf(run, check, "The signing key is %.*s with %d bits; %s.", STR_ARG(certificate->key_type),
                          certificate->key_bits,
                          broken ? "AWS IAM documents that it refuses less than 1024, and such keys can be factored"
                                 : "2048 bits of RSA or 256 of EC are the least that is advised today");
        finding->severity = broken ? SEVERITY_ERROR : SEVERITY_WARNING;
        finding_at(finding, run->saml->signatures[i].where);
        return;
    }
}

static void
sha1_used(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (str_ends_c(signature->signature_method, "sha1") || str_ends_c(signature->digest_method, "sha1")) {
            finding_at(check_reportf(run, check,
                                     "SignatureMethod is %.*s, DigestMethod %.*s. It verifies where SHA-1 is still "
                                     "allowed; newer systems refuse it.",
                                     STR_ARG(signature->signature_method), STR_ARG(signature->digest_method)),
                       signature->where);
            return;
        }
    }
}

static void
keyinfo_missing(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; run->saml && i < run->saml->signature_count; i++) {
        const struct dsig_signature *signature = &run->saml->signatures[i];
        if (signature->keyinfo_count == 0) {
            struct finding *finding = check_reportf(
                run, check, "The signature of %.*s does not carry its certificate, so which key made it is %s.",
                STR_ARG(signature->parent_name), signature->value == DSIG_OK ? "known only by trying" : "not known");
            finding->severity = signature->value == DSIG_OK ? SEVERITY_INFO : SEVERITY_WARNING;
            finding_at(finding, signature->where);
            return;
        }
    }
}

static const struct check table[] = {
    { CORE_ROW("sig-wrong-key", ERROR, MESSAGE, KEY, SP_ADMIN, STANDARD, PROVEN,
               "signed with a key that is not the trusted one"),
      .fixed = true,
      .means = "The message is intact, but the service provider knows another certificate. The commonest cause of "
               "\"Response signature invalid\".",
      .rule = "The key that verifies is one of the keys in the trusted metadata or certificates.",
      .spec = "SAML Metadata 2.4.1.1 · saml-verification SIG-08, SIG-13, 4.4, ATK-FAKEKEY",
      .source = "AWS IAM User Guide, Troubleshoot SAML federation (2023)",
      .follows = "sig-cert-rotated sig-idp-inactive-cert sig-wrong-app-metadata sig-wrapping-suspect",
      .fixes = { { "okta", "Application → Sign On → SAML Signing Certificates: the active one must be the one that the "
                           "service provider has." },
                 { "entra",
                   "Single sign-on → SAML certificates: \"Make certificate active\"; every application has its "
                   "own certificate: take the metadata of this one." },
                 { "adfs", "AD FS rolls its certificate by itself: take FederationMetadata.xml again." },
                 { "any", "Load the identity provider's current metadata at the service provider. AWS IAM: aws iam "
                          "update-saml-provider. Identity Center: Settings → Identity source → Manage authentication → "
                          "Import certificate." } },
      .run = wrong_key },
    { CORE_ROW("sig-cert-rotated", ERROR, MESSAGE, KEY, SP_ADMIN, INFERRED, LIKELY,
               "the identity provider has a new signing certificate"),
      .fixed = true,
      .means = "Everybody fails from the moment of the change until the service provider gets the new certificate.",
      .rule = "The signing certificate has the subject of a trusted one, another key and a later start.",
      .spec = "saml-verification SIG-14, MD-05",
      .source = "AWS IAM Identity Center User Guide, Rotate a SAML 2.0 certificate",
      .fixes = { { "any", "Import the new certificate beside the old one; delete the old one when the new one works. "
                          "Next time import it before it is activated." },
                 { "adfs",
                   "AutoCertificateRollover: load FederationMetadata.xml again between generation and promotion "
                   "of the new certificate." } },
      .run = cert_rotated },
    { CORE_ROW("sig-key-rollover", INFO, MESSAGE, NOTE, SP_ADMIN, INFERRED, PROVEN,
               "one of two trusted keys signs: a change of keys is under way"),
      .means = "Nothing is wrong: this is how a change of keys without a break looks.",
      .rule = "Of the keys that are trusted for the identity provider, all made signatures, or there is only one.",
      .spec = "saml-verification SIG-14, MD-05",
      .source = "AWS IAM Identity Center User Guide, Rotate a SAML 2.0 certificate",
      .fixes = { { "any",
                   "Keep both keys at the service provider until the newer one signs; then remove the older." } },
      .run = rollover },
    { CORE_ROW("sig-cert-renewed", INFO, MESSAGE, NOTE, SP_ADMIN, STANDARD, PROVEN,
               "another certificate over the same key"),
      .means = "The certificate was renewed without changing the key. Nothing is wrong with the signature.",
      .rule = "The certificate in KeyInfo differs from the trusted one, the public key does not.",
      .spec = "SAML Core 5.4.5 · saml-verification SIG-13", .source = DSIG,
      .fixes = { { "any", "Import the renewed certificate when convenient." } }, .run = cert_renewed },
    { CORE_ROW("sig-cert-expired", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the signing certificate is expired"),
      .means = "Most service providers take the key and ignore the dates. Identity Center shows the certificate red; "
               "whether AWS refuses it is not documented.",
      .rule = "NotAfter of the signing certificate is not in the past.", .limit = "NotAfter is now",
      .spec = "SAML IIP-MD12 · saml-verification SIG-09",
      .source = "AWS IAM Identity Center User Guide, Certificate expiration status indicators",
      .follows = "sig-wrong-key sig-cert-rotated",
      .fixes = { { "okta", "Sign On → SAML Signing Certificates: generate, import at the service provider, activate." },
                 { "entra", "SAML certificates: new certificate, import it at the service provider, make it active." },
                 { "any", "Renew the certificate and import it at the service provider before activating it." } },
      .run = cert_expired },
    { CORE_ROW("sig-cert-expiring", WARNING, MESSAGE, NOTE, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the signing certificate expires soon"),
      .means = "Identity Center shows it yellow from 90 days before. A rotation is coming: plan it.",
      .rule = "NotAfter is at least 90 days away.", .limit = "90 days", .spec = "saml-verification SIG-09",
      .source = "AWS IAM Identity Center User Guide, Certificate expiration status indicators",
      .fixes = { { "any", "Make the new certificate, import it at the service provider, then activate it." } },
      .run = cert_expiring },
    { CORE_ROW("sig-cert-not-yet-valid", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "the signing certificate is not valid yet"),
      .means = "Service providers that look at the dates refuse it; or a clock is wrong.",
      .rule = "NotBefore of the signing certificate is not in the future.", .limit = "NotBefore is now",
      .spec = "SAML IIP-MD12 · saml-verification SIG-09", .source = DSIG, .follows = "sig-wrong-key sig-cert-rotated",
      .fixes = { { "any", "Check the clocks; wait, or issue it again." } }, .run = cert_not_yet_valid },
    { CORE_ROW("sig-key-too-small", WARNING, MESSAGE, NOTE, IDP_ADMIN, DOCUMENTED, PROVEN, "the signing key is small"),
      .means = "Short keys can be broken; AWS IAM refuses metadata with less than 1024 bits.",
      .rule = "RSA keys have 2048 bits or more (less than 1024: an error), EC keys 256 or more.",
      .limit = "2048 bits (RSA), 256 bits (EC)", .spec = "SAML2Int SDP-MD06 · saml-verification SIG-11, 4.5",
      .source = "AWS IAM User Guide, Create a SAML identity provider",
      .fixes = { { "any", "Make a certificate with RSA 2048 or more." } }, .run = key_too_small },
    { CORE_ROW("sig-sha1", WARNING, MESSAGE, NOTE, IDP_ADMIN, DOCUMENTED, PROVEN, "the signature uses SHA-1"),
      .means = "It usually works, but SHA-1 is being switched off everywhere. (The hash inside the certificate is "
               "another matter.)",
      .rule = "Neither SignatureMethod nor DigestMethod is SHA-1.",
      .spec = "SAML2Int SDP-ALG01 · saml-verification SIG-10, 4.5",
      .source = "Okta Developer, Upgrade SAML apps to SHA256; Microsoft Entra, certificate signing options",
      .fixes = { { "okta", "Generate a SHA-256 certificate for the application; the service provider needs it before "
                           "it is active." },
                 { "entra", "SAML certificates → Signing Algorithm = SHA-256." },
                 { "adfs", "Relying party → Properties → Advanced → SHA-256." },
                 { "keycloak", "Client → Signature algorithm = RSA_SHA256." },
                 { "any", "Sign with RSA-SHA256." } },
      .run = sha1_used },
    { CORE_ROW("sig-keyinfo-missing", WARNING, MESSAGE, NOTE, IDP_ADMIN, INFERRED, PROVEN,
               "the signature does not carry its certificate"),
      .means = "Allowed, but when verification fails nobody can tell which key signed.",
      .rule = "KeyInfo has an X509Certificate.", .spec = "SAML Core 5.4.5 · saml-verification SIG-13", .source = DSIG,
      .fixes = { { "keycloak", "Client: Include certificate in signature (SAML signature key name)." },
                 { "any", "Let the identity provider include its certificate." } },
      .run = keyinfo_missing },
};

CHECK_SET(core_signing_key, table);
