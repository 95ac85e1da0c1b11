/* SPDX-License-Identifier: MIT */
#include "vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GUID "11111111-2222-3333-4444-555555555555"

/* One sign, seen alone: who it is, and a near miss that is nobody. */
struct row {
    const char *vendor;
    enum vendor_side side;
    enum vendor_certainty certainty;
    enum vendor_place place;
    const char *seen;
    const char *near_miss;
};

#define IDP VENDOR_IDP
#define SP VENDOR_SP
#define IS VENDOR_IS
#define LIKE VENDOR_LOOKS_LIKE
#define PLACE(name) VENDOR_##name

static const struct row rows[] = {
    { "okta", IDP, IS, PLACE(HOST), "example.okta.com", "okta.com.example.com" },
    { "okta", IDP, IS, PLACE(HOST), "example.oktapreview.com", "exampleokta.com" },
    { "okta", SP, IS, PLACE(HOST), "example.okta-gov.com", "okta-gov.com.example.com" },
    { "okta", IDP, IS, PLACE(HOST), "agency.okta.mil", "agencyokta.mil" },
    { "okta", IDP, LIKE, PLACE(URL), "https://login.example.com/app/amazon_aws/exk1abcd/sso/saml",
      "https://login.example.com/app/amazon_aws/abc1/sso/saml" },
    { "okta", SP, LIKE, PLACE(URL), "https://login.example.com/sso/saml2/0oa1abcd",
      "https://login.example.com/sso/saml2/x" },
    { "okta", IDP, IS, PLACE(HEADER), "X-Okta-Request-Id", "X-Request-Id" },
    { "okta", IDP, IS, PLACE(COOKIE), "okta-oauth-state", "oauth-state" },
    { "okta", IDP, LIKE, PLACE(ID), "id12345678901234567890", "id1234" },
    { "entra", IDP, IS, PLACE(HOST), "login.microsoftonline.com", "login.microsoftonline.com.example.com" },
    { "entra", IDP, IS, PLACE(HOST), "sts.windows.net", "sts.windows.net.example.com" },
    { "entra", IDP, IS, PLACE(HOST), "login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn.test" },
    { "entra", IDP, IS, PLACE(HOST), "contoso.ciamlogin.com", "ciamlogin.com.test" },
    { "entra", IDP, IS, PLACE(HOST), "login.microsoft.com", "login.microsoft.com.test" },
    { "entra", IDP, IS, PLACE(HEADER), "x-ms-ests-server", "x-ms-request-id" },
    { "entra", IDP, IS, PLACE(COOKIE), "ESTSAUTHPERSISTENT", "ESTS" },
    { "entra", IDP, LIKE, PLACE(ATTRIBUTE), "http://schemas.microsoft.com/identity/claims/tenantid",
      "http://schemas.example.com/identity/claims/tenantid" },
    { "entra", SP, IS, PLACE(ENTITY_ID), "urn:federation:MicrosoftOnline", "urn:federation:example" },
    { "entra", SP, IS, PLACE(ENTITY_ID), "https://login.microsoftonline.com/" GUID "/",
      "https://login.microsoftonline.com.test/" GUID "/" },
    { "entra", SP, IS, PLACE(URL), "https://login.microsoftonline.com/login.srf", "https://example.com/login.srf" },
    { "adfs", IDP, LIKE, PLACE(ENTITY_ID), "http://id.example.com/adfs/services/trust",
      "http://id.example.com/adfs/services/trust/mex" },
    { "adfs", SP, LIKE, PLACE(ENTITY_ID), "http://id.example.com/adfs/services/trust", "http://id.example.com/adfs" },
    { "adfs", IDP, LIKE, PLACE(URL), "https://id.example.com/adfs/ls/", "https://id.example.com/adfs/lsx" },
    { "adfs", SP, LIKE, PLACE(URL), "https://id.example.com/adfs/ls/", "https://id.example.com/ls/" },
    { "adfs", IDP, LIKE, PLACE(HOST), "fs.example.com", "offs.example.com" },
    { "adfs", IDP, IS, PLACE(COOKIE), "MSISAuthenticated", "MSISOther" },
    { "adfs", SP, IS, PLACE(COOKIE), "MSISAuth", "Auth" },
    { "google", IDP, IS, PLACE(ENTITY_ID), "https://accounts.google.com/o/saml2?idpid=C01abc",
      "https://accounts.google.com.example.com/o/saml2?idpid=C01abc" },
    { "google", IDP, IS, PLACE(HOST), "accounts.google.com", "accounts.google.example" },
    { "google", SP, IS, PLACE(ENTITY_ID), "google.com/a/example.com", "google.com.example.com" },
    { "google", SP, IS, PLACE(ENTITY_ID), "https://accounts.google.com/samlrp/metadata?rpid=1",
      "https://google.com/samlrp" },
    { "google", SP, IS, PLACE(URL), "https://www.google.com/a/example.com/acs",
      "https://www.google.com.test/a/example.com/acs" },
    { "keycloak", IDP, LIKE, PLACE(ENTITY_ID), "https://id.example.com/realms/main",
      "https://id.example.com/realms/main/x/y" },
    { "keycloak", SP, LIKE, PLACE(ENTITY_ID), "https://id.example.com/auth/realms/main",
      "https://id.example.com/realms/" },
    { "keycloak", IDP, LIKE, PLACE(URL), "https://id.example.com/realms/main/protocol/saml",
      "https://id.example.com/realms/main/protocol/openid-connect/auth" },
    { "keycloak", SP, LIKE, PLACE(URL), "https://id.example.com/realms/main/broker/okta/endpoint",
      "https://id.example.com/realms/main/broker/okta" },
    { "keycloak", IDP, LIKE, PLACE(HOST), "keycloak.example.com", "mykeycloak.example.com" },
    { "keycloak", IDP, IS, PLACE(NAMESPACE), "urn:keycloak:ext:key:1.0", "urn:example:ext:key:1.0" },
    { "keycloak", SP, IS, PLACE(NAMESPACE), "urn:keycloak:ext:key:1.0", "urn:keycloak:ext" },
    { "keycloak", IDP, IS, PLACE(COOKIE), "KEYCLOAK_IDENTITY", "IDENTITY" },
    { "keycloak", SP, IS, PLACE(COOKIE), "KEYCLOAK_SESSION", "SESSION" },
    { "keycloak", IDP, LIKE, PLACE(COOKIE), "KC_RESTART", "RESTART" },
    { "keycloak", SP, LIKE, PLACE(COOKIE), "AUTH_SESSION_ID", "SESSION_ID" },
    { "keycloak", IDP, LIKE, PLACE(ID), "ID_" GUID, "ID_1" },
    { "keycloak", SP, LIKE, PLACE(ID), "ID_" GUID, "_" GUID },
    { "ping", IDP, IS, PLACE(HOST), "auth.pingone.eu", "auth.pingone.eu.example.com" },
    { "ping", SP, IS, PLACE(HOST), "auth.pingone.com", "notpingone.com" },
    { "ping", IDP, IS, PLACE(HOST), "sso.connect.pingidentity.com", "pingidentity.com.test" },
    { "ping", SP, IS, PLACE(HOST), "sso.pingidentity.com", "pingidentity.com.test" },
    { "ping", IDP, LIKE, PLACE(ENTITY_ID), "PingFederate-prod", "my-PingFederate" },
    { "ping", IDP, LIKE, PLACE(URL), "https://id.example.com/idp/SSO.saml2", "https://id.example.com/idp/SSO" },
    { "ping", SP, LIKE, PLACE(URL), "https://id.example.com/sp/ACS.saml2", "https://id.example.com/sp/ACS" },
    { "ping", IDP, LIKE, PLACE(HOST), "pingfed.example.com", "shopingfed.example.com" },
    { "ping", IDP, LIKE, PLACE(COOKIE), "PF", "PFX" },
    { "onelogin", IDP, IS, PLACE(HOST), "example.onelogin.com", "onelogin.com.example.com" },
    { "onelogin", IDP, IS, PLACE(COOKIE), "sub_session_onelogin.com", "sub_session" },
    { "onelogin", IDP, LIKE, PLACE(ID), "R0123456789abcdef0123456789abcdef01234567", "R0123456789abcdef" },
    { "onelogin-toolkit", SP, IS, PLACE(ID), "ONELOGIN_0123456789abcdef0123456789abcdef01234567", "ONELOGIN_1" },
    { "auth0", IDP, IS, PLACE(ENTITY_ID), "urn:example.eu.auth0.com", "urn:example.eu.auth0.com.test" },
    { "auth0", IDP, IS, PLACE(HOST), "example.us.auth0.com", "auth0.com.example.com" },
    { "auth0", SP, IS, PLACE(HOST), "example.us.auth0.com", "exampleauth0.com" },
    { "auth0", SP, IS, PLACE(ENTITY_ID), "urn:auth0:example:okta", "urn:auth0" },
    { "auth0", IDP, LIKE, PLACE(URL), "https://id.example.com/samlp/0123456789abcdefABCDEF0123456789",
      "https://id.example.com/samlp/1" },
    { "auth0", SP, LIKE, PLACE(URL), "https://id.example.com/login/callback?connection=okta",
      "https://id.example.com/login/callback" },
    { "auth0", IDP, LIKE, PLACE(ATTRIBUTE), "http://schemas.auth0.com/clientID",
      "http://schemas.example.com/clientID" },
    { "auth0", IDP, IS, PLACE(HEADER), "X-Auth0-RequestId", "X-RequestId" },
    { "auth0", SP, IS, PLACE(HEADER), "X-Auth0-RequestId", "X-Auth0" },
    { "auth0", IDP, IS, PLACE(COOKIE), "auth0_compat", "auth1" },
    { "auth0", SP, IS, PLACE(COOKIE), "auth0", "auth" },
    { "shibboleth", IDP, LIKE, PLACE(ENTITY_ID), "https://id.example.edu/idp/shibboleth",
      "https://id.example.edu/idp/shibboleths" },
    { "shibboleth", IDP, LIKE, PLACE(ENTITY_ID), "urn:mace:example:shibboleth", "urn:mace:example" },
    { "shibboleth", IDP, LIKE, PLACE(URL), "https://id.example.edu/idp/profile/SAML2/Redirect/SSO",
      "https://id.example.edu/profile" },
    { "shibboleth", IDP, LIKE, PLACE(HOST), "shib.example.edu", "vshib.example.edu" },
    { "shibboleth", IDP, IS, PLACE(COOKIE), "shib_idp_session", "idp_session" },
    { "shibboleth", SP, LIKE, PLACE(ENTITY_ID), "https://sp.example.edu/shibboleth", "https://sp.example.edu/shib" },
    { "shibboleth", SP, LIKE, PLACE(URL), "https://sp.example.edu/Shibboleth.sso/SAML2/POST",
      "https://sp.example.edu/Shibboleth/SAML2/POST" },
    { "shibboleth", SP, IS, PLACE(COOKIE), "_shibsession_64656661", "_session_64656661" },
    { "simplesamlphp", IDP, LIKE, PLACE(ENTITY_ID), "https://id.example.com/simplesaml/saml2/idp/metadata.php",
      "https://id.example.com/metadata.php" },
    { "simplesamlphp", IDP, LIKE, PLACE(ENTITY_ID), "https://id.example.com/module.php/saml/idp/metadata",
      "https://id.example.com/saml/idp/metadata" },
    { "simplesamlphp", IDP, LIKE, PLACE(URL), "https://id.example.com/saml2/idp/SSOService.php",
      "https://id.example.com/SSOService.php" },
    { "simplesamlphp", IDP, LIKE, PLACE(URL), "https://id.example.com/module.php/saml/idp/singleSignOnService",
      "https://id.example.com/idp/singleSignOnService" },
    { "simplesamlphp", IDP, LIKE, PLACE(HOST), "simplesaml.example.com", "verysimplesaml.example.com" },
    { "simplesamlphp", IDP, IS, PLACE(COOKIE), "SimpleSAMLSessionID", "SAMLSessionID" },
    { "simplesamlphp", IDP, LIKE, PLACE(ID), "_0123456789abcdef0123456789abcdef0123456789",
      "_0123456789abcdef0123456789abcdef" },
    { "simplesamlphp", SP, LIKE, PLACE(ENTITY_ID), "https://sp.example.com/module.php/saml/sp/metadata.php/default-sp",
      "https://sp.example.com/saml/sp/metadata.php/x" },
    { "simplesamlphp", SP, LIKE, PLACE(URL),
      "https://sp.example.com/simplesaml/module.php/saml/sp/saml2-acs.php/default-sp",
      "https://sp.example.com/saml2-acs.php/default-sp" },
    { "simplesamlphp", SP, IS, PLACE(COOKIE), "SimpleSAMLAuthToken", "AuthToken" },
    { "simplesamlphp", SP, LIKE, PLACE(ID), "_0123456789abcdef0123456789abcdef0123456789",
      "_0123456789abcdef0123456789abcdef01234567890" },
    { "jumpcloud", IDP, IS, PLACE(HOST), "sso.jumpcloud.com", "sso.jumpcloud.com.example.com" },
    { "jumpcloud", IDP, LIKE, PLACE(ENTITY_ID), "JumpCloud-aws", "my-jumpcloud" },
    { "cyberark", IDP, IS, PLACE(HOST), "abc1234.id.cyberark.cloud", "id.cyberark.cloud.example.com" },
    { "cyberark", IDP, IS, PLACE(HOST), "abc1234.my.idaptive.app", "myidaptive.app" },
    { "cyberark", IDP, LIKE, PLACE(URL), "https://id.example.com/applogin/appKey/" GUID,
      "https://id.example.com/applogin/" },
    { "authentik", IDP, LIKE, PLACE(ENTITY_ID), "authentik", "authentiks" },
    { "authentik", IDP, LIKE, PLACE(ENTITY_ID), "https://id.example.com/application/saml/aws/metadata/",
      "https://id.example.com/application/saml/" },
    { "authentik", IDP, LIKE, PLACE(URL), "https://id.example.com/application/saml/aws/sso/binding/post/",
      "https://id.example.com/application/aws/sso/" },
    { "authentik", IDP, LIKE, PLACE(HOST), "authentik.example.com", "inauthentik.example.com" },
    { "authentik", IDP, IS, PLACE(HEADER), "X-authentik-id", "X-id" },
    { "authentik", IDP, IS, PLACE(COOKIE), "authentik_session", "session" },
    { "authentik", SP, LIKE, PLACE(URL), "https://id.example.com/source/saml/okta/acs/",
      "https://id.example.com/source/okta/acs/" },
    { "aws", IDP, IS, PLACE(ENTITY_ID), "https://portal.sso.eu-west-1.amazonaws.com/saml/assertion/abc",
      "https://portal.sso.eu-west-1.amazonaws.com.test/saml/assertion/abc" },
    { "aws", IDP, IS, PLACE(HOST), "d-1234567890.awsapps.com", "awsapps.com.example.com" },
    { "aws", IDP, IS, PLACE(HOST), "portal.sso.cn-north-1.amazonaws.com.cn", "sso.amazonaws.com.example.com" },
    { "aws-iam", SP, IS, PLACE(ENTITY_ID), "urn:amazon:webservices", "urn:amazon:webservice" },
    { "aws-iam", SP, IS, PLACE(URL), "https://signin.aws.amazon.com/saml",
      "https://signin.aws.amazon.com.example.com/saml" },
    { "aws-iam", SP, IS, PLACE(URL), "https://us-east-1.signin.aws.amazon.com/saml",
      "https://signin.aws.amazon.com/samlx" },
    { "aws-iam", SP, IS, PLACE(URL), "https://signin.aws.amazon.com/saml/acs/SAMLSPabc",
      "https://xsignin.aws.amazon.com/saml/acs/a" },
    { "aws-iam", SP, IS, PLACE(URL), "https://signin.aws.amazon.com/static/saml",
      "https://signin.aws.amazon.com/static/saml/x" },
    { "aws-iam", SP, IS, PLACE(ENTITY_ID), "https://signin.aws.amazon.com/saml", "https://aws.amazon.com/saml" },
    { "aws-iam-govcloud", SP, IS, PLACE(ENTITY_ID), "urn:amazon:webservices:govcloud", "urn:amazon:webservices:gov" },
    { "aws-iam-govcloud", SP, IS, PLACE(URL), "https://signin.amazonaws-us-gov.com/saml",
      "https://signin.amazonaws-us-gov.com.test/saml" },
    { "aws-iam-govcloud", SP, IS, PLACE(ENTITY_ID), "https://us-gov-west-1.signin.amazonaws-us-gov.com/saml",
      "https://signin.amazonaws-us-gov.com/" },
    { "aws-iam-china", SP, IS, PLACE(ENTITY_ID), "urn:amazon:webservices:cn-north-1",
      "urn:amazon:webservices:cn-south-1" },
    { "aws-iam-china", SP, IS, PLACE(URL), "https://signin.amazonaws.cn/saml",
      "https://signin.amazonaws.cn.test/saml" },
    { "aws-iam-china", SP, IS, PLACE(ENTITY_ID), "https://cn-northwest-1.signin.amazonaws.cn/saml",
      "https://amazonaws.cn/saml" },
    { "aws-identity-center", SP, IS, PLACE(URL), "https://eu-west-1.signin.aws.amazon.com/platform/saml/acs/" GUID,
      "https://eu-west-1.signin.aws.amazon.com.test/platform/saml/acs/" GUID },
    { "aws-identity-center", SP, IS, PLACE(URL), "https://eu-west-1.sso.signin.aws/platform/saml/acs/" GUID,
      "https://eu-west-1.signin.aws.example.com/platform/saml/acs/" GUID },
    { "aws-identity-center", SP, IS, PLACE(ENTITY_ID),
      "https://us-east-1.signin.aws.amazon.com/platform/saml/d-1234567890",
      "https://signin.aws.example.com/platform/saml/d-1234567890" },
    { "aws-identity-center-govcloud", SP, IS, PLACE(URL),
      "https://us-gov-west-1.signin.amazonaws-us-gov.com/platform/saml/acs/" GUID,
      "https://us-gov-west-1.signin.amazonaws-us-gov.com/platform/acs/" GUID },
    { "aws-identity-center-govcloud", SP, IS, PLACE(ENTITY_ID),
      "https://us-gov-west-1.signin.amazonaws-us-gov.com/platform/saml/d-1234567890",
      "https://signin.amazonaws-us-gov.example/platform/saml/d-1234567890" },
    { "aws-identity-center-china", SP, IS, PLACE(URL), "https://cn-north-1.signin.amazonaws.cn/platform/saml/acs/" GUID,
      "https://cn-north-1.signin.amazonaws.cn.test/platform/saml/acs/" GUID },
    { "aws-identity-center-china", SP, IS, PLACE(ENTITY_ID),
      "https://cn-north-1.signin.amazonaws.cn/platform/saml/d-1234567890",
      "https://cn-north-1.amazonaws.cn/platform/saml/d-1234567890" },
    { "aws-cognito", SP, IS, PLACE(ENTITY_ID), "urn:amazon:cognito:sp:eu-west-1_AbCdEf123", "urn:amazon:cognito:sp:" },
    { "aws-cognito", SP, IS, PLACE(HOST), "example.auth.eu-west-1.amazoncognito.com",
      "auth.eu-west-1.amazoncognito.com.test" },
    { "aws-cognito", SP, LIKE, PLACE(URL), "https://auth.example.com/saml2/idpresponse",
      "https://auth.example.com/saml2/idpresponses" },
    { "aws-client-vpn", SP, IS, PLACE(ENTITY_ID), "urn:amazon:webservices:clientvpn",
      "urn:amazon:webservices:clientvpns" },
    { "aws-client-vpn", SP, LIKE, PLACE(URL), "http://127.0.0.1:35001", "http://127.0.0.1:35002" },
    { "mod-auth-mellon", SP, LIKE, PLACE(ENTITY_ID), "https://sp.example.com/mellon/metadata",
      "https://sp.example.com/melon/metadata" },
    { "mod-auth-mellon", SP, LIKE, PLACE(URL), "https://sp.example.com/mellon/postResponse",
      "https://sp.example.com/mellon/post" },
    { "mod-auth-mellon", SP, IS, PLACE(COOKIE), "mellon-cookie", "melon-cookie" },
    { "spring-security", SP, LIKE, PLACE(ENTITY_ID), "https://sp.example.com/saml2/service-provider-metadata/okta",
      "https://sp.example.com/service-provider-metadata/okta" },
    { "spring-security", SP, LIKE, PLACE(URL), "https://sp.example.com/login/saml2/sso/okta",
      "https://sp.example.com/login/saml2/okta" },
    { "spring-security", SP, LIKE, PLACE(ID), "ARQ1111111-2222-3333-4444-555555555555", "ARQ" GUID },
    { "salesforce", SP, IS, PLACE(HOST), "example.my.salesforce.com", "notsalesforce.com" },
    { "samltap-lab", IDP, IS, PLACE(HOST), "idp.samltap.test", "idp.samltap.test.example.com" },
    { "samltap-lab", SP, IS, PLACE(HOST), "idc.samltap.test", "xyz.samltap.test.example.com" },
};

