/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base64.h"
#include "content_coding.h"
#include "find.h"
#include "urlform.h"

/*
 * One sign-in as the tools write it: a page, then a message that is posted and answered with a redirect. Each text
 * has the habits of its tool. $E stands for the message percent-encoded in base64, $D for the same in base64.
 */
#define XML "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r1\"/>"

static const char facts[] = "GET https://sp.test/start?a=%2f 200 '' <p>h\xc3\xa9</p> @1767225600250\n"
                            "POST https://sp.test/acs 302 '/home' SAMLResponse=_r1 RelayState=x y&z @1767225601000\n";

static const char chrome[] =
    "{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"creator\": { \"name\": \"WebInspector\", \"version\": "
    "\"537.36\" },\n"
    "    \"pages\": [ { \"startedDateTime\": \"2026-01-01T00:00:00.200Z\", \"id\": \"page_1\", \"title\": \"x\","
    " \"pageTimings\": { \"onContentLoad\": null, \"onLoad\": -1 } } ],\n    \"entries\": [\n"
    "{ \"_initiator\": { \"type\": \"other\" }, \"_priority\": \"VeryHigh\", \"_resourceType\": \"document\","
    " \"cache\": {}, \"connection\": \"77\", \"pageref\": \"page_1\", \"request\": { \"method\": \"GET\","
    " \"url\": \"https://sp.test/start?a=%2f#frag\", \"httpVersion\": \"http/2.0\", \"headers\": ["
    " { \"name\": \":authority\", \"value\": \"sp.test\" }, { \"name\": \":method\", \"value\": \"GET\" },"
    " { \"name\": \":path\", \"value\": \"/start?a=%2f\" }, { \"name\": \":scheme\", \"value\": \"https\" },"
    " { \"name\": \"cookie\", \"value\": \"a=b\" } ], \"queryString\": [ { \"name\": \"a\", \"value\": \"%2f\" } ],"
    " \"cookies\": [], \"headersSize\": -1, \"bodySize\": 0 }, \"response\": { \"status\": 200, \"statusText\": \"\","
    " \"httpVersion\": \"http/2.0\", \"headers\": [ { \"name\": \":status\", \"value\": \"200\" },"
    " { \"name\": \"content-encoding\", \"value\": \"br\" } ], \"cookies\": [], \"content\": { \"size\": 9,"
    " \"mimeType\": \"text/html\", \"compression\": -4, \"text\": \"<p>h\\u00e9</p>\" }, \"redirectURL\": \"\","
    " \"headersSize\": -1, \"bodySize\": -1, \"_transferSize\": 99, \"_error\": null,"
    " \"_fetchedViaServiceWorker\": false }, \"serverIPAddress\": \"[::1]\","
    " \"startedDateTime\": \"2026-01-01T00:00:00.250Z\", \"time\": 12.649999999,"
    " \"timings\": { \"blocked\": 1.5, \"dns\": -1, \"ssl\": -1, \"connect\": -1, \"send\": 0.05, \"wait\": 9,"
    " \"receive\": 1, \"_blocked_queueing\": 0.3 } },\n"
    "{ \"_initiator\": { \"type\": \"script\", \"stack\": { \"callFrames\": [ { \"url\": \"\", \"lineNumber\": 1 } ] } "
    "},"
    " \"cache\": {}, \"request\": { \"method\": \"POST\", \"url\": \"https://sp.test/acs\","
    " \"httpVersion\": \"http/2.0\", \"headers\": [ { \"name\": \"content-type\","
    " \"value\": \"application/x-www-form-urlencoded\" } ], \"queryString\": [], \"cookies\": [],"
    " \"headersSize\": -1, \"bodySize\": 99, \"postData\": { \"mimeType\": \"application/x-www-form-urlencoded\","
    " \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\", \"params\": [ { \"name\": \"SAMLResponse\","
    " \"value\": \"$E\" }, { \"name\": \"RelayState\", \"value\": \"x+y%26z\" } ] } },"
    " \"response\": { \"status\": 302, \"statusText\": \"\", \"httpVersion\": \"http/2.0\", \"headers\": ["
    " { \"name\": \"location\", \"value\": \"/home\" }, { \"name\": \"set-cookie\", \"value\": \"c=d\" } ],"
    " \"cookies\": [], \"content\": { \"size\": 0, \"mimeType\": \"x-unknown\" }, \"redirectURL\": \"/home\","
    " \"headersSize\": -1, \"bodySize\": -1 }, \"startedDateTime\": \"2026-01-01T00:00:01.000Z\", \"time\": 3,"
    " \"timings\": { \"send\": 0, \"wait\": 3, \"receive\": 0 }, \"_webSocketMessages\": ["
    " { \"type\": \"send\", \"time\": 1767225601.5, \"opcode\": 1, \"data\": \"{\\\"entries\\\":[{}]}\" } ] }\n]}}";

