/* SPDX-License-Identifier: MIT */
#include "proof_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *key, *method, *digest;
} algorithms[] = {
    { "idp", "rsa-sha256", "sha256" },     { "idp", "rsa-sha1", "sha1" },      { "idp", "rsa-sha512", "sha512" },
    { "idp", "rsa-pss-sha256", "sha384" }, { "ec", "ecdsa-sha256", "sha256" }, { "ed25519", "ed25519", "sha512" },
};

static const char *const elements[] = { "Assertion", "Response" };
static const char *const c14ns[PROOF_C14N_COUNT] = { "exc", "exc-comments", "inc", "inc11" };

const struct str proof_candidates[] = {
    STR_INIT("https://sp.example.com/acs?a=1&b=2"),
    STR_INIT("https://sp.example.com/saml"),
    STR_INIT("https://idp.example.com"),
};
const size_t proof_candidate_count = COUNT_OF(proof_candidates);

size_t
proof_way_count(void)
{
    return COUNT_OF(elements) * COUNT_OF(algorithms) * PROOF_C14N_COUNT;
}

struct proof_way
proof_way(size_t number)
{
    size_t algorithm = number / COUNT_OF(elements) % COUNT_OF(algorithms);

    return (struct proof_way){
        .element = elements[number % COUNT_OF(elements)],
        .key = algorithms[algorithm].key,
        .method = algorithms[algorithm].method,
        .digest = algorithms[algorithm].digest,
        .c14n = (enum proof_c14n)(number / COUNT_OF(elements) / COUNT_OF(algorithms) % PROOF_C14N_COUNT),
    };
}

#define ATTRIBUTE(name, value)                                                                                         \
    "<saml:Attribute Name=\"" name "\"><saml:AttributeValue xsi:type=\"xs:string\">" value                             \
    "</saml:AttributeValue></saml:Attribute>"

static const char body[] =
    "<saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">jdoe@example.com"
    "</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">"
    "<saml:SubjectConfirmationData NotOnOrAfter=\"2026-01-01T00:05:00Z\" "
    "Recipient=\"https://sp.example.com/acs?a=1&amp;b=2\" InResponseTo=\"_q1\"/></saml:SubjectConfirmation>"
    "</saml:Subject><saml:Conditions NotBefore=\"2025-12-31T23:55:00Z\" NotOnOrAfter=\"2026-01-01T00:30:00Z\">"
    "<saml:AudienceRestriction><saml:Audience>https://sp.example.com/saml</saml:Audience></saml:AudienceRestriction>"
    "</saml:Conditions><saml:AuthnStatement AuthnInstant=\"2025-12-31T23:59:00Z\" SessionIndex=\"_s1\">"
    "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>" ATTRIBUTE(
        "city", "Z\xC3\xBCrich City") ATTRIBUTE("company", "Smith &amp; Sons O'Neil") ATTRIBUTE("blank", " ")
        ATTRIBUTE("picture",
                  "iVBORw0KGgo+AAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4/+8/w38GIAXDIBKE0DHxgljNBAAO9TXL/"
                  "Exk+Kgl") "</saml:AttributeStatement>";

struct str
proof_template(struct reading *reading, const struct proof_way *way, const char *sign)
{
    bool assertion = strcmp(way->element, "Assertion") == 0;
    struct str words = arena_printf(reading->arena, "<?sign key=\"%s\" method=\"%s\" digest=\"%s\" c14n=\"%s\" %s?>",
                                    way->key, way->method, way->digest, c14ns[way->c14n], sign != NULL ? sign : "");

    return arena_printf(
        reading->arena,
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
        "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ID=\"_r\" Version=\"2.0\" "
        "IssueInstant=\"2026-01-01T00:00:00Z\" Destination=\"https://sp.example.com/acs?a=1&amp;b=2\">"
        "<saml:Issuer>https://idp.example.com</saml:Issuer>%.*s<samlp:Status><samlp:StatusCode "
        "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status><saml:Assertion ID=\"_a\" "
        "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com</saml:Issuer>"
        "%.*s%s</saml:Assertion></samlp:Response>",
        STR_ARG(assertion ? STR("") : words), STR_ARG(assertion ? words : STR("")), body);
}

void
proof_make(struct reading *reading, const struct proof_way *way, const struct proof_row *row, struct str *signed_xml)
{
    bool assertion = strcmp(way->element, "Assertion") == 0;

    reading_set(reading, proof_template(reading, way, row->sign));
    if (row->template_from != NULL)
        (row->everywhere ? reading_edit_all : reading_edit)(reading, row->template_from, row->template_to);
    if (row->sign != NULL && strstr(row->sign, "OTHER") != NULL)
        reading_edit(reading, "OTHER", assertion ? "r" : "a");
    if (row->prepare != NULL)
        row->prepare(reading);
    reading_make(reading, arena_printf(reading->arena, "%.*s", STR_ARG(buf_str(&reading->xml))).ptr);
    if (signed_xml != NULL)
        *signed_xml = arena_copy(reading->arena, buf_str(&reading->xml));
    if (row->from != NULL && row->everywhere)
        reading_edit_all(reading, row->from, row->to);
    else if (row->from != NULL)
        reading_edit(reading, row->from, row->to);
    if (row->edit != NULL)
        row->edit(reading);
}
