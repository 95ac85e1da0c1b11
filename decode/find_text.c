/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "find_parts.h"
#include "urlform.h"

/*
 * Messages in text that people wrote or programs logged around them. Every candidate is decoded, and only
 * what turns out to be SAML counts.
 */
enum {
    MIN_VALUE = 100,       /* shorter runs of base64 are names, hashes, tokens */
    MIN_WRAPPED = 40,      /* a line that is shorter was not broken by a program */
    MAX_WRAPPED = 132,     /* nor is one that is longer */
    MAX_CANDIDATES = 2000, /* that are decoded */
    MAX_URL = 256 * 1024,
    URL_BUDGET = 16 * 1024 * 1024, /* bytes of URLs that are looked at */
    MAX_TAG = 4096,
    SCRATCH_BYTES = 32 * 1024 * 1024,
};

struct text_scan {
    struct arena *arena;
    const struct saml_options *options;
    struct messages *out;
    unsigned candidates;
    size_t url_bytes;
};

/* Bytes of base64, also in a URL. */
static bool
is_value_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '-' || c == '_' || c == '=' || c == '%';
}

static bool
is_url_byte(char c)
{
    return (unsigned char)c > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '\\' && c != '`';
}

/* Behind a line end: quote marks and blanks of mail. */
static size_t
skip_margin(struct str text, size_t at)
{
    if (str_starts_c(str_from_offset(text, at), "\r"))
        at++;
    if (!str_starts_c(str_from_offset(text, at), "\n"))
        return SIZE_MAX;
    at++;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '>'))
        at++;
    return at;
}

/* End of the run of such bytes that begins at. */
static size_t
run_end(struct str text, size_t at, bool (*belongs)(char))
{
    while (at < text.len && belongs(text.ptr[at]))
        at++;
    return at;
}

/* Where a run that ends at stop goes on: in the next line, when that holds nothing else. SIZE_MAX: nowhere. */
static size_t
next_line(struct str text, size_t stop, bool (*belongs)(char))
{
    size_t next = skip_margin(text, stop), end;

    if (next == SIZE_MAX)
        return SIZE_MAX;
    end = run_end(text, next, belongs);
    if (end == next || (end < text.len && text.ptr[end] != '\r' && text.ptr[end] != '\n'))
        return SIZE_MAX;
    return next;
}

/* Length of the line up to stop, which is in it, without the margin; over MAX_WRAPPED when it is longer. */
static size_t
line_width(struct str text, size_t stop)
{
    size_t start = stop;

    while (start > 0 && stop - start < 2 * MAX_WRAPPED && text.ptr[start - 1] != '\n')
        start--;
    while (start < stop && (text.ptr[start] == ' ' || text.ptr[start] == '\t' || text.ptr[start] == '>'))
        start++;
    return stop - start;
}

/* The run at, with its lines joined while they are as long as the first. *end: where it ends in text. Absent: the arena refuses. */
static struct str
joined_run(struct arena *arena, struct str text, size_t at, bool (*belongs)(char), size_t *end)
{
    size_t first = run_end(text, at, belongs), stop = first, line = first - at, length = line, next, width;
    char *copy;

    width = line >= MIN_WRAPPED ? line_width(text, first) : 0;
    while (width >= MIN_WRAPPED && width <= MAX_WRAPPED && (stop == first || line == width) &&
           (next = next_line(text, stop, belongs)) != SIZE_MAX) {
        stop = run_end(text, next, belongs);
        line = stop - next;
        length += line;
    }
    *end = stop;
    if (stop == first)
        return str_slice(text, at, length);
    copy = arena_alloc(arena, length);
    if (copy == NULL)
        return (struct str){ 0 };
    for (size_t from = at, to = 0; to < length; from = next_line(text, first, belongs)) {
        first = run_end(text, from, belongs);
        memcpy(copy + to, text.ptr + from, first - from);
        to += first - from;
    }
    return (struct str){ copy, length };
}

