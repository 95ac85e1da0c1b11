/* SPDX-License-Identifier: MIT */
#include "oauth.h"
#include "scim.h"

/* Exchanges of SCIM and OAuth: target, request body and answer, one a line. */
enum { CEILING = 32 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct header request[] = { { STR_INIT("Content-Type"), STR_INIT("application/scim+json") },
                                       { STR_INIT("Authorization"), STR_INIT("Bearer x") } };
    static struct header form[] = { { STR_INIT("Content-Type"), STR_INIT("application/x-www-form-urlencoded") } };
    static struct header json[] = { { STR_INIT("Content-Type"), STR_INIT("application/json") } };
    static struct header page[] = { { STR_INIT("Content-Type"), STR_INIT("text/html") } };
    static const struct saml_options options;
    struct exchange exchange = {
        .method = STR("POST"), .scheme = STR("https"), .host = STR("scim.example.com"), .port = 443, .status = 400
    };
    struct messages messages = { 0 };
    struct arena *arena = arena_new(CEILING);
    struct str rest = { (const char *)data, size };

    if (arena == NULL)
        return 0;
    str_cut(rest, '\n', &exchange.target, &rest);
    str_cut(rest, '\n', &exchange.request_body.bytes, &exchange.response_body.bytes);
    exchange.request_headers = (struct headers){ request, COUNT_OF(request) };
    exchange.response_headers = (struct headers){ json, COUNT_OF(json) };
    if (!scim_find(arena, &exchange, &messages) && !arena_failed(arena))
        __builtin_trap();
    exchange.request_headers = (struct headers){ form, COUNT_OF(form) };
    if (!oauth_find(arena, &exchange, &options, &messages) && !arena_failed(arena))
        __builtin_trap();
    exchange.response_headers = (struct headers){ page, COUNT_OF(page) };
    if (!oauth_find(arena, &exchange, &options, &messages) && !arena_failed(arena))
        __builtin_trap();
    arena_free(arena);
    return 0;
}
