/* SPDX-License-Identifier: MIT */
#include "answer_text.h"

#include "attributes.h"

enum { TEXT_BYTES = 256 * 1024, LINE_BYTES = 1024 };

void
page_text_init(struct page_text *page)
{
    buf_init(&page->text, TEXT_BYTES);
    buf_init(&page->title, LINE_BYTES);
    buf_init(&page->headline, LINE_BYTES);
}

void
page_text_release(struct page_text *page)
{
    buf_release(&page->text);
    buf_release(&page->title);
    buf_release(&page->headline);
}

/* Adds one byte; runs of white space become one blank, and none stands at the start of a line. */
static void
put(struct buf *out, char c)
{
    bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    char last = out->len > 0 ? out->bytes[out->len - 1] : '\n';

    if (space && (last == ' ' || last == '\n'))
        return;
    if (out->len < out->max_bytes)
        buf_add_byte(out, space ? ' ' : c);
}

static void
put_utf8(struct buf *out, unsigned long code)
{
    if (code == 0x2019 || code == 0x2018)
        code = '\''; /* one form of the apostrophe, or known sentences would not be found */
    if (code < 0x80) {
        put(out, (char)code);
    } else if (code < 0x800) {
        put(out, (char)(0xc0 | code >> 6));
        put(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        put(out, (char)(0xe0 | code >> 12));
        put(out, (char)(0x80 | (code >> 6 & 0x3f)));
        put(out, (char)(0x80 | (code & 0x3f)));
    } else {
        put(out, (char)(0xf0 | code >> 18));
        put(out, (char)(0x80 | (code >> 12 & 0x3f)));
        put(out, (char)(0x80 | (code >> 6 & 0x3f)));
        put(out, (char)(0x80 | (code & 0x3f)));
    }
}

static void
end_line(struct buf *out)
{
    while (out->len > 0 && out->bytes[out->len - 1] == ' ')
        out->len--;
    if (out->len > 0 && out->len < out->max_bytes && out->bytes[out->len - 1] != '\n')
        buf_add_byte(out, '\n');
}

struct entity {
    struct str name;
    unsigned long code;
};

static const struct entity entities[] = {
    { STR_INIT("amp"), '&' },      { STR_INIT("lt"), '<' },        { STR_INIT("gt"), '>' },
    { STR_INIT("quot"), '"' },     { STR_INIT("apos"), '\'' },     { STR_INIT("nbsp"), ' ' },
    { STR_INIT("rsquo"), 0x2019 }, { STR_INIT("lsquo"), 0x2018 },  { STR_INIT("ldquo"), 0x201c },
    { STR_INIT("rdquo"), 0x201d }, { STR_INIT("hellip"), 0x2026 }, { STR_INIT("ndash"), 0x2013 },
    { STR_INIT("mdash"), 0x2014 },
};

static unsigned long
numeric_reference(struct str digits)
{
    unsigned long code = 0;
    unsigned base = 10;
    size_t i = 0;

    if (digits.len > 0 && (digits.ptr[0] == 'x' || digits.ptr[0] == 'X')) {
        base = 16;
        i = 1;
    }
    if (i == digits.len)
        return 0;
    for (; i < digits.len; i++) {
        char c = digits.ptr[i];
        unsigned value = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 99;

        if (value >= base || code > 0x10ffff)
            return 0;
        code = code * base + value;
    }
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : code;
}

/* A character reference at the start of html. Returns its length and the character, or 0. */
static size_t
reference(struct str html, unsigned long *code)
{
    size_t end = str_find_byte(str_slice(html, 0, 12), ';');
    struct str name;

    if (end == SIZE_MAX || end < 2)
        return 0;
    name = str_slice(html, 1, end - 1);
    *code = 0;
    if (name.ptr[0] == '#')
        *code = numeric_reference(str_from_offset(name, 1));
    for (size_t i = 0; i < COUNT_OF(entities) && *code == 0; i++)
        if (str_eq(name, entities[i].name))
            *code = entities[i].code;
    return *code != 0 ? end + 1 : 0;
}

struct tag {
    struct str name;
    bool closes;
    size_t length; /* of the whole tag, to the byte after ">" */
};

/* The tag at the start of html ("<" is there). Quotes are honoured, so that ">" in a value does not end it. */
static struct tag
tag_read(struct str html)
{
    struct tag tag = { .length = 1 };
    size_t at = 1, start;
    char quote = '\0';

    if (at < html.len && html.ptr[at] == '/') {
        tag.closes = true;
        at++;
    }
    for (start = at; at < html.len; at++) {
        char c = html.ptr[at];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':'))
            break;
    }
    tag.name = str_slice(html, start, at - start);
    if (tag.name.len == 0 && !(at < html.len && (html.ptr[at] == '!' || html.ptr[at] == '?')))
        return tag;
    for (; at < html.len; at++) {
        char c = html.ptr[at];

        if (quote != '\0' && c == quote)
            quote = '\0';
        else if (quote == '\0' && (c == '"' || c == '\''))
            quote = c;
        else if (quote == '\0' && c == '>')
            break;
    }
    tag.length = at < html.len ? at + 1 : html.len;
    return tag;
}

