/* SPDX-License-Identifier: MIT */
#include "json_facts.h"

static json_t *
steps_of(const struct message *message)
{
    json_t *steps = json_array();

    for (size_t i = 0; i < message->step_count; i++)
        json_array_append_new(steps, json_text_c(decode_step_name(message->steps[i])));
    return steps;
}

static json_t *
anomalies_of(const struct message *message)
{
    json_t *anomalies = json_array();

    for (size_t i = 0; i < message->anomaly_count; i++) {
        const struct anomaly *anomaly = &message->anomalies[i];
        json_t *value = json_object();

        json_object_set_new(value, "id", json_text_c(anomaly_name(anomaly->id)));
        if (anomaly->offset != SIZE_MAX)
            json_object_set_new(value, "offset", json_integer((json_int_t)anomaly->offset));
        json_set_text(value, "detail", anomaly->detail);
        json_array_append_new(anomalies, value);
    }
    return anomalies;
}

json_t *
json_message(const struct message *message, size_t number)
{
    json_t *value = json_object();

    json_object_set_new(value, "n", json_integer((json_int_t)number));
    json_object_set_new(value, "kind",
                        message_name(message) != NULL ? json_text_c(message_name(message)) : json_null());
    json_object_set_new(value, "binding", json_text_c(binding_name(message->binding)));
    json_object_set_new(value, "url", json_text(message->url));
    json_set_text(value, "form_action", message->form_action);
    json_set_text(value, "parameter", message->parameter);
    json_set_text(value, "relay_state", message->relay_state);
    json_object_set_new(value, "steps", steps_of(message));
    json_object_set_new(value, "anomalies", anomalies_of(message));
    json_object_set_new(value, "xml", json_text_c(xml_result_name(message->xml_status.result)));
    if (message->wsfed != NULL && !message_is_wsfed_request(message))
        json_object_set_new(value, "wsfed", json_wsfed(message->wsfed));
    json_object_set_new(value, "facts",
                        message->saml != NULL ? json_message_facts(message->saml) : json_protocol_facts(message));
    return value;
}

json_t *
json_vendor(const struct vendor_match *match)
{
    if (match->vendor == NULL)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", json_text_c(match->vendor->name), "title",
                     json_text_c(vendor_match_title(match)), "certainty",
                     json_text_c(match->certainty == VENDOR_IS ? "is" : "looks-like"), "by",
                     json_text_c(vendor_place_name(match->place)), "seen", json_text(match->seen));
}

static int
add_to_buf(const char *bytes, size_t len, void *data)
{
    buf_add(data, bytes, len);
    return buf_failed(data) ? -1 : 0;
}

void
json_write_line(struct buf *out, json_t *value)
{
    if (value == NULL || json_dump_callback(value, add_to_buf, out, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
        out->failed = true;
    buf_add_byte(out, '\n');
    json_decref(value);
}
