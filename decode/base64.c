/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <string.h>

/* 0 to 63 is a digit of RFC 4648 section 4; with URL_SAFE, one of section 5 that is written otherwise. */
enum { PLUS_DIGIT = 62, CLASS_PAD = 64, CLASS_SPACE, CLASS_FOREIGN, URL_SAFE = 128, DIGIT = 63, LINE = 64 };

/* clang-format off */
static const unsigned char classes[256] = {
    [0 ... '\t' - 1] = CLASS_FOREIGN, ['\t'] = CLASS_SPACE, ['\n'] = CLASS_SPACE,
    ['\n' + 1 ... '\r' - 1] = CLASS_FOREIGN, ['\r'] = CLASS_SPACE, ['\r' + 1 ... ' ' - 1] = CLASS_FOREIGN,
    [' '] = CLASS_SPACE, ['!' ... '*'] = CLASS_FOREIGN, ['+'] = PLUS_DIGIT, [','] = CLASS_FOREIGN,
    ['-'] = URL_SAFE | PLUS_DIGIT, ['.'] = CLASS_FOREIGN, ['/'] = 63,
    ['0'] = 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    [':' ... '<'] = CLASS_FOREIGN, ['='] = CLASS_PAD, ['>' ... '@'] = CLASS_FOREIGN,
    ['A'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    ['[' ... '^'] = CLASS_FOREIGN, ['_'] = URL_SAFE | 63, ['`'] = CLASS_FOREIGN,
    ['a'] = 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
    ['{' ... 255] = CLASS_FOREIGN,
};
/* clang-format on */

static inline unsigned
classify(char c)
{
    return classes[(unsigned char)c];
}

/* The next four bytes as 24 bits, when all of them are digits of the usual alphabet. */
static inline bool
is_group(struct str text, size_t i, uint32_t *group)
{
    uint32_t a, b, c, d;

    if (text.len - i < 4)
        return false;
    a = classify(text.ptr[i]);
    b = classify(text.ptr[i + 1]);
    c = classify(text.ptr[i + 2]);
    d = classify(text.ptr[i + 3]);
    *group = a << 18 | b << 12 | c << 6 | d;
    return ((a | b | c | d) & ~(uint32_t)DIGIT) == 0;
}

static void
note(struct base64_notes *notes, enum base64_oddity oddity, size_t at)
{
    if (!base64_has(notes, oddity))
        notes->at[oddity] = at;
    notes->oddities |= 1u << oddity;
}

/* What a text is made of. A lone blank touches no other white space but blanks. */
struct survey {
    size_t digits; /* and padding */
    size_t foreign;
    size_t blanks;  /* lone ones between two digits */
    size_t regular; /* of those, the ones that end a line of the usual lengths */
    size_t last;    /* lone ones at the very end */
};

/* Length of the run of white space at i, and whether it is blanks only. */
static size_t
space_run(struct str text, size_t i, bool *blanks_only)
{
    size_t end = i;

    *blanks_only = true;
    for (; end < text.len && classify(text.ptr[end]) == CLASS_SPACE; end++)
        *blanks_only = *blanks_only && text.ptr[end] == ' ';
    return end - i;
}

static struct survey
survey_text(struct str text)
{
    struct survey survey = { 0 };
    size_t line = 0;
    uint32_t group;

    for (size_t i = 0; i < text.len; i++) {
        unsigned class;
        bool blanks_only;
        size_t run;

        for (; is_group(text, i, &group); i += 4) {
            survey.digits += 4;
            line += 4;
        }
        if (i == text.len)
            break;
        class = classify(text.ptr[i]);

        if (class != CLASS_SPACE) {
            survey.digits += class != CLASS_FOREIGN;
            survey.foreign += class == CLASS_FOREIGN;
            line++;
            continue;
        }
        run = space_run(text, i, &blanks_only);
        if (blanks_only && i > 0 && i + run == text.len) {
            survey.last = run;
        } else if (blanks_only && i > 0) {
            survey.blanks += run;
            survey.regular += run == 1 && (line == 64 || line == 76);
        }
        line = 0;
        i += run - 1;
    }
    return survey;
}

/* How many lone blanks are to be read as "+": none, those inside, or those at the end, too. */
enum plus { PLUS_NONE, PLUS_INSIDE, PLUS_ALL };

static enum plus
blanks_as_plus(const struct survey *survey)
{
    bool inside = survey->blanks > 0 && survey->regular < survey->blanks;
    bool fits = (survey->digits + survey->blanks) % 4 == 0;

    /* A document ends in ">", so one in three ends in "+" when it is encoded. */
    if (survey->last > 0 && !fits && (survey->digits + survey->blanks + survey->last) % 4 == 0 &&
        (inside || survey->blanks == 0))
        return PLUS_ALL;
    if (inside && ((survey->digits % 4 != 0 && fits) || survey->regular == 0))
        return PLUS_INSIDE;
    return PLUS_NONE;
}

/* One pass over the text; out has room for three bytes per four of text. */
struct decoder {
    struct str text;
    struct base64_notes *notes;
    unsigned char *out;
    size_t len;
    unsigned bits;
    unsigned bit_count;
    size_t digits;
    size_t pads;
    enum plus plus;
};

static void
put_digit(struct decoder *decoder, unsigned digit)
{
    decoder->digits++;
    decoder->bits = (decoder->bits << 6 | digit) & 0xffff;
    decoder->bit_count += 6;
    if (decoder->bit_count >= 8) {
        decoder->bit_count -= 8;
        decoder->out[decoder->len++] = (unsigned char)(decoder->bits >> decoder->bit_count);
    }
}

static void
take(struct decoder *decoder, size_t i)
{
    unsigned class = classify(decoder->text.ptr[i]);

    if (class == CLASS_FOREIGN) {
        note(decoder->notes, BASE64_INVALID, i);
        decoder->notes->skipped++;
    } else if (class == CLASS_PAD) {
        decoder->pads++;
    } else if (decoder->pads > 0) {
        note(decoder->notes, BASE64_TRAILING, i);
    } else {
        if ((class & URL_SAFE) != 0)
            note(decoder->notes, BASE64_URLSAFE, i);
        put_digit(decoder, class & DIGIT);
    }
}

/* A run of white space: skipped, or a "+" for each blank. Returns its length. */
static size_t
take_spaces(struct decoder *decoder, size_t i)
{
    bool blanks_only;
    size_t run = space_run(decoder->text, i, &blanks_only);
    bool at_end = i + run == decoder->text.len;

    if (!blanks_only || i == 0 || decoder->pads > 0 || decoder->plus == PLUS_NONE ||
        (at_end && decoder->plus != PLUS_ALL)) {
        note(decoder->notes, BASE64_WRAPPED, i);
        return run;
    }
    note(decoder->notes, BASE64_PLUS_AS_SPACE, i);
    for (size_t n = 0; n < run; n++)
        put_digit(decoder, PLUS_DIGIT);
    return run;
}

/* As many whole groups as there are from i on. Returns how many bytes of the text that were. */
static size_t
take_groups(struct decoder *decoder, size_t i)
{
    unsigned char *out = decoder->out + decoder->len;
    size_t from = i;
    uint32_t group;

    if (decoder->bit_count != 0 || decoder->pads > 0)
        return 0;
    for (; is_group(decoder->text, i, &group); i += 4) {
        *out++ = (unsigned char)(group >> 16);
        *out++ = (unsigned char)(group >> 8);
        *out++ = (unsigned char)group;
    }
    decoder->digits += i - from;
    decoder->len += (i - from) / 4 * 3;
    return i - from;
}

static void
check_end(struct decoder *decoder)
{
    size_t wanted = (4 - decoder->digits % 4) % 4;
    unsigned spare = decoder->bits & ((1u << decoder->bit_count) - 1);

    if (wanted == 3 || decoder->pads != wanted || spare != 0)
        note(decoder->notes, BASE64_PADDING, decoder->text.len);
}

/* Text from offset i on, white space and foreign bytes and all. Returns false when it is no base64. */
static bool
take_rest(struct decoder *decoder, size_t from)
{
    struct str text = decoder->text;
    struct survey survey = survey_text(text);

    if (survey.digits == 0 || survey.foreign > text.len / 4)
        return false;
    decoder->plus = blanks_as_plus(&survey);
    for (size_t i = from; i < text.len;) {
        i += take_groups(decoder, i);
        if (i == text.len)
            break;
        if (classify(text.ptr[i]) == CLASS_SPACE)
            i += take_spaces(decoder, i);
        else
            take(decoder, i++);
    }
    return true;
}

bool
base64_decode(struct arena *arena, struct str text, struct str *bytes, struct base64_notes *notes)
{
    struct decoder decoder = { .text = text, .notes = notes };
    size_t plain;

    *notes = (struct base64_notes){ 0 };
    *bytes = (struct str){ 0 };
    decoder.out = arena_alloc(arena, text.len / 4 * 3 + 4);
    if (decoder.out == NULL)
        return false;
    /* Most texts are whole groups to the end, so a survey is made of the others only. */
    plain = take_groups(&decoder, 0);
    if (plain < text.len && !take_rest(&decoder, plain))
        return false;
    check_end(&decoder);
    *bytes = (struct str){ (const char *)decoder.out, decoder.len };
    return decoder.digits > 0;
}

bool
base64_decode_plain(struct arena *arena, struct str text, struct str *bytes)
{
    struct base64_notes notes = { 0 };
    struct decoder decoder = { .text = text, .notes = &notes };
    uint32_t group;
    size_t at;

    *bytes = (struct str){ 0 };
    /* Before memory is taken for it: most other texts show themselves in the first line. */
    for (at = 0; at < LINE && is_group(text, at, &group); at += 4)
        ;
    if (text.len == 0 || text.len % 4 != 0 || (at < LINE && text.len - at > 4))
        return false;
    decoder.out = arena_alloc(arena, text.len / 4 * 3 + 4);
    if (decoder.out == NULL)
        return false;
    for (at = take_groups(&decoder, 0); at < text.len && text.len - at <= 4 && notes.oddities == 0; at++) {
        if (classify(text.ptr[at]) == CLASS_SPACE)
            return false;
        take(&decoder, at);
    }
    check_end(&decoder);
    *bytes = (struct str){ (const char *)decoder.out, decoder.len };
    return at == text.len && notes.oddities == 0;
}

void
base64_encode(struct buf *out, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;

        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < have ? (unsigned char)bytes.ptr[i + j] : 0u);
        for (size_t j = 0; j < 4; j++)
            buf_add_byte(out, j <= have ? digits[group >> (18 - 6 * j) & 63] : '=');
    }
}
