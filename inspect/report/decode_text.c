/* SPDX-License-Identifier: MIT */
#include "decode_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "certificate_uses.h"
#include "decode_words.h"
#include "escape.h"
#include "json_facts.h"
#include "saml.h"
#include "text_page.h"
#include "xstime.h"

enum { TABLE_GAP = 2, MAX_NAME_COLUMN = 56 };

static const struct reporter_options plain_options = { .width = 80 };

struct str
decode_place(struct arena *arena, const struct decoded *decoded)
{
    const struct message *message = decoded->message;
    const struct exchange *exchange = decoded->exchange;
    bool redirect =
        message->binding == BINDING_HTTP_REDIRECT || (message->step_count > 0 && message->steps[0] == STEP_QUERY);
    const char *part;

    if (exchange == NULL)
        return arena_printf(arena, "the whole input");
    if (message->in_response)
        part = redirect ? "Location of the answer" : "body of the answer";
    else
        part = redirect ? "URL of the request" : "body of the request";
    return arena_printf(arena, "%s, exchange %zu: %.*s %.*s", part, decoded->exchange_number, STR_ARG(exchange->method),
                        STR_ARG(exchange_url_without_query(arena, exchange)));
}

/* --- where and how --------------------------------------------------------------------------------- */

static void
line(struct page *page, const char *label, struct str value)
{
    if (!str_present(value))
        return;
    page_label(page, label);
    page_value(page, value);
    page_end(page);
}

static void
head(struct page *page, const struct decoded *decoded)
{
    const struct message *message = decoded->message;

    page_colour(page, COLOUR_BOLD);
    buf_printf(page->out, "message %zu  ", decoded->number);
    if (message_name(message) != NULL)
        page_words(page, message_name(message));
    else if (message->binding == BINDING_ARTIFACT)
        page_words(page, "an artifact: the message itself goes from server to server");
    else
        page_words(page, "not readable");
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
}

static void
add_step(struct page *page, const struct message *message, size_t i)
{
    buf_printf(page->out, " \xe2\x86\x92 %s", decode_step_words(message->steps[i]));
    if (message->step_sizes[i] > 0)
        buf_printf(page->out, ": %zu", message->step_sizes[i]);
}

/* The signature of the Redirect and SimpleSign bindings. */
static void
query_signature(struct page *page, const struct query_signature *signature)
{
    if (!signature->present)
        return;
    page_label(page, "signature");
    page_value(page, signature->algorithm);
    buf_printf(page->out, ", %s", dsig_state_name(signature->state));
    if (signature->cause != QUERY_CAUSE_NONE)
        buf_printf(page->out, ": %s", query_cause_name(signature->cause));
    page_end(page);
}

static void
artifact(struct page *page, const struct artifact *value)
{
    if (!value->present)
        return;
    page_label(page, "artifact");
    buf_printf(page->out, "type %u, endpoint %u, source ", value->type, value->endpoint_index);
    if (value->type == 2)
        page_value(page, value->source);
    else
        for (size_t i = 0; i < value->source.len; i++)
            buf_printf(page->out, "%02x", (unsigned)(unsigned char)value->source.ptr[i]);
    page_end(page);
}

static void
steps(struct page *page, const struct message *message)
{
    page_label(page, "decoded");
    buf_printf(page->out, "%zu bytes as found", message->original.len);
    for (size_t i = 0; i < message->step_count; i++)
        add_step(page, message, i);
    page_end(page);
}

static void
anomalies(struct page *page, struct arena *arena, const struct message *message)
{
    const char *label = "odd";

    for (size_t i = 0; i < message->anomaly_count; i++, label = NULL) {
        const struct anomaly *anomaly = &message->anomalies[i];
        struct str at = STR(""), detail = STR("");

        if (anomaly->offset != SIZE_MAX)
            at = arena_printf(arena, " at byte %zu", anomaly->offset);
        if (anomaly->detail.len > 0)
            detail = arena_printf(arena, ": %.*s", STR_ARG(anomaly->detail));
        page_label(page, label);
        page_text(page,
                  arena_printf(arena, "%s (%s%.*s)%.*s", anomaly_words(anomaly->id), anomaly_name(anomaly->id),
                               STR_ARG(at), STR_ARG(detail)),
                  PAGE_MARGIN, PAGE_MARGIN + 2);
    }
}

static void
xml_status(struct page *page, const struct xml_status *status)
{
    if (status->result == XML_OK || status->result == XML_NOT_PARSED)
        return;
    page_label(page, "XML");
    page_words(page, xml_result_name(status->result));
    if (status->line > 0)
        buf_printf(page->out, " at line %d, column %d", status->line, status->column);
    if (str_present(status->text)) {
        page_words(page, ": ");
        page_value(page, status->text);
    }
    page_end(page);
}

