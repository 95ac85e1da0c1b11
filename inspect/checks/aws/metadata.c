/* SPDX-License-Identifier: MIT */
#include "aws_check.h"
#include "url.h"

/* Metadata and certificates as AWS takes them. */

enum {
    PEM_LINE = 64,
    PEM_BEGIN = sizeof("-----BEGIN CERTIFICATE-----\n") - 1,
    PEM_END = sizeof("-----END CERTIFICATE-----\n") - 1,
};

/* A file given beside a response cannot fail the response: AWS may have been given another copy. */
static struct finding *
soften(const struct check_run *run, struct finding *finding)
{
    if (run->saml == NULL || run->saml->metadata != run->metadata)
        finding->severity = SEVERITY_WARNING;
    return finding;
}

typedef void entity_check(struct check_run *run, const struct check *check, const struct metadata_entity *entity);

static void
each_idp(struct check_run *run, const struct check *check, entity_check *judge)
{
    for (size_t i = 0; i < run->metadata->entity_count; i++)
        if (run->metadata->entities[i].idp.present)
            judge(run, check, &run->metadata->entities[i]);
}

static size_t
pem_length(struct str der)
{
    size_t base64 = (der.len + 2) / 3 * 4;

    return PEM_BEGIN + base64 + (base64 + PEM_LINE - 1) / PEM_LINE + PEM_END;
}

static void
long_certificates(struct check_run *run, const struct check *check, const struct metadata_entity *entity)
{
    for (size_t i = 0; i < entity->idp.key_count; i++) {
        const struct metadata_key *key = &entity->idp.keys[i];
        size_t length = pem_length(key->certificate.der);

        if (key->use == KEY_USE_ENCRYPTION || length <= AWS_IDC_CERTIFICATE_MAX)
            continue;
        struct str subject = aws_clip(key->certificate.subject);
        struct finding *finding =
            soften(run, check_reportf(run, check, "Certificate %zu%s%.*s has %zu characters as PEM.", i + 1,
                                      subject.len > 0 ? ", " : "", STR_ARG(subject), length));
        finding->expected = STR("at most 2500 characters");
        finding->received = arena_printf(run->arena, "%zu characters", length);
        finding->source = STR("quota of Identity Center");
        finding_at(finding, entity->where);
    }
}

static void
certificate_length(struct check_run *run, const struct check *check)
{
    each_idp(run, check, long_certificates);
}

static void
too_large(struct check_run *run, const struct check *check)
{
    if (run->metadata->characters <= AWS_IDC_METADATA_MAX)
        return;
    struct finding *finding =
        soften(run, check_reportf(run, check, "The metadata file has %zu characters.", run->metadata->characters));
    finding->expected = STR("at most 75000 characters");
    finding->received = arena_printf(run->arena, "%zu characters", run->metadata->characters);
    finding->source = STR("limit that AWS documents for Identity Center");
}

static void
incomplete_entity(struct check_run *run, const struct check *check, const struct metadata_entity *entity)
{
    bool has_certificate = false;

    for (size_t i = 0; i < entity->idp.key_count; i++)
        if (entity->idp.keys[i].use != KEY_USE_ENCRYPTION && entity->idp.keys[i].certificate.der.len > 0)
            has_certificate = true;
    if (entity->entity_id.len > 0 && has_certificate && entity->idp.sso_count > 0)
        return;
    finding_at(soften(run, check_reportf(run, check, "The identity provider's metadata lacks:%s%s%s.",
                                         entity->entity_id.len > 0 ? "" : " entityID;",
                                         has_certificate ? "" : " a signing certificate;",
                                         entity->idp.sso_count > 0 ? "" : " SingleSignOnService;")),
               entity->where);
}

static void
incomplete(struct check_run *run, const struct check *check)
{
    each_idp(run, check, incomplete_entity);
}

/* A scheme with one slash or none, or no host: what came out of a wrong public URL setting. */
static bool
is_broken_url(struct str text, bool must_be_https)
{
    struct url url;

    if (!str_starts_nocase(text, STR("http")))
        return must_be_https;
    if (!url_split(text, &url) || url.host.len == 0)
        return true;
    return must_be_https && !str_eq_nocase(url.scheme, STR("https"));
}

static void
report_url(struct check_run *run, const struct check *check, struct str text, const char *what, struct where where)
{
    struct finding *finding = soften(run, check_reportf(run, check, "%s is not a valid absolute URL (https).", what));

    finding->expected = STR("https://HOST/PATH");
    finding->received = text;
    finding->source = STR("form of an absolute URL");
    finding_at(finding, where);
}

static void
broken_urls(struct check_run *run, const struct check *check, const struct metadata_entity *entity)
{
    if (entity->entity_id.len > 0 && is_broken_url(entity->entity_id, false))
        report_url(run, check, entity->entity_id, "The entityID", entity->where);
    for (size_t i = 0; i < entity->idp.sso_count; i++)
        if (is_broken_url(entity->idp.sso[i].location, true))
            report_url(run, check, entity->idp.sso[i].location, "A SingleSignOnService Location", entity->where);
}

