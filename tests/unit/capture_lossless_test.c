/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "capture.h"
#include "capture_samples.h"
#include "content_coding.h"
#include "exchange_maker.h"
#include "har_rules.h"
#include "har_write.h"
#include "json_text.h"
#include "saml.h"
#include "saml_tracer_write.h"
#include "urlform.h"

enum { CASES = 1000, EACH = 4, ROOM = 4 << 20, SEED = 20260101 };

/* --- random exchanges ------------------------------------------------------------------------------------- */

/* Bytes that are no UTF-8 are read as Latin-1 where a format has text only. */
static struct str
as_text(struct arena *arena, struct str bytes)
{
    size_t length = 1;
    char *text;
    size_t used = 0;

    for (size_t i = 0; length > 0 && i < bytes.len; i += length)
        length = json_text_utf8_length(str_from_offset(bytes, i));
    if (length > 0 || !str_present(bytes))
        return bytes;
    text = arena_alloc(arena, 2 * bytes.len);
    assert_non_null(text);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];

        if (c >= 0x80)
            text[used++] = (char)(0xc0 | c >> 6);
        text[used++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
    }
    return (struct str){ text, used };
}

/* A member that the format demands is empty when there is nothing to say. */
static struct str
or_absent(struct str s)
{
    return s.len > 0 ? s : (struct str){ 0 };
}

static struct headers
headers_as_text(struct arena *arena, const struct headers *headers, bool coding_off)
{
    struct headers list = { arena_calloc(arena, headers->count + 1, sizeof(*list.items)), 0 };

    assert_non_null(list.items);
    for (size_t i = 0; i < headers->count; i++)
        if (!coding_off || !str_eq_nocase(headers->items[i].name, STR("Content-Encoding")))
            list.items[list.count++] =
                (struct header){ headers->items[i].name, as_text(arena, headers->items[i].value) };
    return list;
}

/*
 * The exchange with what HAR cannot carry taken away. This is the list: the raw bytes of texts that are no UTF-8, the
 * difference between an empty and a missing text, the content coding of a response and its size on the wire, an
 * end before the beginning, that a request body that was not kept was cut.
 */
static struct exchange
har_can_carry(struct arena *arena, const struct exchange *sent)
{
    struct exchange left = *sent;
    struct str bytes = sent->response_body.bytes, detail;
    bool coded = str_present(bytes) && str_present(headers_get(&sent->response_headers, "Content-Encoding"));
    bool coding_off =
        coded && content_decode(arena, bytes, &sent->response_headers, ROOM, &bytes, &detail) == CONTENT_OK;

    left.method = or_absent(as_text(arena, sent->method));
    left.version = or_absent(sent->version);
    left.target = as_text(arena, sent->target);
    left.reason = or_absent(as_text(arena, sent->reason));
    left.problem_text = or_absent(as_text(arena, sent->problem_text));
    left.request_headers = headers_as_text(arena, &sent->request_headers, false);
    left.response_headers = headers_as_text(arena, &sent->response_headers, coding_off);
    if (!str_present(sent->request_body.bytes))
        left.request_body.cut = false;
    if (coding_off) {
        left.response_body.bytes = bytes;
        left.response_body.size = bytes.len;
    }
    return left;
}

static struct str
binary_of(struct arena *arena, const struct exchange *exchange)
{
    struct str bytes;
    struct buf out;

    buf_init(&out, ROOM);
    exchange_write(&out, exchange);
    assert_false(buf_failed(&out));
    bytes = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return bytes;
}

static json_t *
parse(const struct buf *text)
{
    json_error_t error;
    json_t *root = json_loadb(text->bytes, text->len, JSON_ALLOW_NUL, &error);

    if (root == NULL)
        fail_msg("no JSON: %s at %d", error.text, error.position);
    return root;
}

