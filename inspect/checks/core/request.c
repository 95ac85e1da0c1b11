/* SPDX-License-Identifier: MIT */
/* What the service provider asks for. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core 3.4.1 (2005)"
#define PROFILES "OASIS SAML 2.0 Profiles 4.1.4.1 (2005)"

static bool
is_true(const struct saml_value *value)
{
    return str_eq_c(value->text, "true") || str_eq_c(value->text, "1");
}

static void
request_issuer_missing(struct check_run *run, const struct check *check)
{
    if (str_trim(run->saml->issuer.value.text).len == 0) {
        finding_at(
            check_reportf(run, check, "The AuthnRequest has no Issuer: the identity provider cannot tell who asks."),
            run->saml->where);
    }
}

static void
request_issuer_mismatch(struct check_run *run, const struct check *check)
{
    struct str received = str_trim(run->saml->issuer.value.text);
    const struct expected *expected = &run->context->sp_entity_id;
    if (received.len > 0 && str_present(expected->text) && !str_eq(received, expected->text)) {
        struct finding *finding = check_reportf(
            run, check, "The AuthnRequest comes from \"%.*s\", this service provider is \"%.*s\" (%s): %s.",
            STR_ARG(received), STR_ARG(expected->text), expected->source,
            facts_near_miss_words(expected->text, received));
        finding_at(finding_mismatch(finding, expected->text, received, expected->source),
                   run->saml->issuer.value.where);
    }
}

static void
request_index_and_url(struct check_run *run, const struct check *check)
{
    const struct saml_request *request = &run->saml->request;
    if (str_present(request->acs_index.text) &&
        (str_present(request->acs_url.text) || str_present(request->protocol_binding.text))) {
        finding_at(
            check_reportf(run, check, "AssertionConsumerServiceIndex stands beside %s.",
                          str_present(request->acs_url.text) ? "AssertionConsumerServiceURL" : "ProtocolBinding"),
            request->acs_index.where);
    }
}

static void
request_acs_unknown(struct check_run *run, const struct check *check)
{
    const struct saml_value *url = &run->saml->request.acs_url;
    const struct metadata_entity *sp = run->context->sp;
    if (!facts_has_text(url)) {
        return;
    }
    if (!sp || sp->sp.sso_count == 0) {
        check_skipped(run, check, "no metadata of the service provider was given");
        return;
    }
    for (size_t i = 0; i < sp->sp.sso_count; i++) {
        if (str_eq(sp->sp.sso[i].location, url->text)) {
            return;
        }
    }
    struct finding *finding = check_reportf(
        run, check, "The request wants the answer at \"%.*s\", which is none of the %zu ACS URLs in the metadata: %s.",
        STR_ARG(url->text), sp->sp.sso_count, facts_near_miss_words(sp->sp.sso[0].location, url->text));
    finding_at(finding_mismatch(finding, sp->sp.sso[0].location, url->text, "SP metadata"), url->where);
}

static void
request_unsigned(struct check_run *run, const struct check *check)
{
    bool wanted = run->context->idp && run->context->idp->idp.want_signed;
    bool promised = run->context->sp && run->context->sp->sp.signs;
    bool is_signed = run->saml->signature >= 0 || run->message->query_signature.present;
    if ((wanted || promised) && !is_signed) {
        finding_at(check_reportf(run, check, "The AuthnRequest is not signed, although %s.",
                                 wanted ? "the identity provider's metadata wants it (WantAuthnRequestsSigned)"
                                        : "the service provider's metadata says so (AuthnRequestsSigned)"),
                   run->saml->where);
    }
}

static void
request_embedded_signature(struct check_run *run, const struct check *check)
{
    if (run->message->binding == BINDING_HTTP_REDIRECT && run->saml->signature >= 0) {
        finding_at(check_reportf(run, check,
                                 "The AuthnRequest in the URL carries an XML signature; there the signature "
                                 "belongs into the query."),
                   run->saml->signatures[run->saml->signature].where);
    }
}

static void
request_context(struct check_run *run, const struct check *check)
{
    const struct saml_request *request = &run->saml->request;
    if (request->has_requested_context) {
        finding_at(check_reportf(run, check, "The request insists on an authentication method (%s %.*s).",
                                 request->comparison.text.len ? "comparison as stated:" : "exactly",
                                 STR_ARG(request->class_ref_count ? request->class_refs[0].text : STR("?"))),
                   run->saml->where);
    }
}

static void
request_passive_and_force(struct check_run *run, const struct check *check)
{
    if (is_true(&run->saml->request.is_passive) && is_true(&run->saml->request.force_authn)) {
        finding_at(check_reportf(run, check, "IsPassive and ForceAuthn are both true: sign in anew, but show nothing."),
                   run->saml->request.is_passive.where);
    }
}

static void
request_acs_not_https(struct check_run *run, const struct check *check)
{
    const struct saml_value *url = &run->saml->request.acs_url;
    if (str_starts_nocase(url->text, STR("http://"))) {
        finding_at(check_reportf(run, check, "The answer is to be sent to %.*s, without TLS.", STR_ARG(url->text)),
                   url->where);
    }
}

/* One of the locations for requests; POST and Redirect may differ. */
static void
sso_url_stale(struct check_run *run, const struct check *check)
{
    const struct metadata_entity *idp = run->context->idp;
    struct str url = run->message->url;
    struct str path, query;
    if (!idp || idp->idp.sso_count == 0 || !str_present(url)) {
        return;
    }
    str_cut(url, '?', &path, &query);
    for (size_t i = 0; i < idp->idp.sso_count; i++) {
        struct str location, rest;
        str_cut(idp->idp.sso[i].location, '?', &location, &rest);
        if (str_eq(location, path)) {
            return;
        }
    }
    struct finding *finding = check_reportf(
        run, check, "The request goes to \"%.*s\", the identity provider's metadata names \"%.*s\": %s.", STR_ARG(path),
        STR_ARG(idp->idp.sso[0].location), facts_near_miss_words(idp->idp.sso[0].location, path));
    finding_at(finding_mismatch(finding, idp->idp.sso[0].location, path, "IdP metadata"), run->saml->where);
}

