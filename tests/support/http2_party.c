/* SPDX-License-Identifier: MIT */
#include "http2_party.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 24, BODY_CEILING = 80 << 20, FIELDS_CEILING = 1 << 20 };

static void
need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "test helper: HTTP/2: %s failed\n", what);
    abort();
}

/* --- streams --------------------------------------------------------------------------------------- */

static void
stream_release(struct http2_party_stream *stream)
{
    buf_release(&stream->fields);
    buf_release(&stream->body);
    buf_release(&stream->own);
    stream->id = 0;
}

static struct http2_party_stream *
stream_open(struct http2_party *party, int32_t id)
{
    struct http2_party_stream *stream = party->streams;

    while (stream->id != 0 && !(party->answer != NULL && stream->is_closed))
        need(++stream < party->streams + HTTP2_PARTY_STREAMS, "room for another stream");
    if (stream->id != 0)
        stream_release(stream);
    *stream = (struct http2_party_stream){ .id = id };
    buf_init(&stream->fields, FIELDS_CEILING);
    buf_init(&stream->body, BODY_CEILING);
    buf_init(&stream->own, BODY_CEILING);
    return stream;
}

static struct http2_party_stream *
stream_of(struct http2_party *party, int32_t id)
{
    return id == 0 ? NULL : nghttp2_session_get_stream_user_data(party->session, id);
}

/* --- callbacks ------------------------------------------------------------------------------------- */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    struct http2_party *party = data;

    if (party->answer != NULL && frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream_open(party, frame->hd.stream_id));
    return 0;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
          const uint8_t *value, size_t value_len, uint8_t flags, void *data)
{
    struct http2_party_stream *stream = stream_of(data, frame->hd.stream_id);

    (void)session;
    (void)flags;
    if (stream == NULL || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        stream->status = (unsigned)atoi((const char *)value);
    else if (name_len == 7 && memcmp(name, ":method", 7) == 0)
        snprintf(stream->method, sizeof stream->method, "%.*s", (int)value_len, (const char *)value);
    else if (name_len == 5 && memcmp(name, ":path", 5) == 0)
        snprintf(stream->path, sizeof stream->path, "%.*s", (int)value_len, (const char *)value);
    else
        buf_printf(&stream->fields, "%.*s: %.*s\n", (int)name_len, (const char *)name, (int)value_len,
                   (const char *)value);
    return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t len, void *data)
{
    struct http2_party_stream *stream = stream_of(data, id);

    (void)session;
    (void)flags;
    if (stream != NULL)
        buf_add(&stream->body, bytes, len);
    return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    struct http2_party *party = data;
    struct http2_party_stream *stream = stream_of(party, frame->hd.stream_id);

    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        party->has_goaway = true;
        party->goaway_code = frame->goaway.error_code;
    }
    party->pushes += frame->hd.type == NGHTTP2_PUSH_PROMISE;
    if (stream == NULL || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && stream->status >= 100 && stream->status < 200)
        stream->interims++;
    stream->ended = stream->ended || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (party->answer != NULL && (stream->ended || party->answers_early))
        party->answer(party, stream, party->data);
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t code, void *data)
{
    struct http2_party_stream *stream = stream_of(data, id);

    (void)session;
    if (stream != NULL) {
        stream->is_closed = true;
        stream->code = code;
    }
    return 0;
}

static uint32_t
roll(struct http2_party *party, uint32_t sides)
{
    party->random ^= party->random << 13;
    party->random ^= party->random >> 17;
    party->random ^= party->random << 5;
    return party->random % sides;
}

static ssize_t
choose_padding(nghttp2_session *session, const nghttp2_frame *frame, size_t most, void *data)
{
    struct http2_party *party = data;
    size_t len = frame->hd.length;

    (void)session;
    if (party->random == 0 || roll(party, 3) != 0)
        return (ssize_t)len;
    return (ssize_t)(len + roll(party, (uint32_t)(most - len) + 1));
}

