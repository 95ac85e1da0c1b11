/* SPDX-License-Identifier: MIT */
/* Metadata files: are they what they should be, and still good? */
#include "facts.h"

#define METADATA_SPEC "OASIS SAML 2.0 Metadata (2005)"
#define DAY_MS INT64_C(86400000)

enum { SOON_DAYS = 90 };

/* The file is what is examined, not something that was given beside a message. */
static bool
is_input(const struct check_run *run)
{
    return run->saml && run->saml->metadata == run->metadata;
}

/* Old or odd metadata beside a message is no proof that the receiver has the same file. */
static struct finding *
report(struct check_run *run, const struct check *check, const struct metadata_entity *entity, struct str text)
{
    const struct metadata *metadata = run->metadata;
    bool name_it = !is_input(run) && metadata->source.len > 0;
    struct finding *finding = check_reportf(run, check, "%.*s%s%.*s%s", STR_ARG(text), name_it ? " (" : "",
                                            STR_ARG(name_it ? metadata->source : STR("")), name_it ? ")" : "");
    if (!is_input(run) && finding->severity == SEVERITY_ERROR) {
        finding->severity = SEVERITY_WARNING;
    }
    return entity && is_input(run) ? finding_at(finding, entity->where) : finding;
}

static void
parse_failed(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        if (entity->entity_id.len == 0) {
            report(run, check, entity, STR("An EntityDescriptor has no entityID."));
        } else if (!entity->idp.present && !entity->sp.present && !run->metadata->aggregate) {
            report(run, check, entity,
                   arena_printf(run->arena, "\"%.*s\" has neither IDPSSODescriptor nor SPSSODescriptor.",
                                STR_ARG(entity->entity_id)));
        }
    }
    if (run->metadata->entity_count == 0) {
        report(run, check, NULL, STR("The metadata describes no entity."));
    }
}

static void
no_signing_key(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        size_t keys = 0;
        for (size_t k = 0; k < entity->idp.key_count; k++) {
            keys += entity->idp.keys[k].use != KEY_USE_ENCRYPTION ? 1 : 0;
        }
        if (entity->idp.present && keys == 0) {
            report(run, check, entity,
                   arena_printf(run->arena,
                                "The identity provider \"%.*s\" has no signing certificate in its metadata.",
                                STR_ARG(entity->entity_id)));
        }
    }
}

static void
bad_certificate(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        for (size_t k = 0; k < entity->idp.key_count; k++) {
            if (!entity->idp.keys[k].certificate.parsed) {
                report(run, check, entity,
                       arena_printf(run->arena, "Certificate %zu of \"%.*s\" cannot be read.", k + 1,
                                    STR_ARG(entity->entity_id)));
            }
        }
    }
}

static void
expired(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        int64_t late = run->context->now_ms - entity->valid_until.ms;
        if (entity->has_valid_until && late >= run->context->skew_ms) {
            report(run, check, entity,
                   arena_printf(run->arena, "The metadata of \"%.*s\" was valid until %.*s, which is %.*s ago.%.*s",
                                STR_ARG(entity->entity_id), STR_ARG(entity->valid_until_text),
                                STR_ARG(facts_duration(run->arena, late)), STR_ARG(check_would_pass(run, late + 1))));
        }
    }
}

static void
judge_keys(struct check_run *run, const struct check *check, const struct metadata_entity *entity, int64_t from_ms,
           int64_t to_ms, const char *what)
{
    for (size_t k = 0; k < entity->idp.key_count; k++) {
        const struct certificate_facts *certificate = &entity->idp.keys[k].certificate;
        int64_t left = certificate->not_after_ms - run->context->now_ms;
        if (certificate->parsed && left >= from_ms && left < to_ms) {
            report(run, check, entity,
                   arena_printf(run->arena, "The certificate %.*s of \"%.*s\" %s %.*s (SHA-256 %s).",
                                STR_ARG(certificate->subject), STR_ARG(entity->entity_id), what,
                                STR_ARG(facts_time(run, certificate->not_after_ms)), certificate->sha256));
        }
    }
}

static void
cert_expired(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        judge_keys(run, check, &run->metadata->entities[i], INT64_MIN, 0, "expired on");
    }
}

static void
cert_expiring(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        judge_keys(run, check, &run->metadata->entities[i], 0, SOON_DAYS * DAY_MS, "expires on");
    }
}

