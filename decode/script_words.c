/* SPDX-License-Identifier: MIT */
#include "script_words.h"

#include "buf.h"
#include "text_forms.h"

enum { MAX_LITERAL = 8 * 1024 * 1024 };

static bool
is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static void
skip_white(struct str *text)
{
    while (text->len > 0 && is_white(text->ptr[0]))
        *text = str_from_offset(*text, 1);
}

/* Length of the string literal that text begins with, quotes included; to the end when it does not close. */
static size_t
string_length(struct str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == text.ptr[0])
            return i + 1;
    }
    return text.len;
}

static bool
is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* --- JavaScript -------------------------------------------------------------------------------------------- */

/* What stands between the quotes. */
static struct str
inside(struct str literal)
{
    bool closed = literal.len > 1 && literal.ptr[literal.len - 1] == literal.ptr[0];

    return str_slice(literal, 1, literal.len - 1 - closed);
}

bool
script_take_string(struct arena *arena, struct str *text, struct str *value)
{
    size_t length;

    skip_white(text);
    if (text->len == 0 || !is_quote(text->ptr[0]))
        return false;
    length = string_length(*text);
    *value = text_unescaped(arena, inside(str_slice(*text, 0, length)));
    *text = str_from_offset(*text, length);
    return str_present(*value);
}

/* Length of what stands in brackets at the beginning of text, with them; to the end when they do not close. */
static size_t
bracket_length(struct str text)
{
    size_t depth = 0, i = 0;

    while (i < text.len) {
        char c = text.ptr[i];

        if (is_quote(c)) {
            i += string_length(str_from_offset(text, i));
            continue;
        }
        i++;
        if (c == '{' || c == '(' || c == '[')
            depth++;
        else if (c == '}' || c == ')' || c == ']')
            depth--;
        if (depth == 0)
            return i;
    }
    return text.len;
}

struct str
script_take_object(struct str *text)
{
    struct str literal;

    skip_white(text);
    if (!str_starts_c(*text, "{"))
        return (struct str){ 0 };
    literal = str_slice(*text, 0, bracket_length(*text));
    *text = str_from_offset(*text, literal.len);
    return literal;
}

/* A string of JSON with that value. */
static void
add_json_string(struct buf *out, struct str value)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if (c < 0x20)
            buf_printf(out, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_add_byte(out, (char)c);
    }
    buf_add_byte(out, '"');
}

/* An expression, as far as a comma or the end of what it stands in. */
static size_t
expression_length(struct str text)
{
    size_t i = 0;

    while (i < text.len && str_find_byte(STR(",}]\n"), text.ptr[i]) == SIZE_MAX) {
        if (is_quote(text.ptr[i]))
            i += string_length(str_from_offset(text, i));
        else if (text.ptr[i] == '(' || text.ptr[i] == '{' || text.ptr[i] == '[')
            i += bracket_length(str_from_offset(text, i));
        else
            i++;
    }
    return i < text.len ? i : text.len;
}

static bool
is_name(struct str text, size_t length)
{
    struct str rest = str_from_offset(text, length);

    skip_white(&rest);
    return str_starts_c(rest, ":");
}

/* A word: a name before a colon, or a value. */
static size_t
add_word(struct buf *out, struct str text)
{
    static const char *const constants[] = { "true", "false", "null" };
    size_t length = 0;
    struct str word;

    while (length < text.len && is_word(text.ptr[length]))
        length++;
    word = str_slice(text, 0, length);
    if (is_name(text, length)) {
        add_json_string(out, word);
        return length;
    }
    length = expression_length(text);
    for (size_t i = 0; i < COUNT_OF(constants); i++)
        if (str_eq_c(str_trim(str_slice(text, 0, length)), constants[i])) {
            buf_add_c(out, constants[i]);
            return length;
        }
    buf_add_c(out, "false");
    return length;
}

