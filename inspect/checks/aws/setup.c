/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws_check.h"
#include "metadata.h"
#include "profile.h"

/* A setup held against itself, before anybody signs in: endpoints and certificates. */

enum { SOON_DAYS = 90, MAX_ENTITIES = 50 };
#define DAY_MS INT64_C(86400000)
#define COPY_OF_AWS "IAM SAML provider "

/* --- endpoints ------------------------------------------------------------------------------------ */

/* The first service provider in the metadata that was given, or NULL. */
static const struct metadata_entity *
given_sp(const struct settings *settings)
{
    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++)
            if (settings->metadata[i]->entities[k].sp.present)
                return &settings->metadata[i]->entities[k];
    return NULL;
}

static void
report_as(struct check_run *run, const char *id, const char *text, struct str expected, struct str received,
          const char *source)
{
    const struct check *row = check_find(str_from(id));

    if (row != NULL)
        finding_mismatch(check_report(run, row, str_from(text)), expected, received, source);
}

static bool
lists_endpoint(const struct metadata_entity *sp, struct str location)
{
    for (size_t i = 0; i < sp->sp.sso_count; i++)
        if (str_eq(sp->sp.sso[i].location, location))
            return true;
    return false;
}

/* What the app at the identity provider has, against the metadata of AWS. */
static void
compare_app(struct check_run *run, const struct metadata_entity *sp)
{
    const struct settings *settings = run->context->settings;
    struct str acs = settings->acs_url, entity = settings->sp_entity_id;
    struct str location = sp->sp.sso_count > 0 ? sp->sp.sso[0].location : (struct str){ 0 };
    unsigned product = profile_of_entity(sp->entity_id);

    if (str_present(acs) && profile_of_url(acs) != 0 && product != 0 && profile_of_url(acs) != product)
        report_as(run, "acs-wrong-product", "The app at the identity provider sends to another product of AWS.",
                  location, acs, "the given SP metadata");
    else if (str_present(acs) && str_present(location) && !lists_endpoint(sp, acs))
        report_as(run, "acs-url-mismatch", "The ACS URL of the app is none of those in AWS's metadata.", location, acs,
                  "the given SP metadata");
    if (str_present(entity) && !str_eq(entity, sp->entity_id))
        report_as(run, product == PROFILE_AWS_IAM ? "aud-mismatch-iam" : "aud-mismatch-idc",
                  "The audience that the app sends is not the entity ID in AWS's metadata.", sp->entity_id, entity,
                  "the given SP metadata");
}

static void
sp_metadata(struct check_run *run, const struct check *check)
{
    const struct metadata_entity *sp = given_sp(run->context->settings);
    struct str location;
    unsigned by_entity, by_endpoint;

    if (sp == NULL)
        return;
    location = sp->sp.sso_count > 0 ? sp->sp.sso[0].location : (struct str){ 0 };
    by_entity = profile_of_entity(sp->entity_id);
    by_endpoint = profile_of_url(location);
    if ((by_entity & PROFILE_AWS) == 0 && (by_endpoint & PROFILE_AWS) == 0) {
        struct finding *finding =
            check_report(run, check, STR("Neither entity ID nor ACS URL of the SP metadata belong to AWS."));

        finding->received = sp->entity_id;
        finding->source = STR("the given SP metadata");
        return;
    }
    if (by_entity != 0 && by_endpoint != 0 && by_entity != by_endpoint)
        report_as(run, "acs-wrong-product", "Entity ID and ACS URL of the SP metadata belong to different products.",
                  sp->entity_id, location, "the given SP metadata");
    compare_app(run, sp);
}

/* --- certificates --------------------------------------------------------------------------------- */

static bool
is_copy_of_aws(const struct metadata *metadata)
{
    return str_starts_c(metadata->source, COPY_OF_AWS);
}

/* Certificates that AWS is known to have: in its SAML providers, or named with --idp-cert. */
static size_t
count_of_aws(const struct settings *settings, const char *sha256)
{
    size_t count = 0;

    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; is_copy_of_aws(settings->metadata[i]) && k < settings->metadata[i]->entity_count; k++) {
            const struct metadata_role *idp = &settings->metadata[i]->entities[k].idp;

            for (size_t n = 0; n < idp->key_count; n++)
                count += sha256 == NULL || strcmp(idp->keys[n].certificate.sha256, sha256) == 0;
        }
    for (size_t i = 0; settings->keys != NULL && i < key_set_trusted_count(settings->keys); i++)
        if (!str_present(key_set_trusted_entity(settings->keys, i)))
            count += sha256 == NULL || strcmp(key_set_trusted(settings->keys, i)->sha256, sha256) == 0;
    return count;
}

