/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base64.h"
#include "find_parts.h"
#include "htmlform.h"
#include "inflate.h"
#include "urlform.h"

/*
 * The decode ladder (saml-verification 2.2). Each round looks at what there is, takes one layer off and
 * notes what a strict reader would not have taken. Layers that should not be there come off at most
 * twice each.
 */
enum {
    MAX_ROUNDS = 10,
    MAX_PERCENT = 2,
    MAX_UNESCAPE = 2,
    MAX_INFLATE = 2,
    MAX_BASE64 = 3, /* the one that belongs there, and two more */
    NEAR_LIMIT = 64,
};

struct ladder {
    struct arena *arena;
    struct message *message;
    const struct saml_options *options;
    struct str current;
    unsigned percent, unescaped, base64, inflated;
    bool too_big; /* current holds only the beginning */
};

void
find_add_step(struct message *message, enum decode_step step, size_t size)
{
    if (message->step_count >= COUNT_OF(message->steps))
        return;
    message->steps[message->step_count] = step;
    message->step_sizes[message->step_count++] = size;
}

void
find_add_first_step(struct message *message, enum decode_step step, size_t size)
{
    if (message->step_count >= COUNT_OF(message->steps))
        return;
    for (size_t i = message->step_count++; i > 0; i--) {
        message->steps[i] = message->steps[i - 1];
        message->step_sizes[i] = message->step_sizes[i - 1];
    }
    message->steps[0] = step;
    message->step_sizes[0] = size;
}

bool
find_has_anomaly(const struct message *message, enum anomaly_id id)
{
    for (size_t i = 0; i < message->anomaly_count; i++)
        if (message->anomalies[i].id == id)
            return true;
    return false;
}

void
find_add_anomaly(struct arena *arena, struct message *message, enum anomaly_id id, size_t offset, struct str detail)
{
    if (find_has_anomaly(message, id))
        return;
    if (message->anomalies == NULL) /* one of each id at most */
        message->anomalies = arena_calloc(arena, ANOMALY_COUNT, sizeof(*message->anomalies));
    if (message->anomalies == NULL)
        return;
    message->anomalies[message->anomaly_count++] = (struct anomaly){ .id = id, .offset = offset, .detail = detail };
}

/* Offset in the original octets of a place in the current ones, as long as these are the same bytes. */
static size_t
original_offset(const struct ladder *ladder, size_t at)
{
    struct str original = ladder->message->original;
    const char *place = ladder->current.ptr + at;

    if (!str_present(original) || place < original.ptr || place > original.ptr + original.len)
        return SIZE_MAX;
    return (size_t)(place - original.ptr);
}

static void
note(struct ladder *ladder, enum anomaly_id id, size_t at, struct str detail)
{
    find_add_anomaly(ladder->arena, ladder->message, id, at == SIZE_MAX ? SIZE_MAX : original_offset(ladder, at),
                     detail);
}

static bool
has_step(const struct message *message, enum decode_step step)
{
    for (size_t i = 0; i < message->step_count; i++)
        if (message->steps[i] == step)
            return true;
    return false;
}

/* --- rungs: each takes one layer off and returns false when it cannot --- */

static bool
take_percent(struct ladder *ladder)
{
    struct message *message = ladder->message;
    bool surplus = ladder->percent > 0 || has_step(message, STEP_FORM) || has_step(message, STEP_QUERY);
    size_t bad_at;
    struct str decoded = percent_decode(ladder->arena, ladder->current, false, &bad_at);

    if (++ladder->percent > MAX_PERCENT || !str_present(decoded))
        return false;
    if (bad_at != SIZE_MAX)
        note(ladder, ANOMALY_BAD_PERCENT, bad_at, (struct str){ 0 });
    if (surplus)
        note(ladder, ANOMALY_DOUBLE_PERCENT, str_find_byte(ladder->current, '%'), (struct str){ 0 });
    find_add_step(message, surplus ? STEP_PERCENT_AGAIN : STEP_PERCENT, decoded.len);
    ladder->current = decoded;
    return true;
}

