/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "aws_check.h"
#include "url.h"

/* What surrounds a sign-in: start URL, the clock of the device, Regions and settings of another time. */

/* --- the start URL -------------------------------------------------------------------------------- */

/* What is wrong with the path at that host of an access portal; NULL: nothing, or no portal. */
static const char *
portal_path_problem(struct str host, struct str path)
{
    bool start = str_starts_c(path, "/start");

    if (str_ends_c(host, ".portal.amazonaws.com") || str_ends_c(host, ".app.aws"))
        return start ? "start URLs of this form have no /start" : NULL;
    if (str_ends_c(host, "home.awsapps.com") || str_ends_c(host, "home.awsapps.cn"))
        return str_starts_c(path, "/directory/") ? NULL : "start URLs here are /directory/ with the id or alias";
    if (str_ends_c(host, ".awsapps.com"))
        return start ? NULL : "start URLs of this form end in /start";
    return NULL;
}

static bool
is_portal_host(struct str host)
{
    return str_ends_c(host, ".awsapps.com") || str_ends_c(host, ".awsapps.cn") || str_ends_c(host, ".app.aws") ||
           str_ends_c(host, ".portal.amazonaws.com");
}

static void
portal_url(struct check_run *run, const struct check *check)
{
    const struct exchange *exchange = run->exchange;
    bool unknown_name = exchange->problem == EXCHANGE_UPSTREAM_NAME, not_found = exchange->status == 404;
    struct str path, query;
    const char *problem;

    if (!is_portal_host(exchange->host) || (!unknown_name && !not_found) || !str_eq_c(exchange->method, "GET"))
        return;
    str_cut(exchange->target, '?', &path, &query);
    problem = portal_path_problem(exchange->host, path);
    /* Missing pictures and scripts of a portal that is there are another matter. */
    if (not_found && problem == NULL && path.len > 0 && !str_eq_c(path, "/") && !str_eq_c(path, "/start") &&
        !str_eq_c(path, "/start/") && !str_starts_c(path, "/directory/"))
        return;
    struct finding *finding =
        check_reportf(run, check, "%s%s%s.",
                      unknown_name ? "The name does not resolve here: most likely no instance has it"
                                   : "The portal is not found (404)",
                      problem != NULL ? "; " : "", problem != NULL ? problem : "");
    finding->received = exchange_url_without_query(run->arena, exchange);
    finding->source = STR("the address that was opened");
}

/* --- the clock of the device ---------------------------------------------------------------------- */

enum { CLOCK_SECONDS = 120 };

static void
client_clock(struct check_run *run, const struct check *check)
{
    const struct exchange *exchange = run->exchange;
    int64_t server, difference;
    struct finding *finding;

    if (exchange == NULL || exchange->finished_ms == 0 ||
        !http_date_parse(headers_get(&exchange->response_headers, "Date"), &server))
        return;
    difference = (exchange->finished_ms - server) / 1000;
    if (difference <= CLOCK_SECONDS && difference >= -CLOCK_SECONDS)
        return;
    finding = check_reportf(run, check,
                            "By the Date of its answer the clock of AWS and that of the machine which recorded this "
                            "are %" PRId64 " seconds apart: the machine is %s.",
                            difference < 0 ? -difference : difference, difference < 0 ? "behind" : "ahead");
    finding->expected = xstime_format(run->arena, server);
    finding->received = xstime_format(run->arena, exchange->finished_ms);
    finding->source = STR("Date of the answer");
}

/* --- settings of another Region or time ----------------------------------------------------------- */

/* The request asks for an answer in another Region than the instance's own, and the provider refuses that. */
static void
additional_region(struct check_run *run, const struct check *check)
{
    static const char *const refusals[] = { "entra-50011", "keycloak-invalid-redirect" };
    const struct saml_message *request = run->saml;
    struct aws_url acs, entity;
    bool refused = false;
    struct finding *finding;

    if (request == NULL || request->kind != MESSAGE_AUTHN_REQUEST)
        return;
    acs = aws_url_read(request->request.acs_url.text);
    entity = aws_url_read(str_trim(request->issuer.value.text));
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const struct check *row = check_find(str_from(refusals[i]));

        refused = refused || (row != NULL && aws_is_found(run, row));
    }
    if (!refused || acs.kind != AWS_URL_IDC_ACS || entity.kind != AWS_URL_IDC_ENTITY ||
        str_eq_nocase(acs.region, entity.region))
        return;
    finding = check_reportf(run, check,
                            "The instance is of %.*s, the answer is asked for in %.*s, and the identity provider does "
                            "not know that URL.",
                            STR_ARG(entity.region), STR_ARG(acs.region));
    finding->received = request->request.acs_url.text;
    finding->source = STR("AssertionConsumerServiceURL of the request");
    finding_at(finding, request->request.acs_url.where);
}

