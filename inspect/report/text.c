/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "escape.h"
#include "profile.h"
#include "reporter.h"
#include "text_cause.h"
#include "text_facts.h"

enum { ALSO_NAMED = 4 };

static const struct reporter_options plain_options = { .width = 80 };

struct verdict_look {
    const char *mark;
    enum colour colour;
};

static const struct verdict_look looks[] = {
    [VERDICT_PASS] = { "\xe2\x9c\x93", COLOUR_GREEN },
    [VERDICT_FAIL] = { "\xe2\x9c\x97", COLOUR_RED },
    [VERDICT_UNDECIDED] = { "?", COLOUR_YELLOW },
};

static void
verdict_mark(struct page *page, enum verdict verdict)
{
    page_colour(page, looks[verdict].colour);
    page_words(page, looks[verdict].mark);
    page_colour(page, COLOUR_PLAIN);
    page_words(page, " ");
}

static bool
has_error(const struct report *report)
{
    return report->findings.count > 0 && report->findings.items[0]->severity == SEVERITY_ERROR;
}

/* What the service provider (or the identity provider) showed to the user. */
static void
quote_line(struct page *page, const struct signin *signin)
{
    const char *label = signin->outcome == OUTCOME_IDP_ERROR || signin->response == NULL ? "IdP said" : "SP said";

    if (signin->quote.len == 0)
        return;
    if (signin->acs_status != 0 || signin->response != NULL)
        label = (signin->profile & PROFILE_AWS) != 0 ? "AWS said" : "SP said";
    page_label(page, label);
    page_words(page, "\"");
    page_value(page, signin->quote);
    page_words(page, "\"");
    page_end(page);
}

/* --- a whole report ----------------------------------------------------------------------------- */

static void
verdict_line(struct page *page, const struct report *report)
{
    verdict_mark(page, report->verdict);
    if (report->input.len > 0) {
        page_value(page, report->input);
        page_words(page, ": ");
    }
    page_colour(page, COLOUR_BOLD);
    page_words(page, verdict_name(report->verdict));
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
}

static void
other_findings(struct page *page, const struct report *report)
{
    const char *label = "also";
    size_t hidden = 0;

    for (size_t i = has_error(report) ? 1 : 0; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];

        if (finding->severity == SEVERITY_INFO && !page->options->verbose) {
            hidden++;
            continue;
        }
        finding_line(page, label, finding);
        label = NULL;
    }
    if (hidden > 0) {
        page_label(page, label);
        buf_printf(page->out, "%zu note%s (--verbose shows them)", hidden, hidden == 1 ? "" : "s");
        page_end(page);
    }
}

static void
not_checked(struct page *page, const struct report *report)
{
    const char *label = "unchecked";

    if (str_present(report->messages.unread)) {
        page_label(page, label);
        page_text(page, report->messages.unread, PAGE_MARGIN, PAGE_MARGIN + 2);
        label = NULL;
    }

    for (size_t i = 0; i < report->findings.skipped_count; i++) {
        const struct not_checked *skipped = &report->findings.skipped[i];
        struct buf line;

        buf_init(&line, 4096);
        buf_printf(&line, "%s: ", skipped->check->id);
        buf_add_str(&line, skipped->why);
        page_label(page, label);
        page_text(page, buf_str(&line), PAGE_MARGIN, PAGE_MARGIN + 2);
        buf_release(&line);
        label = NULL;
    }
}

/* Who reads the report of somebody else has to know that it was judged by other rules. */
static void
own_rules(struct page *page, const struct settings *settings)
{
    struct buf line;

    if (settings == NULL || (settings->override_count == 0 && settings->packs == 0))
        return;
    buf_init(&line, 8192);
    for (int pack = 0; pack < PACK_COUNT; pack++)
        if ((settings->packs >> pack & 1u) != 0)
            buf_printf(&line, "--%s %s ", (settings->strict_packs >> pack & 1u) != 0 ? "strict" : "pack",
                       check_pack_name((enum check_pack)pack));
    for (size_t i = 0; i < settings->override_count; i++)
        buf_printf(&line, "--set %.*s=%s ", STR_ARG(settings->overrides[i].id),
                   severity_name((enum severity)settings->overrides[i].severity));
    page_label(page, "own rules");
    page_text(page, str_trim(buf_str(&line)), PAGE_MARGIN, PAGE_MARGIN + 2);
    buf_release(&line);
}

static void
outcome_line(struct page *page, const struct report *report)
{
    const struct signin *signin = report->signin;

    if (signin == NULL)
        return;
    page_label(page, "outcome");
    page_words(page, outcome_name(signin->outcome));
    if (signin->acs_status != 0)
        buf_printf(page->out, ", the ACS answered %u", signin->acs_status);
    if (signin->acs_location.len > 0) {
        page_words(page, " and sent the browser to ");
        page_value(page, signin->acs_location);
    }
    if (signin->accounts >= 0)
        buf_printf(page->out, ", the portal returned %d account%s", signin->accounts, signin->accounts == 1 ? "" : "s");
    page_end(page);
    quote_line(page, signin);
}

