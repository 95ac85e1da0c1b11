/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "buf.h"
#include "find.h"

/* Long enough for several lines of base64, with "+" and "/" in it. */
#define DOCUMENT                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" Version=\"2.0\" "                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">"         \
    "https://idp.example.com/?~~~>>>???x\xc3\xbf\xc3\xbe</saml:Issuer><samlp:Status><samlp:StatusCode "                \
    "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status></samlp:Response>"

/*
 * How a value is made from DOCUMENT, one letter a layer:
 *   b base64     r deflate raw  z zlib  g gzip     p percent-encode   h character references
 *   u URL-safe   w lines of 76  l lines of 64 with blanks             _ "+" becomes a blank
 *   - padding off   + surplus padding   x data behind the padding   * a foreign byte   % a bad escape
 *   t bytes behind   c last 60 bytes off   B byte order mark   W UTF-16LE with mark   V UTF-16BE without
 *   N NUL behind   L declared ISO-8859-1   U declared UTF-7   n line end behind   H half of it
 */
static const struct row {
    const char *layers;
    enum binding binding;
    const char *wanted; /* steps|anomalies */
} rows[] = {
    /* as it should be */
    { "b", BINDING_HTTP_POST, "base64|" },
    { "rb", BINDING_HTTP_REDIRECT, "base64,inflate|" },
    { "b", BINDING_SIMPLE_SIGN, "base64|" },
    { "b", BINDING_FORM_PAGE, "base64|" },
    { "", BINDING_NONE, "|" },
    { "b", BINDING_NONE, "base64|" },
    { "bn", BINDING_NONE, "base64|" },
    { "rb", BINDING_NONE, "base64,inflate|" },
    { "bp", BINDING_NONE, "percent,base64|" },
    { "p", BINDING_NONE, "percent|" },
    { "", BINDING_SOAP, "|" },
    /* 1, 2: percent-encoding */
    { "bp", BINDING_HTTP_POST, "percent-again,base64|double-percent" },
    { "bpp", BINDING_HTTP_POST, "percent-again,percent-again,base64|double-percent" },
    { "bppp", BINDING_HTTP_POST, "percent-again,percent-again|double-percent,not-decodable" },
    { "rbp", BINDING_HTTP_REDIRECT, "percent-again,base64,inflate|double-percent" },
    { "bpp", BINDING_NONE, "percent,percent-again,base64|double-percent" },
    { "bp%", BINDING_NONE, "percent,base64|bad-percent,base64-trailing,base64-invalid" },
    /* 3: blanks that were plus */
    { "b_", BINDING_HTTP_POST, "base64|plus-as-space" },
    { "b_", BINDING_NONE, "base64|plus-as-space" },
    /* 4: lines */
    { "bw", BINDING_HTTP_POST, "base64|base64-wrapped" },
    { "bw", BINDING_NONE, "base64|base64-wrapped" },
    { "bl", BINDING_HTTP_POST, "base64|base64-wrapped" },
    { "rbw", BINDING_HTTP_REDIRECT, "base64,inflate|base64-wrapped" },
    { "bn", BINDING_HTTP_POST, "base64|base64-wrapped" },
    /* 5, 6: alphabet and padding */
    { "bu", BINDING_HTTP_POST, "base64|base64-urlsafe" },
    { "b-", BINDING_HTTP_POST, "base64|base64-padding" },
    { "b+", BINDING_HTTP_POST, "base64|base64-padding" },
    { "bx", BINDING_HTTP_POST, "base64|base64-trailing" },
    { "b*", BINDING_HTTP_POST, "base64|base64-invalid" },
    { "bu-_", BINDING_HTTP_POST, "base64|base64-urlsafe,base64-padding" },
    /* 7, 8: compression */
    { "rb", BINDING_HTTP_POST, "base64,inflate|deflated-post" },
    { "rb", BINDING_FORM_PAGE, "base64,inflate|deflated-post" },
    { "zb", BINDING_HTTP_REDIRECT, "base64,inflate-zlib|zlib-wrapped" },
    { "gb", BINDING_HTTP_REDIRECT, "base64,inflate-gzip|gzip-wrapped" },
    { "zb", BINDING_NONE, "base64,inflate-zlib|zlib-wrapped" },
    { "b", BINDING_HTTP_REDIRECT, "base64|not-deflated" },
    { "", BINDING_HTTP_REDIRECT, "|not-deflated,base64-invalid" },
    { "", BINDING_HTTP_POST, "|base64-invalid" },
    { "rtb", BINDING_HTTP_REDIRECT, "base64,inflate|inflate-trailing" },
    { "rcb", BINDING_HTTP_REDIRECT, "base64,inflate|inflate-broken,truncated" },
    { "rrb", BINDING_HTTP_REDIRECT, "base64|not-decodable" }, /* what comes out is no text */
    { "brb", BINDING_HTTP_REDIRECT, "base64,inflate,base64-again|double-base64" },
    /* 9: base64 twice */
    { "bb", BINDING_HTTP_POST, "base64,base64-again|double-base64" },
    { "bbb", BINDING_HTTP_POST, "base64,base64-again,base64-again|double-base64" },
    { "bbbb", BINDING_HTTP_POST, "base64,base64-again,base64-again|double-base64,not-decodable" },
    { "rbb", BINDING_HTTP_REDIRECT, "base64,base64-again,inflate|double-base64" },
    /* 10: character references */
    { "bh", BINDING_HTTP_POST, "html-unescape,base64|html-escaped" },
    { "h", BINDING_NONE, "html-unescape|html-escaped" },
    { "hb", BINDING_HTTP_POST, "base64,html-unescape|html-escaped" },
    /* 11, 12: character sets */
    { "B", BINDING_NONE, "|bom" },
    { "Bb", BINDING_HTTP_POST, "base64|bom" },
    { "Wb", BINDING_HTTP_POST, "base64|charset,bom" },
    { "W", BINDING_NONE, "|charset,bom" },
    { "V", BINDING_NONE, "|charset" },
    { "Lb", BINDING_HTTP_POST, "base64|charset" },
    { "Ub", BINDING_HTTP_POST, "base64|charset" },
    { "Nb", BINDING_HTTP_POST, "base64|nul" },
    /* 13: cut */
    { "cb", BINDING_HTTP_POST, "base64|truncated" },
    { "bH", BINDING_HTTP_POST, "base64|truncated" },
};

