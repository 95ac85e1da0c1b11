/* SPDX-License-Identifier: MIT */
#include "dsig_edit_text.h"

#include <string.h>

#include "dsig_edit.h"

/* --- UTF-8 ---------------------------------------------------------------------------------------------- */

/* The character at *at, moved behind. Canonical text is valid UTF-8; other bytes come out as they are. */
static uint32_t
next_character(struct str s, size_t *at)
{
    unsigned char c = (unsigned char)s.ptr[*at];
    size_t more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    uint32_t code = more == 3 ? c & 7u : more == 2 ? c & 15u : more == 1 ? c & 31u : c;

    (*at)++;
    for (; more > 0 && *at < s.len; more--)
        code = code << 6 | ((unsigned char)s.ptr[(*at)++] & 63u);
    return code;
}

static void
add_character(struct buf *out, uint32_t code)
{
    if (code < 0x80) {
        buf_add_byte(out, (char)code);
    } else if (code < 0x800) {
        buf_add_byte(out, (char)(0xC0 | code >> 6));
        buf_add_byte(out, (char)(0x80 | (code & 63)));
    } else if (code < 0x10000) {
        buf_add_byte(out, (char)(0xE0 | code >> 12));
        buf_add_byte(out, (char)(0x80 | (code >> 6 & 63)));
        buf_add_byte(out, (char)(0x80 | (code & 63)));
    } else {
        buf_add_byte(out, (char)(0xF0 | (code >> 18 & 7)));
        buf_add_byte(out, (char)(0x80 | (code >> 12 & 63)));
        buf_add_byte(out, (char)(0x80 | (code >> 6 & 63)));
        buf_add_byte(out, (char)(0x80 | (code & 63)));
    }
}

/* --- doubled UTF-8 ------------------------------------------------------------------------------------------ */

/* What Windows-1252 has in 0x80 to 0x9F; 0: nothing. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

/* The byte that a one-byte reader made this character of; -1: none. */
static int
byte_of(uint32_t code)
{
    if (code >= 0x80 && code < 0x100)
        return (int)code;
    for (int i = 0; i < 32; i++)
        if (windows_1252[i] != 0 && windows_1252[i] == code)
            return 0x80 + i;
    return -1;
}

/* The characters at *at are the bytes of one UTF-8 sequence: writes it and moves behind them. */
static bool
take_back(struct str s, size_t *at, struct buf *out)
{
    size_t next = *at, more;
    int byte = byte_of(next_character(s, &next));
    char bytes[4];

    if (byte < 0xC2 || byte > 0xF4)
        return false;
    more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    bytes[0] = (char)byte;
    for (size_t i = 1; i <= more; i++) {
        byte = next < s.len ? byte_of(next_character(s, &next)) : -1;
        if (byte < 0x80 || byte > 0xBF)
            return false;
        bytes[i] = (char)byte;
    }
    buf_add(out, bytes, more + 1);
    *at = next;
    return true;
}

static bool
mojibake_back(struct str s, struct buf *out)
{
    bool changed = false;

    for (size_t at = 0; at < s.len;) {
        if ((unsigned char)s.ptr[at] < 0x80)
            buf_add_byte(out, s.ptr[at++]);
        else if (take_back(s, &at, out))
            changed = true;
        else
            add_character(out, next_character(s, &at));
    }
    return changed;
}

static bool
mojibake_forth(struct str s, bool windows, struct buf *out)
{
    bool changed = false;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        changed |= c >= 0x80;
        add_character(out,
                      windows && c >= 0x80 && c < 0xA0 && windows_1252[c - 0x80] != 0 ? windows_1252[c - 0x80] : c);
    }
    return changed;
}

/* --- composed and decomposed characters --------------------------------------------------------------------- */

static void
add_decomposed(struct buf *out, uint32_t code, bool *changed)
{
    uint32_t base, mark;

    if (!unicode_decompose(code, &base, &mark)) {
        add_character(out, code);
        return;
    }
    *changed = true;
    /* The table is made of pairs: at most three deep. */
    add_decomposed(out, base, changed);
    add_character(out, mark);
}

static bool
decompose(struct str s, struct buf *out)
{
    bool changed = false;

    for (size_t at = 0; at < s.len;) {
        if ((unsigned char)s.ptr[at] < 0x80)
            buf_add_byte(out, s.ptr[at++]);
        else
            add_decomposed(out, next_character(s, &at), &changed);
    }
    return changed;
}

static bool
compose(struct str s, struct buf *out)
{
    bool changed = false;
    uint32_t held = 0; /* written when the next character does not join it */

    for (size_t at = 0; at < s.len;) {
        uint32_t code = next_character(s, &at), joined = code >= 0x300 ? unicode_compose(held, code) : 0;

        changed |= joined != 0;
        if (joined == 0 && held != 0)
            add_character(out, held);
        held = joined != 0 ? joined : code;
    }
    if (held != 0)
        add_character(out, held);
    return changed;
}