/* Everything that a view may point to. */
struct scene {
    struct saml_message message;
    struct saml_assertion assertion;
    struct saml_attribute attribute;
    struct str namespace;
    struct header header;
    struct headers headers;
    struct vendor_view view;
};

static void
see(struct scene *scene, enum vendor_place place, struct str value)
{
    *scene = (struct scene){ .namespace = value };
    scene->message.assertions = &scene->assertion;
    scene->message.assertion_count = 1;
    scene->assertion.attributes = &scene->attribute;
    scene->headers = (struct headers){ &scene->header, 1 };
    scene->view.written[0] = &scene->message;
    scene->view.written_count = 1;
    if (place == VENDOR_ENTITY_ID)
        vendor_view_entity_id(&scene->view, value);
    else if (place == VENDOR_URL)
        vendor_view_url(&scene->view, value);
    else if (place == VENDOR_HOST)
        scene->view.page_host = value;
    else if (place == VENDOR_ID)
        scene->message.id.text = value;
    scene->message.extension_namespaces = &scene->namespace;
    scene->message.extension_namespace_count = place == VENDOR_NAMESPACE;
    scene->attribute.name.text = value;
    scene->assertion.attribute_count = place == VENDOR_ATTRIBUTE;
    if (place == VENDOR_HEADER || place == VENDOR_COOKIE)
        scene->view.answered = &scene->headers;
    scene->header = (struct header){ value, STR("x") };
    if (place == VENDOR_COOKIE)
        scene->header.name = STR("Set-Cookie");
}

