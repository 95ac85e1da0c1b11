/* SPDX-License-Identifier: MIT */
#include "input_forms.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "saml_maker.h"

enum { ROOM = 4 << 20, PACKED_ROOM = 256 * 1024 };

static const char response[] =
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\" "
    "IssueInstant=\"2026-01-01T00:00:00Z\" Destination=\"https://sp.example.com/acs\">"
    "<saml:Issuer>https://idp.example.com/</saml:Issuer><?sign key=\"idp\"?>"
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
    "<saml:Assertion ID=\"_a1\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"
    "<saml:Issuer>https://idp.example.com/</saml:Issuer>"
    "<saml:Subject><saml:NameID>j\xc3\xb6rg@example.com</saml:NameID></saml:Subject>"
    "<saml:Conditions NotBefore=\"2026-01-01T00:00:00Z\" NotOnOrAfter=\"2026-01-01T00:05:00Z\">"
    "<saml:AudienceRestriction><saml:Audience>urn:example:sp</saml:Audience></saml:AudienceRestriction>"
    "</saml:Conditions><saml:AttributeStatement><saml:Attribute Name=\"mail\">"
    "<saml:AttributeValue>one@example.com!</saml:AttributeValue>"
    "<saml:AttributeValue>two@example.com</saml:AttributeValue></saml:Attribute>"
    "<saml:Attribute Name=\"a-longer-name\"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>"
    "</saml:AttributeStatement></saml:Assertion></samlp:Response>";

static const char acs[] = "https://sp.example.com/acs";

#define FORM_TYPE "application/x-www-form-urlencoded"
#define MAIL_HEAD "From: jane@example.com\r\nTo: help@example.com\r\nSubject: no\r\nMIME-Version: 1.0\r\n"

static struct buf xml; /* the message, signed */

bool
input_forms_init(void)
{
    char why[200] = "";

    buf_init(&xml, ROOM);
    if (saml_maker_fill(str_from(response), &xml, why, sizeof(why)))
        return true;
    fprintf(stderr, "%s\n", why);
    return false;
}

void
input_forms_release(void)
{
    buf_release(&xml);
}

struct str
input_forms_xml(void)
{
    return buf_str(&xml);
}

static void
as_xml(struct buf *out)
{
    buf_add_str(out, buf_str(&xml));
}

static void
as_base64(struct buf *out)
{
    saml_maker_base64(buf_str(&xml), out);
}

static void
as_wrapped_base64(struct buf *out)
{
    struct buf one;

    buf_init(&one, ROOM);
    as_base64(&one);
    for (size_t i = 0; i < one.len; i += 76) {
        buf_add_str(out, str_slice(buf_str(&one), i, 76));
        buf_add_c(out, "\r\n");
    }
    buf_release(&one);
}

static void
as_url(struct buf *out)
{
    buf_printf(out, "%s?", acs);
    saml_maker_query("SAMLResponse", buf_str(&xml), STR("state"), NULL, NULL, out);
}

static void
as_form(struct buf *out)
{
    saml_maker_form("SAMLResponse", buf_str(&xml), STR("state"), out);
}

static void
as_page(struct buf *out)
{
    saml_maker_page(acs, "SAMLResponse", buf_str(&xml), STR("state"), out);
}

/* A body posted, with its Content-Type and further header lines. */
static void
add_post(struct buf *out, const char *type, const char *lines, struct str body)
{
    buf_printf(out, "POST /acs HTTP/1.1\r\nHost: sp.example.com\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n",
               type, lines, body.len);
    buf_add_str(out, body);
}

static void
as_http(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    add_post(out, FORM_TYPE, "", buf_str(&form));
    buf_release(&form);
}

static void
as_chunked(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    buf_add_c(out, "POST /acs HTTP/1.1\r\nHost: sp.example.com\r\nContent-Type: " FORM_TYPE
                   "\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < form.len; i += 1000) {
        struct str chunk = str_slice(buf_str(&form), i, 1000);

        buf_printf(out, "%zx;x=y\r\n", chunk.len);
        buf_add_str(out, chunk);
        buf_add_c(out, "\r\n");
    }
    buf_add_c(out, "0\r\n\r\n");
    buf_release(&form);
}

