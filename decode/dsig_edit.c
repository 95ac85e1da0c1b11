/* SPDX-License-Identifier: MIT */
#include "dsig_edit.h"

#include <string.h>

static bool
is_blank(struct str s)
{
    return str_trim(s).len == 0;
}

/* --- tokens --------------------------------------------------------------------------------------------- */

static size_t
end_of_tag(struct str s, size_t at)
{
    bool quoted = false;

    for (; at < s.len; at++) {
        if (s.ptr[at] == '"')
            quoted = !quoted;
        else if (s.ptr[at] == '>' && !quoted)
            return at + 1;
    }
    return s.len;
}

static size_t
end_after(struct str s, size_t at, const char *terminator)
{
    size_t found = str_find_c(str_from_offset(s, at), terminator);

    return found == SIZE_MAX ? s.len : at + found + strlen(terminator);
}

bool
token_next(struct str canonical, size_t *at, struct token *token)
{
    struct str rest = str_from_offset(canonical, *at);
    size_t end;

    if (rest.len == 0)
        return false;
    token->offset = *at;
    if (rest.ptr[0] != '<') {
        size_t next = str_find_byte(rest, '<');

        token->kind = TOKEN_TEXT;
        end = next == SIZE_MAX ? canonical.len : *at + next;
    } else if (str_starts_c(rest, "<!--")) {
        token->kind = TOKEN_OTHER;
        end = end_after(canonical, *at, "-->");
    } else if (str_starts_c(rest, "<?")) {
        token->kind = TOKEN_OTHER;
        end = end_after(canonical, *at, "?>");
    } else {
        token->kind = str_starts_c(rest, "</") ? TOKEN_END : TOKEN_START;
        end = end_of_tag(canonical, *at);
    }
    token->length = end - *at;
    *at = end;
    return true;
}

struct str
token_name(struct str canonical, const struct token *token)
{
    struct str tag = str_slice(canonical, token->offset, token->length), prefix, local;
    size_t end = 0;

    tag = str_from_offset(tag, token->kind == TOKEN_END ? 2 : 1);
    while (end < tag.len && strchr(" \t\r\n/>", tag.ptr[end]) == NULL)
        end++;
    tag = str_slice(tag, 0, end);
    return str_cut(tag, ':', &prefix, &local) ? local : tag;
}

static struct str
token_text(struct str canonical, const struct token *token)
{
    return str_slice(canonical, token->offset, token->length);
}

/* --- white space ------------------------------------------------------------------------------------------ */

/* What stands around a text: needed to tell layout from values. */
struct around {
    struct token before;
    size_t depth; /* of the parent of the text, root = 1 */
};

static bool
is_layout(struct str canonical, const struct around *around, struct str text, bool leaf, enum blank_rule rule)
{
    if (!is_blank(text))
        return false;
    switch (rule) {
    case BLANK_WITH_NEWLINE:
        return str_find_byte(text, '\n') != SIZE_MAX;
    case BLANK_UNDER_ROOT:
        return around->depth == 1;
    case BLANK_ELEMENT_CONTENT:
        return !leaf && !str_eq_c(token_name(canonical, &around->before), "AttributeValue");
    default:
        return true;
    }
}

void
edit_drop_blank(struct str canonical, enum blank_rule rule, struct buf *out)
{
    struct around around = { .before = { .kind = TOKEN_OTHER } };
    struct token token, next;
    size_t at = 0;

    buf_reset(out);
    while (token_next(canonical, &at, &token)) {
        size_t peek = at;

        if (token.kind == TOKEN_START)
            around.depth++;
        else if (token.kind == TOKEN_END && around.depth > 0)
            around.depth--;
        if (token.kind == TOKEN_TEXT) {
            bool more = token_next(canonical, &peek, &next);
            bool leaf = more && around.before.kind == TOKEN_START && next.kind == TOKEN_END;

            if (is_layout(canonical, &around, token_text(canonical, &token), leaf, rule))
                continue;
        }
        buf_add_str(out, token_text(canonical, &token));
        around.before = token;
    }
}

static void
replace_all(struct str s, const char *from, const char *to, struct buf *out)
{
    size_t length = strlen(from);

    for (;;) {
        size_t found = str_find_c(s, from);

        if (found == SIZE_MAX)
            break;
        buf_add_str(out, str_slice(s, 0, found));
        buf_add_c(out, to);
        s = str_from_offset(s, found + length);
    }
    buf_add_str(out, s);
}

static void
drop_breaks_in_values(struct str canonical, struct buf *out)
{
    struct token token;
    size_t at = 0;

    while (token_next(canonical, &at, &token)) {
        struct str text = token_text(canonical, &token);

        if (token.kind == TOKEN_TEXT && !is_blank(text))
            replace_all(text, "\n", "", out);
        else
            buf_add_str(out, text);
    }
}

