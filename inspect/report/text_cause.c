/* SPDX-License-Identifier: MIT */
#include "text_cause.h"

#include <string.h>

#include "escape.h"
#include "vendor.h"

enum { ID_COLUMN = 67, VALUE_WIDTH = 10 };

const char *
owner_words(enum owner owner)
{
    static const char *const words[] = {
        [OWNER_IDP_ADMIN] = "IdP admin", [OWNER_SP_ADMIN] = "SP admin", [OWNER_USER] = "user",
        [OWNER_NETWORK] = "network",     [OWNER_SAMLTAP] = "samltap",
    };

    return (size_t)owner < COUNT_OF(words) ? words[owner] : "unknown";
}

const char *
fix_vendor_title(const char *vendor)
{
    for (size_t i = 0; i < vendor_count(); i++)
        if (strcmp(vendor_at(i)->name, vendor) == 0)
            return vendor_at(i)->title;
    return strcmp(vendor, "aws") == 0 ? "AWS" : vendor;
}

/* 0: for this vendor, 1: for all, 2: for the service provider's own console, 3: for other vendors. */
static int
fix_distance(const struct report *report, const struct check_fix *fix)
{
    const struct vendor *vendor = report != NULL ? report->context.idp_vendor.vendor : NULL;

    if (vendor != NULL && strcmp(fix->vendor, vendor->name) == 0)
        return 0;
    if (strcmp(fix->vendor, "any") == 0)
        return 1;
    return strcmp(fix->vendor, "aws") == 0 ? 2 : 3;
}

size_t
fixes_for(const struct report *report, const struct check *check, const struct check_fix *fixes[CHECK_MAX_FIXES])
{
    size_t count = 0;

    for (int distance = 0; distance <= 3; distance++)
        for (size_t i = 0; i < CHECK_MAX_FIXES && check->fixes[i].text != NULL; i++)
            if (check->fixes[i].vendor != NULL && fix_distance(report, &check->fixes[i]) == distance)
                fixes[count++] = &check->fixes[i];
    return count;
}

static struct str
title_of(const struct finding *finding)
{
    return str_present(finding->title) ? finding->title : str_from(finding->check->title);
}

/* From the end of a title to the column of ids; two blanks at least. */
static void
pad_to_id(struct page *page, size_t column)
{
    page_pad(page, column, column + 2 > ID_COLUMN ? column + 2 : ID_COLUMN);
}

static void
title_line(struct page *page, const struct finding *finding)
{
    struct str title = title_of(finding);

    page_label(page, "cause");
    page_colour(page, COLOUR_BOLD);
    page_value(page, title);
    page_colour(page, COLOUR_PLAIN);
    pad_to_id(page, PAGE_MARGIN + escape_width(title));
    page_words(page, finding->check->id);
    page_words(page, "  ");
    page_words(page, confidence_name(finding->confidence));
    page_end(page);
}

/* An empty margin of that width. */
static void
margin(struct page *page, size_t indent)
{
    page_pad(page, 0, indent);
}

static void
value_line(struct page *page, const char *name, struct str value, size_t indent)
{
    margin(page, indent);
    page_words(page, name);
    page_pad(page, str_from(name).len, VALUE_WIDTH);
    page_value(page, value);
    page_end(page);
}

static void
values(struct page *page, const struct finding *finding, size_t indent)
{
    if (!str_present(finding->expected) && !str_present(finding->received))
        return;
    /* What is not known is not compared; what did not come is worth a line. */
    if (str_present(finding->expected))
        value_line(page, "expected", finding->expected, indent);
    value_line(page, "received", finding->received, indent);
    /* Under the first letter of something altogether different a caret says nothing. */
    if (finding->first_difference == SIZE_MAX || finding->received.len == 0 ||
        (finding->first_difference == 0 && finding->near_miss == NEAR_MISS_NONE))
        return;
    margin(page, indent + VALUE_WIDTH + escape_width(str_slice(finding->received, 0, finding->first_difference)));
    page_colour(page, COLOUR_RED);
    page_words(page, "^");
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
}

/* Where the expectation comes from, and how near the values are. */
static void
source_line(struct page *page, const struct finding *finding, size_t indent)
{
    struct buf line;

    buf_init(&line, 4096);
    if (finding->near_miss != NEAR_MISS_NONE)
        buf_printf(&line, "received %s", near_miss_words(finding->near_miss));
    if (finding->source.len > 0) {
        buf_add_c(&line, line.len > 0 ? "; expectation from " : "expectation from ");
        buf_add_str(&line, finding->source);
    }
    if (line.len > 0) {
        margin(page, indent);
        page_text(page, buf_str(&line), indent, indent);
    }
    buf_release(&line);
}

static void
fix_line(struct page *page, const char *label, const struct finding *finding, const struct check_fix *fix)
{
    struct buf line;

    buf_init(&line, 8192);
    buf_add_c(&line, owner_words(finding->check->owner));
    if (fix != NULL) {
        buf_add_c(&line, " \xc2\xb7 ");
        if (strcmp(fix->vendor, "any") != 0)
            buf_printf(&line, "%s: ", fix_vendor_title(fix->vendor));
        buf_add_c(&line, fix->text);
    }
    page_label(page, label);
    page_text(page, buf_str(&line), PAGE_MARGIN, PAGE_MARGIN);
    buf_release(&line);
}

