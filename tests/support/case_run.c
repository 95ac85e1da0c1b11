/* SPDX-License-Identifier: MIT */
#include "case_run.h"

#include "examination.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_parts.h"
#include "jwk.h"
#include "jwt_maker.h"
#include "saml_maker.h"

static bool
set_problem(struct case_runner *runner, struct exchange *exchange)
{
    struct str name = runner->file->problem;
    for (int i = EXCHANGE_OK; str_present(name) && i < EXCHANGE_PROBLEM_COUNT; i++) {
        if (str_eq_c(name, exchange_problem_name((enum exchange_problem)i))) {
            exchange->problem = (enum exchange_problem)i;
            exchange->problem_text = STR("as the test says");
            exchange->status = 0;
            return true;
        }
    }
    return !str_present(name) || case_complain(runner, "unknown problem", name);
}

static struct exchange *
make_exchange(struct case_runner *runner, struct str payload)
{
    const struct case_file *file = runner->file;
    struct exchange *exchange = NULL;
    const char *url = jwt_maker_fill(runner->arena, arena_copy(runner->arena, file->input_argument)).ptr;
    if (file->input == CASE_INPUT_POST || file->input == CASE_INPUT_WSFED) {
        exchange = saml_maker_exchange(runner->arena, "POST", url, payload);
    } else if (file->input == CASE_INPUT_PAGE) {
        exchange = saml_maker_exchange(runner->arena, "GET", "https://idp.example.com/saml/sso", (struct str){ 0 });
        saml_maker_answer(runner->arena, exchange, 200, "text/html; charset=utf-8", payload);
    } else if (file->input == CASE_INPUT_EXCHANGE) {
        exchange = saml_maker_exchange(runner->arena, "GET", url, jwt_maker_fill(runner->arena, file->request_body));
    } else {
        struct str whole = arena_printf(runner->arena, "%s%s%.*s", url, strchr(url, '?') ? "&" : "?", STR_ARG(payload));
        exchange = saml_maker_exchange(runner->arena, "GET", whole.ptr, (struct str){ 0 });
    }
    if (str_present(file->method)) {
        exchange->method = file->method;
    }
    if (file->answer_status && file->input == CASE_INPUT_PAGE) {
        exchange->status = file->answer_status;
    } else if (file->answer_status) {
        const char *type = file->answer_type.len ? case_c_string(runner, file->answer_type) : NULL;
        saml_maker_answer(runner->arena, exchange, file->answer_status, type,
                          jwt_maker_fill(runner->arena, file->answer_body));
    }
    for (size_t i = 0; i < file->request_headers.count; i++) {
        struct str name, value;
        str_cut(file->request_headers.items[i], ':', &name, &value);
        saml_maker_request_header(runner->arena, exchange, case_c_string(runner, name),
                                  case_c_string(runner, str_trim(value)));
    }
    for (size_t i = 0; i < file->answer_headers.count; i++) {
        struct str name, value;
        str_cut(file->answer_headers.items[i], ':', &name, &value);
        saml_maker_answer_header(runner->arena, exchange, case_c_string(runner, name),
                                 case_c_string(runner, jwt_maker_fill(runner->arena, str_trim(value))));
    }
    return set_problem(runner, exchange) ? exchange : NULL;
}

