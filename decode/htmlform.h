/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HTMLFORM_H
#define SAMLTAP_HTMLFORM_H

#include "arena.h"
#include "str.h"

/*
 * The forms of an HTML page, found with a tokenizer of our own (not an XML parser; WHATWG HTML 13.2.5
 * as far as tags, attributes, comments and raw text go). All strings borrow from the page or live in
 * the arena.
 */
struct html_field {
    struct str name;  /* entities decoded */
    struct str value; /* entities decoded; empty when there was none */
    struct str raw;   /* value as it stands in the page */
    size_t offset;    /* of raw in the page; SIZE_MAX: raw is empty */
};

struct html_form {
    struct str action;         /* entities decoded, white space trimmed; absent: none */
    struct str method;         /* as written; absent: none, which means GET */
    struct html_field *fields; /* input, textarea and button with a name */
    size_t field_count;
};

struct html_page {
    struct html_form *forms;
    size_t form_count;
    bool cut; /* the page was longer than HTML_MAX_PAGE or had more forms or fields than are read */
};

enum { HTML_MAX_PAGE = 2 * 1024 * 1024, HTML_MAX_FORMS = 64, HTML_MAX_FIELDS = 512, HTML_MAX_ATTRIBUTES = 64 };

/* Reads the forms of a page; any bytes are fine. Returns false when the arena refuses. */
bool html_forms_read(struct arena *arena, struct str page, struct html_page *forms) CHECK_RESULT;

/* The first field of that exact name, or NULL. */
const struct html_field *html_form_get(const struct html_form *form, const char *name);

/*
 * Takes character references back: decimal, hexadecimal and the names amp lt gt quot apos plus equals
 * sol nbsp newline tab colon. Gives s itself when it holds none, the absent str when the arena refuses.
 */
struct str html_unescape(struct arena *arena, struct str s);

#endif