static void
request_destination(struct check_run *run, const struct check *check)
{
    const struct saml_value *destination = &run->saml->destination;
    struct str path, query;
    if (!facts_has_text(destination) || !str_present(run->message->url)) {
        return;
    }
    str_cut(run->message->url, '?', &path, &query);
    if (!str_eq(destination->text, path) && !str_eq(destination->text, run->message->url)) {
        struct finding *finding =
            check_reportf(run, check, "Destination is \"%.*s\", the request goes to \"%.*s\": %s.",
                          STR_ARG(destination->text), STR_ARG(path), facts_near_miss_words(path, destination->text));
        finding_at(finding_mismatch(finding, path, destination->text, "the URL it is sent to"), destination->where);
    }
}

#define REQUEST_ROW(check_id, how_bad, title)                                                                          \
    CORE_ROW(check_id, how_bad, REQUEST, REQUEST, SP_ADMIN, STANDARD, PROVEN, title)

static const struct check table[] = {
    { REQUEST_ROW("request-issuer-missing", ERROR, "the request does not say who asks"),
      .means = "The identity provider refuses it.", .rule = "AuthnRequest/Issuer is present and not empty.",
      .spec = "SAML Profiles 4.1.4.1 · saml-verification REQ-01", .source = PROFILES,
      .fixes = { { "any", "Set the service provider's entity ID." } }, .run = request_issuer_missing },
    { REQUEST_ROW("request-issuer-mismatch", ERROR, "the request comes from another service provider"),
      .means = "The identity provider looks for an application of that name and finds none, or another.",
      .rule = "AuthnRequest/Issuer is the entity ID of the service provider, byte for byte.",
      .spec = "SAML Profiles 4.1.4.1 · saml-verification REQ-01", .source = PROFILES,
      .fixes = { { "entra", "AADSTS700016: Identifier (Entity ID) of the application." },
                 { "adfs", "MSIS7000 or event 364: relying party identifier." },
                 { "any", "Make the entity ID the same on both sides." } },
      .run = request_issuer_mismatch },
    { REQUEST_ROW("request-acs-index-and-url", ERROR, "the request names the ACS twice"),
      .means = "The two exclude each other; identity providers refuse or guess.",
      .rule = "AssertionConsumerServiceIndex excludes AssertionConsumerServiceURL and ProtocolBinding.",
      .spec = "SAML Core 3.4.1 · saml-verification REQ-02", .source = CORE,
      .fixes = { { "any", "Send one of the two." } }, .run = request_index_and_url },
    { REQUEST_ROW("request-acs-url-unknown", ERROR, "the request wants the answer at an unknown URL"),
      .means = "Identity providers refuse an ACS URL that is not registered (Entra: AADSTS50011).",
      .rule = "AssertionConsumerServiceURL is one of the metadata's endpoints, byte for byte.",
      .spec = "SAML2Int SDP-IDP06 · saml-verification REQ-03", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "entra", "AADSTS50011: add it as Reply URL." },
                 { "keycloak", "\"Invalid redirect uri\": add it to Valid redirect URIs." },
                 { "any", "Register the URL at the identity provider." } },
      .run = request_acs_unknown },
    { REQUEST_ROW("request-unsigned", ERROR, "the request is not signed"),
      .means = "The identity provider refuses unsigned requests.",
      .rule = "Signed when the metadata of either side says so.",
      .spec = "SAML Metadata 2.4.3, 2.4.4 · saml-verification REQ-04", .source = "OASIS SAML 2.0 Metadata (2005)",
      .fixes = { { "keycloak", "Client signature required = off, or sign at the service provider." },
                 { "any", "Switch signing of requests on at the service provider, or the demand off." } },
      .run = request_unsigned },
    { REQUEST_ROW("request-embedded-signature", WARNING, "an XML signature in a URL"),
      .means = "Identity providers ignore or refuse it.",
      .rule = "In the Redirect binding the XML carries no ds:Signature.",
      .spec = "SAML Bindings 3.4.4.1 · saml-verification REQ-05", .source = "OASIS SAML 2.0 Bindings (2005)",
      .fixes = { { "any", "Sign the query (SigAlg, Signature), or use the POST binding." } },
      .run = request_embedded_signature },
    { REQUEST_ROW("request-authn-context", INFO, "the request insists on an authentication method"),
      .means = "A frequent cause of NoAuthnContext and of AADSTS75011.",
      .rule = "RequestedAuthnContext is used only where it is needed.",
      .spec = "SAML2Int SDP-SP07 · saml-verification REQ-07", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Drop RequestedAuthnContext unless the service provider needs it." } },
      .run = request_context },
    { REQUEST_ROW("request-passive-and-force", WARNING, "the request contradicts itself"),
      .means = "Legal, but it usually ends in NoPassive.", .rule = "IsPassive and ForceAuthn are not both true.",
      .spec = "SAML Core 3.4.1 · saml-verification REQ-08", .source = CORE,
      .fixes = { { "any", "Drop one of the two." } }, .run = request_passive_and_force },
    { REQUEST_ROW("request-acs-not-https", WARNING, "the answer is to be sent without TLS"),
      .means = "Whoever is on the network can take the sign-in over; several identity providers refuse it.",
      .rule = "AssertionConsumerServiceURL is https.", .spec = "SAML2Int SDP-SP09 · saml-verification BND-06",
      .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Use https. Behind a TLS-terminating proxy: tell the application its public URL." } },
      .run = request_acs_not_https },
    { REQUEST_ROW("idp-sso-url-stale", ERROR, "the request goes to an address that the metadata does not name"),
      .means = "404, a name that does not resolve, or another tenant's sign-in page.",
      .rule = "The URL is a SingleSignOnService/@Location of the current IdP metadata.",
      .spec = "SAML Core 3.2.1 · saml-verification REQ-09", .source = "OASIS SAML 2.0 Metadata (2005)",
      .fixes = { { "any", "Load the identity provider's current metadata at the service provider. Identity Center: "
                          "Settings → Identity source → Manage authentication." } },
      .run = sso_url_stale },
    { REQUEST_ROW("request-destination-mismatch", ERROR, "the request says that it goes elsewhere"),
      .means = "The identity provider must refuse a request whose Destination is not its own URL.",
      .rule = "Destination equals the URL that the request is sent to.",
      .spec = "SAML Core 3.2.1 · saml-verification REQ-09, MSG-04", .source = CORE, .follows = "idp-sso-url-stale",
      .fixes = { { "any", "Set the single sign-on URL of the identity provider at the service provider." } },
      .run = request_destination },
};

CHECK_SET(core_request, table);
