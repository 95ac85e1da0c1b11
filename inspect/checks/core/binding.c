/* SPDX-License-Identifier: MIT */
/* How a message is carried: what HTTP says beside it (Bind 3.4, 3.5), and what its URLs may lead to. */
#include "facts.h"
#include "signin_types.h"
#include "url.h"

#define BINDINGS "OASIS SAML 2.0 Bindings (2005)"
#define DEFLATE_ENCODING "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

static void
encoding_unknown(struct check_run *run, const struct check *check)
{
    struct str encoding = run->message->saml_encoding;
    if (str_present(encoding) && !str_eq_c(encoding, DEFLATE_ENCODING)) {
        finding_mismatch(check_reportf(run, check,
                                       "SAMLEncoding is \"%.*s\"; the only encoding that is defined is DEFLATE.",
                                       STR_ARG(encoding)),
                         STR(DEFLATE_ENCODING), encoding, "SAML Bindings 3.4.4");
    }
}

/* --- HTTP around it ------------------------------------------------------------------------------- */

static void
in_http_error(struct check_run *run, const struct check *check)
{
    if (run->exchange && run->message->in_response && run->saml && run->exchange->status >= 400) {
        check_reportf(run, check, "The %s comes with the HTTP status %u of %.*s.", facts_kind_word(run->saml),
                      run->exchange->status, STR_ARG(run->exchange->host));
    }
}

static bool
is_error_status(const struct saml_message *saml)
{
    return saml && saml->kind == MESSAGE_RESPONSE && saml->status.code_count > 0 &&
           !str_eq_c(saml->status.codes[0].text, STATUS_PREFIX "Success");
}

static void
status_not_handled(struct check_run *run, const struct check *check)
{
    const struct signin *signin = run->signin;
    if (is_error_status(run->saml) && signin->acs_status >= 400) {
        check_reportf(run, check,
                      "The identity provider sent an error status, and %.*s answered with HTTP status %u: the user is "
                      "not told what the identity provider said.",
                      STR_ARG(signin->sp_host), signin->acs_status);
    }
}

static bool
is_framed(const struct check_run *run)
{
    struct str target;
    if (!run->exchange || run->message->in_response) {
        return false;
    }
    target = headers_get(&run->exchange->request_headers, "Sec-Fetch-Dest");
    return str_eq_c(target, "iframe") || str_eq_c(target, "frame");
}

static void
acs_in_frame(struct check_run *run, const struct check *check)
{
    if (facts_is_response(run) && is_framed(run)) {
        bool cookies = str_present(headers_get(&run->exchange->request_headers, "Cookie"));
        check_reportf(run, check, "The Response is posted from a frame (Sec-Fetch-Dest: iframe)%s.",
                      cookies ? "" : ", and no cookie of the service provider comes with it");
    }
}

static void
logout_in_frame(struct check_run *run, const struct check *check)
{
    if (facts_is_logout(run) && is_framed(run)) {
        bool cookies = str_present(headers_get(&run->exchange->request_headers, "Cookie"));
        check_reportf(run, check, "The %s goes through a frame (Sec-Fetch-Dest: iframe)%s.", facts_kind_word(run->saml),
                      cookies ? "" : ", and no cookie comes with it: the receiver cannot know which session to end");
    }
}

/* --- URLs that lead elsewhere ----------------------------------------------------------------------- */

static bool
runs_script(struct str url)
{
    static const char *const schemes[] = { "javascript:", "data:", "vbscript:", "file:" };
    url = str_trim(url);
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (str_starts_nocase(url, str_from(schemes[i]))) {
            return true;
        }
    }
    return false;
}

static void
judge_scheme(struct check_run *run, const struct check *check, const char *name, struct str url, struct where where)
{
    if (runs_script(url)) {
        finding_at(check_reportf(run, check, "%s is \"%.*s\": no address to go to, but something to run.", name,
                                 STR_ARG(str_slice(url, 0, 200))),
                   where);
    }
}

static void
scheme_unsafe(struct check_run *run, const struct check *check)
{
    const struct saml_message *saml = run->saml;
    judge_scheme(run, check, "RelayState", run->message->relay_state, (struct where){ 0 });
    judge_scheme(run, check, "The action of the form", run->message->form_action, (struct where){ 0 });
    if (!saml) {
        return;
    }
    judge_scheme(run, check, "Destination", saml->destination.text, saml->destination.where);
    if (saml->kind == MESSAGE_AUTHN_REQUEST) {
        judge_scheme(run, check, "AssertionConsumerServiceURL", saml->request.acs_url.text,
                     saml->request.acs_url.where);
    }
    for (size_t i = 0; i < saml->assertion_count; i++) {
        for (size_t k = 0; k < saml->assertions[i].confirmation_count; k++) {
            const struct saml_value *recipient = &saml->assertions[i].confirmations[k].recipient;
            judge_scheme(run, check, "Recipient", recipient->text, recipient->where);
        }
    }
}

/* The last two labels: near enough to tell a sibling host from a stranger. */
static struct str
site_of(struct str host)
{
    size_t dots = 0;
    for (size_t i = host.len; i > 0; i--) {
        dots += host.ptr[i - 1] == '.';
        if (dots == 2) {
            return str_from_offset(host, i);
        }
    }
    return host;
}

