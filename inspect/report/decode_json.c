/* SPDX-License-Identifier: MIT */
#include "certificate_uses.h"
#include "decode_report.h"
#include "json_facts.h"
#include "json_places.h"
#include "xstime.h"

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

static json_t *
certificate_value(const struct certificate_use *use)
{
    const struct certificate_facts *facts = use->facts;
    json_t *value = json_object();

    json_object_set_new(value, "role", json_text_c(use->role));
    json_set_text(value, "of", use->of);
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
certificates_of(struct arena *arena, const struct saml_message *saml)
{
    json_t *list = json_array();
    size_t count;
    struct certificate_use *uses = certificate_uses(arena, saml, &count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, certificate_value(&uses[i]));
    return list;
}

void
decode_json(struct buf *out, struct arena *arena, const struct decoded *decoded)
{
    const struct message *message = decoded->message;
    struct vendor_match idp, sp;
    json_t *value = json_object(), *signatures = json_array(), *bytes = json_array();
    json_t *found_at = json_found_at(decoded);

    for (size_t i = 0; message->saml != NULL && i < message->saml->signature_count; i++)
        json_array_append_new(signatures, json_signature(&message->saml->signatures[i], decoded->number));
    if (message->query_signature.present)
        json_array_append_new(signatures, json_query_signature(message, decoded->number));
    json_array_append_new(bytes, json_integer((json_int_t)message->original.len));
    for (size_t i = 0; i < message->step_count; i++)
        json_array_append_new(bytes, json_integer((json_int_t)message->step_sizes[i]));
    json_object_set_new(value, "schema", json_text_c("samltap/1"));
    json_object_set_new(value, "type", json_text_c("message"));
    json_object_set_new(value, "input", json_text(decoded->input));
    json_object_set_new(value, "input_kind", json_text_c(decoded->kind));
    json_object_set_new(value, "place", json_text(decode_place(arena, decoded)));
    json_object_update_missing_new(value, json_message(message, decoded->number));
    decode_vendors(decoded, &idp, &sp);
    json_object_set_new(value, "idp_vendor", json_vendor(&idp));
    json_object_set_new(value, "sp_vendor", json_vendor(&sp));
    json_object_set_new(value, "bytes", bytes);
    json_object_set_new(value, "found_at", found_at != NULL ? found_at : json_null());
    json_object_set_new(value, "places", json_places(arena, message));
    json_object_set_new(value, "signatures", signatures);
    json_object_set_new(value, "certificates", certificates_of(arena, message->saml));
    json_write_line(out, value);
}
