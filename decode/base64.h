/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_BASE64_H
#define SAMLTAP_BASE64_H

#include "arena.h"
#include "buf.h"
#include "str.h"

/* What was not plain RFC 4648 base64 in a text that was decoded nevertheless. */
enum base64_oddity {
    BASE64_WRAPPED,       /* white space in the text */
    BASE64_PLUS_AS_SPACE, /* blanks were read as "+" */
    BASE64_URLSAFE,       /* "-" or "_" */
    BASE64_PADDING,       /* missing or surplus "=", or bits that should be zero */
    BASE64_TRAILING,      /* data behind the padding; left out */
    BASE64_INVALID,       /* bytes outside the alphabet; skipped */
    BASE64_ODDITY_COUNT,
};

struct base64_notes {
    unsigned oddities;              /* bits 1 << enum base64_oddity */
    size_t at[BASE64_ODDITY_COUNT]; /* offset of the first of each */
    size_t skipped;                 /* how many bytes were outside the alphabet */
};

/*
 * Decodes leniently and notes every deviation. *bytes lives in the arena. A blank is read as "+" when
 * that makes the length right or blanks stand where no line would break. Returns false when text holds
 * no digit of the alphabet, more foreign bytes than a quarter of it, or the arena refuses.
 */
bool base64_decode(struct arena *arena, struct str text, struct str *bytes, struct base64_notes *notes) CHECK_RESULT;

/*
 * The same for what most texts are: whole groups of the usual alphabet, padded as it must be, and nothing else.
 * Returns false for any other text, at its first other byte.
 */
bool base64_decode_plain(struct arena *arena, struct str text, struct str *bytes) CHECK_RESULT;

/* Appends bytes as RFC 4648 base64, padded, in one line. */
void base64_encode(struct buf *out, struct str bytes);

static inline bool
base64_has(const struct base64_notes *notes, enum base64_oddity oddity)
{
    return (notes->oddities >> oddity & 1u) != 0;
}

#endif
