/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "error_texts.h"
#include "explain_text.h"

/* Public error texts as users paste them, and the id that must come first. */
static const struct {
    const char *text;
    const char *id;
} table[] = {
    { "Your request included an invalid SAML response. To logout, click here.", "aws-role-attribute-missing" },
    { "Response signature invalid (service: AWSSecurityTokenService; status code: 400; error code: "
      "InvalidIdentityToken)",
      "sig-wrong-key" },
    { "RoleSessionName is required in AuthnResponse (service: AWSSecurityTokenService; status code: 400)",
      "aws-rolesessionname-missing" },
    { "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}", "aws-rolesessionname-invalid" },
    { "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"", "aws-sourceidentity-invalid" },
    { "Failed to assume role: Issuer not present in specified provider (service: AWSOpenIdDiscoveryService)",
      "issuer-mismatch-iam" },
    { "Invalid base64 SAMLResponse (Service: AWSOpenIdDiscoveryService; Status Code: 400)", "saml-base64-invalid" },
    { "Specified provider doesn\xe2\x80\x99t exist", "aws-provider-not-found" },
    { "An error occurred (InvalidIdentityToken): AuthSamlManifestNotFoundException", "aws-provider-not-found" },
    { "Response does not contain the required audience.", "aud-mismatch-iam" },
    { "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithSAML operation: Token must be redeemed "
      "within 5 minutes of issuance",
      "time-sts-five-minutes" },
    { "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithSAML operation", "cli-saml-stale" },
    { "Token must be redeemed within 5 minutes of issuance", "time-sts-five-minutes" },
    { "Response has expired", "time-expired" },
    { "Not authorized to perform sts:AssumeRoleWithSAML (service: AWSSecurityTokenService; status code: 403; error "
      "code: AccessDenied)",
      "aws-role-not-found" },
    { "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      "aws-sessionduration-over-role-max" },
    { "IDPRejectedClaim", "sts-idp-rejected-claim" },
    { "PackedPolicyTooLarge: 112%", "aws-packed-too-large" },
    { "RegionDisabledException", "aws-region-disabled" },
    { "ValidationError: Principal ARN is invalid", "aws-role-value-not-pair" },
    { "ValidationError: Request ARN is invalid", "aws-role-value-not-pair" },
    { "Unable to set assertion encryption mode to Required because no private key is provided.",
      "saml-encrypted-iam-nokey" },
    { "An unexpected error has occurred", "idc-symptom-unexpected-error" },
    { "It's not you, it is us", "idc-symptom-its-not-you" },
    { "It\xe2\x80\x99s not you, it\xe2\x80\x99s us", "idc-symptom-its-not-you" },
    { "Something went wrong\n  Looks like this code isn&#39;t right. Please try again.", "idc-symptom-code-not-right" },
    { "INVALID MFA CREDENTIALS", "idc-symptom-invalid-mfa" },
    { "Unable to build attributes from provided metadata object as url validation failed", "meta-idc-url-invalid" },
    { "Attributes for access control failed to enable", "idc-abac-enable-failed" },
    { "Cannot perform the operation on the protected role 'AWSReservedSSO_x' - this role is only modifiable by AWS",
      "idc-protected-role" },
    { "Session token not found or invalid", "idc-session-token-invalid" },
    { "UnauthorizedException: Session token not found or invalid", "cli-session-token-not-found" },
    { "An error occurred while signing in to the application. Invalid callback URL.", "idc-invalid-callback" },
    { "You can't delete/modify/remove/assign access to permission sets provisioned in the management account",
      "acct-management-account" },
    { "No AWS accounts are available to you.", "cli-no-accounts" },
    { "No roles are available for the account 111122223333", "cli-no-roles" },
    { "Unable to list AWS accounts and/or roles. Skipping configuring AWS credential provider for profile.",
      "cli-unable-to-list" },
    { "An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access",
      "cli-getrolecredentials-no-access" },
    { "invalid_grant Invalid grant provided", "cli-invalid-grant-region" },
    { "Not a valid Start URL", "cli-start-url-invalid" },
    { "InvalidRequestException when calling the StartDeviceAuthorization operation", "cli-start-url-invalid" },
    { "Error loading SSO Token: Token for x does not exist", "cli-token-missing" },
    { "The SSO session associated with this profile has expired or is otherwise invalid.", "cli-token-expired" },
    { "Token has expired and refresh failed", "cli-token-expired" },
    { "The pending authorization to retrieve an SSO token has expired. The login flow must be restarted.",
      "cli-pending-expired" },
    { "127.0.0.1 refused to connect", "cli-localhost-callback" },
    { "Missing the following required SSO configuration values: sso_start_url", "cli-missing-sso-config" },
    { "SSLError [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "cli-tls-proxy" },
    { "NET::ERR_CERT_AUTHORITY_INVALID", "tls-proxy-ca-untrusted" },
    { "AADSTS50011: The redirect URI specified in the request does not match", "entra-50011" },
    { "Sorry, but we're having trouble signing you in. AADSTS700016: Application with identifier 'x' was not found",
      "entra-700016" },
    { "AADSTS50105", "entra-50105" },
    { "AADSTS75011", "entra-75011" },
    { "AADSTS76021", "entra-76021" },
    { "AADSTS501241", "entra-501241" },
    { "AADSTS53003", "entra-conditional-access" },
    { "AADSTS50192", "tls-client-cert-lost" },
    { "MSIS7007: The requested relying party trust is unspecified or unsupported", "adfs-msis7007" },
    { "MSIS7042: The same client browser session has made '6' requests", "adfs-msis7042" },
    { "MSIS7065: There are no registered protocol handlers on path", "adfs-msis7065" },
    { "MSIS7070", "adfs-msis7070" },
    { "Encountered error during federation passive request.", "adfs-event-364" },
    { "User is not assigned to this application", "okta-app-not-assigned" },
    { "You are not allowed to access this app. To request access, contact an admin.", "okta-policy-denied" },
    { "Bad SAML request", "okta-bad-saml-request" },
    { "Error: app_not_configured_for_user", "google-app-not-configured-for-user" },
    { "Error: app_not_enabled_for_user", "google-app-not-enabled-for-user" },
    { "Error: app_not_configured", "google-app-not-configured" },
    { "We are sorry... Client not found.", "keycloak-client-not-found" },
    { "Invalid requester", "keycloak-invalid-requester" },
    { "Invalid redirect uri", "keycloak-invalid-redirect" },
    { "Unsupported NameIDFormat", "keycloak-nameid" },
    { "Unsupported Request", "shibboleth-unknown-sp" },
    { "No peer endpoint available to which to send SAML response", "shibboleth-no-endpoint" },
    { "Message expired, was issued too long ago", "shibboleth-stale" },
    { "Request is unparsable, syntactically incorrect, or violates schema.", "scim-required-missing" },
    { "1 validation errors detected: Value at 'name.givenName' failed to satisfy constraint: Member must have length "
      "greater than or equal to 1",
      "scim-required-missing" },
    { "Value at 'x' failed to satisfy constraint: Member must satisfy regular expression pattern: [x]+",
      "scim-name-pattern" },
    { "List attribute emails exceeds allowed limit of 1", "scim-multivalue" },
    { "ConflictException: User already exists", "scim-user-exists" },
    { "Refused to create a new, duplicate resource", "scim-user-exists" },
    { "Duplicate GroupDisplayName", "scim-group-duplicate" },
    { "Invalid Filter format", "scim-filter-unsupported" },
    { "Replacing group memberships is not supported.", "scim-patchgroup-replace" },
    { "Missing path in PATCH request", "scim-patch-path-missing" },
    { "Invalid JSON from RequestBody", "scim-invalid-json" },
    { "Error while verifying if user jdoe exists: Unauthorized", "scim-token-invalid" },
    { "Base URL: Does not match required pattern", "scim-trailing-slash" },
    { "InvalidIdentityToken", "sig-wrong-key" },
    { "ExpiredTokenException", "time-expired" },
    { "error=invalid_request", "oauth-invalid-request" },
    { "error=unauthorized_client", "oauth-unauthorized-client" },
    { "error=access_denied", "oauth-access-denied" },
    { "User is not assigned to the client application.", "oauth-access-denied" },
    { "error=unsupported_response_type", "oauth-unsupported-response-type" },
    { "{\"error\": \"invalid_scope\"}", "oauth-invalid-scope" },
    { "error=server_error", "oauth-server-error" },
    { "temporarily_unavailable", "oauth-server-error" },
    { "invalid_client", "oauth-invalid-client" },
    { "invalid_grant", "oauth-invalid-grant" },
    { "unsupported_grant_type", "oauth-unsupported-grant-type" },
    { "consent_required", "oidc-login-required" },
    { "request_uri_not_supported", "oidc-request-object" },
    { "Invalid parameter: redirect_uri", "oidc-redirect-uri-mismatch" },
    { "AADSTS501481", "oidc-pkce-mismatch" },
    { "Incorrect token audience", "oidc-aud-mismatch" },
    { "IDPCommunicationError", "oidc-sts-provider-unreachable" },
    { "Not authorized to perform sts:AssumeRoleWithWebIdentity", "oidc-sts-not-authorized" },
    { "authorization_pending", "oidc-idc-device-pending" },
    { "slow_down", "oidc-idc-device-pending" },
    { "expired_token", "oidc-idc-expired-token" },
    { "InvalidRequestRegionException", "oidc-idc-invalid-request-region" },
    { "AccessDeniedException", "scim-forbidden" },
    { "ResourceNotFoundException", "scim-not-found" },
    { "ConflictException", "scim-user-exists" },
    { "InternalServerException", "scim-server-error" },
    { "MSIS3126", "adfs-msis3126-3127" },
    { "MSIS3127: The specified request failed.", "adfs-msis3126-3127" },
    { "Unsupported/Unknown Request", "shibboleth-unknown-sp" },
    { "aws-cli/2.8.9 Python/3.9.11", "cli-old-version" },
    { "aws-cli/1.27.9 Python/3.9.11", "cli-old-version" },
    { "pf.provisioner.mode=OFF", "scim-ping-provisioner-off" },
    { "Event ID: 1203", "adfs-events-120x" },
};

static void
every_public_text_finds_its_entry_first(void **state)
{
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        size_t count = error_texts_find(str_from(table[i].text), matches);

        if (count == 0 || strcmp(matches[0].id, table[i].id) != 0) {
            print_message("'%.60s' gives %s, not %s\n", table[i].text, count > 0 ? matches[0].id : "nothing",
                          table[i].id);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void
matches_are_sound(void **state)
{
    struct error_match matches[ERROR_MATCHES_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        size_t count = error_texts_find(str_from(table[i].text), matches);

        for (size_t k = 0; k < count; k++) {
            assert_true((matches[k].check != NULL) != (matches[k].entry != NULL));
            for (size_t j = 0; j < k; j++)
                assert_string_not_equal(matches[j].id, matches[k].id);
        }
    }
}

/* Several texts in one: the surest first, each id once, never more than there is room for. */
static void
many_texts_at_once_are_bounded(void **state)
{
    struct error_match matches[ERROR_MATCHES_MAX];
    struct buf all;

    (void)state;
    buf_init(&all, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        buf_printf(&all, "%s\n", table[i].text);
    assert_int_equal(error_texts_find(buf_str(&all), matches), ERROR_MATCHES_MAX);
    assert_string_equal(matches[0].id, "entra-50011");
    buf_release(&all);
}

static void
what_is_no_error_finds_nothing(void **state)
{
    static const char *const texts[] = { "",
                                         "hello",
                                         "AADSTS",
                                         "not_access_denied",
                                         "access_denied_here",
                                         "aws-cli/2.9.0",
                                         "aws-cli/1.27.10",
                                         "aws-cli/",
                                         "AADSTS500111111",
                                         "no peer",
                                         "&",
                                         "\xe2",
                                         "\xe2\x80" };
    struct error_match matches[ERROR_MATCHES_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(error_texts_find(str_from(texts[i]), matches), 0);
    assert_int_equal(error_texts_find((struct str){ 0 }, matches), 0);
}

static void
entries_and_checks_share_no_id(void **state)
{
    static const char *const ids[] = { "cli-per-region-authorization", "acct-pim-inactive",
                                       "user-wrong-signin-name-ad" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_non_null(error_entry_find(str_from(ids[i])));
        assert_null(check_find(str_from(ids[i])));
    }
    assert_null(error_entry_find(STR("no-such-entry")));
}

static void
the_explanation_names_the_others(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_true(explain_text(&out, STR("No AWS accounts are available to you."), NULL, NULL));
    assert_int_not_equal(str_find_c(buf_str(&out), "cli-no-accounts"), SIZE_MAX);
    assert_int_not_equal(str_find_c(buf_str(&out), "acct-no-assignment"), SIZE_MAX);
    buf_reset(&out);
    assert_false(explain_text(&out, STR("hello"), NULL, NULL));
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_public_text_finds_its_entry_first), cmocka_unit_test(matches_are_sound),
        cmocka_unit_test(many_texts_at_once_are_bounded),          cmocka_unit_test(what_is_no_error_finds_nothing),
        cmocka_unit_test(entries_and_checks_share_no_id),          cmocka_unit_test(the_explanation_names_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