static void
key_too_small(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        for (size_t k = 0; k < entity->idp.key_count; k++) {
            const struct certificate_facts *certificate = &entity->idp.keys[k].certificate;
            bool rsa = str_eq_c(certificate->key_type, "RSA"), ec = str_eq_c(certificate->key_type, "EC");
            if (!certificate->parsed ||
                !((rsa && certificate->key_bits < 2048) || (ec && certificate->key_bits < 256))) {
                continue;
            }
            bool refused = rsa && certificate->key_bits < 1024;
            struct finding *finding =
                report(run, check, entity,
                       arena_printf(run->arena, "The certificate %.*s has an %s key of %d bits; %s.",
                                    STR_ARG(certificate->subject), rsa ? "RSA" : "EC", certificate->key_bits,
                                    refused ? "AWS IAM refuses less than 1024"
                                    : rsa   ? "2048 are advised"
                                            : "256 are advised"));
            finding->severity = refused && is_input(run) ? SEVERITY_ERROR : SEVERITY_WARNING;
        }
    }
}

static void
no_saml2(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        if ((entity->idp.present && !entity->idp.supports_saml2) ||
            (entity->sp.present && !entity->sp.supports_saml2)) {
            report(run, check, entity,
                   arena_printf(run->arena, "protocolSupportEnumeration of \"%.*s\" does not name SAML 2.0.",
                                STR_ARG(entity->entity_id)));
        }
    }
}

static void
judge_endpoints(struct check_run *run, const struct check *check, const struct metadata_entity *entity,
                const struct metadata_role *role, const char *name)
{
    for (size_t i = 0; i < role->sso_count; i++) {
        if (!str_starts_nocase(role->sso[i].location, STR("https://"))) {
            report(run, check, entity,
                   arena_printf(run->arena, "%s of \"%.*s\" is \"%.*s\", which is not https.", name,
                                STR_ARG(entity->entity_id), STR_ARG(role->sso[i].location)));
            return;
        }
    }
}

static void
endpoint_not_https(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        judge_endpoints(run, check, entity, &entity->idp, "SingleSignOnService");
        judge_endpoints(run, check, entity, &entity->sp, "AssertionConsumerService");
    }
}

static void
no_endpoint(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        bool idp = entity->idp.present && entity->idp.sso_count == 0;
        bool sp = entity->sp.present && entity->sp.sso_count == 0;
        if (idp || sp) {
            report(run, check, entity,
                   arena_printf(run->arena, "\"%.*s\" has no %s.", STR_ARG(entity->entity_id),
                                idp ? "SingleSignOnService" : "AssertionConsumerService"));
        }
    }
}

static void
sp_instead_of_idp(struct check_run *run, const struct check *check)
{
    struct str idp = run->context->settings->idp_entity_id;
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        if (!entity->sp.present || entity->idp.present) {
            continue;
        }
        bool taken_for_idp = str_present(idp) && str_eq(idp, entity->entity_id);
        if (taken_for_idp || is_input(run)) {
            struct finding *finding =
                report(run, check, entity,
                       arena_printf(
                           run->arena,
                           "\"%.*s\" is a service provider%s. This file belongs to the identity provider; uploading it "
                           "where the identity provider's metadata is asked for does not work.",
                           STR_ARG(entity->entity_id), taken_for_idp ? ", but it is named as identity provider" : ""));
            finding->severity = taken_for_idp ? SEVERITY_ERROR : SEVERITY_INFO;
        }
    }
}

static void
entity_mismatch(struct check_run *run, const struct check *check)
{
    struct str expected = run->context->settings->idp_entity_id;
    if (!str_present(expected)) {
        return;
    }
    const struct metadata_entity *idp = NULL;
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &run->metadata->entities[i];
        if (str_eq(entity->entity_id, expected)) {
            return;
        }
        idp = entity->idp.present && !idp ? entity : idp;
    }
    if (idp) {
        struct finding *finding = report(
            run, check, idp,
            arena_printf(run->arena, "The metadata is of \"%.*s\", --idp-entity-id says \"%.*s\": %s.",
                         STR_ARG(idp->entity_id), STR_ARG(expected), facts_near_miss_words(expected, idp->entity_id)));
        finding_mismatch(finding, expected, idp->entity_id, "--idp-entity-id");
    }
}

/* --- signature ------------------------------------------------------------------------------------- */