static void
start(struct http2_party *party)
{
    nghttp2_session_callbacks *callbacks;

    need(nghttp2_session_callbacks_new(&callbacks) == 0, "callbacks");
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_select_padding_callback(callbacks, choose_padding);
    need((party->answer != NULL ? nghttp2_session_server_new(&party->session, callbacks, party)
                                : nghttp2_session_client_new(&party->session, callbacks, party)) == 0,
         "session");
    nghttp2_session_callbacks_del(callbacks);
    need(nghttp2_submit_settings(party->session, NGHTTP2_FLAG_NONE, NULL, 0) == 0, "settings");
}

void
http2_client_init(struct http2_party *party, struct line *line)
{
    *party = (struct http2_party){ .line = line };
    start(party);
}

void
http2_party_release(struct http2_party *party)
{
    nghttp2_session_del(party->session);
    for (size_t i = 0; i < HTTP2_PARTY_STREAMS; i++)
        if (party->streams[i].id != 0)
            stream_release(&party->streams[i]);
}

/* --- sending --------------------------------------------------------------------------------------- */

static nghttp2_nv
field(const char *name, const char *value)
{
    return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
                         .value = (uint8_t *)(uintptr_t)value,
                         .namelen = strlen(name),
                         .valuelen = strlen(value) };
}

/* Appends pairs to an array of MAX_FIELDS. */
static size_t
add_fields(nghttp2_nv *out, size_t count, const char *const *fields)
{
    for (; fields != NULL && *fields != NULL; fields += 2) {
        need(count < MAX_FIELDS, "room for fields");
        out[count++] = field(fields[0], fields[1]);
    }
    return count;
}

static void
submit_trailer(nghttp2_session *session, int32_t id, const char *trailer)
{
    char name[80], *value;
    nghttp2_nv head;

    snprintf(name, sizeof name, "%s", trailer);
    value = strchr(name, ':');
    *value = '\0';
    head = field(name, value + 2);
    need(nghttp2_submit_trailer(session, id, &head, 1) == 0, "trailer");
}

static ssize_t
give_body(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *data)
{
    struct http2_party_stream *stream = source->ptr;
    struct str piece = str_slice(stream->sending, 0, size);

    (void)data;
    if (piece.len == 0 && stream->goes_on)
        return NGHTTP2_ERR_DEFERRED;
    if (piece.len > 0)
        memcpy(bytes, piece.ptr, piece.len);
    stream->sending = str_from_offset(stream->sending, piece.len);
    if (stream->sending.len > 0 || stream->goes_on)
        return (ssize_t)piece.len;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->trailer != NULL) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        submit_trailer(session, id, stream->trailer);
    }
    return (ssize_t)piece.len;
}

static struct http2_party_stream *
submit_request(struct http2_party *party, const char *method, const char *host, const char *path,
               const char *const *fields, struct str body, bool goes_on)
{
    nghttp2_nv head[MAX_FIELDS] = { field(":method", method), field(":scheme", "https"), field(":authority", host),
                                    field(":path", path) };
    size_t count = add_fields(head, 4, fields);
    struct http2_party_stream *stream = stream_open(party, -1);
    nghttp2_data_provider provider = { .source.ptr = stream, .read_callback = give_body };

    stream->sending = body;
    stream->goes_on = goes_on;
    stream->id =
        nghttp2_submit_request(party->session, NULL, head, count, body.len > 0 || goes_on ? &provider : NULL, stream);
    need(stream->id > 0, "request");
    return stream;
}

struct http2_party_stream *
http2_ask(struct http2_party *party, const char *method, const char *host, const char *path, const char *const *fields,
          struct str body)
{
    return submit_request(party, method, host, path, fields, body, false);
}

struct http2_party_stream *
http2_ask_begin(struct http2_party *party, const char *method, const char *host, const char *path,
                const char *const *fields)
{
    return submit_request(party, method, host, path, fields, (struct str){ 0 }, true);
}

