/* SPDX-License-Identifier: MIT */
#include "find_parts.h"

/*
 * What "curl -v" prints: "> " before lines of requests, "< " before those of responses, "* " before its own
 * words; the body stands between them as it is.
 */
enum log_part { LOG_NOTHING, LOG_HEAD, LOG_BODY };

struct log_reader {
    struct buf text; /* the messages, as HTTP text */
    enum log_part part;
    bool connected; /* it says how */
    bool encrypted;
};

static struct str
take_line(struct str *text)
{
    struct str line;

    str_cut(*text, '\n', &line, text);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

bool
find_is_curl_log(struct str text)
{
    while (text.len > 0) {
        struct str line = take_line(&text);

        if ((str_starts_c(line, "> ") || str_starts_c(line, "< ")) && find_is_http_text(str_from_offset(line, 2)))
            return true;
    }
    return false;
}

/* Headers about the framing of a body that was printed without it. */
static bool
is_framing(struct str line)
{
    return str_starts_nocase(line, STR("content-length:")) || str_starts_nocase(line, STR("transfer-encoding:")) ||
           str_starts_nocase(line, STR("content-encoding:"));
}

static bool
is_progress(struct str line)
{
    return str_starts_c(line, "  % Total") || str_find_c(line, "Dload  Upload") != SIZE_MAX ||
           str_find_c(line, "--:--:--") != SIZE_MAX || str_starts_c(line, "{ [") || str_starts_c(line, "} [");
}

static void
add_line(struct log_reader *reader, struct str line)
{
    if (is_framing(line))
        return;
    buf_add_str(&reader->text, line);
    buf_add_c(&reader->text, "\r\n");
    if (str_trim(line).len == 0)
        reader->part = LOG_BODY;
}

static void
take_log_line(struct log_reader *reader, struct str line)
{
    bool marked = str_starts_c(line, ">") || str_starts_c(line, "<");
    struct str rest = str_from_offset(line, str_starts_c(line, "> ") || str_starts_c(line, "< ") ? 2 : 1);

    if (str_starts_c(line, "* ")) {
        reader->connected = reader->connected || str_find_c(line, "onnected to") != SIZE_MAX;
        reader->encrypted = reader->encrypted || str_find_c(line, "SSL connection") != SIZE_MAX;
    } else if (marked && find_is_http_text(rest)) {
        if (reader->part == LOG_BODY)
            buf_add_c(&reader->text, "\r\n");
        reader->part = LOG_HEAD;
        add_line(reader, rest);
    } else if (marked && reader->part == LOG_HEAD) {
        add_line(reader, rest);
    } else if (reader->part == LOG_BODY && !is_progress(line)) {
        buf_add_str(&reader->text, line);
        buf_add_byte(&reader->text, '\n');
    }
}

bool
find_curl_log(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count)
{
    struct log_reader reader = { .part = LOG_NOTHING };
    bool ok;

    buf_init(&reader.text, 2 * text.len + 64);
    while (text.len > 0)
        take_log_line(&reader, take_line(&text));
    text = buf_failed(&reader.text) ? (struct str){ 0 } : arena_copy(arena, buf_str(&reader.text));
    buf_release(&reader.text);
    ok = str_present(text) && find_http_text(arena, text, exchanges, count);
    for (size_t i = 0; ok && i < *count && reader.connected && !reader.encrypted; i++) {
        (*exchanges)[i].scheme = STR("http");
        if ((*exchanges)[i].port == 443)
            (*exchanges)[i].port = 80;
    }
    return ok;
}