static void
url_invalid(struct check_run *run, const struct check *check)
{
    each_idp(run, check, broken_urls);
}

static void
byte_order_mark(struct check_run *run, const struct check *check)
{
    if (run->metadata->has_bom)
        soften(run, check_reportf(run, check, "The file begins with a byte order mark."));
}

static void
repeated_extensions(struct check_run *run, const struct check *check, const struct metadata_entity *entity)
{
    for (size_t i = 0; i < entity->idp.key_count; i++) {
        struct str subject = aws_clip(entity->idp.keys[i].certificate.subject);

        if (entity->idp.keys[i].certificate.repeated_extension)
            finding_at(soften(run, check_reportf(run, check, "Certificate %zu, %.*s, has an X.509 extension twice.",
                                                 i + 1, STR_ARG(subject))),
                       entity->where);
    }
}

static void
repeated_extension(struct check_run *run, const struct check *check)
{
    each_idp(run, check, repeated_extensions);
}

static const struct check table[] = {
    {
        .id = "cert-idc-too-long",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the certificate is too long for Identity Center",
        .means = "Importing the certificate fails.",
        .rule = "The signing certificate has at most 2,500 characters as PEM.",
        .spec = "-",
        .source = "IAM Identity Center User Guide, \"Quotas and limits\" (read 2026)",
        .follows = "",
        .fixes = {
            FIX("any", "Issue a leaner signing certificate (RSA 2048, self-signed, few extensions) and export the leaf "
                       "alone, without chain or text."),
        },
        .run = certificate_length,
    },
    {
        .id = "meta-idc-too-large",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the metadata is too large for Identity Center",
        .means = "Identity Center refuses the file.",
        .rule = "The metadata file has at most 75,000 characters.",
        .spec = "-",
        .source = IDC_GUIDE_EXTERNAL_IDP,
        .follows = "",
        .fixes = {
            FIX("adfs", "Cut FederationMetadata.xml down to one EntityDescriptor with the IDPSSODescriptor alone."),
            FIX("any", "Give one EntityDescriptor with its IDPSSODescriptor, or type sign-in URL, issuer and "
                       "certificate by hand."),
        },
        .run = too_large,
    },
    {
        .id = "meta-idc-incomplete",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the metadata lacks something Identity Center needs",
        .means = "Identity Center refuses the file.",
        .rule = "entityID, an X.509 signing certificate and a SingleSignOnService are there.",
        .spec = "SAML Metadata 2.3.2, 2.4.3",
        .source = IDC_GUIDE_EXTERNAL_IDP,
        .follows = "meta-no-endpoint meta-no-signing-key",
        .fixes = {
            FIX("any", "Download the identity provider's metadata again, from the app that is meant."),
        },
        .run = incomplete,
    },
    {
        .id = "meta-idc-url-invalid",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "a URL in the metadata is broken",
        .means = "Identity Center was seen to answer \"Unable to build attributes from provided metadata object as url "
                 "validation failed\".",
        .rule = "SingleSignOnService locations are absolute https URLs; an entityID that begins with http is an "
                "absolute URL.",
        .spec = "SAML Metadata 2.2.2",
        .source = "a public pull request about Keycloak behind a proxy",
        .follows = "",
        .fixes = {
            FIX("keycloak", "Correct hostname and relative path (KC_HOSTNAME, KC_HTTP_RELATIVE_PATH, proxy headers)."),
            FIX("any", "Correct the public URL of the identity provider and download its metadata again."),
        },
        .run = url_invalid,
    },
    {
        .id = "meta-bom",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the metadata file begins with a byte order mark",
        .means = "IAM answers \"Could not parse metadata\": it wants UTF-8 without byte order mark.",
        .rule = "The file does not begin with EF BB BF, FE FF or FF FE.",
        .spec = "-",
        .source = "AWS IAM User Guide, \"Creating IAM SAML identity providers\" (read 2023-05)",
        .follows = "",
        .fixes = {
            FIX("adfs", "Save FederationMetadata.xml as UTF-8 without BOM (not with Notepad's \"UTF-8 with BOM\")."),
            FIX("any", "Save the file as UTF-8 without byte order mark."),
        },
        .run = byte_order_mark,
    },
    {
        .id = "sig-cert-repeated-extension",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_METADATA,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_KEY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the certificate repeats an extension",
        .means = "IAM answers \"Could not parse metadata\" or \"Unable to parse metadata\".",
        .rule = "No X.509 extension occurs twice in the certificate.",
        .spec = "RFC 5280 4.2",
        .source = "AWS IAM User Guide, \"Creating IAM SAML identity providers\" (read 2023-05)",
        .follows = "",
        .fixes = {
            FIX("any", "Issue the certificate again without the repeated extension."),
        },
        .run = repeated_extension,
    },
};

CHECK_SET(checks_aws_metadata, table);