/* Exported "without sensitive data": no cookies, no authorization, and so without a note of them. */
static const char chrome_sanitised[] =
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"WebInspector\",\"version\":\"537.36\"},\"pages\":[],"
    "\"entries\":["
    "{\"_connectionId\":\"12\",\"request\":{\"method\":\"GET\",\"url\":\"https://sp.test/start?a=%2f\",\"httpVersion\":"
    "\"http/2.0\",\"headers\":[{\"name\":\"accept\",\"value\":\"*/*\"}],\"cookies\":[]},\"response\":{\"status\":200,"
    "\"headers\":[{\"name\":\"date\",\"value\":\"x\"}],\"content\":{\"size\":9,\"mimeType\":\"text/html\",\"text\":"
    "\"<p>h\\u00e9</p>\"}},\"startedDateTime\":\"2026-01-01T00:00:00.250Z\",\"time\":1},"
    "{\"request\":{\"method\":\"POST\",\"url\":\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":"
    "\"application/"
    "x-www-form-urlencoded\",\"text\":\"SAMLResponse=$E&RelayState=x+y%26z\"}},\"response\":{\"status\":302,"
    "\"headers\":[{\"name\":\"location\",\"value\":\"/home\"}],\"content\":{}},\"startedDateTime\":"
    "\"2026-01-01T00:00:01.000Z\"}]}}";

/* params decoded; the head of the part before the fields; a comment instead of bodies that were not kept. */
static const char firefox[] =
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Firefox\",\"version\":\"140.0\"},\"browser\":{\"name\":"
    "\"Firefox\","
    "\"version\":\"140.0\"},\"pages\":[{\"id\":\"page_1\",\"pageTimings\":{\"onContentLoad\":-1,\"onLoad\":-1},"
    "\"startedDateTime\":\"2026-01-01T01:00:00.250+01:00\",\"title\":\"\"}],\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T01:00:00.250+01:00\",\"request\":{\"bodySize\":0,\"method\":\"GET\",\"url\":"
    "\"https://sp.test/start?a=%2f\",\"httpVersion\":\"HTTP/2\",\"headers\":[{\"name\":\"Cookie\",\"value\":\"a=b\"}],"
    "\"cookies\":[{\"name\":\"a\",\"value\":\"b\"}],\"queryString\":[{\"name\":\"a\",\"value\":\"/"
    "\"}],\"headersSize\":321,"
    "\"postData\":{\"mimeType\":\"\",\"params\":[],\"text\":\"\"}},\"response\":{\"status\":200,\"statusText\":\"OK\","
    "\"httpVersion\":\"HTTP/2\",\"headers\":[],\"cookies\":[],\"content\":{\"mimeType\":\"text/"
    "html\",\"size\":9,\"text\":"
    "\"<p>h\xc3\xa9</"
    "p>\"},\"redirectURL\":\"\",\"headersSize\":100,\"bodySize\":109},\"cache\":{},\"timings\":{\"blocked\":0,"
    "\"dns\":0,\"connect\":0,\"ssl\":0,\"send\":0,\"wait\":80,\"receive\":0},\"time\":80,\"_securityState\":\"secure\","
    "\"serverIPAddress\":\"127.0.0.1\",\"connection\":\"443\",\"pageref\":\"page_1\"},"
    "{\"startedDateTime\":\"2026-01-01T01:00:01.000+01:00\",\"request\":{\"bodySize\":90,\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"httpVersion\":\"HTTP/"
    "2\",\"headers\":[{\"name\":\"Cookie\",\"value\":\"a=b\"}],\"cookies\":[],"
    "\"queryString\":[],\"postData\":{\"mimeType\":\"application/x-www-form-urlencoded\",\"params\":[{\"name\":"
    "\"SAMLResponse\",\"value\":\"$D\"},{\"name\":\"RelayState\",\"value\":\"x y&z\"}],\"text\":\"Content-Type: "
    "application/x-www-form-urlencoded\\r\\nContent-Length: 90\\r\\n\\r\\nSAMLResponse=$E&RelayState=x+y%26z\"}},"
    "\"response\":{\"status\":302,\"statusText\":\"Found\",\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],"
    "\"content\":{\"mimeType\":\"text/html\",\"size\":0,\"comment\":\"Response bodies are not included.\"},"
    "\"redirectURL\":\"/home\"},\"cache\":{},\"timings\":{},\"time\":5}]}}";