static bool
is_saml(const struct message *message)
{
    if (message->saml != NULL)
        return message->saml->kind != MESSAGE_UNKNOWN;
    return str_find_c(str_slice(message->xml, 0, MAX_TAG), "urn:oasis:names:tc:SAML:") != SIZE_MAX;
}

/* Decodes a candidate, first aside, because most are nothing; keeps it when it is SAML. */
static bool
try_value(struct text_scan *scan, struct str value, bool *found)
{
    struct message none = { .binding = BINDING_NONE }, trial = none, *message;
    struct arena *scratch;

    *found = false;
    if (scan->candidates++ >= MAX_CANDIDATES)
        return true;
    scratch = arena_new(SCRATCH_BYTES);
    if (scratch == NULL)
        return false;
    find_decode(scratch, value, NULL, &trial);
    *found = is_saml(&trial);
    arena_free(scratch);
    if (!*found)
        return true;
    message = find_append(scan->arena, scan->out, &none);
    if (message != NULL)
        find_decode(scan->arena, value, scan->options, message);
    return !arena_failed(scan->arena);
}

/* A URL, or name=value pairs, at *at. Moves behind it when it carried a message. */
static bool
try_parameters(struct text_scan *scan, struct str text, size_t *at, bool *found)
{
    struct message like = { .binding = BINDING_HTTP_REDIRECT };
    size_t before = scan->out->count, end, parameter;
    struct str run, base, query, fragment;

    *found = false;
    if (scan->url_bytes >= URL_BUDGET)
        return true;
    run = joined_run(scan->arena, str_slice(text, 0, *at + MAX_URL), *at, is_url_byte, &end);
    if (!str_present(run))
        return false;
    scan->url_bytes += run.len;
    parameter = find_parameter(scan->options, run);
    if (parameter == SIZE_MAX || scan->candidates++ >= MAX_CANDIDATES)
        return true;
    if (str_cut(run, '?', &base, &query)) {
        str_cut(query, '#', &query, &fragment);
        like.url = find_endpoint(scan->arena, run);
    } else {
        query = str_from_offset(run, parameter);
        like.binding = BINDING_HTTP_POST;
    }
    if (!find_in_query(scan->arena, query, &like, like.binding == BINDING_HTTP_POST ? STEP_FORM : STEP_QUERY,
                       scan->options, scan->out))
        return false;
    for (size_t i = before; i < scan->out->count; i++)
        *found = *found || is_saml(&scan->out->items[i]) || scan->out->items[i].artifact.present ||
                 message_is_wsfed_request(&scan->out->items[i]);
    if (*found)
        *at = end;
    else
        scan->out->count = before;
    return true;
}

/* A run of base64 at *at; always moves behind it. */
static bool
try_base64(struct text_scan *scan, struct str text, size_t *at, bool *found)
{
    size_t end;
    struct str run = joined_run(scan->arena, text, *at, is_value_byte, &end), name, value;

    *found = false;
    if (!str_present(run))
        return false;
    *at = end;
    if (str_cut(run, '=', &name, &value) && name.len < MIN_WRAPPED && value.len > 2) /* name=value */
        run = value;
    return run.len < MIN_VALUE || try_value(scan, run, found);
}

