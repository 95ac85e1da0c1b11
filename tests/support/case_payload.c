/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "case_parts.h"
#include "saml_maker.h"
#include "saml_maker_encrypt.h"
#include "saml_wrap.h"

#define VARIED_ID "0123456789abcdef0123"

const char *
case_c_string(struct case_runner *runner, struct str text)
{
    return arena_copy(runner->arena, str_present(text) ? text : STR("")).ptr;
}

bool
case_complain(struct case_runner *runner, const char *what, struct str value)
{
    snprintf(runner->why, runner->why_size, "%s: %.*s", what, STR_ARG(value));
    return false;
}

/* The IDs of the templates, different in each iteration. */
static struct str
vary_ids(struct case_runner *runner, struct str text)
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

bool
case_fill(struct case_runner *runner, struct str name, enum case_stage stage, struct str *xml)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%.*s", runner->base_folder, STR_ARG(name));
    struct str template = case_file_bytes(runner->arena, path);
    if (!str_present(template)) {
        return case_complain(runner, "cannot read", str_from(path));
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
    } else if ((str_starts_c(word, "repeat ") && str_to_u64(str_from_offset(word, 7), &times)) ||
               (str_starts_c(word, "fill ") && str_to_u64(str_from_offset(word, 5), &times))) {
        size_t at = str_find_c(bytes, "</saml:AttributeValue>");
        times -= str_starts_c(word, "fill ") ? bytes.len : 0;
        buf_add_str(out, str_slice(bytes, 0, at));
        for (uint64_t i = 0; i < times; i++) {
            buf_add_byte(out, 'x');
        }
        buf_add_str(out, str_from_offset(bytes, at));
    } else if (str_starts_c(word, "xsw ") && str_to_u64(str_from_offset(word, 4), &times)) {
        return saml_wrap(bytes, (unsigned)times, out);
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
encode(struct case_runner *runner, struct str xml, struct str *value)
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
    if (runner->file->input != CASE_INPUT_BARE && runner->file->input != CASE_INPUT_WSFED) {
        saml_maker_base64(bytes, &step);
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    for (; i < words->count && ok; i++) {
        ok = transform_base64(words->items[i], bytes, &step) ||
             case_complain(runner, "unknown transform, or after base64", words->items[i]);
        bytes = arena_copy(runner->arena, buf_str(&step));
        buf_reset(&step);
    }
    buf_release(&step);
    *value = bytes;
    return ok;
}

static void
add_query(struct case_runner *runner, struct str value, struct buf *query)
{
    const struct case_file *file = runner->file;
    bool wsfed = file->input == CASE_INPUT_WSFED;
    buf_add_c(query, wsfed ? "wa=wsignin1.0&" : "");
    buf_add_str(query, wsfed ? STR("wresult") : file->parameter);
    buf_add_byte(query, '=');
    saml_maker_percent(value, query);
    if (str_present(file->relay_state)) {
        buf_add_c(query, wsfed ? "&wctx=" : "&RelayState=");
        saml_maker_percent(file->relay_state, query);
    }
    if (str_present(file->query_key)) {
        const char *method = case_c_string(runner, file->query_method);
        struct buf signature;
        buf_init(&signature, 1 << 16);
        buf_add_c(query, "&SigAlg=");
        saml_maker_percent(str_from(saml_maker_algorithm_uri(method)), query);
        saml_maker_sign_bytes(case_c_string(runner, file->query_key), method, buf_str(query), &signature);
        buf_add_c(query, "&Signature=");
        saml_maker_percent(buf_str(&signature), query);
        buf_release(&signature);
    }
}

bool
case_payload(struct case_runner *runner, struct str *payload)
{
    const struct case_file *file = runner->file;
    struct str xml = STR(""), value;
    struct buf out;
    if (file->input == CASE_INPUT_FILE) {
        *payload = case_file_bytes(runner->arena, case_c_string(runner, file->input_argument));
        return str_present(*payload) || case_complain(runner, "cannot read", file->input_argument);
    }
    if (file->input == CASE_INPUT_EXCHANGE || file->input == CASE_INPUT_TEXT) {
        *payload = file->input == CASE_INPUT_TEXT ? file->input_argument : STR("");
        return true;
    }
    if (!case_fill(runner, file->template, CASE_STAGE_TEMPLATE, &xml) ||
        !case_file_edit(runner->arena, file, CASE_STAGE_XML, &xml, runner->why, runner->why_size) ||
        !encode(runner, xml, &value)) {
        return false;
    }
    buf_init(&out, 64 << 20);
    if (file->input == CASE_INPUT_BARE || file->input == CASE_INPUT_BASE64) {
        buf_add_str(&out, value);
    } else if (file->input == CASE_INPUT_PAGE) {
        saml_maker_page(case_c_string(runner, file->input_argument), case_c_string(runner, file->parameter), xml,
                        file->relay_state, &out);
    } else {
        add_query(runner, value, &out);
    }
    *payload = arena_copy(runner->arena, buf_str(&out));
    buf_release(&out);
    return case_file_edit(runner->arena, file, CASE_STAGE_RAW, payload, runner->why, runner->why_size);
}