/* Small numbers as fractions, negative timings, no Location beside redirectURL. */
static const char safari[] =
    "{\n\t\"log\": {\n\t\t\"version\": \"1.2\",\n\t\t\"creator\": {\"name\": \"WebKit Web Inspector\", \"version\": "
    "\"1.0\"},\n"
    "\t\t\"pages\": [],\n\t\t\"entries\": [\n{\"pageref\": \"page_0\", \"startedDateTime\": "
    "\"2026-01-01T00:00:00.250Z\","
    " \"time\": 0.25001, \"request\": {\"method\": \"GET\", \"url\": \"https://sp.test/start?a=%2f\", \"httpVersion\": "
    "\"\","
    " \"cookies\": [], \"headers\": [{\"name\": \"Cookie\", \"value\": \"a=b\"}], \"queryString\": [], "
    "\"headersSize\": -1,"
    " \"bodySize\": -1}, \"response\": {\"status\": 200, \"statusText\": \"OK\", \"httpVersion\": \"\", \"cookies\": "
    "[],"
    " \"headers\": [], \"content\": {\"size\": 9, \"compression\": 0, \"mimeType\": \"text/html\", \"encoding\": "
    "\"base64\","
    " \"text\": \"PHA+aMOpPC9wPg==\"}, \"redirectURL\": \"\", \"headersSize\": -1, \"bodySize\": -1, "
    "\"_transferSize\": -1},"
    " \"cache\": {}, \"timings\": {\"blocked\": -1, \"dns\": -1, \"connect\": -1, \"ssl\": -1, \"send\": -1, \"wait\": "
    "-1,"
    " \"receive\": -1}, \"serverIPAddress\": \"127.0.0.1\", \"_serverPort\": 443, \"_fetchType\": \"Network Load\","
    " \"_priority\": \"high\"},\n{\"startedDateTime\": \"2026-01-01T00:00:01Z\", \"time\": -1, \"request\": "
    "{\"method\":"
    " \"POST\", \"url\": \"https://sp.test/acs\", \"headers\": [], \"postData\": {\"mimeType\":"
    " \"application/x-www-form-urlencoded\", \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\"}}, \"response\": {"
    "\"status\": 302, \"headers\": [], \"content\": {\"size\": 0}, \"redirectURL\": \"/home\"}}]}}";