static void
signature_invalid(struct check_run *run, const struct check *check)
{
    const struct metadata *metadata = run->metadata;
    if (is_input(run)) {
        return;
    }
    if (metadata->signature == METADATA_SIGNATURE_BAD) {
        check_reportf(run, check, "The signature over the metadata (%.*s) does not hold: %.*s.",
                      STR_ARG(metadata->source), STR_ARG(metadata->signature_why));
    } else if (metadata->signature == METADATA_SIGNATURE_UNCHECKED) {
        check_skipped(run, check,
                      arena_printf(run->arena, "%.*s (--metadata-cert)", STR_ARG(metadata->signature_why)).ptr);
    }
}

static void
signature_missing(struct check_run *run, const struct check *check)
{
    const struct key_set *signers = run->context->settings->metadata_signers;
    if (!is_input(run) && signers && key_set_trusted_count(signers) > 0 &&
        run->metadata->signature == METADATA_UNSIGNED) {
        check_reportf(run, check,
                      "The metadata (%.*s) is not signed, although the certificate of its signer was given.",
                      STR_ARG(run->metadata->source));
    }
}

#define META_ROW(check_id, how_bad, owner, rests_on, title)                                                            \
    CORE_ROW(check_id, how_bad, METADATA, NOTE, owner, rests_on, PROVEN, title)