static void
compress_into(struct buf *out, struct str in, int window)
{
    z_stream stream = { 0 };
    unsigned char bytes[8192];

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)in.ptr;
    stream.avail_in = (uInt)in.len;
    stream.next_out = bytes;
    stream.avail_out = sizeof(bytes);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    buf_add(out, bytes, stream.total_out);
    deflateEnd(&stream);
}

static void
base64_into(struct buf *out, struct str in)
{
    unsigned char bytes[16384];

    assert_true(in.len < 12000);
    buf_add(out, bytes, (size_t)EVP_EncodeBlock(bytes, (const unsigned char *)in.ptr, (int)in.len));
}

static void
wide_into(struct buf *out, struct str in, bool big_endian)
{
    for (size_t i = 0; i < in.len; i++) {
        char c = (unsigned char)in.ptr[i] < 0x80 ? in.ptr[i] : '?';

        buf_add_byte(out, big_endian ? 0 : c);
        buf_add_byte(out, big_endian ? c : 0);
    }
}

static void
each_byte_into(struct buf *out, struct str in, char layer)
{
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        bool special = strchr("+/=<>\"&% ", c) != NULL;

        if (layer == 'p' && (special || (unsigned char)c > 0x7f))
            buf_printf(out, "%%%02x", (unsigned)(unsigned char)c);
        else if (layer == 'h' && special)
            buf_printf(out, c == '<' ? "&lt;" : "&#%d;", c);
        else if (layer == 'u' && c == '+')
            buf_add_c(out, "-");
        else if (layer == 'u' && c == '/')
            buf_add_c(out, "_");
        else if (layer == '_' && c == '+')
            buf_add_c(out, " ");
        else if (layer != '-' || c != '=')
            buf_add_byte(out, c);
        if (layer == 'w' && i % 76 == 75)
            buf_add_c(out, "\r\n");
        if (layer == 'l' && i % 64 == 63 && i + 1 < in.len)
            buf_add_c(out, " ");
        if (layer == '*' && i == 7)
            buf_add_c(out, "*");
    }
}

