/* SPDX-License-Identifier: MIT */
#include "url.h"

static bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_label_byte(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
}

static void
split_authority(struct str authority, struct url *url)
{
    size_t at = str_find_byte(authority, '@');

    if (at != SIZE_MAX)
        authority = str_from_offset(authority, at + 1);
    if (authority.len > 0 && authority.ptr[0] == '[') {
        size_t end = str_find_byte(authority, ']');
        struct str rest = str_from_offset(authority, end == SIZE_MAX ? authority.len : end + 1);

        url->host = str_slice(authority, 1, (end == SIZE_MAX ? authority.len : end) - 1);
        if (rest.len > 0 && rest.ptr[0] == ':')
            url->port = str_from_offset(rest, 1);
        return;
    }
    str_cut(authority, ':', &url->host, &url->port);
}

bool
url_split(struct str text, struct url *url)
{
    size_t colon = str_find_c(text, "://"), end;
    struct str rest, authority;

    *url = (struct url){ 0 };
    if (colon == SIZE_MAX || colon == 0 || colon > 16)
        return false;
    for (size_t i = 0; i < colon; i++)
        if (!is_label_byte(text.ptr[i]))
            return false;
    rest = str_from_offset(text, colon + 3);
    for (end = 0; end < rest.len; end++)
        if (rest.ptr[end] == '/' || rest.ptr[end] == '?' || rest.ptr[end] == '#')
            break;
    authority = str_slice(rest, 0, end);
    if (authority.len == 0)
        return false;
    url->scheme = str_slice(text, 0, colon);
    split_authority(authority, url);
    rest = str_from_offset(rest, end);
    str_cut(rest, '#', &rest, &url->fragment);
    str_cut(rest, '?', &url->path, &url->query);
    return true;
}

bool
url_default_port(const struct url *url)
{
    if (!str_present(url->port))
        return true;
    return str_eq_nocase(url->scheme, STR("https"))
               ? str_eq_c(url->port, "443")
               : str_eq_nocase(url->scheme, STR("http")) && str_eq_c(url->port, "80");
}

size_t
aws_region_length(struct str text)
{
    size_t i = 0, words = 0;

    while (i < text.len && is_lower(text.ptr[i]))
        i++;
    if (i != 2)
        return 0;
    while (i + 1 < text.len && text.ptr[i] == '-' && is_lower(text.ptr[i + 1])) {
        i++;
        while (i < text.len && is_lower(text.ptr[i]))
            i++;
        words++;
    }
    if (words == 0 || i + 1 >= text.len || text.ptr[i] != '-' || !is_digit(text.ptr[i + 1]))
        return 0;
    i += 2;
    return i < text.len && is_label_byte(text.ptr[i]) ? 0 : i;
}
