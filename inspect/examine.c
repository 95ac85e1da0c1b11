/* SPDX-License-Identifier: MIT */
#include "examine.h"

#include <stdlib.h>
#include <string.h>

#include "examine_run.h"
#include "past.h"
#include "protocol.h"

enum {
    REPORT_BYTES = 64 * 1024 * 1024,
    OPEN_REQUESTS = 4, /* of the newest sign-ins, as candidates for a value that was replaced */
    EARLIER = 4,       /* messages seen before this one, to compare it with when a digest fails */
};

static struct report *
report_new(const struct settings *settings, struct str input_name, size_t max_bytes)
{
    struct arena *arena = arena_new(max_bytes);
    struct report *report = arena != NULL ? arena_alloc(arena, sizeof(*report)) : NULL;

    if (report == NULL) {
        arena_free(arena);
        return NULL;
    }
    report->arena = arena;
    report->references = 1;
    report->input = arena_copy(arena, input_name);
    report->principal = -1;
    report->context.settings = settings;
    findings_init(&report->findings, arena);
    return report;
}

static bool
copy_headers(struct arena *arena, struct headers *headers)
{
    struct header *items = arena_calloc(arena, headers->count + 1, sizeof(*items));

    if (items == NULL)
        return false;
    for (size_t i = 0; i < headers->count; i++) {
        items[i].name = arena_copy(arena, headers->items[i].name);
        items[i].value = arena_copy(arena, headers->items[i].value);
    }
    headers->items = items;
    return true;
}

static struct exchange *
exchange_copy(struct arena *arena, const struct exchange *exchange)
{
    struct exchange *copy = arena_alloc(arena, sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *exchange;
    struct str *const texts[] = { &copy->client,
                                  &copy->scheme,
                                  &copy->host,
                                  &copy->method,
                                  &copy->target,
                                  &copy->version,
                                  &copy->reason,
                                  &copy->problem_text,
                                  &copy->request_body.bytes,
                                  &copy->response_body.bytes };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    if (!copy_headers(arena, &copy->request_headers) || !copy_headers(arena, &copy->response_headers))
        return NULL;
    return copy;
}

/* Options of the decoder; candidates has room for all of them. */
static struct saml_options
options_for(const struct settings *settings, const struct signin_table *table,
            struct str candidates[CONTEXT_MAX_CANDIDATES + OPEN_REQUESTS])
{
    size_t count = context_candidates(settings, candidates), seen;
    const struct jwk_set *const *jwks = signin_keys(table, &seen);

    if (table != NULL)
        count += signin_open_requests(table, candidates + count, OPEN_REQUESTS);
    return (struct saml_options){
        .keys = settings->keys,
        .jwks = settings->jwks,
        .seen_jwks = jwks,
        .seen_jwks_count = seen,
        .second_opinion = settings->second_opinion,
        .explain = true,
        .stopwatch = settings->stopwatch,
        .keep_canonical = settings->keep_canonical,
        .candidates = candidates,
        .candidate_count = count,
        .param_names = settings->parameters,
        .param_name_count = settings->parameter_count,
    };
}

static struct report *
examine_joined(const struct settings *settings, struct signin_table *table, const struct exchange *exchange,
               struct str input_name)
{
    struct str candidates[CONTEXT_MAX_CANDIDATES + OPEN_REQUESTS];
    struct dsig_earlier earlier[EARLIER];
    struct report *report = report_new(settings, input_name, REPORT_BYTES);
    struct saml_options options;
    const struct signin *signin;

    if (report == NULL)
        return NULL;
    report->exchange = exchange_copy(report->arena, exchange);
    if (report->exchange == NULL) {
        report_release(report);
        return NULL;
    }
    signin_note_keys(table, report->exchange);
    options = options_for(settings, table, candidates);
    options.earlier = earlier;
    options.earlier_count = signin_earlier_messages(table, report->arena, earlier, EARLIER);
    if (!find_messages(report->arena, report->exchange, &options, &report->messages))
        report->findings.incomplete = true;
    signin = signin_join(table, report);
    report->context.clocks = signin_clocks(table, report, signin);
    report->context.past = signin_past(table, report, signin);
    examine_run_all(report, signin, true);
    if (signin != NULL)
        report->signin = signin_snapshot(report->arena, signin);
    verdict_decide(report);
    return report;
}

struct report *
examine_exchange(const struct settings *settings, struct signin_table *table, const struct exchange *exchange,
                 struct str input_name)
{
    struct signin_table *alone = table == NULL ? signin_table_new(settings) : NULL;
    struct report *report;

    if (table == NULL && alone == NULL)
        return NULL;
    report = examine_joined(settings, table != NULL ? table : alone, exchange, input_name);
    if (alone != NULL) {
        signin_finish_all(alone);
        while (examine_next_done(alone, 0) != NULL)
            ; /* each writes its outcome into the report */
        signin_table_free(alone);
    }
    return report;
}

void
examine_outcome(struct report *report, const struct signin *signin)
{
    if (report == NULL)
        return;
    report->signin = signin_snapshot(report->arena, signin);
    if (report->request == NULL && signin->request != NULL && signin->request != report)
        report->request = report_reference(signin->request);
    if (report->signin != NULL)
        examine_run_signin(report);
    verdict_decide(report);
}

const struct signin *
examine_next_done(struct signin_table *table, int64_t now_ms)
{
    const struct signin *signin = signin_next_done(table, now_ms);

    if (signin != NULL)
        examine_outcome(signin_report(signin), signin);
    return signin;
}

/* --- files -------------------------------------------------------------------------------------- */

bool
examine_stands_alone(const struct report *report)
{
    if (report->signin != NULL || protocol_is_quiet(report))
        return false;
    return report->messages.count > 0 || (report->findings.count > 0 && report->verdict == VERDICT_FAIL);
}

struct report *
examine_open(const struct settings *settings, struct str bytes, struct str input_name, struct input *input)
{
    struct str candidates[CONTEXT_MAX_CANDIDATES + OPEN_REQUESTS];
    struct saml_options options = options_for(settings, NULL, candidates);
    struct report *report = report_new(settings, input_name, REPORT_BYTES + 6 * bytes.len);

    if (report != NULL)
        find_input(report->arena, arena_copy(report->arena, bytes), &options, input);
    return report;
}

bool
examine_text(struct report *report, struct str bytes)
{
    if (!examine_run_text(report, bytes))
        return false;
    verdict_decide(report);
    return true;
}

struct report *
examine_setup(const struct settings *settings, struct str name)
{
    struct report *report = report_new(settings, name, REPORT_BYTES);

    if (report == NULL)
        return NULL;
    report->setup = true;
    examine_run_setup(report);
    if (arena_failed(report->arena))
        report->findings.incomplete = true;
    verdict_decide(report);
    return report;
}

void
examine_bare(struct report *report, const struct input *input, struct past *past)
{
    report->messages = input->messages;
    if (past != NULL)
        report->context.past = past_view_of(past, report, NULL);
    examine_run_all(report, NULL, false);
    verdict_decide(report);
}

struct report *
examine_nothing(const struct settings *settings, struct str input_name)
{
    static const struct input nothing = { 0 };
    struct report *report = report_new(settings, input_name, REPORT_BYTES);

    if (report != NULL)
        examine_bare(report, &nothing, NULL);
    return report;
}
