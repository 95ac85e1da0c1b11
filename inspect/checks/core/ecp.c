/* SPDX-License-Identifier: MIT */
/* SOAP around messages: the Enhanced Client or Proxy profile (ECP), PAOS, and faults. */
#include "facts.h"

#define PROFILES "OASIS SAML 2.0 Profiles (2005)"
#define SOAP11 "W3C SOAP 1.1 (2000), SOAP 1.2 (2007)"
#define ECP_SERVICE "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"
#define ACTOR_NEXT "http://schemas.xmlsoap.org/soap/actor/next"

static const struct saml_soap *
soap_of(const struct check_run *run)
{
    return run->saml && run->saml->soap.present ? &run->saml->soap : NULL;
}

static bool
has_block(const struct saml_soap *soap, enum ecp_block block)
{
    return soap && soap->blocks[block].where.element != 0;
}

/* The envelope in which the service provider asked; NULL when this answers no such request. */
static const struct saml_soap *
asked(const struct check_run *run)
{
    const struct saml_soap *soap = run->request ? &run->request->soap : NULL;
    return has_block(soap, ECP_PAOS_REQUEST) && run->saml && run->saml->kind == MESSAGE_RESPONSE ? soap : NULL;
}

/* --- faults -------------------------------------------------------------------------------------- */

static void
soap_fault(struct check_run *run, const struct check *check)
{
    if (run->saml && run->saml->kind == MESSAGE_SOAP_FAULT) {
        const struct saml_soap *soap = &run->saml->soap;
        finding_at(check_reportf(run, check, "The answer is a SOAP fault%s%.*s%s%.*s%s.",
                                 soap->fault_code.text.len ? " " : "", STR_ARG(soap->fault_code.text),
                                 soap->fault_text.text.len ? ": \"" : "", STR_ARG(soap->fault_text.text),
                                 soap->fault_text.text.len ? "\"" : ""),
                   run->saml->where);
    }
}

/* --- header blocks ------------------------------------------------------------------------------- */

static void
header_flags(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run);
    for (int i = 0; soap && i < ECP_BLOCK_COUNT; i++) {
        const struct ecp_header *header = &soap->blocks[i];
        if (header->where.element == 0 || soap->version12) {
            continue;
        }
        const char *name = ecp_block_name((enum ecp_block)i);
        if (!str_eq_c(header->must_understand.text, "1")) {
            struct finding *finding = check_reportf(run, check, "%s has %s mustUnderstand.", name,
                                                    str_present(header->must_understand.text) ? "another" : "no");
            finding_at(finding_mismatch(finding, STR("1"), header->must_understand.text, "SAML Profiles 4.2.4"),
                       header->where);
        }
        if (!str_eq_c(header->actor.text, ACTOR_NEXT)) {
            struct finding *finding =
                check_reportf(run, check, "%s has %s actor.", name, str_present(header->actor.text) ? "another" : "no");
            finding_at(finding_mismatch(finding, STR(ACTOR_NEXT), header->actor.text, "SAML Profiles 4.2.4"),
                       header->where);
        }
    }
}

static void
service_wrong(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run);
    if (has_block(soap, ECP_PAOS_REQUEST) && !str_eq_c(soap->service.text, ECP_SERVICE)) {
        struct finding *finding =
            check_reportf(run, check, "paos:Request/@service is %s%.*s%s.", soap->service.text.len ? "\"" : "missing",
                          STR_ARG(soap->service.text), soap->service.text.len ? "\"" : "");
        finding_at(finding_mismatch(finding, STR(ECP_SERVICE), soap->service.text, "SAML Profiles 4.2.4.1"),
                   soap->blocks[ECP_PAOS_REQUEST].where);
    }
}

/* --- the answer against the request ---------------------------------------------------------------- */

