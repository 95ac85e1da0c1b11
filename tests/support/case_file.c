/* SPDX-License-Identifier: MIT */
#include "case_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct reader {
    struct arena *arena;
    struct case_file *file;
    const char *base_folder;
    char *why;
    size_t why_size;
    int depth;
};

typedef bool directive_reader(struct reader *reader, struct str rest);

static bool read_into(struct reader *reader, const char *path);

struct str
case_file_bytes(struct arena *arena, const char *path)
{
    struct str bytes = { 0 };
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        return bytes;
    }
    struct buf text;
    buf_init(&text, 16 << 20);
    char chunk[8192];
    size_t len;
    while ((len = fread(chunk, 1, sizeof(chunk), stream)) > 0) {
        buf_add(&text, chunk, len);
    }
    fclose(stream);
    bytes = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return bytes;
}

static bool
complain(struct reader *reader, const char *what, struct str value)
{
    snprintf(reader->why, reader->why_size, "%s: %.*s", what, STR_ARG(value));
    return false;
}

static struct str
next_word(struct str *rest)
{
    struct str word;
    struct str tail;
    *rest = str_trim(*rest);
    str_cut(*rest, ' ', &word, &tail);
    *rest = str_trim(tail);
    return word;
}

static bool
list_add(struct reader *reader, struct case_list *list, struct str item)
{
    if (list->count == CASE_MAX_ITEMS) {
        return complain(reader, "too many", item);
    }
    list->items[list->count++] = item;
    return true;
}

static int
hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Up to the delimiter, escapes taken back; moves *rest behind it. */
static bool
edit_part(struct reader *reader, struct str *rest, char delimiter, struct str *part)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    size_t i = 0;
    for (; i < rest->len && rest->ptr[i] != delimiter; i++) {
        char c = rest->ptr[i];
        if (c == '\\' && i + 1 < rest->len) {
            c = rest->ptr[++i];
            if (c == 'x' && i + 2 < rest->len) {
                c = (char)(hex_digit(rest->ptr[i + 1]) * 16 + hex_digit(rest->ptr[i + 2]));
                i += 2;
            } else {
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            }
        }
        buf_add_byte(&text, c);
    }
    bool closed = i < rest->len;
    *rest = str_from_offset(*rest, closed ? i + 1 : i);
    *part = arena_copy(reader->arena, buf_str(&text));
    buf_release(&text);
    return closed;
}

static bool
add_edit(struct reader *reader, struct str rest, enum case_stage stage)
{
    struct case_file *file = reader->file;
    struct case_edit edit = { .stage = stage };
    struct str whole = rest;
    if (rest.len < 3 || file->edit_count == CASE_MAX_ITEMS) {
        return complain(reader, "edit is not /FROM/TO/", whole);
    }
    char delimiter = rest.ptr[0];
    rest = str_from_offset(rest, 1);
    if (!edit_part(reader, &rest, delimiter, &edit.from) || !edit_part(reader, &rest, delimiter, &edit.to) ||
        rest.len != 0 || edit.from.len == 0) {
        return complain(reader, "edit is not /FROM/TO/", whole);
    }
    file->edits[file->edit_count++] = edit;
    return true;
}

static bool
read_edit(struct reader *reader, struct str rest)
{
    return add_edit(reader, rest, CASE_STAGE_TEMPLATE);
}

static bool
read_edit_after(struct reader *reader, struct str rest)
{
    return add_edit(reader, rest, CASE_STAGE_XML);
}

static bool
read_edit_metadata(struct reader *reader, struct str rest)
{
    return add_edit(reader, rest, CASE_STAGE_METADATA);
}

static bool
read_raw(struct reader *reader, struct str rest)
{
    return add_edit(reader, rest, CASE_STAGE_RAW);
}

static bool
read_base(struct reader *reader, struct str rest)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%.*s.base", reader->base_folder, STR_ARG(rest));
    return reader->depth > 2 ? complain(reader, "bases are nested too deep", rest) : read_into(reader, path);
}

static bool
read_template(struct reader *reader, struct str rest)
{
    reader->file->template = rest;
    return true;
}

static bool
read_option(struct reader *reader, struct str rest)
{
    struct case_file *file = reader->file;
    struct str name = next_word(&rest);
    struct str value = str_present(rest) ? rest : STR("");
    for (size_t i = 0; i < file->option_count; i++) {
        if (str_eq(file->options[i].name, name)) {
            file->options[i].value = value;
            return true;
        }
    }
    if (file->option_count == CASE_MAX_ITEMS || !str_starts_c(name, "--")) {
        return complain(reader, "option is not --NAME VALUE", name);
    }
    file->options[file->option_count++] = (struct case_option){ name, value };
    return true;
}

