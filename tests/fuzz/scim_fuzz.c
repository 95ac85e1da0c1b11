/* SPDX-License-Identifier: MIT */
#include "scim.h"

#include <stdlib.h>

#include "fuzz.h"
#include "oauth.h"

/* Exchanges of SCIM and OAuth: target, request body and answer, one a line. */
enum { CEILING = 32 << 20 };

static void
run(struct str input)
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
    struct str rest = input;

    if (arena == NULL)
        return;
    str_cut(rest, '\n', &exchange.target, &rest);
    str_cut(rest, '\n', &exchange.request_body.bytes, &exchange.response_body.bytes);
    exchange.request_headers = (struct headers){ request, COUNT_OF(request) };
    exchange.response_headers = (struct headers){ json, COUNT_OF(json) };
    if (!scim_find(arena, &exchange, &messages) && !arena_failed(arena))
        abort();
    exchange.request_headers = (struct headers){ form, COUNT_OF(form) };
    if (!oauth_find(arena, &exchange, &options, &messages) && !arena_failed(arena))
        abort();
    exchange.response_headers = (struct headers){ page, COUNT_OF(page) };
    if (!oauth_find(arena, &exchange, &options, &messages) && !arena_failed(arena))
        abort();
    arena_free(arena);
}

static void
seed_case(struct fuzz_seeds *seeds, const struct case_file *file)
{
    struct str scheme, rest, host, path;

    /* "https://host/path" to "/path". */
    if (!str_cut(file->input_argument, ':', &scheme, &rest) || !str_cut(str_from_offset(rest, 2), '/', &host, &path))
        return;
    fuzz_seed(seeds, arena_printf(seeds->arena, "/%.*s\n%.*s\n%.*s", STR_ARG(path), STR_ARG(file->request_body),
                                  STR_ARG(file->answer_body)));
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_each_case(seeds, "scim", seed_case);
    fuzz_each_case(seeds, "oidc", seed_case);
}

FUZZ_TARGET(scim) = { .name = "scim", .max_len = 16384, .run = run, .seed = seed };
