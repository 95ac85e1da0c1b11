/* SPDX-License-Identifier: MIT */
/* An answer of WS-Federation held against its request. The RSTR and wctx are signed by nobody. */
#include "wsfed_check.h"

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
    finding_mismatch(check_reportf(run, check, "The request had wctx \"%.*s\", the answer %s%.*s%s.",
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

static const struct check table[] = {
    { WSFED_ROW("wsfed-context-altered", ERROR, REQUEST, IDP_ADMIN, STANDARD, PROVEN,
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
