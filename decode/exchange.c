/* SPDX-License-Identifier: MIT */
#include "exchange.h"

enum {
    WIRE_VERSION = 1,
    WIRE_ABSENT = 0xffffffff, /* length that stands for an absent string */
    WIRE_HEADER_BYTES = 8,    /* least size of a header: two lengths */
};

struct str
headers_get(const struct headers *headers, const char *name)
{
    struct str wanted = str_from(name);

    for (size_t i = 0; i < headers->count; i++)
        if (str_eq_nocase(headers->items[i].name, wanted))
            return headers->items[i].value;
    return (struct str){ 0 };
}

size_t
headers_count(const struct headers *headers, const char *name)
{
    struct str wanted = str_from(name);
    size_t count = 0;

    for (size_t i = 0; i < headers->count; i++)
        count += str_eq_nocase(headers->items[i].name, wanted);
    return count;
}

/* --- binary form ------------------------------------------------------------------------------ */

static void
write_str(struct buf *out, struct str s)
{
    if (!str_present(s)) {
        buf_add_u32(out, WIRE_ABSENT);
        return;
    }
    if (s.len >= WIRE_ABSENT) {
        out->failed = true;
        return;
    }
    buf_add_u32(out, (uint32_t)s.len);
    buf_add_str(out, s);
}

static void
write_headers(struct buf *out, const struct headers *headers)
{
    buf_add_u32(out, (uint32_t)headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        write_str(out, headers->items[i].name);
        write_str(out, headers->items[i].value);
    }
}

static void
write_body(struct buf *out, const struct body *body)
{
    write_str(out, body->bytes);
    buf_add_u64(out, body->size);
    buf_add_byte(out, body->cut);
}

void
exchange_write(struct buf *out, const struct exchange *exchange)
{
    buf_add_byte(out, WIRE_VERSION);
    buf_add_u64(out, exchange->connection);
    buf_add_u64(out, exchange->number);
    buf_add_u64(out, (uint64_t)exchange->started_ms);
    buf_add_u64(out, (uint64_t)exchange->finished_ms);
    write_str(out, exchange->client);
    write_str(out, exchange->scheme);
    write_str(out, exchange->host);
    buf_add_u32(out, exchange->port);
    write_str(out, exchange->method);
    write_str(out, exchange->target);
    write_str(out, exchange->version);
    write_headers(out, &exchange->request_headers);
    write_body(out, &exchange->request_body);
    buf_add_u32(out, exchange->status);
    write_str(out, exchange->reason);
    write_headers(out, &exchange->response_headers);
    write_body(out, &exchange->response_body);
    buf_add_byte(out, (char)exchange->problem);
    write_str(out, exchange->problem_text);
}

/* What is left to read, with a sticky failure. */
struct wire {
    struct str rest;
    bool failed;
};

static uint64_t
read_number(struct wire *wire, size_t size)
{
    uint64_t value = 0;

    if (wire->failed || wire->rest.len < size) {
        wire->failed = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)wire->rest.ptr[i];
    wire->rest = str_from_offset(wire->rest, size);
    return value;
}

static struct str
read_str(struct wire *wire)
{
    uint64_t length = read_number(wire, 4);
    struct str s;

    if (wire->failed || length == WIRE_ABSENT)
        return (struct str){ 0 };
    if (length > wire->rest.len) {
        wire->failed = true;
        return (struct str){ 0 };
    }
    s = str_slice(wire->rest, 0, (size_t)length);
    wire->rest = str_from_offset(wire->rest, (size_t)length);
    return s;
}

static bool
read_flag(struct wire *wire)
{
    uint64_t value = read_number(wire, 1);

    if (value > 1)
        wire->failed = true;
    return value == 1;
}

