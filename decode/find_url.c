/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "find_parts.h"
#include "urlform.h"

bool
find_is_binding_parameter(struct str name)
{
    static const char *const names[] = { "SAMLRequest", "SAMLResponse", "SAMLart",      "RelayState",
                                         "SigAlg",      "Signature",    "SAMLEncoding", "wresult" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_nocase(name, str_from(names[i])))
            return true;
    return find_is_wsfed_parameter(name);
}

struct str
find_endpoint(struct arena *arena, struct str url)
{
    struct str base, query, pair, name, value;
    size_t hash = str_find_byte(url, '#'), len;
    bool more = true, dropped = false;
    char *out;

    if (hash != SIZE_MAX)
        url.len = hash;
    if (!str_cut(url, '?', &base, &query))
        return url;
    out = arena_alloc(arena, url.len + 1);
    if (out == NULL)
        return (struct str){ 0 };
    memcpy(out, base.ptr, base.len);
    len = base.len;
    while (more) {
        more = str_cut(query, '&', &pair, &query);
        str_cut(pair, '=', &name, &value);
        if (find_is_binding_parameter(name)) {
            dropped = true;
            continue;
        }
        out[len] = len == base.len ? '?' : '&';
        if (pair.len > 0)
            memcpy(out + len + 1, pair.ptr, pair.len);
        len += pair.len + 1;
    }
    return dropped ? (struct str){ out, len } : url;
}

static struct str
without_fragment(struct str url)
{
    size_t hash = str_find_byte(url, '#');

    return hash == SIZE_MAX ? url : str_slice(url, 0, hash);
}

/* "https:" and the like: a letter, then letters, digits, "+", "-", "." up to a colon (RFC 3986 3.1). */
static bool
has_scheme(struct str ref)
{
    for (size_t i = 0; i < ref.len; i++) {
        char c = ref.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (c == ':')
            return i > 0;
        if (!letter && (i == 0 || ((c < '0' || c > '9') && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return false;
}

struct str
find_resolve(struct arena *arena, const struct exchange *exchange, struct str ref)
{
    struct exchange copy = *exchange;
    struct str path, query;
    char *target;

    ref = without_fragment(str_trim(ref));
    if (has_scheme(ref) || exchange->host.len == 0)
        return ref;
    if (ref.len == 0)
        return exchange_url(arena, exchange);
    if (str_starts_c(ref, "//"))
        return arena_printf(arena, "%.*s:%.*s", STR_ARG(exchange->scheme), STR_ARG(ref));
    str_cut(exchange->target, '?', &path, &query);
    if (ref.ptr[0] == '/')
        path.len = 0;
    else if (ref.ptr[0] != '?')
        while (path.len > 0 && path.ptr[path.len - 1] != '/')
            path.len--;
    target = arena_alloc(arena, path.len + ref.len + 1);
    if (target == NULL)
        return (struct str){ 0 };
    if (path.len > 0)
        memcpy(target, path.ptr, path.len);
    memcpy(target + path.len, ref.ptr, ref.len);
    copy.target = (struct str){ target, path.len + ref.len };
    return exchange_url(arena, &copy);
}
