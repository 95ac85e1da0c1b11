/* SPDX-License-Identifier: MIT */
#include "json_facts.h"

#include <stdio.h>

#include "text_facts.h"
#include "utf8.h"
#include "xstime.h"

enum { TEXT_BYTES = 64 * 1024 * 1024 };

static bool
is_utf8(struct str text)
{
    uint32_t code;

    for (size_t i = 0; i < text.len;) {
        i += utf8_at(text, i, &code);
        if (code >= UTF8_INVALID)
            return false;
    }
    return true;
}

json_t *
json_text(struct str text)
{
    struct buf clean;
    json_t *value;
    uint32_t code;
    size_t used;

    if (!str_present(text))
        return json_null();
    if (is_utf8(text))
        return json_stringn(text.ptr, text.len);
    buf_init(&clean, TEXT_BYTES);
    for (size_t i = 0; i < text.len; i += used) {
        used = utf8_at(text, i, &code);
        if (code >= UTF8_INVALID)
            buf_printf(&clean, "\\x%02x", (unsigned)(code - UTF8_INVALID));
        else
            buf_add(&clean, text.ptr + i, used);
    }
    value = buf_failed(&clean) ? NULL : json_stringn(clean.bytes, clean.len);
    buf_release(&clean);
    return value;
}

json_t *
json_text_c(const char *text)
{
    return json_text(str_from(text));
}

void
json_set_text(json_t *object, const char *key, struct str text)
{
    if (str_present(text))
        json_object_set_new(object, key, json_text(text));
}

static void
set_time(json_t *object, const char *key, const struct saml_time *time)
{
    json_set_text(object, key, time->raw.text);
}

static void
set_name_id(json_t *object, const char *key, const struct saml_message *saml, const struct saml_name_id *name_id)
{
    json_t *value;

    if (!str_present(name_id->value.text) && !name_id->encrypted)
        return;
    value = json_object();
    json_object_set_new(value, "value", json_text(name_id->value.text));
    json_set_text(value, "format", name_id->format.text);
    json_set_text(value, "name_qualifier", name_id->name_qualifier.text);
    json_set_text(value, "sp_name_qualifier", name_id->sp_name_qualifier.text);
    if (name_id->encrypted)
        json_object_set_new(value, "encrypted", json_true());
    json_object_set_new(value, "coverage", json_text_c(coverage_name(saml_coverage(saml, name_id->value.where))));
    json_object_set_new(object, key, value);
}

/* How a value of an assertion is covered; "signed-not-read": no service provider takes it from there. */
static void
set_coverage(json_t *object, const struct saml_message *saml, const struct saml_assertion *assertion,
             struct where where)
{
    enum coverage coverage = saml_coverage(saml, where);
    bool not_read = coverage >= COVERAGE_SELF && !saml_is_read(saml, assertion);

    json_object_set_new(object, "coverage", json_text_c(not_read ? "signed-not-read" : coverage_name(coverage)));
}

static json_t *
confirmation_facts(const struct saml_message *saml, const struct saml_assertion *assertion,
                   const struct saml_confirmation *confirmation)
{
    json_t *value = json_object();

    json_set_text(value, "method", confirmation->method.text);
    json_set_text(value, "recipient", confirmation->recipient.text);
    json_set_text(value, "in_response_to", confirmation->in_response_to.text);
    json_set_text(value, "address", confirmation->address.text);
    set_time(value, "not_before", &confirmation->not_before);
    set_time(value, "not_on_or_after", &confirmation->not_on_or_after);
    set_coverage(value, saml, assertion, confirmation->where);
    return value;
}

static json_t *
attribute_facts(const struct saml_message *saml, const struct saml_assertion *assertion,
                const struct saml_attribute *attribute)
{
    json_t *value = json_object(), *values = json_array();

    json_object_set_new(value, "name", json_text(attribute->name.text));
    json_set_text(value, "namespace", attribute->name_space.text);
    json_set_text(value, "name_format", attribute->name_format.text);
    json_set_text(value, "friendly_name", attribute->friendly_name.text);
    for (size_t i = 0; i < attribute->value_count; i++)
        json_array_append_new(values,
                              attribute->values[i].nil ? json_null() : json_text(attribute->values[i].value.text));
    json_object_set_new(value, "values", values);
    set_coverage(value, saml, assertion, attribute->where);
    return value;
}