void
edit_line_endings(struct str canonical, enum line_rule rule, struct buf *out)
{
    buf_reset(out);
    if (rule == LINE_DROP_CR)
        replace_all(canonical, "&#xD;", "", out);
    else if (rule == LINE_ADD_CR)
        replace_all(canonical, "\n", "&#xD;\n", out);
    else if (rule == LINE_CR_TO_LF)
        replace_all(canonical, "&#xD;", "\n", out);
    else
        drop_breaks_in_values(canonical, out);
}

static void
add_collapsed(struct str text, struct buf *out)
{
    bool space = false;

    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';

        if (blank && !space)
            buf_add_byte(out, ' ');
        else if (!blank)
            buf_add_byte(out, c);
        space = blank;
    }
}

void
edit_trim(struct str canonical, enum trim_rule rule, struct buf *out)
{
    struct token token, before = { .kind = TOKEN_OTHER }, next;
    size_t at = 0;

    buf_reset(out);
    while (token_next(canonical, &at, &token)) {
        struct str text = token_text(canonical, &token);
        size_t peek = at;
        bool leaf = token.kind == TOKEN_TEXT && before.kind == TOKEN_START && token_next(canonical, &peek, &next) &&
                    next.kind == TOKEN_END && !is_blank(text);

        if (leaf && rule == TRIM_ENDS)
            buf_add_str(out, str_trim(text));
        else if (leaf)
            add_collapsed(text, out);
        else
            buf_add_str(out, text);
        before = token;
    }
}

/* --- slots ------------------------------------------------------------------------------------------------- */

/* Attribute at reader->inside of the current tag. Returns false when the tag has no more. */
static bool
next_attribute(struct slot_reader *reader, struct slot *slot)
{
    struct str tag = token_text(reader->canonical, &reader->tag), name, prefix, local;
    size_t space = reader->inside, equals, close;

    while (space < tag.len && tag.ptr[space] != ' ')
        space++;
    equals = str_find_byte(str_from_offset(tag, space), '=');
    if (space >= tag.len || equals == SIZE_MAX)
        return false;
    equals += space;
    close = str_find_byte(str_from_offset(tag, equals + 2), '"');
    if (close == SIZE_MAX)
        return false;
    name = str_slice(tag, space + 1, equals - space - 1);
    slot->attribute = str_cut(name, ':', &prefix, &local) && !str_eq_c(prefix, "xmlns") ? local : name;
    slot->element = token_name(reader->canonical, &reader->tag);
    slot->offset = reader->tag.offset + equals + 2;
    slot->length = close;
    reader->inside = equals + 2 + close + 1;
    return true;
}

bool
slot_next(struct slot_reader *reader, struct slot *slot)
{
    struct token token, next;

    for (;;) {
        if (reader->inside > 0) {
            if (next_attribute(reader, slot)) {
                if (str_starts_c(slot->attribute, "xmlns"))
                    continue;
                return true;
            }
            reader->inside = 0;
            /* The text of an element without children, empty included. */
            size_t peek = reader->at;

            if (token_next(reader->canonical, &peek, &token)) {
                bool empty = token.kind == TOKEN_END;
                bool leaf =
                    token.kind == TOKEN_TEXT && token_next(reader->canonical, &peek, &next) && next.kind == TOKEN_END;

                if (empty || leaf) {
                    *slot = (struct slot){ .offset = token.offset,
                                           .length = empty ? 0 : token.length,
                                           .element = token_name(reader->canonical, &reader->tag) };
                    return true;
                }
            }
        }
        if (!token_next(reader->canonical, &reader->at, &reader->tag))
            return false;
        if (reader->tag.kind == TOKEN_START)
            reader->inside = 1;
    }
}

void
edit_escape(struct str raw, bool attribute, struct buf *out)
{
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];

        if (c == '&')
            buf_add_c(out, "&amp;");
        else if (c == '<')
            buf_add_c(out, "&lt;");
        else if (c == '>' && !attribute)
            buf_add_c(out, "&gt;");
        else if (c == '"' && attribute)
            buf_add_c(out, "&quot;");
        else if (c == '\r')
            buf_add_c(out, "&#xD;");
        else if (c == '\n' && attribute)
            buf_add_c(out, "&#xA;");
        else if (c == '\t' && attribute)
            buf_add_c(out, "&#x9;");
        else
            buf_add_byte(out, c);
    }
}

struct str
edit_unescape(struct arena *arena, struct str canonical)
{
    static const struct {
        const char *from;
        char to;
    } rows[] = {
        { "&amp;", '&' },  { "&lt;", '<' },   { "&gt;", '>' },   { "&quot;", '"' },
        { "&#xD;", '\r' }, { "&#xA;", '\n' }, { "&#x9;", '\t' },
    };
    char *out = arena_alloc(arena, canonical.len + 1);
    size_t n = 0;

    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < canonical.len;) {
        size_t row = 0;

        while (row < COUNT_OF(rows) && !str_starts_c(str_from_offset(canonical, i), rows[row].from))
            row++;
        out[n++] = row < COUNT_OF(rows) ? rows[row].to : canonical.ptr[i];
        i += row < COUNT_OF(rows) ? strlen(rows[row].from) : 1;
    }
    return (struct str){ out, n };
}
