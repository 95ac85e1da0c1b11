/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "json_text.h"

enum { MAX_DEPTH = 512 };

struct closing {
    bool in_string, escaped, failed;
    unsigned char array[MAX_DEPTH]; /* by level: it is an array */
    size_t depth;
    size_t whole;       /* length of the text up to which nothing is incomplete */
    size_t whole_depth; /* brackets that are open there */
};

static void
note_whole(struct closing *closing, size_t length)
{
    closing->whole = length;
    closing->whole_depth = closing->depth;
}

static void
take_bracket(struct closing *closing, size_t at, char c)
{
    bool opens = c == '{' || c == '[';

    if (opens ? closing->depth == MAX_DEPTH : closing->depth == 0) {
        closing->failed = true;
        return;
    }
    if (opens)
        closing->array[closing->depth++] = c == '[';
    else
        closing->depth--;
    note_whole(closing, at + 1);
}

static void
take_byte(struct closing *closing, size_t at, char c)
{
    if (closing->in_string) {
        closing->in_string = closing->escaped || c != '"';
        closing->escaped = !closing->escaped && c == '\\';
    } else if (c == '"') {
        closing->in_string = true;
    } else if (c == ',') {
        note_whole(closing, at); /* a value ended before it */
    } else if (c == '{' || c == '[' || c == '}' || c == ']') {
        take_bracket(closing, at, c);
    }
}

struct str
json_text_close(struct arena *arena, struct str text)
{
    struct closing *closing = arena_alloc(arena, sizeof(*closing));
    size_t length;
    char *copy;

    if (closing == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len && !closing->failed; i++)
        take_byte(closing, i, text.ptr[i]);
    if (closing->failed || closing->whole == 0)
        return (struct str){ 0 };
    length = closing->whole + closing->whole_depth;
    copy = arena_alloc(arena, length + 1);
    if (copy == NULL)
        return (struct str){ 0 };
    memcpy(copy, text.ptr, closing->whole);
    for (size_t i = closing->whole; i < length; i++)
        copy[i] = closing->array[length - 1 - i] ? ']' : '}';
    return (struct str){ copy, length };
}
