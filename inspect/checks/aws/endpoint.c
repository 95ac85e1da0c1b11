/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* Where the message is posted to: the right product, instance, Region and host? */

/* What the parts of a message say about the product it is made for. */
struct families {
    struct aws_url url; /* of the endpoint */
    struct str url_text;
    struct str audience; /* first one that belongs to a product of AWS; absent: none does */
    struct where audience_where;
    enum aws_product audience_product;
    struct str audience_region;
    bool role_attributes;
    bool access_control;
};

static void
read_audience(const struct saml_assertion *assertion, struct families *out)
{
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++) {
            const struct saml_value *value = &assertion->restrictions[i].audiences[k];
            struct aws_audience audience = aws_audience_read(value->text);

            if (str_present(out->audience) || audience.product == AWS_PRODUCT_NONE)
                continue;
            out->audience = value->text;
            out->audience_where = value->where;
            out->audience_product = audience.product;
            out->audience_region = audience.url.region;
        }
}

static struct families
families_read(const struct check_run *run)
{
    struct families out = { .url = aws_target(run, NULL, NULL) };

    aws_target(run, &out.url_text, NULL);
    for (size_t i = 0; i < run->saml->assertion_count; i++) {
        const struct saml_assertion *assertion = &run->saml->assertions[i];

        read_audience(assertion, &out);
        out.access_control = out.access_control || aws_uses_access_control(assertion);
        if (aws_attribute_find(assertion, AWS_ATTRIBUTE_ROLE) != NULL ||
            aws_attribute_find_china(assertion, "Role") != NULL || aws_attribute_near(assertion, "Role") != NULL)
            out.role_attributes = true;
    }
    return out;
}

/* Audience and attributes speak for one product, the URL for the other: two against one. */
static void
wrong_product(struct check_run *run, const struct check *check)
{
    struct families families = families_read(run);
    struct finding *finding;

    if (aws_url_is_iam(&families.url) && families.audience_product == AWS_PRODUCT_IDC && !families.role_attributes) {
        struct str region = str_present(families.audience_region) ? families.audience_region : STR("REGION");

        finding = check_reportf(run, check,
                                "Audience%s are those of IAM Identity Center, but the response goes to the sign-in URL "
                                "of IAM federation.",
                                families.access_control ? " and attributes" : " and the absence of role attributes");
        finding_mismatch(
            finding,
            arena_printf(run->arena, "https://%.*s.signin.aws.amazon.com/platform/saml/acs/TENANT", STR_ARG(region)),
            families.url_text, "the product that the audience belongs to; exact URL: SP metadata");
        finding->where = families.audience_where;
    } else if (aws_url_is_idc(&families.url) && families.audience_product == AWS_PRODUCT_IAM &&
               families.role_attributes) {
        finding = check_reportf(run, check,
                                "Audience and role attributes are those of IAM federation, but the response goes to "
                                "IAM Identity Center.");
        finding_mismatch(finding, str_from(aws_partition_acs(families.url.partition)), families.url_text,
                         "the product that audience and role attributes belong to");
        finding->where = families.audience_where;
    }
}

/* The endpoint that was expected, when it is known and the message goes elsewhere. */
static bool
goes_elsewhere(const struct check_run *run, struct str *posted, struct aws_url *is, struct aws_url *should)
{
    struct str expected = run->context->acs_url.text;

    *posted = aws_posted_url(run);
    if (!str_present(*posted) || !str_present(expected) || str_eq(*posted, expected))
        return false;
    *is = aws_url_read(*posted);
    *should = aws_url_read(expected);
    return true;
}

/* Same product and the only difference is the Region label or the tenant: said by region_mismatch. */
static bool
is_other_region(const struct aws_url *is, const struct aws_url *should)
{
    return is->kind == AWS_URL_IDC_ACS && should->kind == AWS_URL_IDC_ACS && is->exact && is->form == should->form &&
           (!str_eq_nocase(is->region, should->region) || !str_eq(is->id, should->id));
}

static bool
lists_host_form(const struct metadata_entity *sp, enum aws_host_form form)
{
    for (size_t i = 0; sp != NULL && i < sp->sp.sso_count; i++) {
        struct aws_url url = aws_url_read(sp->sp.sso[i].location);

        if (url.kind == AWS_URL_IDC_ACS && url.form == form)
            return true;
    }
    return false;
}

/* The old host, while the metadata of the instance lists new hosts only. */
static bool
is_legacy(const struct check_run *run, const struct aws_url *is)
{
    const struct metadata_entity *sp = run->context->sp;

    return is->kind == AWS_URL_IDC_ACS && is->form == AWS_HOST_CLASSIC && sp != NULL &&
           !lists_host_form(sp, AWS_HOST_CLASSIC) &&
           (lists_host_form(sp, AWS_HOST_SIGNIN_AWS) || lists_host_form(sp, AWS_HOST_DUAL_STACK));
}

static void
url_mismatch(struct check_run *run, const struct check *check)
{
    struct str posted;
    struct aws_url is;
    struct aws_url should;

    if (!goes_elsewhere(run, &posted, &is, &should) || is_other_region(&is, &should) || is_legacy(run, &is))
        return;
    finding_mismatch(check_reportf(run, check,
                                   "The response goes to another URL than the service provider's endpoint. AWS says "
                                   "that the values must match exactly."),
                     run->context->acs_url.text, posted, run->context->acs_url.source);
}

