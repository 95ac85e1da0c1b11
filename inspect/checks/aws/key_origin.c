/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "vendor.h"

/* Where a signing key that the service provider does not know most likely is from. */

enum { SOON_DAYS = 90 };
#define DAY_MS INT64_C(86400000)

/* The certificate that signed, when it is none of the trusted ones; NULL otherwise. */
static const struct certificate_facts *
foreign_signer(const struct check_run *run, const struct dsig_signature **signature)
{
    const struct key_set *keys = run->context->settings->keys;

    if (run->saml == NULL || keys == NULL || key_set_trusted_count(keys) == 0)
        return NULL;
    for (size_t i = 0; i < run->saml->signature_count; i++) {
        *signature = &run->saml->signatures[i];
        if (!(*signature)->trusted && (*signature)->trusted_key < 0 && (*signature)->verified_by_keyinfo &&
            (*signature)->keyinfo_count > 0 && (*signature)->keyinfo[0].parsed)
            return &(*signature)->keyinfo[0];
    }
    return NULL;
}

/* A trusted certificate of the same subject: the one that is younger, or older, than the signer's. */
static const struct certificate_facts *
sibling(const struct check_run *run, const struct certificate_facts *signer, bool younger)
{
    const struct key_set *keys = run->context->settings->keys;

    for (size_t i = 0; i < key_set_trusted_count(keys); i++) {
        const struct certificate_facts *trusted = key_set_trusted(keys, i);

        if (trusted->parsed && signer->subject.len > 0 && str_eq(trusted->subject, signer->subject) &&
            (younger ? trusted->not_before_ms > signer->not_before_ms : trusted->not_before_ms < signer->not_before_ms))
            return trusted;
    }
    return NULL;
}

static void
report_pair(struct check_run *run, const struct check *check, struct str text, const struct certificate_facts *trusted,
            const struct dsig_signature *signature)
{
    struct finding *finding = check_report(run, check, text);

    finding_mismatch(finding, str_from(trusted->sha256), str_from(signature->keyinfo[0].sha256),
                     "the given certificates or metadata");
    finding->near_miss = NEAR_MISS_NONE;
    finding_at(finding, signature->where);
}

static void
adfs_rollover(struct check_run *run, const struct check *check)
{
    const struct dsig_signature *signature = NULL;
    const struct certificate_facts *signer = foreign_signer(run, &signature);
    const struct certificate_facts *trusted = signer != NULL ? sibling(run, signer, false) : NULL;

    if (trusted == NULL || !signer->self_signed || str_find_nocase(signer->subject, STR("ADFS Signing")) == SIZE_MAX)
        return;
    report_pair(
        run, check,
        STR("Both certificates are of the kind that AD FS makes for itself, and it signs with the newer one: it "
            "has rolled over."),
        trusted, signature);
}

static void
inactive_certificate(struct check_run *run, const struct check *check)
{
    const struct dsig_signature *signature = NULL;
    const struct certificate_facts *signer = foreign_signer(run, &signature);
    const struct certificate_facts *trusted = signer != NULL ? sibling(run, signer, true) : NULL;

    if (trusted == NULL)
        return;
    report_pair(run, check,
                arena_printf(run->arena,
                             "The identity provider still signs with an older certificate (%.*s, valid from %.*s) than "
                             "the one that is trusted (valid from %.*s).",
                             STR_ARG(aws_clip(signer->subject)),
                             STR_ARG(xstime_format(run->arena, signer->not_before_ms)),
                             STR_ARG(xstime_format(run->arena, trusted->not_before_ms))),
                trusted, signature);
}

/* The given entity of the same vendor that is not the one that signed, or NULL. */
static const struct metadata_entity *
other_app(const struct check_run *run, struct str issuer)
{
    const struct settings *settings = run->context->settings;

    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++) {
            const struct metadata_entity *entity = &settings->metadata[i]->entities[k];

            if (entity->idp.present && !str_eq(entity->entity_id, issuer) &&
                vendor_by_issuer(entity->entity_id) == run->context->idp_vendor.vendor)
                return entity;
        }
    return NULL;
}