static void
text_report(struct buf *out, const struct report *report, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };

    verdict_line(&page, report);
    if (page.options->quiet)
        return;
    page_words(&page, "  ");
    page_text(&page, report->summary, 2, 2);
    buf_add_byte(out, '\n');
    if (has_error(report)) {
        cause_card(&page, report, report->findings.items[0], true);
        buf_add_byte(out, '\n');
    }
    if (str_present(report->input_problem)) {
        page_label(&page, "note");
        page_text(&page, report->input_problem, PAGE_MARGIN, PAGE_MARGIN);
    }
    outcome_line(&page, report);
    other_findings(&page, report);
    signatures_section(&page, report);
    facts_section(&page, report);
    not_checked(&page, report);
    own_rules(&page, report->context.settings);
}

/* --- a live sign-in ----------------------------------------------------------------------------- */

static void
time_of_day(struct page *page, int64_t ms)
{
    int64_t s = ms / 1000 + page->options->utc_offset_s;
    int rest = (int)(s % 86400);

    if (rest < 0)
        rest += 86400;
    buf_printf(page->out, "%02d:%02d:%02d", rest / 3600, rest / 60 % 60, rest % 60);
}

static const char *
outcome_words(const struct signin *signin)
{
    static const char *const words[OUTCOME_COUNT] = {
        [OUTCOME_UNKNOWN] = "outcome not seen",
        [OUTCOME_SIGNED_IN] = "signed in",
        [OUTCOME_REFUSED] = "refused",
        [OUTCOME_NO_ACCOUNTS] = "signed in; the portal returned 0 accounts",
        [OUTCOME_IDP_ERROR] = "refused by the identity provider",
        [OUTCOME_NO_ANSWER] = "no answer came",
    };

    return words[signin->outcome < OUTCOME_COUNT ? signin->outcome : OUTCOME_UNKNOWN];
}

static void
signin_head(struct page *page, const struct signin *signin, enum verdict verdict)
{
    verdict_mark(page, verdict);
    time_of_day(page, signin->started_ms);
    page_words(page, "  ");
    page_value(page, signin->idp_name.len > 0 ? signin->idp_name : STR("unknown identity provider"));
    page_words(page, " \xe2\x86\x92 ");
    page_value(page, signin->sp_name.len > 0 ? signin->sp_name : STR("unknown service provider"));
    page_words(page, "   ");
    if (signin->user.len > 0) {
        page_value(page, signin->user);
        page_words(page, "   ");
    }
    page_words(page, outcome_words(signin));
    page_end(page);
}

/* The other errors and warnings by id: 'samltap explain ID' tells more of each. */
/* Names the findings after the first that follow from another one (@echoes) or that stand alone. */
static size_t
name_others(struct buf *line, const struct report *report, bool echoes)
{
    size_t from = has_error(report) ? 1 : 0, named = 0, more = 0;

    for (size_t i = from; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];

        if (finding->severity == SEVERITY_INFO || (finding->follows_from != NULL) != echoes)
            continue;
        if (named == ALSO_NAMED) {
            more++;
            continue;
        }
        buf_add_str(line, str_from(named > 0 ? ", " : ""));
        if (!echoes)
            buf_printf(line, "%s ", severity_name(finding->severity));
        buf_add_str(line, str_from(finding->check->id));
        named++;
    }
    if (more > 0)
        buf_printf(line, " and %zu more", more);
    return named;
}

/* Echoes are no second fault: whoever mends the cause is rid of them, so they are named apart. */
static void
also_line(struct page *page, const struct report *report)
{
    static const struct {
        const char *label;
        bool echoes;
    } lines[] = { { "also", false }, { "echoes", true } };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct buf line;

        buf_init(&line, 1024);
        if (name_others(&line, report, lines[i].echoes) > 0) {
            page_label(page, lines[i].label);
            page_text(page, buf_str(&line), PAGE_MARGIN, PAGE_MARGIN);
        }
        buf_release(&line);
    }
}

static void
text_signin(struct buf *out, const struct signin *signin, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };
    const struct report *report = signin_report(signin);

    if (report == NULL)
        return;
    signin_head(&page, signin, report->verdict);
    if (page.options->quiet)
        return;
    quote_line(&page, signin);
    if (has_error(report)) {
        cause_card(&page, report, report->findings.items[0], page.options->verbose);
    } else if (report->verdict != VERDICT_PASS) {
        page_label(&page, "because");
        page_text(&page, report->summary, PAGE_MARGIN, PAGE_MARGIN);
    }
    also_line(&page, report);
}

const struct reporter reporter_text = { .name = "text", .report = text_report, .signin = text_signin };