static bool
recognise(const struct row *row, const char *seen, struct vendor_match *match)
{
    struct scene scene;
    char cookie[200];

    see(&scene, row->place, str_from(seen));
    if (row->place == VENDOR_COOKIE) {
        snprintf(cookie, sizeof cookie, "%s=1; Path=/; %s=2", seen, "okta-oauth-state");
        scene.header.value = str_from(cookie);
    }
    return vendor_recognise(row->side, &scene.view, match);
}

static void
every_sign_is_seen_and_its_near_miss_is_not(void **state)
{
    struct vendor_match match;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];

        if (!recognise(row, row->seen, &match))
            fail_msg("%s: %s is nobody", row->vendor, row->seen);
        assert_string_equal(match.vendor->name, row->vendor);
        if (match.side != row->side || match.certainty != row->certainty || match.place != row->place)
            fail_msg("%s: %s by %s, certainty %d", row->vendor, row->seen, vendor_place_name(match.place),
                     match.certainty);
        assert_true(str_eq_c(match.seen, row->seen));
        if (recognise(row, row->near_miss, &match) && strcmp(match.vendor->name, row->vendor) == 0)
            fail_msg("%s: also by %s", row->vendor, row->near_miss);
    }
}

/* How many signs of the vendor have a row: at least one for each place and side that it has a sign in. */
static void
every_vendor_has_a_row_for_each_kind_of_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < vendor_count(); i++)
        for (const struct vendor_sign *sign = vendor_at(i)->signs; sign->pattern != NULL; sign++) {
            size_t k = 0;

            while (k < COUNT_OF(rows) &&
                   (strcmp(rows[k].vendor, vendor_at(i)->name) != 0 || rows[k].side != sign->side ||
                    rows[k].place != sign->place || rows[k].certainty != sign->certainty))
                k++;
            if (k == COUNT_OF(rows))
                fail_msg("no row for %s: %s", vendor_at(i)->name, sign->pattern);
        }
}

