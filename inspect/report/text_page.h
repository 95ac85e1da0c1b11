/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TEXT_PAGE_H
#define SAMLTAP_TEXT_PAGE_H

#include "reporter.h"

/*
 * A page for the terminal: labels in the left margin, text to the right of it, wrapped. Everything
 * untrusted goes through page_text, page_value or page_words, which escape it.
 */
enum { PAGE_MARGIN = 13 }; /* columns before the text */

enum colour { COLOUR_PLAIN, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_BOLD, COLOUR_DIM };

struct page {
    struct buf *out;
    const struct reporter_options *options;
};

/* Colour starts or (COLOUR_PLAIN) ends; nothing when colours are off. */
void page_colour(struct page *page, enum colour colour);

/* Starts a line with a label, or with an empty margin when label is NULL. */
void page_label(struct page *page, const char *label);

/* Ends the line, without blanks before its end. */
void page_end(struct page *page);

/* Adds untrusted text on one line, escaped, never broken. */
void page_value(struct page *page, struct str value);

/* Adds our own words as they are. */
void page_words(struct page *page, const char *words);

/*
 * Adds text wrapped at the page's width; the line has already column columns, and further lines
 * start at the column indent. Ends the line.
 */
void page_text(struct page *page, struct str text, size_t column, size_t indent);

/* Blanks up to a column, at least one. */
void page_pad(struct page *page, size_t column, size_t wanted);

/* "4 min 12 s", "3 h 5 min", "12 d 4 h"; of the absolute value. */
void duration_words(char *out, size_t size, int64_t ms);

#endif
