/* SPDX-License-Identifier: MIT */
#include "multipart.h"

enum { MAX_BOUNDARY = 200 };

/* Cuts the next parameter off *rest (which begins behind a ";"). Values may stand in quotes. */
static void
next_parameter(struct str *rest, struct str *key, struct str *value)
{
    size_t i = 0, from;
    struct str s = *rest;

    while (i < s.len && s.ptr[i] != '=' && s.ptr[i] != ';')
        i++;
    *key = str_trim(str_slice(s, 0, i));
    *value = STR("");
    if (i < s.len && s.ptr[i] == '=') {
        i++;
        if (i < s.len && s.ptr[i] == '"') {
            from = ++i;
            while (i < s.len && s.ptr[i] != '"')
                i++;
            *value = str_slice(s, from, i - from);
        } else {
            from = i;
            while (i < s.len && s.ptr[i] != ';')
                i++;
            *value = str_trim(str_slice(s, from, i - from));
        }
    }
    while (i < s.len && s.ptr[i] != ';')
        i++;
    *rest = str_from_offset(s, i + 1);
}

struct str
multipart_parameter(struct str header, const char *name)
{
    struct str rest, kind, key, value;

    str_cut(header, ';', &kind, &rest);
    while (rest.len > 0) {
        next_parameter(&rest, &key, &value);
        if (str_eq_nocase(key, str_from(name)))
            return value;
    }
    return (struct str){ 0 };
}

static struct str
find_boundary(struct str body, struct str content_type)
{
    struct str boundary = multipart_parameter(content_type, "boundary"), line, rest;

    if (boundary.len > 0)
        return boundary;
    str_cut(body, '\n', &line, &rest);
    line = str_trim(line);
    return str_from_offset(line, str_starts_c(line, "--") ? 2 : line.len);
}

/* Offset of the delimiter "--boundary" at a line start at or behind from; SIZE_MAX when there is none. */
static size_t
find_delimiter(struct str body, size_t from, struct str delimiter)
{
    for (;;) {
        size_t at = str_find(str_from_offset(body, from), delimiter);

        if (at == SIZE_MAX)
            return SIZE_MAX;
        at += from;
        if (at == 0 || body.ptr[at - 1] == '\n')
            return at;
        from = at + 1;
    }
}

/* Splits a part into head and content. Returns false when it has no name. */
static bool
read_part(struct str part, struct str *name, struct str *value)
{
    struct str rest = part, line, key, content;

    *name = (struct str){ 0 };
    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        line = str_trim(line);
        if (line.len == 0)
            break;
        if (str_cut(line, ':', &key, &content) && str_eq_nocase(str_trim(key), STR("Content-Disposition")))
            *name = multipart_parameter(content, "name");
    }
    *value = str_present(rest) ? rest : STR("");
    /* The line end before the delimiter belongs to the delimiter. */
    if (str_ends_c(*value, "\r\n"))
        value->len -= 2;
    else if (str_ends_c(*value, "\n"))
        value->len--;
    return name->len > 0;
}

bool
multipart_read(struct arena *arena, struct str body, struct str content_type, struct multipart *form)
{
    struct str boundary = find_boundary(body, content_type), delimiter;
    size_t at, capacity = 0;

    *form = (struct multipart){ .cut = true };
    if (boundary.len == 0 || boundary.len > MAX_BOUNDARY)
        return true;
    delimiter = arena_printf(arena, "--%.*s", STR_ARG(boundary));
    if (!str_present(delimiter))
        return false;
    at = find_delimiter(body, 0, delimiter);
    while (at != SIZE_MAX && form->count < MULTIPART_MAX_FIELDS) {
        size_t from = at + delimiter.len, next;
        struct str name, value;

        if (str_starts_c(str_from_offset(body, from), "--")) {
            form->cut = false;
            break;
        }
        from += str_find_byte(str_from_offset(body, from), '\n') + 1; /* SIZE_MAX + 1: no line end, nothing skipped */
        next = find_delimiter(body, from, delimiter);
        if (read_part(str_slice(body, from, (next == SIZE_MAX ? body.len : next) - from), &name, &value)) {
            if (!arena_grow(arena, (void **)&form->items, form->count, &capacity, sizeof(*form->items)))
                return false;
            form->items[form->count++] =
                (struct multipart_field){ name, value, value.len > 0 ? (size_t)(value.ptr - body.ptr) : SIZE_MAX };
        }
        at = next;
    }
    return true;
}
