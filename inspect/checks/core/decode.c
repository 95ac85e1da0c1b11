/* SPDX-License-Identifier: MIT */
/* What was odd on the way from the wire to XML. The decoder repairs and goes on; a service provider would not. */
#include <string.h>

#include "facts.h"

#define BIT(n) (UINT32_C(1) << (n))
#define SECOND_ROOT ". A strict parser refuses all of it; another takes the first document, or the last."
#define ODD_NAME                                                                                                       \
    ". A strict parser refuses the name; another writes it differently than it read it, and what was verified is no "  \
    "longer what is read."
#define EDITED_COPY "A copy may have been damaged on its way here: then only this file is at fault."

enum { BOMB_ENTITIES = 3 }; /* declared entities that make a bomb likelier than a trick */

/* Which facts of the decoder a check stands for, and the sentence about them. */
struct oddity {
    const char *id;
    uint32_t anomalies; /* of enum anomaly_id */
    uint32_t results;   /* of enum xml_result */
    const char *text;
};

static const struct oddity oddities[] = {
    { "saml-base64-invalid", BIT(ANOMALY_BASE64_INVALID), 0,
      "The value holds characters that base64 does not have; they were skipped to read it." },
    { "saml-base64-padding", BIT(ANOMALY_BASE64_PADDING), 0,
      "The base64 padding is missing or wrong; strict decoders refuse it." },
    { "saml-base64-trailing", BIT(ANOMALY_BASE64_TRAILING), 0,
      "There is data behind the end of the base64 text: two readers may see two messages." },
    { "saml-base64-urlsafe", BIT(ANOMALY_BASE64_URLSAFE), 0,
      "The value uses the URL-safe base64 alphabet (- and _); the SAML bindings use the plain one (+ and /)." },
    { "saml-plus-lost", BIT(ANOMALY_PLUS_AS_SPACE), 0,
      "There are spaces where base64 needs '+': the form was not percent-encoded. Read as '+', it decodes." },
    { "saml-double-encoded", BIT(ANOMALY_DOUBLE_PERCENT) | BIT(ANOMALY_DOUBLE_BASE64), 0,
      "The value is encoded twice; a service provider decodes once and finds no XML." },
    { "saml-percent-invalid", BIT(ANOMALY_BAD_PERCENT), 0,
      "A '%' is not followed by two hexadecimal digits, or bytes stand there unencoded." },
    { "saml-deflated-in-post", BIT(ANOMALY_DEFLATED_POST), 0,
      "The message is compressed (DEFLATE). That belongs to the Redirect binding; the POST binding has none." },
    { "saml-not-deflated", BIT(ANOMALY_NOT_DEFLATED), 0,
      "The Redirect binding carries DEFLATE data, but this is XML in plain base64." },
    { "saml-zlib-wrapped", BIT(ANOMALY_ZLIB_WRAPPED) | BIT(ANOMALY_GZIP_WRAPPED), 0,
      "The compressed data has a zlib or gzip header; the Redirect binding is raw DEFLATE (RFC 1951) without one." },
    { "saml-inflate-broken", BIT(ANOMALY_INFLATE_BROKEN) | BIT(ANOMALY_INFLATE_TRAILING), 0,
      "The compressed data is damaged, ends early or has data behind its end." },
    { "saml-html-escaped", BIT(ANOMALY_HTML_ESCAPED), 0,
      "The value is escaped for HTML (&lt; or &#x2b;) once too often." },
    { "saml-encoding", BIT(ANOMALY_CHARSET) | BIT(ANOMALY_BOM), 0,
      "The XML is not plain UTF-8: another character set, a wrong declaration or a byte order mark." },
    { "saml-encoding-refused", 0, BIT(XML_BAD_ENCODING),
      "The bytes are not in the character set that the XML declares, or it is one that is not accepted." },
    { "saml-nul-byte", BIT(ANOMALY_NUL), BIT(XML_NUL_BYTE),
      "There is a zero byte in the XML: some parsers stop there, others go on." },
    { "saml-truncated", BIT(ANOMALY_TRUNCATED), 0, "The message ends in the middle: something on the way cut it." },
    { "saml-too-big", BIT(ANOMALY_TOO_BIG), BIT(XML_TOO_BIG),
      "The message is larger than 1 MiB decoded, more than any service provider takes." },
    { "saml-too-deep", 0, BIT(XML_TOO_DEEP) | BIT(XML_TOO_MANY_NODES) | BIT(XML_TOO_MANY_ATTRIBUTES),
      "The XML has too many levels, elements or attributes to be an honest SAML message." },
    { "saml-duplicate-parameter", BIT(ANOMALY_DUPLICATE_PARAMETER), 0,
      "The same parameter is there more than once: one reader takes the first, another the last." },
    { "saml-dtd-present", 0, BIT(XML_DTD),
      "The XML has a document type declaration (<!DOCTYPE>). Nothing of it was read; strict parsers refuse it." },
    { "acs-form-field-missing", BIT(ANOMALY_WRONG_FIELD_NAME) | BIT(ANOMALY_WRONG_CONTENT_TYPE), 0,
      "The service provider looks for a form field named exactly SAMLResponse, sent as "
      "application/x-www-form-urlencoded." },
};