static void
random_exchanges_through_har(void **state)
{
    struct exchange_maker maker = { .random = SEED };

    (void)state;
    for (size_t i = 0; i < CASES / EACH; i++) {
        struct arena *arena = arena_new(ROOM);
        struct exchange sent[EACH], *got, *again;
        struct buf first, second, breaches;
        struct str problem;
        size_t count;
        json_t *root;

        buf_init(&first, ROOM);
        buf_init(&second, ROOM);
        buf_init(&breaches, ROOM);
        for (size_t k = 0; k < EACH; k++)
            assert_true(exchange_maker_next(&maker, arena, &sent[k]));
        assert_true(har_write(arena, sent, EACH, &first));
        root = parse(&first);
        har_rules_check(root, &breaches);
        if (breaches.len > 0)
            fail_msg("case %zu: %s\n%s", i, breaches.bytes, first.bytes);
        assert_int_equal(capture_read(arena, buf_str(&first), &got, &count, &problem, NULL), CAPTURE_OK);
        assert_int_equal(count, EACH);
        for (size_t k = 0; k < EACH; k++) {
            struct exchange wanted = har_can_carry(arena, &sent[k]);

            if (!str_eq(binary_of(arena, &wanted), binary_of(arena, &got[k])))
                fail_msg("case %zu, exchange %zu: lost something\n%s", i, k + 1, first.bytes);
        }
        assert_true(har_write(arena, got, count, &second));
        assert_int_equal(capture_read(arena, buf_str(&second), &again, &count, &problem, NULL), CAPTURE_OK);
        assert_int_equal(count, EACH);
        for (size_t k = 0; k < EACH; k++)
            assert_true(str_eq(binary_of(arena, &again[k]), binary_of(arena, &got[k])));
        json_decref(root);
        buf_release(&first);
        buf_release(&second);
        buf_release(&breaches);
        arena_free(arena);
    }
}

/* Fields of a form as text: "name=value\n" each, decoded. */
static struct str
fields_of(struct arena *arena, struct str body)
{
    struct urlform form = { 0 };
    struct str text;
    struct buf out;

    buf_init(&out, ROOM);
    assert_true(body.len == 0 || urlform_read(arena, body, &form));
    for (size_t i = 0; i < form.count; i++) {
        buf_add_str(&out, as_text(arena, form.items[i].name));
        buf_add_c(&out, "=");
        buf_add_str(&out, as_text(arena, form.items[i].value));
        buf_add_c(&out, "\n");
    }
    text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text;
}

/*
 * SAML-tracer's format carries method, URL, headers, the fields of a posted form and the status line; no version, no
 * times, no bodies else, no connection and no problem.
 */
static void
check_traced(struct arena *arena, const struct exchange *sent, const struct exchange *got)
{
    struct exchange wanted = { .number = got->number,
                               .scheme = sent->scheme,
                               .host = sent->host,
                               .port = sent->port,
                               .method = as_text(arena, sent->method),
                               .target = as_text(arena, sent->target),
                               .request_headers = headers_as_text(arena, &sent->request_headers, false),
                               .request_body = got->request_body,
                               .status = sent->status,
                               .reason = or_absent(as_text(arena, sent->reason)),
                               .response_headers = headers_as_text(arena, &sent->response_headers, false) };
    bool is_form = str_present(headers_get(&sent->request_headers, "Content-Type"));

    if (is_form && !str_eq(fields_of(arena, sent->request_body.bytes), fields_of(arena, got->request_body.bytes)))
        fail_msg("fields were lost: %.*s / %.*s", STR_ARG(sent->request_body.bytes), STR_ARG(got->request_body.bytes));
    if (!str_eq(binary_of(arena, &wanted), binary_of(arena, got)))
        fail_msg("%.*s %.*s: something was lost", STR_ARG(wanted.method), STR_ARG(wanted.target));
}

static void
random_exchanges_through_saml_tracer(void **state)
{
    struct exchange_maker maker = { .random = SEED };

    (void)state;
    for (size_t i = 0; i < CASES / EACH; i++) {
        struct arena *arena = arena_new(ROOM);
        struct exchange sent[EACH], *got;
        struct buf out, breaches;
        struct str problem;
        size_t count;
        json_t *root;

        buf_init(&out, ROOM);
        buf_init(&breaches, ROOM);
        for (size_t k = 0; k < EACH; k++)
            assert_true(exchange_maker_next(&maker, arena, &sent[k]));
        assert_true(saml_tracer_write(arena, sent, EACH, INT64_C(1767225600000), &out));
        root = parse(&out);
        tracer_rules_check(root, &breaches);
        if (breaches.len > 0)
            fail_msg("case %zu: the extension cannot import it: %s\n%s", i, breaches.bytes, out.bytes);
        assert_int_equal(capture_read(arena, buf_str(&out), &got, &count, &problem, NULL), CAPTURE_OK);
        assert_false(str_present(problem));
        assert_int_equal(count, EACH);
        for (size_t k = 0; k < EACH; k++)
            check_traced(arena, &sent[k], &got[k]);
        json_decref(root);
        buf_release(&out);
        buf_release(&breaches);
        arena_free(arena);
    }
}

/* --- HAR of other tools ------------------------------------------------------------------------------------- */

