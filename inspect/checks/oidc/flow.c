/* SPDX-License-Identifier: MIT */
/* Requests held against their answers: redirect_uri, state, nonce, PKCE. */
#include <openssl/evp.h>
#include <string.h>

#include "base64url.h"
#include "content_coding.h"
#include "oidc_check.h"

enum { MAX_PAGE = 256 * 1024 };

/* --- redirect_uri --------------------------------------------------------------------------------- */

/* The sentence with which a provider refuses a redirect_uri; absent when the page has none. */
static struct str
page_says(struct check_run *run)
{
    static const char *const texts[] = { "AADSTS50011", "Invalid parameter: redirect_uri", "redirect_uri_mismatch",
                                         "'redirect_uri' parameter must be" };
    struct str body, detail, sentence, rest;

    content_decode(run->arena, run->exchange->response_body.bytes, &run->exchange->response_headers, MAX_PAGE, &body,
                   &detail);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        size_t at = str_find_nocase(body, str_from(texts[i]));

        if (at != SIZE_MAX) {
            str_cut(str_from_offset(body, at), '<', &sentence, &rest);
            return oidc_clip(str_trim(sentence));
        }
    }
    return (struct str){ 0 };
}

static void
redirect_uri(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run), *authorization = oauth->authorization;
    struct str sentence;

    if (oauth->kind == OAUTH_TOKEN_REQUEST && authorization != NULL && str_present(oauth->redirect_uri) &&
        !str_eq(oauth->redirect_uri, authorization->redirect_uri)) {
        finding_mismatch(check_report(run, check,
                                      STR("The code is redeemed with another redirect_uri than it was "
                                          "asked for.")),
                         authorization->redirect_uri, oauth->redirect_uri, "the authorization request");
    } else if (oauth->kind == OAUTH_AUTHORIZATION_REQUEST && !run->message->in_response && run->exchange != NULL) {
        sentence = page_says(run);
        if (str_present(sentence))
            check_reportf(run, check,
                          "The provider shows a page instead of an answer: \"%.*s\" Sent was redirect_uri %.*s.",
                          STR_ARG(sentence), STR_ARG(oidc_clip(oauth->redirect_uri)));
    }
}

/* --- state ---------------------------------------------------------------------------------------- */

static void
state(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run), *sent = oauth->authorization;

    if (oauth->kind != OAUTH_AUTHORIZATION_RESPONSE)
        return;
    if (sent == NULL)
        check_skipped(run, check, "the authorization request was not seen");
    else if (sent->state.len > 0 && !str_eq(oauth->state, sent->state))
        finding_mismatch(check_report(run, check,
                                      oauth->state.len > 0
                                          ? STR("The answer carries a state that the request for this redirect_uri did "
                                                "not have: an older tab, another browser, or a forged answer.")
                                          : STR("The answer carries no state although the request had one.")),
                         sent->state, oauth->state, "the authorization request");
}

/* --- nonce ---------------------------------------------------------------------------------------- */

static void
nonce(struct check_run *run, const struct check *check)
{
    const struct jwt *token = oidc_token(run);
    const struct oauth_message *sent = oidc_message(run)->authorization;

    if (token == NULL || !token->claims.present)
        return;
    if (sent == NULL)
        check_skipped(run, check, "the authorization request was not seen");
    else if (sent->nonce.len > 0 && !str_eq(token->claims.nonce, sent->nonce))
        finding_mismatch(check_report(run, check,
                                      token->claims.nonce.len > 0
                                          ? STR("The ID token was made for another request.")
                                          : STR("The ID token carries no nonce although the request had one.")),
                         sent->nonce, token->claims.nonce, "the authorization request");
}

/* --- PKCE ----------------------------------------------------------------------------------------- */

/* The challenge that a verifier makes (RFC 7636 4.6); absent when memory is out. */
static struct str
challenge_of(struct arena *arena, struct str verifier, bool plain)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len = 0;

    if (plain)
        return verifier;
    if (EVP_Q_digest(NULL, "SHA256", NULL, verifier.ptr, verifier.len, digest, &len) != 1)
        return (struct str){ 0 };
    return base64url_encode(arena, (struct str){ (const char *)digest, len });
}