/* Microseconds, null where a time is not known, bodies without their content coding under the old header. */
static const char mitmproxy[] =
    "{\n    \"log\": {\n        \"version\": \"1.2\",\n        \"creator\": {\"name\": \"mitmproxy\", \"version\": "
    "\"12.0\","
    " \"comment\": \"\"},\n        \"pages\": [],\n        \"entries\": [\n"
    "{\"startedDateTime\": \"2026-01-01T00:00:00.250000+00:00\", \"time\": 1.5, \"request\": {\"method\": \"GET\","
    " \"url\": \"https://sp.test/start?a=%2f\", \"httpVersion\": \"HTTP/1.1\", \"cookies\": [], \"headers\": "
    "[{\"name\":"
    " \"Host\", \"value\": \"sp.test\"}], \"queryString\": [{\"name\": \"a\", \"value\": \"/\"}], \"headersSize\": 50,"
    " \"bodySize\": 0}, \"response\": {\"status\": 200, \"statusText\": \"OK\", \"httpVersion\": \"HTTP/1.1\", "
    "\"cookies\":"
    " [], \"headers\": [{\"name\": \"Content-Encoding\", \"value\": \"gzip\"}], \"content\": {\"size\": 29, "
    "\"compression\":"
    " -20, \"mimeType\": \"text/html\", \"text\": \"<p>h\\u00e9</p>\"}, \"redirectURL\": \"\", \"headersSize\": 9,"
    " \"bodySize\": 29}, \"cache\": {}, \"timings\": {\"connect\": null, \"ssl\": null, \"send\": 1.0, \"receive\": "
    "0.5,"
    " \"wait\": 0}, \"serverIPAddress\": \"127.0.0.1\"},\n"
    "{\"startedDateTime\": \"2026-01-01T00:00:01+00:00\", \"time\": 0, \"request\": {\"method\": \"POST\", \"url\":"
    " \"https://sp.test/acs\", \"httpVersion\": \"HTTP/1.1\", \"headers\": [], \"postData\": {\"mimeType\":"
    " \"application/x-www-form-urlencoded\", \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\", \"params\": [{\"name\":"
    " \"SAMLResponse\", \"value\": \"$D\"}, {\"name\": \"RelayState\", \"value\": \"x y&z\"}]}}, \"response\": "
    "{\"status\":"
    " 302, \"statusText\": \"Found\", \"headers\": [{\"name\": \"Location\", \"value\": \"/home\"}], \"content\": "
    "{\"size\": 0,"
    " \"mimeType\": \"\", \"text\": \"\"}, \"redirectURL\": \"/home\", \"_error\": null}, \"_resourceType\": "
    "\"websocket\","
    " \"_webSocketMessages\": [], \"timings\": {\"connect\": -1.0, \"ssl\": -1.0}}]}}";

/* A body with its gzip coding still on, in base64; fields of a form as params only; comments everywhere. */
static const char fiddler[] =
    "{\"log\":{\"pages\":[],\"comment\":\"exported @ 1/1/2026\",\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T00:00:00.2500000+00:00\",\"time\":26,\"comment\":\"[#4]\",\"connection\":"
    "\"ClientPort:52711;EgressPort:52712\",\"request\":{\"method\":\"GET\",\"url\":\"https://sp.test/start?a=%2f\","
    "\"httpVersion\":\"HTTP/"
    "1.1\",\"headers\":[{\"name\":\"Host\",\"value\":\"sp.test\"}],\"headersSize\":1,\"bodySize\":0,"
    "\"cookies\":[],\"queryString\":[]},\"response\":{\"status\":200,\"statusText\":\"OK\",\"httpVersion\":\"HTTP/"
    "1.1\","
    "\"headers\":[{\"name\":\"Content-Encoding\",\"value\":\"gzip\"}],\"content\":{\"compression\":0,\"mimeType\":"
    "\"text/html\",\"encoding\":\"base64\",\"size\":30,\"text\":\"H4sIAAAAAAACA7MpsMs4vNJGv8AOALw5AcQKAAAA\"},"
    "\"redirectURL\":\"\",\"headersSize\":1,\"bodySize\":30,\"cookies\":[]},\"cache\":{},\"timings\":{\"send\":0,"
    "\"wait\":26,"
    "\"receive\":0,\"dns\":-1,\"connect\":-1,\"blocked\":-1}},"
    "{\"startedDateTime\":\"2026-01-01T00:00:01.0000000+00:00\",\"time\":1,\"request\":{\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":\"application/"
    "x-www-form-urlencoded\",\"params\":["
    "{\"name\":\"SAMLResponse\",\"value\":\"$D\"},{\"name\":\"RelayState\",\"value\":\"x "
    "y&z\"}]}},\"response\":{\"status\":"
    "302,\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],\"content\":null,\"redirectURL\":\"/home\"}}],"
    "\"creator\":{\"name\":\"Fiddler\",\"comment\":\"https://fiddler2.com\",\"version\":\"5.0\"},\"version\":\"1.2\"}}";