static void
relay_state_foreign(struct check_run *run, const struct check *check)
{
    struct str state = run->message->relay_state;
    struct url target, acs;
    bool echoed = run->request_message && str_eq(state, run->request_message->relay_state);
    if (!facts_is_response(run) || echoed || !url_split(state, &target) || !url_split(run->message->url, &acs)) {
        return;
    }
    if (!str_eq_nocase(site_of(target.host), site_of(acs.host))) {
        check_reportf(run, check,
                      "RelayState sends the user on to \"%.*s\", which is not a host of the service provider "
                      "(\"%.*s\").",
                      STR_ARG(str_slice(state, 0, 200)), STR_ARG(acs.host));
    }
}

static const struct check table[] = {
    { CORE_ROW("binding-encoding-unknown", WARNING, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message names an encoding that nobody knows"),
      .means = "Receivers support DEFLATE only; they refuse the message or ignore the parameter.",
      .rule = "SAMLEncoding is absent or " DEFLATE_ENCODING ".",
      .spec = "SAML Bindings 3.4.4, 3.4.4.1 · saml-verification BND-03", .source = BINDINGS,
      .fixes = { { "any", "Leave the parameter SAMLEncoding out." } }, .run = encoding_unknown },
    { CORE_ROW("saml-in-http-error", WARNING, MESSAGE, TRANSPORT, IDP_ADMIN, STANDARD, PROVEN,
               "a SAML message in an HTTP error"),
      .means = "SAML says what went wrong in its own status. Browsers, proxies and gateways may replace the page of an "
               "HTTP error, and the message with it.",
      .rule = "The page or redirect that carries a message has a status below 400.", .limit = "HTTP status 399",
      .spec = "SAML Bindings 3.4.6, 3.5.6 · saml-verification BND-07", .source = BINDINGS,
      .fixes = { { "any", "Answer with HTTP 200 (or a redirect) and put the error into Status." } },
      .run = in_http_error },
    { CORE_ROW("status-not-handled", WARNING, SIGNIN, NOTE, SP_ADMIN, STANDARD, PROVEN,
               "the service provider does not handle an error status"),
      .means = "The user sees an error page of the server, not what the identity provider said.",
      .rule = "A Response with an error status is answered with a page, not with an HTTP error.",
      .spec = "SAML2Int SDP-SP11; SAML Bindings 3.5.6 · saml-verification STA-05, BND-07",
      .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Let the application show StatusMessage and a way to try again." } },
      .run = status_not_handled },
    { CORE_ROW("acs-in-frame", WARNING, MESSAGE, TRANSPORT, SP_ADMIN, STANDARD, PROVEN, "the sign-in runs in a frame"),
      .means = "Browsers keep cookies from frames of other sites: the service provider does not find its own request, "
               "and many identity providers refuse to be framed.",
      .rule = "The Response is posted by a page of its own, not in an iframe.",
      .spec = "SAML2Int SDP-SP03 · saml-verification BND-13", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Sign in in the top window or in a window of its own." } }, .run = acs_in_frame },
    { CORE_ROW("logout-in-frame", WARNING, MESSAGE, TRANSPORT, IDP_ADMIN, STANDARD, PROVEN,
               "the logout runs in a frame"),
      .means = "Browsers that block cookies of other sites send none: the session stays although logout looks done.",
      .rule = "Logout messages go through the top window, or from server to server.",
      .spec = "SAML2Int SDP-SP27 · saml-verification SLO-06", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Use the Redirect binding in the top window, or SOAP between the servers." } },
      .run = logout_in_frame },
    { CORE_ROW("url-scheme-unsafe", ERROR, MESSAGE, INTEGRITY, IDP_ADMIN, STANDARD, PROVEN,
               "a URL of the message would run code"),
      .attack = ATTACK_SCRIPT, .fixed = true,
      .means = "An application that redirects there runs the sender's script under its own name.",
      .rule =
          "Destination, Recipient, AssertionConsumerServiceURL, RelayState and the form's action have no javascript:, "
          "data:, vbscript: or file: scheme.",
      .spec = "SAML E90 · saml-verification ATK-XSS, ATK-OPENREDIR",
      .source = "public advisories (GHSA-267v-3v32-g6q5)",
      .fixes = { { "any", "Find out who sends it; accept http and https only." } }, .run = scheme_unsafe },
    { CORE_ROW_FOR(PROFILE_GENERIC, "relaystate-foreign-host", WARNING, MESSAGE, NOTE, SP_ADMIN, INFERRED, POSSIBLE,
                   "RelayState leads to another site"),
      .attack = ATTACK_OPEN_REDIRECT,
      .means = "A service provider that follows it unchecked can be used to send users anywhere after they signed in.",
      .rule = "A RelayState that is a URL, and was not in the request, leads to the service provider's own site.",
      .spec = "SAML E90 · saml-verification ATK-OPENREDIR", .source = "security practice",
      .fixes = { { "any", "Accept only targets of your own; or keep the target in the session." } },
      .run = relay_state_foreign },
};

CHECK_SET(core_binding, table);
