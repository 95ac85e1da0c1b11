/* SPDX-License-Identifier: MIT */
/* What people paste without an exchange around it: URLs, forms, tokens, artifacts, JSON documents. */
#include "base64.h"
#include "find_parts.h"
#include "oauth.h"
#include "scim.h"
#include "urlform.h"

enum { TYPE1_BYTES = 42, TYPE4_BYTES = 44, MAX_ARTIFACT = 512 };

/* "myapp://callback": scheme and the rest; applications of their own scheme get redirects, too. */
static bool
has_scheme(struct str url)
{
    size_t at = str_find_c(url, "://");

    if (at == SIZE_MAX || at == 0 || at > 40)
        return false;
    for (size_t i = 0; i < at; i++) {
        char c = url.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '.' ||
              c == '-'))
            return false;
    }
    return true;
}

bool
find_in_url(struct arena *arena, struct str url, bool pasted, const struct saml_options *options, struct messages *out)
{
    struct exchange exchange = { .method = STR("GET") };
    struct str base, path, query, fragment;
    size_t before = out->count;

    str_cut(url, '#', &base, &fragment);
    if (!str_cut(base, '?', &path, &query) && !has_scheme(base)) { /* a query alone */
        query = base;
        path = str_slice(base, 0, 0);
    }
    if (!exchange_set_url(arena, &exchange, base)) {
        exchange = (struct exchange){ .method = STR("GET") };
        exchange.target = arena_printf(arena, "/?%.*s", STR_ARG(query));
    }
    if (!find_messages(arena, &exchange, options, out))
        return false;
    if (out->count == before && pasted && !oauth_find_parameters(arena, &exchange, query, false, options, out))
        return false;
    if (fragment.len > 0 && pasted && !oauth_find_parameters(arena, &exchange, fragment, true, options, out))
        return false;
    /* The URL of another application than a web server's is known, too. */
    for (size_t i = before; i < out->count; i++)
        if (!str_present(out->items[i].url) && has_scheme(path))
            out->items[i].url = path;
    return true;
}

bool
find_in_form(struct arena *arena, struct str body, const struct saml_options *options, struct messages *out)
{
    struct header type = { STR("Content-Type"), STR("application/x-www-form-urlencoded") };
    struct exchange exchange = { .method = STR("POST"), .request_headers = { &type, 1 } };

    exchange.request_body.bytes = body;
    return find_messages(arena, &exchange, options, out);
}

bool
find_in_bare_json(struct arena *arena, struct str text, const struct saml_options *options, struct messages *out)
{
    struct message like = { .binding = BINDING_NONE };
    size_t before = out->count;

    if (!find_in_json(arena, text, &like, options, out))
        return false;
    if (out->count == before && !scim_find_json(arena, text, out))
        return false;
    return out->count > before || oauth_find_json(arena, text, options, out);
}

/* An artifact says what it is by its first two bytes and its length alone, so both must be right. */
static bool
looks_like_artifact(struct arena *arena, struct str text)
{
    struct base64_notes notes;
    struct str bytes;

    if (!str_starts_c(text, "AA") || text.len > MAX_ARTIFACT || !base64_decode(arena, text, &bytes, &notes) ||
        notes.oddities != 0 || bytes.len < TYPE1_BYTES || bytes.ptr[0] != '\0')
        return false;
    switch (bytes.ptr[1]) {
    case 1:
        return bytes.len == TYPE1_BYTES;
    case 2:
        return str_starts_c(str_from_offset(bytes, 22), "http");
    case 4:
        return bytes.len == TYPE4_BYTES;
    default:
        return false;
    }
}

bool
find_bare_artifact(struct arena *arena, struct str text, struct messages *out)
{
    struct message like = { .binding = BINDING_ARTIFACT, .original = text };
    struct message *message;
    size_t bad_at;

    if (text.len <= MAX_ARTIFACT && str_find_byte(text, '%') != SIZE_MAX)
        text = percent_decode(arena, text, false, &bad_at);
    if (!looks_like_artifact(arena, text))
        return !arena_failed(arena);
    message = find_append(arena, out, &like);
    if (message != NULL)
        find_artifact(arena, text, message);
    return !arena_failed(arena);
}