static void
apply(struct buf *out, struct str in, char layer)
{
    switch (layer) {
    case 'b':
        base64_into(out, in);
        break;
    case 'r':
        compress_into(out, in, -15);
        break;
    case 'z':
        compress_into(out, in, 15);
        break;
    case 'g':
        compress_into(out, in, 31);
        break;
    case 'c':
        buf_add_str(out, str_slice(in, 0, in.len - 60));
        break;
    case 'H':
        buf_add_str(out, str_slice(in, 0, in.len / 8 * 4));
        break;
    case 'B':
    case 'W':
        buf_add_c(out, layer == 'B' ? "\xef\xbb\xbf" : "\xff\xfe");
        if (layer == 'B')
            buf_add_str(out, in);
        else
            wide_into(out, in, false);
        break;
    case 'V':
        wide_into(out, in, true);
        break;
    case 'L':
    case 'U':
        buf_printf(out, "<?xml version=\"1.0\" encoding=\"%s\"?>", layer == 'L' ? "ISO-8859-1" : "UTF-7");
        buf_add_str(out, in);
        break;
    default:
        each_byte_into(out, in, layer);
        if (layer == '+')
            buf_add_c(out, "=");
        else if (layer == 'x')
            buf_add_c(out, in.ptr[in.len - 1] == '=' ? "AAAA" : "=AAAA");
        else if (layer == '%')
            buf_add_c(out, "%4");
        else if (layer == 't')
            buf_add_c(out, "junk");
        else if (layer == 'N')
            buf_add(out, "\0<x/>", 5);
        else if (layer == 'n')
            buf_add_c(out, "\r\n");
    }
}

static struct str
make_value(struct arena *arena, const char *layers)
{
    struct str value = STR(DOCUMENT);

    for (; *layers != '\0'; layers++) {
        struct buf next;

        buf_init(&next, 1 << 20);
        apply(&next, value, *layers);
        assert_false(buf_failed(&next));
        value = arena_copy(arena, buf_str(&next));
        buf_release(&next);
    }
    return value;
}

static void
describe(struct buf *out, const struct message *message)
{
    for (size_t i = 0; i < message->step_count; i++)
        buf_printf(out, "%s%s", i ? "," : "", decode_step_name(message->steps[i]));
    buf_add_c(out, "|");
    for (int id = 0, n = 0; id < ANOMALY_COUNT; id++)
        for (size_t i = 0; i < message->anomaly_count; i++)
            if ((int)message->anomalies[i].id == id)
                buf_printf(out, "%s%s", n++ ? "," : "", anomaly_name(id));
}

/* The rows name anomalies in the order of a reader; they are compared in the order of the enum. */
static bool
same_set(const char *got, const char *wanted)
{
    struct str left = str_from(wanted), part, rest = left;
    size_t total = strlen(got);
    bool more;

    if (total != left.len)
        return false;
    do {
        more = str_cut(rest, ',', &part, &rest);
        if (str_find(str_from(got), part) == SIZE_MAX)
            return false;
    } while (more);
    return true;
}

static void
each_layer_comes_off(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(8 << 20);
        struct message message = { .binding = rows[i].binding };
        const struct saml_options options = { 0 };
        struct str value = make_value(arena, rows[i].layers), steps, anomalies, wanted_steps, wanted_anomalies;
        struct buf got;
        bool decoded, wanted = strstr(rows[i].wanted, "not-decodable") == NULL;

        if (rows[i].binding == BINDING_HTTP_POST || rows[i].binding == BINDING_HTTP_REDIRECT)
            message.steps[message.step_count++] = rows[i].binding == BINDING_HTTP_POST ? STEP_FORM : STEP_QUERY;
        find_decode(arena, value, &options, &message);
        if (message.step_count > 0 && (message.steps[0] == STEP_FORM || message.steps[0] == STEP_QUERY))
            memmove(message.steps, message.steps + 1, --message.step_count * sizeof(message.steps[0]));
        buf_init(&got, 1 << 16);
        describe(&got, &message);
        str_cut(buf_str(&got), '|', &steps, &anomalies);
        str_cut(str_from(rows[i].wanted), '|', &wanted_steps, &wanted_anomalies);
        decoded = str_present(message.xml);
        if (!str_eq(steps, wanted_steps) || !same_set(anomalies.ptr, wanted_anomalies.ptr) || decoded != wanted) {
            failed++;
            print_error("%s as %s:\n got %s\nwant %s\n", rows[i].layers, binding_name(rows[i].binding),
                        buf_str(&got).ptr, rows[i].wanted);
        }
        assert_true(str_eq(message.original, value));
        buf_release(&got);
        arena_free(arena);
    }
    assert_int_equal(failed, 0);
}