static struct exchange *
make_request(struct case_runner *runner)
{
    const struct case_file *file = runner->file;
    struct str xml;
    struct str name = arena_printf(runner->arena, "%.*s.xml", STR_ARG(file->request_base));
    struct buf query;
    struct case_file plain = { .input = CASE_INPUT_REDIRECT };
    struct case_runner alone = *runner;
    alone.file = &plain;
    if (!case_fill(&alone, name, CASE_STAGE_TEMPLATE, &xml)) {
        return NULL;
    }
    buf_init(&query, 1 << 20);
    saml_maker_query("SAMLRequest", xml,
                     str_present(file->request_relay_state) ? file->request_relay_state : file->relay_state, NULL, NULL,
                     &query);
    bool by_location = str_present(file->request_cookie);
    struct str url = arena_printf(runner->arena, "%.*s?%.*s",
                                  STR_ARG(by_location ? STR("https://idp.example.com/saml/sso") : file->request_url),
                                  STR_ARG(buf_str(&query)));
    buf_release(&query);
    if (!by_location) {
        return saml_maker_exchange(runner->arena, "GET", url.ptr, (struct str){ 0 });
    }
    struct exchange *exchange =
        saml_maker_exchange(runner->arena, "GET", case_c_string(runner, file->request_url), (struct str){ 0 });
    saml_maker_answer(runner->arena, exchange, 302, NULL, STR(""));
    saml_maker_answer_header(runner->arena, exchange, "Location", url.ptr);
    saml_maker_answer_header(runner->arena, exchange, "Set-Cookie", case_c_string(runner, file->request_cookie));
    return exchange;
}

static void
add_step(struct case_prepared *prepared, struct exchange *exchange, uint64_t number)
{
    const struct case_file *file = prepared->file;
    exchange->number = number;
    exchange->started_ms = prepared->settings->now_ms + (int64_t)(number / 2 - 1) * file->repeat_ms;
    exchange->finished_ms = exchange->started_ms;
    prepared->steps[prepared->step_count++] = exchange;
}

/* The exchanges that come first, whatever they hold. */
static void
make_before(struct case_runner *runner, struct case_prepared *prepared)
{
    for (size_t i = 0; i < runner->file->before.count; i++) {
        struct str url, body;
        bool form = str_cut(runner->file->before.items[i], ' ', &url, &body);
        struct exchange *exchange =
            saml_maker_exchange(runner->arena, form ? "POST" : "GET", case_c_string(runner, url), body);
        if (str_present(runner->file->before_location)) {
            saml_maker_answer(runner->arena, exchange, 302, NULL, STR(""));
            saml_maker_answer_header(runner->arena, exchange, "Location",
                                     case_c_string(runner, runner->file->before_location));
        }
        add_step(prepared, exchange, 2);
    }
}

/* What base/NAME.step says: one exchange, so long before. */
static bool
make_earlier(struct case_runner *runner, struct case_prepared *prepared, struct str item)
{
    struct str name, payload, rest;
    struct case_runner step = *runner;
    uint64_t before_ms = 0;
    char path[512];
    str_cut(item, ' ', &name, &rest);
    snprintf(path, sizeof(path), "%s/%.*s.step", runner->base_folder, STR_ARG(name));
    step.file = case_file_read(runner->arena, path, runner->base_folder, runner->why, runner->why_size);
    if (!step.file || !str_to_u64(rest, &before_ms) || !case_payload(&step, &payload)) {
        return false;
    }
    struct exchange *exchange = make_exchange(&step, payload);
    if (exchange) {
        add_step(prepared, exchange, 1);
        exchange->started_ms = exchange->finished_ms = prepared->settings->now_ms - (int64_t)before_ms;
    }
    return exchange != NULL;
}

/* One request, when the case has one, and one message. */
static bool
make_round(struct case_runner *runner, struct case_prepared *prepared, unsigned round)
{
    bool with_request = str_present(runner->file->request_base);
    runner->iteration = runner->file->vary_ids ? round + 1 : 0;
    struct exchange *request = with_request ? make_request(runner) : NULL;
    if ((with_request && !request) || !case_payload(runner, &prepared->input)) {
        return false;
    }
    struct exchange *exchange = make_exchange(runner, prepared->input);
    if (request) {
        add_step(prepared, request, 2 * round + 2);
    }
    if (exchange) {
        add_step(prepared, exchange, 2 * round + 3);
    }
    return exchange != NULL;
}

static bool
make_exchanges(struct case_runner *runner, struct case_prepared *prepared)
{
    size_t most = runner->file->earlier.count + runner->file->before.count + 2 * (size_t)runner->file->repeat + 2;
    prepared->steps = arena_calloc(runner->arena, most, sizeof(struct exchange *));
    if (!prepared->steps) {
        return false;
    }
    for (size_t i = 0; i < runner->file->earlier.count; i++) {
        if (!make_earlier(runner, prepared, runner->file->earlier.items[i])) {
            return false;
        }
    }
    make_before(runner, prepared);
    for (unsigned round = 0; round == 0 || round < runner->file->repeat; round++) {
        if (!make_round(runner, prepared, round)) {
            return false;
        }
    }
    return true;
}