static bool
read_input(struct reader *reader, struct str rest)
{
    static const char *const names[] = {
        [CASE_INPUT_BARE] = "bare",         [CASE_INPUT_BASE64] = "base64",     [CASE_INPUT_POST] = "post",
        [CASE_INPUT_REDIRECT] = "redirect", [CASE_INPUT_GET] = "get",           [CASE_INPUT_PAGE] = "page",
        [CASE_INPUT_FILE] = "file",         [CASE_INPUT_EXCHANGE] = "exchange", [CASE_INPUT_TEXT] = "text",
        [CASE_INPUT_WSFED] = "wsfed",       [CASE_INPUT_SETUP] = "setup",
    };
    struct str word = next_word(&rest);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq_c(word, names[i])) {
            reader->file->input = (enum case_input)i;
            reader->file->input_argument = rest;
            return true;
        }
    }
    return complain(reader, "unknown input", word);
}

static bool
read_parameter(struct reader *reader, struct str rest)
{
    reader->file->parameter = rest;
    return true;
}

static bool
read_relay_state(struct reader *reader, struct str rest)
{
    reader->file->relay_state = rest;
    return true;
}

static bool
read_sign_query(struct reader *reader, struct str rest)
{
    reader->file->query_key = next_word(&rest);
    reader->file->query_method = rest;
    return true;
}

static bool
read_transform(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->transforms, rest);
}

static bool
read_request(struct reader *reader, struct str rest)
{
    reader->file->request_base = next_word(&rest);
    reader->file->request_url = rest;
    return true;
}

static bool
read_request_relay_state(struct reader *reader, struct str rest)
{
    reader->file->request_relay_state = rest;
    return true;
}

static bool
read_request_cookie(struct reader *reader, struct str rest)
{
    reader->file->request_cookie = rest;
    return true;
}

static bool
read_request_header(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->request_headers, rest);
}

static bool
read_vary_ids(struct reader *reader, struct str rest)
{
    reader->file->vary_ids = str_eq_c(rest, "yes");
    return true;
}

static bool
read_number(struct reader *reader, struct str word, unsigned *number)
{
    uint64_t value = 0;
    if (!str_to_u64(word, &value) || value > 1000000) {
        return complain(reader, "not a number", word);
    }
    *number = (unsigned)value;
    return true;
}

static bool
read_repeat(struct reader *reader, struct str rest)
{
    struct str word = next_word(&rest);
    return read_number(reader, word, &reader->file->repeat) && read_number(reader, rest, &reader->file->repeat_ms);
}

static bool
read_wait(struct reader *reader, struct str rest)
{
    return read_number(reader, rest, &reader->file->wait_ms);
}

static bool
read_method(struct reader *reader, struct str rest)
{
    reader->file->method = rest;
    return true;
}

static bool
read_answer(struct reader *reader, struct str rest)
{
    struct str word = next_word(&rest);
    reader->file->answer_type = rest;
    return read_number(reader, word, &reader->file->answer_status);
}

static bool
read_answer_body(struct reader *reader, struct str rest)
{
    reader->file->answer_body = rest;
    return true;
}

static bool
read_request_body(struct reader *reader, struct str rest)
{
    reader->file->request_body = rest;
    return true;
}

static bool
read_earlier(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->earlier, rest);
}

static bool
read_before(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->before, rest);
}

static bool
read_before_location(struct reader *reader, struct str rest)
{
    reader->file->before_location = rest;
    return true;
}

static bool
read_answer_header(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->answer_headers, rest);
}

static bool
read_problem(struct reader *reader, struct str rest)
{
    reader->file->problem = rest;
    return true;
}

static bool
read_expect(struct reader *reader, struct str rest)
{
    static const char *const names[] = {
        [SEVERITY_INFO] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"
    };
    struct case_file *file = reader->file;
    struct case_expect expect = { 0 };
    struct str word = next_word(&rest);
    size_t i = 0;
    while (i < COUNT_OF(names) && !str_eq_c(word, names[i])) {
        i++;
    }
    if (i == COUNT_OF(names) || file->expect_count == CASE_MAX_ITEMS) {
        return complain(reader, "expect needs error, warning or info", word);
    }
    expect.severity = (enum severity)i;
    expect.id = next_word(&rest);
    while (rest.len > 0) {
        word = next_word(&rest);
        if (str_eq_c(word, "first")) {
            expect.first = true;
        } else if (str_eq_c(word, "echo")) {
            expect.echo = true;
        } else {
            return complain(reader, "unknown word after expect", word);
        }
    }
    file->expects[file->expect_count++] = expect;
    return true;
}

static bool
read_says(struct reader *reader, struct str rest)
{
    struct case_file *file = reader->file;
    struct str id = next_word(&rest);
    if (file->says_count == CASE_MAX_ITEMS || rest.len == 0) {
        return complain(reader, "says needs an id and text", id);
    }
    file->says[file->says_count++] = (struct case_says){ id, rest };
    return true;
}

static bool
read_absent(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->absent, rest);
}

static bool
read_passes(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->passes, rest);
}

static bool
read_at_limit(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->at_limit, rest) && read_passes(reader, rest);
}

static bool
read_over_limit(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->over_limit, rest);
}

