/* SPDX-License-Identifier: MIT */
/* Error codes of OAuth 2.0 and OpenID Connect, as the provider sends them. */
#include <string.h>

#include "oidc_check.h"

enum { STAGE_FRONT = 1, STAGE_TOKEN = 2, STAGE_BOTH = 3, STAGE_AWS = 4 /* IAM Identity Center's own service */ };

/* Which codes, at which endpoint, a check is about. */
static const struct meaning {
    const char *id;
    const char *codes; /* blank separated */
    unsigned stages;
} meanings[] = {
    { "oauth-invalid-request", "invalid_request", STAGE_BOTH },
    { "oauth-unauthorized-client", "unauthorized_client", STAGE_BOTH | STAGE_AWS },
    { "oauth-access-denied", "access_denied", STAGE_BOTH | STAGE_AWS },
    { "oauth-unsupported-response-type", "unsupported_response_type", STAGE_FRONT },
    { "oauth-invalid-scope", "invalid_scope", STAGE_BOTH | STAGE_AWS },
    { "oauth-server-error", "server_error temporarily_unavailable", STAGE_BOTH | STAGE_AWS },
    { "oauth-invalid-client", "invalid_client", STAGE_BOTH },
    { "oauth-invalid-grant", "invalid_grant", STAGE_TOKEN | STAGE_AWS },
    { "oauth-unsupported-grant-type", "unsupported_grant_type", STAGE_TOKEN | STAGE_AWS },
    { "oidc-login-required", "login_required interaction_required account_selection_required consent_required",
      STAGE_BOTH },
    { "oidc-request-object",
      "invalid_request_uri invalid_request_object request_not_supported request_uri_not_supported "
      "registration_not_supported",
      STAGE_FRONT },
    { "oidc-idc-device-pending", "authorization_pending slow_down", STAGE_TOKEN | STAGE_AWS },
    { "oidc-idc-expired-token", "expired_token", STAGE_TOKEN | STAGE_AWS },
    { "oidc-idc-invalid-client", "invalid_client", STAGE_AWS },
    { "oidc-idc-invalid-request-region", "invalid_request", STAGE_AWS },
};

static bool
names(const char *codes, struct str code)
{
    struct str word, rest = str_from(codes);
    bool more = true;

    while (more) {
        more = str_cut(rest, ' ', &word, &rest);
        if (str_eq(word, code))
            return true;
    }
    return false;
}

static unsigned
stage_of(const struct oauth_message *oauth)
{
    if (oauth->kind == OAUTH_AUTHORIZATION_RESPONSE)
        return STAGE_FRONT;
    return oidc_is_identity_center(oauth) ? STAGE_AWS : STAGE_TOKEN;
}

/* The word that AWS uses when the request went to another Region than the instance's. */
static bool
is_region_error(const struct check_run *run, const struct oauth_message *oauth)
{
    struct str type =
        run->exchange != NULL ? headers_get(&run->exchange->response_headers, "x-amzn-ErrorType") : (struct str){ 0 };

    return str_find_c(type, "InvalidRequestRegion") != SIZE_MAX ||
           str_find_nocase(oauth->error_description, STR("region")) != SIZE_MAX;
}

static bool
is_about(const struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run);
    bool answer = oauth->kind == OAUTH_AUTHORIZATION_RESPONSE || oauth->kind == OAUTH_TOKEN_RESPONSE;

    for (size_t i = 0; answer && oauth->error.len > 0 && i < COUNT_OF(meanings); i++)
        if (strcmp(meanings[i].id, check->id) == 0)
            return (meanings[i].stages & stage_of(oauth)) != 0 && names(meanings[i].codes, oauth->error);
    return false;
}

/* "the provider answers invalid_scope: "…"" */
static struct finding *
report_error(struct check_run *run, const struct check *check, struct str more)
{
    const struct oauth_message *oauth = oidc_message(run);
    bool said = oauth->error_description.len > 0;

    return check_reportf(run, check, "The provider answers %.*s%s%.*s%s.%s%.*s", STR_ARG(oauth->error),
                         said ? ": \"" : "", STR_ARG(oidc_clip(oauth->error_description)), said ? "\"" : "",
                         more.len > 0 ? " " : "", STR_ARG(more));
}

static void
answered_error(struct check_run *run, const struct check *check)
{
    if (is_about(run, check))
        report_error(run, check, (struct str){ 0 });
}

static void
add_missing(struct arena *arena, struct str *missing, struct str value, const char *name)
{
    if (value.len == 0)
        *missing = arena_printf(arena, "%.*s%s%s", STR_ARG(*missing), missing->len > 0 ? ", " : "", name);
}

