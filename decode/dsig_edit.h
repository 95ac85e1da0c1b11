/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DSIG_EDIT_H
#define SAMLTAP_DSIG_EDIT_H

#include "arena.h"
#include "buf.h"

/*
 * Reversible edits on canonical XML text, each a guess at what happened after signing. Canonical
 * text is regular enough to be read without a parser: no declaration, no CDATA, double quotes only.
 */

enum token_kind { TOKEN_START, TOKEN_END, TOKEN_TEXT, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    size_t offset;
    size_t length;
};

/* Reads the token at *at and moves behind it. Returns false at the end. */
bool token_next(struct str canonical, size_t *at, struct token *token);

/* Local name of a start or end tag. */
struct str token_name(struct str canonical, const struct token *token);

/* Which runs of white space between tags are dropped. */
enum blank_rule {
    BLANK_ALL,
    BLANK_WITH_NEWLINE,
    BLANK_UNDER_ROOT,      /* only between the children of the root */
    BLANK_ELEMENT_CONTENT, /* only where the schema has elements, not values */
    BLANK_RULE_COUNT,
};
void edit_drop_blank(struct str canonical, enum blank_rule rule, struct buf *out);

enum line_rule {
    LINE_DROP_CR,      /* no carriage returns */
    LINE_ADD_CR,       /* CR before every LF */
    LINE_CR_TO_LF,     /* lone CR becomes LF */
    LINE_DROP_IN_TEXT, /* no line breaks inside values */
    LINE_RULE_COUNT,
};
void edit_line_endings(struct str canonical, enum line_rule rule, struct buf *out);

/* Values of nothing but white space stay as they are. */
enum trim_rule { TRIM_ENDS, TRIM_COLLAPSE, TRIM_RULE_COUNT };
void edit_trim(struct str canonical, enum trim_rule rule, struct buf *out);

/* A value that can be replaced: an attribute's, or the text of an element without children. */
struct slot {
    size_t offset;
    size_t length;
    struct str element;   /* local name */
    struct str attribute; /* absent: the text */
};

/* Finds the next slot. *at starts at 0. */
struct slot_reader {
    struct str canonical;
    size_t at;
    struct token tag; /* the start tag being read */
    size_t inside;    /* offset in it; 0: none */
};
bool slot_next(struct slot_reader *reader, struct slot *slot);

/* Escapes a raw value as canonical XML does. */
void edit_escape(struct str raw, bool attribute, struct buf *out);
/* The raw text of a canonical value, for people. */
struct str edit_unescape(struct arena *arena, struct str canonical);

#endif
