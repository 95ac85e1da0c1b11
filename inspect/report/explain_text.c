/* SPDX-License-Identifier: MIT */
#include "explain_text.h"

#include "text_page.h"

static const struct reporter_options plain_options = { .width = 80 };

static void
paragraph(struct page *page, const char *label, const char *text)
{
    page_label(page, label);
    page_text(page, str_from(text), PAGE_MARGIN, PAGE_MARGIN);
}

void
explain_entry(struct buf *out, const struct error_entry *entry, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };

    page_colour(&page, COLOUR_BOLD);
    page_words(&page, entry->id);
    page_colour(&page, COLOUR_PLAIN);
    buf_add_c(out, "  explained only; nothing that samltap sees shows it\n  ");
    page_text(&page, str_from(entry->title), 2, 2);
    buf_add_byte(out, '\n');
    paragraph(&page, "means", entry->means);
    paragraph(&page, "fix", entry->fix);
    paragraph(&page, "rests on", standing_name(entry->standing));
    paragraph(&page, "source", entry->source);
}

static void
other_line(struct page *page, const struct error_match *match)
{
    page_words(page, "  ");
    page_words(page, match->id);
    page_pad(page, 2 + str_from(match->id).len, 34);
    page_words(page, match->check != NULL ? match->check->title : match->entry->title);
    page_end(page);
}

bool
explain_text(struct buf *out, struct str text, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t count = error_texts_find(text, matches);

    if (count == 0) {
        buf_add_c(out, "No error text that samltap knows is in it. Give the whole sentence, or the code.\n");
        return false;
    }
    if (matches[0].check != NULL)
        explain_check(out, matches[0].check, options);
    else
        explain_entry(out, matches[0].entry, options);
    if (count > 1)
        buf_add_c(out, "\nalso possible, likeliest first ('samltap explain ID' has more):\n");
    for (size_t i = 1; i < count; i++)
        other_line(&page, &matches[i]);
    return true;
}
