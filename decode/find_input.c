/* SPDX-License-Identifier: MIT */
#include "base64.h"
#include "capture.h"
#include "find_parts.h"
#include "json_text.h"
#include "mail.h"
#include "oauth.h"
#include "urlform.h"

enum { LOOK_AT = 4096, MAX_NESTED = 3, MIN_INSIDE = 16 };

const char *
input_kind_name(enum input_kind kind)
{
    static const char *const names[INPUT_KIND_COUNT] = {
        [INPUT_UNKNOWN] = "unknown",
        [INPUT_XML] = "xml",
        [INPUT_BASE64] = "base64",
        [INPUT_URL] = "url",
        [INPUT_FORM] = "form",
        [INPUT_HTTP] = "http",
        [INPUT_HTML] = "html",
        [INPUT_HAR] = "har",
        [INPUT_SAML_TRACER] = "saml-tracer",
        [INPUT_CURL] = "curl",
        [INPUT_TEXT] = "text",
        [INPUT_JSON] = "json",
        [INPUT_TOKEN] = "jwt",
        [INPUT_ARTIFACT] = "artifact",
        [INPUT_MAIL] = "mail",
        [INPUT_FETCH] = "fetch",
        [INPUT_POWERSHELL] = "powershell",
    };

    return (unsigned)kind < INPUT_KIND_COUNT ? names[kind] : "unknown";
}

struct reading {
    struct arena *arena;
    const struct saml_options *options;
    struct input *input;
    unsigned depth; /* inside of so many other inputs */
};

/* A bare message: XML in some wrapping. */
static bool
read_bare(struct reading *reading, struct str text, enum input_kind kind)
{
    struct message none = { .binding = BINDING_NONE };
    struct message *message = find_append(reading->arena, &reading->input->messages, &none);

    if (message == NULL)
        return false;
    find_decode(reading->arena, text, reading->options, message);
    if (!str_present(message->xml)) {
        reading->input->messages.count = 0;
        return false;
    }
    reading->input->kind = kind;
    return true;
}

static bool
read_around(struct reading *reading, struct str text)
{
    struct str problem = reading->input->problem;

    reading->input->problem = (struct str){ 0 };
    if (!find_in_text(reading->arena, text, reading->options, &reading->input->messages))
        return false;
    reading->input->kind = INPUT_TEXT;
    if (reading->input->messages.count > 0)
        return true;
    reading->input->problem = problem;
    return false;
}

static bool
read_html(struct reading *reading, struct str text)
{
    struct exchange nowhere = { 0 };
    struct messages *messages = &reading->input->messages;

    if (!find_in_html(reading->arena, text, &nowhere, reading->options, messages))
        return false;
    if (messages->count == 0) { /* a mail or a ticket as a page */
        if (read_around(reading, text) || arena_failed(reading->arena))
            return !arena_failed(reading->arena);
        reading->input->problem =
            STR("an HTML page without a form that carries a SAML message; if a script makes it, it "
                "is seen when the browser posts it");
        return false;
    }
    for (size_t i = 0; i < messages->count; i++)
        messages->items[i].in_response = false;
    reading->input->kind = INPUT_HTML;
    return true;
}

/* --- queries, form bodies, URLs --- */

static bool
begins_field(struct str text, size_t at)
{
    return at == 0 || text.ptr[at - 1] == '?' || text.ptr[at - 1] == '&';
}

/* The name that ends at text[end], an "=", and begins a field; its offset, or SIZE_MAX. */
static size_t
name_before(const struct saml_options *options, struct str text, size_t end)
{
    static const struct str names[] = { STR_INIT("SAMLResponse"), STR_INIT("SAMLRequest"), STR_INIT("SAMLart"),
                                        STR_INIT("wresult"),      STR_INIT("wtrealm"),     STR_INIT("wa") };
    struct str before = str_slice(text, 0, end);

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t at = end - names[i].len;

        if (end >= names[i].len && begins_field(text, at) && str_eq_nocase(str_from_offset(before, at), names[i]) &&
            (!str_eq_c(names[i], "wa") || str_starts_nocase(str_from_offset(text, end + 1), STR("wsign"))))
            return at;
    }
    for (size_t i = 0; options != NULL && i < options->param_name_count; i++) {
        size_t at = end - options->param_names[i].len;

        if (end >= options->param_names[i].len && begins_field(text, at) &&
            str_eq(str_from_offset(before, at), options->param_names[i]))
            return at;
    }
    return SIZE_MAX;
}

