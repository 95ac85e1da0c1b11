/* SPDX-License-Identifier: MIT */
#include "case_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "aws_evidence.h"
#include "jwk.h"
#include "jwt_maker.h"
#include "saml_maker.h"
#include "saml_maker_encrypt.h"

struct runner {
    struct arena *arena;
    const struct case_file *file;
    const char *base_folder;
    struct settings *settings;
    char *why;
    size_t why_size;
    unsigned iteration;
};

#define VARIED_ID "0123456789abcdef0123"

static const char *
c_string(struct runner *runner, struct str text)
{
    return arena_copy(runner->arena, str_present(text) ? text : STR("")).ptr;
}

static bool
complain(struct runner *runner, const char *what, struct str value)
{
    snprintf(runner->why, runner->why_size, "%s: %.*s", what, STR_ARG(value));
    return false;
}

/* The IDs of the templates, different in each iteration. */
static struct str
vary_ids(struct runner *runner, struct str text)
{
    struct buf changed;
    size_t at;
    buf_init(&changed, 16 << 20);
    while ((at = str_find_c(text, VARIED_ID)) != SIZE_MAX) {
        buf_add_str(&changed, str_slice(text, 0, at));
        buf_printf(&changed, "0123456789abcdef%04u", runner->iteration);
        text = str_from_offset(text, at + sizeof(VARIED_ID) - 1);
    }
    buf_add_str(&changed, text);
    text = arena_copy(runner->arena, buf_str(&changed));
    buf_release(&changed);
    return text;
}

/* A template of the base folder, edited and filled. */
static bool
fill(struct runner *runner, struct str name, enum case_stage stage, struct str *xml)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%.*s", runner->base_folder, STR_ARG(name));
    struct str template = case_file_bytes(runner->arena, path);
    if (!str_present(template)) {
        return complain(runner, "cannot read", str_from(path));
    }
    if (!case_file_edit(runner->arena, runner->file, stage, &template, runner->why, runner->why_size)) {
        return false;
    }
    template = runner->iteration ? vary_ids(runner, template) : template;
    struct buf out;
    buf_init(&out, 32 << 20);
    bool ok = saml_maker_fill(template, &out, runner->why, runner->why_size);
    *xml = arena_copy(runner->arena, buf_str(&out));
    buf_release(&out);
    return ok;
}

/* --- settings ------------------------------------------------------------------------------------ */

static bool
add_metadata(struct runner *runner, const char *option)
{
    struct settings *settings = runner->settings;
    struct str name = case_file_option(runner->file, option);
    struct str xml;
    struct xml_status status;
    struct saml_options options = { 0 };
    if (!str_present(name)) {
        return true;
    }
    if (!fill(runner, name, CASE_STAGE_METADATA, &xml)) {
        return false;
    }
    struct saml_message *message = saml_read(runner->arena, xml, &options, &status);
    if (!message || !message->metadata) {
        return complain(runner, "not metadata", name);
    }
    message->metadata->source = name;
    struct metadata **list = arena_calloc(runner->arena, settings->metadata_count + 1, sizeof(*list));
    if (settings->metadata_count) {
        memcpy(list, settings->metadata, settings->metadata_count * sizeof(*list));
    }
    list[settings->metadata_count++] = message->metadata;
    settings->metadata = list;
    for (size_t i = 0; i < message->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &message->metadata->entities[i];
        for (size_t k = 0; k < entity->idp.key_count; k++) {
            if (entity->idp.keys[k].use != KEY_USE_ENCRYPTION &&
                !key_set_add_certificate(settings->keys, entity->idp.keys[k].certificate.der, name,
                                         entity->entity_id)) {
                return complain(runner, "metadata certificate not usable", name);
            }
        }
    }
    return true;
}

