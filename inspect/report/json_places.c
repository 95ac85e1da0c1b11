/* SPDX-License-Identifier: MIT */
#include "json_places.h"

#include "json_facts.h"
#include "where_value.h"

enum { MAX_PLACES = 2000 };

/* --- one place ----------------------------------------------------------------------------------------- */

static void
set_size(json_t *object, const char *key, size_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

json_t *
json_at(struct str xml, struct where where)
{
    size_t line, column;
    struct str value;
    json_t *at;

    if (where.document != 0 || where.length == 0 || where.offset >= xml.len || where.length > xml.len - where.offset)
        return NULL;
    at = json_object();
    where_line(xml, where.offset, &line, &column);
    set_size(at, "offset", where.offset);
    set_size(at, "length", where.length);
    set_size(at, "line", line);
    set_size(at, "column", column);
    if (where_value(xml, where, &value)) {
        set_size(at, "value_offset", (size_t)(value.ptr - xml.ptr));
        set_size(at, "value_length", value.len);
    }
    return at;
}

/* --- all places of a message ------------------------------------------------------------------------------ */

struct places {
    struct arena *arena;
    struct str xml;
    json_t *list;
    struct str above; /* "assertions[0]."; empty for facts of the message itself */
};

static void
add(struct places *places, const char *name, const struct saml_value *value)
{
    json_t *at;

    if (!str_present(value->text) || json_array_size(places->list) >= MAX_PLACES)
        return;
    at = json_at(places->xml, value->where);
    if (at == NULL)
        return;
    json_object_set_new(at, "fact", json_text(arena_printf(places->arena, "%.*s%s", STR_ARG(places->above), name)));
    json_object_set_new(at, "xpath", json_text(value->where.xpath));
    json_array_append_new(places->list, at);
}

static void
add_at(struct places *places, const char *name, size_t i, const char *member, const struct saml_value *value)
{
    struct str full = arena_printf(places->arena, "%s[%zu]%s", name, i, member);

    if (str_present(full))
        add(places, full.ptr, value);
}

static void
add_attributes(struct places *places, const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &assertion->attributes[i];

        add_at(places, "attributes", i, ".name", &attribute->name);
        add_at(places, "attributes", i, ".namespace", &attribute->name_space);
        add_at(places, "attributes", i, ".name_format", &attribute->name_format);
        for (size_t k = 0; k < attribute->value_count; k++) {
            struct str member = arena_printf(places->arena, ".values[%zu]", k);

            if (str_present(member))
                add_at(places, "attributes", i, member.ptr, &attribute->values[k].value);
        }
    }
}

static void
add_statements(struct places *places, const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &assertion->confirmations[i];

        add_at(places, "confirmations", i, ".method", &confirmation->method);
        add_at(places, "confirmations", i, ".recipient", &confirmation->recipient);
        add_at(places, "confirmations", i, ".in_response_to", &confirmation->in_response_to);
        add_at(places, "confirmations", i, ".address", &confirmation->address);
        add_at(places, "confirmations", i, ".not_before", &confirmation->not_before.raw);
        add_at(places, "confirmations", i, ".not_on_or_after", &confirmation->not_on_or_after.raw);
    }
    for (size_t i = 0; i < assertion->authn_statement_count; i++) {
        const struct saml_authn_statement *statement = &assertion->authn_statements[i];

        add_at(places, "authn_statements", i, ".authn_instant", &statement->authn_instant.raw);
        add_at(places, "authn_statements", i, ".session_index", &statement->session_index);
        add_at(places, "authn_statements", i, ".session_not_on_or_after", &statement->session_not_on_or_after.raw);
        add_at(places, "authn_statements", i, ".class_ref", &statement->class_ref);
    }
}

