/* SPDX-License-Identifier: MIT */
#include "exact_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST, RESPONSE, BODY_CEILING = 80 << 20 };

uint32_t
exact_roll(uint32_t *random, uint32_t sides)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random % sides;
}

static size_t
roll_size(uint32_t *random, size_t max)
{
    static const size_t scales[] = { 1, 8, 100, 100, 2000, 2000, 20000, 70000 };
    bool is_big = exact_roll(random, max > 1 << 20 ? 2 : 40) == 0;
    size_t scale = is_big ? max : scales[exact_roll(random, COUNT_OF(scales))];

    return exact_roll(random, (uint32_t)(scale < max ? scale : max) + 1);
}

static void
fill(struct buf *body, size_t size, uint32_t *random)
{
    buf_init(body, BODY_CEILING);
    while (body->len + 4 <= size) {
        uint32_t word = exact_roll(random, UINT32_MAX);

        buf_add(body, &word, sizeof word);
    }
    while (body->len < size)
        buf_add_byte(body, (char)exact_roll(random, 256));
    if (buf_failed(body))
        abort();
}

void
exact_case_init(struct exact_case *exact, uint32_t number, struct exact_limits limits)
{
    static const char *const methods[] = { "GET", "POST", "POST", "PUT", "HEAD" };
    static const unsigned statuses[] = { 200, 200, 200, 201, 302, 404, 500, 204, 304 };
    uint32_t random = number * 2654435761u + 1;
    bool has_body;

    for (int i = 0; i < 5; i++)
        exact_roll(&random, 2);
    *exact = (struct exact_case){ .number = number };
    snprintf(exact->method, sizeof exact->method, "%s", methods[exact_roll(&random, COUNT_OF(methods))]);
    snprintf(exact->path, sizeof exact->path, "/saml/acs/%u?x=%%2f+%u", number, exact_roll(&random, 1000));
    exact->status = statuses[exact_roll(&random, COUNT_OF(statuses))];
    exact->interims = exact_roll(&random, 8) == 0 ? 1 + exact_roll(&random, 3) : 0;
    exact->has_trailers = exact_roll(&random, 2) == 0;
    if (exact->method[0] == 'P')
        exact->framing[REQUEST] = exact_roll(&random, 3) == 0 ? EXACT_CHUNKED : EXACT_LENGTH;
    has_body = exact->method[0] != 'H' && exact->status != 204 && exact->status != 304;
    if (has_body)
        exact->framing[RESPONSE] = exact_roll(&random, 2) == 0 ? EXACT_CHUNKED : EXACT_LENGTH;
    if (has_body && limits.is_last && exact_roll(&random, 2) == 0)
        exact->framing[RESPONSE] = EXACT_UNTIL_CLOSE;
    for (int i = 0; i < 2; i++)
        fill(&exact->body[i], exact->framing[i] == EXACT_NO_BODY ? 0 : roll_size(&random, limits.max_body), &random);
    exact->random = random;
}

void
exact_case_release(struct exact_case *exact)
{
    buf_release(&exact->body[REQUEST]);
    buf_release(&exact->body[RESPONSE]);
}

static void
write_chunks(const struct exact_case *exact, struct str body, struct buf *out)
{
    uint32_t random = exact->random;

    while (body.len > 0) {
        struct str piece = str_slice(body, 0, 1 + exact_roll(&random, exact_roll(&random, 3) == 0 ? 9 : 30000));

        body = str_from_offset(body, piece.len);
        buf_printf(out, exact_roll(&random, 2) == 0 ? "%zx\r\n" : "%zX;name=\"value\"\r\n", piece.len);
        buf_add_str(out, piece);
        buf_add_c(out, "\r\n");
    }
    buf_add_c(out, exact->has_trailers ? "0\r\nTrailing: field\r\n\r\n" : "0\r\n\r\n");
}

/* The end of a head, and the body. */
static void
write_body(const struct exact_case *exact, int side, struct buf *out)
{
    struct str body = buf_str(&exact->body[side]);

    switch (exact->framing[side]) {
    case EXACT_NO_BODY:
    case EXACT_UNTIL_CLOSE:
        buf_add_c(out, "\r\n");
        buf_add_str(out, body);
        return;
    case EXACT_LENGTH:
        buf_printf(out, "Content-Length: %zu\r\n\r\n", body.len);
        buf_add_str(out, body);
        return;
    case EXACT_CHUNKED:
        buf_add_c(out, "Transfer-Encoding: chunked\r\n\r\n");
        write_chunks(exact, body, out);
        return;
    }
}

void
exact_write_request(const struct exact_case *exact, const char *origin, const char *host, struct buf *out)
{
    buf_printf(out, "%s %s%s HTTP/1.1\r\nhOST:%s\r\nX-Odd:  \t spaces \t\r\n", exact->method, origin, exact->path,
               host);
    if (exact->number % 2 == 0)
        buf_add_c(out, "Content-Type: application/x-www-form-urlencoded\r\n");
    write_body(exact, REQUEST, out);
}

void
exact_write_response(const struct exact_case *exact, struct buf *out)
{
    for (unsigned i = 0; i < exact->interims; i++)
        buf_add_c(out, i == 0 ? "HTTP/1.1 100 Continue\r\n\r\n" : "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    buf_printf(out, "HTTP/1.1 %u Some Reason\r\nX-Case: %u\r\n", exact->status, exact->number);
    if (exact->number % 3 == 0)
        buf_add_c(out, "content-type:text/html\r\n");
    if (exact->method[0] == 'H')
        buf_add_c(out, "Content-Length: 12345\r\n"); /* of what is not sent */
    if (exact->status == 204 || exact->status == 304 || exact->method[0] == 'H')
        buf_add_c(out, "\r\n");
    else
        write_body(exact, RESPONSE, out);
}

uint32_t
exact_number_of(struct str target)
{
    static const char prefix[] = "/saml/acs/";

    return str_starts_c(target, prefix) ? (uint32_t)strtoul(target.ptr + sizeof prefix - 1, NULL, 10) : 0;
}

static const char *
body_differs(const struct buf *sent, const struct body *told, size_t *bodies)
{
    if (told->size != sent->len)
        return "the size of a body";
    if (!str_present(told->bytes))
        return NULL;
    if (told->cut ? !str_starts(buf_str(sent), told->bytes) : !str_eq(buf_str(sent), told->bytes))
        return "the bytes of a body";
    ++*bodies;
    return NULL;
}

const char *
exact_differs(const struct exact_case *exact, const struct exchange *told, size_t *bodies)
{
    char number[12];
    const char *wrong;

    snprintf(number, sizeof number, "%u", exact->number);
    if (told->problem != EXCHANGE_OK)
        return "there is a problem";
    if (!str_eq_c(told->method, exact->method) || !str_eq_c(told->target, exact->path))
        return "the request line";
    if (told->status != exact->status)
        return "the status";
    if (!str_eq_c(headers_get(&told->response_headers, "X-Case"), number))
        return "the answer belongs to another request";
    wrong = body_differs(&exact->body[REQUEST], &told->request_body, bodies);
    return wrong != NULL ? wrong : body_differs(&exact->body[RESPONSE], &told->response_body, bodies);
}