static json_t *
authn_facts(const struct saml_message *saml, const struct saml_assertion *assertion,
            const struct saml_authn_statement *statement)
{
    json_t *value = json_object();

    set_time(value, "authn_instant", &statement->authn_instant);
    set_time(value, "session_not_on_or_after", &statement->session_not_on_or_after);
    json_set_text(value, "session_index", statement->session_index.text);
    json_set_text(value, "class_ref", statement->class_ref.text);
    set_coverage(value, saml, assertion, statement->where);
    return value;
}

static json_t *
assertion_facts(const struct saml_message *saml, const struct saml_assertion *assertion)
{
    json_t *value = json_object(), *audiences = json_array(), *confirmations = json_array();
    json_t *attributes = json_array(), *statements = json_array();

    json_set_text(value, "id", assertion->id.text);
    json_set_text(value, "version", assertion->version.text);
    json_set_text(value, "issuer", assertion->issuer.value.text);
    set_time(value, "issue_instant", &assertion->issue_instant);
    json_object_set_new(value, "encrypted", json_boolean(assertion->was_encrypted));
    set_coverage(value, saml, assertion, assertion->where);
    if (!assertion->direct)
        json_set_text(value, "xpath", assertion->where.xpath);
    set_name_id(value, "name_id", saml, &assertion->name_id);
    if (str_present(assertion->name_id.value.text))
        set_coverage(json_object_get(value, "name_id"), saml, assertion, assertion->name_id.value.where);
    for (size_t i = 0; i < assertion->confirmation_count; i++)
        json_array_append_new(confirmations, confirmation_facts(saml, assertion, &assertion->confirmations[i]));
    json_object_set_new(value, "confirmations", confirmations);
    set_time(value, "not_before", &assertion->not_before);
    set_time(value, "not_on_or_after", &assertion->not_on_or_after);
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            json_array_append_new(audiences, json_text(assertion->restrictions[i].audiences[k].text));
    json_object_set_new(value, "audiences", audiences);
    for (size_t i = 0; i < assertion->authn_statement_count; i++)
        json_array_append_new(statements, authn_facts(saml, assertion, &assertion->authn_statements[i]));
    json_object_set_new(value, "authn_statements", statements);
    for (size_t i = 0; i < assertion->attribute_count; i++)
        json_array_append_new(attributes, attribute_facts(saml, assertion, &assertion->attributes[i]));
    json_object_set_new(value, "attributes", attributes);
    return value;
}

static void
status_facts(json_t *facts, const struct saml_status *status)
{
    json_t *codes;

    if (!status->present)
        return;
    codes = json_array();
    for (size_t i = 0; i < status->code_count; i++)
        json_array_append_new(codes, json_text(status->codes[i].text));
    json_object_set_new(facts, "status", codes);
    json_set_text(facts, "status_message", status->message.text);
}

static void
request_facts(json_t *facts, const struct saml_message *saml)
{
    const struct saml_request *request = &saml->request;

    json_set_text(facts, "acs_url", request->acs_url.text);
    json_set_text(facts, "acs_index", request->acs_index.text);
    json_set_text(facts, "protocol_binding", request->protocol_binding.text);
    json_set_text(facts, "force_authn", request->force_authn.text);
    json_set_text(facts, "is_passive", request->is_passive.text);
    json_set_text(facts, "name_id_format", request->policy_format.text);
    set_name_id(facts, "subject", saml, &request->subject_name_id);
    set_name_id(facts, "logout_name_id", saml, &saml->logout.name_id);
}

