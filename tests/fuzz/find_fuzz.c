/* SPDX-License-Identifier: MIT */
#include "find.h"

#include "fuzz.h"
#include "har_write.h"
#include "saml_maker.h"

/* Any file, paste or capture: recognition, ladder, containers, and what is in their exchanges. */
enum { CEILING = 64 << 20, MAX_EXCHANGES = 16 };

static void
run(struct str input)
{
    static const struct saml_options options;
    struct arena *arena = arena_new(CEILING);
    struct messages messages = { 0 };
    struct input found;

    if (arena == NULL)
        return;
    if (find_input(arena, input, &options, &found))
        for (size_t i = 0; i < found.exchange_count && i < MAX_EXCHANGES; i++)
            if (!find_messages(arena, &found.exchanges[i], &options, &messages))
                break;
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf text;

    buf_init(&text, CEILING);
    fuzz_seed_templates(seeds);
    fuzz_seed(seeds, exchanges[2].request_body.bytes);
    fuzz_seed(seeds, exchange_url(seeds->arena, &exchanges[1]));
    fuzz_seed(seeds, exchanges[1].response_body.bytes);
    saml_maker_base64(fuzz_template(seeds->arena, "logout-request.xml"), &text);
    fuzz_seed(seeds, buf_str(&text));
    buf_reset(&text);
    saml_maker_deflate(fuzz_template(seeds->arena, "authnrequest.xml"), &text);
    fuzz_seed(seeds, buf_str(&text));
    buf_reset(&text);
    fuzz_promise(har_write(seeds->arena, exchanges, FUZZ_EXCHANGES, &text));
    fuzz_seed(seeds, buf_str(&text));
    buf_reset(&text);
    buf_printf(&text,
               "POST /saml/acs HTTP/1.1\r\nHost: sp.example.com\r\nContent-Type: "
               "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n",
               exchanges[2].request_body.bytes.len);
    buf_add_str(&text, exchanges[2].request_body.bytes);
    fuzz_seed(seeds, buf_str(&text));
    buf_release(&text);
}

FUZZ_TARGET(find) = { .name = "find", .max_len = 32768, .run = run, .seed = seed };