/* --- examination --------------------------------------------------------------------------------- */

/* The report of the last exchange. */
static struct report *
examine_exchanges(const struct case_prepared *prepared, bool *complete)
{
    const struct case_file *file = prepared->file;
    struct report *report = NULL;
    bool joined = str_present(file->request_base) || file->before.count > 0 || file->earlier.count > 0 ||
                  file->repeat > 1 || file->wait_ms;
    struct signin_table *table = joined ? signin_table_new(prepared->settings) : NULL;
    if (joined && !table) {
        return NULL;
    }
    for (size_t i = 0; i < prepared->step_count; i++) {
        report_release(report);
        report = examine_exchange(prepared->settings, table, prepared->steps[i], STR("case"));
        *complete = *complete && report && !report->findings.incomplete;
    }
    if (table) {
        int64_t later = prepared->settings->now_ms + file->repeat * file->repeat_ms + file->wait_ms;
        while (file->wait_ms && examine_next_done(table, later)) {
        }
        signin_finish_all(table);
        while (examine_next_done(table, later)) {
        }
        signin_table_free(table);
    }
    return report;
}

static struct report *
examine_bytes(const struct case_prepared *prepared)
{
    size_t count = 0;
    struct arena *keep = NULL;
    struct str problem = { 0 };
    struct report *report = NULL;
    struct report **reports =
        examine_input(prepared->settings, NULL, prepared->input, STR("case"), &count, &keep, &problem);
    for (size_t i = 0; reports && i < count; i++) {
        if (i == 0) {
            report = reports[i];
        } else {
            report_release(reports[i]);
        }
    }
    free(reports);
    arena_free(keep);
    return report;
}

bool
case_prepare(struct arena *arena, const struct case_file *file, const char *base_folder, struct case_prepared *prepared,
             char *why, size_t why_size)
{
    struct case_runner runner = { arena, file, base_folder, NULL, why, why_size, 0 };
    *prepared = (struct case_prepared){ .file = file, .input = STR("") };
    snprintf(why, why_size, "no report");
    prepared->is_bare = file->input == CASE_INPUT_BARE || file->input == CASE_INPUT_BASE64 ||
                        file->input == CASE_INPUT_FILE || file->input == CASE_INPUT_TEXT;
    bool ok = case_settings(&runner);
    prepared->settings = runner.settings;
    if (ok && file->input != CASE_INPUT_SETUP) {
        ok = prepared->is_bare ? case_payload(&runner, &prepared->input) : make_exchanges(&runner, prepared);
    }
    if (!ok) {
        case_release(prepared);
    }
    return ok;
}

void
case_release(struct case_prepared *prepared)
{
    if (prepared->settings) {
        key_set_free(prepared->settings->keys);
        prepared->settings->keys = NULL;
        jwk_set_free(prepared->settings->jwks);
        prepared->settings->jwks = NULL;
    }
}

struct report *
case_examine(const struct case_prepared *prepared, bool *complete)
{
    bool unused;
    complete = complete ? complete : &unused;
    *complete = true;
    if (prepared->file->input == CASE_INPUT_SETUP) {
        return examine_setup(prepared->settings, STR("case"));
    }
    return prepared->is_bare ? examine_bytes(prepared) : examine_exchanges(prepared, complete);
}

struct report *
case_run(struct arena *arena, const struct case_file *file, const char *base_folder, struct str *input, char *why,
         size_t why_size)
{
    struct case_prepared prepared;
    struct report *report = NULL;
    if (case_prepare(arena, file, base_folder, &prepared, why, why_size)) {
        report = case_examine(&prepared, NULL);
        case_release(&prepared);
    }
    *input = prepared.input;
    return report;
}
