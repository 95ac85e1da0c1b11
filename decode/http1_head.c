/* SPDX-License-Identifier: MIT */
#include "http1_head.h"

#include <string.h>

enum { MAX_METHOD = 32, MAX_LENGTH_BITS = 53 };

void
http1_deviate(struct http1_reader *reader, enum http1_deviation deviation)
{
    reader->deviations |= UINT32_C(1) << deviation;
}

/* tchar of RFC 9110 5.6.2: one bit per byte value. */
static bool
is_token_byte(char c)
{
    static const uint64_t tokens[4] = { 0x03ff6cfa00000000, 0x57ffffffc7fffffe };
    unsigned char byte = (unsigned char)c;

    return (tokens[byte / 64] >> byte % 64 & 1) != 0;
}

static bool
is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_byte(s.ptr[i]))
            return false;
    return s.len > 0;
}

static struct str
trim_blanks(struct str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = str_from_offset(s, 1);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/*
 * True when a byte below 0x20 or 0x7f is in s. Eight bytes at a time, the last eight perhaps twice: a
 * borrow or a carry sets the top bit of a byte that is too small or equal (and perhaps of the one
 * above it, never without cause).
 */
static bool
has_control(struct str s)
{
    const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;

    for (size_t i = 0; s.len >= 8 && i < s.len; i += 8) {
        uint64_t bytes, deletes;

        memcpy(&bytes, s.ptr + (i + 8 <= s.len ? i : s.len - 8), sizeof bytes);
        deletes = bytes ^ ones * 0x7f;
        if (((((bytes - ones * 0x20) & ~bytes) | ((deletes - ones) & ~deletes)) & tops) != 0)
            return true;
    }
    for (size_t i = 0; s.len < 8 && i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return true;
    return false;
}

bool
http1_head_plausible(const struct http1_reader *reader)
{
    static const struct str start = STR_INIT("HTTP/1.");
    struct str s = buf_str(&reader->head);
    size_t i;

    if (reader->side == HTTP1_RESPONSE)
        return s.len < start.len ? str_starts(start, s) : str_starts(s, start);
    for (i = 0; i < s.len && i <= MAX_METHOD && is_token_byte(s.ptr[i]); i++)
        ;
    if (i == s.len)
        return true;
    return i > 0 && i <= MAX_METHOD && s.ptr[i] == ' ';
}

static bool
is_version(struct str s)
{
    return s.len == 8 && str_starts_c(s, "HTTP/1.") && s.ptr[7] >= '0' && s.ptr[7] <= '9';
}

/* The target may hold blanks that do not belong there: the version is what follows the last one. */
static bool
parse_request_line(struct http1_reader *reader, struct str line)
{
    struct str rest;
    size_t end;

    if (!str_cut(line, ' ', &reader->method, &rest) || !is_token(reader->method) || reader->method.len > MAX_METHOD)
        return false;
    for (end = rest.len; end > 0 && rest.ptr[end - 1] != ' '; end--)
        ;
    if (end < 2)
        return false;
    reader->version = str_from_offset(rest, end);
    reader->target = str_slice(rest, 0, end - 1);
    if (!is_version(reader->version))
        return false;
    for (size_t i = 0; i < reader->target.len; i++) {
        unsigned char c = (unsigned char)reader->target.ptr[i];

        if (c <= 0x20 || c >= 0x7f)
            http1_deviate(reader, HTTP1_TARGET);
    }
    return true;
}

static bool
parse_status_line(struct http1_reader *reader, struct str line)
{
    struct str rest, code;
    uint64_t status;

    str_cut(line, ' ', &reader->version, &rest);
    if (!is_version(reader->version))
        return false;
    str_cut(rest, ' ', &code, &reader->reason);
    if (code.len != 3 || !str_to_u64(code, &status) || status < 100)
        return false;
    reader->status = (unsigned)status;
    if (!str_present(reader->reason))
        reader->reason = STR("");
    return true;
}

/*
 * Cuts one line off *rest, without its line end; notes bare LF, bare CR and control bytes. The head
 * is ours, so a bare CR can stay in place: only its deviation matters.
 */
static struct str
next_line(struct http1_reader *reader, struct str *rest)
{
    struct str line, tail;

    str_cut(*rest, '\n', &line, &tail);
    *rest = tail;
    if (line.len >= HTTP1_MAX_LINE)
        http1_deviate(reader, HTTP1_LINE_TOO_LONG);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    else
        http1_deviate(reader, HTTP1_BARE_LF);
    if (!has_control(line))
        return line;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];

        if (c == '\r')
            http1_deviate(reader, HTTP1_BARE_CR);
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            http1_deviate(reader, HTTP1_CONTROL_BYTE);
    }
    return line;
}

/*
 * A continuation line belongs to the field before it: blanks take the place of the line end between
 * them. Returns false for a folded framing field, which two readers may take for two different things.
 */
