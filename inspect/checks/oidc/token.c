/* SPDX-License-Identifier: MIT */
/* The ID token as an application must check it (OIDC Core 3.1.3.7). */
#include <string.h>

#include "oidc_check.h"
#include "xstime.h"

/* Claims of the token; NULL when there are none. */
static const struct jwt_claims *
claims_of(const struct check_run *run)
{
    const struct jwt *token = oidc_token(run);

    return token != NULL && token->claims.present ? &token->claims : NULL;
}

/* --- issuer and audience -------------------------------------------------------------------------- */

static void
issuer(struct check_run *run, const struct check *check)
{
    const struct jwt_claims *claims = claims_of(run);
    const struct oauth_message *oauth = oidc_message(run);
    struct str given = run->context->settings->idp_entity_id;

    if (claims == NULL)
        return;
    if (str_starts_c(given, "https://") && !str_eq(given, claims->issuer))
        finding_mismatch(check_report(run, check, STR("The ID token is of another issuer.")), given, claims->issuer,
                         "--idp-entity-id");
    else if (oauth->issuer.len > 0 && !str_eq(oauth->issuer, claims->issuer))
        finding_mismatch(check_report(run, check, STR("The answer names one issuer and its ID token another.")),
                         oauth->issuer, claims->issuer, "the parameter iss of the answer");
    else if (!str_starts_c(given, "https://") && oauth->issuer.len == 0)
        check_skipped(run, check, "the issuer is not known: give it as --idp-entity-id URL");
}

static struct str
client_id_of(const struct oauth_message *oauth)
{
    if (oauth->authorization != NULL && oauth->authorization->client_id.len > 0)
        return oauth->authorization->client_id;
    return oauth->token_request != NULL ? oauth->token_request->client_id : (struct str){ 0 };
}

static struct str
joined_audiences(struct arena *arena, const struct jwt_claims *claims)
{
    struct str joined = STR("");

    for (size_t i = 0; i < claims->audience_count; i++)
        joined = arena_printf(arena, "%.*s%s%.*s", STR_ARG(joined), i > 0 ? ", " : "",
                              STR_ARG(oidc_clip(claims->audiences[i])));
    return joined;
}

static void
audience(struct check_run *run, const struct check *check)
{
    const struct jwt_claims *claims = claims_of(run);
    struct str client = client_id_of(oidc_message(run));
    bool named = false;

    if (claims == NULL)
        return;
    if (client.len == 0) {
        check_skipped(run, check, "the client_id is not known: no request was seen");
        return;
    }
    for (size_t i = 0; i < claims->audience_count; i++)
        named = named || str_eq(claims->audiences[i], client);
    if (!named)
        finding_mismatch(check_report(run, check, STR("The ID token is addressed to another client.")), client,
                         claims->audience_count == 1 ? claims->audiences[0] : joined_audiences(run->arena, claims),
                         "the client_id of the request");
    else if (claims->authorized_party.len > 0 && !str_eq(claims->authorized_party, client))
        finding_mismatch(check_report(run, check, STR("The authorized party (azp) of the ID token is another client.")),
                         client, claims->authorized_party, "the client_id of the request");
}

/* --- time ----------------------------------------------------------------------------------------- */

static struct str
time_text(const struct check_run *run, int64_t ms)
{
    return xstime_format(run->arena, ms);
}

/* Of a token alone nobody knows what it was for. */
static const char *
token_words(const struct check_run *run)
{
    return oidc_message(run)->kind == OAUTH_TOKEN ? "token" : "ID token";
}

static void
report_time(struct check_run *run, const struct check *check, const char *words, int64_t ms)
{
    int64_t now = run->context->now_ms, gap = ms > now ? ms - now : now - ms;
    struct finding *finding =
        check_reportf(run, check, "The %s %s %.*s; it is %.*s (%s, %lld s of skew allowed).%.*s", token_words(run),
                      words, STR_ARG(time_text(run, ms)), STR_ARG(time_text(run, now)), run->context->now_source,
                      (long long)(run->context->skew_ms / 1000), STR_ARG(check_would_pass(run, gap + (ms <= now))));

    /* A saved token judged by today's clock has simply been kept. */
    if (run->exchange == NULL && !run->context->settings->has_now)
        finding->severity = SEVERITY_WARNING;
}

static void
expired(struct check_run *run, const struct check *check)
{
    const struct jwt_claims *claims = claims_of(run);
    int64_t now = run->context->now_ms, skew = run->context->skew_ms;

    if (claims == NULL)
        return;
    if (!claims->expires.valid)
        check_reportf(run, check, "The %s has no time of expiry (exp) that could be read.", token_words(run));
    else if (claims->expires.ms + skew <= now)
        report_time(run, check, "expired at", claims->expires.ms);
    else if (claims->not_before.valid && claims->not_before.ms - skew > now)
        report_time(run, check, "is not valid before", claims->not_before.ms);
    else if (claims->issued_at.valid && claims->issued_at.ms - skew > now)
        report_time(run, check, "says that it was issued at", claims->issued_at.ms);
}

/* --- signature ------------------------------------------------------------------------------------ */

