/* SPDX-License-Identifier: MIT */
#include "report_maker.h"

#include <stdlib.h>
#include <string.h>

#include "url.h"

/* A test without memory has no meaning. */
static void *
must(void *pointer)
{
    if (pointer == NULL)
        abort();
    return pointer;
}

struct report *
make_report(const struct settings *settings)
{
    struct arena *arena = must(arena_new(8 << 20));
    struct report *report = must(arena_alloc(arena, sizeof(*report)));

    report->arena = arena;
    report->references = 1;
    report->principal = -1;
    report->input = STR("test");
    report->context.settings = settings;
    report->context.now_source = "--now";
    report->context.profile = PROFILE_GENERIC;
    report->context.profile_source = "--profile";
    findings_init(&report->findings, arena);
    return report;
}

struct exchange *
make_exchange(struct report *report, const char *method, const char *text, unsigned status)
{
    struct exchange *exchange = must(arena_alloc(report->arena, sizeof(*exchange)));
    struct url url;

    if (!url_split(str_from(text), &url))
        abort();
    exchange->scheme = url.scheme;
    exchange->host = url.host;
    exchange->port = 443;
    exchange->method = str_from(method);
    exchange->target = str_from_offset(str_from(text), (size_t)(url.path.ptr - text));
    exchange->status = status;
    exchange->response_headers.items = must(arena_calloc(report->arena, 8, sizeof(struct header)));
    report->exchange = exchange;
    return exchange;
}

void
make_header(struct report *report, const char *name, const char *value)
{
    struct headers *headers = &report->exchange->response_headers;

    if (headers->count == 8)
        abort();
    headers->items[headers->count++] = (struct header){ str_from(name), str_from(value) };
}

void
make_answer(struct report *report, const char *content_type, const char *body)
{
    make_header(report, "Content-Type", content_type);
    report->exchange->response_body = (struct body){ .bytes = str_from(body), .size = strlen(body) };
}

struct message *
make_message(struct report *report, enum message_kind kind, const char *id, const char *in_response_to,
             bool in_response)
{
    void *items = report->messages.items;
    struct message *message;

    if (!arena_grow(report->arena, &items, report->messages.count, &report->messages.capacity, sizeof(*message)))
        abort();
    report->messages.items = items;
    message = &report->messages.items[report->messages.count++];
    *message = (struct message){ .in_response = in_response };
    message->saml = must(arena_alloc(report->arena, sizeof(*message->saml)));
    message->saml->kind = kind;
    message->saml->id.text = str_from(id);
    message->saml->in_response_to.text = str_from(in_response_to);
    message->saml->where.element = 1;
    message->saml->signature = -1;
    message->xml_status.result = XML_OK;
    message->parameter = kind == MESSAGE_AUTHN_REQUEST ? STR("SAMLRequest") : STR("SAMLResponse");
    if (report->exchange != NULL) {
        message->binding = in_response ? BINDING_FORM_PAGE : BINDING_HTTP_POST;
        message->url = exchange_url_without_query(report->arena, report->exchange);
    }
    return message;
}

struct saml_assertion *
make_assertion(struct report *report, struct message *message, const char *name_id, enum coverage coverage)
{
    struct saml_message *saml = message->saml;
    struct saml_assertion *assertion = must(arena_alloc(report->arena, sizeof(*assertion)));

    assertion->where.element = 5;
    assertion->direct = true;
    assertion->signature = -1;
    assertion->id.text = STR("_a1");
    assertion->name_id.value.text = str_from(name_id);
    assertion->name_id.value.where.element = 8;
    saml->assertions = assertion;
    saml->assertion_count = 1;
    if (coverage == COVERAGE_UNSIGNED)
        return assertion;
    saml->signatures = must(arena_alloc(report->arena, sizeof(*saml->signatures)));
    saml->signature_count = 1;
    saml->signatures[0] = (struct dsig_signature){
        .parent_name = STR("Assertion"),
        .parent_id = STR("_a1"),
        .where = { .element = 6 },
        .signature_last = 6,
        .first_element = 5,
        .last_element = 20,
        .signature_method = STR("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        .digest_method = STR("http://www.w3.org/2001/04/xmlenc#sha256"),
        .digest = coverage == COVERAGE_BROKEN ? DSIG_BAD : DSIG_OK,
        .value = DSIG_OK,
        .valid = coverage >= COVERAGE_SELF,
        .trusted = coverage == COVERAGE_SIGNED,
        .trusted_key = -1,
    };
    return assertion;
}
