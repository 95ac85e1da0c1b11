/* SPDX-License-Identifier: MIT */
#include "explain_text.h"

#include <string.h>

#include "escape.h"
#include "report.h"
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

/* The finding of that id in the trace that is an error and no guess; NULL: the trace does not show it. */
static const struct finding *
shown_by(const struct explain_trace *trace, const char *id)
{
    for (size_t i = 0; trace != NULL && i < trace->count; i++)
        for (size_t k = 0; k < trace->reports[i]->findings.count; k++) {
            const struct finding *finding = trace->reports[i]->findings.items[k];

            if (finding->severity == SEVERITY_ERROR && finding->confidence != CONFIDENCE_POSSIBLE &&
                strcmp(finding->check->id, id) == 0)
                return finding;
        }
    return NULL;
}

/* What the trace shows comes first, by its rank there; the rest keeps its order. */
static void
rank_by_trace(struct error_match *matches, size_t count, const struct explain_trace *trace)
{
    for (size_t i = 1; i < count; i++) {
        struct error_match moving = matches[i];
        const struct finding *finding = shown_by(trace, moving.id);
        size_t at = i;

        for (; finding != NULL && at > 0; at--) {
            const struct finding *before = shown_by(trace, matches[at - 1].id);

            if (before != NULL && before->rank <= finding->rank)
                break;
            matches[at] = matches[at - 1];
        }
        matches[at] = moving;
    }
}

/* What the trace says about the first match, and its own cause when the text does not name it. */
static void
trace_lines(struct buf *out, const struct error_match *first, const struct explain_trace *trace)
{
    const struct finding *finding = shown_by(trace, first->id);

    if (trace == NULL || trace->count == 0)
        return;
    if (finding != NULL) {
        buf_add_c(out, "  the trace shows it: ");
        escape_text(out, finding->text);
        buf_add_c(out, "\n\n");
        return;
    }
    buf_add_c(out, "  the trace shows none of the causes of this text");
    for (size_t i = 0; i < trace->count; i++) {
        const struct findings *found = &trace->reports[i]->findings;

        if (found->count > 0 && found->items[0]->severity == SEVERITY_ERROR) {
            buf_printf(out, "; its own first cause is %s", found->items[0]->check->id);
            break;
        }
    }
    buf_add_c(out, "\n\n");
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
explain_text(struct buf *out, struct str text, const struct explain_trace *trace,
             const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t count = error_texts_find(text, matches);

    if (count == 0) {
        buf_add_c(out, "No error text that samltap knows is in it. Give the whole sentence, or the code.\n");
        return false;
    }
    rank_by_trace(matches, count, trace);
    trace_lines(out, &matches[0], trace);
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