/* The vendor's own line when it is recognised; else the general one; else every one there is. */
static void
fix_lines(struct page *page, const struct report *report, const struct finding *finding, bool full)
{
    const struct check_fix *fixes[CHECK_MAX_FIXES];
    size_t count = fixes_for(report, finding->check, fixes);

    if (count == 0) {
        fix_line(page, "fix", finding, NULL);
        return;
    }
    fix_line(page, "fix", finding, fixes[0]);
    for (size_t i = 1; i < count; i++) {
        bool same_kind = fix_distance(report, fixes[i]) == fix_distance(report, fixes[0]);

        if (same_kind ? full || fix_distance(report, fixes[0]) == 0 : full && page->options->verbose)
            fix_line(page, NULL, finding, fixes[i]);
    }
}

static void
rests_on(struct page *page, const struct finding *finding)
{
    const struct check *check = finding->check;
    const char *spec = check_spec(check);
    struct buf line;

    if (spec == NULL && check->source == NULL)
        return;
    buf_init(&line, 4096);
    buf_printf(&line, "%s: ", standing_name(check->standing));
    buf_add_c(&line, spec != NULL ? spec : check->source);
    if (check->source != NULL && spec != NULL && page->options->verbose)
        buf_printf(&line, " \xc2\xb7 %s", check->source);
    page_label(page, "rests on");
    page_text(page, buf_str(&line), PAGE_MARGIN, PAGE_MARGIN);
    buf_release(&line);
}

/* A fault looks the same: it is the shape that has a name. */
static void
attack_line(struct page *page, const char *label, const struct attack *attack, size_t indent)
{
    struct buf line;

    if (attack == NULL)
        return;
    buf_init(&line, 2048);
    buf_printf(&line, "%s%s has this shape", label == NULL ? "attack: " : "", attack->name);
    if (attack->known[0] != '\0')
        buf_printf(&line, " (%s)", attack->known);
    page_label(page, label);
    if (indent > PAGE_MARGIN)
        page_pad(page, PAGE_MARGIN, indent);
    page_text(page, buf_str(&line), indent, indent);
    buf_release(&line);
}

void
cause_card(struct page *page, const struct report *report, const struct finding *finding, bool full)
{
    bool compares = str_present(finding->expected) || str_present(finding->received);

    title_line(page, finding);
    values(page, finding, PAGE_MARGIN);
    if (full && compares)
        source_line(page, finding, PAGE_MARGIN);
    if ((full || !compares) && finding->text.len > 0) {
        page_label(page, NULL);
        page_text(page, finding->text, PAGE_MARGIN, PAGE_MARGIN);
    }
    attack_line(page, "attack", finding->attack, PAGE_MARGIN);
    if (full && finding->check->means != NULL) {
        page_label(page, "means");
        page_text(page, str_from(finding->check->means), PAGE_MARGIN, PAGE_MARGIN);
    }
    fix_lines(page, report, finding, full);
    if (!full)
        return;
    if (finding->where.xpath.len > 0) {
        page_label(page, "place");
        page_value(page, finding->where.xpath);
        if (finding->where.length > 0)
            buf_printf(page->out, "  bytes %zu\xe2\x80\x93%zu", finding->where.offset,
                       finding->where.offset + finding->where.length);
        page_end(page);
    }
    rests_on(page, finding);
}

static void
mark(struct page *page, enum severity severity)
{
    static const char *const marks[] = {
        [SEVERITY_INFO] = "\xc2\xb7",
        [SEVERITY_WARNING] = "!",
        [SEVERITY_ERROR] = "\xe2\x9c\x97",
    };

    page_colour(page, severity == SEVERITY_ERROR     ? COLOUR_RED
                      : severity == SEVERITY_WARNING ? COLOUR_YELLOW
                                                     : COLOUR_DIM);
    page_words(page, marks[severity <= SEVERITY_ERROR ? severity : SEVERITY_ERROR]);
    page_colour(page, COLOUR_PLAIN);
    page_words(page, " ");
}

void
finding_line(struct page *page, const char *label, const struct finding *finding)
{
    struct str title = title_of(finding);

    page_label(page, label);
    mark(page, finding->severity);
    page_value(page, title);
    pad_to_id(page, PAGE_MARGIN + 2 + escape_width(title));
    page_words(page, finding->check->id);
    page_end(page);
    if (finding->follows_from != NULL) {
        page_label(page, NULL);
        buf_printf(page->out, "  follows from %s", finding->follows_from->check->id);
        page_end(page);
        return;
    }
    if (str_present(finding->expected) || str_present(finding->received)) {
        values(page, finding, PAGE_MARGIN + 2);
        source_line(page, finding, PAGE_MARGIN + 2);
    } else if (finding->text.len > 0) {
        page_label(page, NULL);
        page_words(page, "  ");
        page_text(page, finding->text, PAGE_MARGIN + 2, PAGE_MARGIN + 2);
    }
    attack_line(page, NULL, finding->attack, PAGE_MARGIN + 2);
}
