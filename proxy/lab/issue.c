/* SPDX-License-Identifier: MIT */
#include "issue.h"

#include <string.h>

#include "buf.h"
#include "conceal.h"
#include "xstime.h"

#define SAML_NAMESPACE "urn:oasis:names:tc:SAML:2.0:assertion"
#define SAMLP_NAMESPACE "urn:oasis:names:tc:SAML:2.0:protocol"
#define STATUS "urn:oasis:names:tc:SAML:2.0:status:"

enum { MAX_MESSAGE = 256 * 1024 };

bool
lab_keys_init(struct lab_keys *keys, int64_t now_s)
{
    keys->ours = lab_key_new("samltap lab signing", now_s);
    keys->other = lab_key_new("samltap lab retired signing", now_s);
    if (keys->ours != NULL && keys->other != NULL)
        return true;
    lab_keys_release(keys);
    return false;
}

void
lab_keys_release(struct lab_keys *keys)
{
    lab_key_free(keys->ours);
    lab_key_free(keys->other);
    *keys = (struct lab_keys){ 0 };
}

/* Exclusive C14N escapes exactly these (Canonical XML 1.0, 1.1). */
static const char *
canonical_escape(char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '\r':
        return "&#xD;";
    case '>':
        return attribute ? NULL : "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\t':
        return attribute ? "&#x9;" : NULL;
    case '\n':
        return attribute ? "&#xA;" : NULL;
    default:
        return NULL;
    }
}

static void
add_escaped(struct buf *out, struct str text, bool attribute)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = canonical_escape(text.ptr[i], attribute);

        if (escape != NULL)
            buf_add_c(out, escape);
        else
            buf_add_byte(out, text.ptr[i]);
    }
}

/* Appends ` name="value"`, nothing when value is absent. Callers keep the order of names. */
static void
add_attribute(struct buf *out, const char *name, struct str value)
{
    if (!str_present(value))
        return;
    buf_printf(out, " %s=\"", name);
    add_escaped(out, value, true);
    buf_add_c(out, "\"");
}

static void
add_time(struct buf *out, const char *name, int64_t ms, const char *zone)
{
    char text[40];

    if (ms == LAB_NO_TIME)
        return;
    xstime_format_into(text, sizeof(text), ms);
    text[strcspn(text, "Z")] = '\0';
    buf_printf(out, " %s=\"%s%s\"", name, text, zone);
}

/* Every outermost saml: element declares the prefix itself: so does exclusive C14N. */
static void
add_issuer(struct buf *out, struct str issuer, bool outermost)
{
    buf_printf(out, "<saml:Issuer%s>", outermost ? " xmlns:saml=\"" SAML_NAMESPACE "\"" : "");
    add_escaped(out, issuer, false);
    buf_add_c(out, "</saml:Issuer>");
}

static void
add_subject(struct buf *out, const struct lab_order *order)
{
    buf_add_c(out, "<saml:Subject>");
    if (str_present(order->name_id)) {
        buf_add_c(out, "<saml:NameID");
        add_attribute(out, "Format", order->name_id_format);
        buf_add_c(out, ">");
        add_escaped(out, order->name_id, false);
        buf_add_c(out, "</saml:NameID>");
    }
    buf_add_c(out, "<saml:SubjectConfirmation");
    add_attribute(out, "Method", order->confirmation_method);
    buf_add_c(out, "><saml:SubjectConfirmationData");
    add_attribute(out, "InResponseTo", order->subject_in_response_to);
    add_time(out, "NotOnOrAfter", order->confirmed_until_ms, order->zone);
    add_attribute(out, "Recipient", order->recipient);
    buf_add_c(out, "></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>");
}

static void
add_conditions(struct buf *out, const struct lab_order *order)
{
    buf_add_c(out, "<saml:Conditions");
    add_time(out, "NotBefore", order->not_before_ms, order->zone);
    add_time(out, "NotOnOrAfter", order->not_on_or_after_ms, order->zone);
    buf_add_c(out, ">");
    if (str_present(order->audience)) {
        buf_add_c(out, "<saml:AudienceRestriction><saml:Audience>");
        add_escaped(out, order->audience, false);
        buf_add_c(out, "</saml:Audience></saml:AudienceRestriction>");
    }
    buf_add_c(out, "</saml:Conditions>");
}

static void
add_statements(struct buf *out, const struct lab_order *order, struct str session)
{
    buf_add_c(out, "<saml:AuthnStatement");
    add_time(out, "AuthnInstant", order->issued_ms, order->zone);
    add_attribute(out, "SessionIndex", session);
    buf_add_c(out, "><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:"
                   "PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>");
    if (order->attribute_count == 0)
        return;
    buf_add_c(out, "<saml:AttributeStatement>");
    for (size_t i = 0; i < order->attribute_count; i++) {
        const struct lab_attribute *attribute = &order->attributes[i];

        buf_add_c(out, "<saml:Attribute");
        add_attribute(out, "Name", attribute->name);
        add_attribute(out, "NameFormat", STR("urn:oasis:names:tc:SAML:2.0:attrname-format:uri"));
        buf_add_c(out, ">");
        for (size_t v = 0; v < attribute->value_count; v++) {
            buf_add_c(out, "<saml:AttributeValue>");
            add_escaped(out, attribute->values[v], false);
            buf_add_c(out, "</saml:AttributeValue>");
        }
        buf_add_c(out, "</saml:Attribute>");
    }
    buf_add_c(out, "</saml:AttributeStatement>");
}