/* What the request lacks, when it was seen. */
static void
invalid_request(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run), *authorization = oauth->authorization;
    struct str missing = STR(""), more = { 0 };

    bool region = oidc_is_identity_center(oauth) && is_region_error(run, oauth);

    if (region ||
        (!is_about(run, check) && !(oidc_is_identity_center(oauth) && str_eq_c(oauth->error, "invalid_request"))))
        return;
    if (authorization != NULL) {
        add_missing(run->arena, &missing, authorization->response_type, "response_type");
        add_missing(run->arena, &missing, authorization->client_id, "client_id");
        add_missing(run->arena, &missing, authorization->redirect_uri, "redirect_uri");
        add_missing(run->arena, &missing, authorization->scope, "scope");
        add_missing(run->arena, &missing, authorization->state, "state");
        add_missing(run->arena, &missing, authorization->code_challenge, "code_challenge");
        if (missing.len > 0)
            more = arena_printf(run->arena, "The request was sent without %.*s.", STR_ARG(missing));
        if (authorization->repeated.len > 0)
            more = arena_printf(run->arena, "%.*s%sIt names %.*s twice.", STR_ARG(more), more.len > 0 ? " " : "",
                                STR_ARG(oidc_clip(authorization->repeated)));
    }
    report_error(run, check, more);
}

static void
invalid_scope(struct check_run *run, const struct check *check)
{
    const struct oauth_message *authorization = oidc_message(run)->authorization;

    if (is_about(run, check))
        report_error(run, check,
                     authorization != NULL
                         ? arena_printf(run->arena, "Asked for was \"%.*s\".", STR_ARG(oidc_clip(authorization->scope)))
                         : (struct str){ 0 });
}

static void
idc_region(struct check_run *run, const struct check *check)
{
    if (is_about(run, check) && is_region_error(run, oidc_message(run)))
        report_error(
            run, check,
            arena_printf(run->arena, "The request went to %.*s.", STR_ARG(oidc_clip(oidc_message(run)->host))));
}

#define NO_SIGN_IN "The provider gives no token: the user is not signed in."