static void
consumer_url(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run), *sent = asked(run);
    if (!has_block(soap, ECP_RESPONSE)) {
        return;
    }
    if (!sent || sent->response_consumer_url.text.len == 0) {
        check_skipped(run, check, "the request by PAOS was not seen");
        return;
    }
    struct str expected = sent->response_consumer_url.text, received = soap->acs_url.text;
    if (!str_eq(expected, received)) {
        struct finding *finding = check_reportf(
            run, check, "The service provider wants the answer at \"%.*s\", the identity provider says \"%.*s\": %s.",
            STR_ARG(expected), STR_ARG(received), facts_near_miss_words(expected, received));
        finding_at(finding_mismatch(finding, expected, received, "responseConsumerURL of paos:Request"),
                   soap->blocks[ECP_RESPONSE].where);
    }
}

static void
response_block_missing(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run);
    if (asked(run) && soap && run->message->in_response && !has_block(soap, ECP_RESPONSE)) {
        finding_at(check_report(run, check, STR("The identity provider answers without an ecp:Response header.")),
                   run->saml->where);
    }
}

static void
relay_state(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run), *sent = asked(run);
    if (!sent || !soap || run->message->in_response || !has_block(sent, ECP_RELAY_STATE) ||
        str_eq(sent->relay_state.text, soap->relay_state.text)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "The request had ecp:RelayState \"%.*s\", the answer %s%.*s%s.",
                      STR_ARG(sent->relay_state.text), str_present(soap->relay_state.text) ? "has \"" : "has none",
                      STR_ARG(soap->relay_state.text), str_present(soap->relay_state.text) ? "\"" : "");
    finding_at(
        finding_mismatch(finding, sent->relay_state.text, soap->relay_state.text, "ecp:RelayState of the request"),
        run->saml->where);
}

static void
message_id(struct check_run *run, const struct check *check)
{
    const struct saml_soap *soap = soap_of(run), *sent = asked(run);
    if (!sent || !soap || run->message->in_response || sent->message_id.text.len == 0 ||
        str_eq(sent->message_id.text, soap->ref_to_message_id.text)) {
        return;
    }
    struct finding *finding =
        check_reportf(run, check, "paos:Request had messageID \"%.*s\", the answer refers to %s%.*s%s.",
                      STR_ARG(sent->message_id.text), soap->ref_to_message_id.text.len ? "\"" : "none",
                      STR_ARG(soap->ref_to_message_id.text), soap->ref_to_message_id.text.len ? "\"" : "");
    finding_at(
        finding_mismatch(finding, sent->message_id.text, soap->ref_to_message_id.text, "messageID of paos:Request"),
        run->saml->where);
}

/* --- headers of HTTP --------------------------------------------------------------------------------- */

/* A client that takes PAOS says so twice; one of the two alone makes service providers answer with a page. */
static void
http_headers(struct check_run *run, const struct check *check)
{
    struct str accept = headers_get(&run->exchange->request_headers, "Accept");
    struct str paos = headers_get(&run->exchange->request_headers, "PAOS");
    bool accepts = str_find_nocase(accept, STR("application/vnd.paos+xml")) != SIZE_MAX;
    if (!accepts && !str_present(paos)) {
        return;
    }
    if (!str_present(paos)) {
        check_report(run, check, STR("The client accepts application/vnd.paos+xml, but sends no PAOS header."));
    } else if (!accepts && str_eq_c(run->exchange->method, "GET")) {
        check_report(run, check, STR("The client sends a PAOS header, but does not accept application/vnd.paos+xml."));
    } else if (str_find_c(paos, "urn:liberty:paos:2003-08") == SIZE_MAX || str_find_c(paos, ECP_SERVICE) == SIZE_MAX) {
        finding_mismatch(check_reportf(run, check, "The PAOS header is: %.*s", STR_ARG(paos)),
                         STR("ver=\"urn:liberty:paos:2003-08\";\"" ECP_SERVICE "\""), paos, "SAML Profiles 4.2.3.1");
    }
}

