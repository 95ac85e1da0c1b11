/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "http1.h"

enum { MAX_REQUEST_BODY = 512 * 1024, MAX_ARENA = 16 * 1024 * 1024, IDLE_S = 60, READ_AT_ONCE = 16 * 1024 };

struct guest {
    struct guests *guests;
    struct guest *previous;
    struct guest *next;
    struct bufferevent *stream;
    guest_answer *answer;
    void *data;
    struct http1_pair pair;
    struct arena *arena; /* of the request being read; NULL between requests */
    struct exchange request;
    struct buf body;
    bool ending; /* the last reply is on its way */
};

void
guests_init(struct guests *guests)
{
    *guests = (struct guests){ 0 };
}

/* close_notify, so that the other side can tell the end from a cut. */
static void
say_goodbye(struct bufferevent *stream)
{
    SSL *ssl = bufferevent_openssl_get_ssl(stream);

    if (ssl != NULL && SSL_is_init_finished(ssl)) {
        SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
        SSL_shutdown(ssl);
    }
    ERR_clear_error();
}

static void
guest_free(struct guest *guest)
{
    if (guest->previous != NULL)
        guest->previous->next = guest->next;
    else
        guest->guests->first = guest->next;
    if (guest->next != NULL)
        guest->next->previous = guest->previous;
    guest->guests->count--;
    say_goodbye(guest->stream);
    bufferevent_free(guest->stream);
    http1_pair_release(&guest->pair);
    buf_release(&guest->body);
    arena_free(guest->arena);
    free(guest);
}

void
guests_free_all(struct guests *guests)
{
    for (struct guest *guest = guests->first, *next; guest != NULL; guest = next) {
        next = guest->next;
        guest_free(guest);
    }
}

static const char *
reason_of(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 302:
        return "Found";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 413:
        return "Content Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

/* The reader of responses sees our own, so that it knows that the request was answered. */
static void
note_response(struct guest *guest, struct str bytes)
{
    struct str slice;
    enum http1_event event;

    do
        event = http1_pair_next(&guest->pair, HTTP1_RESPONSE, &bytes, &slice);
    while (event != HTTP1_MORE && event != HTTP1_OPAQUE);
}

static void
send_reply(struct guest *guest, const struct lab_reply *reply, bool without_body)
{
    struct buf head;

    buf_init(&head, HTTP1_MAX_HEAD);
    buf_printf(&head, "HTTP/1.1 %u %s\r\n", reply->status, reason_of(reply->status));
    buf_add_str(&head, buf_str(&reply->headers));
    buf_printf(&head, "Content-Length: %zu\r\nConnection: %s\r\n\r\n", reply->body.len,
               guest->ending ? "close" : "keep-alive");
    bufferevent_write(guest->stream, head.bytes, head.len);
    note_response(guest, buf_str(&head));
    if (!without_body) {
        bufferevent_write(guest->stream, reply->body.bytes, reply->body.len);
        note_response(guest, buf_str(&reply->body));
    }
    buf_release(&head);
}

static bool
wants_end(const struct exchange *request)
{
    return str_eq_nocase(str_trim(headers_get(&request->request_headers, "Connection")), STR("close")) ||
           str_eq_c(request->version, "HTTP/1.0");
}

static void
reply_to(struct guest *guest)
{
    struct lab_reply reply;

    lab_reply_init(&reply);
    guest->ending = wants_end(&guest->request);
    if (buf_failed(&guest->body)) {
        reply.status = 413;
        guest->ending = true;
    } else {
        guest->request.request_body.bytes = buf_str(&guest->body);
        guest->request.request_body.size = guest->body.len;
        guest->answer(guest->data, guest->arena, &guest->request, &reply);
    }
    send_reply(guest, &reply, str_eq_c(guest->request.method, "HEAD"));
    lab_reply_release(&reply);
    buf_reset(&guest->body);
    arena_free(guest->arena);
    guest->arena = NULL;
}

static bool
begin_request(struct guest *guest)
{
    guest->arena = arena_new(MAX_ARENA);
    guest->request = (struct exchange){ .scheme = STR("https"), .port = 443 };
    if (guest->arena == NULL || !http1_copy_head(guest->arena, &guest->pair.request, &guest->request))
        return false;
    if (str_eq_nocase(headers_get(&guest->request.request_headers, "Expect"), STR("100-continue")))
        bufferevent_write(guest->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return true;
}

/* Reads what arrived. Returns false when the connection is of no more use. */
static bool
feed(struct guest *guest, struct str input)
{
    struct str slice;

    while (!guest->ending) {
        switch (http1_pair_next(&guest->pair, HTTP1_REQUEST, &input, &slice)) {
        case HTTP1_HEAD:
            if (!begin_request(guest))
                return false;
            break;
        case HTTP1_BODY:
            buf_add_str(&guest->body, slice);
            break;
        case HTTP1_END:
            reply_to(guest);
            break;
        case HTTP1_MORE:
            return true;
        case HTTP1_INTERIM:
        case HTTP1_OPAQUE:
        case HTTP1_CUT:
            return false;
        }
    }
    return true;
}

static void
on_read(struct bufferevent *stream, void *data)
{
    struct guest *guest = data;
    char bytes[READ_AT_ONCE];
    size_t len;

    while ((len = bufferevent_read(stream, bytes, sizeof(bytes))) > 0)
        if (!feed(guest, (struct str){ bytes, len })) {
            guest_free(guest);
            return;
        }
}

static void
on_written(struct bufferevent *stream, void *data)
{
    struct guest *guest = data;

    if (guest->ending && evbuffer_get_length(bufferevent_get_output(stream)) == 0)
        guest_free(guest);
}

static void
on_event(struct bufferevent *stream, short events, void *data)
{
    (void)stream;
    if ((events & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0)
        guest_free(data);
}

void
guest_new(struct guests *guests, struct bufferevent *stream, guest_answer *answer, void *data)
{
    struct timeval idle = { .tv_sec = IDLE_S };
    struct guest *guest = calloc(1, sizeof(*guest));

    if (guest == NULL) {
        bufferevent_free(stream);
        return;
    }
    *guest =
        (struct guest){ .guests = guests, .stream = stream, .answer = answer, .data = data, .next = guests->first };
    if (guests->first != NULL)
        guests->first->previous = guest;
    guests->first = guest;
    guests->count++;
    http1_pair_init(&guest->pair);
    buf_init(&guest->body, MAX_REQUEST_BODY);
    bufferevent_setcb(stream, on_read, on_written, on_event, guest);
    bufferevent_set_timeouts(stream, &idle, &idle);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}