static bool
is_one_of(struct str name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (str_eq_nocase(name, str_from(names[i])))
            return true;
    return false;
}

/* Length of an element whose text nobody sees, from its start tag to behind its end tag; 0: it is none. */
static size_t
hidden_length(struct str html, const struct tag *tag)
{
    static const char *const hidden[] = { "script", "style", "template", "noscript", "svg", NULL };
    struct str rest = str_from_offset(html, tag->length);
    size_t step;

    if (tag->closes || !is_one_of(tag->name, hidden))
        return 0;
    while ((step = str_find_c(rest, "</")) != SIZE_MAX) {
        rest = str_from_offset(rest, step + 2);
        if (!str_starts_nocase(rest, tag->name))
            continue;
        step = str_find_byte(rest, '>');
        return step == SIZE_MAX ? html.len : (size_t)(rest.ptr - html.ptr) + step + 1;
    }
    return html.len;
}

enum part { PART_TEXT, PART_TITLE, PART_HEADLINE };

struct reader {
    struct page_text *page;
    enum part part;
    bool has_h1;
    int second_headlines;
};

static void
enter_tag(struct reader *reader, const struct tag *tag)
{
    static const char *const inline_tags[] = { "a",    "b",     "i",    "em",   "strong", "span", "font", "u",
                                               "code", "small", "mark", "abbr", "label",  "wbr",  NULL };

    if (is_one_of(tag->name, inline_tags))
        return;
    end_line(&reader->page->text);
    if (str_eq_nocase(tag->name, STR("title"))) {
        reader->part = tag->closes || reader->page->title.len > 0 ? PART_TEXT : PART_TITLE;
    } else if (str_eq_nocase(tag->name, STR("h1"))) {
        if (!tag->closes && !reader->has_h1) {
            buf_reset(&reader->page->headline);
            reader->part = PART_HEADLINE;
            reader->has_h1 = true;
        } else {
            reader->part = PART_TEXT;
        }
    } else if (str_eq_nocase(tag->name, STR("h2"))) {
        reader->part = !tag->closes && !reader->has_h1 && reader->second_headlines++ == 0 ? PART_HEADLINE : PART_TEXT;
    }
}

static void
put_character(struct reader *reader, unsigned long code, bool is_byte)
{
    struct buf *extra = reader->part == PART_TITLE      ? &reader->page->title
                        : reader->part == PART_HEADLINE ? &reader->page->headline
                                                        : NULL;

    if (extra != NULL) {
        if (is_byte)
            put(extra, (char)code);
        else
            put_utf8(extra, code);
    }
    if (reader->part == PART_TITLE)
        return;
    if (is_byte)
        put(&reader->page->text, (char)code);
    else
        put_utf8(&reader->page->text, code);
}

void
page_text_read(struct page_text *page, struct str html)
{
    struct reader reader = { .page = page };

    while (html.len > 0) {
        unsigned long code;
        size_t used = 1;

        if (str_starts_c(html, "<!--")) {
            size_t end = str_find_c(html, "-->");

            used = end == SIZE_MAX ? html.len : end + 3;
        } else if (html.ptr[0] == '<') {
            struct tag tag = tag_read(html);

            used = hidden_length(html, &tag);
            if (used == 0) {
                enter_tag(&reader, &tag);
                used = tag.length;
            }
        } else if (html.ptr[0] == '&' && (used = reference(html, &code)) != 0) {
            put_character(&reader, code, false);
        } else if (str_starts_c(html, "\xe2\x80\x99") || str_starts_c(html, "\xe2\x80\x98")) {
            put_character(&reader, '\'', true);
            used = 3;
        } else {
            put_character(&reader, (unsigned char)html.ptr[0], true);
            used = 1;
        }
        html = str_from_offset(html, used);
    }
    end_line(&page->text);
}
