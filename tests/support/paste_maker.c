/* SPDX-License-Identifier: MIT */
#include "paste_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base64.h"
#include "oauth_types.h"

enum { ROOM = 1 << 20 };

#define RESPONSE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"
#define REQUEST                                                                                                        \
    "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_q\" Version=\"2.0\" "              \
    "IssueInstant=\"2026-01-01T00:00:00Z\"/>"

static const struct saml_options options;

/* Base64 of XML, in lines of `width` (0: one line) that end with `line_end`. */
static void
add_base64(struct buf *out, struct str bytes, size_t width, const char *line_end)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    base64_encode(&text, bytes);
    for (size_t i = 0; i < text.len; i++) {
        if (width > 0 && i > 0 && i % width == 0)
            buf_add_c(out, line_end);
        buf_add_byte(out, text.bytes[i]);
    }
    buf_release(&text);
}

static void
add_deflated(struct buf *out, const char *text, const char *plus)
{
    unsigned char packed[1024];
    z_stream stream = { 0 };
    struct buf base64;

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    buf_init(&base64, 1 << 16);
    base64_encode(&base64, (struct str){ (char *)packed, stream.total_out });
    for (size_t i = 0; i < base64.len; i++) {
        if (strchr("+/=", base64.bytes[i]) != NULL)
            buf_printf(out, "%s%02X", plus, (unsigned)base64.bytes[i]);
        else
            buf_add_byte(out, base64.bytes[i]);
    }
    buf_release(&base64);
}

/* Each byte in from is written as its text in to, the rest as it is. */
static void
add_replaced(struct buf *out, struct str text, const char *from, const char *const to[])
{
    for (size_t i = 0; i < text.len; i++) {
        const char *found = strchr(from, text.ptr[i]);

        if (found != NULL)
            buf_add_c(out, to[found - from]);
        else
            buf_add_byte(out, text.ptr[i]);
    }
}

/* The base64 of RESPONSE, changed as the letter says. */
static void
add_changed_base64(struct buf *out, char letter)
{
    static const char *const upper[] = { "%2B", "%2F", "%3D" }, *const lower[] = { "%2b", "%2f", "%3d" };
    static const char *const twice[] = { "%252B", "%252F", "%253D" }, *const json[] = { "+", "\\/", "\\u003d" };
    static const char *const wide[] = { "A\xe2\x80\x8b" };
    struct buf text;

    buf_init(&text, ROOM);
    add_base64(&text, STR(RESPONSE), 0, "");
    if (letter == 'Z')
        add_replaced(out, buf_str(&text), "A", wide);
    else
        add_replaced(out, buf_str(&text), "+/=",
                     letter == 'P'   ? upper
                     : letter == 'p' ? lower
                     : letter == 'D' ? twice
                                     : json);
    buf_release(&text);
}

static void
add_gzip(struct buf *out, struct str bytes)
{
    unsigned char packed[8192];
    z_stream stream = { 0 };

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes.ptr;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    buf_add(out, packed, stream.total_out);
}

/* Base64 of a HAR in which RESPONSE is posted to https://sp.test/acs. */
static void
add_har(struct buf *out, bool gzip)
{
    struct buf har, packed;

    buf_init(&har, ROOM);
    buf_init(&packed, ROOM);
    buf_add_c(&har, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"t\",\"version\":\"1\"},\"entries\":[{"
                    "\"startedDateTime\":\"2026-01-01T00:00:00Z\",\"request\":{\"method\":\"POST\",\"url\":"
                    "\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":"
                    "\"application/x-www-form-urlencoded\",\"text\":\"SAMLResponse=");
    add_changed_base64(&har, 'P');
    buf_add_c(&har, "\"}},\"response\":{\"status\":200,\"headers\":[],\"content\":{}}}]}}");
    add_gzip(&packed, buf_str(&har));
    add_base64(out, gzip ? buf_str(&packed) : buf_str(&har), 76, "\r\n");
    buf_release(&packed);
    buf_release(&har);
}

static void
add_piece(struct buf *out, char letter)
{
    static const char *const references[] = { "&lt;", "&gt;", "&quot;" };

    switch (letter) {
    case 'B':
        add_base64(out, STR(RESPONSE), 0, "");
        break;
    case 'W':
        add_base64(out, STR(RESPONSE), 64, "\r\n");
        break;
    case 'M':
        add_base64(out, STR(RESPONSE), 60, "\n> ");
        break;
    case 'S':
        add_base64(out, STR(RESPONSE), 60, "=\n");
        break;
    case 'Q':
        add_deflated(out, REQUEST, "%");
        break;
    case 'C':
        add_deflated(out, REQUEST, "^%^");
        break;
    case '3':
        buf_add_c(out, "=3D");
        add_deflated(out, REQUEST, "=\r\n%");
        break;
    case 'X':
        add_replaced(out, STR(RESPONSE), "<>\"", references);
        break;
    case 'R':
        buf_add_c(out, RESPONSE);
        break;
    case 'A':
        buf_add_c(out, REQUEST);
        break;
    case 'H':
    case 'G':
        add_har(out, letter == 'G');
        break;
    default:
        add_changed_base64(out, letter);
    }
}

struct str
paste_fill(struct arena *arena, const char *text)
{
    struct buf out;
    struct str s;

    buf_init(&out, ROOM);
    for (; *text != '\0'; text++) {
        if (text[0] != '{' || text[1] == '\0' || strchr("BWMSQC3PpDJXRAZHG", text[1]) == NULL || text[2] != '}') {
            buf_add_byte(&out, *text);
            continue;
        }
        add_piece(&out, text[1]);
        text += 2;
    }
    s = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return s;
}

static const char *
kind_word(const struct message *message)
{
    if (message->saml == NULL)
        return message->oauth != NULL ? oauth_kind_name(message->oauth->kind) : "none";
    return message->saml->kind == MESSAGE_RESPONSE        ? "response"
           : message->saml->kind == MESSAGE_AUTHN_REQUEST ? "request"
                                                          : "other";
}

static void
describe(struct buf *out, const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++) {
        const struct message *message = &messages->items[i];

        buf_printf(out, "%s %s", binding_name(message->binding), kind_word(message));
        if (str_present(message->url))
            buf_printf(out, " %.*s", STR_ARG(message->url));
        if (str_present(message->relay_state))
            buf_printf(out, " relay=%.*s", STR_ARG(message->relay_state));
        for (size_t j = 0; j < message->anomaly_count; j++)
            buf_printf(out, " %s", anomaly_name(message->anomalies[j].id));
        buf_add_c(out, ";");
    }
}

static void
check(const struct paste_row *row)
{
    struct arena *arena = arena_new(64 << 20);
    struct messages messages = { 0 };
    struct str text = paste_fill(arena, row->text);
    struct input input;
    struct buf got;

    buf_init(&got, ROOM);
    find_input(arena, text, &options, &input);
    describe(&got, &input.messages);
    for (size_t i = 0; i < input.exchange_count; i++)
        assert_true(find_messages(arena, &input.exchanges[i], &options, &messages));
    describe(&got, &messages);
    if (input.kind != row->kind || (input.kind != INPUT_UNKNOWN ? !str_eq_c(buf_str(&got), row->wanted)
                                                                : !str_starts_c(input.problem, row->wanted)))
        fail_msg("%s\nis %s: %.*s (%.*s)\nwanted: %s", row->text, input_kind_name(input.kind), (int)got.len,
                 buf_str(&got).ptr, STR_ARG(input.problem), row->wanted);
    buf_release(&got);
    arena_free(arena);
}

void
paste_check(const struct paste_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&rows[i]);
}