static void
read_headers(struct arena *arena, struct wire *wire, struct headers *headers)
{
    uint64_t count = read_number(wire, 4);

    /* The count is believed only as far as the bytes that are there could hold it. */
    if (wire->failed || count > wire->rest.len / WIRE_HEADER_BYTES) {
        wire->failed = true;
        return;
    }
    if (count == 0)
        return;
    headers->items = arena_calloc(arena, (size_t)count, sizeof(*headers->items));
    if (headers->items == NULL) {
        wire->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        headers->items[i].name = read_str(wire);
        headers->items[i].value = read_str(wire);
    }
    headers->count = (size_t)count;
}

static void
read_body(struct wire *wire, struct body *body)
{
    body->bytes = read_str(wire);
    body->size = read_number(wire, 8);
    body->cut = read_flag(wire);
}

bool
exchange_read(struct arena *arena, struct str bytes, struct exchange *exchange)
{
    struct wire wire = { .rest = bytes };
    uint64_t problem;

    *exchange = (struct exchange){ 0 };
    if (read_number(&wire, 1) != WIRE_VERSION)
        return false;
    exchange->connection = read_number(&wire, 8);
    exchange->number = read_number(&wire, 8);
    exchange->started_ms = (int64_t)read_number(&wire, 8);
    exchange->finished_ms = (int64_t)read_number(&wire, 8);
    exchange->client = read_str(&wire);
    exchange->scheme = read_str(&wire);
    exchange->host = read_str(&wire);
    exchange->port = (unsigned)read_number(&wire, 4);
    exchange->method = read_str(&wire);
    exchange->target = read_str(&wire);
    exchange->version = read_str(&wire);
    read_headers(arena, &wire, &exchange->request_headers);
    read_body(&wire, &exchange->request_body);
    exchange->status = (unsigned)read_number(&wire, 4);
    exchange->reason = read_str(&wire);
    read_headers(arena, &wire, &exchange->response_headers);
    read_body(&wire, &exchange->response_body);
    problem = read_number(&wire, 1);
    exchange->problem_text = read_str(&wire);
    if (wire.failed || wire.rest.len > 0 || problem >= EXCHANGE_PROBLEM_COUNT) {
        *exchange = (struct exchange){ 0 };
        return false;
    }
    exchange->problem = (enum exchange_problem)problem;
    return true;
}

bool
exchange_repeats_windows_demand(const struct exchange *exchange)
{
    const struct str asked = headers_get(&exchange->response_headers, "WWW-Authenticate");
    const struct str given = headers_get(&exchange->request_headers, "Authorization");
    bool integrated = str_starts_nocase(asked, STR("Negotiate")) || str_starts_nocase(asked, STR("NTLM"));
    bool answered = str_starts_nocase(given, STR("Negotiate ")) || str_starts_nocase(given, STR("NTLM "));

    /* A longer challenge is the next step of the same handshake, not a refusal. */
    return exchange->status == 401 && str_eq_c(exchange->scheme, "https") && integrated && answered &&
           str_find_byte(asked, ' ') == SIZE_MAX;
}

const char *
exchange_problem_name(enum exchange_problem problem)
{
    static const char *const names[EXCHANGE_PROBLEM_COUNT] = {
        [EXCHANGE_OK] = "ok",
        [EXCHANGE_CLIENT_REJECTED_CA] = "client-rejected-ca",
        [EXCHANGE_CLIENT_TLS_FAILED] = "client-tls-failed",
        [EXCHANGE_UPSTREAM_NAME] = "upstream-name",
        [EXCHANGE_UPSTREAM_UNREACHABLE] = "upstream-unreachable",
        [EXCHANGE_UPSTREAM_TLS_FAILED] = "upstream-tls-failed",
        [EXCHANGE_UPSTREAM_UNTRUSTED] = "upstream-untrusted",
        [EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT] = "upstream-wants-client-certificate",
        [EXCHANGE_CUT_SHORT] = "cut-short",
        [EXCHANGE_BAD_HTTP] = "bad-http",
        [EXCHANGE_UPSTREAM_PROXY] = "upstream-proxy",
        [EXCHANGE_UPSTREAM_UNVERIFIED] = "upstream-unverified",
    };

    return (unsigned)problem < EXCHANGE_PROBLEM_COUNT ? names[problem] : "unknown";
}
