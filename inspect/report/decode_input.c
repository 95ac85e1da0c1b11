/* SPDX-License-Identifier: MIT */
#include "decode_report.h"
#include "json_facts.h"
#include "text_page.h"

bool
decoded_input_is_odd(const struct decoded_input *input)
{
    return str_present(input->problem) || input->unread > 0 || input->messages == 0;
}

void
decode_input_text(struct buf *out, const struct decoded_input *input, const struct reporter_options *options)
{
    struct page page = { out, options };

    page_colour(&page, COLOUR_BOLD);
    page_words(&page, "input  ");
    page_value(&page, input->name);
    page_colour(&page, COLOUR_PLAIN);
    page_end(&page);
    if (input->kind != NULL) {
        page_label(&page, "read as");
        buf_printf(out, "%s: %zu exchange%s, %zu message%s", input->kind, input->exchanges,
                   input->exchanges == 1 ? "" : "s", input->messages, input->messages == 1 ? "" : "s");
        page_end(&page);
    }
    if (str_present(input->problem)) {
        page_label(&page, "problem");
        page_text(&page, input->problem, PAGE_MARGIN, PAGE_MARGIN);
    }
    if (input->unread > 0) {
        page_label(&page, "unread");
        buf_printf(out, "%zu bod%s; ", input->unread, input->unread == 1 ? "y" : "ies");
        page_value(&page, input->first_unread);
        page_end(&page);
    }
    buf_add_byte(out, '\n');
}

void
decode_input_json(struct buf *out, const struct decoded_input *input)
{
    json_t *value = json_object();

    json_object_set_new(value, "schema", json_text_c("samltap/1"));
    json_object_set_new(value, "type", json_text_c("input"));
    json_object_set_new(value, "input", json_text(input->name));
    json_object_set_new(value, "input_kind", input->kind != NULL ? json_text_c(input->kind) : json_null());
    json_object_set_new(value, "exchanges", json_integer((json_int_t)input->exchanges));
    json_object_set_new(value, "messages", json_integer((json_int_t)input->messages));
    json_set_text(value, "problem", input->problem);
    if (input->unread > 0) {
        json_object_set_new(value, "unread", json_integer((json_int_t)input->unread));
        json_object_set_new(value, "first_unread", json_text(input->first_unread));
    }
    json_write_line(out, value);
}