/* Local name of a document element that we read. */
static bool
is_message_name(struct str name)
{
    static const char *const names[] = { "Response",
                                         "Assertion",
                                         "AuthnRequest",
                                         "LogoutRequest",
                                         "LogoutResponse",
                                         "ArtifactResolve",
                                         "Envelope",
                                         "ArtifactResponse",
                                         "EntityDescriptor",
                                         "EntitiesDescriptor",
                                         "RequestSecurityTokenResponse",
                                         "RequestSecurityTokenResponseCollection" };
    size_t colon = str_find_byte(name, ':');

    name = colon == SIZE_MAX ? name : str_from_offset(name, colon + 1);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

static bool
is_name_byte(char c)
{
    return is_value_byte(c) || c == ':' || c == '.';
}

/* XML of SAML at *at, to its end tag or the end of the text. Moves behind it when it is one. */
static bool
try_xml(struct text_scan *scan, struct str text, size_t *at, bool *found)
{
    struct str rest = str_from_offset(text, *at), name, tag;
    size_t end, close;

    *found = false;
    name = str_slice(rest, 1, run_end(str_slice(rest, 0, 80), 1, is_name_byte) - 1);
    close = str_find_byte(str_slice(rest, 0, MAX_TAG), '>');
    if (!is_message_name(name) || close == SIZE_MAX || scan->candidates >= MAX_CANDIDATES)
        return true;
    tag = arena_printf(scan->arena, "</%.*s", STR_ARG(name));
    end = rest.ptr[close - 1] == '/' ? close : str_find(rest, tag);
    if (end != SIZE_MAX)
        close = str_find_byte(str_from_offset(rest, end), '>');
    if (end != SIZE_MAX && close != SIZE_MAX)
        rest = str_slice(rest, 0, end + close + 1);
    if (!try_value(scan, rest, found))
        return false;
    if (*found)
        *at += rest.len;
    return true;
}

static bool
begins_word(struct str text, size_t at)
{
    return at == 0 || !is_value_byte(text.ptr[at - 1]);
}

static bool
begins_parameters(struct str text, size_t at)
{
    struct str rest = str_from_offset(text, at);

    return str_starts_nocase(rest, STR("http://")) || str_starts_nocase(rest, STR("https://")) ||
           str_starts_nocase(rest, STR("SAML")) || str_starts_c(rest, "wresult=") || str_starts_c(rest, "wa=") ||
           str_starts_c(rest, "RelayState=");
}

static bool
scan_text(struct text_scan *scan, struct str text)
{
    size_t at = 0;

    while (at < text.len) {
        bool found = false;

        if (text.ptr[at] == '<') {
            if (!try_xml(scan, text, &at, &found))
                return false;
            at += !found;
        } else if (!is_value_byte(text.ptr[at])) {
            at++;
        } else {
            if (begins_word(text, at) && begins_parameters(text, at) && !try_parameters(scan, text, &at, &found))
                return false;
            if (!found && !try_base64(scan, text, &at, &found))
                return false;
        }
    }
    return true;
}

/* Quoted-printable to what it was (RFC 2045 6.7). */
static struct str
unquoted(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t length = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        struct str rest = str_from_offset(text, i);

        if (str_starts_c(rest, "=\r\n")) {
            i += 2;
        } else if (str_starts_c(rest, "=\n")) {
            i++;
        } else if (rest.len >= 3 && rest.ptr[0] == '=' && hex_value(rest.ptr[1]) >= 0 && hex_value(rest.ptr[2]) >= 0) {
            out[length++] = (char)(hex_value(rest.ptr[1]) << 4 | hex_value(rest.ptr[2]));
            i += 2;
        } else {
            out[length++] = text.ptr[i];
        }
    }
    return (struct str){ out, length };
}

static bool
all_whole(const struct messages *messages, size_t from)
{
    for (size_t i = from; i < messages->count; i++)
        if (messages->items[i].saml == NULL && !messages->items[i].artifact.present)
            return false;
    return messages->count > from;
}

bool
find_in_text(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    struct text_scan scan = { .arena = arena, .options = options, .out = out };
    struct messages second = { 0 };
    size_t before = out->count;

    if (!scan_text(&scan, text))
        return false;
    if (all_whole(out, before) || (str_find_c(text, "=\n") == SIZE_MAX && str_find_c(text, "=\r\n") == SIZE_MAX))
        return true;
    /* A "=" at the end of a line may be padding, so this comes second, and counts only when it finds more. */
    scan = (struct text_scan){ .arena = arena, .options = options, .out = &second };
    text = unquoted(arena, text);
    if (!str_present(text) || !scan_text(&scan, text))
        return false;
    if (all_whole(&second, 0) || (second.count > 0 && out->count == before))
        *out = second;
    return true;
}
