/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include <math.h>
#include <string.h>

#include "json_load.h"
#include "urlform.h"

/* The four hex digits of a "\u" escape at s, or -1. */
static int32_t
escape_code(struct str s)
{
    int32_t code = 0;

    if (s.len < 6 || s.ptr[0] != '\\' || s.ptr[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(s.ptr[i]);

        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

size_t
json_text_utf8_length(struct str s)
{
    unsigned char c = (unsigned char)s.ptr[0];
    size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    unsigned char second;

    if (len == 0 || len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
            return 0;
    second = len > 1 ? (unsigned char)s.ptr[1] : 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
        (c == 0xf4 && second > 0x8f))
        return 0;
    return len;
}

/*
 * A copy of the same length in which lone surrogate escapes have become the replacement character and
 * bytes that are no UTF-8 a question mark: JSON.stringify writes the former, and one of them must not
 * cost the whole capture.
 */
static struct str
mended(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    size_t i = 0;

    if (copy == NULL)
        return (struct str){ 0 };
    memcpy(copy, text.ptr, text.len);
    while (i < text.len) {
        struct str rest = str_from_offset(text, i);
        int32_t code = escape_code(rest);
        size_t len = json_text_utf8_length(rest);

        if (code >= 0xd800 && code < 0xdc00 && escape_code(str_from_offset(rest, 6)) >= 0xdc00 &&
            escape_code(str_from_offset(rest, 6)) < 0xe000) {
            i += 12;
        } else if (code >= 0xd800 && code < 0xe000) {
            for (const char *c = "\\ufffd"; *c != '\0'; c++)
                copy[i++] = *c;
        } else if (len == 0) {
            copy[i++] = '?';
        } else {
            i += rest.ptr[0] == '\\' && rest.len > 1 && (unsigned char)rest.ptr[1] < 0x80 ? 2 : len;
        }
    }
    return (struct str){ copy, text.len };
}

json_t *
json_text_load(struct arena *arena, struct str text, struct str *problem)
{
    json_error_t error;
    json_t *root;

    *problem = (struct str){ 0 };
    if (str_starts_c(text, "\xef\xbb\xbf"))
        text = str_from_offset(text, 3);
    if (text.len == 0) {
        *problem = STR("empty");
        return NULL;
    }
    root = json_load(text, JSON_ALLOW_NUL, &error);
    if (root == NULL &&
        (json_error_code(&error) == json_error_invalid_utf8 || json_error_code(&error) == json_error_invalid_syntax)) {
        text = mended(arena, text);
        if (str_present(text))
            root = json_load(text, JSON_ALLOW_NUL, &error);
    }
    if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
        *problem = STR("out of memory");
    else if (root == NULL)
        *problem = arena_printf(arena, "no JSON, line %d, column %d: %s", error.line, error.column, error.text);
    return root;
}

struct str
json_text_string(struct arena *arena, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value))
        return (struct str){ 0 };
    return arena_copy(arena, (struct str){ json_string_value(value), json_string_length(value) });
}

int64_t
json_text_number(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    double number;

    if (!json_is_number(value))
        return fallback;
    number = json_number_value(value);
    return isfinite(number) && fabs(number) < 9e15 ? (int64_t)number : fallback;
}

bool
json_text_add_header(struct arena *arena, struct headers *headers, struct str name, struct str value)
{
    struct header *items = arena_calloc(arena, headers->count + 1, sizeof(*items));

    if (items == NULL)
        return false;
    if (headers->count > 0)
        memcpy(items, headers->items, headers->count * sizeof(*items));
    items[headers->count++] = (struct header){ name, value };
    headers->items = items;
    return true;
}

static struct str
copy_string(struct arena *arena, const json_t *value)
{
    if (!json_is_string(value))
        return STR("");
    return arena_copy(arena, (struct str){ json_string_value(value), json_string_length(value) });
}

bool
json_text_headers(struct arena *arena, const json_t *array, struct headers *headers)
{
    size_t count = json_array_size(array);

    *headers = (struct headers){ 0 };
    if (count == 0)
        return true;
    headers->items = arena_calloc(arena, count, sizeof(*headers->items));
    if (headers->items == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        bool pair = json_is_array(item);
        struct header *header = &headers->items[headers->count];

        header->name = copy_string(arena, pair ? json_array_get(item, 0) : json_object_get(item, "name"));
        header->value = copy_string(arena, pair ? json_array_get(item, 1) : json_object_get(item, "value"));
        if (header->name.len > 0)
            headers->count++;
    }
    return !arena_failed(arena);
}

static void
add_encoded(struct buf *form, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
            c == '.' || c == '*')
            buf_add_byte(form, c);
        else if (c == ' ')
            buf_add_byte(form, '+');
        else
            buf_printf(form, "%%%02X", (unsigned)(unsigned char)c);
    }
}

void
json_text_add_pair(struct buf *form, struct str name, struct str value, bool encoded)
{
    if (form->len > 0)
        buf_add_byte(form, '&');
    if (encoded) {
        buf_add_str(form, name);
        buf_add_byte(form, '=');
        buf_add_str(form, value);
        return;
    }
    add_encoded(form, name);
    buf_add_byte(form, '=');
    add_encoded(form, value);
}
