/* SPDX-License-Identifier: MIT */
#include "saml_tracer.h"

#include "capture.h"
#include "fuzz.h"
#include "saml_tracer_write.h"

/* One request of a SAML-tracer export: what was read can be exported and read again. */
enum { CEILING = 64 << 20 };

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    json_t *entry = json_loadb(input.ptr, input.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    struct exchange exchange = { 0 }, *again;
    const char *why = NULL;
    size_t restored = 0, count;
    struct str problem;
    struct buf out;

    if (arena != NULL && entry != NULL && saml_tracer_read_entry(arena, entry, &exchange, &restored, &why)) {
        buf_init(&out, CEILING);
        if (saml_tracer_write(arena, &exchange, 1, 0, &out))
            fuzz_promise(capture_read(arena, buf_str(&out), &again, &count, &problem, NULL) != CAPTURE_BROKEN ||
                         arena_failed(arena));
        buf_release(&out);
    }
    json_decref(entry);
    arena_free(arena);
}

/* The elements of an export, each as a text. */
static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf out;
    json_t *export;

    buf_init(&out, CEILING);
    fuzz_promise(saml_tracer_write(seeds->arena, exchanges, FUZZ_EXCHANGES, 0, &out));
    export = json_loadb(out.bytes, out.len, 0, NULL);
    fuzz_promise(export != NULL);
    for (size_t i = 0; i < json_array_size(json_object_get(export, "requests")); i++) {
        char *text = json_dumps(json_array_get(json_object_get(export, "requests"), i), 0);

        fuzz_promise(text != NULL);
        fuzz_seed_c(seeds, text);
        free(text);
    }
    json_decref(export);
    buf_release(&out);
    fuzz_seed_c(seeds, "{\"method\": \"POST\", \"url\": \"https://sp.test/acs\", \"requestHeaders\": [[\"a\", \"b\"]], "
                       "\"responseStatus\": 200, \"responseStatusText\": \"HTTP/1.1 200 OK\", \"post\": "
                       "[[\"SAMLResponse\", \"{hidden}\"], [\"RelayState\", \"x\"]], \"saml\": \"<samlp:Response/>\", "
                       "\"protocol\": \"SAML-P\"}");
}

FUZZ_TARGET(saml_tracer) = { .name = "saml_tracer", .max_len = 16384, .run = run, .seed = seed };