static bool
add_keys(struct runner *runner)
{
    const char *bad = NULL;
    struct str trusted = case_file_option(runner->file, "--idp-cert");
    struct str decrypt = case_file_option(runner->file, "--decrypt-key");
    while (trusted.len > 0) {
        struct str word, tail;
        str_cut(trusted, ' ', &word, &tail);
        trusted = tail;
        const char *pem = saml_maker_certificate_pem(c_string(runner, word));
        if (!pem ||
            key_set_add_trusted(runner->settings->keys, str_from(pem), STR("idp.pem"), (struct str){ 0 }, &bad) == 0) {
            return complain(runner, "--idp-cert: no such key", word);
        }
    }
    if (str_present(decrypt)) {
        const char *pem = saml_maker_private_pem(c_string(runner, decrypt));
        if (!pem || !key_set_add_decryption(runner->settings->keys, str_from(pem), (struct str){ 0 }, &bad)) {
            return complain(runner, "--decrypt-key: no such key", decrypt);
        }
    }
    return true;
}

/* What the options of the lists hold stands in the case itself, as one line of JSON. */
static bool
add_evidence(struct runner *runner)
{
    static const char *const names[] = { "--idc-users", "--idc-groups",        "--idc-memberships", "--idc-assignments",
                                         "--iam-role",  "--iam-saml-provider", "--cloudtrail",      "--evidence" };
    struct settings *settings = runner->settings;
    struct str why = { 0 };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct str text = case_file_option(runner->file, names[i]);
        if (!str_present(text)) {
            continue;
        }
        settings->evidence =
            settings->evidence ? settings->evidence : arena_alloc(runner->arena, sizeof(*settings->evidence));
        if (!settings->evidence ||
            !aws_evidence_read(runner->arena, text, str_from(names[i]), AWS_EVIDENCE_ANY, settings->evidence, &why)) {
            return complain(runner, names[i], why);
        }
    }
    return true;
}

static bool
add_jwks(struct runner *runner)
{
    struct str names = case_file_option(runner->file, "--jwks");
    const char *bad;
    if (!str_present(names)) {
        return true;
    }
    runner->settings->jwks = jwk_set_new();
    return jwk_set_add(runner->settings->jwks, jwt_maker_jwks(runner->arena, names), &bad) ||
           complain(runner, "--jwks: no such key", names);
}

static bool
make_settings(struct runner *runner)
{
    const struct case_file *file = runner->file;
    struct settings *settings = arena_alloc(runner->arena, sizeof(*settings));
    uint64_t skew = 180;
    struct str now = case_file_option(file, "--now");
    struct str skew_text = case_file_option(file, "--clock-skew");
    struct xstime time = { 0 };
    runner->settings = settings;
    settings->arena = runner->arena;
    settings->keys = key_set_new();
    settings->second_opinion = true;
    settings->idp_entity_id = case_file_option(file, "--idp-entity-id");
    settings->sp_entity_id = case_file_option(file, "--sp-entity-id");
    settings->acs_url = case_file_option(file, "--acs-url");
    settings->request_id = case_file_option(file, "--request-id");
    settings->profile_name = case_file_option(file, "--profile");
    settings->want_assertions_signed = str_present(case_file_option(file, "--want-assertions-signed"));
    settings->want_response_signed = str_present(case_file_option(file, "--want-response-signed"));
    if (str_present(skew_text) && !str_to_u64(skew_text, &skew)) {
        return complain(runner, "--clock-skew is no number", skew_text);
    }
    settings->clock_skew_s = (int)skew;
    /* Taken back: this machine's clock, which a test pins years behind every message. */
    settings->has_now = now.len > 0;
    if (!xstime_parse(settings->has_now ? now : STR("2030-01-01T00:00:00Z"), &time)) {
        return complain(runner, "--now is no time", now);
    }
    settings->now_ms = settings->fallback_now_ms = time.ms;
    return add_evidence(runner) && add_keys(runner) && add_jwks(runner) && add_metadata(runner, "--idp-metadata") &&
           add_metadata(runner, "--sp-metadata");
}

/* --- input --------------------------------------------------------------------------------------- */

static void
deflate_with(struct str bytes, int window_bits, struct buf *out)
{
    z_stream stream = { 0 };
    unsigned char chunk[4096];
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    stream.next_in = (unsigned char *)(uintptr_t)bytes.ptr;
    stream.avail_in = (unsigned)bytes.len;
    int rc;
    do {
        stream.next_out = chunk;
        stream.avail_out = sizeof(chunk);
        rc = deflate(&stream, Z_FINISH);
        buf_add(out, chunk, sizeof(chunk) - stream.avail_out);
    } while (rc == Z_OK);
    deflateEnd(&stream);
}

