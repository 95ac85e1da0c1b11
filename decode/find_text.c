/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base64.h"
#include "find_parts.h"
#include "htmlform.h"
#include "jwt.h"
#include "oauth.h"
#include "text_forms.h"

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

/* The sentence goes on behind a URL, or a bracket closes that opened before it. */
static struct str
without_punctuation(struct str run)
{
    while (run.len > 0) {
        char last = run.ptr[run.len - 1];
        char opening = last == ')' ? '(' : last == ']' ? '[' : last == '}' ? '{' : '\0';

        if (opening != '\0' ? str_find_byte(run, opening) != SIZE_MAX : str_find_byte(STR(".,;:!?"), last) == SIZE_MAX)
            break;
        run.len--;
    }
    return run;
}

/* A URL of OAuth or WS-Federation, by the names in it. */
static bool
may_hold_oauth(struct str run)
{
    return str_starts_nocase(run, STR("http")) &&
           (str_find_c(run, "response_type=") != SIZE_MAX || str_find_c(run, "code=") != SIZE_MAX ||
            str_find_c(run, "error=") != SIZE_MAX || str_find_c(run, "wa=wsign") != SIZE_MAX);
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
    run = without_punctuation(run);
    scan->url_bytes += run.len;
    parameter = find_parameter(scan->options, run);
    if (scan->candidates >= MAX_CANDIDATES || (parameter == SIZE_MAX && !may_hold_oauth(run)))
        return true;
    scan->candidates++;
    if (parameter == SIZE_MAX) {
        if (!find_in_url(scan->arena, run, false, scan->options, scan->out))
            return false;
        *found = scan->out->count > before;
        if (*found)
            *at = end;
        return true;
    }
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

static bool
is_token_byte(char c)
{
    return is_value_byte(c) || c == '.';
}

/* A JSON Web Token at *at. Moves behind it when it is one. */
static bool
try_token(struct text_scan *scan, struct str text, size_t *at, bool *found)
{
    size_t before = scan->out->count, end;
    struct str run;

    *found = false;
    if (!str_starts_c(str_from_offset(text, *at), "eyJ") || scan->candidates >= MAX_CANDIDATES)
        return true;
    run = joined_run(scan->arena, text, *at, is_token_byte, &end);
    if (run.len > 0 && run.ptr[run.len - 1] == '.' && !jwt_looks_like(run)) /* the end of a sentence */
        run.len--;
    if (!jwt_looks_like(run))
        return !arena_failed(scan->arena);
    scan->candidates++;
    if (!oauth_find_token(scan->arena, run, scan->options, scan->out))
        return false;
    *found = scan->out->count > before;
    if (*found)
        *at = end;
    return true;
}

/* The base64 of a form body, as gateways log it ("isBase64Encoded"). */
static bool
try_encoded_form(struct text_scan *scan, struct str run, bool *found)
{
    size_t before = scan->out->count;
    struct base64_notes notes;
    struct str body;

    if (!str_starts_c(run, "U0FNTFJl") || scan->candidates++ >= MAX_CANDIDATES) /* SAMLRe */
        return true;
    if (base64_decode(scan->arena, run, &body, &notes) && !find_in_form(scan->arena, body, scan->options, scan->out))
        return false;
    for (size_t i = before; i < scan->out->count; i++)
        find_add_first_step(&scan->out->items[i], STEP_BASE64, body.len);
    *found = scan->out->count > before;
    return !arena_failed(scan->arena);
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
    if (run.len < MIN_VALUE)
        return true;
    return try_encoded_form(scan, run, found) && (*found || try_value(scan, run, found));
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
            if (!found && begins_word(text, at) && !try_token(scan, text, &at, &found))
                return false;
            if (!found && !try_base64(scan, text, &at, &found))
                return false;
        }
    }
    return true;
}

static bool
is_whole(const struct message *message)
{
    return message->saml != NULL || message->artifact.present || message->oauth != NULL || message->scim != NULL ||
           message_is_wsfed_request(message);
}

/* --- what mails, pages and loggers do to texts ------------------------------------------------------------ */

