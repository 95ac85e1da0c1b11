/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "attributes.h"

enum { MAX_KEPT_BODY = 1024 * 1024, MIN_MESSAGE_LENGTH = 64 };

/* Fields of the federation protocols; all others may hold what the user typed. */
static const char *const federation_fields[] = { "SAMLResponse", "SAMLRequest",  "SAMLart", "RelayState", "SigAlg",
                                                 "Signature",    "SAMLEncoding", "wresult", "wa",         "wctx",
                                                 "wtrealm",      "wreply",       "TARGET",  "wct",        "wfresh",
                                                 "wauth",        "whr" };

/* Headers whose value is a credential. */
static const char *const secret_headers[] = { "cookie", "authorization", "token", "secret", "api-key", "password" };

/* Marks of a message in a body that is not a form. */
static const char *const message_marks[] = { "SAMLResponse", "SAMLRequest", "samlp:",  "saml2p:",
                                             "wresult",      "Envelope",    "SAMLart", "urn:oasis:names:tc:SAML",
                                             "wsignin1.0" };

static bool
is_federation_field(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(federation_fields); i++)
        if (str_eq_nocase(name, str_from(federation_fields[i])))
            return true;
    return false;
}

/* A message under a wrong name: base64 or percent-encoding of '<', and longer than what people type. */
static bool
looks_like_message(struct str value)
{
    return value.len >= MIN_MESSAGE_LENGTH &&
           (str_starts_c(value, "PD") || str_starts_c(value, "PH") || str_starts_nocase(value, STR("%3C")));
}

static bool
has_message_mark(struct str bytes)
{
    for (size_t i = 0; i < COUNT_OF(message_marks); i++)
        if (str_find_nocase(bytes, str_from(message_marks[i])) != SIZE_MAX)
            return true;
    return false;
}

static bool
is_secret_header(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(secret_headers); i++)
        if (str_find_nocase(name, str_from(secret_headers[i])) != SIZE_MAX)
            return true;
    return false;
}

/* --- forms ------------------------------------------------------------------------------------------- */

static void
add_field(struct buf *out, struct str field)
{
    struct str name, value;
    bool has_value = str_cut(field, '=', &name, &value);

    if (!has_value) {
        buf_printf(out, "%%5B%zu+bytes%%5D", field.len);
    } else if (value.len == 0 || is_federation_field(name) || looks_like_message(value)) {
        buf_add_str(out, field);
    } else {
        buf_add_str(out, name);
        buf_printf(out, "=%%5B%zu+bytes%%5D", value.len);
    }
}

static struct str
reduce_form(struct arena *arena, struct str form)
{
    struct str rest = form, field, kept;
    struct buf out;

    buf_init(&out, form.len * 32 + 64);
    while (str_present(rest)) {
        bool more = str_cut(rest, '&', &field, &rest);

        add_field(&out, field);
        if (more)
            buf_add_byte(&out, '&');
    }
    kept = buf_failed(&out) ? (struct str){ 0 } : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

/* --- headers ------------------------------------------------------------------------------------------ */

/* Cookies keep their names, and Set-Cookie its attributes: they matter for sign-in loops. */
static void
add_cookie(struct buf *out, struct str value, bool is_set)
{
    struct str rest = value, part, name, text;
    bool first = true;

    while (str_present(rest)) {
        bool more = str_cut(rest, ';', &part, &rest);

        if (is_set && !first) {
            buf_add_str(out, part);
        } else if (str_cut(part, '=', &name, &text)) {
            buf_add_str(out, name);
            buf_printf(out, "=[%zu bytes]", text.len);
        } else {
            buf_printf(out, "[%zu bytes]", part.len);
        }
        if (more)
            buf_add_byte(out, ';');
        first = false;
    }
}

static struct str
reduce_header(struct arena *arena, const struct header *header)
{
    bool is_set = str_eq_nocase(header->name, STR("set-cookie"));
    struct buf out;
    struct str kept;

    if (!is_secret_header(header->name))
        return header->value;
    buf_init(&out, header->value.len * 32 + 64);
    if (is_set || str_eq_nocase(header->name, STR("cookie")))
        add_cookie(&out, header->value, is_set);
    else
        buf_printf(&out, "[%zu bytes]", header->value.len);
    kept = buf_failed(&out) ? STR("[removed]") : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

static bool
reduce_headers(struct arena *arena, const struct headers *headers, struct headers *reduced)
{
    struct header *items = arena_calloc(arena, headers->count + 1, sizeof(*items));

    if (items == NULL)
        return false;
    for (size_t i = 0; i < headers->count; i++) {
        items[i].name = headers->items[i].name;
        items[i].value = reduce_header(arena, &headers->items[i]);
    }
    *reduced = (struct headers){ items, headers->count };
    return true;
}

/* --- bodies -------------------------------------------------------------------------------------------- */

static void
drop(struct body *body)
{
    if (body->bytes.len == 0)
        return;
    body->bytes = (struct str){ 0 };
    body->cut = true;
}

static void
reduce_request_body(struct arena *arena, const struct exchange *exchange, struct body *body)
{
    struct str type = headers_get(&exchange->request_headers, "content-type");

    if (str_starts_nocase(type, STR("application/x-www-form-urlencoded")) ||
        (!str_present(type) && str_find_byte(body->bytes, '=') != SIZE_MAX))
        body->bytes = reduce_form(arena, body->bytes);
    else if (str_find_nocase(type, STR("json")) != SIZE_MAX || !has_message_mark(body->bytes))
        drop(body);
}

/* The answer to a message, an error page and what the portal lists are what the verdict rests on. */
static void
reduce_response_body(const struct exchange *exchange, struct body *body)
{
    bool coded = str_present(headers_get(&exchange->response_headers, "content-encoding"));
    bool answers_message = has_message_mark(exchange->request_body.bytes) || has_message_mark(exchange->target);
    bool portal = str_find_c(exchange->target, "/instance/") != SIZE_MAX ||
                  str_find_c(exchange->target, "/assignment/") != SIZE_MAX;

    if (body->bytes.len > MAX_KEPT_BODY ||
        !(answers_message || portal || coded || exchange->status >= 400 || has_message_mark(body->bytes)))
        drop(body);
}

bool
record_reduce(struct arena *arena, const struct exchange *exchange, struct exchange *reduced)
{
    *reduced = *exchange;
    if (!reduce_headers(arena, &exchange->request_headers, &reduced->request_headers) ||
        !reduce_headers(arena, &exchange->response_headers, &reduced->response_headers))
        return false;
    reduce_request_body(arena, exchange, &reduced->request_body);
    reduce_response_body(exchange, &reduced->response_body);
    return !arena_failed(arena);
}