static void
region_mismatch(struct check_run *run, const struct check *check)
{
    struct str posted;
    struct aws_url is;
    struct aws_url should;

    if (!goes_elsewhere(run, &posted, &is, &should) || !is_other_region(&is, &should))
        return;
    finding_mismatch(check_reportf(run, check,
                                   str_eq_nocase(is.region, should.region)
                                       ? "The response goes to another instance of Identity Center: the tenant in the "
                                         "URL differs."
                                       : "The response goes to the Identity Center endpoint of another Region."),
                     run->context->acs_url.text, posted, run->context->acs_url.source);
}

static void
legacy_endpoint(struct check_run *run, const struct check *check)
{
    struct str posted;
    struct aws_url is;
    struct aws_url should;

    if (!goes_elsewhere(run, &posted, &is, &should) || !is_legacy(run, &is))
        return;
    finding_mismatch(check_reportf(run, check,
                                   "The response goes to the older host name; the instance's metadata lists the newer "
                                   "ones only."),
                     run->context->acs_url.text, posted, run->context->acs_url.source);
}

static const struct check table[] = {
    {
        .id = "acs-wrong-product",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the response goes to the wrong AWS product",
        .means = "IAM federation and IAM Identity Center are two products with different endpoints, audiences and "
                 "attributes. The connector at the identity provider mixes them.",
        .rule = "Endpoint, audience and attributes belong to one product: …/saml, urn:amazon:webservices and Role for "
                "IAM federation; …/platform/saml/acs/…, …/platform/saml/d-… and no Role for Identity Center.",
        .spec = "-",
        .source = IDC_GUIDE_EXTERNAL_IDP "; Microsoft Learn AWS tutorials; a public Okta walkthrough",
        .follows = "",
        .fixes = {
            FIX("okta", "Use \"AWS IAM Identity Center\" for Identity Center and \"AWS Account Federation\" for IAM. "
                        "In the Identity Center app fill in Sign On > AWS SSO ACS URL: left blank, Okta was seen to "
                        "post to signin.aws.amazon.com/saml."),
            FIX("entra", "Use the gallery app \"AWS IAM Identity Center\" for Identity Center and \"AWS Single-Account "
                         "Access\" for IAM."),
            FIX("adfs", "Update the relying party trust from the SP metadata of the product that is meant."),
            FIX("google", "Use the app \"Amazon Web Services\" for IAM, and a custom SAML app with the values of the SP "
                          "metadata for Identity Center."),
            FIX("any", "Import the SP metadata of the product that is meant: for Identity Center from Settings > "
                       "Identity source, for IAM https://signin.aws.amazon.com/static/saml-metadata.xml."),
        },
        .run = wrong_product,
    },
    {
        .id = "acs-url-mismatch",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the response goes to another URL than the endpoint",
        .means = "Identity Center answers \"An unexpected error has occurred\"; AWS names a differing ACS URL among "
                 "its causes.",
        .rule = "The URL posted to equals an AssertionConsumerService Location of the service provider, byte for byte.",
        .spec = "SAML Metadata 2.4.4; SAML Profiles 4.1.4.1",
        .source = IDC_GUIDE_TROUBLESHOOT "; " IDC_GUIDE_REGIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("okta", "Sign On > AWS SSO ACS URL: paste the value from IAM Identity Center > Settings."),
            FIX("entra", "Basic SAML Configuration > Reply URL."),
            FIX("adfs", "Relying party trust > Endpoints > SAML Assertion Consumer (POST)."),
            FIX("google", "Service provider details > ACS URL."),
            FIX("keycloak", "Client > Settings > Master SAML Processing URL / Assertion Consumer Service POST URL."),
            FIX("any", "Import the service provider's metadata again."),
        },
        .run = url_mismatch,
    },
    {
        .id = "acs-region-mismatch",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the response goes to another Region or instance",
        .means = "Each Region and each instance of Identity Center has its own ACS URL.",
        .rule = "Region label and tenant of the URL posted to are those of an ACS URL of the instance.",
        .spec = "-",
        .source = IDC_GUIDE_REGIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Copy the ACS URL from IAM Identity Center > Settings > Identity source > Actions > Manage "
                       "authentication, in the right Region and instance; list the ACS URLs of all Regions in use."),
        },
        .run = region_mismatch,
    },
    {
        .id = "acs-legacy-endpoint-new-instance",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the older host name is used with a newer instance",
        .means = "AWS says that instances created from February 2026 on do not use REGION.signin.aws.amazon.com as ACS "
                 "host; older instances keep it.",
        .rule = "The ACS host is not REGION.signin.aws.amazon.com when the instance's metadata lists only REGION."
                "signin.aws or REGION.sso.signin.aws.",
        .spec = "-",
        .source = IDC_GUIDE_REGIONS,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Use https://REGION.signin.aws/platform/saml/acs/TENANT or "
                       "https://REGION.sso.signin.aws/platform/saml/acs/TENANT as the metadata gives it."),
        },
        .run = legacy_endpoint,
    },
};

CHECK_SET(checks_aws_endpoint, table);