static void
a_sure_sign_beats_a_habit_and_a_strong_one_a_weak(void **state)
{
    struct vendor_view view = { 0 };
    struct vendor_match match;

    (void)state;
    vendor_view_entity_id(&view, STR("https://id.example.com/realms/main"));
    assert_true(vendor_recognise(VENDOR_IDP, &view, &match));
    assert_string_equal(match.vendor->name, "keycloak");
    assert_int_equal(match.certainty, VENDOR_LOOKS_LIKE);
    vendor_view_url(&view, STR("https://example.okta.com/app/x/exk1/sso/saml"));
    assert_true(vendor_recognise(VENDOR_IDP, &view, &match));
    assert_string_equal(match.vendor->name, "okta");
    assert_int_equal(match.certainty, VENDOR_IS);
    vendor_view_entity_id(&view, STR("urn:example.auth0.com"));
    assert_true(vendor_recognise(VENDOR_IDP, &view, &match));
    assert_string_equal(match.vendor->name, "auth0");
}

/* A usual host name says something of an address, nothing of a name. */
static void
entity_ids_are_not_taken_for_addresses(void **state)
{
    (void)state;
    assert_null(vendor_by_issuer(STR("https://adfs.example.com/saml")));
    assert_string_equal(vendor_by_host(STR("adfs.example.com"))->name, "adfs");
    assert_string_equal(vendor_by_issuer(STR("http://www.okta.com/exk1abc"))->name, "okta");
    assert_null(vendor_by_issuer(STR("http://www.okta.com.example.com/exk1abc")));
    assert_null(vendor_by_issuer(STR("okta.com")));
}

