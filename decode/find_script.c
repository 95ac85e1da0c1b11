/* SPDX-License-Identifier: MIT */
/* "Copy as fetch" and "Copy as PowerShell" of browsers. Nothing is run; what is computed is not known. */
#include <string.h>

#include "find_parts.h"
#include "json_text.h"
#include "script_words.h"

enum { MAX_CALLS = 10000 };

struct calls {
    struct arena *arena;
    struct exchange *items;
    size_t count;
    size_t capacity;
};

static bool
add_call(struct calls *calls, struct exchange *exchange, struct str url)
{
    if (!exchange_set_url(calls->arena, exchange, url))
        return !arena_failed(calls->arena);
    if (exchange->method.len == 0)
        exchange->method = exchange->request_body.bytes.len > 0 ? STR("POST") : STR("GET");
    if (exchange->request_body.bytes.len > 0 && !str_present(headers_get(&exchange->request_headers, "Content-Type")) &&
        !json_text_add_header(calls->arena, &exchange->request_headers, STR("Content-Type"),
                              STR("application/x-www-form-urlencoded")))
        return false;
    exchange->request_body.size = exchange->request_body.bytes.len;
    if (!arena_grow(calls->arena, (void **)&calls->items, calls->count, &calls->capacity, sizeof(*calls->items)))
        return false;
    exchange->number = calls->count + 1;
    calls->items[calls->count++] = *exchange;
    return true;
}

/* --- fetch("…", {…}) -------------------------------------------------------------------------------------- */

static bool
take_fetch_options(struct arena *arena, struct str literal, struct exchange *exchange)
{
    struct str problem, json = script_object_to_json(arena, literal);
    json_t *object = str_present(json) ? json_text_load(arena, json, &problem) : NULL;
    const json_t *body = json_object_get(object, "body");
    const char *name;
    json_t *value;
    bool done = true;

    exchange->method = json_text_string(arena, object, "method");
    exchange->request_body.bytes = json_text_string(arena, object, "body");
    exchange->request_body.cut = body != NULL && !json_is_string(body) && !json_is_null(body);
    json_object_foreach(json_object_get(object, "headers"), name, value)
    {
        if (json_is_string(value))
            done = done && json_text_add_header(
                               arena, &exchange->request_headers, arena_copy_c(arena, name),
                               arena_copy(arena, (struct str){ json_string_value(value), json_string_length(value) }));
    }
    json_decref(object);
    return done && !arena_failed(arena);
}

/* Behind "fetch(". Moves *text behind the call. */
static bool
take_fetch(struct calls *calls, struct str *text)
{
    struct exchange exchange = { .version = { 0 } };
    struct str url, literal;

    if (!script_take_string(calls->arena, text, &url))
        return !arena_failed(calls->arena);
    *text = str_trim(*text);
    if (str_starts_c(*text, ",")) {
        *text = str_from_offset(*text, 1);
        literal = script_take_object(text);
        if (str_present(literal) && !take_fetch_options(calls->arena, literal, &exchange))
            return false;
    }
    return add_call(calls, &exchange, url);
}

/* Offset behind the first "fetch(" that is a call of that name; SIZE_MAX: none. */
static size_t
next_fetch(struct str text)
{
    size_t at = 0;

    for (;;) {
        size_t found = str_find_c(str_from_offset(text, at), "fetch(");

        if (found == SIZE_MAX)
            return SIZE_MAX;
        at += found + 6;
        if (at == 6 || str_find_byte(STR(" \t\r\n;=({"), text.ptr[at - 7]) != SIZE_MAX)
            return at;
    }
}

bool
find_is_fetch(struct str text)
{
    static const char *const starts[] = { "fetch(", "await ", "const ", "let ", "var " };
    struct str s = str_trim(text);

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_c(s, starts[i]))
            return next_fetch(str_slice(s, 0, 200)) != SIZE_MAX;
    return false;
}

bool
find_fetch(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count)
{
    struct calls calls = { .arena = arena };
    size_t at;

    while (calls.count < MAX_CALLS && (at = next_fetch(text)) != SIZE_MAX) {
        text = str_from_offset(text, at);
        if (!take_fetch(&calls, &text))
            return false;
    }
    *exchanges = calls.items;
    *count = calls.count;
    return true;
}

/* --- Invoke-WebRequest ------------------------------------------------------------------------------------ */

static const char *const commands[] = { "Invoke-WebRequest", "Invoke-RestMethod", "iwr ", "irm " };

/* Offset behind the first such command, SIZE_MAX: none. */
static size_t
next_command(struct str text)
{
    size_t first = SIZE_MAX;

    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        size_t at = str_find_nocase(text, str_from(commands[i]));

        if (at != SIZE_MAX && at + strlen(commands[i]) < first)
            first = at + strlen(commands[i]);
    }
    return first;
}

bool
find_is_powershell(struct str text)
{
    struct str s = str_trim(text);

    if (str_starts_c(s, "PS ") && str_find_byte(str_slice(s, 0, 300), '>') != SIZE_MAX)
        s = str_trim(str_from_offset(s, str_find_byte(s, '>') + 1));
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (str_starts_nocase(s, str_from(commands[i])))
            return true;
    return str_starts_c(s, "$") && str_find_byte(str_slice(s, 0, 80), '=') != SIZE_MAX && next_command(s) != SIZE_MAX;
}

static bool
take_headers(struct arena *arena, struct str *text, struct exchange *exchange)
{
    struct str name, value;

    while (powershell_take_pair(arena, text, &name, &value))
        if (!str_starts_c(name, ":") && /* pseudo headers of HTTP/2 */
            !json_text_add_header(arena, &exchange->request_headers, name, value))
            return false;
    return !arena_failed(arena);
}

/* Parameters of one command, to its end. */
static bool
take_command(struct calls *calls, struct str *text)
{
    struct exchange exchange = { .version = { 0 } };
    struct str url = { 0 }, name, value;
    enum powershell_value kind;

    while ((kind = powershell_take(calls->arena, text, &name, &value)) != POWERSHELL_END) {
        if (str_eq_nocase(name, STR("Uri")) || (name.len == 0 && !str_present(url)))
            url = value;
        else if (str_eq_nocase(name, STR("Method")))
            exchange.method = value;
        else if (str_eq_nocase(name, STR("Body"))) {
            exchange.request_body.bytes = value;
            exchange.request_body.cut = kind == POWERSHELL_COMPUTED;
        } else if (str_eq_nocase(name, STR("ContentType")) &&
                   !json_text_add_header(calls->arena, &exchange.request_headers, STR("Content-Type"), value)) {
            return false;
        } else if (kind == POWERSHELL_TABLE && str_eq_nocase(name, STR("Headers")) &&
                   !take_headers(calls->arena, &value, &exchange)) {
            return false;
        }
    }
    return !arena_failed(calls->arena) && (url.len == 0 || add_call(calls, &exchange, url));
}

bool
find_powershell(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count)
{
    struct calls calls = { .arena = arena };
    size_t at;

    while (calls.count < MAX_CALLS && (at = next_command(text)) != SIZE_MAX) {
        text = str_from_offset(text, at);
        if (!take_command(&calls, &text))
            return false;
    }
    *exchanges = calls.items;
    *count = calls.count;
    return true;
}