static bool
unfold(struct http1_reader *reader, struct str line)
{
    struct header *last;
    char *gap;

    http1_deviate(reader, HTTP1_OBS_FOLD);
    if (reader->headers.count == 0)
        return true;
    last = &reader->fields[reader->headers.count - 1];
    if (str_eq_nocase(last->name, STR("Content-Length")) || str_eq_nocase(last->name, STR("Transfer-Encoding"))) {
        http1_deviate(reader, HTTP1_BAD_LENGTH);
        return false;
    }
    gap = reader->head.bytes + (last->value.ptr + last->value.len - reader->head.bytes);
    for (const char *p = gap; p < line.ptr; p++)
        if (strchr(" \t\r\n", *p) == NULL)
            return true; /* the line before was left out, so is this one */
    memset(gap, ' ', (size_t)(line.ptr - gap));
    last->value.len = (size_t)(line.ptr + line.len - last->value.ptr);
    last->value = trim_blanks(last->value);
    return true;
}

static bool
note_length(struct http1_reader *reader, struct str value)
{
    struct str item, rest = value;
    bool more;

    do {
        uint64_t length;

        more = str_cut(rest, ',', &item, &rest);
        if (!str_to_u64(trim_blanks(item), &length) || length >> MAX_LENGTH_BITS != 0 ||
            (reader->has_length && reader->content_length != length)) {
            http1_deviate(reader, HTTP1_BAD_LENGTH);
            return false;
        }
        if (reader->has_length)
            http1_deviate(reader, HTTP1_LENGTH_REPEATED);
        reader->has_length = true;
        reader->content_length = length;
    } while (more);
    return true;
}

static void
note_transfer_coding(struct http1_reader *reader, struct str value)
{
    struct str item, rest = value;
    bool more;

    if (reader->version.ptr[7] == '0')
        http1_deviate(reader, HTTP1_TRANSFER_CODING_IN_10);
    reader->has_transfer_coding = true;
    do {
        more = str_cut(rest, ',', &item, &rest);
        item = trim_blanks(item);
        if (item.len == 0)
            continue;
        if (reader->is_chunked || !str_eq_nocase(item, STR("chunked")))
            http1_deviate(reader, HTTP1_TRANSFER_CODING);
        reader->is_chunked = str_eq_nocase(item, STR("chunked"));
    } while (more);
}

/* Reads one field line. Returns false when framing becomes unknowable. */
static bool
parse_field(struct http1_reader *reader, struct str line, unsigned *hosts)
{
    struct str name, value;

    if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return unfold(reader, line);
    if (!str_cut(line, ':', &name, &value)) {
        http1_deviate(reader, HTTP1_FIELD_NAME);
        return true;
    }
    if (name.len > 0 && (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '\t')) {
        http1_deviate(reader, HTTP1_SPACE_BEFORE_COLON);
        name = trim_blanks(name);
    }
    if (!is_token(name)) {
        http1_deviate(reader, HTTP1_FIELD_NAME);
        return true;
    }
    value = trim_blanks(value);
    if (str_eq_nocase(name, STR("Host")))
        ++*hosts;
    if (reader->headers.count == HTTP1_MAX_FIELDS)
        http1_deviate(reader, HTTP1_TOO_MANY_FIELDS);
    else
        reader->fields[reader->headers.count++] = (struct header){ name, value };
    if (str_eq_nocase(name, STR("Transfer-Encoding")))
        note_transfer_coding(reader, value);
    return !str_eq_nocase(name, STR("Content-Length")) || note_length(reader, value);
}

bool
http1_head_parse(struct http1_reader *reader)
{
    struct str rest = buf_str(&reader->head), line;
    unsigned hosts = 0;
    bool ok;

    reader->head_bytes = rest.len;
    reader->headers = (struct headers){ reader->fields, 0 };
    line = next_line(reader, &rest);
    ok = reader->side == HTTP1_REQUEST ? parse_request_line(reader, line) : parse_status_line(reader, line);
    if (!ok) {
        http1_deviate(reader, HTTP1_NOT_HTTP);
        return false;
    }
    while ((line = next_line(reader, &rest)).len > 0)
        if (!parse_field(reader, line, &hosts))
            return false;
    if (reader->side == HTTP1_REQUEST && hosts != 1) {
        if (hosts > 1)
            http1_deviate(reader, HTTP1_HOST_REPEATED);
        else if (reader->version.ptr[7] != '0')
            http1_deviate(reader, HTTP1_HOST_MISSING);
    }
    return true;
}

static bool
response_without_body(const struct http1_reader *reader, enum http1_asked asked)
{
    unsigned status = reader->status;

    return asked == HTTP1_ASKED_HEAD || status < 200 || status == 204 || status == 304 ||
           (asked == HTTP1_ASKED_CONNECT && status < 300);
}

enum http1_framing
http1_head_framing(struct http1_reader *reader, enum http1_asked asked)
{
    enum http1_framing framing = HTTP1_FRAMING_LENGTH;

    if (reader->has_transfer_coding && reader->has_length)
        http1_deviate(reader, HTTP1_LENGTH_AND_CHUNKED);
    if (reader->side == HTTP1_RESPONSE && response_without_body(reader, asked))
        return HTTP1_FRAMING_LENGTH;
    if (reader->has_transfer_coding) {
        reader->has_length = false;
        reader->content_length = 0;
        framing = reader->is_chunked ? HTTP1_FRAMING_CHUNKED : HTTP1_FRAMING_UNTIL_CLOSE;
    } else if (!reader->has_length && reader->side == HTTP1_RESPONSE) {
        framing = HTTP1_FRAMING_UNTIL_CLOSE;
    }
    reader->has_body = framing != HTTP1_FRAMING_LENGTH || reader->content_length > 0;
    return framing;
}