static void
add_assertion(struct places *places, const char *list, size_t number, const struct saml_assertion *assertion)
{
    size_t audience = 0;

    places->above = arena_printf(places->arena, "%s[%zu].", list, number);
    add(places, "id", &assertion->id);
    add(places, "issuer", &assertion->issuer.value);
    add(places, "issue_instant", &assertion->issue_instant.raw);
    add(places, "name_id", &assertion->name_id.value);
    add(places, "name_id.format", &assertion->name_id.format);
    add(places, "not_before", &assertion->not_before.raw);
    add(places, "not_on_or_after", &assertion->not_on_or_after.raw);
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            add_at(places, "audiences", audience++, "", &assertion->restrictions[i].audiences[k]);
    add_statements(places, assertion);
    add_attributes(places, assertion);
    places->above = STR("");
}

static void
add_message(struct places *places, const struct saml_message *saml)
{
    add(places, "id", &saml->id);
    add(places, "version", &saml->version);
    add(places, "issuer", &saml->issuer.value);
    add(places, "issue_instant", &saml->issue_instant.raw);
    add(places, "destination", &saml->destination);
    add(places, "in_response_to", &saml->in_response_to);
    for (size_t i = 0; i < saml->status.code_count; i++)
        add_at(places, "status", i, "", &saml->status.codes[i]);
    add(places, "status_message", &saml->status.message);
    add(places, "acs_url", &saml->request.acs_url);
    add(places, "acs_index", &saml->request.acs_index);
    add(places, "protocol_binding", &saml->request.protocol_binding);
    add(places, "force_authn", &saml->request.force_authn);
    add(places, "is_passive", &saml->request.is_passive);
    add(places, "name_id_format", &saml->request.policy_format);
    add(places, "subject", &saml->request.subject_name_id.value);
    add(places, "logout_name_id", &saml->logout.name_id.value);
    add(places, "wstrust.applies_to", &saml->wstrust.applies_to);
    add(places, "wstrust.created", &saml->wstrust.created.raw);
    add(places, "wstrust.expires", &saml->wstrust.expires.raw);
    add(places, "wstrust.token_type", &saml->wstrust.token_type);
    add(places, "soap.response_consumer_url", &saml->soap.response_consumer_url);
    add(places, "soap.acs_url", &saml->soap.acs_url);
    add(places, "soap.relay_state", &saml->soap.relay_state);
    add(places, "soap.fault_code", &saml->soap.fault_code);
    add(places, "soap.fault_text", &saml->soap.fault_text);
}

json_t *
json_places(struct arena *arena, const struct message *message)
{
    struct places places = { .arena = arena, .xml = message->xml, .list = json_array(), .above = STR("") };
    const struct saml_message *saml = message->saml;

    if (saml == NULL)
        return places.list;
    add_message(&places, saml);
    for (size_t i = 0; i < saml->assertion_count; i++)
        add_assertion(&places, "assertions", i, &saml->assertions[i]);
    for (size_t i = 0; i < saml->stray_assertion_count; i++)
        add_assertion(&places, "stray_assertions", i, &saml->stray_assertions[i]);
    return places.list;
}

/* --- the value in its input -------------------------------------------------------------------------------- */

static bool
holds(struct str outer, struct str inner)
{
    uintptr_t from = (uintptr_t)outer.ptr, at = (uintptr_t)inner.ptr;

    return inner.len > 0 && at >= from && at - from <= outer.len && inner.len <= outer.len - (at - from);
}

static json_t *
found_in(const char *part, struct str outer, struct str inner)
{
    json_t *found;

    if (!holds(outer, inner))
        return NULL;
    found = json_object();
    json_object_set_new(found, "part", json_text_c(part));
    set_size(found, "offset", (size_t)((uintptr_t)inner.ptr - (uintptr_t)outer.ptr));
    set_size(found, "length", inner.len);
    return found;
}

json_t *
json_found_at(const struct decoded *decoded)
{
    const struct exchange *exchange = decoded->exchange;
    struct str original = decoded->message->original;
    json_t *found;

    if (exchange == NULL)
        return found_in("input", decoded->bytes, original);
    found = found_in("request-target", exchange->target, original);
    if (found == NULL)
        found = found_in("request-body", exchange->request_body.bytes, original);
    if (found == NULL)
        found = found_in("response-body", exchange->response_body.bytes, original);
    for (size_t i = 0; found == NULL && i < exchange->response_headers.count; i++)
        found = found_in("location", exchange->response_headers.items[i].value, original);
    return found;
}