static bool
read_skipped(struct reader *reader, struct str rest)
{
    return list_add(reader, &reader->file->skipped, rest);
}

static bool
read_also(struct reader *reader, struct str rest)
{
    bool ok = true;
    while (ok && rest.len > 0) {
        ok = list_add(reader, &reader->file->also, next_word(&rest));
    }
    return ok;
}

static bool
read_verdict(struct reader *reader, struct str rest)
{
    reader->file->verdict = rest;
    return true;
}

static bool
read_idp_vendor(struct reader *reader, struct str rest)
{
    reader->file->vendors[VENDOR_IDP] = rest;
    return true;
}

static bool
read_sp_vendor(struct reader *reader, struct str rest)
{
    reader->file->vendors[VENDOR_SP] = rest;
    return true;
}

static const struct directive {
    const char *name;
    directive_reader *read;
} directives[] = {
    { "base", read_base },
    { "template", read_template },
    { "option", read_option },
    { "input", read_input },
    { "parameter", read_parameter },
    { "relay-state", read_relay_state },
    { "sign-query", read_sign_query },
    { "edit", read_edit },
    { "edit-after", read_edit_after },
    { "edit-metadata", read_edit_metadata },
    { "raw", read_raw },
    { "transform", read_transform },
    { "request", read_request },
    { "request-relay-state", read_request_relay_state },
    { "request-cookie", read_request_cookie },
    { "request-header", read_request_header },
    { "vary-ids", read_vary_ids },
    { "wait", read_wait },
    { "repeat", read_repeat },
    { "method", read_method },
    { "answer", read_answer },
    { "answer-body", read_answer_body },
    { "request-body", read_request_body },
    { "before", read_before },
    { "earlier", read_earlier },
    { "before-location", read_before_location },
    { "answer-header", read_answer_header },
    { "problem", read_problem },
    { "expect", read_expect },
    { "says", read_says },
    { "absent", read_absent },
    { "passes", read_passes },
    { "at-limit", read_at_limit },
    { "over-limit", read_over_limit },
    { "skipped", read_skipped },
    { "also", read_also },
    { "verdict", read_verdict },
    { "idp-vendor", read_idp_vendor },
    { "sp-vendor", read_sp_vendor },
};

static bool
read_line(struct reader *reader, struct str line)
{
    struct str rest = line;
    struct str word = next_word(&rest);
    for (size_t i = 0; i < COUNT_OF(directives); i++) {
        if (str_eq_c(word, directives[i].name)) {
            return directives[i].read(reader, rest);
        }
    }
    return complain(reader, "unknown directive", word);
}

static bool
read_into(struct reader *reader, const char *path)
{
    struct str text = case_file_bytes(reader->arena, path);
    if (!str_present(text)) {
        return complain(reader, "cannot read", str_from(path));
    }
    reader->depth++;
    for (int number = 1; str_present(text); number++) {
        struct str line, tail;
        str_cut(text, '\n', &line, &tail);
        text = tail;
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#' && !read_line(reader, line)) {
            char problem[300];
            snprintf(problem, sizeof(problem), "%s", reader->why);
            snprintf(reader->why, reader->why_size, "%s:%d: %s", path, number, problem);
            return false;
        }
    }
    reader->depth--;
    return true;
}

struct case_file *
case_file_read(struct arena *arena, const char *path, const char *base_folder, char *why, size_t why_size)
{
    struct case_file *file = arena_alloc(arena, sizeof(*file));
    struct reader reader = { arena, file, base_folder, why, why_size, 0 };
    if (!file) {
        return NULL;
    }
    file->path = arena_copy_c(arena, path);
    file->parameter = STR("SAMLResponse");
    file->repeat = 1;
    return read_into(&reader, path) ? file : NULL;
}

struct str
case_file_option(const struct case_file *file, const char *name)
{
    for (size_t i = 0; i < file->option_count; i++) {
        if (str_eq_c(file->options[i].name, name) && !str_eq_c(file->options[i].value, "-")) {
            return file->options[i].value;
        }
    }
    return (struct str){ 0 };
}

bool
case_file_edit(struct arena *arena, const struct case_file *file, enum case_stage stage, struct str *text, char *why,
               size_t why_size)
{
    for (size_t i = 0; i < file->edit_count; i++) {
        const struct case_edit *edit = &file->edits[i];
        if (edit->stage != stage) {
            continue;
        }
        struct buf changed;
        struct str rest = *text;
        size_t at, times = 0;
        buf_init(&changed, 64 << 20);
        for (; (at = str_find(rest, edit->from)) != SIZE_MAX; times++) {
            buf_add_str(&changed, str_slice(rest, 0, at));
            buf_add_str(&changed, edit->to);
            rest = str_from_offset(rest, at + edit->from.len);
        }
        buf_add_str(&changed, rest);
        *text = arena_copy(arena, buf_str(&changed));
        buf_release(&changed);
        if (times == 0) {
            snprintf(why, why_size, "edit does not match: %.*s", STR_ARG(edit->from));
            return false;
        }
    }
    return true;
}