static struct str
no_key_text(struct check_run *run, const struct jwt *token)
{
    if (str_present(token->would_verify))
        return arena_printf(run->arena,
                            "No key of the set has kid \"%.*s\"; the signature is valid under the key with kid "
                            "\"%.*s\".",
                            STR_ARG(oidc_clip(token->header.kid)), STR_ARG(oidc_clip(token->would_verify)));
    if (token->detail.len > 0)
        return arena_printf(run->arena, "No key of the set fits kid \"%.*s\": %.*s.",
                            STR_ARG(oidc_clip(token->header.kid)), STR_ARG(oidc_clip(token->detail)));
    return arena_printf(run->arena, "No key of the set has kid \"%.*s\", and none of them made the signature.",
                        STR_ARG(oidc_clip(token->header.kid)));
}

static void
signature(struct check_run *run, const struct check *check)
{
    const struct jwt *token = oidc_token(run);

    if (token == NULL)
        return;
    if (token->form == JWT_FORM_JWE) {
        check_skipped(run, check, "the ID token is encrypted and was not opened");
        return;
    }
    switch (token->signature) {
    case JWS_NOT_CHECKED:
        check_skipped(run, check, "no keys of the provider were given (--jwks FILE)");
        break;
    case JWS_NO_KEY:
        check_report(run, check, no_key_text(run, token));
        break;
    case JWS_INVALID:
        check_reportf(run, check,
                      "The signature is not by the key with kid \"%.*s\": the token was altered, or is of "
                      "another issuer.",
                      STR_ARG(oidc_clip(token->header.kid)));
        break;
    case JWS_REFUSED:
    case JWS_UNSUPPORTED:
        finding_attack(check_reportf(run, check, "The %s cannot be trusted: %.*s.", token_words(run),
                                     STR_ARG(oidc_clip(token->detail))),
                       token->signature == JWS_REFUSED ? ATTACK_TOKEN : ATTACK_NONE);
        break;
    case JWS_MALFORMED:
        check_reportf(run, check, "The %s is no well-formed token (%s).", token_words(run),
                      jwt_syntax_name(token->syntax));
        break;
    default:
        break;
    }
}

static void
implicit_groups(struct check_run *run, const struct check *check)
{
    const struct jwt_claims *claims = claims_of(run);

    if (claims != NULL && claims->has_groups)
        check_report(run, check, STR("The ID token says hasgroups: true instead of naming the groups."));
}

static const struct check table[] = {
    { OIDC_ROW("oidc-iss-mismatch", ERROR, OAUTH, PARTY, SP_ADMIN, STANDARD, PROVEN,
               "the ID token is of another issuer"),
      .means = "The application must refuse the token.",
      .rule = "iss equals the issuer of the provider's configuration byte by byte (trailing slash, version).",
      .spec = "OIDC Core 3.1.3.7 (2) · RFC 9207 · saml-verification OID-05, OID-14", .source = OIDC_CORE,
      .fixes = { { "entra", "v1 tokens come from https://sts.windows.net/…, v2 tokens from "
                            "https://login.microsoftonline.com/…/v2.0: use one." },
                 { "any", "Configure the issuer exactly as the provider's discovery document names it." } },
      .run = issuer },
    { OIDC_ROW("oidc-aud-mismatch", ERROR, OAUTH, PARTY, SP_ADMIN, STANDARD, PROVEN,
               "the ID token is addressed to another client"),
      .means = "The application must refuse the token; AWS STS answers InvalidIdentityToken.",
      .rule = "aud contains the client_id; azp, when there, equals it.",
      .spec = "OIDC Core 3.1.3.7 (3-5) · saml-verification OID-14",
      .source = OIDC_CORE "; AWS IAM User Guide, \"Create an OpenID Connect identity provider\" (read 2023-05)",
      .fixes = { { "any", "Use one client_id throughout; for AWS add it to the audiences of the IAM OIDC provider." } },
      .run = audience },
    { OIDC_ROW("oidc-expired", ERROR, OAUTH, TIME, SP_ADMIN, STANDARD, PROVEN,
               "the ID token has expired, or is not valid yet"),
      .means = "The application must refuse the token.",
      .rule = "nbf, iat <= now < exp, with the skew that is allowed.",
      .spec = "OIDC Core 3.1.3.7 (9) · RFC 7519 4.1.4 · saml-verification OID-14", .source = OIDC_CORE,
      .fixes = { { "any", "Get a new token; set the clocks of provider and application by NTP." } }, .run = expired },
    { OIDC_ROW("oidc-signature-kid", ERROR, OAUTH, KEY, SP_ADMIN, STANDARD, PROVEN,
               "the signature of the ID token cannot be verified with the provider's keys"),
      .means = "The application must refuse the token.", .fixed = true,
      .rule = "alg is RS/PS/ES256-512 or EdDSA, kid is in the provider's JWKS, and the signature holds.",
      .spec =
          "RFC 7515 5.2 · RFC 8725 3.1 · OIDC Core 10.1.1 · saml-verification OID-10, OID-11, OID-12, OID-13, ATK-JWT",
      .source = "RFC 7515, 7517, 8725; " OIDC_CORE,
      .fixes = { { "any", "Fetch the provider's JWKS again (keys rotate); never accept alg none." } },
      .run = signature },
    { OIDC_ROW("oidc-entra-implicit-groups", WARNING, OAUTH, ATTRIBUTE, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the groups are too many for a token of the implicit flow"),
      .means = "Who reads groups from the token finds none.",
      .rule = "The claim hasgroups is true (Entra ID, implicit flow, more than five groups).",
      .spec = "Configure group claims",
      .source = "Microsoft Entra, \"Configure group claims for applications\" (read 2026)",
      .fixes = { { "entra", "Use the code flow, assign groups to the application and emit only those." } },
      .run = implicit_groups },
};

CHECK_SET(checks_oidc_token, table);
