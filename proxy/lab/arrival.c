/* SPDX-License-Identifier: MIT */
#include "arrival.h"

#include <openssl/evp.h>

#include "form.h"
#include "parties.h"

enum { MAX_FIELD = 100 * 1000 };

#define STATUS_SUCCESS "urn:oasis:names:tc:SAML:2.0:status:Success"

/* Strict base64 (RFC 4648 section 4): the alphabet, padding, nothing else. Absent when it is not. */
static struct str
base64_strict(struct arena *arena, struct str text)
{
    size_t padding = 0;
    unsigned char *out;
    int len;

    if (text.len == 0 || text.len % 4 != 0 || text.len > MAX_FIELD)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter =
            (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';

        /* OpenSSL's decoder lets white space at both ends pass; a token consumer does not. */
        if (letter && padding == 0)
            continue;
        if (c != '=' || i < text.len - 2)
            return (struct str){ 0 };
        padding++;
    }
    out = arena_alloc(arena, text.len / 4 * 3 + 1);
    if (out == NULL)
        return (struct str){ 0 };
    len = EVP_DecodeBlock(out, (const unsigned char *)text.ptr, (int)text.len);
    if (len < (int)padding)
        return (struct str){ 0 };
    return (struct str){ (const char *)out, (size_t)len - padding };
}

bool
arrival_read(struct arena *arena, const struct exchange *request, const struct key_set *trusted,
             struct arrival *arrival)
{
    struct saml_options options = { .keys = trusted };
    struct str type = headers_get(&request->request_headers, "Content-Type"), kind, parameters, xml;
    struct xml_status status;

    *arrival = (struct arrival){ 0 };
    str_cut(type, ';', &kind, &parameters);
    if (!str_eq_c(request->method, "POST") || !str_eq_nocase(str_trim(kind), STR("application/x-www-form-urlencoded")))
        return false;
    arrival->relay_state = form_field(arena, request->request_body.bytes, "RelayState");
    xml = base64_strict(arena, form_field(arena, request->request_body.bytes, "SAMLResponse"));
    if (!str_present(xml))
        return false;
    arrival->message = saml_read(arena, xml, &options, &status);
    return arrival->message != NULL && arrival->message->kind == MESSAGE_RESPONSE &&
           str_eq_c(arrival->message->version.text, "2.0") && arrival->message->status.code_count > 0 &&
           str_eq_c(arrival->message->status.codes[0].text, STATUS_SUCCESS);
}

bool
arrival_one_assertion(struct arrival *arrival)
{
    const struct saml_message *message = arrival->message;

    if (message->assertion_count != 1 || message->encrypted_count != 0 || message->stray_assertion_count != 0 ||
        message->duplicate_id_count != 0 || !message->assertions[0].direct)
        return false;
    arrival->assertion = &message->assertions[0];
    return str_eq_c(arrival->assertion->version.text, "2.0");
}

enum arrival_signature
arrival_signature(const struct arrival *arrival, bool own)
{
    const struct saml_message *message = arrival->message;

    for (size_t i = 0; i < message->signature_count; i++)
        if (!message->signatures[i].valid || !message->signatures[i].trusted)
            return ARRIVAL_BADLY_SIGNED;
    if (own ? arrival->assertion->signature < 0 : message->signature_count == 0)
        return ARRIVAL_UNSIGNED;
    if (saml_coverage(message, arrival->assertion->where) != COVERAGE_SIGNED)
        return ARRIVAL_BADLY_SIGNED;
    return ARRIVAL_SIGNED;
}

bool
arrival_issuer_is(const struct arrival *arrival, const char *entity_id)
{
    struct str of_response = arrival->message->issuer.value.text;

    return str_eq_c(arrival->assertion->issuer.value.text, entity_id) &&
           (!str_present(of_response) || str_eq_c(of_response, entity_id));
}

static bool
names(const struct saml_audience_restriction *restriction, const char *audience)
{
    for (size_t i = 0; i < restriction->audience_count; i++)
        if (str_eq_c(restriction->audiences[i].text, audience))
            return true;
    return false;
}

bool
arrival_audience_is(const struct arrival *arrival, const char *audience)
{
    const struct saml_assertion *assertion = arrival->assertion;

    for (size_t i = 0; i < assertion->restriction_count; i++)
        if (!names(&assertion->restrictions[i], audience))
            return false;
    return assertion->restriction_count > 0;
}

/* Absent matches absent only. */
static bool
same(struct str a, struct str b)
{
    return str_present(a) == str_present(b) && str_eq(a, b);
}

bool
arrival_is_for(const struct arrival *arrival, const char *acs, struct str request_id)
{
    const struct saml_assertion *assertion = arrival->assertion;
    struct str destination = arrival->message->destination.text;

    if (assertion->confirmation_count != 1 || !assertion->confirmations[0].has_data)
        return false;
    return (!str_present(destination) || str_eq_c(destination, acs)) &&
           str_eq_c(assertion->confirmations[0].method.text, LAB_BEARER) &&
           str_eq_c(assertion->confirmations[0].recipient.text, acs) &&
           same(arrival->message->in_response_to.text, request_id) &&
           same(assertion->confirmations[0].in_response_to.text, request_id);
}

/* Written, and an xs:dateTime in UTC (SAML Core 1.3.3). */
static bool
well_formed(const struct saml_time *time)
{
    return time->valid && time->time.zone == XSTIME_ZONE_Z;
}

enum arrival_time
arrival_time(const struct arrival *arrival, int64_t now_ms)
{
    const struct saml_assertion *assertion = arrival->assertion;
    const struct saml_time *confirmed = &assertion->confirmations[0].not_on_or_after;

    if (!well_formed(&assertion->issue_instant) || !well_formed(&assertion->not_before) ||
        !well_formed(&assertion->not_on_or_after) || !well_formed(confirmed))
        return ARRIVAL_TIME_MALFORMED;
    if (now_ms < assertion->not_before.time.ms)
        return ARRIVAL_TOO_EARLY;
    if (now_ms >= assertion->not_on_or_after.time.ms || now_ms >= confirmed->time.ms)
        return ARRIVAL_TOO_LATE;
    return ARRIVAL_IN_TIME;
}
