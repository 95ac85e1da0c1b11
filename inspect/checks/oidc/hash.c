/* SPDX-License-Identifier: MIT */
/* What binds an ID token to the access token and the code beside it; how an encrypted one was sealed. */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base64url.h"
#include "oidc_check.h"

/* The digest that goes with an algorithm (OIDC Core 3.1.3.6); NULL: none that is known. */
static const char *
digest_of(struct str alg)
{
    if (str_eq_c(alg, "EdDSA"))
        return "SHA512"; /* of Ed25519 */
    if (alg.len != 5 ||
        (!str_starts_c(alg, "RS") && !str_starts_c(alg, "PS") && !str_starts_c(alg, "ES") && !str_starts_c(alg, "HS")))
        return NULL;
    if (str_ends_c(alg, "256"))
        return "SHA256";
    if (str_ends_c(alg, "384"))
        return "SHA384";
    return str_ends_c(alg, "512") ? "SHA512" : NULL;
}

/* The left half of the digest of value, in base64url; absent when it cannot be made. */
static struct str
half_hash(struct arena *arena, struct str alg, struct str value)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const char *name = digest_of(alg);
    size_t len = 0;

    if (name == NULL || EVP_Q_digest(NULL, name, NULL, value.ptr, value.len, digest, &len) != 1) {
        ERR_clear_error();
        return (struct str){ 0 };
    }
    return base64url_encode(arena, (struct str){ (const char *)digest, len / 2 });
}

/* Holds one hash claim against the value that came beside the token. */
static void
judge(struct check_run *run, const struct check *check, struct str claim, struct str value, bool required,
      const char *what)
{
    const struct jwt *token = oidc_token(run);
    struct str made;

    if (token == NULL || !token->claims.present || value.len == 0)
        return;
    if (!str_present(claim)) {
        if (required)
            check_reportf(run, check, "The ID token came with %s through the browser, but has no hash of it.", what)
                ->severity = SEVERITY_WARNING;
        return;
    }
    made = half_hash(run->arena, token->header.alg, value);
    if (!str_present(made))
        check_skipped(run, check, "the algorithm of the ID token has no hash that is known");
    else if (!str_eq(made, claim))
        finding_mismatch(check_reportf(run, check, "The ID token was made for another %s than came with it.",
                                       str_eq_c(str_from(what), "the code") ? "code" : "access token"),
                         made, claim, what);
}

static void
at_hash(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run);
    const struct jwt *token = oidc_token(run);

    if (token != NULL)
        judge(run, check, token->claims.at_hash, oauth->access_token, oauth->kind == OAUTH_AUTHORIZATION_RESPONSE,
              "the access token");
}

static void
c_hash(struct check_run *run, const struct check *check)
{
    const struct oauth_message *oauth = oidc_message(run);
    const struct jwt *token = oidc_token(run);
    struct str code = oauth->code;

    if (code.len == 0 && oauth->token_request != NULL)
        code = oauth->token_request->code;
    if (token != NULL)
        judge(run, check, token->claims.c_hash, code, oauth->kind == OAUTH_AUTHORIZATION_RESPONSE, "the code");
}

static void
rsa15(struct check_run *run, const struct check *check)
{
    const struct jwt *token = oidc_message(run)->id_token;

    if (token != NULL && token->form == JWT_FORM_JWE && str_eq_c(token->header.alg, "RSA1_5"))
        check_report(run, check, STR("The ID token is encrypted with RSA1_5 (RSAES-PKCS1-v1_5)."));
}

static const struct check table[] = {
    { OIDC_ROW("oidc-at-hash-mismatch", ERROR, OAUTH, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the access token is not the one that the ID token was made for"),
      .means = "The application must not use the access token: it may have been replaced on the way.", .fixed = true,
      .rule = "at_hash = base64url(left half of the hash of the access token), the hash of the token's alg; "
              "required when both come through the browser.",
      .spec = "OIDC Core 3.1.3.6, 3.1.3.8, 3.2.2.9 · saml-verification OID-15", .source = OIDC_CORE,
      .fixes = { { "any", "Take both tokens of one answer; look for what rewrites the answer between provider and "
                          "application." } },
      .run = at_hash },
    { OIDC_ROW("oidc-c-hash-mismatch", ERROR, OAUTH, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "the code is not the one that the ID token was made for"),
      .means = "The application must not redeem the code: it may have been replaced on the way.", .fixed = true,
      .rule = "c_hash = base64url(left half of the hash of the code), the hash of the token's alg; required when "
              "both come through the browser.",
      .spec = "OIDC Core 3.3.2.10, 3.3.2.11 · saml-verification OID-15", .source = OIDC_CORE,
      .fixes = { { "any", "Take code and ID token of one answer; start the sign-in anew." } }, .run = c_hash },
    { OIDC_ROW("oidc-jwe-rsa15", WARNING, OAUTH, ENCRYPTION, IDP_ADMIN, STANDARD, PROVEN,
               "the ID token is encrypted in a way that is no longer safe"),
      .means = "Applications may refuse it; who can ask a server whether it opens, can read it step by step.",
      .rule = "alg of the encrypted token is RSA1_5.", .spec = "RFC 8725 3.2 · RFC 7518 4.2 · saml-verification OID-16",
      .source = "RFC 8725 (2020), RFC 7518 (2015)",
      .fixes = { { "any", "Set the ID token's encryption to RSA-OAEP or RSA-OAEP-256 at the identity provider." } },
      .run = rsa15 },
};

CHECK_SET(checks_oidc_hash, table);