/* zlib's windowBits say which format: 31 gzip, 15 zlib, -15 raw. */
static void
add_packed(struct buf *out, struct str bytes, int window_bits)
{
    unsigned char *packed = malloc(PACKED_ROOM);
    z_stream stream = { .next_in = (unsigned char *)(uintptr_t)bytes.ptr, .avail_in = (uInt)bytes.len };

    if (packed == NULL || deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    stream.next_out = packed;
    stream.avail_out = PACKED_ROOM;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    buf_add(out, packed, stream.total_out);
    deflateEnd(&stream);
    free(packed);
}

static void
add_gzip(struct buf *out, struct str bytes)
{
    add_packed(out, bytes, 31);
}

static void
add_zlib(struct buf *out, struct str bytes)
{
    add_packed(out, bytes, 15);
}

static void
add_raw(struct buf *out, struct str bytes)
{
    add_packed(out, bytes, -15);
}

/* RFC 7932 9.2: a window of 16 bits, one uncompressed meta-block of up to 64 KiB, an empty last one. */
static void
add_brotli(struct buf *out, struct str bytes)
{
    unsigned long head = ((unsigned long)bytes.len - 1) << 4 | 1ul << 20;

    if (bytes.len == 0 || bytes.len > 65536)
        abort();
    for (int i = 0; i < 3; i++)
        buf_add_byte(out, (char)(head >> 8 * i & 0xff));
    buf_add_str(out, bytes);
    buf_add_byte(out, 3);
}

/* RFC 8878 3.1.1: a single segment of 256 to 65791 bytes, one raw block. */
static void
add_zstd(struct buf *out, struct str bytes)
{
    unsigned long size = (unsigned long)bytes.len - 256, block = (unsigned long)bytes.len << 3 | 1;

    if (bytes.len < 256 || bytes.len > 65791)
        abort();
    buf_add(out, "\x28\xb5\x2f\xfd\x60", 5);
    for (int i = 0; i < 2; i++)
        buf_add_byte(out, (char)(size >> 8 * i & 0xff));
    for (int i = 0; i < 3; i++)
        buf_add_byte(out, (char)(block >> 8 * i & 0xff));
    buf_add_str(out, bytes);
}

static void
add_coded(struct buf *out, const char *line, void (*pack)(struct buf *out, struct str bytes))
{
    struct buf form, body;

    buf_init(&form, ROOM);
    buf_init(&body, ROOM);
    as_form(&form);
    pack(&body, buf_str(&form));
    add_post(out, FORM_TYPE, line, buf_str(&body));
    buf_release(&body);
    buf_release(&form);
}

static void
as_gzip(struct buf *out)
{
    add_coded(out, "Content-Encoding: gzip\r\n", add_gzip);
}

static void
as_deflate(struct buf *out)
{
    add_coded(out, "Content-Encoding: deflate\r\n", add_zlib);
}

static void
as_raw_deflate(struct buf *out)
{
    add_coded(out, "Content-Encoding: deflate\r\n", add_raw);
}

static void
as_brotli(struct buf *out)
{
    add_coded(out, "Content-Encoding: br\r\n", add_brotli);
}

static void
as_zstd(struct buf *out)
{
    add_coded(out, "Content-Encoding: zstd\r\n", add_zstd);
}

static void
as_multipart(struct buf *out)
{
    struct buf body;

    buf_init(&body, ROOM);
    buf_add_c(&body, "--b\r\nContent-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\n");
    as_base64(&body);
    buf_add_c(&body, "\r\n--b--\r\n");
    add_post(out, "multipart/form-data; boundary=b", "", buf_str(&body));
    buf_release(&body);
}

/* head, the form (or the base64), tail. */
static void
add_between(struct buf *out, const char *head, void (*make)(struct buf *out), const char *tail)
{
    buf_add_c(out, head);
    make(out);
    buf_add_c(out, tail);
}

static void
as_json(struct buf *out)
{
    add_between(out, "{\"data\": {\"SAMLResponse\": \"", as_base64, "\"}}");
}

static void
as_curl(struct buf *out)
{
    add_between(out, "curl 'https://sp.example.com/acs' --data-raw '", as_form, "' --compressed");
}

static void
as_fetch(struct buf *out)
{
    add_between(out, "fetch(\"https://sp.example.com/acs\", {\n  \"headers\": {},\n  \"body\": \"", as_form,
                "\",\n  \"method\": \"POST\"\n});");
}

static void
as_powershell(struct buf *out)
{
    add_between(out, "Invoke-WebRequest -Uri \"https://sp.example.com/acs\" `\n-Method \"POST\" `\n-Body \"", as_form,
                "\"");
}

static void
as_text(struct buf *out)
{
    add_between(out, "Hi,\n\nthis is what was posted:\n\n", as_wrapped_base64, "\nWhat is wrong with it?\n");
}

static void
as_mail(struct buf *out)
{
    add_between(out, MAIL_HEAD "\r\nThis was posted:\r\n\r\n", as_wrapped_base64, "\r\nWhat is wrong?\r\n");
}

/* Quoted-printable: "=" as "=3D", lines of 70 with a soft end. */
static void
as_quoted_mail(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    buf_add_c(out, MAIL_HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\nIt was\r\n");
    for (size_t i = 0; i < form.len; i++) {
        if (i % 70 == 69)
            buf_add_c(out, "=\r\n");
        if (form.bytes[i] == '=')
            buf_add_c(out, "=3D");
        else
            buf_add_byte(out, form.bytes[i]);
    }
    buf_add_c(out, "\r\n");
    buf_release(&form);
}

static void
as_attachment(struct buf *out)
{
    buf_add_c(out,
              MAIL_HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee below\r\n--b\r\n"
                        "Content-Disposition: attachment; filename=r.xml\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    as_wrapped_base64(out);
    buf_add_c(out, "--b--\r\n");
}

static void
as_wide_base64(struct buf *out)
{
    struct buf one;

    buf_init(&one, ROOM);
    as_base64(&one);
    buf_add(out, "\xff\xfe", 2);
    for (size_t i = 0; i < one.len; i++) {
        buf_add_byte(out, one.bytes[i]);
        buf_add_byte(out, '\0');
    }
    buf_release(&one);
}

static void
add_json(struct buf *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    buf_add_c(out, text);
    free(text);
    json_decref(value);
}

static void
as_har(struct buf *out)
{
    struct buf form;

    buf_init(&form, ROOM);
    as_form(&form);
    add_json(out, json_pack("{s:{s:s, s:{s:s, s:s}, s:[{s:s, s:i, s:{s:s, s:s, s:s, s:[], s:[], s:{s:s, s:s%}}, "
                            "s:{s:i, s:s, s:s, s:[], s:{s:i, s:s, s:s}}}]}}",
                            "log", "version", "1.2", "creator", "name", "test", "version", "1", "entries",
                            "startedDateTime", "2026-01-01T00:00:01.000Z", "time", 5, "request", "method", "POST",
                            "url", acs, "httpVersion", "HTTP/1.1", "headers", "queryString", "postData", "mimeType",
                            "application/x-www-form-urlencoded", "text", form.bytes, form.len, "response", "status",
                            302, "statusText", "Found", "httpVersion", "HTTP/1.1", "headers", "content", "size", 0,
                            "mimeType", "text/html", "text", ""));
    buf_release(&form);
}

/* The posted fields as "params", decoded, as browsers may write them. */
static void
as_har_params(struct buf *out)
{
    struct buf value;

    buf_init(&value, ROOM);
    as_base64(&value);
    add_json(out, json_pack("{s:{s:s, s:[{s:s, s:{s:s, s:s, s:[], s:{s:s, s:[{s:s, s:s%}]}}, s:{s:i, s:[], s:{}}}]}}",
                            "log", "version", "1.2", "entries", "startedDateTime", "2026-01-01T00:00:01.000Z",
                            "request", "method", "POST", "url", acs, "headers", "postData", "mimeType", FORM_TYPE,
                            "params", "name", "SAMLResponse", "value", value.bytes, value.len, "response", "status",
                            302, "headers", "content"));
    buf_release(&value);
}

static void
as_packed_har(struct buf *out)
{
    struct buf har;

    buf_init(&har, ROOM);
    as_har(&har);
    add_gzip(out, buf_str(&har));
    buf_release(&har);
}

static void
as_saml_tracer(struct buf *out)
{
    struct buf value;

    buf_init(&value, ROOM);
    as_base64(&value);
    add_json(out,
             json_pack("{s:[{s:s, s:s, s:s, s:[], s:[[s, s%]], s:[], s:i}], s:s}", "requests", "method", "POST", "url",
                       acs, "protocol", "SAML-P", "requestHeaders", "post", "SAMLResponse", value.bytes, value.len,
                       "responseHeaders", "responseStatus", 200, "timestamp", "2026-01-01T00:00:00.000Z"));
    buf_release(&value);
}

static const struct input_form forms[] = {
    { "XML", INPUT_XML, as_xml },
    { "base64", INPUT_BASE64, as_base64 },
    { "base64 in lines", INPUT_BASE64, as_wrapped_base64 },
    { "base64 in UTF-16", INPUT_BASE64, as_wide_base64 },
    { "URL", INPUT_URL, as_url },
    { "form", INPUT_FORM, as_form },
    { "page", INPUT_HTML, as_page },
    { "HTTP message", INPUT_HTTP, as_http },
    { "HTTP in chunks", INPUT_HTTP, as_chunked },
    { "HTTP with gzip", INPUT_HTTP, as_gzip },
    { "HTTP with deflate", INPUT_HTTP, as_deflate },
    { "HTTP with raw deflate", INPUT_HTTP, as_raw_deflate },
    { "HTTP with br", INPUT_HTTP, as_brotli },
    { "HTTP with zstd", INPUT_HTTP, as_zstd },
    { "multipart", INPUT_HTTP, as_multipart },
    { "JSON", INPUT_JSON, as_json },
    { "HAR", INPUT_HAR, as_har },
    { "HAR with params", INPUT_HAR, as_har_params },
    { "HAR in gzip", INPUT_HAR, as_packed_har },
    { "SAML-tracer", INPUT_SAML_TRACER, as_saml_tracer },
    { "curl", INPUT_CURL, as_curl },
    { "fetch", INPUT_FETCH, as_fetch },
    { "PowerShell", INPUT_POWERSHELL, as_powershell },
    { "text", INPUT_TEXT, as_text },
    { "mail", INPUT_MAIL, as_mail },
    { "mail in quoted-printable", INPUT_MAIL, as_quoted_mail },
    { "attachment", INPUT_MAIL, as_attachment },
};

const struct input_form *
input_form_at(size_t i)
{
    return i < sizeof(forms) / sizeof(forms[0]) ? &forms[i] : NULL;
}

const struct input_form *
input_form_named(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}
