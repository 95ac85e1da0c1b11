/* SPDX-License-Identifier: MIT */
/* An answer of WS-Federation held against its request. The RSTR and wctx are signed by nobody. */
#include "wsfed_check.h"
#include "xstime.h"

/*
 * With another context nothing but the realm says which request was meant: the answer to an older one, or one that
 * nobody asked for, looks the same.
 */
static void
context_altered(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *sent = wsfed_request(run), *got = wsfed_of(run);

    if (!got->response)
        return;
    if (sent == NULL) {
        check_skipped(run, check, "the request was not seen");
        return;
    }
    if (sent->context.len == 0 || str_eq(sent->context, got->context))
        return;
    finding_mismatch(check_reportf(run, check,
                                   "The last request for this realm had wctx \"%.*s\", the answer %s%.*s%s.",
                                   STR_ARG(sent->context), str_present(got->context) ? "has \"" : "has none",
                                   STR_ARG(got->context), str_present(got->context) ? "\"" : ""),
                     sent->context, got->context, "wctx of the request");
}

static void
reply_mismatch(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *sent = wsfed_request(run);
    struct str url = str_present(run->message->form_action) ? run->message->form_action : run->message->url;

    if (sent == NULL || sent->reply.len == 0 || !str_present(url) || str_eq(sent->reply, url))
        return;
    finding_mismatch(check_reportf(run, check, "The request asked for the answer at %.*s; it goes to %.*s.",
                                   STR_ARG(sent->reply), STR_ARG(url)),
                     sent->reply, url, "wreply of the request");
}

static void
result_by_reference(struct check_run *run, const struct check *check)
{
    if (str_present(wsfed_of(run)->result_url) && run->saml == NULL)
        check_reportf(run, check, "The token itself is not here: the relying party fetches it from %.*s.",
                      STR_ARG(wsfed_of(run)->result_url));
}

/* --- the RSTR around the token ---------------------------------------------------------------------------- */

static void
token_missing(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;

    if (!wsfed_of(run)->response || saml == NULL || str_present(wsfed_of(run)->result_url))
        return;
    if (saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_ASSERTION || saml->kind == MESSAGE_SAML1_ASSERTION ||
        saml->kind == MESSAGE_SAML1_RESPONSE)
        check_reportf(run, check, "wresult holds %.*s itself, not the RequestSecurityTokenResponse around it.",
                      STR_ARG(saml->root_name));
    else if (saml->kind != MESSAGE_WSTRUST_RSTR)
        return;
    else if (saml->assertion_count + saml->encrypted_assertion_count == 0)
        finding_at(
            check_reportf(run, check, "The RSTR %s%.*s.",
                          str_present(saml->wstrust.token_element) ? "holds no assertion, but " : "holds no token",
                          STR_ARG(saml->wstrust.token_element)),
            saml->where);
}

static void
applies_to(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *sent = wsfed_request(run);
    const struct saml_value *value = run->saml != NULL ? &run->saml->wstrust.applies_to : NULL;
    struct str got = value != NULL ? str_trim(value->text) : (struct str){ 0 };

    if (sent == NULL || sent->realm.len == 0 || got.len == 0 || str_eq(got, sent->realm))
        return;
    finding_at(finding_mismatch(check_reportf(run, check, "The token was asked for \"%.*s\"; the RSTR is for \"%.*s\".",
                                              STR_ARG(sent->realm), STR_ARG(got)),
                                sent->realm, got, "wtrealm of the WS-Federation request"),
               value->where);
}

static void
lifetime_over(struct check_run *run, const struct check *check)
{
    const struct saml_time *end = run->saml != NULL ? &run->saml->wstrust.expires : NULL;
    int64_t late;

    if (end == NULL || !end->valid || (run->exchange == NULL && !run->context->settings->has_now))
        return;
    late = run->context->now_ms - end->time.ms;
    if (late >= run->context->skew_ms)
        finding_at(check_reportf(run, check, "Lifetime/Expires of the RSTR is %.*s, and it is %.*s (%s).%.*s",
                                 STR_ARG(end->raw.text), STR_ARG(xstime_format(run->arena, run->context->now_ms)),
                                 run->context->now_source, STR_ARG(check_would_pass(run, late + 1))),
                   end->raw.where);
}

/* Both spellings of each version are in use. */
static void
token_type(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    struct str type = saml != NULL ? str_trim(saml->wstrust.token_type.text) : (struct str){ 0 };
    bool says1, says2;

    if (type.len == 0 || saml->assertion_count == 0)
        return;
    says1 = str_find_c(type, "SAMLV1.1") != SIZE_MAX || str_find_c(type, "SAML:1.0:assertion") != SIZE_MAX;
    says2 = str_find_c(type, "SAMLV2.0") != SIZE_MAX || str_find_c(type, "SAML:2.0:assertion") != SIZE_MAX;
    if ((says1 && !saml->assertions[0].saml1) || (says2 && saml->assertions[0].saml1))
        finding_at(check_reportf(run, check, "TokenType is \"%.*s\", the token is an assertion of SAML %s.",
                                 STR_ARG(type), saml->assertions[0].saml1 ? "1.1" : "2.0"),
                   saml->wstrust.token_type.where);
}

