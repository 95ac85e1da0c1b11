/* SPDX-License-Identifier: MIT */
#include "lab_visitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "htmlform.h"
#include "pack.h"
#include "parties.h"

enum { MAX_ARENA = 128 << 20 };

void
lab_visitor_init(struct lab_visitor *visitor, struct lab_site *site, int64_t now_ms)
{
    *visitor = (struct lab_visitor){ .site = site, .now_ms = now_ms, .arena = arena_new(MAX_ARENA) };
    assert_non_null(visitor->arena);
    lab_reply_init(&visitor->reply);
}

void
lab_visitor_release(struct lab_visitor *visitor)
{
    lab_reply_release(&visitor->reply);
    arena_free(visitor->arena);
}

struct str
lab_visitor_header(struct lab_visitor *visitor, const char *name)
{
    struct str line, rest = buf_str(&visitor->reply.headers), key, value, last = { 0 };

    while (str_present(rest) && str_cut(rest, '\n', &line, &rest))
        if (str_cut(str_trim(line), ':', &key, &value) && str_eq_c(key, name))
            last = arena_copy(visitor->arena, str_trim(value));
    return last;
}

static void
tell(struct lab_visitor *visitor, struct exchange *exchange)
{
    enum { MAX_HEADERS = 16 };
    struct header headers[MAX_HEADERS];
    struct str line, rest = arena_copy(visitor->arena, buf_str(&visitor->reply.headers));
    size_t count = 0;

    if (visitor->seen == NULL)
        return;
    while (count < MAX_HEADERS && str_cut(rest, '\n', &line, &rest))
        if (str_cut(str_trim(line), ':', &headers[count].name, &headers[count].value)) {
            headers[count].value = str_trim(headers[count].value);
            count++;
        }
    exchange->number = ++visitor->number;
    exchange->connection = 1;
    exchange->client = STR("127.0.0.1");
    exchange->finished_ms = visitor->now_ms;
    exchange->status = visitor->reply.status;
    exchange->response_headers = (struct headers){ headers, count };
    exchange->response_body.bytes = buf_str(&visitor->reply.body);
    exchange->response_body.size = visitor->reply.body.len;
    visitor->seen(visitor->data, exchange);
}

void
lab_visitor_visit(struct lab_visitor *visitor, const char *method, struct str host, struct str target, struct str body)
{
    bool idc = str_eq_c(host, LAB_IDC_HOST), idp = str_eq_c(host, LAB_IDP_HOST);
    struct header headers[] = { { STR("Content-Type"), STR("application/x-www-form-urlencoded") },
                                { STR("Cookie"), idp ? STR("a=b") : visitor->cookies[idc] } };
    struct exchange request = { .scheme = STR("https"),
                                .host = host,
                                .port = 443,
                                .method = str_from(method),
                                .target = target,
                                .version = STR("HTTP/1.1"),
                                .request_headers = { headers, COUNT_OF(headers) },
                                .request_body = { .bytes = body, .size = body.len } };
    struct str cookie, attributes;

    lab_reply_release(&visitor->reply);
    lab_reply_init(&visitor->reply);
    request.started_ms = visitor->now_ms;
    lab_site_answer(visitor->site, visitor->arena, &request, visitor->now_ms, &visitor->reply);
    tell(visitor, &request);
    visitor->location = lab_visitor_header(visitor, "Location");
    cookie = lab_visitor_header(visitor, "Set-Cookie");
    if (str_present(cookie) && !idp) {
        str_cut(cookie, ';', &cookie, &attributes);
        visitor->cookies[idc] = cookie;
    }
}

/* Host and target of an https URL. */
void
lab_visitor_visit_url(struct lab_visitor *visitor, const char *method, struct str url, struct str body)
{
    struct str rest = str_from_offset(url, strlen("https://"));
    size_t slash = str_find_byte(rest, '/');

    assert_true(str_starts_c(url, "https://") && slash != SIZE_MAX);
    lab_visitor_visit(visitor, method, str_slice(rest, 0, slash), str_from_offset(rest, slash), body);
}

/* Sends the form of the page on, with fault and user put in. */
void
lab_visitor_submit(struct lab_visitor *visitor, struct str at, const char *user, const char *fault)
{
    struct html_page page;
    struct buf body;

    assert_int_equal(visitor->reply.status, 200);
    assert_true(html_forms_read(visitor->arena, arena_copy(visitor->arena, buf_str(&visitor->reply.body)), &page));
    assert_int_equal(page.form_count, 1);
    assert_true(str_eq_c(page.forms[0].method, "post"));
    buf_init(&body, 1 << 20);
    for (size_t i = 0; i < page.forms[0].field_count; i++) {
        const struct html_field *field = &page.forms[0].fields[i];

        buf_printf(&body, "%s%.*s=", i > 0 ? "&" : "", STR_ARG(field->name));
        lab_add_percent(&body, user != NULL && str_eq_c(field->name, "user") ? str_from(user) : field->value);
    }
    if (fault != NULL)
        buf_printf(&body, "&fault=%s", fault);
    assert_false(buf_failed(&body));
    if (str_starts_c(page.forms[0].action, "/"))
        lab_visitor_visit(visitor, "POST", at, page.forms[0].action, arena_copy(visitor->arena, buf_str(&body)));
    else
        lab_visitor_visit_url(visitor, "POST", page.forms[0].action, arena_copy(visitor->arena, buf_str(&body)));
    buf_release(&body);
}

/* From the first page to the answer of the ACS. */
void
lab_visitor_sign_in(struct lab_visitor *visitor, const char *target, const char *user, const char *fault)
{
    visitor->cookies[0] = visitor->cookies[1] = (struct str){ 0 };
    if (strcmp(target, "iam") == 0) {
        lab_visitor_visit(visitor, "GET", STR(LAB_IDP_HOST), STR("/start?target=iam"), (struct str){ 0 });
    } else {
        lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/start"), (struct str){ 0 });
        assert_int_equal(visitor->reply.status, 302);
        lab_visitor_visit_url(visitor, "GET", visitor->location, (struct str){ 0 });
    }
    lab_visitor_submit(visitor, STR(LAB_IDP_HOST), user, fault);
    if (visitor->reply.status == 302) /* response-by-get */
        lab_visitor_visit_url(visitor, "GET", visitor->location, (struct str){ 0 });
    else
        lab_visitor_submit(visitor, STR(LAB_IDP_HOST), NULL, NULL);
}

/* The words of the service provider, absent when it showed no error. */
struct str
lab_visitor_said(struct lab_visitor *visitor)
{
    struct str page = buf_str(&visitor->reply.body);
    size_t at = str_find_c(page, "id=\"said\">"), close;

    if (at == SIZE_MAX)
        return (struct str){ 0 };
    page = str_from_offset(page, at + strlen("id=\"said\">"));
    close = str_find_byte(page, '<');
    return html_unescape(visitor->arena, str_slice(page, 0, close));
}

bool
lab_visitor_page_has(const struct lab_visitor *visitor, const char *text)
{
    return str_find_c(buf_str(&visitor->reply.body), text) != SIZE_MAX;
}