static const struct check table[] = {
    { CORE_ROW("soap-fault", ERROR, MESSAGE, STATUS, IDP_ADMIN, STANDARD, PROVEN, "the answer is a SOAP fault"),
      .means = "The other server refused the message, or failed: its log says why.",
      .rule = "The Body of an answer holds a message of SAML, not a Fault.",
      .spec = "SAML Bindings 3.2.3.3 · saml-verification 2.1", .source = SOAP11,
      .fixes = { { "any", "Look into the log of the server that answered, at that time." } }, .run = soap_fault },
    { CORE_ROW("ecp-header-flags", WARNING, MESSAGE, NOTE, IDP_ADMIN, STANDARD, PROVEN,
               "a header of ECP lacks mustUnderstand or actor"),
      .means = "Strict clients answer with a fault; others ignore the header that they should have understood.",
      .rule = "Each header of PAOS and ECP has mustUnderstand=\"1\" and actor=\"" ACTOR_NEXT "\".",
      .spec = "SAML Profiles 4.2.4 · saml-verification 2.1", .source = PROFILES,
      .fixes = { { "any", "A fault of the program that writes the envelope." } }, .run = header_flags },
    { CORE_ROW("ecp-service", ERROR, MESSAGE, REQUEST, SP_ADMIN, STANDARD, PROVEN,
               "the request by PAOS is for another service"),
      .means = "The client does not take it for a sign-in.", .rule = "paos:Request/@service is " ECP_SERVICE ".",
      .spec = "SAML Profiles 4.2.4.1 · saml-verification 2.1", .source = PROFILES,
      .fixes = { { "any", "A fault of the service provider." } }, .run = service_wrong },
    { CORE_ROW("ecp-consumer-url-mismatch", ERROR, MESSAGE, PARTY, SP_ADMIN, STANDARD, PROVEN,
               "the two say another place for the answer"),
      .fixed = true, .means = "The client must not deliver the assertion: it has to send the service provider a fault.",
      .rule = "ecp:Response/@AssertionConsumerServiceURL equals paos:Request/@responseConsumerURL, byte for byte.",
      .spec = "SAML Profiles 4.2.4.4, Bindings 3.3 · saml-verification 2.1", .source = PROFILES,
      .fixes = { { "shibboleth", "The service provider's metadata lists the PAOS endpoint that it really uses." },
                 { "any", "Load the current metadata of the service provider at the identity provider." } },
      .run = consumer_url },
    { CORE_ROW("ecp-response-missing", ERROR, MESSAGE, PARTY, IDP_ADMIN, STANDARD, PROVEN,
               "the answer does not say where it may go"),
      .means = "The client cannot check that the assertion goes to the right service provider.",
      .rule = "The identity provider's answer has an ecp:Response header.",
      .spec = "SAML Profiles 4.2.4.4 · saml-verification 2.1", .source = PROFILES,
      .fixes = { { "any", "Switch the ECP profile on at the identity provider, instead of plain SOAP." } },
      .run = response_block_missing },
    { CORE_ROW("ecp-relaystate-altered", ERROR, MESSAGE, REQUEST, USER, STANDARD, PROVEN,
               "ecp:RelayState did not come back unchanged"),
      .means = "The service provider cannot join the answer to its request.",
      .rule = "The client gives ecp:RelayState back as it came.", .spec = "SAML Profiles 4.2.4.3", .source = PROFILES,
      .fixes = { { "any", "A fault of the client." } }, .run = relay_state },
    { CORE_ROW("ecp-message-id-mismatch", ERROR, MESSAGE, REQUEST, USER, STANDARD, PROVEN,
               "the answer by PAOS refers to another message"),
      .means = "The service provider cannot join the answer to its request.",
      .rule = "paos:Response/@refToMessageID equals paos:Request/@messageID.",
      .spec = "SAML Bindings 3.3, Liberty Reverse HTTP Binding 1.1", .source = PROFILES,
      .fixes = { { "any", "A fault of the client." } }, .run = message_id },
    { CORE_ROW("ecp-http-headers", WARNING, EXCHANGE, TRANSPORT, USER, STANDARD, PROVEN,
               "the client announces PAOS in a wrong way"),
      .means = "The service provider takes the client for a browser and sends it to a page.",
      .rule = "Accept names application/vnd.paos+xml, and PAOS names its version and the ECP service.",
      .spec = "SAML Profiles 4.2.3.1 · saml-verification 2.1", .source = PROFILES,
      .fixes = { { "any", "Send: Accept: text/html; application/vnd.paos+xml, and "
                          "PAOS: ver=\"urn:liberty:paos:2003-08\";\"" ECP_SERVICE "\"" } },
      .run = http_headers },
};

CHECK_SET(core_ecp, table);
