/* SPDX-License-Identifier: MIT */
#include "find_parts.h"

#include "fuzz.h"

/* What people paste: commands, logs, text around a message. Recognised or not, each reader gets it. */
enum { CEILING = 64 << 20 };

static void
run(struct str input)
{
    static const struct saml_options options;
    struct arena *arena = arena_new(CEILING);
    struct messages messages = { 0 };
    struct exchange *exchanges;
    size_t count;

    if (arena == NULL)
        return;
    if (find_curl(arena, input, &exchanges, &count))
        for (size_t i = 0; i < count; i++)
            fuzz_promise(exchanges[i].host.len > 0);
    if (find_curl_log(arena, input, &exchanges, &count))
        find_http_text(arena, input, &exchanges, &count);
    find_in_text(arena, input, &options, &messages);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct str body = fuzz_exchanges(seeds->arena)[2].request_body.bytes;

    fuzz_seed(seeds, arena_printf(seeds->arena,
                                  "curl 'https://sp.example.com/saml/acs' -X POST \\\n  -H 'Content-Type: "
                                  "application/x-www-form-urlencoded' -b \"a=1\" --data-raw $'%.*s' --compressed\n",
                                  STR_ARG(body)));
    fuzz_seed_c(seeds, "curl.exe -k \"http://idp.example.com/a?b=c\" ^\n -d \"x=^%41\" --data-urlencode name@file -G; "
                       "curl --url=https://a.test -F SAMLResponse=x -u user:password -A agent -e referer");
    fuzz_seed_c(seeds, "* Connected to sp.example.com\n> GET /saml/acs?SAMLResponse=PHgvPg HTTP/2\n> Host: "
                       "sp.example.com\n>\n< HTTP/1.1 302 Found\n< Location: /app\n<\n* done\n");
    fuzz_seed(seeds, arena_printf(seeds->arena, "Hello,\n> it fails with this:\n> %.*s\nRegards\n",
                                  STR_ARG(str_slice(body, 0, 900))));
    fuzz_seed_c(seeds, "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<form action=x><input name=SAMLResponse value=y>");
}

FUZZ_TARGET(paste) = { .name = "paste", .max_len = 16384, .run = run, .seed = seed };
