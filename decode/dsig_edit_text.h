/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_EDIT_TEXT_H
#define SAMLTAP_DSIG_EDIT_TEXT_H

#include "arena.h"
#include "buf.h"

/*
 * Reversible edits of the characters of canonical XML text (dsig_edit.h has those of its structure). Each
 * writes into *out, emptied first, and returns false when there is nothing for it to do.
 */

enum charset_rule {
    CHARSET_MOJIBAKE_BACK, /* UTF-8 that was read as Latin-1 or Windows-1252 and encoded again: one layer off */
    CHARSET_LATIN1_FORTH,  /* one such layer on */
    CHARSET_WINDOWS_FORTH,
    CHARSET_COMPOSE,      /* base letter and combining mark become one character (NFC) */
    CHARSET_DECOMPOSE,    /* the reverse (NFD) */
    CHARSET_UNESCAPE,     /* &amp;amp; becomes &amp;: one layer of escapes off */
    CHARSET_ESCAPE,       /* one layer on */
    CHARSET_PLAIN_QUOTES, /* typographic quotes and dashes become ASCII */
    CHARSET_PLAIN_BLANKS, /* non-breaking blanks become blanks */
};
bool edit_charset(struct str canonical, int rule, struct buf *out);

/* Values that look like base64 (20 characters and more), one way to repair them. */
enum base64_rule {
    BASE64_BLANK_TO_PLUS,
    BASE64_STANDARD_ALPHABET, /* - and _ become + and / */
    BASE64_PAD,               /* = up to a multiple of four */
    BASE64_STANDARD_PADDED,
    BASE64_WRAP_64, /* a line feed after every 64 characters */
    BASE64_WRAP_76,
    BASE64_WRAP_64_EDGES, /* and a line feed before the first and after the last line */
    BASE64_WRAP_76_EDGES,
};
bool edit_base64(struct str canonical, int rule, struct buf *out);

/*
 * Lays the elements out on lines of their own, in the usual ways: what stands between them now is dropped.
 * rule is 0 up to INDENT_RULE_COUNT - 1; edit_indent_words() says what it does ("2 blanks").
 */
enum { INDENT_RULE_COUNT = 36 };
bool edit_indent(struct str canonical, int rule, struct buf *out);
const char *edit_indent_words(int rule);

/* The canonical decomposition of a character into two. Returns false when it has none. */
bool unicode_decompose(uint32_t composed, uint32_t *base, uint32_t *mark);
/* The reverse; 0 when there is no such character. */
uint32_t unicode_compose(uint32_t base, uint32_t mark);

#endif
