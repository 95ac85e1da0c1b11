/* SPDX-License-Identifier: MIT */
#include "urlform.h"

int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_escape(struct str s, size_t i)
{
    return s.len - i >= 3 && hex_value(s.ptr[i + 1]) >= 0 && hex_value(s.ptr[i + 2]) >= 0;
}

struct str
percent_decode(struct arena *arena, struct str s, bool plus_is_space, size_t *bad_at)
{
    size_t len = 0;
    char *out;

    *bad_at = SIZE_MAX;
    for (size_t i = 0; i < s.len && *bad_at == SIZE_MAX; i++)
        if ((s.ptr[i] == '%' && !is_escape(s, i)) || (unsigned char)s.ptr[i] > 0x7f)
            *bad_at = i;
    if (str_find_byte(s, '%') == SIZE_MAX && (!plus_is_space || str_find_byte(s, '+') == SIZE_MAX))
        return s;
    out = arena_alloc(arena, s.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%' && is_escape(s, i)) {
            c = (char)(hex_value(s.ptr[i + 1]) * 16 + hex_value(s.ptr[i + 2]));
            i += 2;
        }
        out[len++] = c;
    }
    return (struct str){ out, len };
}

static bool
read_field(struct arena *arena, struct str text, struct str pair, struct urlform_field *field)
{
    size_t ignored;

    *field = (struct urlform_field){ .bad_at = SIZE_MAX };
    if (str_cut(pair, '=', &field->raw_name, &field->raw_value)) {
        field->offset = (size_t)(field->raw_value.ptr - text.ptr);
        field->value = percent_decode(arena, field->raw_value, true, &field->bad_at);
        if (!str_present(field->value))
            return false;
    }
    field->name = percent_decode(arena, field->raw_name, true, &ignored);
    return str_present(field->name);
}

bool
urlform_read(struct arena *arena, struct str text, struct urlform *form)
{
    struct str rest = text, pair;
    size_t capacity = 0;
    bool more = text.len > 0;

    *form = (struct urlform){ 0 };
    while (more) {
        more = str_cut(rest, '&', &pair, &rest);
        if (pair.len == 0)
            continue;
        if (form->count == URLFORM_MAX_FIELDS) {
            form->cut = true;
            break;
        }
        if (!arena_grow(arena, (void **)&form->items, form->count, &capacity, sizeof(*form->items)) ||
            !read_field(arena, text, pair, &form->items[form->count]))
            return false;
        form->count++;
    }
    return true;
}

const struct urlform_field *
urlform_get(const struct urlform *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (str_eq_c(form->items[i].name, name))
            return &form->items[i];
    return NULL;
}

size_t
urlform_count(const struct urlform *form, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < form->count; i++)
        count += str_eq_c(form->items[i].name, name);
    return count;
}