static const struct check table[] = {
    { OIDC_ROW("oauth-invalid-request", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the provider finds the OAuth request malformed"),
      .means = NO_SIGN_IN " A parameter is missing, is there twice, or has a value that it must not have.",
      .rule = "error=invalid_request (byte-exact) in an authorization or token response.",
      .spec = "RFC 6749 4.1.2.1, 5.2 · saml-verification OID-07", .source = OAUTH_RFCS,
      .fixes = { { "any", "Compare the parameters sent with those that the provider asks for, in the application." } },
      .run = invalid_request },
    { OIDC_ROW("oauth-unauthorized-client", ERROR, OAUTH, STATUS, IDP_ADMIN, STANDARD, PROVEN,
               "the client may not use this grant or response type"),
      .means = NO_SIGN_IN, .rule = "error=unauthorized_client.",
      .spec = "RFC 6749 4.1.2.1, 5.2 · saml-verification OID-07", .source = OAUTH_RFCS,
      .fixes = { { "okta", "Applications > the app > General > Grant type: tick Authorization Code." },
                 { "any", "Enable the authorization code grant for this application at the identity provider." } },
      .run = answered_error },
    { OIDC_ROW("oauth-access-denied", ERROR, OAUTH, STATUS, IDP_ADMIN, STANDARD, PROVEN,
               "the user, or a policy, denied access"),
      .means = NO_SIGN_IN " Often the user is not assigned to the application.", .rule = "error=access_denied.",
      .spec = "RFC 6749 4.1.2.1 · saml-verification OID-07", .source = OAUTH_RFCS,
      .fixes = { { "okta", "Applications > the app > Assignments: assign the user or a group of the user." },
                 { "entra", "Enterprise applications > the app > Users and groups; and Permissions: admin consent." },
                 { "any", "Assign the user to the application and look at its sign-in policy." } },
      .run = answered_error },
    { OIDC_ROW("oauth-unsupported-response-type", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the provider does not offer this response_type"),
      .means = NO_SIGN_IN, .rule = "error=unsupported_response_type.",
      .spec = "RFC 6749 4.1.2.1 · saml-verification OID-07", .source = OAUTH_AND_ENTRA,
      .fixes = { { "entra", "App registrations > Authentication: allow ID tokens, or let the application use code." },
                 { "any", "Let the application use response_type=code." } },
      .run = answered_error },
    { OIDC_ROW("oauth-invalid-scope", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "a scope is unknown, malformed or not allowed"),
      .means = NO_SIGN_IN, .rule = "error=invalid_scope; OpenID Connect needs the scope openid.",
      .spec = "RFC 6749 4.1.2.1 · OIDC Core 3.1.2.1 · saml-verification OID-07", .source = OAUTH_RFCS,
      .fixes = { { "any", "Ask only for scopes that the provider lists, openid among them." } }, .run = invalid_scope },
    { OIDC_ROW("oauth-server-error", ERROR, OAUTH, STATUS, IDP_ADMIN, STANDARD, PROVEN,
               "the provider has a fault of its own, or is overloaded"),
      .means = NO_SIGN_IN, .rule = "error=server_error or temporarily_unavailable.",
      .spec = "RFC 6749 4.1.2.1 · saml-verification OID-07", .source = OAUTH_RFCS,
      .fixes = { { "any", "Try again; then look into the provider's log at this time." } }, .run = answered_error },
    { OIDC_ROW("oauth-invalid-client", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the client's secret or assertion is wrong or has expired"),
      .means = NO_SIGN_IN, .rule = "error=invalid_client at the token endpoint.", .spec = "RFC 6749 5.2",
      .source = OAUTH_AND_ENTRA,
      .fixes = { { "entra", "App registrations > Certificates & secrets: new secret; use its Value, not its ID." },
                 { "any", "Make a new client secret and store it in the application; check the way it is sent." } },
      .run = answered_error },
    { OIDC_ROW("oauth-invalid-grant", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the code or refresh token is expired, used, revoked or not this client's"),
      .means = NO_SIGN_IN, .rule = "error=invalid_grant at the token endpoint.", .spec = "RFC 6749 5.2",
      .source = OAUTH_AND_ENTRA, .follows = "oidc-pkce-mismatch oidc-redirect-uri-mismatch",
      .fixes = { { "any",
                   "Start the sign-in anew; redeem a code once, at once, with the redirect_uri of the request." } },
      .run = answered_error },
    { OIDC_ROW("oauth-unsupported-grant-type", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the provider does not offer this grant_type"),
      .means = NO_SIGN_IN, .rule = "error=unsupported_grant_type.", .spec = "RFC 6749 5.2", .source = OAUTH_RFCS,
      .fixes = { { "any", "Use authorization_code, refresh_token or the device code grant, as the provider offers." } },
      .run = answered_error },
    { OIDC_ROW("oidc-login-required", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the user must act, but the request allowed no interaction"),
      .means = "The application asked for a silent sign-in (prompt=none), and there is no session to use.",
      .rule = "error=login_required, interaction_required, account_selection_required or consent_required.",
      .spec = "OIDC Core 3.1.2.6 · saml-verification OID-07", .source = OIDC_CORE,
      .fixes = { { "any", "Start an interactive sign-in; blocked third-party cookies make silent ones fail." } },
      .run = answered_error },
    { OIDC_ROW("oidc-request-object", ERROR, OAUTH, STATUS, SP_ADMIN, STANDARD, PROVEN,
               "the provider does not take the request object"),
      .means = NO_SIGN_IN, .rule = "error=invalid_request_uri, invalid_request_object, …_not_supported.",
      .spec = "OIDC Core 3.1.2.6, 6 · saml-verification OID-07", .source = OIDC_CORE,
      .fixes = { { "any", "Send plain parameters instead of request or request_uri, or correct the request object." } },
      .run = answered_error },
    { OIDC_ROW("oidc-idc-device-pending", WARNING, OAUTH, NOTE, USER, STANDARD, PROVEN,
               "the user has not approved the device yet"),
      .means = "Normal while the command line tool waits; slow_down asks it to wait longer between questions.",
      .rule = "error=authorization_pending or slow_down at the token endpoint.", .spec = "RFC 8628 3.5",
      .source = "RFC 8628 (2019); " IDC_OIDC_MODEL,
      .fixes = { { "any", "Finish the sign-in in the browser; let the tool honour the interval." } },
      .run = answered_error },
    { OIDC_ROW("oidc-idc-expired-token", ERROR, OAUTH, STATUS, USER, STANDARD, PROVEN,
               "the device code has expired before it was approved"),
      .means = "The command line tool gets no session.", .rule = "error=expired_token at the token endpoint.",
      .spec = "RFC 8628 3.5", .source = "RFC 8628 (2019); " IDC_OIDC_MODEL,
      .fixes = { { "any", "Run the sign-in again (aws sso login) and approve it sooner." } }, .run = answered_error },
    { OIDC_ROW("oidc-idc-invalid-client", ERROR, OAUTH, STATUS, USER, DOCUMENTED, PROVEN,
               "the tool's registration with IAM Identity Center has expired or is wrong"),
      .means = "The command line tool gets no session.",
      .rule = "error=invalid_client from oidc.<region>.amazonaws.com.", .spec = "CreateToken, InvalidClientException",
      .source = IDC_OIDC_MODEL,
      .fixes = { { "any", "Delete the cached registration (~/.aws/sso/cache) and run aws sso login again." } },
      .run = answered_error },
    { OIDC_ROW("oidc-idc-invalid-request-region", ERROR, OAUTH, WRONG_ENDPOINT, USER, INFERRED, LIKELY,
               "the request went to a Region that is not the instance's"),
      .means = "The command line tool gets no session.",
      .rule = "error=invalid_request from oidc.<region>.amazonaws.com, and the answer speaks of the Region.",
      .spec = "InvalidRequestRegionException", .source = IDC_OIDC_MODEL,
      .fixes = { { "any", "Set sso_region in the profile to the Region of the Identity Center instance." } },
      .run = idc_region },
};

CHECK_SET(checks_oidc_errors, table);