static void
report_dates(struct check_run *run, const struct certificate_facts *certificate, struct str file)
{
    bool over = certificate->not_after_ms <= run->context->now_ms;
    const struct check *row = check_find(str_from(over ? "sig-cert-expired" : "sig-cert-expiring"));
    int64_t days = (certificate->not_after_ms - run->context->now_ms) / DAY_MS;
    struct finding *finding;

    if (row == NULL || days > SOON_DAYS || aws_is_found(run, row))
        return;
    finding = check_reportf(run, row,
                            over ? "The signing certificate (%.*s) in %.*s is over since %.*s."
                                 : "The signing certificate (%.*s) in %.*s ends on %.*s.",
                            STR_ARG(aws_clip(certificate->subject)), STR_ARG(file),
                            STR_ARG(xstime_format(run->arena, certificate->not_after_ms)));
    finding->received = xstime_format(run->arena, certificate->not_after_ms);
    finding->source = file;
}

/* Returns whether AWS has one of the signing certificates; *first gets the first one. */
static bool
aws_has_one(struct check_run *run, const struct metadata *metadata, const struct metadata_role *idp,
            const struct certificate_facts **first)
{
    bool found = false;

    for (size_t i = 0; i < idp->key_count; i++) {
        const struct certificate_facts *certificate = &idp->keys[i].certificate;

        if (idp->keys[i].use == KEY_USE_ENCRYPTION || !certificate->parsed)
            continue;
        *first = *first == NULL ? certificate : *first;
        found = found || count_of_aws(run->context->settings, certificate->sha256) > 0;
        report_dates(run, certificate, metadata->source);
    }
    return found;
}

static void
idp_certificate(struct check_run *run, const struct check *check)
{
    const struct settings *settings = run->context->settings;
    bool known = count_of_aws(settings, NULL) > 0;

    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count && k < MAX_ENTITIES; k++) {
            const struct metadata_entity *entity = &settings->metadata[i]->entities[k];
            const struct certificate_facts *first = NULL;
            struct finding *finding;

            if (is_copy_of_aws(settings->metadata[i]) || !entity->idp.present ||
                aws_has_one(run, settings->metadata[i], &entity->idp, &first) || first == NULL || !known)
                continue;
            finding = check_report(run, check,
                                   STR("No signing certificate of the identity provider is among those that AWS has: "
                                       "every response will be refused."));
            finding->received = str_from(first->sha256);
            finding->source = settings->metadata[i]->source;
            finding_at(finding, entity->where);
        }
    if (!known)
        check_skipped(run, check,
                      "which certificates AWS has was not given: 'aws iam get-saml-provider' in "
                      "--evidence-dir, or --idp-cert with the one that Identity Center shows");
}

static const struct check table[] = {
    {
        .id = "setup-sp-metadata",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SETUP,
        .profiles = PROFILE_ANY,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_INFERRED,
        .title = "the service provider's metadata is not AWS's",
        .means = "Identity provider and AWS were not set up for each other.",
        .rule = "Entity ID or ACS URL of the SP metadata belong to AWS IAM or Identity Center, both to one of them, "
                "and those of the app are in it.",
        .spec = "-",
        .source = "inferred from the forms of AWS's endpoints",
        .follows = "",
        .fixes = {
            FIX("any", "IAM: https://signin.aws.amazon.com/static/saml-metadata.xml. Identity Center: Settings > "
                       "Identity source > Manage authentication > Download metadata file."),
        },
        .run = sp_metadata,
    },
    {
        .id = "setup-idp-certificate",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SETUP,
        .profiles = PROFILE_ANY,
        .rank = RANK_KEY,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_STANDARD,
        .title = "AWS does not have the identity provider's certificate",
        .means = "AWS verifies responses with the certificates that it was given; it does not fetch new ones.",
        .rule = "A signing certificate of the IdP metadata is in the SAML provider of IAM, or is one of --idp-cert.",
        .spec = "SAML Metadata 2.4.1.1",
        .source = "SAML 2.0 Metadata",
        .follows = "",
        .fixes = {
            FIX("any", "IAM: aws iam update-saml-provider with the current metadata. Identity Center: Settings > "
                       "Identity source > Manage authentication > Import certificate."),
        },
        .run = idp_certificate,
    },
};

CHECK_SET(checks_aws_setup, table);