static void
pkce(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run), *sent = oauth->authorization;
    struct str made;

    if (oauth->kind != OAUTH_TOKEN_REQUEST || !str_eq_c(oauth->grant_type, "authorization_code"))
        return;
    if (sent == NULL) {
        check_skipped(run, check, "the authorization request of this code was not seen");
        return;
    }
    if (sent->code_challenge.len == 0)
        return;
    if (oauth->code_verifier.len == 0) {
        check_report(run, check,
                     STR("The request had a code_challenge, but the code is redeemed without code_verifier."));
        return;
    }
    made = challenge_of(run->arena, oauth->code_verifier, !str_eq_c(sent->code_challenge_method, "S256"));
    if (str_present(made) && !str_eq(made, sent->code_challenge))
        finding_mismatch(
            check_report(run, check, STR("The code_verifier does not make the code_challenge that was sent.")),
            sent->code_challenge, made, "the authorization request");
}

/* --- tokens in URLs -------------------------------------------------------------------------------- */

static void
token_in_url(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run);
    bool access = oauth->access_token.len > 0;

    if (oauth->kind == OAUTH_AUTHORIZATION_RESPONSE && run->message->binding == BINDING_HTTP_REDIRECT &&
        (access || oauth->id_token != NULL))
        check_reportf(run, check, "The %s stands in the %s of the address that the browser is sent to.",
                      access ? "access token" : "ID token", oauth->in_fragment ? "fragment (behind #)" : "query");
}

static const struct check table[] = {
    { OIDC_ROW("oidc-redirect-uri-mismatch", ERROR, OAUTH, WRONG_ENDPOINT, IDP_ADMIN, STANDARD, PROVEN,
               "the redirect_uri is not the one that is registered"),
      .means = "The provider does not answer to an address that it does not know.",
      .rule = "redirect_uri equals a registered one byte by byte; the token request repeats it unchanged.",
      .spec = "RFC 6749 3.1.2, 4.1.3 · RFC 9700 2.1 · saml-verification OID-01", .source = OAUTH_AND_ENTRA,
      .fixes = { { "entra", "App registrations > Authentication > Redirect URIs: add exactly this address." },
                 { "okta", "Applications > the app > General > Sign-in redirect URIs." },
                 { "keycloak", "Clients > the client > Valid redirect URIs." },
                 { "any", "Register exactly this redirect_uri: scheme, host, port, path and trailing slash." } },
      .run = redirect_uri },
    { OIDC_ROW("oidc-state-mismatch", ERROR, OAUTH, REQUEST, USER, STANDARD, LIKELY,
               "the state of the answer is not the one that was sent"),
      .means = "The application must refuse the answer: it did not ask for it in this browser.",
      .rule = "state of the response equals state of the request.",
      .spec = "RFC 6749 4.1.2, 10.12 · saml-verification OID-02", .source = OAUTH_RFCS,
      .fixes = { { "any",
                   "Start again in one tab; no bookmark of the sign-in page; cookies must reach the callback." } },
      .run = state },
    { OIDC_ROW("oidc-nonce-mismatch", ERROR, OAUTH, REQUEST, SP_ADMIN, STANDARD, PROVEN,
               "the nonce of the ID token is not the one that was sent"),
      .means = "The application must refuse the token: it may be replayed.",
      .rule = "nonce of the ID token equals nonce of the request.",
      .spec = "OIDC Core 3.1.3.7 (11), 3.2.2.11 · saml-verification OID-04", .source = OIDC_CORE,
      .fixes = { { "any", "Start the sign-in anew; if it stays, provider or application lose the nonce." } },
      .run = nonce },
    { OIDC_ROW("oidc-pkce-mismatch", ERROR, OAUTH, REQUEST, SP_ADMIN, STANDARD, PROVEN,
               "the code_verifier does not belong to the code_challenge"),
      .means = "The provider must refuse to give tokens (invalid_grant).",
      .rule = "BASE64URL(SHA256(code_verifier)) equals code_challenge (method S256); equal texts with plain.",
      .spec = "RFC 7636 4.6 · saml-verification OID-03", .source = "RFC 7636 (2015)",
      .fixes = { { "any", "Let the application keep the verifier of this very request; encode without padding." } },
      .run = pkce },
    { OIDC_ROW("oidc-token-in-url", WARNING, OAUTH, NOTE, SP_ADMIN, STANDARD, PROVEN, "a token stands in a URL"),
      .means = "Addresses end up in histories, logs and Referer headers, and the token with them.",
      .rule = "Tokens come in the body of an answer, never in a query or fragment.",
      .spec = "RFC 9700 2.1.2, 4.2, 4.3 · saml-verification OID-17", .source = OAUTH_RFCS,
      .fixes = { { "any", "Use response_type=code with PKCE, or response_mode=form_post." } }, .run = token_in_url },
};

CHECK_SET(checks_oidc_flow, table);
