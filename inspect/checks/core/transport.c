/* SPDX-License-Identifier: MIT */
/* What goes wrong before or around the message. */
#include <string.h>

#include "facts.h"
#include "signin.h"
#include "url.h"

#define BINDINGS "OASIS SAML 2.0 Bindings (2005)"

enum { RELAY_STATE_MAX = 80, LOOP_LEAST = 3 };

/* --- connections --------------------------------------------------------------------------------- */

/* "BEFORE host AFTER: what the relay said. MORE" */
struct trouble {
    const char *id;
    enum exchange_problem problem;
    const char *before;
    const char *after;
    const char *more;
};

static const struct trouble troubles[] = {
    { "tls-proxy-ca-untrusted", EXCHANGE_CLIENT_REJECTED_CA,
      "The client does not trust the certificate that samltap showed it for", "",
      " This is samltap's own doing, not a fault of the service provider or identity provider." },
    { "tls-client-failed", EXCHANGE_CLIENT_TLS_FAILED, "The TLS handshake with the client failed for", "", "" },
    { "tls-client-cert-lost", EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT, "The server",
      " asks for a client certificate, which the browser may have and samltap has not", " Caused by samltap." },
    { "transport-host-unknown", EXCHANGE_UPSTREAM_NAME, "The name", " does not resolve here", "" },
    { "transport-host-blocked", EXCHANGE_UPSTREAM_UNREACHABLE, "No connection to", "", "" },
    { "transport-proxy-refused", EXCHANGE_UPSTREAM_PROXY, "The proxy on the way out did not let through to", "", "" },
    { "tls-upstream-failed", EXCHANGE_UPSTREAM_TLS_FAILED, "The TLS handshake failed with", "", "" },
    { "tls-upstream-untrusted", EXCHANGE_UPSTREAM_UNTRUSTED, "The certificate of", " is not trusted here",
      " Nothing was sent to it." },
    { "tls-upstream-unverified", EXCHANGE_UPSTREAM_UNVERIFIED, "--insecure: samltap does not know who answers for", "",
      " A browser without samltap would stop here; whoever is on the way can read and change this sign-in." },
    { "transport-cut-short", EXCHANGE_CUT_SHORT, "The connection with", " ended in the middle of a message", "" },
    { "transport-bad-http", EXCHANGE_BAD_HTTP, "What was exchanged with", " is not HTTP that can be read", "" },
};

static bool
endpoints_name(const struct metadata_endpoint *endpoints, size_t count, struct str host)
{
    struct url url;

    for (size_t i = 0; i < count; i++)
        if (url_split(endpoints[i].location, &url) && str_eq_nocase(url.host, host))
            return true;
    return false;
}

/* Hosts of AWS's sign-in and access portal (aws-rules 2.6). */
static bool
is_portal_host(struct str host)
{
    static const char *const ends[] = {
        ".awsapps.com",         ".signin.aws", ".signin.aws.amazon.com", ".app.aws",    ".amazonaws.com",
        ".awsstatic.com",       ".aws.dev",    ".console.aws.a2z.com",   ".awsapps.cn", "signin.aws.amazon.com",
        ".amazonaws-us-gov.com"
    };

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (str_ends_c(host, ends[i]))
            return true;
    return false;
}

/* A party of the sign-in, as far as is known: a host of given metadata, of the ACS URL, or of AWS's portal. */
static bool
is_party(const struct settings *settings, struct str host)
{
    struct url acs;

    if (is_portal_host(host) || (url_split(settings->acs_url, &acs) && str_eq_nocase(acs.host, host)))
        return true;
    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t j = 0; j < settings->metadata[i]->entity_count; j++) {
            const struct metadata_entity *entity = &settings->metadata[i]->entities[j];

            if (endpoints_name(entity->idp.sso, entity->idp.sso_count, host) ||
                endpoints_name(entity->sp.sso, entity->sp.sso_count, host))
                return true;
        }
    return false;
}