void
decode_vendors(const struct decoded *decoded, struct vendor_match *idp, struct vendor_match *sp)
{
    struct vendor_view views[2] = { 0 };

    vendor_view_message(views, decoded->message, decoded->exchange);
    vendor_recognise(VENDOR_IDP, &views[VENDOR_IDP], idp);
    vendor_recognise(VENDOR_SP, &views[VENDOR_SP], sp);
}

static void
vendor_line(struct page *page, const char *label, const struct vendor_match *match)
{
    if (match->vendor == NULL)
        return;
    page_label(page, label);
    buf_printf(page->out, "%s%s, by %s: ", match->certainty == VENDOR_IS ? "" : "looks like ",
               vendor_match_title(match), vendor_place_words(match->place));
    page_value(page, match->seen);
    page_end(page);
}

static void
vendor_lines(struct page *page, const struct decoded *decoded)
{
    struct vendor_match idp, sp;

    decode_vendors(decoded, &idp, &sp);
    vendor_line(page, "IdP", &idp);
    vendor_line(page, "SP", &sp);
}

static void
where_and_how(struct page *page, struct arena *arena, const struct decoded *decoded)
{
    const struct message *message = decoded->message;

    line(page, "input", decoded->input);
    page_label(page, "found in");
    page_value(page, decode_place(arena, decoded));
    buf_printf(page->out, " (%s)", decoded->kind);
    page_end(page);
    if (message->binding != BINDING_NONE)
        line(page, "binding", str_from(binding_name(message->binding)));
    line(page, "parameter", message->parameter);
    line(page, "url", message->url);
    line(page, "form action", message->form_action);
    line(page, "RelayState", message->relay_state);
    vendor_lines(page, decoded);
    query_signature(page, &message->query_signature);
    artifact(page, &message->artifact);
    steps(page, message);
    anomalies(page, arena, message);
    xml_status(page, &message->xml_status);
}

/* Lines stay lines; everything else that is not printable is escaped. */
static void
document(struct page *page, struct str text)
{
    struct str one;

    buf_add_byte(page->out, '\n');
    while (text.len > 0) {
        str_cut(text, '\n', &one, &text);
        escape_text(page->out, one);
        buf_add_byte(page->out, '\n');
    }
}

/* Messages of other protocols have no XML: their facts as JSON. */
static void
protocol_document(struct page *page, const struct message *message)
{
    json_t *facts = json_protocol_facts(message);
    char *text = facts != NULL ? json_dumps(facts, JSON_INDENT(2)) : NULL;

    if (text != NULL)
        document(page, str_from(text));
    else
        page->out->failed = true;
    free(text);
    json_decref(facts);
}

/* --- tables ------------------------------------------------------------------------------------------ */

struct row {
    struct str name;
    struct str value; /* absent: the row is left out */
};

struct table {
    struct arena *arena;
    struct row *rows;
    size_t count, capacity;
};

static void
add_row(struct table *table, struct str name, struct str value)
{
    if (str_present(value) &&
        arena_grow(table->arena, (void **)&table->rows, table->count, &table->capacity, sizeof(*table->rows)))
        table->rows[table->count++] = (struct row){ name, value };
}

static void
print_table(struct page *page, const char *title, const struct table *table)
{
    size_t column = 0;

    if (table->count == 0)
        return;
    for (size_t i = 0; i < table->count; i++) {
        size_t width = escape_width(table->rows[i].name);

        if (width > column && width <= MAX_NAME_COLUMN)
            column = width;
    }
    buf_add_byte(page->out, '\n');
    page_colour(page, COLOUR_BOLD);
    page_words(page, title);
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
    for (size_t i = 0; i < table->count; i++) {
        page_words(page, "  ");
        escape_text(page->out, table->rows[i].name);
        page_pad(page, escape_width(table->rows[i].name), column + TABLE_GAP);
        page_value(page, table->rows[i].value);
        page_end(page);
    }
}

