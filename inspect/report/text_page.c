/* SPDX-License-Identifier: MIT */
#include "text_page.h"

#include <inttypes.h>
#include <stdio.h>

#include "escape.h"

enum { DEFAULT_WIDTH = 80, LEAST_TEXT = 30 };

void
page_colour(struct page *page, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_PLAIN] = "\x1b[0m",   [COLOUR_RED] = "\x1b[31m", [COLOUR_GREEN] = "\x1b[32m",
        [COLOUR_YELLOW] = "\x1b[33m", [COLOUR_BOLD] = "\x1b[1m", [COLOUR_DIM] = "\x1b[2m",
    };

    if (page->options != NULL && page->options->colour)
        buf_add_c(page->out, codes[colour]);
}

void
page_pad(struct page *page, size_t column, size_t wanted)
{
    do
        buf_add_byte(page->out, ' ');
    while (++column < wanted);
}

void
page_label(struct page *page, const char *label)
{
    size_t column = 2;

    buf_add_c(page->out, "  ");
    if (label != NULL) {
        page_colour(page, COLOUR_DIM);
        buf_add_c(page->out, label);
        page_colour(page, COLOUR_PLAIN);
        column += str_from(label).len;
    }
    page_pad(page, column, PAGE_MARGIN);
}

void
page_end(struct page *page)
{
    while (page->out->len > 0 && page->out->bytes[page->out->len - 1] == ' ')
        page->out->len--;
    buf_add_byte(page->out, '\n');
}

void
page_value(struct page *page, struct str value)
{
    if (!str_present(value))
        buf_add_c(page->out, "(absent)");
    else if (value.len == 0)
        buf_add_c(page->out, "(empty)");
    else
        escape_text(page->out, value);
}

void
page_words(struct page *page, const char *words)
{
    buf_add_c(page->out, words);
}

static size_t
page_width(const struct page *page)
{
    int width = page->options != NULL ? page->options->width : 0;

    return width > 0 ? (size_t)width : DEFAULT_WIDTH;
}

void
page_text(struct page *page, struct str text, size_t column, size_t indent)
{
    size_t width = page_width(page);
    bool first = true;

    if (width < indent + LEAST_TEXT)
        width = indent + LEAST_TEXT;
    while (text.len > 0) {
        struct str word;
        size_t columns;

        str_cut(text, ' ', &word, &text);
        columns = escape_width(word);
        if (!first && column + 1 + columns > width) {
            page_end(page);
            for (column = 0; column < indent; column++)
                buf_add_byte(page->out, ' ');
        } else if (!first) {
            buf_add_byte(page->out, ' ');
            column++;
        }
        escape_text(page->out, word);
        column += columns;
        first = false;
    }
    page_end(page);
}

void
duration_words(char *out, size_t size, int64_t ms)
{
    int64_t s = (ms < 0 ? -ms : ms) / 1000;

    if (s < 60)
        snprintf(out, size, "%" PRId64 " s", s);
    else if (s < 3600)
        snprintf(out, size, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, size, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
    else
        snprintf(out, size, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
}