static void
cookies_of_a_request_are_all_read(void **state)
{
    struct header header = { STR("Cookie"), STR("a=1; KEYCLOAK_IDENTITY=secret; b=2") };
    struct headers headers = { &header, 1 };
    struct vendor_view view = { .asked = &headers };
    struct vendor_match match;

    (void)state;
    assert_true(vendor_recognise(VENDOR_IDP, &view, &match));
    assert_true(str_eq_c(match.seen, "KEYCLOAK_IDENTITY"));
    assert_string_equal(vendor_place_words(match.place), "the name of a cookie");
}

static void
titles_are_those_of_the_side(void **state)
{
    struct vendor_view view = { 0 };
    struct vendor_match match;

    (void)state;
    vendor_view_url(&view, STR("https://sp.example.edu/Shibboleth.sso/SAML2/POST"));
    assert_true(vendor_recognise(VENDOR_SP, &view, &match));
    assert_string_equal(vendor_match_title(&match), "Shibboleth SP");
    assert_false(vendor_recognise(VENDOR_IDP, &view, &match));
    assert_null(match.vendor);
}

static void
views_are_filled_from_both_halves(void **state)
{
    struct saml_audience_restriction restriction;
    struct saml_confirmation confirmation;
    struct saml_value audience;
    struct vendor_view views[2] = { 0 };
    struct message message = { .url = STR("https://signin.aws.amazon.com/saml") };
    struct scene scene;
    struct vendor_match match;

    (void)state;
    see(&scene, VENDOR_ID, STR("id12345678901234567890"));
    confirmation = (struct saml_confirmation){ .recipient.text = STR("https://elsewhere.test/mellon/postResponse") };
    audience = (struct saml_value){ .text = STR("urn:amazon:cognito:sp:eu-west-1_AbCdEf123") };
    restriction = (struct saml_audience_restriction){ .audiences = &audience, .audience_count = 1 };
    scene.message.kind = MESSAGE_RESPONSE;
    scene.assertion.confirmations = &confirmation;
    scene.assertion.confirmation_count = 1;
    scene.assertion.restrictions = &restriction;
    scene.assertion.restriction_count = 1;
    message.saml = &scene.message;
    vendor_view_message(views, &message, NULL);
    assert_true(vendor_recognise(VENDOR_IDP, &views[VENDOR_IDP], &match));
    assert_string_equal(match.vendor->name, "okta");
    /* Where it was sent counts, not what the message says of its receiver. */
    assert_true(vendor_recognise(VENDOR_SP, &views[VENDOR_SP], &match));
    assert_string_equal(match.vendor->name, "aws-iam");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sign_is_seen_and_its_near_miss_is_not),
        cmocka_unit_test(every_vendor_has_a_row_for_each_kind_of_sign),
        cmocka_unit_test(a_sure_sign_beats_a_habit_and_a_strong_one_a_weak),
        cmocka_unit_test(entity_ids_are_not_taken_for_addresses),
        cmocka_unit_test(cookies_of_a_request_are_all_read),
        cmocka_unit_test(titles_are_those_of_the_side),
        cmocka_unit_test(views_are_filled_from_both_halves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