static bool
take_references(struct ladder *ladder)
{
    struct str decoded = html_unescape(ladder->arena, ladder->current);

    if (++ladder->unescaped > MAX_UNESCAPE || !str_present(decoded))
        return false;
    note(ladder, ANOMALY_HTML_ESCAPED, str_find_byte(ladder->current, '&'), (struct str){ 0 });
    find_add_step(ladder->message, STEP_HTML_UNESCAPE, decoded.len);
    ladder->current = decoded;
    return true;
}

static void
note_base64(struct ladder *ladder, const struct base64_notes *notes)
{
    static const enum anomaly_id ids[BASE64_ODDITY_COUNT] = {
        [BASE64_WRAPPED] = ANOMALY_BASE64_WRAPPED,   [BASE64_PLUS_AS_SPACE] = ANOMALY_PLUS_AS_SPACE,
        [BASE64_URLSAFE] = ANOMALY_BASE64_URLSAFE,   [BASE64_PADDING] = ANOMALY_BASE64_PADDING,
        [BASE64_TRAILING] = ANOMALY_BASE64_TRAILING, [BASE64_INVALID] = ANOMALY_BASE64_INVALID,
    };

    for (enum base64_oddity oddity = 0; oddity < BASE64_ODDITY_COUNT; oddity++) {
        struct str detail = { 0 };

        if (!base64_has(notes, oddity))
            continue;
        if (oddity == BASE64_INVALID)
            detail = arena_printf(ladder->arena, "%zu byte%s outside the alphabet, the first is 0x%02X", notes->skipped,
                                  notes->skipped == 1 ? "" : "s",
                                  (unsigned)(unsigned char)ladder->current.ptr[notes->at[oddity]]);
        note(ladder, ids[oddity], notes->at[oddity], detail);
    }
}

static bool
take_base64(struct ladder *ladder)
{
    struct base64_notes notes;
    struct str decoded;

    if (ladder->current.len > FIND_MAX_TEXT) {
        note(ladder, ANOMALY_TOO_BIG, SIZE_MAX,
             arena_printf(ladder->arena, "%zu bytes of base64; %d are read", ladder->current.len, FIND_MAX_TEXT));
        return false;
    }
    if (++ladder->base64 > MAX_BASE64 || !base64_decode(ladder->arena, ladder->current, &decoded, &notes) ||
        decoded.len == 0)
        return false;
    note_base64(ladder, &notes);
    if (ladder->base64 > 1)
        note(ladder, ANOMALY_DOUBLE_BASE64, SIZE_MAX, (struct str){ 0 });
    find_add_step(ladder->message, ladder->base64 > 1 ? STEP_BASE64_AGAIN : STEP_BASE64, decoded.len);
    ladder->current = decoded;
    return true;
}

/* What can be nothing else is not asked what it is. */
static bool
take_plain_base64(struct ladder *ladder)
{
    struct str decoded;

    if (ladder->current.len > FIND_MAX_TEXT || !base64_decode_plain(ladder->arena, ladder->current, &decoded))
        return false;
    ladder->base64++;
    find_add_step(ladder->message, STEP_BASE64, decoded.len);
    ladder->current = decoded;
    return true;
}

static const struct {
    enum inflate_format format;
    enum decode_step step;
} packings[] = {
    { INFLATE_RAW, STEP_INFLATE_RAW },
    { INFLATE_ZLIB, STEP_INFLATE_ZLIB },
    { INFLATE_GZIP, STEP_INFLATE_GZIP },
};