/* A saved value may have been harmed by whoever copied it: on the wire the same thing is the fault. */
static bool
copy_may_be_at_fault(const struct message *message, const struct check *check)
{
    static const char *const ids[] = { "saml-base64-invalid", "saml-base64-trailing", "saml-plus-lost",
                                       "saml-double-encoded", "saml-html-escaped",    "saml-base64-urlsafe" };
    for (size_t i = 0; message->binding == BINDING_NONE && i < COUNT_OF(ids); i++) {
        if (strcmp(ids[i], check->id) == 0) {
            return true;
        }
    }
    return false;
}

/* Who a message is about. */
static struct str
user_of(struct check_run *run, const struct saml_message *saml)
{
    return facts_quoted(run, saml->assertion_count > 0 ? &saml->assertions[0] : NULL);
}

/* Up to 60 bytes behind the first zero byte. */
static struct str
nul_reading(struct check_run *run)
{
    struct str xml = run->message->xml;
    size_t at = str_present(xml) ? str_find_byte(xml, '\0') : SIZE_MAX;
    if (at == SIZE_MAX) {
        return STR("");
    }
    struct str tail = str_from_offset(xml, at + 1);
    return arena_printf(run->arena, " One reader ends at byte %zu, another takes what stands behind it: %.*s", at,
                        STR_ARG(str_slice(tail, 0, 60)));
}

/* The first and the last message that came under these names, as two readers take them. */
static struct str
parameter_reading(struct check_run *run)
{
    const struct message *first = NULL, *last = NULL;
    for (size_t i = 0; run->messages && i < run->messages->count; i++) {
        const struct message *message = &run->messages->items[i];
        if (message->saml && message->in_response == run->message->in_response) {
            first = first ? first : message;
            last = message;
        }
    }
    if (!first || first == last) {
        return STR("");
    }
    return arena_printf(run->arena, " The first is a %s for %.*s, the last a %s for %.*s.",
                        message_kind_name(first->saml->kind), STR_ARG(user_of(run, first->saml)),
                        message_kind_name(last->saml->kind), STR_ARG(user_of(run, last->saml)));
}

/* What two parsers make of a DOCTYPE, by what it declares; which family that is comes with it. */
static struct str
doctype_reading(struct check_run *run, enum attack_family *family)
{
    struct str xml = run->message->xml, rest;
    size_t at = str_present(xml) ? str_find_c(xml, "<!DOCTYPE") : SIZE_MAX, entities = 0;
    rest = at == SIZE_MAX ? STR("") : str_slice(str_from_offset(xml, at), 0, 65536);
    bool outside = str_find_c(rest, "SYSTEM") != SIZE_MAX || str_find_c(rest, "PUBLIC") != SIZE_MAX;
    for (struct str tail = rest; (at = str_find_c(tail, "<!ENTITY")) != SIZE_MAX; entities++) {
        tail = str_from_offset(tail, at + 8);
    }
    if (outside) {
        *family = ATTACK_EXTERNAL_ENTITY;
        return STR(" It names something outside: a parser that resolves that fetches a file or an address of the "
                   "sender's choice, another leaves it out. samltap fetched nothing.");
    }
    if (entities >= BOMB_ENTITIES) {
        *family = ATTACK_EXPANSION;
        return arena_printf(run->arena,
                            " It declares %zu entities: a parser that expands them may be made to use up memory and "
                            "time, another leaves them out.",
                            entities);
    }
    return STR(" One parser passes over it, another applies it (entities, default attributes, types of IDs) and reads "
               "another document.");
}