static void
wrong_app(struct check_run *run, const struct check *check)
{
    const struct dsig_signature *signature = NULL;
    const struct certificate_facts *signer = foreign_signer(run, &signature);
    struct str issuer = run->saml != NULL ? str_trim(run->saml->issuer.value.text) : (struct str){ 0 };
    const struct metadata_entity *other;
    struct finding *finding;

    if (signer == NULL || issuer.len == 0 || !(aws_is_vendor(run, "okta") || aws_is_vendor(run, "entra")))
        return;
    other = other_app(run, issuer);
    if (other == NULL)
        return;
    finding = check_reportf(run, check,
                            "The metadata given is of another app or tenant of %s than the one that signed, and each "
                            "app has a key of its own.",
                            run->context->idp_vendor.vendor->title);
    finding_mismatch(finding, other->entity_id, issuer, "entityID of the given metadata");
    finding_at(finding, signature->where);
}

/* One signing certificate in the whole metadata, and it ends soon. */
static void
single_certificate(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++) {
        const struct metadata_role *idp = &run->metadata->entities[i].idp;
        const struct certificate_facts *only = NULL;
        size_t count = 0;

        for (size_t k = 0; idp->present && k < idp->key_count; k++)
            if (idp->keys[k].use != KEY_USE_ENCRYPTION) {
                only = &idp->keys[k].certificate;
                count++;
            }
        if (count != 1 || !only->parsed || only->not_after_ms <= run->context->now_ms ||
            only->not_after_ms - run->context->now_ms > SOON_DAYS * DAY_MS)
            continue;
        struct finding *finding = check_reportf(run, check,
                                                "The metadata has one signing certificate, and it ends in %d days. "
                                                "Nothing is there to take over.",
                                                (int)((only->not_after_ms - run->context->now_ms) / DAY_MS));
        finding->received = xstime_format(run->arena, only->not_after_ms);
        finding->source = run->metadata->source;
        finding_at(finding, run->metadata->entities[i].where);
    }
}

static const struct check table[] = {
    {
        .id = "sig-adfs-auto-rollover",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "AD FS renewed its signing certificate by itself",
        .means = "That happens about once a year. AWS does not read AD FS's metadata again by itself.",
        .rule = "A newer certificate \"ADFS Signing\" is among the trusted ones when AD FS signs with it.",
        .spec = "-",
        .source = "Microsoft Learn, AD FS token-signing certificates; AWS Security Blog on AD FS (excerpts read 2026)",
        .follows = "sig-cert-rotated sig-wrong-key",
        .fixes = {
            FIX("adfs", "Load FederationMetadata.xml at AWS again. Get-AdfsCertificate -CertificateType Token-Signing "
                        "shows the next one before it is used: load the metadata then, both keys are in it."),
        },
        .run = adfs_rollover,
    },
    {
        .id = "sig-idp-inactive-cert",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the identity provider still signs with its old certificate",
        .means = "The new certificate was made and given to AWS, but not made active at the identity provider.",
        .rule = "No trusted certificate of the same name is newer than the one that signed.",
        .spec = "-",
        .source = "Okta Help, rotating signing certificates; Microsoft Learn, AWS tutorials (read 2026)",
        .follows = "",
        .fixes = {
            FIX("okta", "Sign On > SAML Signing Certificates > the new one > Actions > Activate."),
            FIX("entra", "Single sign-on > SAML certificates > the new one > Make certificate active."),
            FIX("any", "Activate the new certificate, or give AWS the old one beside it until then."),
        },
        .run = inactive_certificate,
    },
    {
        .id = "sig-wrong-app-metadata",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_KEY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_INFERRED,
        .title = "the metadata is of another app of the identity provider",
        .means = "Okta and Entra have a key for each app: metadata of one app does not verify another one's responses.",
        .rule = "With an unknown key of Okta or Entra, the metadata given is of the very issuer.",
        .spec = "-",
        .source = "inferred from Microsoft's and Okta's guides",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "The app that signs in > Sign On > Metadata URL: download and load that at AWS."),
            FIX("entra", "The app that signs in > Single sign-on > Federation Metadata XML: load that at AWS."),
        },
        .run = wrong_app,
    },
    {
        .id = "idc-cert-single",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_NOTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the only certificate ends soon",
        .means = "Identity Center trusts all certificates that were imported; with one alone its renewal is an outage.",
        .rule = "Metadata has a second signing certificate when the first ends within 90 days.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Rotate a SAML 2.0 certificate\"",
        .follows = "",
        .fixes = {
            FIX("any", "Make the next certificate now and import it: Settings > Identity source > Manage "
                       "authentication > Import certificate. Activate it at the identity provider afterwards."),
        },
        .run = single_certificate,
    },
};

CHECK_SET(checks_aws_key_origin, table);