/* --- escapes ---------------------------------------------------------------------------------------------------- */

/* Raw character in canonical form. */
static void
add_escaped(struct buf *out, uint32_t code, bool attribute)
{
    char raw = (char)code;

    if (code < 0x80)
        edit_escape((struct str){ &raw, 1 }, attribute, out);
    else
        add_character(out, code);
}

/* "name;" or "#n;" or "#xn;" at the start of s: the character and the length. */
static size_t
read_reference(struct str s, uint32_t *code)
{
    static const struct {
        const char *name;
        char c;
    } names[] = { { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' }, { "quot;", '"' }, { "apos;", '\'' } };
    bool hex = str_starts_c(s, "#x");
    size_t at = hex ? 2 : 1;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts_c(s, names[i].name)) {
            *code = (uint32_t)names[i].c;
            return strlen(names[i].name);
        }
    if (!str_starts_c(s, "#"))
        return 0;
    *code = 0;
    for (; at < s.len && at < 9; at++) {
        char c = s.ptr[at];

        if (c >= '0' && c <= '9')
            *code = *code * (hex ? 16 : 10) + (uint32_t)(c - '0');
        else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            *code = *code * 16 + (uint32_t)((c | 32) - 'a' + 10);
        else
            return c == ';' && at > (hex ? 2u : 1u) && *code > 0 && *code < 0x110000 ? at + 1 : 0;
    }
    return 0;
}

static bool
unescape(struct str s, struct buf *out)
{
    struct token token;
    bool changed = false;
    size_t at = 0;

    while (token_next(s, &at, &token)) {
        struct str text = str_slice(s, token.offset, token.length);

        for (size_t i = 0; i < text.len;) {
            uint32_t code;
            size_t inner = str_starts_c(str_from_offset(text, i), "&amp;")
                               ? read_reference(str_from_offset(text, i + 5), &code)
                               : 0;

            if (inner == 0) {
                buf_add_byte(out, text.ptr[i++]);
                continue;
            }
            add_escaped(out, code, token.kind == TOKEN_START);
            i += 5 + inner;
            changed = true;
        }
    }
    return changed;
}

/* "&lt;" becomes "&amp;lt;": what follows the ampersand stays. */
static bool
escape_again(struct str s, struct buf *out)
{
    bool changed = false;

    for (size_t i = 0; i < s.len; i++) {
        bool ampersand = s.ptr[i] == '&' && !str_starts_c(str_from_offset(s, i), "&#x");

        changed |= ampersand;
        if (ampersand)
            buf_add_c(out, "&amp;");
        else
            buf_add_byte(out, s.ptr[i]);
    }
    return changed;
}

/* --- typographic characters ------------------------------------------------------------------------------------- */

static uint32_t
plain_of(uint32_t code, bool quotes)
{
    if (!quotes)
        return code == 0xA0 || code == 0x202F || code == 0x2007 ? ' ' : code;
    switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
        return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
        return '"';
    case 0x2010:
    case 0x2011:
    case 0x2013:
    case 0x2014:
        return '-';
    default:
        return code;
    }
}

static bool
plain(struct str s, bool quotes, struct buf *out)
{
    struct token token;
    bool changed = false;
    size_t next = 0;

    while (token_next(s, &next, &token)) {
        for (size_t at = token.offset; at < token.offset + token.length;) {
            uint32_t code = next_character(s, &at), other = plain_of(code, quotes);

            if (other == code) {
                add_character(out, code);
                continue;
            }
            add_escaped(out, other, token.kind == TOKEN_START);
            changed = true;
        }
    }
    return changed;
}

bool
edit_charset(struct str canonical, int rule, struct buf *out)
{
    buf_reset(out);
    switch ((enum charset_rule)rule) {
    case CHARSET_MOJIBAKE_BACK:
        return mojibake_back(canonical, out);
    case CHARSET_LATIN1_FORTH:
        return mojibake_forth(canonical, false, out);
    case CHARSET_WINDOWS_FORTH:
        return mojibake_forth(canonical, true, out);
    case CHARSET_COMPOSE:
        return compose(canonical, out);
    case CHARSET_DECOMPOSE:
        return decompose(canonical, out);
    case CHARSET_UNESCAPE:
        return unescape(canonical, out);
    case CHARSET_ESCAPE:
        return escape_again(canonical, out);
    case CHARSET_PLAIN_QUOTES:
        return plain(canonical, true, out);
    case CHARSET_PLAIN_BLANKS:
        return plain(canonical, false, out);
    }
    return false;
}

/* --- base64 ------------------------------------------------------------------------------------------------------ */

static bool
is_base64_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
}