/* Browsers talk to many hosts by themselves: a failure there is no failed sign-in. */
static enum severity
severity_for_host(const struct check_run *run, const struct check *check)
{
    const struct settings *settings = run->context->settings;

    if (check->rank != RANK_TRANSPORT || check->severity != SEVERITY_ERROR || check->owner != OWNER_NETWORK ||
        is_party(settings, run->exchange->host))
        return check->severity;
    return settings->metadata_count > 0 || str_present(settings->acs_url) ? SEVERITY_INFO : SEVERITY_WARNING;
}

static void
connection_trouble(struct check_run *run, const struct check *check)
{
    const struct exchange *exchange = run->exchange;
    for (size_t i = 0; exchange && i < COUNT_OF(troubles); i++) {
        const struct trouble *trouble = &troubles[i];
        if (strcmp(trouble->id, check->id) == 0 && exchange->problem == trouble->problem) {
            struct finding *finding =
                check_reportf(run, check, "%s %.*s%s%s%.*s.%s", trouble->before,
                              STR_ARG(exchange->host.len ? exchange->host : STR("the host")), trouble->after,
                              exchange->problem_text.len ? ": " : "", STR_ARG(exchange->problem_text), trouble->more);

            if (finding->severity > severity_for_host(run, check))
                finding->severity = severity_for_host(run, check);
        }
    }
}

/* The server repeats its demand although the client answered: the ticket is bound to another channel. */
static void
channel_binding(struct check_run *run, const struct check *check)
{
    const struct exchange *exchange = run->exchange;
    struct buf pattern;

    if (!exchange || !exchange_repeats_windows_demand(exchange)) {
        return;
    }
    buf_init(&pattern, 2048);
    exchange_host_pattern(&pattern, exchange->host, exchange->port);
    check_reportf(run, check,
                  "%.*s refused the browser's Windows sign-in and asks again. Extended Protection ties it "
                  "to the TLS connection, which interception replaces; --ignore-hosts '%.*s' lets the host pass "
                  "unopened.",
                  STR_ARG(exchange->host), STR_ARG(buf_str(&pattern)));
    buf_release(&pattern);
}

/* --- form of delivery ---------------------------------------------------------------------------- */

static void
not_post(struct check_run *run, const struct check *check)
{
    const struct message *message = run->message;
    bool sent = str_present(message->url) || run->exchange; /* a bare one nobody knows where it was meant to go */
    if (message->binding == BINDING_ARTIFACT && sent) {
        check_reportf(run, check,
                      "The answer is an artifact (SAMLart): the message itself goes from server to server and "
                      "is not seen here.");
    } else if (message->binding == BINDING_HTTP_REDIRECT && run->saml && run->saml->kind == MESSAGE_RESPONSE) {
        check_reportf(run, check,
                      "The Response comes in a URL (Redirect binding). Sign-in takes the POST binding only.");
    }
}

static void
acs_not_https(struct check_run *run, const struct check *check)
{
    if (facts_brings_token(run) && str_starts_nocase(run->message->url, STR("http://"))) {
        check_reportf(run, check, "The Response goes to %.*s, without TLS.", STR_ARG(run->message->url));
    }
}

static void
relay_state_altered(struct check_run *run, const struct check *check)
{
    if (!run->saml || run->saml->kind != MESSAGE_RESPONSE || !run->request_message) {
        return;
    }
    struct str sent = run->request_message->relay_state;
    struct str got = run->message->relay_state;
    if (str_present(sent) && !str_eq(sent, got)) {
        struct finding *finding =
            check_reportf(run, check, "The request had RelayState \"%.*s\", the answer %s%.*s%s.", STR_ARG(sent),
                          str_present(got) ? "has \"" : "has none", STR_ARG(got), str_present(got) ? "\"" : "");
        finding_mismatch(finding, sent, got, "RelayState of the request");
    }
}

static void
relay_state_long(struct check_run *run, const struct check *check)
{
    /* wctx has no limit. */
    if (!run->message->wsfed && run->message->relay_state.len > RELAY_STATE_MAX) {
        check_reportf(run, check, "RelayState has %zu bytes, SAML allows %d.", run->message->relay_state.len,
                      RELAY_STATE_MAX);
    }
}

/* --- sign-in ------------------------------------------------------------------------------------- */