/* params percent-encoded without text; a failed request among the others; creator last. */
static const char charles[] =
    "{\"log\":{\"version\":\"1.2\",\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T00:00:00.250Z\",\"time\":7,\"request\":{\"method\":\"GET\",\"url\":"
    "\"https://sp.test/start?a=%2f\",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[],\"queryString\":[],"
    "\"headersSize\":0,\"bodySize\":0},\"response\":{\"_charlesStatus\":\"COMPLETE\",\"status\":200,\"statusText\":"
    "\"OK\","
    "\"httpVersion\":\"HTTP/1.1\",\"headers\":[],\"content\":{\"size\":9,\"mimeType\":\"text/html; "
    "charset=utf-8\",\"text\":"
    "\"PHA+aMOpPC9wPg==\",\"encoding\":\"base64\"},\"redirectURL\":null,\"headersSize\":0,\"bodySize\":9},"
    "\"serverIPAddress\":\"127.0.0.1\",\"cache\":{},\"timings\":{\"dns\":-1,\"connect\":-1,\"ssl\":-1,\"send\":0,"
    "\"wait\":7,"
    "\"receive\":0}},"
    "{\"startedDateTime\":\"2026-01-01T00:00:01.000Z\",\"time\":1,\"request\":{\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":\"application/"
    "x-www-form-urlencoded\",\"params\":["
    "{\"name\":\"SAMLResponse\",\"value\":\"$E\"},{\"name\":\"RelayState\",\"value\":\"x+y%26z\"}]}},\"response\":{"
    "\"status\":302,\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],\"redirectURL\":\"/home\"}}],"
    "\"creator\":{\"name\":\"Charles Proxy\",\"version\":\"4.6\"}}}";

enum wrapping { PLAIN, MARKED, UTF16_LE, UTF16_LE_BARE, UTF16_BE, GZIP, ZLIB, IN_ARRAY, WRAPPING_COUNT };

static const struct {
    const char *name, *text, *problem;
} tools[] = {
    { "Chrome", chrome, "" },
    { "Chrome without sensitive data", chrome_sanitised,
      "no entry has a Cookie, Set-Cookie or Authorization header: Chrome leaves them out" },
    { "Firefox", firefox, "" },
    { "Safari", safari, "" },
    { "mitmproxy", mitmproxy, "" },
    { "Fiddler", fiddler, "" },
    { "Charles", charles, "" },
};

/* --- making ---------------------------------------------------------------------------------------------- */

static void
fill(struct buf *out, const char *text)
{
    struct buf plain;

    buf_init(&plain, 1 << 12);
    base64_encode(&plain, STR(XML));
    for (; *text != '\0'; text++) {
        if (text[0] != '$' || (text[1] != 'E' && text[1] != 'D')) {
            buf_add_byte(out, *text);
            continue;
        }
        for (size_t i = 0; i < plain.len; i++)
            if (text[1] == 'D' || (plain.bytes[i] != '+' && plain.bytes[i] != '/' && plain.bytes[i] != '='))
                buf_add_byte(out, plain.bytes[i]);
            else
                buf_printf(out, "%%%02X", (unsigned)plain.bytes[i]);
        text++;
    }
    buf_release(&plain);
}

/* All characters of the texts are below U+0100. */
static void
add_utf16(struct buf *out, struct str text, bool big_endian)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0xc0)
            c = (unsigned char)(c << 6 | (text.ptr[++i] & 0x3f));
        buf_add_byte(out, big_endian ? '\0' : (char)c);
        buf_add_byte(out, big_endian ? (char)c : '\0');
    }
}