static void
submit_response(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                const char *const *fields)
{
    char number[12];
    nghttp2_nv head[MAX_FIELDS];
    nghttp2_data_provider provider = { .source.ptr = stream, .read_callback = give_body };
    bool has_body = stream->sending.len > 0 || stream->goes_on || stream->trailer != NULL;

    snprintf(number, sizeof number, "%u", status);
    head[0] = field(":status", number);
    need(nghttp2_submit_response(party->session, stream->id, head, add_fields(head, 1, fields),
                                 has_body ? &provider : NULL) == 0,
         "response");
}

void
http2_answer(struct http2_party *party, struct http2_party_stream *stream, unsigned status, const char *const *fields,
             struct str body, const char *trailer)
{
    stream->sending = body;
    stream->trailer = trailer;
    submit_response(party, stream, status, fields);
}

void
http2_answer_begin(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                   const char *const *fields, const char *trailer)
{
    stream->goes_on = true;
    stream->trailer = trailer;
    submit_response(party, stream, status, fields);
}

void
http2_send(struct http2_party *party, struct http2_party_stream *stream, struct str bytes, bool is_last)
{
    size_t done = stream->own.len - stream->sending.len;

    buf_add_str(&stream->own, bytes);
    stream->sending = str_from_offset(buf_str(&stream->own), done);
    stream->goes_on = !is_last;
    nghttp2_session_resume_data(party->session, stream->id); /* fails when it had not begun yet: fine */
}

void
http2_answer_interim(struct http2_party *party, struct http2_party_stream *stream, unsigned status,
                     const char *const *fields)
{
    char number[12];
    nghttp2_nv head[MAX_FIELDS];

    snprintf(number, sizeof number, "%u", status);
    head[0] = field(":status", number);
    need(nghttp2_submit_headers(party->session, NGHTTP2_FLAG_NONE, stream->id, NULL, head, add_fields(head, 1, fields),
                                NULL) == 0,
         "interim response");
}

void
http2_push(struct http2_party *party, const struct http2_party_stream *stream, const char *host, const char *path)
{
    nghttp2_nv head[] = { field(":method", "GET"), field(":scheme", "https"), field(":authority", host),
                          field(":path", path) };

    need(nghttp2_submit_push_promise(party->session, NGHTTP2_FLAG_NONE, stream->id, head, COUNT_OF(head), NULL) > 0,
         "push");
}

static bool
write_pieces(struct http2_party *party, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t n = party->random != 0 ? 1 + roll(party, roll(party, 4) == 0 ? 12 : 5000) : len;

        if (n > len)
            n = len;
        if (!line_write(party->line, bytes, n))
            return false;
        bytes += n;
        len -= n;
    }
    return true;
}

static bool
send_all(struct http2_party *party)
{
    const uint8_t *bytes;
    ssize_t n;

    while ((n = nghttp2_session_mem_send(party->session, &bytes)) > 0)
        if (!write_pieces(party, bytes, (size_t)n))
            return false;
    return n == 0;
}

bool
http2_turn(struct http2_party *party)
{
    uint8_t chunk[16384];
    ssize_t n;

    if (!send_all(party))
        return false;
    n = line_read(party->line, chunk, sizeof chunk);
    return n > 0 && nghttp2_session_mem_recv(party->session, chunk, (size_t)n) == n;
}

bool
http2_finish(struct http2_party *party, const struct http2_party_stream *stream)
{
    while (!stream->is_closed)
        if (!http2_turn(party))
            return false;
    return true;
}

void
serve_http2(struct line *line, void *data)
{
    const struct http2_service *service = data;
    struct http2_party *party = calloc(1, sizeof *party);

    need(party != NULL, "memory");
    *party = (struct http2_party){ .line = line,
                                   .answer = service->answer,
                                   .answers_early = service->answers_early,
                                   .data = service->data,
                                   .random = service->random };
    start(party);
    while (http2_turn(party))
        continue;
    http2_party_release(party);
    free(party);
}

struct str
http2_field(const struct http2_party_stream *stream, const char *name)
{
    struct str rest = buf_str(&stream->fields), line, found, value;

    while (str_cut(rest, '\n', &line, &rest))
        if (str_cut(line, ':', &found, &value) && str_eq_c(found, name))
            return str_trim(value);
    return (struct str){ 0 };
}