static void
accept_inflated(struct ladder *ladder, enum decode_step step, enum inflate_result result, struct str out, size_t used)
{
    if (result == INFLATE_TRAILING)
        note(ladder, ANOMALY_INFLATE_TRAILING, SIZE_MAX,
             arena_printf(ladder->arena, "%zu bytes follow the stream", ladder->current.len - used));
    if (result == INFLATE_DAMAGED)
        note(ladder, ANOMALY_INFLATE_BROKEN, SIZE_MAX,
             arena_printf(ladder->arena, "%zu bytes came out before the stream broke off", out.len));
    if (result == INFLATE_TOO_LARGE) {
        note(ladder, ANOMALY_TOO_BIG, SIZE_MAX,
             arena_printf(ladder->arena, "%zu bytes inflate to more than %zu", ladder->current.len, out.len));
        ladder->too_big = true;
    }
    if (step == STEP_INFLATE_ZLIB)
        note(ladder, ANOMALY_ZLIB_WRAPPED, SIZE_MAX, (struct str){ 0 });
    if (step == STEP_INFLATE_GZIP)
        note(ladder, ANOMALY_GZIP_WRAPPED, SIZE_MAX, (struct str){ 0 });
    find_add_step(ladder->message, step, out.len);
    ladder->current = out;
}

/* Whole streams first, in all packings; a broken one counts only when XML came out of it. */
static bool
take_deflate(struct ladder *ladder)
{
    if (++ladder->inflated > MAX_INFLATE)
        return false;
    for (int broken = 0; broken < 2; broken++) {
        for (size_t i = 0; i < COUNT_OF(packings); i++) {
            size_t used;
            struct str out;
            enum inflate_result result =
                inflate_bytes(ladder->arena, ladder->current, packings[i].format, FIND_MAX_XML, &out, &used);
            bool whole = result == INFLATE_OK || result == INFLATE_TRAILING;
            enum sniff sniff = find_sniff(out);

            if (result == INFLATE_NO_MEMORY)
                return false;
            if (whole ? broken || sniff == SNIFF_EMPTY || sniff == SNIFF_BINARY : !broken || sniff != SNIFF_XML)
                continue;
            accept_inflated(ladder, packings[i].step, result, out, used);
            return true;
        }
    }
    return false;
}

/* --- the end of the ladder --- */

static void
check_charset(struct ladder *ladder)
{
    static const char *const plain[] = { "UTF-8", "UTF8", "US-ASCII", "ASCII" };
    struct find_charset charset = find_charset(ladder->current);
    size_t nul;
    bool usual = false;

    if (charset.bom_length > 0)
        note(ladder, ANOMALY_BOM, 0, charset.name);
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        usual = usual || str_eq_nocase(charset.name, str_from(plain[i]));
    if (!usual)
        note(ladder, ANOMALY_CHARSET, SIZE_MAX, charset.name);
    nul = charset.wide ? SIZE_MAX : str_find_byte(ladder->current, '\0');
    if (nul != SIZE_MAX)
        note(ladder, ANOMALY_NUL, nul, arena_printf(ladder->arena, "at byte %zu of the XML", nul));
}

/* Deviations from what the binding asks for. */
static void
check_binding(struct ladder *ladder)
{
    switch (ladder->message->binding) {
    case BINDING_HTTP_REDIRECT:
        if (ladder->inflated == 0)
            note(ladder, ANOMALY_NOT_DEFLATED, SIZE_MAX, (struct str){ 0 });
        break;
    case BINDING_HTTP_POST:
    case BINDING_SIMPLE_SIGN:
    case BINDING_FORM_PAGE:
        if (ladder->inflated > 0)
            note(ladder, ANOMALY_DEFLATED_POST, SIZE_MAX, (struct str){ 0 });
        break;
    default:
        return;
    }
    if (ladder->base64 == 0 && ladder->inflated == 0 && !str_eq_c(ladder->message->parameter, "wresult"))
        note(ladder, ANOMALY_BASE64_INVALID, SIZE_MAX, STR("XML text, not base64"));
}

/* Name of the document element as written, absent when there is none. */
static struct str
root_name(struct str xml)
{
    for (size_t at = 0; (at = str_find_byte(xml, '<')) != SIZE_MAX;) {
        size_t end = 0;

        xml = str_from_offset(xml, at + 1);
        if (xml.len == 0 || xml.ptr[0] == '?' || xml.ptr[0] == '!')
            continue;
        while (end < xml.len && str_find_byte(STR(" \t\r\n/>"), xml.ptr[end]) == SIZE_MAX)
            end++;
        return str_slice(xml, 0, end);
    }
    return (struct str){ 0 };
}

