/* SPDX-License-Identifier: MIT */
/* What AWS STS answers to AssumeRoleWithWebIdentity. */
#include <string.h>

#include "content_coding.h"
#include "oidc_check.h"

#define STS_MODEL "AWS STS API model, AssumeRoleWithWebIdentity (2011-06-15)"
#define IAM_OIDC "AWS IAM User Guide, \"Create an OpenID Connect identity provider\" (read 2023-05)"

enum { MAX_ANSWER = 64 * 1024 };

/* Texts of STS's XML or JSON that mean a check; all of an entry's must be there. */
static const struct {
    const char *id;
    const char *code;
    const char *text;
} meanings[] = {
    { "oidc-sts-provider-unreachable", "IDPCommunicationError", "" },
    { "oidc-sts-provider-url", "InvalidIdentityToken", "No OpenIDConnect provider found" },
    { "oidc-sts-thumbprint", "InvalidIdentityToken", "thumbprint" },
    { "oidc-sts-not-authorized", "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity" },
};

static struct str
answer_of(struct check_run *run)
{
    const struct exchange *exchange = run->exchange;
    struct str body = { 0 }, detail;

    if (exchange->status < 400 || !str_starts_c(exchange->host, "sts.") ||
        str_find_c(exchange->host, ".amazonaws.com") == SIZE_MAX || exchange->response_body.bytes.len > MAX_ANSWER)
        return body;
    content_decode(run->arena, exchange->response_body.bytes, &exchange->response_headers, MAX_ANSWER, &body, &detail);
    return body;
}

/* The sentence in <Message>, or the beginning of the answer. */
static struct str
sentence(struct str answer)
{
    size_t at = str_find_c(answer, "<Message>");
    struct str rest = at == SIZE_MAX ? answer : str_from_offset(answer, at + 9), head, tail;

    str_cut(rest, '<', &head, &tail);
    return oidc_clip(str_trim(at == SIZE_MAX ? answer : head));
}

static void
sts_error(struct check_run *run, const struct check *check)
{
    struct str answer = answer_of(run);

    for (size_t i = 0; answer.len > 0 && i < COUNT_OF(meanings); i++)
        if (strcmp(meanings[i].id, check->id) == 0 && str_find_c(answer, meanings[i].code) != SIZE_MAX &&
            str_find_nocase(answer, str_from(meanings[i].text)) != SIZE_MAX)
            check_reportf(run, check, "AWS STS answers \"%.*s\".", STR_ARG(sentence(answer)));
}

static const struct check table[] = {
    { OIDC_ROW("oidc-sts-provider-unreachable", ERROR, EXCHANGE, STATUS, IDP_ADMIN, DOCUMENTED, PROVEN,
               "AWS cannot reach the OpenID provider's keys"),
      .means = "STS gives no credentials: it could not fetch discovery document or JWKS.",
      .rule = "STS answers IDPCommunicationError (400).", .spec = "AssumeRoleWithWebIdentity", .source = STS_MODEL,
      .fixes = { { "any",
                   "Make the provider's /.well-known/openid-configuration public over https; then try again." } },
      .run = sts_error },
    { OIDC_ROW("oidc-sts-provider-url", ERROR, EXCHANGE, PARTY, SP_ADMIN, OBSERVED, LIKELY,
               "the account has no OpenID provider for this issuer"),
      .means = "STS gives no credentials.",
      .rule = "STS answers InvalidIdentityToken, \"No OpenIDConnect provider found in your account\".",
      .spec = "IAM OIDC provider: URL equals iss, https, no port, case-sensitive", .source = IAM_OIDC,
      .fixes = { { "any", "IAM > Identity providers: add a provider whose URL equals iss of the token exactly." } },
      .run = sts_error },
    { OIDC_ROW("oidc-sts-thumbprint", ERROR, EXCHANGE, KEY, SP_ADMIN, DOCUMENTED, LIKELY,
               "the certificate of the OpenID provider is not the one that IAM knows"),
      .means = "STS gives no credentials.", .rule = "STS answers InvalidIdentityToken and speaks of the thumbprint.",
      .spec = "IAM OIDC provider: 1 to 5 thumbprints", .source = IAM_OIDC,
      .fixes = { { "any", "IAM > Identity providers > the provider > Manage thumbprints: add that of the top CA." } },
      .run = sts_error },
    { OIDC_ROW("oidc-sts-not-authorized", ERROR, EXCHANGE, DIRECTORY, SP_ADMIN, DOCUMENTED, PROVEN,
               "the role's trust policy does not let this token in"),
      .means = "STS gives no credentials.",
      .rule = "STS answers AccessDenied, \"Not authorized to perform sts:AssumeRoleWithWebIdentity\".",
      .spec = "Trust policy: conditions on …:aud and …:sub, sts:TagSession for tags", .source = IAM_OIDC,
      .fixes = { { "any",
                   "Compare aud and sub of the token with the conditions of the trust policy; allow sts:TagSession "
                   "when the token carries https://aws.amazon.com/tags." } },
      .run = sts_error },
};

CHECK_SET(checks_oidc_sts, table);