static void
add_packed(struct buf *out, struct str text, int window)
{
    static unsigned char room[1 << 16];
    z_stream stream = { 0 };

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text.ptr;
    stream.avail_in = (uInt)text.len;
    stream.next_out = room;
    stream.avail_out = sizeof(room);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_add(out, room, stream.total_out);
    deflateEnd(&stream);
}

static void
wrap(struct buf *out, struct str text, enum wrapping wrapping)
{
    switch (wrapping) {
    case PLAIN:
        buf_add_str(out, text);
        break;
    case MARKED:
        buf_add_c(out, "\xef\xbb\xbf");
        buf_add_str(out, text);
        break;
    case UTF16_LE:
    case UTF16_LE_BARE:
        buf_add_c(out, wrapping == UTF16_LE ? "\xff\xfe" : "");
        add_utf16(out, text, false);
        break;
    case UTF16_BE:
        buf_add_c(out, "\xfe\xff");
        add_utf16(out, text, true);
        break;
    case GZIP:
        add_packed(out, text, 31);
        break;
    case ZLIB:
        add_packed(out, text, 15);
        break;
    case IN_ARRAY:
        buf_add_c(out, "[");
        buf_add_str(out, text);
        buf_add_c(out, "]\n");
        break;
    case WRAPPING_COUNT:
        break;
    }
}

/* --- reading --------------------------------------------------------------------------------------------- */

static void
tell_form(struct arena *arena, struct str body, struct buf *out)
{
    struct urlform form;

    assert_true(urlform_read(arena, body, &form));
    for (size_t i = 0; i < form.count; i++) {
        struct base64_notes notes;
        struct str value = form.items[i].value;
        bool is_message = str_eq_c(form.items[i].name, "SAMLResponse");

        if (is_message)
            value = base64_decode(arena, value, &value, &notes) && str_eq_c(value, XML) ? STR("_r1") : STR("damaged");
        buf_printf(out, " %.*s=%.*s", STR_ARG(form.items[i].name), STR_ARG(value));
    }
}

static void
tell(struct arena *arena, const struct exchange *exchange, struct buf *out)
{
    struct str location = headers_get(&exchange->response_headers, "Location");
    struct str url = exchange_url(arena, exchange);

    buf_printf(out, "%.*s %.*s %u '%.*s'", STR_ARG(exchange->method), STR_ARG(url), exchange->status,
               STR_ARG(location));
    if (exchange->request_body.bytes.len > 0)
        tell_form(arena, exchange->request_body.bytes, out);
    if (exchange->response_body.bytes.len > 0) {
        struct str bytes = exchange->response_body.bytes, detail;

        assert_int_equal(content_decode(arena, bytes, &exchange->response_headers, 1 << 16, &bytes, &detail),
                         CONTENT_OK);
        buf_printf(out, " %.*s", STR_ARG(bytes));
    }
    buf_printf(out, " @%lld\n", (long long)exchange->started_ms);
    for (size_t i = 0; i < exchange->request_headers.count; i++)
        if (str_starts_c(exchange->request_headers.items[i].name, ":"))
            buf_add_c(out, "a pseudo header is left\n");
}

static void
check(const char *name, enum wrapping wrapping, struct str file, const char *wanted, const char *problem)
{
    static const struct saml_options options;
    struct arena *arena = arena_new(8 << 20);
    struct input input;
    struct buf told;

    buf_init(&told, 1 << 16);
    if (!find_input(arena, file, &options, &input))
        fail_msg("%s, wrapping %d: %.*s", name, (int)wrapping, STR_ARG(input.problem));
    assert_int_equal(input.kind, INPUT_HAR);
    for (size_t i = 0; i < input.exchange_count; i++)
        tell(arena, &input.exchanges[i], &told);
    if (!str_eq_c(buf_str(&told), wanted))
        fail_msg("%s, wrapping %d:\n%s", name, (int)wrapping, told.bytes);
    if (!str_starts_c(input.problem, problem) || (problem[0] == '\0' && str_present(input.problem)))
        fail_msg("%s, wrapping %d: %.*s", name, (int)wrapping, STR_ARG(input.problem));
    buf_release(&told);
    arena_free(arena);
}