static struct str
arena_taking(struct arena *arena, struct buf *buf)
{
    struct str text = { 0 };

    if (!buf_failed(buf))
        text = arena_copy(arena, buf_str(buf));
    buf_release(buf);
    return text;
}

static struct str
sign(struct arena *arena, const struct lab_order *order, const struct lab_keys *keys, struct str element, size_t at,
     struct str id)
{
    return lab_sign(arena, order->other_key ? keys->other : keys->ours, order->sha1 ? LAB_SHA1 : LAB_SHA256, element,
                    at, id);
}

static struct str
assertion(struct arena *arena, const struct lab_order *order, const struct lab_keys *keys)
{
    struct str id = lab_random_id(arena), text;
    struct buf out;
    size_t signature_at;

    buf_init(&out, MAX_MESSAGE);
    buf_add_c(&out, "<saml:Assertion xmlns:saml=\"" SAML_NAMESPACE "\"");
    add_attribute(&out, "ID", id);
    add_time(&out, "IssueInstant", order->issued_ms, order->zone);
    add_attribute(&out, "Version", order->version);
    buf_add_c(&out, ">");
    add_issuer(&out, order->issuer, false);
    signature_at = out.len;
    add_subject(&out, order);
    add_conditions(&out, order);
    add_statements(&out, order, id);
    buf_add_c(&out, "</saml:Assertion>");
    text = arena_taking(arena, &out);
    if (str_present(text) && order->sign_assertion)
        text = sign(arena, order, keys, text, signature_at, id);
    if (str_present(text) && order->encrypt)
        text = lab_conceal(arena, keys->other, text);
    return text;
}

static void
add_status(struct buf *out, const struct lab_order *order)
{
    if (!str_present(order->status)) {
        buf_add_c(out, "<samlp:Status><samlp:StatusCode Value=\"" STATUS "Success\"></samlp:StatusCode>"
                       "</samlp:Status>");
        return;
    }
    buf_add_c(out, "<samlp:Status><samlp:StatusCode Value=\"" STATUS "Responder\"><samlp:StatusCode");
    add_attribute(out, "Value", order->status);
    buf_add_c(out, "></samlp:StatusCode></samlp:StatusCode><samlp:StatusMessage>");
    add_escaped(out, order->status_message, false);
    buf_add_c(out, "</samlp:StatusMessage></samlp:Status>");
}

/* The first occurrence of what becomes with: what a middlebox or an attacker does after signing. */
static struct str
replaced(struct arena *arena, struct str text, struct str what, struct str with)
{
    size_t at = str_find(text, what);

    if (!str_present(what) || at == SIZE_MAX)
        return text;
    return arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(text, 0, at)), STR_ARG(with),
                        STR_ARG(str_from_offset(text, at + what.len)));
}

static struct str
damaged(struct arena *arena, const struct lab_order *order, struct str text)
{
    enum { LOST_BYTES = 40 };

    text = replaced(arena, text, order->replace, order->with);
    if (order->doctype)
        text = arena_printf(arena, "<!DOCTYPE samlp:Response>%.*s", STR_ARG(text));
    if (order->cut && text.len > LOST_BYTES)
        text.len -= LOST_BYTES;
    return text;
}

struct str
lab_issue(struct arena *arena, const struct lab_order *order, const struct lab_keys *keys)
{
    struct str id = lab_random_id(arena), text;
    struct buf out;
    size_t signature_at;

    buf_init(&out, MAX_MESSAGE);
    buf_add_c(&out, "<samlp:Response xmlns:samlp=\"" SAMLP_NAMESPACE "\"");
    add_attribute(&out, "Destination", order->destination);
    add_attribute(&out, "ID", id);
    add_attribute(&out, "InResponseTo", order->in_response_to);
    add_time(&out, "IssueInstant", order->issued_ms, order->zone);
    add_attribute(&out, "Version", order->version);
    buf_add_c(&out, ">");
    add_issuer(&out, order->response_issuer, true);
    signature_at = out.len;
    add_status(&out, order);
    for (size_t i = 0; i < order->assertion_count; i++) {
        struct str one = assertion(arena, order, keys);

        if (!str_present(one))
            out.failed = true;
        else
            buf_add_str(&out, one);
    }
    buf_add_c(&out, "</samlp:Response>");
    text = arena_taking(arena, &out);
    if (str_present(text) && order->sign_response)
        text = sign(arena, order, keys, text, signature_at, id);
    return str_present(text) ? damaged(arena, order, text) : text;
}
