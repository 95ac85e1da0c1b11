/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <string.h>

enum { CLASS_PAD = 64, CLASS_SPACE, CLASS_FOREIGN };

/* 0 to 63: a digit, of either alphabet. */
static int
classify(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    switch (c) {
    case '+':
    case '-':
        return 62;
    case '/':
    case '_':
        return 63;
    case '=':
        return CLASS_PAD;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return CLASS_SPACE;
    default:
        return CLASS_FOREIGN;
    }
}

static void
note(struct base64_notes *notes, enum base64_oddity oddity, size_t at)
{
    if (!base64_has(notes, oddity))
        notes->at[oddity] = at;
    notes->oddities |= 1u << oddity;
}

/* How the blanks of a text look. */
struct blanks {
    size_t count;   /* blanks that touch no other white space but blanks, between two digits */
    size_t regular; /* of those, the ones that end a line of the usual lengths */
    size_t digits;  /* and padding */
    size_t foreign;
};

static struct blanks
survey(struct str text)
{
    struct blanks blanks = { 0 };
    size_t line = 0;

    for (size_t i = 0; i < text.len; i++) {
        int class = classify(text.ptr[i]);
        size_t end;

        if (class <= CLASS_PAD) {
            blanks.digits++;
            line++;
            continue;
        }
        if (class == CLASS_FOREIGN) {
            blanks.foreign++;
            continue;
        }
        for (end = i; end < text.len && text.ptr[end] == ' '; end++)
            ;
        if (end > i && i > 0 && end < text.len && classify(text.ptr[end]) < CLASS_SPACE) {
            blanks.count += end - i;
            if (end - i == 1 && (line == 64 || line == 76))
                blanks.regular++;
        } else {
            for (end = i; end < text.len && classify(text.ptr[end]) == CLASS_SPACE; end++)
                ;
        }
        line = 0;
        i = end - 1;
    }
    return blanks;
}

static bool
blanks_are_plus(const struct blanks *blanks)
{
    if (blanks->count == 0 || blanks->regular == blanks->count)
        return false;
    return (blanks->digits % 4 != 0 && (blanks->digits + blanks->count) % 4 == 0) || blanks->regular == 0;
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
    bool plus;
};

static void
put_digit(struct decoder *decoder, int digit)
{
    decoder->digits++;
    decoder->bits = (decoder->bits << 6 | (unsigned)digit) & 0xffff;
    decoder->bit_count += 6;
    if (decoder->bit_count >= 8) {
        decoder->bit_count -= 8;
        decoder->out[decoder->len++] = (unsigned char)(decoder->bits >> decoder->bit_count);
    }
}

/* A blank that plus reading applies to: no other white space in its run. */
static bool
is_lone_blank(struct str text, size_t i)
{
    size_t from = i, to = i;

    if (text.ptr[i] != ' ')
        return false;
    while (from > 0 && text.ptr[from - 1] == ' ')
        from--;
    while (to < text.len && text.ptr[to] == ' ')
        to++;
    return from > 0 && to < text.len && classify(text.ptr[from - 1]) < CLASS_SPACE &&
           classify(text.ptr[to]) < CLASS_SPACE;
}

static void
take(struct decoder *decoder, size_t i)
{
    char c = decoder->text.ptr[i];
    int class = classify(c);

    if (class == CLASS_SPACE && decoder->plus && is_lone_blank(decoder->text, i)) {
        note(decoder->notes, BASE64_PLUS_AS_SPACE, i);
        class = 62;
    }
    if (class == CLASS_FOREIGN) {
        note(decoder->notes, BASE64_INVALID, i);
        decoder->notes->skipped++;
    } else if (class == CLASS_SPACE) {
        note(decoder->notes, BASE64_WRAPPED, i);
    } else if (class == CLASS_PAD) {
        decoder->pads++;
    } else if (decoder->pads > 0) {
        note(decoder->notes, BASE64_TRAILING, i);
    } else {
        if (c == '-' || c == '_')
            note(decoder->notes, BASE64_URLSAFE, i);
        put_digit(decoder, class);
    }
}

static void
check_end(struct decoder *decoder)
{
    size_t wanted = (4 - decoder->digits % 4) % 4;
    unsigned spare = decoder->bits & ((1u << decoder->bit_count) - 1);

    if (wanted == 3 || decoder->pads != wanted || spare != 0)
        note(decoder->notes, BASE64_PADDING, decoder->text.len);
}

bool
base64_decode(struct arena *arena, struct str text, struct str *bytes, struct base64_notes *notes)
{
    struct blanks blanks = survey(text);
    struct decoder decoder = { .text = text, .notes = notes, .plus = blanks_are_plus(&blanks) };

    *notes = (struct base64_notes){ 0 };
    *bytes = (struct str){ 0 };
    if (blanks.digits == 0 || blanks.foreign > text.len / 4)
        return false;
    decoder.out = arena_alloc(arena, text.len / 4 * 3 + 4);
    if (decoder.out == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++)
        take(&decoder, i);
    check_end(&decoder);
    *bytes = (struct str){ (const char *)decoder.out, decoder.len };
    return decoder.digits > 0;
}