static bool
was_inflated(const struct message *message)
{
    for (size_t i = 0; i < message->step_count; i++) {
        if (message->steps[i] == STEP_INFLATE_RAW || message->steps[i] == STEP_INFLATE_ZLIB ||
            message->steps[i] == STEP_INFLATE_GZIP) {
            return true;
        }
    }
    return false;
}

/* What more there is to say about an oddity that readers take differently. */
static struct str
oddity_reading(struct check_run *run, const struct check *check, enum attack_family *family)
{
    switch (check->attack) {
    case ATTACK_SECOND_DOCUMENT:
        return nul_reading(run);
    case ATTACK_PARAMETERS:
        return parameter_reading(run);
    case ATTACK_DOCTYPE:
        return doctype_reading(run, family);
    default:
        break;
    }
    if (strcmp(check->id, "saml-too-big") != 0 || !was_inflated(run->message)) {
        return STR("");
    }
    *family = ATTACK_DEFLATE_BOMB;
    return STR(" One reader stops there, another unpacks all of it.");
}

static void
report_oddity(struct check_run *run, const struct check *check, const struct oddity *oddity, struct str detail)
{
    bool copy = copy_may_be_at_fault(run->message, check);
    const char *about_copy = copy ? " " EDITED_COPY : "";
    enum attack_family family = check->attack;
    struct str reading = oddity_reading(run, check, &family);
    struct finding *finding = detail.len
                                  ? check_reportf(run, check, "%s Seen: %.*s.%.*s%s", oddity->text, STR_ARG(detail),
                                                  STR_ARG(reading), about_copy)
                                  : check_reportf(run, check, "%s%.*s%s", oddity->text, STR_ARG(reading), about_copy);
    finding_attack(finding, family);
    if (copy && finding->severity == SEVERITY_ERROR) {
        finding->severity = SEVERITY_WARNING;
    }
}

static void
decode_oddity(struct check_run *run, const struct check *check)
{
    const struct oddity *oddity = NULL;
    for (size_t i = 0; i < COUNT_OF(oddities); i++) {
        oddity = strcmp(oddities[i].id, check->id) == 0 ? &oddities[i] : oddity;
    }
    if (!oddity) {
        return;
    }
    for (size_t i = 0; i < run->message->anomaly_count; i++) {
        if (oddity->anomalies & BIT(run->message->anomalies[i].id)) {
            report_oddity(run, check, oddity, run->message->anomalies[i].detail);
            return;
        }
    }
    if (oddity->results & BIT(run->message->xml_status.result)) {
        report_oddity(run, check, oddity, run->message->xml_status.text);
    }
}

/* Line breaks are legal in the POST binding and forbidden in the Redirect binding. */
static void
base64_wrapped(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->message->anomaly_count; i++) {
        if (run->message->anomalies[i].id == ANOMALY_BASE64_WRAPPED) {
            bool redirect = run->message->binding == BINDING_HTTP_REDIRECT;
            struct finding *finding = check_reportf(run, check, "The base64 text is broken into lines. %s",
                                                    redirect ? "The Redirect binding forbids white space in it."
                                                             : "That is allowed in the POST binding.");
            finding->severity = redirect ? SEVERITY_ERROR : SEVERITY_INFO;
            return;
        }
    }
}

static void
not_decodable(struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->message->anomaly_count; i++) {
        const struct anomaly *anomaly = &run->message->anomalies[i];
        if (anomaly->id == ANOMALY_NOT_DECODABLE) {
            check_reportf(run, check, "No XML came out of the %zu bytes of this value, whatever was tried%s%.*s.",
                          run->message->original.len, anomaly->detail.len ? ": " : "", STR_ARG(anomaly->detail));
            return;
        }
    }
}

static void
xml_malformed(struct check_run *run, const struct check *check)
{
    const struct xml_status *status = &run->message->xml_status;
    if (status->result != XML_MALFORMED) {
        return;
    }
    if (status->line > 0) {
        struct finding *finding = check_reportf(run, check, "Line %d, column %d: %.*s. Near: %.*s%s", status->line,
                                                status->column, STR_ARG(status->text), STR_ARG(status->excerpt),
                                                status->second_root ? SECOND_ROOT
                                                : status->odd_name  ? ODD_NAME
                                                                    : "");
        finding_attack(finding, status->second_root ? ATTACK_SECOND_DOCUMENT
                                : status->odd_name  ? ATTACK_ROUND_TRIP
                                                    : ATTACK_NONE);
    } else {
        check_reportf(run, check, "The XML cannot be parsed: %.*s.", STR_ARG(status->text));
    }
}

