/* SPDX-License-Identifier: MIT */
#include "shell_words.h"

#include "buf.h"
#include "urlform.h"

enum { MAX_WORD = 8 * 1024 * 1024 };

struct splitter {
    struct arena *arena;
    struct str rest;
    struct buf word;
    bool in_word;
    bool is_cmd;
    struct shell_command *command;
    size_t capacity;
};

static char
take(struct splitter *splitter)
{
    char c = splitter->rest.ptr[0];

    splitter->rest = str_from_offset(splitter->rest, 1);
    return c;
}

static bool
next_is(const struct splitter *splitter, char c)
{
    return splitter->rest.len > 0 && splitter->rest.ptr[0] == c;
}

static void
skip_line_end(struct splitter *splitter)
{
    if (next_is(splitter, '\r'))
        take(splitter);
    if (next_is(splitter, '\n'))
        take(splitter);
}

static bool
at_line_end(const struct splitter *splitter)
{
    return splitter->rest.len == 0 || next_is(splitter, '\n') || str_starts_c(splitter->rest, "\r\n");
}

static bool
end_word(struct splitter *splitter)
{
    struct shell_command *command = splitter->command;

    if (!splitter->in_word)
        return true;
    splitter->in_word = false;
    if (command->count == SHELL_MAX_WORDS)
        return true;
    if (buf_failed(&splitter->word) || !arena_grow(splitter->arena, (void **)&command->items, command->count,
                                                   &splitter->capacity, sizeof(*command->items)))
        return false;
    command->items[command->count++] = arena_copy(splitter->arena, buf_str(&splitter->word));
    buf_reset(&splitter->word);
    return !arena_failed(splitter->arena);
}

static void
add_code_point(struct buf *out, uint32_t code)
{
    if (code < 0x80) {
        buf_add_byte(out, (char)code);
    } else if (code < 0x800) {
        buf_add_byte(out, (char)(0xc0 | code >> 6));
        buf_add_byte(out, (char)(0x80 | (code & 0x3f)));
    } else {
        buf_add_byte(out, (char)(0xe0 | code >> 12));
        buf_add_byte(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* Up to max digits of that base (8 or 16). */
static uint32_t
take_number(struct splitter *splitter, int base, int max)
{
    uint32_t value = 0;

    for (int i = 0; i < max && splitter->rest.len > 0; i++) {
        int digit = hex_value(splitter->rest.ptr[0]);

        if (digit < 0 || digit >= base)
            break;
        value = value * (uint32_t)base + (uint32_t)digit;
        take(splitter);
    }
    return value;
}

/* An escape of $'…', behind its backslash. */
static void
take_ansi_escape(struct splitter *splitter)
{
    static const char letters[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
    char c = splitter->rest.len > 0 ? splitter->rest.ptr[0] : '\\';

    if (c >= '0' && c <= '7') {
        buf_add_byte(&splitter->word, (char)take_number(splitter, 8, 3));
        return;
    }
    if (splitter->rest.len > 0)
        take(splitter);
    if (c == 'x') {
        buf_add_byte(&splitter->word, (char)take_number(splitter, 16, 2));
        return;
    }
    if (c == 'u') {
        add_code_point(&splitter->word, take_number(splitter, 16, 4));
        return;
    }
    for (size_t i = 0; i < sizeof(letters) - 1; i++)
        if (letters[i] == c)
            c = values[i];
    buf_add_byte(&splitter->word, c);
}

/* Behind the opening quote, to the closing one or the end. */
static void
take_quoted(struct splitter *splitter, char quote, bool ansi)
{
    splitter->in_word = true;
    while (splitter->rest.len > 0) {
        char c = take(splitter);

        if (c == quote)
            return;
        if (c != '\\' || (quote == '\'' && !ansi)) {
            buf_add_byte(&splitter->word, c);
        } else if (ansi) {
            take_ansi_escape(splitter);
        } else if (at_line_end(splitter)) {
            skip_line_end(splitter);
        } else if (str_find_byte(STR("\"\\$`"), splitter->rest.ptr[0]) != SIZE_MAX) {
            buf_add_byte(&splitter->word, take(splitter));
        } else {
            buf_add_byte(&splitter->word, '\\');
        }
    }
}

/* Quoting of programs under cmd.exe, with carets taken off: "…", in which \" is a quote. */
static void
take_cmd_quoted(struct splitter *splitter)
{
    splitter->in_word = true;
    while (splitter->rest.len > 0) {
        char c = take(splitter);

        if (c == '^' && splitter->rest.len > 0) {
            if (at_line_end(splitter)) { /* a line end that is meant stands behind the one that is taken off */
                skip_line_end(splitter);
                continue;
            }
            c = take(splitter);
        }
        if (c == '"')
            return;
        if (c == '\\' && (next_is(splitter, '"') || str_starts_c(splitter->rest, "^\""))) {
            if (next_is(splitter, '^'))
                take(splitter);
            c = take(splitter);
        } else if (c == '\\' && (next_is(splitter, '\\') || str_starts_c(splitter->rest, "^\\"))) {
            if (next_is(splitter, '^'))
                take(splitter);
            take(splitter);
        }
        buf_add_byte(&splitter->word, c);
    }
}

/* A byte outside of quotes that is no blank and ends nothing. */
static void
take_plain(struct splitter *splitter, char c)
{
    char escape = splitter->is_cmd ? '^' : '\\';

    if (c == escape && at_line_end(splitter)) {
        skip_line_end(splitter);
    } else if (c == escape && splitter->is_cmd && next_is(splitter, '"')) {
        take(splitter);
        take_cmd_quoted(splitter);
    } else if (c == '"' && splitter->is_cmd) {
        take_cmd_quoted(splitter);
    } else if (c == '"' || (c == '\'' && !splitter->is_cmd)) {
        take_quoted(splitter, c, false);
    } else if (c == '$' && next_is(splitter, '\'')) {
        take(splitter);
        take_quoted(splitter, '\'', true);
    } else {
        splitter->in_word = true;
        buf_add_byte(&splitter->word, c == escape ? take(splitter) : c);
    }
}

bool
shell_words_are_cmd(struct str text)
{
    return str_find_c(text, "^\"") != SIZE_MAX || str_find_c(text, "^\n") != SIZE_MAX ||
           str_find_c(text, "^\r\n") != SIZE_MAX;
}

bool
shell_words_read(struct arena *arena, struct str *text, bool is_cmd, struct shell_command *command)
{
    struct splitter splitter = { .arena = arena, .rest = *text, .is_cmd = is_cmd, .command = command };
    bool ok = true, ended = false;

    *command = (struct shell_command){ 0 };
    buf_init(&splitter.word, MAX_WORD);
    while (ok && !ended && splitter.rest.len > 0) {
        char c = take(&splitter);

        ended = c == '\n' || c == ';' || c == '&' || c == '|';
        if (ended || c == ' ' || c == '\t' || c == '\r')
            ok = end_word(&splitter);
        else
            take_plain(&splitter, c);
    }
    ok = ok && end_word(&splitter);
    buf_release(&splitter.word);
    *text = splitter.rest;
    return ok;
}
