/* SPDX-License-Identifier: MIT */
#include "htmlform.h"

struct attribute {
    struct str name; /* as written */
    struct str raw;
};

struct tag {
    struct str name; /* as written, without "/" */
    bool closes;
    struct attribute attributes[HTML_MAX_ATTRIBUTES];
    size_t attribute_count;
};

struct reader {
    struct arena *arena;
    struct str page;
    size_t at;
    struct html_page *out;
    struct html_form *form; /* the open one, NULL outside */
    size_t form_capacity;
    size_t field_capacity;
    size_t field_total;
    bool failed;
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
at_end(const struct reader *reader)
{
    return reader->at >= reader->page.len;
}

static char
peek(const struct reader *reader)
{
    return reader->page.ptr[reader->at];
}

static void
skip_spaces(struct reader *reader)
{
    while (!at_end(reader) && (is_space(peek(reader)) || peek(reader) == '/'))
        reader->at++;
}

/* Moves behind the next needle, or to the end. */
static void
skip_past(struct reader *reader, const char *needle)
{
    struct str rest = str_from_offset(reader->page, reader->at);
    size_t at = str_find_c(rest, needle);

    reader->at = at == SIZE_MAX ? reader->page.len : reader->at + at + str_from(needle).len;
}

static struct str
attribute_value(struct reader *reader)
{
    char quote;
    size_t from;

    while (!at_end(reader) && is_space(peek(reader)))
        reader->at++;
    if (at_end(reader))
        return (struct str){ 0 };
    quote = peek(reader);
    from = reader->at;
    if (quote == '"' || quote == '\'') {
        size_t len = str_find_byte(str_from_offset(reader->page, from + 1), quote);

        if (len == SIZE_MAX)
            len = reader->page.len - from - 1;
        reader->at = from + 1 + len < reader->page.len ? from + len + 2 : reader->page.len;
        return str_slice(reader->page, from + 1, len);
    }
    while (!at_end(reader) && !is_space(peek(reader)) && peek(reader) != '>')
        reader->at++;
    return str_slice(reader->page, from, reader->at - from);
}

static void
read_attribute(struct reader *reader, struct tag *tag)
{
    size_t from = reader->at++; /* a "=" in first place belongs to the name */
    struct attribute attribute = { .raw = STR_INIT("") };

    while (!at_end(reader) && !is_space(peek(reader)) && peek(reader) != '/' && peek(reader) != '>' &&
           peek(reader) != '=')
        reader->at++;
    attribute.name = str_slice(reader->page, from, reader->at - from);
    while (!at_end(reader) && is_space(peek(reader)))
        reader->at++;
    if (!at_end(reader) && peek(reader) == '=') {
        reader->at++;
        attribute.raw = attribute_value(reader);
    }
    if (tag->attribute_count < HTML_MAX_ATTRIBUTES)
        tag->attributes[tag->attribute_count++] = attribute;
}

/* Reads from behind "<" or "</" to behind ">". Returns false when the page ends inside the tag. */
static bool
read_tag(struct reader *reader, struct tag *tag)
{
    size_t from = reader->at;

    while (!at_end(reader) && !is_space(peek(reader)) && peek(reader) != '/' && peek(reader) != '>')
        reader->at++;
    tag->name = str_slice(reader->page, from, reader->at - from);
    tag->attribute_count = 0;
    for (;;) {
        skip_spaces(reader);
        if (at_end(reader))
            return false;
        if (peek(reader) == '>') {
            reader->at++;
            return true;
        }
        read_attribute(reader, tag);
    }
}

/* Raw value of the first attribute of that name; absent when there is none. */
static struct str
attribute_get(const struct tag *tag, const char *name)
{
    for (size_t i = 0; i < tag->attribute_count; i++)
        if (str_eq_nocase(tag->attributes[i].name, str_from(name)))
            return tag->attributes[i].raw;
    return (struct str){ 0 };
}

static bool
tag_is(const struct tag *tag, const char *name)
{
    return str_eq_nocase(tag->name, str_from(name));
}

static struct str
unescape(struct reader *reader, struct str raw)
{
    struct str text = html_unescape(reader->arena, raw);

    if (str_present(raw) && !str_present(text))
        reader->failed = true;
    return text;
}

static void
open_form(struct reader *reader, const struct tag *tag)
{
    struct html_page *out = reader->out;

    if (reader->form != NULL) /* forms do not nest: an inner start tag is ignored (HTML 13.2.6.4.7) */
        return;
    if (out->form_count == HTML_MAX_FORMS) {
        out->cut = true;
        return;
    }
    if (!arena_grow(reader->arena, (void **)&out->forms, out->form_count, &reader->form_capacity,
                    sizeof(*out->forms))) {
        reader->failed = true;
        return;
    }
    reader->form = &out->forms[out->form_count++];
    reader->field_capacity = 0;
    reader->form->action = str_trim(unescape(reader, attribute_get(tag, "action")));
    reader->form->method = unescape(reader, attribute_get(tag, "method"));
}

static void
add_field(struct reader *reader, const struct tag *tag, struct str raw)
{
    struct str name = unescape(reader, attribute_get(tag, "name"));
    struct html_form *form = reader->form;

    if (form == NULL || name.len == 0)
        return;
    if (reader->field_total == HTML_MAX_FIELDS) {
        reader->out->cut = true;
        return;
    }
    if (!arena_grow(reader->arena, (void **)&form->fields, form->field_count, &reader->field_capacity,
                    sizeof(*form->fields))) {
        reader->failed = true;
        return;
    }
    if (!str_present(raw))
        raw = STR("");
    form->fields[form->field_count++] = (struct html_field){
        .name = name,
        .value = unescape(reader, raw),
        .raw = raw,
        .offset = raw.len > 0 ? (size_t)(raw.ptr - reader->page.ptr) : SIZE_MAX,
    };
    reader->field_total++;
}

static bool
ends_element(struct str s, struct str name)
{
    return str_starts_nocase(s, name) &&
           (s.len == name.len || is_space(s.ptr[name.len]) || s.ptr[name.len] == '/' || s.ptr[name.len] == '>');
}

/* Text up to the end tag of that name, which is left to be read; everything when there is none. */
static struct str
raw_text(struct reader *reader, struct str name)
{
    size_t from = reader->at;

    for (;;) {
        size_t at = str_find_c(str_from_offset(reader->page, reader->at), "</");

        if (at == SIZE_MAX) {
            reader->at = reader->page.len;
            break;
        }
        reader->at += at;
        if (ends_element(str_from_offset(reader->page, reader->at + 2), name))
            break;
        reader->at += 2;
    }
    return str_slice(reader->page, from, reader->at - from);
}

static void
read_textarea(struct reader *reader, const struct tag *tag)
{
    struct str text = raw_text(reader, tag->name);

    if (str_starts_c(text, "\r\n"))
        text = str_from_offset(text, 2);
    else if (str_starts_c(text, "\n"))
        text = str_from_offset(text, 1);
    add_field(reader, tag, text);
}

static void
handle_tag(struct reader *reader, const struct tag *tag)
{
    static const char *const raw_elements[] = { "script", "style", "title", "xmp", "iframe", "noembed", "noframes" };

    if (tag->closes) {
        if (tag_is(tag, "form"))
            reader->form = NULL;
        return;
    }
    if (tag_is(tag, "form"))
        open_form(reader, tag);
    else if (tag_is(tag, "input") || tag_is(tag, "button"))
        add_field(reader, tag, attribute_get(tag, "value"));
    else if (tag_is(tag, "textarea"))
        read_textarea(reader, tag);
    for (size_t i = 0; i < COUNT_OF(raw_elements); i++)
        if (tag_is(tag, raw_elements[i]))
            raw_text(reader, tag->name);
}

/* At "<": a comment, declaration or tag is read, anything else is text. */
static void
read_markup(struct reader *reader, struct tag *tag)
{
    struct str rest = str_from_offset(reader->page, ++reader->at);

    if (str_starts_c(rest, "!--")) {
        reader->at += str_starts_c(rest, "!-->") ? 0 : 1; /* "<!-->" is a whole comment */
        skip_past(reader, "-->");
        return;
    }
    if (rest.len > 0 && (rest.ptr[0] == '!' || rest.ptr[0] == '?')) {
        skip_past(reader, ">");
        return;
    }
    tag->closes = rest.len > 0 && rest.ptr[0] == '/';
    if (tag->closes)
        reader->at++;
    if (at_end(reader) || !is_letter(peek(reader)))
        return;
    if (read_tag(reader, tag))
        handle_tag(reader, tag);
}

bool
html_forms_read(struct arena *arena, struct str page, struct html_page *forms)
{
    struct reader reader = { .arena = arena, .page = str_slice(page, 0, HTML_MAX_PAGE), .out = forms };
    struct tag tag;

    *forms = (struct html_page){ .cut = page.len > HTML_MAX_PAGE };
    while (!reader.failed) {
        size_t at = str_find_byte(str_from_offset(reader.page, reader.at), '<');

        if (at == SIZE_MAX)
            break;
        reader.at += at;
        read_markup(&reader, &tag);
    }
    return !reader.failed;
}

const struct html_field *
html_form_get(const struct html_form *form, const char *name)
{
    for (size_t i = 0; i < form->field_count; i++)
        if (str_eq_c(form->fields[i].name, name))
            return &form->fields[i];
    return NULL;
}