static void
add_conditions(struct table *table, const struct saml_assertion *assertion)
{
    add_row(table, STR("assertion"), assertion->id.text);
    add_row(table, STR("issuer"), assertion->issuer.value.text);
    add_row(table, STR("issued"), assertion->issue_instant.raw.text);
    add_row(table, STR("NameID"), assertion->name_id.value.text);
    add_row(table, STR("NameID format"), assertion->name_id.format.text);
    for (size_t i = 0; i < assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &assertion->confirmations[i];

        add_row(table, STR("confirmation"), confirmation->method.text);
        add_row(table, STR("recipient"), confirmation->recipient.text);
        add_row(table, STR("answers request"), confirmation->in_response_to.text);
        add_row(table, STR("deliver by"), confirmation->not_on_or_after.raw.text);
        add_row(table, STR("client address"), confirmation->address.text);
    }
    add_row(table, STR("not before"), assertion->not_before.raw.text);
    add_row(table, STR("not on or after"), assertion->not_on_or_after.raw.text);
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            add_row(table, STR("audience"), assertion->restrictions[i].audiences[k].text);
    for (size_t i = 0; i < assertion->authn_statement_count; i++) {
        const struct saml_authn_statement *statement = &assertion->authn_statements[i];

        add_row(table, STR("signed in"), statement->authn_instant.raw.text);
        add_row(table, STR("session"), statement->session_index.text);
        add_row(table, STR("session ends"), statement->session_not_on_or_after.raw.text);
        add_row(table, STR("sign-in method"), statement->class_ref.text);
    }
}

static void
add_attributes(struct table *table, const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &assertion->attributes[i];
        struct str name = str_present(attribute->name.text) ? attribute->name.text : STR("(no Name)");

        if (attribute->value_count == 0)
            add_row(table, name, STR("(no value)"));
        for (size_t k = 0; k < attribute->value_count; k++) {
            struct str value = attribute->values[k].value.text;

            if (attribute->values[k].nil)
                value = STR("(nil)");
            add_row(table, k == 0 ? name : STR(""), str_present(value) ? value : STR(""));
        }
        if (str_present(attribute->name_space.text))
            add_row(table, STR(""), arena_printf(table->arena, "(of %.*s)", STR_ARG(attribute->name_space.text)));
    }
}

/* What was encrypted, and whether it could be opened. */
static void
encrypted(struct page *page, struct arena *arena, const struct saml_message *saml)
{
    static const char *const words[] = {
        [DECRYPT_OK] = "opened",
        [DECRYPT_NO_KEY] = "not opened: give the service provider's private key with --decrypt-key",
        [DECRYPT_WRONG_KEY] = "not opened",
        [DECRYPT_UNSUPPORTED] = "not opened",
        [DECRYPT_MALFORMED] = "not opened",
        [DECRYPT_PLAINTEXT] = "opened, and not what it must be",
    };

    for (size_t i = 0; i < saml->encrypted_count; i++) {
        const struct saml_encrypted *one = &saml->encrypted[i];
        struct table table = { .arena = arena };

        add_row(&table, STR("element"), one->element);
        add_row(&table, STR("data"), one->data_algorithm);
        add_row(&table, STR("key"), one->key_algorithm);
        add_row(&table, STR("for"), one->recipient);
        add_row(&table, STR("result"),
                arena_printf(arena, "%s%s%.*s", words[one->result],
                             one->result > DECRYPT_OK && one->detail.len > 0 ? ": " : "",
                             STR_ARG(one->result > DECRYPT_OK ? one->detail : STR(""))));
        print_table(page, "encrypted", &table);
        if (str_present(one->plaintext)) {
            buf_add_c(page->out, "\ndecrypted");
            document(page, saml_pretty(arena, one->plaintext));
        }
    }
}

static void
wsfed_table(struct page *page, struct arena *arena, const struct wsfed_message *wsfed)
{
    struct table table = { .arena = arena };

    if (wsfed == NULL)
        return;
    add_row(&table, STR("action"), wsfed->action_text);
    add_row(&table, STR("realm"), wsfed->realm);
    add_row(&table, STR("answer to"), wsfed->reply);
    add_row(&table, STR("context"), wsfed->context);
    add_row(&table, STR("time"), wsfed->current_time);
    add_row(&table, STR("freshness"), wsfed->freshness);
    add_row(&table, STR("sign-in method"), wsfed->authentication);
    add_row(&table, STR("home realm"), wsfed->home_realm);
    add_row(&table, STR("policy"), wsfed->policy);
    add_row(&table, STR("token request"), wsfed->request);
    add_row(&table, STR("token request at"), wsfed->request_url);
    add_row(&table, STR("result at"), wsfed->result_url);
    add_row(&table, STR("encoding"), wsfed->encoding);
    add_row(&table, STR("there twice"), wsfed->repeated);
    print_table(page, "WS-Federation", &table);
}

static void
wstrust_table(struct page *page, struct arena *arena, const struct wstrust *wstrust)
{
    struct table table = { .arena = arena };

    add_row(&table, STR("for"), wstrust->applies_to.text);
    add_row(&table, STR("created"), wstrust->created.raw.text);
    add_row(&table, STR("expires"), wstrust->expires.raw.text);
    add_row(&table, STR("token type"), wstrust->token_type.text);
    add_row(&table, STR("request type"), wstrust->request_type.text);
    add_row(&table, STR("key type"), wstrust->key_type.text);
    add_row(&table, STR("context"), wstrust->context.text);
    print_table(page, "WS-Trust", &table);
}