static const struct check table[] = {
    { WSFED_ROW("wsfed-token-missing", ERROR, STATUS, IDP_ADMIN, STANDARD, PROVEN, "the answer brings no token"),
      .means = "Nobody is signed in: the relying party has nothing to read.",
      .rule = "wresult is an RSTR, alone or in a collection, with an assertion in RequestedSecurityToken.",
      .spec = "WS-Trust 1.3, 3.2; WS-Federation 1.2, 13.2.2 · saml-verification 2.7", .source = WS_TRUST,
      .fixes = { { "any", "Set the token type of the relying party to SAML 1.1 or SAML 2.0." } },
      .run = token_missing },
    { WSFED_ROW("wsfed-applies-to-mismatch", WARNING, PARTY, IDP_ADMIN, STANDARD, PROVEN,
                "the answer is for another realm than asked for"),
      .means = "Relying parties that look at AppliesTo refuse it; what counts for the others is the audience in the "
               "token.",
      .rule = "AppliesTo/EndpointReference/Address of the RSTR equals wtrealm of the request.",
      .spec = "WS-Trust 1.3, 3.2 · saml-verification 2.7", .source = WS_TRUST, .follows = "audience-mismatch",
      .fixes = { { "adfs", "Relying party trust → Identifiers: the realm that the application sends." },
                 { "any", "Write the same realm on both sides." } },
      .run = applies_to },
    { WSFED_ROW("wsfed-lifetime-over", WARNING, TIME, USER, STANDARD, PROVEN, "the lifetime of the answer is over"),
      .means = "An old answer was sent again, or a clock is wrong.", .rule = "now < Lifetime/Expires + skew.",
      .spec = "WS-Trust 1.3, 4.4 · saml-verification 2.7", .source = WS_TRUST, .follows = "time-expired",
      .fixes = { { "any", "Sign in again; check the clocks." } }, .run = lifetime_over },
    { WSFED_ROW("wsfed-token-type-mismatch", WARNING, STATUS, IDP_ADMIN, STANDARD, PROVEN,
                "the token is not of the type that the answer says"),
      .means = "A relying party that goes by TokenType reads it with the wrong rules.",
      .rule = "TokenType names the version of the assertion.", .spec = "WS-Trust 1.3, 3.2 · saml-verification 2.7",
      .source = WS_TRUST, .fixes = { { "any", "A fault of the identity provider." } }, .run = token_type },
    { WSFED_ROW("wsfed-context-altered", WARNING, REQUEST, IDP_ADMIN, STANDARD, LIKELY,
                "the context did not come back unchanged"),
      .means = "The application cannot join the answer to its request: it shows an error or loses where the user "
               "wanted to go.",
      .rule = "wctx of the answer equals wctx of the request, byte for byte.",
      .spec = "WS-Federation 1.2, 13.2.2 · saml-verification 2.7", .source = WS_FEDERATION,
      .fixes = { { "any", "Sign in again in one tab. When it stays, find what rewrites wctx: a proxy, a page that "
                          "encodes it twice, an identity provider between the two." } },
      .run = context_altered },
    { WSFED_ROW("wsfed-reply-mismatch", WARNING, WRONG_ENDPOINT, IDP_ADMIN, STANDARD, PROVEN,
                "the answer goes to another address than asked for"),
      .means = "The identity provider sends the token to the address that it has registered; the application may not "
               "listen there.",
      .rule = "The answer goes to wreply of the request.", .spec = "WS-Federation 1.2, 13.2.2", .source = WS_FEDERATION,
      .fixes = { { "entra", "Reply URLs of the application: add the address, or make it the default one." },
                 { "adfs", "Relying party trust → Endpoints: AD FS takes wreply only below a registered endpoint." },
                 { "any", "Register the address at the identity provider." } },
      .run = reply_mismatch },
    { WSFED_ROW("wsfed-result-elsewhere", INFO, NOTE, IDP_ADMIN, STANDARD, PROVEN, "the result is sent by reference"),
      .means = "That step goes from server to server and was not seen.",
      .rule = "wresult holds the token itself; with wresultptr it has to be fetched.",
      .spec = "WS-Federation 1.2, 13.2.2", .source = WS_FEDERATION,
      .fixes = { { "any", "Nothing to do; look into the log of the relying party." } }, .run = result_by_reference },
};

CHECK_SET(wsfed_answer_checks, table);