/* A string; when more than a string stands there ("a" + b), it is an expression. */
static size_t
add_string(struct arena *arena, struct buf *out, struct str text)
{
    size_t length = string_length(text);
    struct str rest = str_from_offset(text, length);

    skip_white(&rest);
    if (rest.len > 0 && str_find_byte(STR(",}]:"), rest.ptr[0]) == SIZE_MAX) {
        buf_add_c(out, "false");
        return expression_length(text);
    }
    add_json_string(out, text_unescaped(arena, inside(str_slice(text, 0, length))));
    return length;
}

/* A comma before the end of an object is none of JSON's. */
static bool
ends_behind(struct str text)
{
    skip_white(&text);
    return text.len == 0 || text.ptr[0] == '}' || text.ptr[0] == ']';
}

struct str
script_object_to_json(struct arena *arena, struct str literal)
{
    struct buf out;
    struct str json;
    size_t i = 0;

    buf_init(&out, MAX_LITERAL);
    while (i < literal.len) {
        struct str rest = str_from_offset(literal, i);
        char c = rest.ptr[0];

        if (is_quote(c)) {
            i += add_string(arena, &out, rest);
        } else if (is_word(c)) {
            i += add_word(&out, rest);
        } else {
            if (c != ',' || !ends_behind(str_from_offset(rest, 1)))
                buf_add_byte(&out, c);
            i++;
        }
    }
    json = buf_failed(&out) ? (struct str){ 0 } : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return json;
}

/* --- PowerShell -------------------------------------------------------------------------------------------- */

/* "$([char]8364)" at the beginning of text: the number, and how long it is; 0: none. */
static size_t
char_expression(struct str text, uint64_t *code)
{
    size_t close = str_find_byte(str_slice(text, 0, 24), ')');

    if (!str_starts_c(text, "$([char]") || close == SIZE_MAX || !str_to_u64(str_slice(text, 8, close - 8), code) ||
        *code > 0xffff)
        return 0;
    return close + 1;
}

static void
add_character(struct buf *out, uint64_t code)
{
    char bytes[4];

    buf_add(out, bytes, text_put_utf8(bytes, (unsigned)code));
}

/* Behind the opening double quote, to the closing one or the end. */
static void
take_expandable(struct str *text, struct buf *out)
{
    static const char letters[] = "0abfnrtv", values[] = "\0\a\b\f\n\r\t\v";

    while (text->len > 0) {
        char c = text->ptr[0];
        uint64_t code;
        size_t length = c == '$' ? char_expression(*text, &code) : 0;

        if (length > 0) {
            add_character(out, code);
            *text = str_from_offset(*text, length);
            continue;
        }
        *text = str_from_offset(*text, 1);
        if (c == '"' && !str_starts_c(*text, "\""))
            return;
        if ((c == '`' || c == '"') && text->len > 0) {
            size_t letter = c == '`' ? str_find_byte(STR("0abfnrtv"), text->ptr[0]) : SIZE_MAX;

            c = letter != SIZE_MAX && letter < sizeof(letters) - 1 ? values[letter] : text->ptr[0];
            *text = str_from_offset(*text, 1);
        }
        buf_add_byte(out, c);
    }
}

static void
take_literal(struct str *text, struct buf *out)
{
    while (text->len > 0) {
        char c = text->ptr[0];

        *text = str_from_offset(*text, 1);
        if (c == '\'' && !str_starts_c(*text, "'"))
            return;
        if (c == '\'')
            *text = str_from_offset(*text, 1);
        buf_add_byte(out, c);
    }
}

static bool
powershell_string(struct arena *arena, struct str *text, struct str *value)
{
    char quote = text->len > 0 ? text->ptr[0] : '\0';
    struct buf out;

    if (quote != '"' && quote != '\'')
        return false;
    buf_init(&out, MAX_LITERAL);
    *text = str_from_offset(*text, 1);
    if (quote == '"')
        take_expandable(text, &out);
    else
        take_literal(text, &out);
    *value = buf_failed(&out) ? (struct str){ 0 } : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return str_present(*value);
}

