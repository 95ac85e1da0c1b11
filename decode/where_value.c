/* SPDX-License-Identifier: MIT */
#include "where_value.h"

#include <string.h>

/* Offset behind the start tag at the head of element; SIZE_MAX: it has no end, or the element is empty. */
static size_t
content_start(struct str element)
{
    char quote = '\0';

    for (size_t i = 0; i < element.len; i++) {
        char c = element.ptr[i];

        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return element.ptr[i - 1] == '/' ? SIZE_MAX : i + 1;
    }
    return SIZE_MAX;
}

static bool
element_value(struct str element, struct str *value)
{
    size_t start = content_start(element), end = element.len;

    if (start == SIZE_MAX) {
        *value = str_slice(element, element.len, 0);
        return true;
    }
    while (end > start && element.ptr[end - 1] != '<')
        end--;
    if (end == start)
        return false;
    *value = str_slice(element, start, end - 1 - start);
    return true;
}

static bool
attribute_value(struct str attribute, struct str *value)
{
    size_t at = 0;

    while (at < attribute.len && attribute.ptr[at] != '"' && attribute.ptr[at] != '\'')
        at++;
    if (at + 1 >= attribute.len || attribute.ptr[attribute.len - 1] != attribute.ptr[at])
        return false;
    *value = str_slice(attribute, at + 1, attribute.len - at - 2);
    return true;
}

bool
where_value(struct str xml, struct where where, struct str *value)
{
    struct str range;
    bool attribute = str_find_c(where.xpath, "/@") != SIZE_MAX;

    *value = (struct str){ 0 };
    if (where.document != 0 || where.length == 0 || where.offset >= xml.len || where.length > xml.len - where.offset)
        return false;
    range = str_slice(xml, where.offset, where.length);
    /* An attribute whose own range is not known is placed at its element. */
    if (attribute != (range.ptr[0] != '<'))
        return false;
    return attribute ? attribute_value(range, value) : element_value(range, value);
}

void
where_line(struct str xml, size_t offset, size_t *line, size_t *column)
{
    size_t start = 0;

    if (offset > xml.len)
        offset = xml.len;
    *line = 1;
    for (size_t i = 0; i < offset; i++)
        if (xml.ptr[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    *column = offset - start + 1;
}
