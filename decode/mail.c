/* SPDX-License-Identifier: MIT */
#include "mail.h"

#include "base64.h"
#include "multipart.h"
#include "text_forms.h"

enum { MIN_KNOWN = 2, MAX_HEAD_LINES = 400 };

struct mail_reading {
    struct arena *arena;
    struct mail *mail;
    size_t capacity;
    size_t choices; /* how many multipart/alternative were seen */
};

/* --- headers --------------------------------------------------------------------------------------------- */

static struct str
take_line(struct str *text)
{
    struct str line;

    str_cut(*text, '\n', &line, text);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* "Name" of "Name: value"; absent when the line is no header. */
static struct str
header_name(struct str line)
{
    size_t colon = str_find_byte(line, ':');

    if (colon == SIZE_MAX || colon == 0)
        return (struct str){ 0 };
    for (size_t i = 0; i < colon; i++)
        if ((unsigned char)line.ptr[i] <= ' ' || (unsigned char)line.ptr[i] > '~')
            return (struct str){ 0 };
    return str_slice(line, 0, colon);
}

static bool
is_folded(struct str text)
{
    return text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t');
}

/* Value of a header with its folded lines, trimmed; absent: not there. Borrowed from head. */
static struct str
header(struct str head, const char *name)
{
    while (head.len > 0) {
        struct str start = head, line = take_line(&head), value, rest;

        if (!str_eq_nocase(header_name(line), str_from(name)))
            continue;
        while (is_folded(head))
            take_line(&head);
        value = str_present(head) ? str_slice(start, 0, (size_t)(head.ptr - start.ptr)) : start;
        str_cut(value, ':', &rest, &value);
        return str_trim(value);
    }
    return (struct str){ 0 };
}

/* Cuts the headers off *text. */
static struct str
take_head(struct str *text)
{
    struct str start = *text;
    size_t length = 0;

    while (text->len > 0) {
        struct str line = take_line(text);

        if (line.len == 0)
            break;
        length = (size_t)(line.ptr + line.len - start.ptr);
    }
    return str_slice(start, 0, length);
}

bool
mail_looks_like(struct str text)
{
    static const char *const names[] = { "From",
                                         "To",
                                         "Subject",
                                         "Date",
                                         "Received",
                                         "Message-ID",
                                         "MIME-Version",
                                         "Return-Path",
                                         "Delivered-To",
                                         "Reply-To",
                                         "Content-Type",
                                         "Cc",
                                         "Content-Transfer-Encoding" };
    struct str s = text;
    size_t known = 0;

    if (str_starts_c(s, "From ") && str_find_byte(str_slice(s, 0, 200), '@') != SIZE_MAX)
        take_line(&s);
    for (size_t lines = 0; s.len > 0 && lines < MAX_HEAD_LINES; lines++) {
        bool folded = lines > 0 && is_folded(s);
        struct str line = take_line(&s), name = header_name(line);

        if (line.len == 0)
            break;
        if (folded)
            continue;
        if (!str_present(name))
            return false;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            known += str_eq_nocase(name, str_from(names[i]));
    }
    return known >= MIN_KNOWN;
}

/* --- bodies ----------------------------------------------------------------------------------------------- */

static bool
decode_body(struct arena *arena, struct str encoding, struct mail_part *part)
{
    struct base64_notes notes;

    if (str_eq_nocase(encoding, STR("quoted-printable"))) {
        part->bytes = text_unquoted(arena, part->bytes);
    } else if (str_eq_nocase(encoding, STR("base64"))) {
        if (!base64_decode(arena, part->bytes, &part->bytes, &notes))
            part->broken = STR("says that it is base64, but is not");
        else if (base64_has(&notes, BASE64_INVALID) || base64_has(&notes, BASE64_PADDING))
            part->broken = STR("its base64 is damaged or cut off");
    }
    return !arena_failed(arena);
}

static bool
add_leaf(struct mail_reading *reading, struct str head, struct str body, size_t choice)
{
    struct mail *mail = reading->mail;
    struct str type = header(head, "Content-Type"), kind, rest;
    struct mail_part part = { .bytes = body, .choice = choice };

    if (mail->count == MAIL_MAX_PARTS) {
        mail->cut = true;
        return true;
    }
    str_cut(type, ';', &kind, &rest);
    part.type = str_trim(kind);
    part.name = multipart_parameter(header(head, "Content-Disposition"), "filename");
    if (!str_present(part.name))
        part.name = multipart_parameter(type, "name");
    if (!decode_body(reading->arena, header(head, "Content-Transfer-Encoding"), &part))
        return false;
    if (!arena_grow(reading->arena, (void **)&mail->items, mail->count, &reading->capacity, sizeof(*mail->items)))
        return false;
    mail->items[mail->count++] = part;
    return true;
}

/* The next line that is the boundary, from at; *end: behind that line, *last: it closes. SIZE_MAX: none. */
static size_t
find_boundary(struct str body, struct str boundary, size_t at, size_t *end, bool *last)
{
    while (at < body.len) {
        struct str rest = str_from_offset(body, at), line;
        size_t found = str_find(rest, boundary), start;

        if (found == SIZE_MAX)
            return SIZE_MAX;
        start = at + found;
        at = start + boundary.len;
        if (start < 2 || body.ptr[start - 1] != '-' || body.ptr[start - 2] != '-' ||
            (start > 2 && body.ptr[start - 3] != '\n'))
            continue;
        rest = str_from_offset(body, at);
        *last = str_starts_c(rest, "--");
        line = take_line(&rest);
        if (str_trim(str_from_offset(line, *last ? 2 : 0)).len > 0)
            continue;
        *end = str_present(rest) ? body.len - rest.len : body.len;
        return start - 2;
    }
    return SIZE_MAX;
}

static bool read_entity(struct mail_reading *reading, struct str text, size_t choice, int depth);

static bool
read_parts(struct mail_reading *reading, struct str type, struct str body, int depth)
{
    struct str boundary = multipart_parameter(type, "boundary");
    bool alternative = str_starts_nocase(type, STR("multipart/alternative")), last = false;
    size_t choice = alternative ? ++reading->choices : 0, from, end, next;

    if (boundary.len == 0 || find_boundary(body, boundary, 0, &from, &last) == SIZE_MAX)
        return true;
    while (!last && from < body.len) {
        next = find_boundary(body, boundary, from, &end, &last);
        if (next == SIZE_MAX) { /* cut off */
            next = end = body.len;
            last = true;
        }
        if (!read_entity(reading, str_slice(body, from, next - from), choice, depth + 1))
            return false;
        from = end;
    }
    return true;
}

/* Headers and body. The depth is bounded by MAIL_MAX_DEPTH, so the recursion is, too. */
static bool
read_entity(struct mail_reading *reading, struct str text, size_t choice, int depth)
{
    struct str head, type;

    if (depth == MAIL_MAX_DEPTH) {
        reading->mail->cut = true;
        return true;
    }
    head = take_head(&text);
    type = header(head, "Content-Type");
    if (str_starts_nocase(type, STR("multipart/")))
        return read_parts(reading, type, text, depth);
    if (str_starts_nocase(type, STR("message/rfc822")) && !str_present(header(head, "Content-Transfer-Encoding")))
        return read_entity(reading, text, choice, depth + 1);
    return text.len == 0 || add_leaf(reading, head, text, choice);
}

/* Offset behind the mail that *text begins with, in a mailbox; its length when there is no other. */
static size_t
mail_length(struct str text)
{
    size_t at = 0;

    for (;;) {
        size_t found = str_find_c(str_from_offset(text, at), "\nFrom ");

        if (found == SIZE_MAX)
            return text.len;
        at += found + 1;
        if (mail_looks_like(str_from_offset(text, at)))
            return at;
    }
}

bool
mail_read(struct arena *arena, struct str text, struct mail *mail)
{
    struct mail_reading reading = { .arena = arena, .mail = mail };

    *mail = (struct mail){ 0 };
    while (text.len > 0 && !mail->cut) {
        bool mailbox = str_starts_c(text, "From ");
        size_t length = mailbox ? mail_length(text) : text.len;
        struct str one = str_slice(text, 0, length);

        if (mailbox)
            take_line(&one);
        if (!read_entity(&reading, one, 0, 0))
            return false;
        text = str_from_offset(text, length);
    }
    return true;
}