static void
encrypted_facts(json_t *facts, const struct saml_message *saml)
{
    static const char *const results[] = {
        [DECRYPT_NO_KEY] = "no-key",       [DECRYPT_OK] = "ok",
        [DECRYPT_WRONG_KEY] = "wrong-key", [DECRYPT_UNSUPPORTED] = "unsupported",
        [DECRYPT_MALFORMED] = "malformed", [DECRYPT_PLAINTEXT] = "plaintext",
    };
    json_t *list;

    if (saml->encrypted_count == 0)
        return;
    list = json_array();
    for (size_t i = 0; i < saml->encrypted_count; i++) {
        const struct saml_encrypted *encrypted = &saml->encrypted[i];
        json_t *value = json_object();

        json_set_text(value, "element", encrypted->element);
        json_set_text(value, "data_algorithm", encrypted->data_algorithm);
        json_set_text(value, "key_algorithm", encrypted->key_algorithm);
        if ((size_t)encrypted->result < COUNT_OF(results))
            json_object_set_new(value, "decrypted", json_text_c(results[encrypted->result]));
        json_set_text(value, "detail", encrypted->detail);
        json_array_append_new(list, value);
    }
    json_object_set_new(facts, "encrypted", list);
}

static void
metadata_facts(json_t *facts, const struct metadata *metadata)
{
    json_t *list;

    if (metadata == NULL)
        return;
    list = json_array();
    for (size_t i = 0; i < metadata->entity_count; i++) {
        const struct metadata_entity *entity = &metadata->entities[i];
        json_t *value = json_object();

        json_object_set_new(value, "entity_id", json_text(entity->entity_id));
        json_object_set_new(value, "idp", json_boolean(entity->idp.present));
        json_object_set_new(value, "sp", json_boolean(entity->sp.present));
        json_set_text(value, "valid_until", entity->valid_until_text);
        json_array_append_new(list, value);
    }
    json_object_set_new(facts, "entities", list);
}

static void
wstrust_facts(json_t *facts, const struct saml_message *saml)
{
    const struct wstrust *wstrust = &saml->wstrust;
    json_t *value;

    if (saml->kind != MESSAGE_WSTRUST_RST && saml->kind != MESSAGE_WSTRUST_RSTR)
        return;
    value = json_object();
    json_object_set_new(value, "version", json_text_c(wstrust->version13 ? "1.3" : "2005/02"));
    json_object_set_new(value, "collection", json_boolean(wstrust->collection));
    json_object_set_new(value, "tokens", json_integer((json_int_t)wstrust->token_count));
    json_set_text(value, "token_element", wstrust->token_element);
    json_set_text(value, "context", wstrust->context.text);
    json_set_text(value, "applies_to", wstrust->applies_to.text);
    set_time(value, "created", &wstrust->created);
    set_time(value, "expires", &wstrust->expires);
    json_set_text(value, "token_type", wstrust->token_type.text);
    json_set_text(value, "request_type", wstrust->request_type.text);
    json_set_text(value, "key_type", wstrust->key_type.text);
    json_object_set_new(facts, "wstrust", value);
}

static void
soap_facts(json_t *facts, const struct saml_message *saml)
{
    const struct saml_soap *soap = &saml->soap;
    json_t *value, *headers, *providers;

    if (!soap->present)
        return;
    value = json_object();
    headers = json_array();
    providers = json_array();
    json_object_set_new(value, "version", json_text_c(soap->version12 ? "1.2" : "1.1"));
    for (int i = 0; i < ECP_BLOCK_COUNT; i++)
        if (soap->blocks[i].where.element != 0)
            json_array_append_new(headers, json_text_c(ecp_block_name((enum ecp_block)i)));
    for (size_t i = 0; i < soap->provider_count; i++)
        json_array_append_new(providers, json_text(soap->providers[i].text));
    json_object_set_new(value, "headers", headers);
    json_set_text(value, "response_consumer_url", soap->response_consumer_url.text);
    json_set_text(value, "service", soap->service.text);
    json_set_text(value, "message_id", soap->message_id.text);
    json_set_text(value, "ref_to_message_id", soap->ref_to_message_id.text);
    json_set_text(value, "provider_name", soap->provider_name.text);
    json_set_text(value, "is_passive", soap->is_passive.text);
    json_set_text(value, "issuer", soap->issuer.text);
    if (soap->provider_count > 0)
        json_object_set(value, "identity_providers", providers);
    json_decref(providers);
    json_set_text(value, "acs_url", soap->acs_url.text);
    json_set_text(value, "relay_state", soap->relay_state.text);
    json_set_text(value, "fault_code", soap->fault_code.text);
    json_set_text(value, "fault_text", soap->fault_text.text);
    json_set_text(value, "fault_actor", soap->fault_actor.text);
    json_object_set_new(facts, "soap", value);
}