static void
no_response(struct check_run *run, const struct check *check)
{
    const struct signin *signin = run->signin;
    struct str sp = signin->sp_name.len ? signin->sp_name : STR("the service provider");
    bool page_seen = signin->response_id.len > 0;
    if (signin->outcome != OUTCOME_NO_ANSWER || (page_seen && !signin->waited_out)) {
        return;
    }
    if (page_seen) {
        check_reportf(run, check,
                      "The identity provider's page with the Response was delivered, but within two minutes it was not "
                      "posted to %.*s: a script blocker, or an ACS URL that the browser cannot reach.",
                      STR_ARG(sp));
    } else if (signin->waited_out) {
        check_reportf(run, check,
                      "The request was sent to the identity provider, but within two minutes no Response came "
                      "back to %.*s.",
                      STR_ARG(sp));
    } else {
        struct finding *finding = check_reportf(run, check,
                                                "The request was sent to the identity provider; what was "
                                                "recorded ends before a Response to %.*s.",
                                                STR_ARG(sp));
        finding->severity = SEVERITY_INFO;
        finding->confidence = CONFIDENCE_POSSIBLE;
    }
}

static void
redirect_loop(struct check_run *run, const struct check *check)
{
    const struct signin *signin = run->signin;
    if (signin->answered_just >= LOOP_LEAST - 1) {
        check_reportf(
            run, check,
            "This is sign-in number %u of the same browser at %.*s within 20 s; each was answered, and no page "
            "came in between: the service provider does not accept the answers and asks again.",
            signin->answered_just + 1, STR_ARG(signin->sp_name));
    }
}

static void
cookie_blocked(struct check_run *run, const struct check *check)
{
    if (run->signin->cookies_missing) {
        check_reportf(run, check,
                      "%.*s set cookies when it sent the browser away; the POST with the answer carried none. A "
                      "SameSite rule or a cookie blocker may have kept them back.",
                      STR_ARG(run->signin->sp_host));
    }
}

#define EXCHANGE_ROW(check_id, how_bad, owner, rests_on, title)                                                        \
    CORE_ROW(check_id, how_bad, EXCHANGE, TRANSPORT, owner, rests_on, PROVEN, title)