#define BINDINGS "OASIS SAML 2.0 Bindings (2005)"
#define REFUSED "A service provider cannot read the message and answers with a general error page."

static const struct check table[] = {
    { CORE_ROW("saml-base64-invalid", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message is not clean base64"),
      .means = REFUSED, .rule = "After form decoding the value is base64 (RFC 4648) and white space, nothing else.",
      .spec = "SAML Bindings 3.5.4 · saml-verification 2.2 rung 5, ATK-DIFF-DTD (CVE-2025-25291), ATK-XXE, ATK-BOMB, "
              "XML-NUL, ATK-MULTIROOT, ATK-REDIRECT (CVE-2025-31335), ATK-DEFLATE (CVE-2025-25293)",
      .source = BINDINGS,
      .fixes = { { "any", "Pass the raw form value on; not decoded XML, nor a string escaped for JSON or HTML." } },
      .run = decode_oddity },
    { CORE_ROW("saml-base64-padding", WARNING, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the base64 padding is wrong"),
      .means = "Many decoders accept it, strict ones refuse the message.",
      .rule = "The length of the base64 text is a multiple of four, filled up with '='.",
      .spec = "RFC 4648 3.2 · saml-verification DEC-B64-PADDING", .source = BINDINGS,
      .fixes = { { "any", "Send the padding as the encoder made it; look for something that cuts the value." } },
      .run = decode_oddity },
    { CORE_ROW("saml-base64-trailing", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "there is data behind the end of the base64 text"),
      .means = "Two programs may read two different messages: treat it as suspicious.",
      .rule = "Nothing follows the padding of the base64 text.",
      .spec = "RFC 4648 3.3 · saml-verification DEC-B64-TRAILING", .source = BINDINGS,
      .fixes = { { "any", "Send one message in the field and nothing else." } }, .run = decode_oddity },
    { CORE_ROW("saml-base64-urlsafe", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message is in URL-safe base64"),
      .means = REFUSED, .rule = "The alphabet is that of RFC 4648 section 4, not of section 5.",
      .spec = "SAML Bindings 3.5.4, 3.4.4.1 · saml-verification DEC-B64-URLSAFE", .source = BINDINGS,
      .fixes = { { "any", "Use the plain base64 encoder, then percent-encode the form." } }, .run = decode_oddity },
    { CORE_ROW("saml-base64-wrapped", INFO, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the base64 text is broken into lines"),
      .means = "Harmless in a form; in a URL a strict receiver refuses it.",
      .rule = "No white space in the base64 text of the Redirect binding.",
      .spec = "SAML Bindings 3.4.4.1, 3.5.4 · saml-verification DEC-B64-WRAPPED", .source = BINDINGS,
      .fixes = { { "any", "Redirect binding: switch the encoder's line breaks off." } }, .run = base64_wrapped },
    { CORE_ROW("saml-plus-lost", ERROR, MESSAGE, DECODE, IDP_ADMIN, INFERRED, PROVEN, "'+' became a space"),
      .means = "Fails at random: only messages whose base64 has a '+' break.",
      .rule = "With spaces read as '+' the base64 decodes, as they stand it does not.",
      .spec = "SAML Bindings 3.5.4 · saml-verification DEC-PLUS-AS-SPACE", .source = BINDINGS,
      .fixes = { { "any", "Percent-encode '+' as %2B when the form is built; look at rewriting proxies." } },
      .run = decode_oddity },
    { CORE_ROW("saml-double-encoded", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message is encoded twice"),
      .means = REFUSED, .rule = "One percent-decoding and one base64-decoding give the XML (or the DEFLATE data).",
      .spec = "SAML Bindings 3.4.4.1, 3.5.4 · saml-verification DEC-DOUBLE-URL, DEC-DOUBLE-B64", .source = BINDINGS,
      .fixes = { { "any", "Look for a redirector or form builder that encodes a value that is encoded already." } },
      .run = decode_oddity },
    { CORE_ROW("saml-percent-invalid", WARNING, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the percent-encoding is broken"),
      .means = "Receivers differ: some keep the '%', some drop it, some refuse.",
      .rule = "Every '%' is followed by two hexadecimal digits; bytes over 0x7F are encoded.",
      .spec = "RFC 3986 2.1 · saml-verification DEC-BAD-PCT", .source = BINDINGS,
      .fixes = { { "any", "Encode the form or query with a library function." } }, .run = decode_oddity },
    { CORE_ROW("saml-deflated-in-post", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the posted message is compressed"),
      .means = REFUSED, .rule = "In the POST binding base64 decodes to XML.",
      .spec = "SAML Bindings 3.5.4 · saml-verification DEC-DEFLATED-POST", .source = BINDINGS,
      .fixes = { { "any", "Custom identity provider: no compression for the POST binding." } }, .run = decode_oddity },
    { CORE_ROW("saml-not-deflated", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message in the URL is not compressed"),
      .means = REFUSED, .rule = "In the Redirect binding base64 decodes to raw DEFLATE data.",
      .spec = "SAML Bindings 3.4.4.1 · saml-verification DEC-NOT-DEFLATED", .source = BINDINGS,
      .fixes = { { "any", "Compress with raw DEFLATE before base64, or use the POST binding." } },
      .run = decode_oddity },
    { CORE_ROW("saml-zlib-wrapped", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the compressed message has a zlib or gzip header"),
      .means = REFUSED, .rule = "The DEFLATE data has no zlib (RFC 1950) or gzip (RFC 1952) wrapper.",
      .spec = "SAML Bindings 3.4.4.1 · saml-verification DEC-ZLIB-WRAPPED", .source = BINDINGS,
      .fixes = { { "any", "Custom code: use raw DEFLATE (window bits -15 in zlib)." } }, .run = decode_oddity },
    { CORE_ROW("saml-inflate-broken", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the compressed message is damaged"),
      .means = REFUSED, .rule = "The DEFLATE stream is whole and ends where the data ends.",
      .spec = "RFC 1951 · SAML Bindings 3.4.4.1", .source = BINDINGS, .follows = "saml-truncated",
      .fixes = { { "any", "Look for a limit on the length of URLs, and for something that changes the query." } },
      .run = decode_oddity },
    { CORE_ROW("saml-html-escaped", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the message is escaped for HTML once too often"),
      .means = REFUSED, .rule = "The decoded value is XML, not XML with its '<' written as &lt;.",
      .spec = "SAML Bindings 3.5.4 · saml-verification DEC-HTML-ESCAPED", .source = BINDINGS,
      .fixes = { { "any", "Escape the value for the HTML attribute once; copy the posted value, not page source." } },
      .run = decode_oddity },
    { CORE_ROW("saml-encoding", WARNING, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "the XML is not plain UTF-8"),
      .means = "Accented letters may break, and with them the signature.",
      .rule = "UTF-8 without byte order mark, and the declaration says the same.",
      .spec = "SAML Core 1.3 · saml-verification 2.2 rung 11, XML-10", .source = BINDINGS,
      .fixes = { { "any", "Send UTF-8 without byte order mark." } }, .run = decode_oddity },
    { CORE_ROW("saml-encoding-refused", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the XML is in a character set that is not accepted"),
      .means = REFUSED,
      .rule = "The bytes are valid in the declared encoding, and it is UTF-8, UTF-16, ASCII, Latin-1 or Windows-1252.",
      .spec = "XML 1.0 4.3.3 · saml-verification DEC-CHARSET", .source = BINDINGS,
      .fixes = { { "any", "Send UTF-8, and declare nothing else." } }, .run = decode_oddity },
    { CORE_ROW("saml-nul-byte", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "there is a zero byte in the XML"),
      .attack = ATTACK_SECOND_DOCUMENT, .fixed = true,
      .means = "Parsers disagree about where the message ends: treat it as an attack or a broken sender.",
      .rule = "No byte of value zero in the XML, nor behind it.", .spec = "XML 1.0 2.2 · saml-verification XML-03",
      .source = BINDINGS, .fixes = { { "any", "The sender must not put anything behind the document." } },
      .run = decode_oddity },
    { CORE_ROW("saml-truncated", ERROR, MESSAGE, DECODE, NETWORK, INFERRED, PROVEN, "the message was cut"),
      .means = "The end is missing, so nothing in it can be trusted.", .rule = "The XML ends with its root element.",
      .spec = "saml-verification DEC-TRUNCATED", .source = BINDINGS,
      .fixes = { { "any", "Raise the limit for headers, URLs or form fields on the proxy, gateway or firewall between; "
                          "send fewer groups." } },
      .run = decode_oddity },
    { CORE_ROW("saml-too-big", ERROR, MESSAGE, DECODE, IDP_ADMIN, INFERRED, PROVEN, "the message is too big"),
      .means = REFUSED, .rule = "At most 1 MiB of decoded XML.", .limit = "1,048,576 bytes of XML",
      .spec = "saml-verification 8.3", .source = BINDINGS,
      .fixes = { { "any", "Send fewer attributes and groups; a message that grows while inflating is an attack." } },
      .run = decode_oddity },
    { CORE_ROW("saml-too-deep", ERROR, MESSAGE, DECODE, IDP_ADMIN, INFERRED, PROVEN, "the XML is too complex"),
      .attack = ATTACK_EXPANSION, .fixed = true, .means = "Looks like an attempt to exhaust the parser.",
      .rule = "At most 100 levels and 50 000 elements.", .limit = "100 levels", .spec = "saml-verification 8.3",
      .source = BINDINGS, .fixes = { { "any", "Find out who sends this." } }, .run = decode_oddity },
    { CORE_ROW("saml-duplicate-parameter", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "a SAML parameter is there twice"),
      .attack = ATTACK_PARAMETERS, .fixed = true,
      .means = "The service provider may read another message than the one that was checked.",
      .rule = "SAMLRequest, SAMLResponse, RelayState, SigAlg and Signature occur at most once.",
      .spec = "SAML Bindings 3.4.4.1 · saml-verification DEC-DUP-PARAM", .source = BINDINGS,
      .fixes = { { "any", "Send each parameter once; find out what adds the second." } }, .run = decode_oddity },
    { CORE_ROW("saml-dtd-present", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "the XML has a document type declaration"),
      .attack = ATTACK_DOCTYPE, .fixed = true,
      .means = "Service providers that follow the advice of the SAML profiles refuse the message; others may expand "
               "entities.",
      .rule = "No <!DOCTYPE>.", .spec = "SAML2Int SDP-G03 · saml-verification XML-02", .source = BINDINGS,
      .fixes = { { "any", "The identity provider must not emit a DTD." } }, .run = decode_oddity },
    { CORE_ROW("saml-not-decodable", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN,
               "no XML could be read from the message"),
      .means = REFUSED, .rule = "The value gives XML after percent-decoding, base64 and (Redirect) DEFLATE.",
      .spec = "SAML Bindings 3.4.4.1, 3.5.4 · saml-verification 2.2", .source = BINDINGS,
      .follows = "saml-truncated saml-base64-invalid saml-too-big saml-inflate-broken",
      .fixes = { { "any", "Compare the value with what the identity provider's page holds." } }, .run = not_decodable },
    { CORE_ROW("saml-xml-malformed", ERROR, MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "the XML is not well-formed"),
      .means = REFUSED, .rule = "The decoded bytes are well-formed XML 1.0 with resolved namespaces.",
      .spec = "SAML Core 1 · saml-verification XML-01, XML-03, ATK-MULTIROOT (CVE-2022-39299), ATK-ROUNDTRIP "
              "(CVE-2020-29509)",
      .source = BINDINGS,
      .follows = "saml-truncated saml-plus-lost saml-base64-invalid saml-inflate-broken saml-entity-reference",
      .fixes = { { "any",
                   "A fault of the identity provider, a custom template, or a middlebox that rewrites pages." } },
      .run = xml_malformed },
    { CORE_ROW("acs-form-field-missing", ERROR, MESSAGE, TRANSPORT, IDP_ADMIN, STANDARD, PROVEN,
               "the form is not what the endpoint reads"),
      .means = "The service provider finds no message and shows a general error page.",
      .rule = "Content-Type application/x-www-form-urlencoded and a field named exactly SAMLResponse.",
      .spec = "SAML Bindings 3.5.4 · saml-verification BND-02", .source = BINDINGS,
      .fixes = { { "adfs", "Choose the SAML 2.0 WebSSO endpoint, not WS-Federation passive." },
                 { "entra", "Choose SAML as the single sign-on method." },
                 { "any", "Fix the name of the field (upper and lower case count) in the self-submitting form." } },
      .run = decode_oddity },
};

CHECK_SET(core_decode, table);