/* Ways to read a text, in the order in which they are tried. */
static const struct way {
    bool quoted;     /* quoted-printable */
    bool tags;       /* tags of HTML are left out */
    bool references; /* &amp; … */
    bool escapes;    /* of JSON */
} ways[] = {
    { false, false, false, false }, { true, false, false, false }, { false, false, true, false },
    { true, false, true, false },   { false, true, true, false },  { true, true, true, false },
    { false, false, false, true },
};

static bool
holds_one_of(struct str text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_find_c(text, words[i]) != SIZE_MAX)
            return true;
    return false;
}

/* Whether a way differs from reading the text as it stands. */
static bool
may_apply(struct str text, const struct way *way)
{
    static const char *const quoted[] = { "=\n", "=\r\n", "=3D" }, *const tags[] = { "</", "<br", "<wbr" };
    static const char *const references[] = { "&amp;", "&#", "&lt;", "&quot;" }, *const escapes[] = { "\\" };

    return (!way->quoted || holds_one_of(text, quoted, COUNT_OF(quoted))) &&
           (!way->tags || holds_one_of(text, tags, COUNT_OF(tags))) &&
           (!way->references || way->tags || holds_one_of(text, references, COUNT_OF(references))) &&
           (!way->escapes || holds_one_of(text, escapes, COUNT_OF(escapes)));
}

/* Parameters stand in the text in that way: read otherwise, they would lose their names. */
static bool
is_called_for(struct str text, const struct way *way)
{
    static const char *const quoted[] = { "SAMLRequest=3D", "SAMLResponse=3D", "RelayState=3D", "href=3D" };
    static const char *const references[] = { "&amp;RelayState=", "&amp;SAML",      "&amp;SigAlg=", "&amp;Signature=",
                                              "&amp;state=",      "&amp;client_id", "&amp;wctx=",   "&amp;scope=" };
    static const char *const escapes[] = { "\\u0026", "\\u003d", "\\u003D" };

    return (way->quoted || way->references || way->escapes) && !way->tags &&
           way->quoted == holds_one_of(text, quoted, COUNT_OF(quoted)) &&
           way->references == holds_one_of(text, references, COUNT_OF(references)) &&
           way->escapes == holds_one_of(text, escapes, COUNT_OF(escapes));
}

static struct str
read_as(struct arena *arena, struct str text, const struct way *way)
{
    if (way->quoted)
        text = text_unquoted(arena, text);
    if (way->tags)
        text = text_without_tags(arena, text);
    if (way->references)
        text = html_unescape(arena, text);
    if (way->escapes)
        text = text_unescaped(arena, text);
    return text;
}

/* What one way of reading brought. */
struct yield {
    struct messages messages;
    size_t whole;
};

/* Reads the text in that way, and keeps what it brings when that is more. False: the arena refuses. */
static bool
try_way(struct text_scan *like, struct str text, const struct way *way, struct yield *best)
{
    struct yield own = { .whole = 0 };
    struct text_scan scan = { .arena = like->arena, .options = like->options, .out = &own.messages };

    text = read_as(scan.arena, text, way);
    if (!str_present(text) || !scan_text(&scan, text))
        return false;
    for (size_t i = 0; i < own.messages.count; i++)
        own.whole += is_whole(&own.messages.items[i]);
    if (own.whole > best->whole || (own.whole == best->whole && own.messages.count > best->messages.count))
        *best = own;
    return true;
}

bool
find_in_text(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    struct text_scan like = { .arena = arena, .options = options };
    struct yield best = { .whole = 0 };

    text = text_cleaned(arena, text);
    if (!str_present(text))
        return false;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < COUNT_OF(ways); i++) {
            bool done = best.whole > 0 && best.whole == best.messages.count;

            if (!done && may_apply(text, &ways[i]) && is_called_for(text, &ways[i]) == (pass == 0) &&
                !try_way(&like, text, &ways[i], &best))
                return false;
        }
    for (size_t i = 0; i < best.messages.count; i++)
        if (find_append(arena, out, &best.messages.items[i]) == NULL)
            return !arena_failed(arena);
    return true;
}