static void
decoded_bytes_are_exact(void **state)
{
    static const char *const layers[] = { "",   "b",  "rb", "b_",  "bw", "bl", "bu",
                                          "b-", "bb", "bh", "bpp", "zb", "gb", "b*" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(layers); i++) {
        struct arena *arena = arena_new(8 << 20);
        struct message message = { .binding = BINDING_NONE };
        const struct saml_options options = { 0 };

        find_decode(arena, make_value(arena, layers[i]), &options, &message);
        if (!str_eq_c(message.xml, DOCUMENT))
            fail_msg("%s gives %.*s", layers[i], STR_ARG(message.xml));
        assert_int_equal(message.xml_status.result, XML_OK);
        assert_non_null(message.saml);
        assert_int_equal(message.saml->kind, MESSAGE_RESPONSE);
        arena_free(arena);
    }
}

static void
places_point_into_the_original(void **state)
{
    struct arena *arena = arena_new(8 << 20);
    struct message message = { .binding = BINDING_HTTP_POST };
    const struct saml_options options = { 0 };

    (void)state;
    find_decode(arena, make_value(arena, "b*"), &options, &message);
    assert_int_equal(message.anomaly_count, 1);
    assert_int_equal(message.anomalies[0].offset, 8);
    assert_string_equal(message.anomalies[0].detail.ptr, "1 byte outside the alphabet, the first is 0x2A");
    arena_free(arena);
}

static void
no_message_is_said_so(void **state)
{
    static const struct {
        struct str value;
        const char *detail;
    } table[] = {
        { STR_INIT(""), "it is empty" },
        { STR_INIT(" \n"), "it is empty" },
        { STR_INIT("eyJhbGciOiJub25lIn0.e30."), "JSON web token" },
        { STR_INIT("hello"), "base64" },
        { STR_INIT("\x01\x02\x03"), "nothing" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena *arena = arena_new(8 << 20);
        struct message message = { .binding = BINDING_HTTP_POST };
        const struct saml_options options = { 0 };
        const struct anomaly *last;

        find_decode(arena, table[i].value, &options, &message);
        assert_false(str_present(message.xml));
        last = &message.anomalies[message.anomaly_count - 1];
        assert_int_equal(last->id, ANOMALY_NOT_DECODABLE);
        assert_non_null(strstr(last->detail.ptr, table[i].detail));
        arena_free(arena);
    }
}

static void
limits_are_kept(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    const struct saml_options options = { 0 };
    struct message message = { .binding = BINDING_HTTP_POST };
    struct message bomb = { .binding = BINDING_HTTP_REDIRECT };
    struct buf text, packed, encoded;

    (void)state;
    buf_init(&text, 8 << 20);
    buf_init(&packed, 8 << 20);
    buf_init(&encoded, 8 << 20);
    while (text.len <= 1536 * 1024)
        buf_add_c(&text, "PHNhbWxw");
    find_decode(arena, buf_str(&text), &options, &message);
    assert_false(str_present(message.xml));
    assert_int_equal(message.anomalies[0].id, ANOMALY_TOO_BIG);
    buf_reset(&text);
    buf_add_c(&text, "<samlp:Response>");
    while (text.len <= 2 * 1024 * 1024)
        buf_add_c(&text, "                ");
    compress_into(&packed, buf_str(&text), -15);
    base64_into(&encoded, buf_str(&packed));
    find_decode(arena, buf_str(&encoded), &options, &bomb);
    assert_int_equal(bomb.anomalies[0].id, ANOMALY_TOO_BIG);
    assert_int_equal(bomb.xml_status.result, XML_TOO_BIG);
    assert_true(bomb.xml.len <= 1024 * 1024);
    buf_release(&text);
    buf_release(&packed);
    buf_release(&encoded);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_layer_comes_off),
        cmocka_unit_test(decoded_bytes_are_exact),
        cmocka_unit_test(places_point_into_the_original),
        cmocka_unit_test(no_message_is_said_so),
        cmocka_unit_test(limits_are_kept),
    };
    const char *why;

    if (!saml_library_init(&why)) {
        print_error("%s\n", why);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