/* Blanks, and line ends behind a backtick. */
static void
skip_blanks(struct str *text)
{
    for (;;) {
        if (str_starts_c(*text, "`\r\n"))
            *text = str_from_offset(*text, 3);
        else if (str_starts_c(*text, "`\n"))
            *text = str_from_offset(*text, 2);
        else if (text->len > 0 && (text->ptr[0] == ' ' || text->ptr[0] == '\t'))
            *text = str_from_offset(*text, 1);
        else
            return;
    }
}

/* Length of @{…} or (…) from its opening bracket on; strings in it are skipped. */
static size_t
group_length(struct arena *arena, struct str text)
{
    struct str rest = text, ignored;
    size_t depth = 0;

    while (rest.len > 0) {
        char c = rest.ptr[0];

        if (c == '"' || c == '\'') {
            if (!powershell_string(arena, &rest, &ignored))
                return text.len;
            continue;
        }
        rest = str_from_offset(rest, 1);
        if (c == '{' || c == '(')
            depth++;
        else if (c == '}' || c == ')')
            depth--;
        if (depth == 0)
            break;
    }
    return text.len - rest.len;
}

static enum powershell_value
take_value(struct arena *arena, struct str *text, struct str *value)
{
    size_t length = 0;

    if (text->len == 0 || str_find_byte(STR("\r\n;|"), text->ptr[0]) != SIZE_MAX)
        return POWERSHELL_FLAG;
    if (powershell_string(arena, text, value))
        return POWERSHELL_TEXT;
    if (str_starts_c(*text, "@{") || str_starts_c(*text, "(")) {
        bool table = text->ptr[0] == '@';

        *text = str_from_offset(*text, table);
        length = group_length(arena, *text);
        *value = str_slice(*text, 1, length > 2 ? length - 2 : 0);
        *text = str_from_offset(*text, length);
        return table ? POWERSHELL_TABLE : POWERSHELL_COMPUTED;
    }
    while (length < text->len && !is_white(text->ptr[length]) && text->ptr[length] != ';')
        length++;
    *value = str_slice(*text, 0, length);
    *text = str_from_offset(*text, length);
    return POWERSHELL_TEXT;
}

enum powershell_value
powershell_take(struct arena *arena, struct str *text, struct str *name, struct str *value)
{
    size_t length = 1;

    *name = STR("");
    *value = (struct str){ 0 };
    skip_blanks(text);
    if (text->len == 0 || str_find_byte(STR("\r\n;|"), text->ptr[0]) != SIZE_MAX || arena_failed(arena))
        return POWERSHELL_END;
    if (text->ptr[0] != '-')
        return take_value(arena, text, value);
    while (length < text->len && is_word(text->ptr[length]))
        length++;
    *name = str_slice(*text, 1, length - 1);
    *text = str_from_offset(*text, length);
    if (str_starts_c(*text, ":"))
        *text = str_from_offset(*text, 1);
    skip_blanks(text);
    if (str_starts_c(*text, "-"))
        return POWERSHELL_FLAG;
    return take_value(arena, text, value);
}

bool
powershell_take_pair(struct arena *arena, struct str *text, struct str *name, struct str *value)
{
    size_t length = 0;

    while (text->len > 0 && (is_white(text->ptr[0]) || text->ptr[0] == ';'))
        *text = str_from_offset(*text, 1);
    if (text->len == 0)
        return false;
    if (!powershell_string(arena, text, name)) {
        while (length < text->len && (is_word(text->ptr[length]) || text->ptr[length] == '-'))
            length++;
        *name = str_slice(*text, 0, length);
        *text = str_from_offset(*text, length);
    }
    skip_white(text);
    if (!str_starts_c(*text, "="))
        return false;
    *text = str_from_offset(*text, 1);
    skip_white(text);
    return powershell_string(arena, text, value) || take_value(arena, text, value) == POWERSHELL_TEXT;
}