static void
every_tool_in_every_wrapping(void **state)
{
    struct buf text, file;

    (void)state;
    buf_init(&text, 1 << 16);
    buf_init(&file, 1 << 17);
    for (size_t i = 0; i < COUNT_OF(tools); i++)
        for (enum wrapping wrapping = PLAIN; wrapping < WRAPPING_COUNT; wrapping++) {
            buf_reset(&text);
            buf_reset(&file);
            fill(&text, tools[i].text);
            wrap(&file, buf_str(&text), wrapping);
            assert_false(buf_failed(&file));
            check(tools[i].name, wrapping, buf_str(&file), facts, tools[i].problem);
        }
    buf_release(&text);
    buf_release(&file);
}

/* All of them behind each other, as "cat *.har" makes them. */
static void
files_behind_each_other(void **state)
{
    struct buf file, wanted;

    (void)state;
    buf_init(&file, 1 << 17);
    buf_init(&wanted, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        buf_add_c(&file, i % 2 == 0 ? "" : "\r\n\xef\xbb\xbf");
        fill(&file, tools[i].text);
        buf_add_c(&wanted, facts);
    }
    check("all", PLAIN, buf_str(&file), wanted.bytes, "");
    buf_release(&file);
    buf_release(&wanted);
}

/* Whatever of a file is there: every exchange that came in whole is read, and where the cut is, is said. */
static void
cut_anywhere(void **state)
{
    static const struct saml_options options;
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 16);
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        size_t second = 0;

        buf_reset(&text);
        fill(&text, tools[i].text);
        for (size_t length = 1; length < text.len; length++) {
            struct arena *arena = arena_new(8 << 20);
            struct input input;
            bool read = find_input(arena, str_slice(buf_str(&text), 0, length), &options, &input);
            struct str where = arena_printf(arena, "at byte %zu", length);

            assert_true(!read || input.kind == INPUT_HAR);
            if (read && input.exchange_count > 0 && str_find_c(input.problem, "cut off") == SIZE_MAX)
                fail_msg("%s, %zu of %zu bytes: '%.*s'", tools[i].name, length, text.len, STR_ARG(input.problem));
            if (read && str_find(input.problem, where) == SIZE_MAX)
                fail_msg("%s: '%.*s' is not %.*s", tools[i].name, STR_ARG(input.problem), STR_ARG(where));
            if (read && input.exchange_count == 2 && second == 0)
                second = length;
            assert_true(second == 0 || (read && input.exchange_count == 2));
            arena_free(arena);
        }
        assert_true(second > 0);
    }
    buf_release(&text);
}

/* What is wrong with one entry costs that entry only. */
static void
broken_entries_are_told(void **state)
{
    static const char *const broken[] = { "null",
                                          "7",
                                          "[]",
                                          "{}",
                                          "{\"request\":null}",
                                          "{\"request\":[]}",
                                          "{\"request\" {}}",
                                          "{\"request\":{\"url\":\"x\"},}",
                                          "\"text\"",
                                          "{\"a\":nul}" };
    struct buf file, wanted;

    (void)state;
    buf_init(&file, 1 << 17);
    buf_init(&wanted, 1 << 12);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        buf_reset(&file);
        buf_reset(&wanted);
        buf_printf(&file,
                   "{\"log\":{\"entries\":[%s,{\"startedDateTime\":\"2026-01-01T00:00:00Z\",\"request\":{\"method\":"
                   "\"GET\",\"url\":\"https://sp.test/\"},\"response\":{\"status\":204}},%s]}}",
                   broken[i], broken[i]);
        buf_add_c(&wanted, "GET https://sp.test/ 204 '' @1767225600000\n");
        check(broken[i], PLAIN, buf_str(&file), wanted.bytes, "2 of 3 entries were left out, the first is entry 1: ");
    }
    buf_release(&file);
    buf_release(&wanted);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tool_in_every_wrapping),
        cmocka_unit_test(files_behind_each_other),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(broken_entries_are_told),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