static void
soap_table(struct page *page, struct arena *arena, const struct saml_soap *soap)
{
    struct table table = { .arena = arena };

    add_row(&table, STR("answer to"), soap->response_consumer_url.text);
    add_row(&table, STR("service"), soap->service.text);
    add_row(&table, STR("message"), soap->message_id.text);
    add_row(&table, STR("answers message"), soap->ref_to_message_id.text);
    add_row(&table, STR("provider"), soap->provider_name.text);
    add_row(&table, STR("issuer"), soap->issuer.text);
    for (size_t i = 0; i < soap->provider_count; i++)
        add_row(&table, i == 0 ? STR("identity providers") : STR(""), soap->providers[i].text);
    add_row(&table, STR("ACS URL"), soap->acs_url.text);
    add_row(&table, STR("RelayState"), soap->relay_state.text);
    add_row(&table, STR("fault"), soap->fault_code.text);
    add_row(&table, STR("says"), soap->fault_text.text);
    add_row(&table, STR("fault of"), soap->fault_actor.text);
    print_table(page, soap->version12 ? "SOAP 1.2" : "SOAP", &table);
}

static void
tables(struct page *page, struct arena *arena, const struct saml_message *saml)
{
    soap_table(page, arena, &saml->soap);
    wstrust_table(page, arena, &saml->wstrust);
    encrypted(page, arena, saml);
    for (size_t i = 0; i < saml->assertion_count; i++) {
        struct table conditions = { .arena = arena }, attributes = { .arena = arena };

        add_conditions(&conditions, &saml->assertions[i]);
        add_attributes(&attributes, &saml->assertions[i]);
        print_table(page, "conditions", &conditions);
        print_table(page, "attributes", &attributes);
    }
}

/* --- certificates ------------------------------------------------------------------------------------ */

static void
add_certificate(struct table *table, const struct certificate_facts *facts)
{
    char from[32], to[32];

    if (!facts->parsed)
        add_row(table, STR("problem"), STR("not a certificate that OpenSSL can read"));
    add_row(table, STR("subject"), facts->subject);
    add_row(table, STR("issuer"), facts->self_signed ? STR("itself") : facts->issuer);
    if (facts->parsed && str_present(facts->subject)) {
        xstime_format_into(from, sizeof(from), facts->not_before_ms);
        xstime_format_into(to, sizeof(to), facts->not_after_ms);
        add_row(table, STR("valid"), arena_printf(table->arena, "%s to %s", from, to));
    }
    if (str_present(facts->key_type))
        add_row(table, STR("key"),
                arena_printf(table->arena, "%.*s, %d bits", STR_ARG(facts->key_type), facts->key_bits));
    add_row(table, STR("from"), facts->source);
    if (facts->der.len > 0 && facts->sha256[0] != '\0')
        add_row(table, STR("SHA-256"), str_from(facts->sha256));
    if (facts->spki_sha256[0] != '\0')
        add_row(table, STR("SPKI SHA-256"), str_from(facts->spki_sha256));
}

static void
certificates(struct page *page, struct arena *arena, const struct saml_message *saml)
{
    size_t count;
    struct certificate_use *uses = certificate_uses(arena, saml, &count);

    for (size_t i = 0; i < count; i++) {
        struct table table = { .arena = arena };
        char title[40];

        add_row(&table, STR("use"), arena_printf(arena, "%s %.*s", uses[i].words, STR_ARG(uses[i].of)));
        if (uses[i].same_as != 0)
            add_row(&table, STR("same as"), arena_printf(arena, "certificate %zu", uses[i].same_as));
        else
            add_certificate(&table, uses[i].facts);
        snprintf(title, sizeof(title), "certificate %zu", i + 1);
        print_table(page, title, &table);
    }
}

void
decode_text(struct buf *out, struct arena *arena, const struct decoded *decoded, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };
    const struct message *message = decoded->message;

    if (!page.options->quiet) {
        head(&page, decoded);
        where_and_how(&page, arena, decoded);
    }
    if (str_present(message->xml))
        document(&page, saml_pretty(arena, message->xml));
    else if (message->oauth != NULL || message->scim != NULL)
        protocol_document(&page, message);
    if (!page.options->quiet)
        wsfed_table(&page, arena, message->wsfed);
    if (message->saml != NULL && !page.options->quiet) {
        tables(&page, arena, message->saml);
        certificates(&page, arena, message->saml);
    }
    buf_add_byte(out, '\n');
}
