/* SPDX-License-Identifier: MIT */
#include "har.h"

#include "fuzz.h"
#include "har_write.h"

/* One entry of an HTTP Archive: what was read is written, read again, and written alike. */
enum { CEILING = 64 << 20 };

static bool
read_entry(struct arena *arena, struct str text, struct exchange *exchange)
{
    json_t *entry = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const char *why = NULL;
    bool read;

    *exchange = (struct exchange){ 0 };
    read = entry != NULL && har_read_entry(arena, entry, exchange, &why);
    json_decref(entry);
    return read;
}

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct exchange exchange;
    struct buf first, second;

    if (arena == NULL)
        return;
    buf_init(&first, CEILING);
    buf_init(&second, CEILING);
    if (read_entry(arena, input, &exchange) && har_write_entry(arena, &exchange, true, &first)) {
        if (read_entry(arena, buf_str(&first), &exchange)) {
            if (har_write_entry(arena, &exchange, true, &second))
                fuzz_promise(str_eq(buf_str(&first), buf_str(&second)));
        } else {
            fuzz_promise(arena_failed(arena));
        }
    }
    buf_release(&first);
    buf_release(&second);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf out;

    buf_init(&out, CEILING);
    for (size_t i = 0; i < FUZZ_EXCHANGES; i++) {
        fuzz_promise(har_write_entry(seeds->arena, &exchanges[i], true, &out));
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&out);
    fuzz_seed_c(seeds, "{\"startedDateTime\": \"2026-01-01T00:00:00.000Z\", \"time\": 12.5, \"connection\": \"7\", "
                       "\"request\": {\"method\": \"POST\", \"url\": \"https://sp.test/acs\", \"headers\": [{\"name\": "
                       "\"a\", \"value\": \"b\"}], \"postData\": {\"mimeType\": \"application/x-www-form-urlencoded\", "
                       "\"params\": [{\"name\": \"SAMLResponse\", \"value\": \"PHg%2B\"}, {\"name\": \"x\"}]}, "
                       "\"bodySize\": 9}, \"response\": {\"status\": 302, \"redirectURL\": \"/a\", \"content\": "
                       "{\"encoding\": \"base64\", \"text\": \"AP8=\", \"size\": 2}, \"_error\": \"net::ERR_SSL\"}}");
}

FUZZ_TARGET(har) = { .name = "har", .max_len = 16384, .run = run, .seed = seed };