/* A document whose end tag never comes was cut; a length just below a usual limit says by whom. */
static void
check_truncation(struct ladder *ladder)
{
    static const size_t limits[] = { 2048, 4096, 8192, 16384, 65536, 1048576 };
    struct str name = root_name(ladder->current), tag, detail;
    size_t len = ladder->message->original.len;

    if (ladder->message->xml_status.result != XML_MALFORMED || name.len == 0 || find_charset(ladder->current).wide)
        return;
    tag = arena_printf(ladder->arena, "</%.*s", STR_ARG(name));
    if (str_find(ladder->current, tag) != SIZE_MAX)
        return;
    detail = arena_printf(ladder->arena, "the document element %.*s is never closed, the XML breaks off at byte %zu",
                          STR_ARG(str_slice(name, 0, NEAR_LIMIT)), ladder->current.len);
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        if (len <= limits[i] && len + NEAR_LIMIT >= limits[i])
            detail = arena_printf(ladder->arena, "the value is %zu bytes long, just below the usual limit of %zu", len,
                                  limits[i]);
    note(ladder, ANOMALY_TRUNCATED, SIZE_MAX, detail);
}

static void
finish(struct ladder *ladder)
{
    struct message *message = ladder->message;

    message->xml = ladder->current;
    check_charset(ladder);
    check_binding(ladder);
    if (ladder->too_big || message->xml.len > FIND_MAX_XML) {
        note(ladder, ANOMALY_TOO_BIG, SIZE_MAX, (struct str){ 0 });
        message->xml_status = (struct xml_status){ .result = XML_TOO_BIG };
        return;
    }
    message->saml = saml_read(ladder->arena, message->xml, ladder->options, &message->xml_status);
    check_truncation(ladder);
}

static void
give_up(struct ladder *ladder, enum sniff sniff)
{
    char tried[160] = "";
    int len = 0;
    const char *looks = "";

    for (size_t i = 0; i < ladder->message->step_count && len >= 0 && (size_t)len < sizeof(tried); i++)
        len += snprintf(tried + len, sizeof(tried) - (size_t)len, "%s%s", i ? ", " : "",
                        decode_step_name(ladder->message->steps[i]));
    if (sniff == SNIFF_JWT)
        looks = "; it looks like a JSON web token";
    else if (sniff == SNIFF_EMPTY)
        looks = "; it is empty";
    note(ladder, ANOMALY_NOT_DECODABLE, SIZE_MAX,
         arena_printf(ladder->arena, "taken off: %s%s", tried[0] ? tried : "nothing", looks));
}

/* The line end of a file says nothing; a blank before it may have been a "+". */
static struct str
without_line_end(struct str value)
{
    struct str s = str_trim(value);

    while (s.ptr + s.len < value.ptr + value.len && s.ptr[s.len] == ' ')
        s.len++;
    return s;
}

void
find_decode(struct arena *arena, struct str value, const struct saml_options *options, struct message *message)
{
    struct ladder ladder = { .arena = arena, .message = message, .options = options, .current = value };
    enum sniff sniff = SNIFF_EMPTY;

    if (!str_present(message->original))
        message->original = value;
    if (message->binding == BINDING_NONE && !find_charset(value).wide)
        ladder.current = without_line_end(value);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        bool moved = false;

        if (round == 0 && take_plain_base64(&ladder))
            continue;
        sniff = find_sniff(ladder.current);
        switch (sniff) {
        case SNIFF_XML:
            finish(&ladder);
            return;
        case SNIFF_ESCAPED:
            moved = take_references(&ladder);
            break;
        case SNIFF_PERCENT:
            moved = take_percent(&ladder);
            break;
        case SNIFF_BASE64:
            moved = take_base64(&ladder);
            break;
        case SNIFF_BINARY:
            moved = take_deflate(&ladder);
            break;
        case SNIFF_JWT:
        case SNIFF_EMPTY:
            break;
        }
        if (!moved)
            break;
    }
    give_up(&ladder, sniff);
}