/* Words and GUIDs are told from base64 by how often blanks and hyphens come. */
static bool
looks_like_base64(struct str text)
{
    size_t blanks = 0, marks = 0, others = 0;

    if (text.len < 20)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == ' ')
            blanks++;
        else if (c == '-' || c == '_')
            marks++;
        else if (!is_base64_byte(c))
            return false;
        others += c > 'f' || (c > 'F' && c < 'a');
    }
    return 8 * (blanks + marks) <= text.len && others > 0;
}

static bool
add_wrapped(struct str text, size_t width, bool edges, struct buf *out)
{
    if (text.len <= width)
        return false;
    buf_add_c(out, edges ? "\n" : "");
    for (size_t at = 0; at < text.len; at += width) {
        buf_add_str(out, str_slice(text, at, width));
        buf_add_c(out, edges || at + width < text.len ? "\n" : "");
    }
    return true;
}

static bool
add_repaired(struct str text, enum base64_rule rule, struct buf *out)
{
    bool alphabet = rule == BASE64_STANDARD_ALPHABET || rule == BASE64_STANDARD_PADDED, changed = false;
    bool pad = rule == BASE64_PAD || rule == BASE64_STANDARD_PADDED;

    if (rule >= BASE64_WRAP_64)
        return add_wrapped(text, rule == BASE64_WRAP_64 || rule == BASE64_WRAP_64_EDGES ? 64 : 76,
                           rule >= BASE64_WRAP_64_EDGES, out);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], other = c;

        if (rule == BASE64_BLANK_TO_PLUS && c == ' ')
            other = '+';
        else if (alphabet && (c == '-' || c == '_'))
            other = c == '-' ? '+' : '/';
        changed |= other != c;
        buf_add_byte(out, other);
    }
    for (size_t length = text.len; pad && length % 4 >= 2; length++) {
        buf_add_byte(out, '=');
        changed = true;
    }
    return changed;
}

bool
edit_base64(struct str canonical, int rule, struct buf *out)
{
    struct token token, before = { .kind = TOKEN_OTHER };
    bool changed = false;
    size_t at = 0;

    buf_reset(out);
    while (token_next(canonical, &at, &token)) {
        struct str text = str_slice(canonical, token.offset, token.length);

        if (token.kind != TOKEN_TEXT || before.kind != TOKEN_START || !looks_like_base64(text)) {
            buf_add_str(out, text);
        } else {
            size_t length = out->len;

            if (add_repaired(text, (enum base64_rule)rule, out))
                changed = true;
            else if (out->len == length)
                buf_add_str(out, text);
        }
        before = token;
    }
    return changed;
}

/* --- indentation ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *unit, *words;
} indents[INDENT_RULE_COUNT / 6] = {
    { "  ", "2 blanks" },  { "    ", "4 blanks" }, { "\t", "tabs" },
    { "   ", "3 blanks" }, { " ", "1 blank" },     { "", "nothing, each on its own line" },
};

const char *
edit_indent_words(int rule)
{
    return indents[rule / 6].words;
}

static void
add_line(struct buf *out, const char *unit, size_t depth)
{
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < depth; i++)
        buf_add_c(out, unit);
}

/*
 * base is how deep the root stands in its document. gap: the signature had a line of its own behind the
 * first child when the digest was made, and left an empty one.
 */
static void
add_indented(struct str dense, const char *unit, size_t base, bool gap, struct buf *out)
{
    struct token token, before = { .kind = TOKEN_OTHER };
    size_t at = 0, depth = 0;

    while (token_next(dense, &at, &token)) {
        if (token.kind == TOKEN_END && depth > 0)
            depth--;
        if (depth + (token.kind == TOKEN_END) > 0 && before.kind != TOKEN_OTHER && before.kind != TOKEN_TEXT &&
            ((token.kind == TOKEN_START) || (token.kind == TOKEN_END && before.kind == TOKEN_END)))
            add_line(out, unit, depth + base);
        buf_add_str(out, str_slice(dense, token.offset, token.length));
        if (token.kind == TOKEN_END && depth == 1 && gap) {
            add_line(out, unit, 1 + base);
            gap = false;
        }
        if (token.kind == TOKEN_START)
            depth++;
        before = token;
    }
}

bool
edit_indent(struct str canonical, int rule, struct buf *out)
{
    struct buf dense;

    buf_reset(out);
    buf_init(&dense, canonical.len + 1);
    edit_drop_blank(canonical, BLANK_ELEMENT_CONTENT, &dense);
    if (!buf_failed(&dense))
        add_indented(buf_str(&dense), indents[rule / 6].unit, (size_t)(rule / 2 % 3), rule % 2 == 1, out);
    buf_release(&dense);
    return !buf_failed(out) && !str_eq(buf_str(out), canonical);
}