static bool
may_hold_assertions(const struct saml_message *saml)
{
    return saml->kind == MESSAGE_RESPONSE || saml->kind == MESSAGE_ASSERTION || saml->kind == MESSAGE_SAML1_RESPONSE ||
           saml->kind == MESSAGE_SAML1_ASSERTION || saml->kind == MESSAGE_WSTRUST_RSTR ||
           saml->kind == MESSAGE_ARTIFACT_RESPONSE;
}

json_t *
json_message_facts(const struct saml_message *saml)
{
    json_t *facts = json_object(), *assertions, *strays;

    if (saml == NULL)
        return facts;
    json_set_text(facts, "id", saml->id.text);
    json_set_text(facts, "version", saml->version.text);
    json_object_set_new(facts, "coverage", json_text_c(coverage_name(saml_coverage(saml, saml->where))));
    json_set_text(facts, "issuer", saml->issuer.value.text);
    set_time(facts, "issue_instant", &saml->issue_instant);
    json_set_text(facts, "destination", saml->destination.text);
    json_set_text(facts, "in_response_to", saml->in_response_to.text);
    status_facts(facts, &saml->status);
    request_facts(facts, saml);
    encrypted_facts(facts, saml);
    metadata_facts(facts, saml->metadata);
    soap_facts(facts, saml);
    wstrust_facts(facts, saml);
    if (may_hold_assertions(saml)) {
        assertions = json_array();
        for (size_t i = 0; i < saml->assertion_count; i++)
            json_array_append_new(assertions, assertion_facts(saml, &saml->assertions[i]));
        json_object_set_new(facts, "assertions", assertions);
        strays = json_array();
        for (size_t i = 0; i < saml->stray_assertion_count; i++)
            json_array_append_new(strays, assertion_facts(saml, &saml->stray_assertions[i]));
        if (saml->stray_assertion_count > 0)
            json_object_set(facts, "stray_assertions", strays);
        json_decref(strays);
    }
    return facts;
}

static void
set_digest(json_t *object, const char *key, const char *hex)
{
    if (hex[0] != '\0')
        json_object_set_new(object, key, json_sprintf("sha256:%s", hex));
}

static void
set_moment(json_t *object, const char *key, int64_t ms)
{
    char text[32];

    xstime_format_into(text, sizeof(text), ms);
    json_object_set_new(object, key, json_text_c(text));
}

json_t *
json_certificate(const struct certificate_facts *facts)
{
    json_t *value = json_object();

    json_set_text(value, "source", facts->source);
    json_object_set_new(value, "parsed", json_boolean(facts->parsed));
    json_set_text(value, "subject", facts->subject);
    json_set_text(value, "issuer", facts->issuer);
    json_set_text(value, "serial", facts->serial);
    if (facts->parsed && str_present(facts->subject)) {
        set_moment(value, "not_before", facts->not_before_ms);
        set_moment(value, "not_after", facts->not_after_ms);
    }
    json_set_text(value, "key_type", facts->key_type);
    if (facts->key_bits > 0)
        json_object_set_new(value, "key_bits", json_integer(facts->key_bits));
    json_set_text(value, "signature_algorithm", facts->signature_algorithm);
    if (facts->der.len > 0)
        set_digest(value, "sha256", facts->sha256);
    set_digest(value, "spki_sha256", facts->spki_sha256);
    return value;
}

static json_t *
fingerprint(const char *hex)
{
    char text[80];

    snprintf(text, sizeof(text), "sha256:%s", hex);
    return json_string(text);
}