/* What an exchange has no place for, or what is derived from the rest. Names after "_" are a tool's own. */
static const char *const not_carried[] = {
    "pageref",
    "comment",
    "cache",
    "timings",
    "serverIPAddress",
    "request.cookies",
    "request.queryString",
    "request.headersSize",
    "request.bodySize",
    "request.postData.params", /* they are in the text */
    "response.httpVersion",    /* that of the request */
    "response.cookies",
    "response.headersSize",
    "response.bodySize",
    "response.content.size", /* Firefox and others: of the coded body */
    "response.content.compression",
    "response.content.comment",
};

static const char *const carried[] = {
    "startedDateTime",
    "time",
    "connection",
    "request.method",
    "request.url",
    "request.httpVersion",
    "request.headers",
    "request.postData.mimeType",
    "request.postData.text",
    "response.status",
    "response.statusText",
    "response.headers",
    "response.redirectURL",
    "response.content.mimeType",
    "response.content.text",
};

static bool
is_listed(const char *const *list, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], path) == 0)
            return true;
    return false;
}

/* Every member of a tool's entry is either carried or known to be left out. */
static void
check_members(json_t *object, const char *prefix)
{
    const char *name;
    json_t *value;
    char path[120];

    json_object_foreach(object, name, value)
    {
        snprintf(path, sizeof(path), "%s%s", prefix, name);
        if (name[0] == '_' || strcmp(path, "response.content.encoding") == 0 ||
            is_listed(not_carried, COUNT_OF(not_carried), path) || is_listed(carried, COUNT_OF(carried), path))
            continue;
        if (!json_is_object(value) && !json_is_null(value))
            fail_msg("say what becomes of %s", path);
        snprintf(path, sizeof(path), "%s%s.", prefix, name);
        check_members(value, path);
    }
}

static const json_t *
member(const json_t *object, const char *path)
{
    char name[40];
    size_t length;

    for (; *path != '\0'; path += length + (path[length] == '.')) {
        length = strcspn(path, ".");
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        object = json_object_get(object, name);
    }
    return object;
}

/* Headers as lines, without pseudo headers, and Host and Content-Type: they may come from elsewhere. */
static void
tell_headers(const json_t *list, struct buf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));

        if (name[0] != ':' && strcasecmp(name, "host") != 0 && strcasecmp(name, "content-type") != 0 &&
            strcasecmp(name, "location") != 0 && strcasecmp(name, "content-encoding") != 0)
            buf_printf(out, "%s: %s\n", name, json_string_value(json_object_get(json_array_get(list, i), "value")));
    }
}

static void
check_headers(const char *tool, const json_t *before, const json_t *after)
{
    struct buf a, b;

    buf_init(&a, ROOM);
    buf_init(&b, ROOM);
    tell_headers(before, &a);
    tell_headers(after, &b);
    if (!str_eq(buf_str(&a), buf_str(&b)))
        fail_msg("%s: headers %.*s / %.*s", tool, STR_ARG(buf_str(&a)), STR_ARG(buf_str(&b)));
    buf_release(&a);
    buf_release(&b);
}

/* Texts that are written in another way on purpose are compared in capture_tools_test, by what they mean. */
static bool
is_rewritten(const char *path, const json_t *before, const json_t *after)
{
    const char *text = json_is_string(before) ? json_string_value(before) : "";

    if (strcmp(path, "startedDateTime") == 0 || strcmp(path, "response.content.text") == 0)
        return json_is_string(after);
    if (strcmp(path, "time") == 0)
        return json_integer_value(after) == (json_int_t)(json_number_value(before) > 0 ? json_number_value(before) : 0);
    if (strcmp(path, "connection") == 0)
        return strncmp(text, "ClientPort", 10) == 0 && after == NULL;
    if (strcmp(path, "request.url") == 0)
        return strchr(text, '#') != NULL && strncmp(text, json_string_value(after), strcspn(text, "#")) == 0;
    return strcmp(path, "request.postData.text") == 0 && strncmp(text, "Content-Type:", 13) == 0 &&
           strcmp(strstr(text, "\r\n\r\n") + 4, json_string_value(after)) == 0;
}

static void
check_entry(const char *tool, json_t *before, const json_t *after)
{
    check_members(before, "");
    for (size_t i = 0; i < COUNT_OF(carried); i++) {
        const json_t *old = member(before, carried[i]), *new = member(after, carried[i]);
        bool is_empty = !json_is_string(old) || json_string_length(old) == 0;

        if (strstr(carried[i], "headers") != NULL)
            check_headers(tool, old, new);
        else if (!(is_empty && json_string_length(new) == 0 && !json_is_number(old)) && !json_equal(old, new) &&
                 !is_rewritten(carried[i], old, new) && !(old == NULL || json_is_null(old)))
            fail_msg("%s: %s is lost", tool, carried[i]);
    }
}