static const struct check table[] = {
    { META_ROW("meta-parse-failed", ERROR, IDP_ADMIN, DOCUMENTED, "this is no usable metadata"),
      .means = "AWS answers \"Could not parse metadata\".",
      .rule = "An EntityDescriptor with an entityID and an IDPSSODescriptor or SPSSODescriptor.",
      .spec = "SAML Metadata 2.3.2, 2.4 · saml-verification MD-02",
      .source = "AWS IAM User Guide, Create a SAML identity provider",
      .fixes = { { "any", "Download the metadata again; do not edit it by hand." } }, .run = parse_failed },
    { META_ROW("meta-signature-invalid", ERROR, SP_ADMIN, STANDARD, "the signature over the metadata does not hold"),
      .fixed = true,
      .means = "Somebody may have put a key of their own into it: nothing that rests on this file is proven.",
      .rule = "Signed metadata verifies with the certificate that was given for it (--metadata-cert).",
      .spec = "SAML2Int SDP-MD02, IIP-MD03 · saml-verification MD-03", .source = METADATA_SPEC,
      .fixes = { { "any", "Download the metadata again, and the signer's certificate on another way." } },
      .run = signature_invalid },
    { META_ROW("meta-signature-missing", WARNING, SP_ADMIN, STANDARD, "the metadata is not signed"),
      .means = "The file is only as trustworthy as the way on which it came.",
      .rule = "Metadata is signed when the certificate of its signer was given (--metadata-cert).",
      .spec = "SAML2Int SDP-MD02, IIP-MD03 · saml-verification MD-03", .source = METADATA_SPEC,
      .fixes = { { "any", "Take the signed file of the federation, or leave --metadata-cert out." } },
      .run = signature_missing },
    { META_ROW("meta-no-signing-key", ERROR, IDP_ADMIN, STANDARD, "the metadata has no signing certificate"),
      .means = "Nobody can verify what this identity provider signs.",
      .rule = "IDPSSODescriptor has a KeyDescriptor without use or with use=\"signing\".",
      .spec = "SAML Metadata 2.4.1.1 (E62) · saml-verification MD-04, SIG-08", .source = METADATA_SPEC,
      .fixes = { { "any", "Download the metadata again; check that the application signs." } }, .run = no_signing_key },
    { META_ROW("meta-certificate-unreadable", ERROR, IDP_ADMIN, DOCUMENTED, "a certificate in the metadata is damaged"),
      .means = "The receiver refuses the file or ignores the key.",
      .rule = "X509Certificate is the base64 of one DER certificate.",
      .spec = "SAML Metadata 2.4.1.1 · saml-verification MD-04",
      .source = "AWS IAM User Guide, Create a SAML identity provider",
      .fixes = { { "any", "Download the metadata again." } }, .run = bad_certificate },
    { META_ROW("meta-expired", ERROR, IDP_ADMIN, STANDARD, "the metadata is out of date"),
      .means = "By the standard it must not be used any more. Beside a message it is a warning: what AWS does with "
               "old metadata is not documented.",
      .rule = "now < validUntil + skew.", .limit = "validUntil is 1 ms after now - skew",
      .spec = "SAML Metadata 2.3.2 · saml-verification MD-01", .source = METADATA_SPEC,
      .fixes = { { "any", "Load a fresh file." } }, .run = expired },
    { META_ROW("meta-cert-expired", WARNING, IDP_ADMIN, STANDARD, "a certificate in the metadata is expired"),
      .means = "The key still works at most receivers; Identity Center shows it red.",
      .rule = "NotAfter of each certificate is in the future.", .limit = "NotAfter is now",
      .spec = "SAML IIP-MD12 · saml-verification MD-04, SIG-09",
      .source = "AWS IAM Identity Center User Guide, Certificate expiration status indicators",
      .fixes = { { "any", "Renew the certificate, or remove it when it signs no longer." } }, .run = cert_expired },
    { META_ROW("meta-cert-expiring", WARNING, IDP_ADMIN, DOCUMENTED, "a certificate in the metadata expires soon"),
      .means = "Identity Center shows it yellow from 90 days before.", .rule = "NotAfter is at least 90 days away.",
      .limit = "90 days", .spec = "saml-verification MD-04, MD-05",
      .source = "AWS IAM Identity Center User Guide, Certificate expiration status indicators",
      .fixes = { { "any", "Plan the rotation: import the new certificate before it is activated." } },
      .run = cert_expiring },
    { META_ROW("meta-key-too-small", WARNING, IDP_ADMIN, DOCUMENTED, "a key in the metadata is small"),
      .means = "AWS IAM refuses the file below 1024 bits.",
      .rule = "RSA keys have 2048 bits or more (less than 1024: an error), EC keys 256 or more.",
      .limit = "2048 bits (RSA), 256 bits (EC)", .spec = "SAML2Int SDP-MD06 · saml-verification SIG-11",
      .source = "AWS IAM User Guide, Create a SAML identity provider",
      .fixes = { { "any", "Make a certificate with RSA 2048 or more." } }, .run = key_too_small },
    { META_ROW("meta-no-saml2", ERROR, IDP_ADMIN, STANDARD, "the metadata is not for SAML 2.0"),
      .means = "SAML 2.0 software ignores the role.",
      .rule = "protocolSupportEnumeration holds urn:oasis:names:tc:SAML:2.0:protocol.",
      .spec = "SAML Metadata 2.4.1 · saml-verification MD-02", .source = METADATA_SPEC,
      .fixes = { { "any", "Export SAML 2.0 metadata." } }, .run = no_saml2 },
    { META_ROW("meta-endpoint-not-https", WARNING, IDP_ADMIN, STANDARD, "an endpoint is not https"),
      .means = "Sign-in over plain HTTP can be taken over; Identity Center refuses such metadata (observed).",
      .rule = "Locations of sign-on endpoints start with https://.",
      .spec = "SAML2Int SDP-SP09, SDP-IDP03 · saml-verification BND-06", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "keycloak", "Set hostname and proxy headers, so that it knows its public URL." },
                 { "any", "Set the public https URL." } },
      .run = endpoint_not_https },
    { META_ROW("meta-no-endpoint", ERROR, IDP_ADMIN, STANDARD, "the metadata names no endpoint"),
      .means = "The other side does not know where to send the browser.",
      .rule = "IDPSSODescriptor has a SingleSignOnService, SPSSODescriptor an AssertionConsumerService.",
      .spec = "SAML Metadata 2.4.3, 2.4.4 · saml-verification MD-02", .source = METADATA_SPEC,
      .fixes = { { "any", "Download the metadata again." } }, .run = no_endpoint },
    { META_ROW("meta-sp-instead-of-idp", INFO, IDP_ADMIN, OBSERVED, "this is the service provider's metadata"),
      .means = "It is for the identity provider. A frequent mix-up: AWS's own file uploaded to AWS.",
      .rule = "Where the identity provider's metadata is asked for, the file has an IDPSSODescriptor.",
      .spec = "saml-verification MD-02", .source = "reports of users of the Entra tutorial",
      .fixes = { { "entra", "Upload \"Federation Metadata XML\" of the application to AWS." },
                 { "any",
                   "Upload the identity provider's metadata at the service provider, and this file at the identity "
                   "provider." } },
      .run = sp_instead_of_idp },
    { META_ROW("meta-entity-mismatch", ERROR, IDP_ADMIN, STANDARD, "the metadata is of another entity"),
      .means = "Keys and endpoints of another identity provider would be used.",
      .rule = "entityID is the one that was named.", .spec = "SAML Metadata 2.3.2 · saml-verification MD-02",
      .source = METADATA_SPEC, .fixes = { { "any", "Take the metadata of the application that signs in." } },
      .run = entity_mismatch },
};

CHECK_SET(core_metadata, table);