json_t *
json_signature(const struct dsig_signature *signature, size_t number)
{
    json_t *value = json_object(), *problems = json_array();
    const struct certificate_facts *key = signature->key;

    json_object_set_new(value, "message", json_integer((json_int_t)number));
    json_object_set_new(value, "covers", json_text(signature->parent_id));
    json_object_set_new(value, "element", json_text(signature->parent_name));
    json_object_set_new(value, "digest", json_text_c(dsig_state_name(signature->digest)));
    json_object_set_new(value, "value", json_text_c(dsig_state_name(signature->value)));
    json_object_set_new(value, "algorithm", json_text(algorithm_short(signature->signature_method)));
    json_object_set_new(value, "digest_algorithm", json_text(algorithm_short(signature->digest_method)));
    json_object_set_new(value, "canonicalization", json_text(signature->canonicalization));
    json_object_set_new(value, "key", key != NULL ? fingerprint(key->spki_sha256) : json_null());
    json_object_set_new(value, "key_source", key != NULL ? json_text(key->source) : json_null());
    if (key != NULL)
        json_object_set_new(value, "certificate", json_certificate(key));
    if (signature->keyinfo_count > 0)
        json_object_set_new(value, "keyinfo", fingerprint(signature->keyinfo[0].spki_sha256));
    json_object_set_new(value, "valid", json_boolean(signature->valid));
    json_object_set_new(value, "trusted", json_boolean(signature->trusted));
    for (int i = 0; i < DSIG_PROBLEM_COUNT; i++)
        if (dsig_has_problem(signature, (enum dsig_problem)i))
            json_array_append_new(problems, json_text_c(dsig_problem_name((enum dsig_problem)i)));
    json_object_set_new(value, "problems", problems);
    json_set_text(value, "problem_detail", signature->problem_detail);
    if (signature->digest_cause != DSIG_CAUSE_NONE)
        json_object_set_new(value, "digest_cause", json_text_c(dsig_cause_name(signature->digest_cause)));
    if (signature->digest_cause_also != DSIG_CAUSE_NONE)
        json_object_set_new(value, "digest_cause_also", json_text_c(dsig_cause_name(signature->digest_cause_also)));
    json_set_text(value, "digest_cause_detail", signature->digest_cause_detail);
    if (signature->value_cause != DSIG_CAUSE_NONE)
        json_object_set_new(value, "value_cause", json_text_c(dsig_cause_name(signature->value_cause)));
    json_set_text(value, "value_cause_detail", signature->value_cause_detail);
    json_object_set_new(value, "second_opinion", json_text_c(dsig_state_name(signature->second_opinion)));
    json_object_set_new(value, "where", json_text(signature->where.xpath));
    return value;
}

json_t *
json_query_signature(const struct message *message, size_t number)
{
    const struct query_signature *signature = &message->query_signature;
    json_t *value = json_object();

    json_object_set_new(value, "message", json_integer((json_int_t)number));
    json_object_set_new(value, "covers", json_text(message->parameter));
    json_object_set_new(value, "element", json_text_c("query"));
    /* There is no digest of its own: the value is made over the octets. */
    json_object_set_new(value, "digest", json_text_c(dsig_state_name(signature->state)));
    json_object_set_new(value, "value", json_text_c(dsig_state_name(signature->state)));
    json_object_set_new(value, "algorithm", json_text(algorithm_short(signature->algorithm)));
    json_object_set_new(value, "key", signature->key != NULL ? fingerprint(signature->key->spki_sha256) : json_null());
    json_object_set_new(value, "key_source", signature->key != NULL ? json_text(signature->key->source) : json_null());
    if (signature->key != NULL)
        json_object_set_new(value, "certificate", json_certificate(signature->key));
    json_object_set_new(value, "valid", json_boolean(signature->state == DSIG_OK));
    json_object_set_new(value, "trusted", json_boolean(signature->state == DSIG_OK));
    if (signature->state == DSIG_BAD)
        json_object_set_new(value, "value_cause", json_text_c(query_cause_name(signature->cause)));
    return value;
}