static void
har_of_tools_through_exchanges(void **state)
{
    (void)state;
    for (size_t i = 0; i < capture_sample_count; i++) {
        struct arena *arena = arena_new(ROOM);
        struct exchange *got;
        struct buf text, out, breaches;
        struct str problem;
        json_t *before, *after;
        size_t count;

        buf_init(&text, ROOM);
        buf_init(&out, ROOM);
        buf_init(&breaches, ROOM);
        capture_sample_fill(&capture_samples[i], &text);
        assert_int_equal(capture_read(arena, buf_str(&text), &got, &count, &problem, NULL), CAPTURE_OK);
        assert_true(har_write(arena, got, count, &out));
        before = parse(&text);
        after = parse(&out);
        har_rules_check(after, &breaches);
        assert_string_equal(breaches.len > 0 ? breaches.bytes : "", "");
        assert_int_equal(json_array_size(member(after, "log.entries")), json_array_size(member(before, "log.entries")));
        for (size_t k = 0; k < count; k++)
            check_entry(capture_samples[i].name, json_array_get(member(before, "log.entries"), k),
                        json_array_get(member(after, "log.entries"), k));
        json_decref(before);
        json_decref(after);
        buf_release(&text);
        buf_release(&out);
        buf_release(&breaches);
        arena_free(arena);
    }
}

/* --- the rules themselves ------------------------------------------------------------------------------------ */

#define HAR(entry)                                                                                                     \
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"x\",\"version\":\"1\"},\"entries\":[" entry "]}}"
#define TRACE(request)                                                                                                 \
    "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"requests\":[{\"requestId\":\"1\",\"post\":[],\"requestHeaders\":[],"    \
    "\"responseHeaders\":[],\"responseStatus\":200,\"responseStatusText\":\"\"," request "}]}"

static void
rules_find_breaches(void **state)
{
    static const struct {
        const char *text, *breach;
        bool har;
    } rows[] = {
        { HAR(""), "", true },
        { "{\"log\":{\"entries\":[]}}", "log has no version", true },
        { HAR("{}"), "entry has no request", true },
        { HAR("{\"extra\":1}"), "entry has extra, which the format does not know", true },
        { HAR("{\"startedDateTime\":\"today\"}"), "entry.startedDateTime is of another type", true },
        { HAR("{\"time\":3,\"timings\":{\"wait\":2}}"), "time is not the sum", true },
        { TRACE("\"method\":\"GET\",\"url\":\"https://a/?b=%41%C3%A9\""), "", false },
        { "{\"requests\":[]}", "no requests", false },
        { TRACE("\"method\":\"GET\",\"url\":\"https://a/?b=%E9\""), "a parameter that does not decode", false },
        { TRACE("\"method\":\"GET\",\"url\":\"https://a/?SAMLRequest=PHgvPg%3D%3D\""), "does not inflate", false },
        { TRACE("\"method\":\"GET\",\"url\":\"https://a/?SAMLRequest=s6nQtwMA\""), "", false },
        { TRACE("\"method\":\"POST\",\"url\":\"https://a/\",\"post\":[[\"SAMLResponse\",\"PHgv*\"]]"), "is not base64",
          false },
        { TRACE("\"method\":\"POST\",\"url\":\"https://a/\",\"post\":[[\"SAMLResponse\",\"6Q==\"]]"), "is not UTF-8",
          false },
        { TRACE("\"method\":\"GET\",\"url\":\"https://a/\"},{\"requestId\":\"1\""), "is there twice", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *root = json_loads(rows[i].text, 0, NULL);
        struct buf breaches;

        assert_non_null(root);
        buf_init(&breaches, ROOM);
        (rows[i].har ? har_rules_check : tracer_rules_check)(root, &breaches);
        if (str_find_c(buf_str(&breaches), rows[i].breach) == SIZE_MAX ||
            (breaches.len > 0) != (rows[i].breach[0] != '\0'))
            fail_msg("%s: %.*s", rows[i].text, STR_ARG(buf_str(&breaches)));
        buf_release(&breaches);
        json_decref(root);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_find_breaches),
        cmocka_unit_test(random_exchanges_through_har),
        cmocka_unit_test(random_exchanges_through_saml_tracer),
        cmocka_unit_test(har_of_tools_through_exchanges),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
