/* SPDX-License-Identifier: MIT */
#include "plain_request.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { HEAD_CEILING = 80 * 1024 };

/* A request that two readers may take for different ones must not be routed by one of them. */
static const uint32_t refused = 1u << HTTP1_BARE_LF | 1u << HTTP1_BARE_CR | 1u << HTTP1_CONTROL_BYTE |
                                1u << HTTP1_OBS_FOLD | 1u << HTTP1_SPACE_BEFORE_COLON | 1u << HTTP1_FIELD_NAME |
                                1u << HTTP1_TARGET | 1u << HTTP1_TOO_MANY_FIELDS | 1u << HTTP1_HOST_REPEATED |
                                1u << HTTP1_LENGTH_AND_CHUNKED | 1u << HTTP1_TRANSFER_CODING |
                                1u << HTTP1_TRANSFER_CODING_IN_10;

struct plain *
plain_new(void)
{
    struct plain *plain = xcalloc(1, sizeof *plain);

    http1_pair_init(&plain->pair);
    buf_init(&plain->raw_head, HEAD_CEILING);
    buf_init(&plain->head, HEAD_CEILING);
    return plain;
}

void
plain_free(struct plain *plain)
{
    if (plain == NULL)
        return;
    http1_pair_release(&plain->pair);
    buf_release(&plain->raw_head);
    buf_release(&plain->head);
    free(plain);
}

void
plain_next(struct plain *plain)
{
    plain->phase = PLAIN_HEAD;
    plain->request_done = plain->response_begun = plain->response_done = false;
    buf_release(&plain->raw_head);
    buf_release(&plain->head);
}

/* The header lines of the raw head, without those that are for a proxy. */
static void
copy_lines(struct buf *out, struct str lines, bool with_authorization)
{
    while (lines.len > 0) {
        size_t end = str_find_byte(lines, '\n');
        struct str line = str_slice(lines, 0, end == SIZE_MAX ? lines.len : end + 1);

        if (!str_starts_nocase(line, STR("Proxy-Connection:")) &&
            (with_authorization || !str_starts_nocase(line, STR("Proxy-Authorization:"))))
            buf_add_str(out, line);
        lines = str_from_offset(lines, line.len);
    }
}

/* RFC 9112 3.2.2: a Host that differs from the target would have to be replaced; we rather say so. */
static bool
host_agrees(struct arena *arena, const struct http1_reader *request, const struct exchange *exchange)
{
    struct str host = headers_get(&request->headers, "Host"), name;
    unsigned port = 80;

    return !str_present(host) ||
           (http1_split_authority(arena, host, &name, &port) && str_eq(name, exchange->host) && port == exchange->port);
}

static bool
is_host(struct str host)
{
    if (host.len == 0 || host.len > PLAIN_MAX_HOST)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] <= ' ' || (unsigned char)host.ptr[i] >= 127 || host.ptr[i] == '%')
            return false;
    return true;
}

static const char *
examine(struct plain *plain, struct arena *arena, struct exchange *exchange)
{
    const struct http1_reader *request = &plain->pair.request;
    bool is_absolute = request->target.len > 0 && request->target.ptr[0] != '/';

    if ((request->deviations & refused) != 0)
        return "The request is malformed in a way that two servers may read differently.";
    if (!http1_copy_head(arena, request, exchange))
        return "The request is too big.";
    plain->is_own_site = false;
    if (!is_absolute) {
        plain->is_own_site = true; /* to the proxy itself, as to a server */
        return NULL;
    }
    if (!str_eq_c(exchange->scheme, "http") || !is_host(exchange->host))
        return "A proxy takes http:// addresses here, and CONNECT for https.";
    if (!host_agrees(arena, request, exchange))
        return "The Host header and the address in the request line name different servers.";
    return NULL;
}

static void
write_request_line(struct buf *out, const struct exchange *exchange, bool with_url)
{
    const bool bracketed = str_find_byte(exchange->host, ':') != SIZE_MAX;

    buf_printf(out, "%.*s ", STR_ARG(exchange->method));
    if (with_url)
        buf_printf(out, bracketed ? "http://[%.*s]" : "http://%.*s", STR_ARG(exchange->host));
    if (with_url && exchange->port != 80)
        buf_printf(out, ":%u", exchange->port);
    buf_printf(out, "%.*s %.*s\r\n", STR_ARG(exchange->target), STR_ARG(exchange->version));
}

/* Everything up to the empty line; raw begins with the request line. */
static void
write_head(struct plain *plain, const struct exchange *exchange, struct str raw, const struct upstream_rules *rules)
{
    const bool to_proxy = upstream_takes_requests(rules, exchange->host, exchange->port);
    const char *authorization = to_proxy ? rules->next_proxy->authorization : NULL;

    write_request_line(&plain->head, exchange, to_proxy);
    if (authorization != NULL)
        buf_printf(&plain->head, "Proxy-Authorization: %s\r\n", authorization);
    copy_lines(&plain->head, str_from_offset(raw, str_find_byte(raw, '\n') + 1), to_proxy && authorization == NULL);
}

const char *
plain_take_head(struct plain *plain, const struct upstream_rules *rules)
{
    const struct http1_reader *request = &plain->pair.request;
    struct arena *arena = arena_new(1 << 20);
    struct exchange exchange = { .port = 80 };
    struct str raw = buf_str(&plain->raw_head);
    const char *wrong = arena != NULL ? examine(plain, arena, &exchange) : "The request is too big.";

    if (wrong != NULL || plain->is_own_site)
        goto out;
    memcpy(plain->host, exchange.host.ptr, exchange.host.len);
    plain->host[exchange.host.len] = '\0';
    plain->port = exchange.port;
    plain->close_after = plain_wants_close(request);
    while (raw.len > 0 && (raw.ptr[0] == '\r' || raw.ptr[0] == '\n'))
        raw = str_from_offset(raw, 1);
    write_head(plain, &exchange, raw, rules);
    if (buf_failed(&plain->head) || buf_failed(&plain->raw_head))
        wrong = "The request is too big.";
out:
    arena_free(arena);
    return wrong;
}

bool
plain_wants_close(const struct http1_reader *reader)
{
    bool keeps = str_eq_c(reader->version, "HTTP/1.1");

    for (size_t i = 0; i < reader->headers.count; i++) {
        struct str rest = reader->headers.items[i].value, token;
        bool more = true;

        if (!str_eq_nocase(reader->headers.items[i].name, STR("Connection")) &&
            !str_eq_nocase(reader->headers.items[i].name, STR("Proxy-Connection")))
            continue;
        while (more) {
            struct str value = rest;

            more = str_cut(value, ',', &token, &rest);
            token = str_trim(token);
            if (str_eq_nocase(token, STR("close")))
                return true;
            if (str_eq_nocase(token, STR("keep-alive")))
                keeps = true;
        }
    }
    return !keeps;
}