static const struct check table[] = {
    { EXCHANGE_ROW("tls-proxy-ca-untrusted", ERROR, SAMLTAP, INFERRED, "the client does not trust samltap's CA"),
      .means = "The browser shows a certificate warning, a program fails. Sign-in works as soon as samltap is off.",
      .rule = "The client sends an alert about the certificate, or goes away, right after the leaf certificate.",
      .spec = "RFC 8446 6.2", .source = "observed here",
      .fixes = { { "any", "Import samltap's CA (http://samltap.test/, or samltap ca), or start with --browser. Command "
                          "line tools: AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("tls-client-failed", WARNING, NETWORK, INFERRED, "the TLS handshake with the client failed"),
      .means = "The client could not agree on TLS with samltap.",
      .rule = "The handshake ends with an error that is not about the certificate.", .spec = "RFC 8446 4",
      .source = "observed here",
      .fixes = { { "any", "Exclude the host from interception (--ignore-hosts) if it has to work." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("tls-client-cert-lost", ERROR, SAMLTAP, DOCUMENTED, "the server wants a client certificate"),
      .means = "Certificate sign-in fails only while samltap is on. Entra shows AADSTS50192.",
      .rule = "The server sends a CertificateRequest and does without none.", .spec = "RFC 8446 4.3.2",
      .source = "Microsoft Entra error codes, AADSTS50192",
      .fixes = { { "any", "Exclude that host from interception (--ignore-hosts); intercept the ACS host only." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("transport-host-unknown", ERROR, NETWORK, DOCUMENTED, "a host name does not resolve"),
      .means = "Blank portal or a browser error: a name server or filter does not know the host, or the name is wrong.",
      .rule = "The name in the request resolves.", .spec = "saml-verification BND-12",
      .source = "AWS, domains to allow for the access portal",
      .fixes = { { "any", "Check the spelling of the URL; allow the host in DNS filters." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("transport-host-blocked", ERROR, NETWORK, DOCUMENTED, "a host cannot be reached"),
      .means = "Blank portal, a page that never ends, or a reset connection for some hosts.",
      .rule = "The connection to the host opens.", .spec = "saml-verification BND-12",
      .source = "AWS, domains to allow for the access portal",
      .fixes = { { "any",
                   "Allow the host in firewalls and proxies; for AWS all of the portal's list, with *.signin.aws "
                   "and *.app.aws." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("transport-proxy-refused", ERROR, NETWORK, INFERRED,
                   "the proxy on the way out does not let through"),
      .means =
          "samltap goes out through a proxy (--mode upstream:) that cannot be reached, wants a sign-in, or forbids "
          "the host.",
      .rule = "The proxy of --mode upstream: opens the connection to the host.",
      .spec = "RFC 9110 9.3.6 · saml-verification BND-12", .source = "observed here",
      .fixes = { { "any", "407: --upstream-auth FILE. 403: have the host allowed at the proxy, or reach it directly: "
                          "--no-proxy HOST. No answer: check name and port of the proxy." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("tls-upstream-failed", ERROR, NETWORK, INFERRED, "the TLS handshake with the server failed"),
      .means = "The server, or something before it, does not speak the TLS that is expected.",
      .rule = "The handshake with the server succeeds.", .spec = "RFC 8446 4", .source = "observed here",
      .fixes = { { "any", "Try without samltap; look for a TLS-inspecting device between here and the server." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("tls-upstream-untrusted", ERROR, NETWORK, INFERRED, "the server's certificate is not trusted"),
      .means = "Either the server is not who it says, or a private CA is missing here.",
      .rule = "The certificate chain of the server ends in a trusted root and names the host.", .spec = "RFC 9525 6",
      .source = "observed here",
      .fixes = { { "any", "Private CA: give it with --upstream-ca. Otherwise find out who answers for this host." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("tls-upstream-unverified", WARNING, SAMLTAP, INFERRED,
                   "the server's certificate was not accepted, and samltap went on"),
      .means = "What follows may come from somebody else than the server: trust no finding about it.",
      .rule = "The certificate chain of the server ends in a trusted root and names the host.", .spec = "RFC 9525 6",
      .source = "observed here",
      .fixes = { { "any", "Leave --insecure away; a private CA is given with --upstream-ca." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("transport-cut-short", WARNING, NETWORK, INFERRED, "the connection ended too early"),
      .means = "Something between dropped the connection; the message may be incomplete.",
      .rule = "The connection lasts to the end of the HTTP message.", .spec = "RFC 9112 8 · saml-verification BND-12",
      .source = "observed here", .fixes = { { "any", "Try again; look for limits and time-outs of proxies between." } },
      .run = connection_trouble },
    { EXCHANGE_ROW("transport-bad-http", WARNING, NETWORK, INFERRED, "what passed is not readable HTTP"),
      .means = "It was passed on unread, so nothing can be said about messages in it.",
      .rule = "Requests and responses are HTTP/1.1 or HTTP/2.", .spec = "RFC 9112 · RFC 9113",
      .source = "observed here", .fixes = { { "any", "None needed if the application works." } },
      .run = connection_trouble },
    { CORE_ROW("tls-iwa-channel-binding", ERROR, EXCHANGE, TRANSPORT, SAMLTAP, INFERRED, LIKELY,
               "Windows sign-in is refused through the proxy"),
      .means = "Endless user and password prompts at AD FS, only while intercepted.",
      .rule = "401 with Negotiate or NTLM again after the client had answered.",
      .spec = "RFC 5929 · saml-verification 9.5", .source = "general knowledge of AD FS Extended Protection",
      .fixes = { { "adfs",
                   "Do not intercept the AD FS host (--ignore-hosts), or use forms sign-in while debugging. Leave "
                   "Extended Protection on." } },
      .run = channel_binding },
    { CORE_ROW("acs-not-post", ERROR, MESSAGE, WRONG_ENDPOINT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the answer does not come by POST"),
      .means = "AWS takes the POST binding only; the Web SSO profile forbids Redirect for responses.",
      .rule = "A Response comes in a form that is posted.",
      .spec = "SAML Profiles 4.1.2 · saml-verification BND-01, BND-11",
      .source = "AWS IAM User Guide; Microsoft Entra, AADSTS75003",
      .fixes = { { "keycloak", "Client: Force POST binding = on." },
                 { "adfs", "Relying party → Endpoints: binding POST." },
                 { "ping", "SP connection → allowable bindings: POST." },
                 { "any", "Set the response binding to HTTP-POST." } },
      .run = not_post },
    { CORE_ROW("acs-not-https", WARNING, MESSAGE, TRANSPORT, SP_ADMIN, STANDARD, PROVEN, "the answer goes without TLS"),
      .means = "Whoever is on the network can take the sign-in over.", .rule = "The ACS URL is https.",
      .spec = "SAML2Int SDP-SP09 · saml-verification BND-06", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Use https at the service provider." } }, .run = acs_not_https },
    { CORE_ROW("relaystate-altered", WARNING, MESSAGE, TRANSPORT, IDP_ADMIN, STANDARD, PROVEN,
               "RelayState came back changed"),
      .means = "Sign-in lands on the wrong page, or the service provider does not find its own request.",
      .rule = "The answer has the RelayState of the request, byte for byte.",
      .spec = "SAML Bindings 3.4.3, 3.5.3 · saml-verification BND-04", .source = BINDINGS,
      .fixes = { { "adfs", "MSIS7046: its RelayState handling refuses the value." },
                 { "any", "The identity provider must give it back as it came." } },
      .run = relay_state_altered },
    { CORE_ROW("relaystate-too-long", WARNING, MESSAGE, TRANSPORT, SP_ADMIN, STANDARD, PROVEN,
               "RelayState is too long"),
      .means = "Some identity providers cut or refuse it: deep links get lost.",
      .rule = "RelayState has at most 80 bytes.", .limit = "80 bytes",
      .spec = "SAML Bindings 3.4.3, 3.5.3 · saml-verification BND-04", .source = BINDINGS,
      .fixes = { { "any", "Keep the target in the session and send a short handle; test without RelayState." } },
      .run = relay_state_long },
    { CORE_ROW("idp-no-response", ERROR, SIGNIN, SYMPTOM, IDP_ADMIN, INFERRED, LIKELY,
               "the identity provider never answered"),
      .means = "The user stays at the identity provider and never comes back.",
      .rule = "After an AuthnRequest a Response is posted within 120 s.", .limit = "1 ms less than 120 s",
      .spec = "saml-verification 2.5", .source = "own conclusion",
      .fixes = { { "any",
                   "Look at the identity provider's page and log for an error; check the ACS URL in the application "
                   "there, and that the service provider has the right metadata." } },
      .run = no_response },
    { CORE_ROW("redirect-loop", ERROR, SIGNIN, SYMPTOM, SP_ADMIN, DOCUMENTED, LIKELY, "sign-in goes round in circles"),
      .means = "The browser ends with \"too many redirects\"; AD FS stops with MSIS7042.",
      .rule = "At least three AuthnRequests of one browser for one service provider within 20 s, each answered, and "
              "no page of the service provider in between.",
      .limit = "two rounds within 20 s", .spec = "saml-verification BND-10",
      .source = "Microsoft, AD FS loop detection",
      .fixes = { { "adfs", "MSIS7042: do not just raise the limit; find out why the answers are refused." },
                 { "any", "Look at the answer of the ACS and the other findings; check that the browser keeps the "
                          "service provider's cookies, and the clocks." } },
      .run = redirect_loop },
    { CORE_ROW("cookie-blocked-sp", INFO, SIGNIN, NOTE, USER, INFERRED, POSSIBLE,
               "the service provider's cookies did not come back"),
      .means = "A second attempt or another browser may work.",
      .rule = "The POST to the ACS carries a cookie when the same host set one with the request.",
      .spec = "saml-verification BND-09", .source = "browser behaviour",
      .fixes = { { "any", "Allow cookies for the service provider; try a clean profile." } }, .run = cookie_blocked },
};

CHECK_SET(core_transport, table);
