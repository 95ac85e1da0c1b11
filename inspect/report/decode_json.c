/* SPDX-License-Identifier: MIT */
#include "certificate_uses.h"
#include "decode_report.h"
#include "json_facts.h"
#include "json_places.h"

static json_t *
certificate_value(const struct certificate_use *use)
{
    json_t *value = json_certificate(use->facts);

    json_object_set_new(value, "role", json_text_c(use->role));
    json_set_text(value, "of", use->of);
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