/* One step on the XML; false when word is a step on base64. */
static bool
transform_bytes(struct str word, struct str bytes, struct buf *out)
{
    uint64_t times = 0;
    if (str_eq_c(word, "deflate") || str_eq_c(word, "zlib") || str_eq_c(word, "gzip")) {
        deflate_with(bytes, str_eq_c(word, "deflate") ? -15 : str_eq_c(word, "zlib") ? 15 : 31, out);
    } else if (str_eq_c(word, "bom")) {
        buf_add_c(out, "\xef\xbb\xbf");
        buf_add_str(out, bytes);
    } else if (str_eq_c(word, "pad")) {
        buf_add_str(out, bytes);
        while (out->len % 3 != 1) {
            buf_add_byte(out, '\n');
        }
    } else if (str_starts_c(word, "repeat ") && str_to_u64(str_from_offset(word, 7), &times)) {
        size_t at = str_find_c(bytes, "</saml:AttributeValue>");
        buf_add_str(out, str_slice(bytes, 0, at));
        for (uint64_t i = 0; i < times; i++) {
            buf_add_byte(out, 'x');
        }
        buf_add_str(out, str_from_offset(bytes, at));
    } else if (str_eq_c(word, "nul")) {
        buf_add_str(out, bytes);
        buf_add(out, "\0<x/>", 5);
    } else if (str_eq_c(word, "latin1")) {
        buf_add_c(out, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
        buf_add_str(out, bytes);
    } else if (str_eq_c(word, "utf16")) {
        buf_add_c(out, "\xff\xfe");
        for (size_t i = 0; i < bytes.len; i++) {
            buf_add_byte(out, bytes.ptr[i]);
            buf_add_byte(out, '\0');
        }
    } else {
        return false;
    }
    return true;
}

static bool
transform_base64(struct str word, struct str base64, struct buf *out)
{
    uint64_t len = 0;
    if (str_eq_c(word, "base64")) {
        saml_maker_base64(base64, out);
    } else if (str_eq_c(word, "wrap")) {
        for (size_t i = 0; i < base64.len; i += 76) {
            buf_add_str(out, str_slice(base64, i, 76));
            buf_add_c(out, "\r\n");
        }
    } else if (str_eq_c(word, "unpad")) {
        buf_add_str(out, str_slice(base64, 0, str_find_byte(base64, '=')));
    } else if (str_eq_c(word, "trailing")) {
        buf_add_str(out, base64);
        buf_add_c(out, "QUJD");
    } else if (str_starts_c(word, "truncate ") && str_to_u64(str_from_offset(word, 9), &len)) {
        buf_add_str(out, str_slice(base64, 0, (size_t)len));
    } else {
        return false;
    }
    return true;
}

/* XML to the value of the field, not yet percent-encoded. */
static bool
encode(struct runner *runner, struct str xml, struct str *value)
{
    const struct case_list *words = &runner->file->transforms;
    struct str bytes = xml;
    size_t i = 0;
    bool ok = true;
    struct buf step;
    buf_init(&step, 64 << 20);
    for (; i < words->count && transform_bytes(words->items[i], bytes, &step); i++) {
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    if (runner->file->input == CASE_INPUT_REDIRECT && words->count == 0) {
        saml_maker_deflate(bytes, &step);
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    if (runner->file->input != CASE_INPUT_BARE) {
        saml_maker_base64(bytes, &step);
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    for (; i < words->count && ok; i++) {
        ok = transform_base64(words->items[i], bytes, &step) ||
             complain(runner, "unknown transform, or after base64", words->items[i]);
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    buf_release(&step);
    *value = bytes;
    return ok;
}

static void
add_query(struct runner *runner, struct str value, struct buf *query)
{
    const struct case_file *file = runner->file;
    buf_add_str(query, file->parameter);
    buf_add_byte(query, '=');
    saml_maker_percent(value, query);
    if (str_present(file->relay_state)) {
        buf_add_c(query, "&RelayState=");
        saml_maker_percent(file->relay_state, query);
    }
    if (str_present(file->query_key)) {
        const char *method = c_string(runner, file->query_method);
        struct buf signature;
        buf_init(&signature, 1 << 16);
        buf_add_c(query, "&SigAlg=");
        saml_maker_percent(str_from(saml_maker_algorithm_uri(method)), query);
        saml_maker_sign_bytes(c_string(runner, file->query_key), method, buf_str(query), &signature);
        buf_add_c(query, "&Signature=");
        saml_maker_percent(buf_str(&signature), query);
        buf_release(&signature);
    }
}

/* What goes into the body, the query or the file. */
static bool
make_payload(struct runner *runner, struct str *payload)
{
    const struct case_file *file = runner->file;
    struct str xml = STR(""), value;
    struct buf out;
    if (file->input == CASE_INPUT_FILE) {
        *payload = case_file_bytes(runner->arena, c_string(runner, file->input_argument));
        return str_present(*payload) || complain(runner, "cannot read", file->input_argument);
    }
    if (file->input == CASE_INPUT_EXCHANGE) {
        *payload = STR("");
        return true;
    }
    if (!fill(runner, file->template, CASE_STAGE_TEMPLATE, &xml) ||
        !case_file_edit(runner->arena, file, CASE_STAGE_XML, &xml, runner->why, runner->why_size) ||
        !encode(runner, xml, &value)) {
        return false;
    }
    buf_init(&out, 64 << 20);
    if (file->input == CASE_INPUT_BARE || file->input == CASE_INPUT_BASE64) {
        buf_add_str(&out, value);
    } else if (file->input == CASE_INPUT_PAGE) {
        saml_maker_page(c_string(runner, file->input_argument), c_string(runner, file->parameter), xml,
                        file->relay_state, &out);
    } else {
        add_query(runner, value, &out);
    }
    *payload = arena_copy(runner->arena, buf_str(&out));
    buf_release(&out);
    return case_file_edit(runner->arena, file, CASE_STAGE_RAW, payload, runner->why, runner->why_size);
}

static bool
set_problem(struct runner *runner, struct exchange *exchange)
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
    return !str_present(name) || complain(runner, "unknown problem", name);
}

static struct exchange *
make_exchange(struct runner *runner, struct str payload)
{
    const struct case_file *file = runner->file;
    struct exchange *exchange = NULL;
    const char *url = jwt_maker_fill(runner->arena, arena_copy(runner->arena, file->input_argument)).ptr;
    if (file->input == CASE_INPUT_POST) {
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
    if (file->answer_status) {
        const char *type = file->answer_type.len ? c_string(runner, file->answer_type) : NULL;
        saml_maker_answer(runner->arena, exchange, file->answer_status, type,
                          jwt_maker_fill(runner->arena, file->answer_body));
    }
    for (size_t i = 0; i < file->request_headers.count; i++) {
        struct str name, value;
        str_cut(file->request_headers.items[i], ':', &name, &value);
        saml_maker_request_header(runner->arena, exchange, c_string(runner, name), c_string(runner, str_trim(value)));
    }
    for (size_t i = 0; i < file->answer_headers.count; i++) {
        struct str name, value;
        str_cut(file->answer_headers.items[i], ':', &name, &value);
        saml_maker_answer_header(runner->arena, exchange, c_string(runner, name),
                                 c_string(runner, jwt_maker_fill(runner->arena, str_trim(value))));
    }
    return set_problem(runner, exchange) ? exchange : NULL;
}

/* --- examination --------------------------------------------------------------------------------- */

static struct exchange *
make_request(struct runner *runner)
{
    const struct case_file *file = runner->file;
    struct str xml;
    struct str name = arena_printf(runner->arena, "%.*s.xml", STR_ARG(file->request_base));
    struct buf query;
    struct case_file plain = { .input = CASE_INPUT_REDIRECT };
    struct runner alone = *runner;
    alone.file = &plain;
    if (!fill(&alone, name, CASE_STAGE_TEMPLATE, &xml)) {
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
        saml_maker_exchange(runner->arena, "GET", c_string(runner, file->request_url), (struct str){ 0 });
    saml_maker_answer(runner->arena, exchange, 302, NULL, STR(""));
    saml_maker_answer_header(runner->arena, exchange, "Location", url.ptr);
    saml_maker_answer_header(runner->arena, exchange, "Set-Cookie", c_string(runner, file->request_cookie));
    return exchange;
}

static struct report *
examine_one(struct runner *runner, struct signin_table *table, struct exchange *exchange, uint64_t number)
{
    exchange->number = number;
    exchange->started_ms = runner->settings->now_ms + (int64_t)(number / 2 - 1) * runner->file->repeat_ms;
    exchange->finished_ms = exchange->started_ms;
    return examine_exchange(runner->settings, table, exchange, STR("case"));
}

/* The exchanges that come first, whatever they hold. */
static void
examine_before(struct runner *runner, struct signin_table *table)
{
    for (size_t i = 0; i < runner->file->before.count; i++) {
        struct str url, body;
        bool form = str_cut(runner->file->before.items[i], ' ', &url, &body);
        struct exchange *exchange =
            saml_maker_exchange(runner->arena, form ? "POST" : "GET", c_string(runner, url), body);
        if (str_present(runner->file->before_location)) {
            saml_maker_answer(runner->arena, exchange, 302, NULL, STR(""));
            saml_maker_answer_header(runner->arena, exchange, "Location",
                                     c_string(runner, runner->file->before_location));
        }
        report_release(examine_one(runner, table, exchange, 2));
    }
}

/* One request, when the case has one, and one message. */
static struct report *
examine_round(struct runner *runner, struct signin_table *table, struct str *payload, unsigned round)
{
    bool with_request = str_present(runner->file->request_base);
    runner->iteration = runner->file->vary_ids ? round + 1 : 0;
    struct exchange *request = with_request ? make_request(runner) : NULL;
    if ((with_request && !request) || !make_payload(runner, payload)) {
        return NULL;
    }
    struct exchange *exchange = make_exchange(runner, *payload);
    if (request) {
        report_release(examine_one(runner, table, request, 2 * round + 2));
    }
    return exchange ? examine_one(runner, table, exchange, 2 * round + 3) : NULL;
}

static struct report *
examine_exchanges(struct runner *runner, struct str *payload)
{
    const struct case_file *file = runner->file;
    struct report *report = NULL;
    bool joined = str_present(file->request_base) || file->before.count > 0 || file->repeat > 1 || file->wait_ms;
    struct signin_table *table = joined ? signin_table_new(runner->settings) : NULL;
    examine_before(runner, table);
    for (unsigned round = 0; round == 0 || (report && round < file->repeat); round++) {
        report_release(report);
        report = examine_round(runner, table, payload, round);
    }
    if (table) {
        int64_t later = runner->settings->now_ms + file->repeat * file->repeat_ms + file->wait_ms;
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
examine_bytes(struct runner *runner, struct str payload)
{
    size_t count = 0;
    struct arena *keep = NULL;
    struct str problem = { 0 };
    struct report *report = NULL;
    struct report **reports = examine_input(runner->settings, payload, STR("case"), &count, &keep, &problem);
    if (!reports || count == 0) {
        complain(runner, "no report", problem);
    }
    for (size_t i = 0; i < count; i++) {
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

struct report *
case_run(struct arena *arena, const struct case_file *file, const char *base_folder, struct str *input, char *why,
         size_t why_size)
{
    struct runner runner = { arena, file, base_folder, NULL, why, why_size, 0 };
    struct report *report = NULL;
    *input = STR("");
    snprintf(why, why_size, "no report");
    bool bare = file->input == CASE_INPUT_BARE || file->input == CASE_INPUT_BASE64 || file->input == CASE_INPUT_FILE;
    if (make_settings(&runner)) {
        if (!bare) {
            report = examine_exchanges(&runner, input);
        } else if (make_payload(&runner, input)) {
            report = examine_bytes(&runner, *input);
        }
    }
    if (runner.settings) {
        key_set_free(runner.settings->keys);
        runner.settings->keys = NULL;
        jwk_set_free(runner.settings->jwks);
        runner.settings->jwks = NULL;
    }
    return report;
}