size_t
find_parameter(const struct saml_options *options, struct str text)
{
    for (size_t end = 0; end < text.len; end++) {
        size_t next = str_find_byte(str_from_offset(text, end), '='), at;

        if (next == SIZE_MAX)
            return SIZE_MAX;
        end += next;
        at = name_before(options, text, end);
        if (at != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

/* A value that decodes to XML at once was posted; one that must be inflated was in a query (Bind 3.4.4.1). */
static bool
is_query_value(struct reading *reading, struct str query)
{
    struct urlform form;
    struct base64_notes notes;
    struct str bytes;
    bool exact;

    if (!urlform_read(reading->arena, query, &form))
        return false;
    for (size_t i = 0; i < form.count; i++)
        if (find_name(reading->options, form.items[i].name, &exact) == NAME_SAML)
            return base64_decode(reading->arena, form.items[i].value, &bytes, &notes) &&
                   find_sniff(bytes) == SNIFF_BINARY;
    return false;
}

static bool
read_parameters(struct reading *reading, struct str text, size_t at)
{
    struct message like = { .binding = BINDING_HTTP_REDIRECT };
    struct messages *messages = &reading->input->messages;
    size_t question = str_find_byte(str_slice(text, 0, at), '?');
    struct str query = question == SIZE_MAX ? text : str_from_offset(text, question + 1), fragment;

    if (question != SIZE_MAX) {
        str_cut(query, '#', &query, &fragment);
        if (str_starts_nocase(text, STR("http://")) || str_starts_nocase(text, STR("https://")))
            like.url = find_endpoint(reading->arena, text);
        reading->input->kind = INPUT_URL;
    } else if (is_query_value(reading, query)) {
        reading->input->kind = INPUT_URL;
    } else {
        like.binding = BINDING_HTTP_POST;
        reading->input->kind = INPUT_FORM;
    }
    return find_in_query(reading->arena, query, &like, reading->input->kind == INPUT_URL ? STEP_QUERY : STEP_FORM,
                         reading->options, messages) &&
           messages->count > 0;
}

/* --- containers --- */

static bool
read_http(struct reading *reading, struct str text)
{
    struct input *input = reading->input;

    if (!find_http_text(reading->arena, text, &input->exchanges, &input->exchange_count))
        return false;
    if (input->exchange_count == 0) {
        input->problem = STR("begins like an HTTP message, but its head is not complete");
        return false;
    }
    input->kind = INPUT_HTTP;
    return true;
}

/* What is copied as a command: which, how it is read, what is said when there is nothing in it. */
struct copied {
    enum input_kind kind;
    bool (*is_it)(struct str text);
    bool (*read)(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count);
    const char *nothing;
};

static const struct copied copies[] = {
    { INPUT_CURL, find_is_curl_log, find_curl_log, "begins like a curl command, but there is no URL in it" },
    { INPUT_CURL, find_is_curl, find_curl, "begins like a curl command, but there is no URL in it" },
    { INPUT_FETCH, find_is_fetch, find_fetch, "begins like a copied request, but there is no URL in it" },
    { INPUT_POWERSHELL, find_is_powershell, find_powershell,
      "begins like a copied request, but there is no URL in it" },
};

/* NULL: none. */
static const struct copied *
copied_as(struct str text)
{
    for (size_t i = 0; i < COUNT_OF(copies); i++)
        if (copies[i].is_it(text))
            return &copies[i];
    return NULL;
}

static bool
read_copied(struct reading *reading, struct str text, const struct copied *copied)
{
    struct input *input = reading->input;

    if (!copied->read(reading->arena, text, &input->exchanges, &input->exchange_count))
        return false;
    if (input->exchange_count == 0) {
        input->problem = str_from(copied->nothing);
        return false;
    }
    if (input->exchanges[0].request_body.cut)
        input->problem = copied->kind == INPUT_CURL
                             ? STR("the command takes its body, or a part of it, from a file that is not here")
                             : STR("the body is computed where the command runs, so it is not here");
    input->kind = copied->kind;
    return true;
}

/* The body of a multipart form without its head. */
static bool
read_multipart(struct reading *reading, struct str text)
{
    struct message like = { .binding = BINDING_HTTP_POST };

    if (!find_in_multipart(reading->arena, text, (struct str){ 0 }, &like, reading->options, &reading->input->messages))
        return false;
    reading->input->kind = INPUT_FORM;
    if (reading->input->messages.count == 0)
        reading->input->problem = STR("a multipart form without a SAML message in it");
    return reading->input->messages.count > 0;
}

static size_t
first_blank(struct str s)
{
    size_t i = 0;

    while (i < s.len && s.ptr[i] != ' ' && s.ptr[i] != '\n' && s.ptr[i] != '\t')
        i++;
    return i;
}

/* The parameter at stands among words. A form whose "+" became blanks does not: it begins with a field. */
static bool
is_in_text(struct str s, size_t at)
{
    struct str word = str_slice(s, 0, first_blank(s));

    if (str_starts_nocase(s, STR("http://")) || str_starts_nocase(s, STR("https://")))
        return word.len < s.len;
    return word.len < at && str_find_byte(word, '=') == SIZE_MAX;
}

/* JSON that is no capture may be a message, or carry one in a string. */
static bool
read_other_json(struct reading *reading, struct str text)
{
    json_t *root;

    if (!find_in_bare_json(reading->arena, text, reading->options, &reading->input->messages))
        return false;
    if (reading->input->messages.count > 0 || read_around(reading, text)) {
        reading->input->kind = INPUT_JSON;
        return true;
    }
    if (arena_failed(reading->arena))
        return false;
    root = json_text_load(reading->arena, text, &reading->input->problem);
    if (root == NULL)
        return false;
    json_decref(root);
    reading->input->problem = STR("JSON, but neither a HAR file, nor a SAML-tracer export, nor a document of SCIM or "
                                  "OAuth, nor an object with a SAML message in it");
    return false;
}

/* whole: with what stands around it, so that places are those in the file. */
static bool
read_json(struct reading *reading, struct str whole, struct str text)
{
    struct input *input = reading->input;
    enum capture_format format;
    enum capture_result result =
        capture_read(reading->arena, whole, &input->exchanges, &input->exchange_count, &input->problem, &format);

    if (result == CAPTURE_OK) {
        input->kind = format == CAPTURE_HAR ? INPUT_HAR : INPUT_SAML_TRACER;
        return true;
    }
    return result == CAPTURE_OTHER && read_other_json(reading, text);
}

/* --- what somebody copied out of its place ------------------------------------------------------------ */

static bool
has_blank(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '\r' || s.ptr[i] == '\n')
            return true;
    return false;
}

/* The end of base64, and no field: even an empty one of a form would be but the last. */
static bool
is_padding(struct str s)
{
    return s.len <= 2 && (s.len == 1 || s.ptr[1] == '=');
}

/* A URL, its query or fragment, or the body of a form, without SAML. */
static bool
read_pasted(struct reading *reading, struct str s)
{
    struct messages *messages = &reading->input->messages;
    size_t equals = str_find_byte(s, '=');
    bool is_url;

    if (equals == SIZE_MAX || is_padding(str_from_offset(s, equals)) || has_blank(s))
        return false;
    is_url = str_find_c(str_slice(s, 0, equals), "://") != SIZE_MAX || s.ptr[0] == '?' || s.ptr[0] == '#';
    reading->input->kind = INPUT_FORM;
    if (!is_url && !find_in_form(reading->arena, s, reading->options, messages))
        return false;
    if (messages->count > 0)
        return true;
    reading->input->kind = INPUT_URL;
    return find_in_url(reading->arena, s, true, reading->options, messages) && messages->count > 0;
}

static bool
read_alone(struct reading *reading, struct str s)
{
    struct messages *messages = &reading->input->messages;

    reading->input->kind = INPUT_TOKEN;
    if (!oauth_find_token(reading->arena, s, reading->options, messages))
        return false;
    if (messages->count > 0)
        return true;
    reading->input->kind = INPUT_ARTIFACT;
    if (!find_bare_artifact(reading->arena, s, messages))
        return false;
    return messages->count > 0 || read_pasted(reading, s);
}

static bool read_text(struct reading *reading, struct str text);

/* Base64 of something else than a message: of a capture, a form, JSON. MAX_NESTED bounds the recursion. */
static bool
read_inside(struct reading *reading, struct str s)
{
    struct input *input = reading->input;
    struct base64_notes notes;
    struct str inside;
    bool found;

    if (!base64_decode(reading->arena, s, &inside, &notes) || notes.skipped > 0 || inside.len < MIN_INSIDE ||
        !find_is_utf8(inside))
        return false;
    reading->depth++;
    found = read_text(reading, inside);
    reading->depth--;
    input->problem = (struct str){ 0 };
    for (size_t i = 0; found && i < input->messages.count; i++)
        find_add_first_step(&input->messages.items[i], STEP_BASE64, inside.len);
    return found;
}

/* Values: something that is decoded before it can be told. */
static bool
read_value(struct reading *reading, struct str text, struct str s, enum sniff sniff)
{
    bool escaped = str_starts_c(s, "&lt;") || str_starts_nocase(s, STR("%3c"));

    if (read_alone(reading, s))
        return true;
    if (arena_failed(reading->arena) || find_other(reading->arena, text) != NULL)
        return false;
    if ((sniff == SNIFF_BASE64 || sniff == SNIFF_PERCENT || sniff == SNIFF_ESCAPED) &&
        read_bare(reading, s, escaped ? INPUT_XML : INPUT_BASE64))
        return true;
    if (sniff == SNIFF_BINARY && read_bare(reading, text, INPUT_BASE64))
        return true;
    if (sniff == SNIFF_BASE64 && reading->depth < MAX_NESTED && read_inside(reading, s))
        return true;
    return !arena_failed(reading->arena) && read_around(reading, s);
}

/* Recognises text by its first bytes. */
static bool
read_text(struct reading *reading, struct str text)
{
    struct str s = str_trim(str_starts_c(text, "\xef\xbb\xbf") ? str_from_offset(text, 3) : text);
    enum sniff sniff = find_sniff(text);
    const struct copied *copied;
    size_t at;

    if (s.len == 0) {
        reading->input->problem = STR("empty");
        return false;
    }
    if (s.ptr[0] == '{' || s.ptr[0] == '[')
        return read_json(reading, text, s);
    if (sniff == SNIFF_XML)
        return find_is_html(s) ? read_html(reading, s) : read_bare(reading, text, INPUT_XML);
    if (find_is_http_text(s))
        return read_http(reading, s);
    copied = copied_as(s);
    if (copied != NULL)
        return read_copied(reading, s, copied);
    if (mail_looks_like(s) && reading->depth < MAX_NESTED) {
        reading->input->kind = INPUT_MAIL;
        return find_in_mail(reading->arena, s, reading->options, reading->depth + 1, reading->input);
    }
    if (str_starts_c(s, "--") && str_find_nocase(str_slice(s, 0, LOOK_AT), STR("form-data")) != SIZE_MAX)
        return read_multipart(reading, s);
    at = find_parameter(reading->options, s);
    if (at != SIZE_MAX && !is_in_text(s, at)) {
        s = find_joined_lines(reading->arena, s);
        return str_present(s) && read_parameters(reading, s, at);
    }
    return read_value(reading, text, s, sniff);
}

bool
find_input_at(struct arena *arena, struct str bytes, const struct saml_options *options, struct input *input,
              unsigned depth)
{
    struct reading reading = { .arena = arena, .options = options, .input = input, .depth = depth };
    struct str text, damage = { 0 };

    *input = (struct input){ 0 };
    if (!find_unpack(arena, bytes, &text, &damage)) {
        input->problem = STR("gzip data that is damaged or too large");
        return false;
    }
    text = find_prepared(arena, text);
    if (str_present(text) && read_text(&reading, text) && !arena_failed(arena)) {
        if (str_present(damage))
            input->problem = arena_printf(arena, "%.*s%s%.*s", STR_ARG(damage), input->problem.len > 0 ? "; " : "",
                                          STR_ARG(input->problem));
        return true;
    }
    input->kind = INPUT_UNKNOWN;
    if (arena_failed(arena))
        input->problem = STR("too large: the memory ceiling for one input was reached");
    else if (!str_present(input->problem))
        input->problem = find_describe(arena, text);
    return false;
}

bool
find_input(struct arena *arena, struct str bytes, const struct saml_options *options, struct input *input)
{
    return find_input_at(arena, bytes, options, input, 0);
}
