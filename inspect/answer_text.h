/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ANSWER_TEXT_H
#define SAMLTAP_ANSWER_TEXT_H

#include "buf.h"

/* The readable part of a page. Buffers are to be released by the caller. */
struct page_text {
    struct buf text;     /* visible text, a line for each block element, white space collapsed */
    struct buf title;    /* of <title> */
    struct buf headline; /* of the first <h1>, or of the first <h2> when there is none */
};

void page_text_init(struct page_text *page);
void page_text_release(struct page_text *page);

/* Strips tags, scripts, styles and comments; resolves the usual character references. Any bytes are fine. */
void page_text_read(struct page_text *page, struct str html);

#endif