/* The Identity Center instance in the service provider's metadata that was given; NULL when there is none. */
static const struct metadata_entity *
given_instance(const struct check_run *run)
{
    const struct settings *settings = run->context->settings;

    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++) {
            const struct metadata_entity *entity = &settings->metadata[i]->entities[k];

            if (entity->sp.present && aws_url_read(entity->entity_id).kind == AWS_URL_IDC_ENTITY)
                return entity;
        }
    return NULL;
}

static bool
lists_endpoint(const struct metadata_entity *entity, struct str location)
{
    for (size_t i = 0; i < entity->sp.sso_count; i++)
        if (str_eq(entity->sp.sso[i].location, location))
            return true;
    return false;
}

static bool
has_audience(const struct saml_assertion *assertion, struct str audience)
{
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            if (str_eq(str_trim(assertion->restrictions[i].audiences[k].text), audience))
                return true;
    return false;
}

static void
stale_metadata(struct check_run *run, const struct check *check)
{
    const struct metadata_entity *given = given_instance(run);
    struct str posted = aws_posted_url(run);
    struct finding *finding;

    if (given == NULL || aws_url_read(posted).kind != AWS_URL_IDC_ACS || lists_endpoint(given, posted) ||
        given->sp.sso_count == 0 || has_audience(run->assertion, given->entity_id))
        return;
    finding =
        check_report(run, check,
                     STR("Neither the URL posted to nor the audience is in the service provider's metadata that "
                         "was given: the identity provider has the settings of another instance or another time."));
    finding_mismatch(finding, given->sp.sso[0].location, posted, "the given SP metadata");
    finding_at(finding, run->assertion->where);
}

static const struct check table[] = {
    {
        .id = "portal-url-wrong",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_EXCHANGE,
        .profiles = PROFILE_ANY,
        .rank = RANK_TRANSPORT,
        .owner = OWNER_USER,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the start URL is not that of an instance",
        .means = "The sign-in never begins. The URL changes with the identity source to or from Active Directory, and "
                 "its form differs by partition and age of the instance.",
        .rule = "A start URL at a portal host resolves and is found.",
        .spec = "-",
        .source = IDC_GUIDE_REGIONS "; \"Considerations for changing your identity source\"",
        .follows = "",
        .fixes = {
            FIX("any", "Copy it from IAM Identity Center > Settings > AWS access portal URLs."),
        },
        .run = portal_url,
    },
    {
        .id = "time-client-clock",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_RESPONSE,
        .profiles = PROFILE_AWS,
        .rank = RANK_TIME,
        .owner = OWNER_USER,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the clock of the device is wrong",
        .means = "AWS names date and time of the device first among the causes of \"It's not you, it is us\".",
        .rule = "Arrival and Date of AWS's answer are at most two minutes apart.",
        .spec = "RFC 9110 6.6.1",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "",
        .fixes = {
            FIX("any", "Let the device set date and time by itself. When the capture was made on another machine than "
                       "the browser's, look at that one's clock."),
        },
        .run = client_clock,
    },
    {
        .id = "acs-additional-region-unregistered",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_SIGNIN,
        .profiles = PROFILE_ANY,
        .rank = RANK_WRONG_ENDPOINT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the ACS URL of an added Region is not registered",
        .means = "Each Region of Identity Center has ACS URLs of its own; the identity provider must list all in use.",
        .rule = "An identity provider that refuses an ACS URL was not asked for that of another Region of the "
                "instance.",
        .spec = "-",
        .source = IDC_GUIDE_REGIONS,
        .follows = "",
        .fixes = {
            FIX("entra", "Single sign-on > Basic SAML Configuration > Reply URL: add it."),
            FIX("keycloak", "Clients > Valid redirect URIs: add it."),
            FIX("any", "Add every ACS URL of the metadata file. If only one fits: sign in at that Region first, then "
                       "open the application."),
        },
        .run = additional_region,
    },
    {
        .id = "sp-metadata-stale",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_PARTY,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the identity provider has older settings of AWS",
        .means = "Microsoft's tutorial says that AWS's metadata changes with the identity source.",
        .rule = "URL posted to or audience are in the given metadata of Identity Center.",
        .spec = "-",
        .source = "Microsoft Learn, AWS IAM Identity Center tutorial (read 2026)",
        .follows = "acs-url-mismatch acs-region-mismatch aud-mismatch-idc",
        .fixes = {
            FIX("entra", "Single sign-on > Upload metadata file: the current one of Identity Center."),
            FIX("any", "Download the SP metadata again (Settings > Identity source > Manage authentication) and "
                       "load it at the identity provider."),
        },
        .run = stale_metadata,
    },
};

CHECK_SET(checks_aws_surroundings, table);
