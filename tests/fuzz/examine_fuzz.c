/* SPDX-License-Identifier: MIT */
#include "examine.h"

#include <jansson.h>

#include "fuzz.h"
#include "reporter.h"

/*
 * The whole way: an exchange in the pipe's binary form is decoded, joined, judged and printed. No message
 * that failed a check with the severity of an error may pass.
 */
enum { CEILING = 16 << 20, APART_MS = 1000 };

static const struct settings *
settings(void)
{
    static struct settings all;
    const char *why;

    if (all.keys == NULL) {
        all = (struct settings){ .arena = arena_new(CEILING), .keys = key_set_new(), .clock_skew_s = 180 };
        all.sp_entity_id = STR("https://sp.example.com/saml");
        fuzz_promise(
            all.arena != NULL && all.keys != NULL &&
            key_set_add_trusted(all.keys, str_from(fuzz_key_public_pem()), STR("fuzz"), (struct str){ 0 }, &why) > 0);
    }
    return &all;
}

static void
check(const struct report *report)
{
    static const struct reporter_options options = { .verbose = true };
    struct buf out;
    json_t *json;

    for (size_t i = 0; i < report->findings.count; i++)
        fuzz_promise(report->findings.items[i]->severity != SEVERITY_ERROR || report->verdict != VERDICT_PASS);
    buf_init(&out, CEILING);
    reporter_text.report(&out, report, &options);
    for (size_t i = 0; i < out.len; i++)
        fuzz_promise(out.bytes[i] != '\033' && out.bytes[i] != '\0');
    buf_reset(&out);
    reporter_json.report(&out, report, &options);
    if (!buf_failed(&out)) {
        json = json_loadb(out.bytes, out.len, JSON_ALLOW_NUL, NULL);
        fuzz_promise(json != NULL);
        json_decref(json);
    }
    buf_release(&out);
}

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct signin_table *table = signin_table_new(settings());
    struct report *report;
    struct exchange exchange;

    if (arena != NULL && table != NULL && exchange_read(arena, input, &exchange)) {
        report = examine_exchange(settings(), table, &exchange, STR("fuzz"));
        if (report != NULL)
            check(report);
        signin_finish_all(table);
        while (examine_next_done(table, exchange.finished_ms)) {
        }
        report_release(report);
    }
    signin_table_free(table);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < FUZZ_EXCHANGES; i++) {
        exchanges[i].started_ms = INT64_C(1767225600000) + (int64_t)i * APART_MS;
        exchanges[i].finished_ms = exchanges[i].started_ms;
        exchange_write(&out, &exchanges[i]);
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&out);
}

FUZZ_TARGET(examine) = { .name = "examine", .max_len = 16384, .run = run, .seed = seed };
