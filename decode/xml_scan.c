/* SPDX-License-Identifier: MIT */
#include "xml_scan.h"

#include <string.h>

struct level {
    uint32_t index;      /* of the element in ranges */
    uint32_t namespaces; /* in scope */
};

struct scanner {
    struct arena *arena;
    struct str bytes;
    const struct xml_limits *limits;
    struct xml_scan *scan;
    size_t capacity;
    struct level *levels;
    uint32_t depth;
    size_t at;
    bool ended;
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
stop(struct scanner *s, enum xml_result result, size_t offset)
{
    s->scan->result = result;
    s->scan->offset = offset;
    s->ended = true;
}

/* Moves behind the next terminator; without one the scan ends. */
static void
skip_past(struct scanner *s, const char *terminator)
{
    size_t found = str_find_c(str_from_offset(s->bytes, s->at), terminator);

    if (found == SIZE_MAX)
        s->ended = true;
    else
        s->at += found + strlen(terminator);
}

static void
close_element(struct scanner *s)
{
    struct xml_range *range;

    if (s->depth == 0) {
        s->ended = true;
        return;
    }
    range = &s->scan->ranges[s->levels[--s->depth].index];
    range->length = s->at - range->offset;
}

/*
 * One step inside a start tag at offset at. Returns the offset of the closing '>' or SIZE_MAX, with
 * the numbers of attributes and of namespace declarations.
 */
static size_t
measure_tag(struct str bytes, size_t at, uint32_t *attributes, uint32_t *namespaces)
{
    size_t name = 0;
    const char *quote;

    *attributes = *namespaces = 0;
    for (; at < bytes.len; at++) {
        char c = bytes.ptr[at];

        if (c == '>')
            return at;
        if (c == '"' || c == '\'') {
            quote = memchr(bytes.ptr + at + 1, c, bytes.len - at - 1);
            if (quote == NULL)
                return SIZE_MAX;
            at = (size_t)(quote - bytes.ptr);
        } else if (c == '=') {
            if (str_starts_c(str_from_offset(bytes, name), "xmlns"))
                ++*namespaces;
            else
                ++*attributes;
        } else if (at > 0 && (is_space(bytes.ptr[at - 1]) || bytes.ptr[at - 1] == '"' || bytes.ptr[at - 1] == '\'')) {
            name = at;
        }
    }
    return SIZE_MAX;
}

static void
open_element(struct scanner *s)
{
    struct xml_scan *scan = s->scan;
    size_t start = s->at;
    uint32_t attributes, namespaces, in_scope;
    size_t end = measure_tag(s->bytes, start + 1, &attributes, &namespaces);

    in_scope = namespaces + (s->depth > 0 ? s->levels[s->depth - 1].namespaces : 0);
    scan->squares += (uint64_t)attributes * attributes + (uint64_t)in_scope * in_scope;
    if (attributes > s->limits->max_attributes || namespaces > s->limits->max_namespaces ||
        scan->squares > s->limits->max_squares)
        return stop(s, XML_TOO_MANY_ATTRIBUTES, start);
    if (s->depth >= s->limits->max_depth)
        return stop(s, XML_TOO_DEEP, start);
    if (scan->count >= s->limits->max_elements)
        return stop(s, XML_TOO_MANY_NODES, start);
    if (end == SIZE_MAX) {
        s->ended = true;
        return;
    }
    if (!arena_grow(s->arena, (void **)&scan->ranges, scan->count, &s->capacity, sizeof(*scan->ranges)))
        return stop(s, XML_NO_MEMORY, start);
    scan->ranges[scan->count] = (struct xml_range){ start, 0 };
    s->levels[s->depth++] = (struct level){ scan->count++, in_scope };
    s->at = end + 1;
    if (s->bytes.ptr[end - 1] == '/')
        close_element(s);
}

static void
markup(struct scanner *s)
{
    struct str rest = str_from_offset(s->bytes, s->at);

    if (str_starts_c(rest, "</")) {
        skip_past(s, ">");
        if (!s->ended)
            close_element(s);
    } else if (str_starts_c(rest, "<!--")) {
        s->at += 4;
        skip_past(s, "-->");
    } else if (str_starts_c(rest, "<![CDATA[")) {
        skip_past(s, "]]>");
    } else if (str_starts_c(rest, "<?")) {
        skip_past(s, "?>");
    } else if (str_starts_c(rest, "<!DOCTYPE")) {
        stop(s, XML_DTD, s->at);
    } else {
        open_element(s);
    }
}

bool
xml_scan(struct arena *arena, struct str bytes, const struct xml_limits *limits, struct xml_scan *scan)
{
    struct scanner s = { .arena = arena, .bytes = bytes, .limits = limits, .scan = scan };

    *scan = (struct xml_scan){ .result = XML_OK };
    /* A guess that is right for most messages saves moving the array. */
    s.capacity = bytes.len / 128 + 16;
    scan->ranges = arena_calloc(arena, s.capacity, sizeof(*scan->ranges));
    s.levels = arena_calloc(arena, limits->max_depth + 1, sizeof(*s.levels));
    if (scan->ranges == NULL || s.levels == NULL)
        return false;
    while (!s.ended && s.at < bytes.len) {
        const char *next = memchr(bytes.ptr + s.at, '<', bytes.len - s.at);

        if (next == NULL)
            break;
        s.at = (size_t)(next - bytes.ptr);
        markup(&s);
    }
    return scan->result != XML_NO_MEMORY;
}

bool
xml_scan_attribute(struct str tag, struct str name, size_t *offset, size_t *length)
{
    size_t at = 1;

    while (at < tag.len && !is_space(tag.ptr[at]) && tag.ptr[at] != '>')
        at++;
    while (at < tag.len) {
        size_t start, end;
        const char *close;

        while (at < tag.len && is_space(tag.ptr[at]))
            at++;
        start = at;
        while (at < tag.len && tag.ptr[at] != '=' && !is_space(tag.ptr[at]) && tag.ptr[at] != '>')
            at++;
        end = at;
        while (at < tag.len && tag.ptr[at] != '"' && tag.ptr[at] != '\'') {
            if (tag.ptr[at] == '>')
                return false;
            at++;
        }
        if (at >= tag.len)
            return false;
        close = memchr(tag.ptr + at + 1, tag.ptr[at], tag.len - at - 1);
        if (close == NULL)
            return false;
        at = (size_t)(close - tag.ptr) + 1;
        if (str_eq(str_slice(tag, start, end - start), name)) {
            *offset = start;
            *length = at - start;
            return true;
        }
    }
    return false;
}
