/* SPDX-License-Identifier: MIT */
/* OpenID Connect where AWS takes SAML alone. */
#include "oidc_check.h"
#include "profile.h"
#include "url.h"

/* AWS's console is itself a client of AWS's own sign-in, at other paths of the same hosts. */
static bool
is_saml_endpoint(struct str text)
{
    struct url url;

    return (profile_of_url(text) & PROFILE_AWS) != 0 && url_split(str_trim(text), &url) &&
           (str_starts_nocase(url.path, STR("/platform/saml/")) || str_starts_nocase(url.path, STR("/saml")));
}

static void
identity_source(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run);
    struct finding *finding;

    if (oauth->kind != OAUTH_AUTHORIZATION_REQUEST || run->message->in_response ||
        !is_saml_endpoint(oauth->redirect_uri))
        return;
    finding = check_report(run, check,
                           STR("The redirect_uri is a SAML endpoint of AWS: somebody registered AWS at the "
                               "identity provider as an OpenID Connect client."));
    finding->received = oauth->redirect_uri;
    finding->source = STR("redirect_uri");
}

static const struct check table[] = {
    { OIDC_ROW("idc-oidc-identity-source", ERROR, OAUTH, WRONG_ENDPOINT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "AWS sign-in was set up with OpenID Connect"),
      .means =
          "The identity source of Identity Center is SAML 2.0, with SCIM beside it; there is no OpenID Connect. Its "
          "own OIDC endpoints serve command line tools, trusted token issuers serve applications.",
      .rule = "No redirect_uri of an authorization request is a SAML endpoint of AWS.", .spec = "-",
      .source = "IAM Identity Center User Guide, \"Using SAML and SCIM identity federation with external identity "
                "providers\" (read 2026)",
      .fixes = { { "okta", "Add the app \"AWS IAM Identity Center\", which speaks SAML." },
                 { "entra", "Add the gallery app \"AWS IAM Identity Center\", which speaks SAML." },
                 { "any", "Make a SAML 2.0 app at the identity provider from AWS's metadata file." } },
      .run = identity_source },
};

CHECK_SET(checks_oidc_identity_source, table);
