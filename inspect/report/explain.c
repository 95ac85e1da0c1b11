/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "profile.h"
#include "text_cause.h"

static const struct reporter_options plain_options = { .width = 80 };

static void
paragraph(struct page *page, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    page_label(page, label);
    page_text(page, str_from(text), PAGE_MARGIN, PAGE_MARGIN);
}

static void
applies_to(struct page *page, const struct check *check)
{
    static const unsigned all[] = { PROFILE_GENERIC, PROFILE_AWS_IAM, PROFILE_AWS_IDENTITY_CENTER };
    const char *between = "";

    page_label(page, "applies to");
    if ((check->profiles & PROFILE_ANY) == PROFILE_ANY) {
        page_words(page, "every service provider");
    } else {
        for (size_t i = 0; i < COUNT_OF(all); i++)
            if ((check->profiles & all[i]) != 0) {
                const char *title = profile_title(all[i]);

                buf_printf(page->out, "%s%s", between, title != NULL ? title : "other service providers");
                between = ", ";
            }
    }
    page_end(page);
}

static void
explain_fixes(struct page *page, const struct check *check)
{
    const struct check_fix *fixes[CHECK_MAX_FIXES];
    size_t count = fixes_for(NULL, check, fixes);

    page_label(page, "who");
    page_words(page, owner_words(check->owner));
    page_end(page);
    for (size_t i = 0; i < count; i++) {
        struct buf line;

        buf_init(&line, 8192);
        if (strcmp(fixes[i]->vendor, "any") != 0)
            buf_printf(&line, "%s: ", fix_vendor_title(fixes[i]->vendor));
        buf_add_c(&line, fixes[i]->text);
        page_label(page, i == 0 ? "fix" : NULL);
        page_text(page, buf_str(&line), PAGE_MARGIN, PAGE_MARGIN);
        buf_release(&line);
    }
}

/* Packs whose strict reading makes an error of it. */
static void
strictness(struct page *page, const struct check *check)
{
    for (int pack = PACK_STANDARD + 1; check->severity == SEVERITY_WARNING && pack < PACK_COUNT; pack++) {
        if (pack == PACK_ADVICE || !check_is_strict(check, (enum check_pack)pack))
            continue;
        page_label(page, "strict");
        buf_printf(page->out, "an error with --strict %s", check_pack_name((enum check_pack)pack));
        page_end(page);
    }
}

void
explain_check(struct buf *out, const struct check *check, const struct reporter_options *options)
{
    struct page page = { out, options != NULL ? options : &plain_options };

    page_colour(&page, COLOUR_BOLD);
    page_words(&page, check->id);
    page_colour(&page, COLOUR_PLAIN);
    buf_printf(out, "  %s%s, %s\n", severity_name(check->severity), check->fixed ? " (cannot be lowered)" : "",
               confidence_name(check->confidence));
    page_words(&page, "  ");
    page_text(&page, str_from(check->title), 2, 2);
    buf_add_byte(out, '\n');
    paragraph(&page, "means", check->means);
    paragraph(&page, "rule", check->rule);
    if (check->limit != NULL)
        paragraph(&page, "limit", check->limit);
    applies_to(&page, check);
    explain_fixes(&page, check);
    page_label(&page, "rests on");
    buf_printf(out, "%s", standing_name(check->standing));
    page_end(&page);
    paragraph(&page, "", check_spec(check));
    paragraph(&page, "", check->source);
    if (check->pack != PACK_STANDARD) {
        page_label(&page, "pack");
        buf_printf(out, "%s: on with --pack %s", check_pack_name(check->pack), check_pack_name(check->pack));
        page_end(&page);
    }
    strictness(&page, check);
    if (attack_of(check->attack) != NULL) {
        paragraph(&page, "attack", attack_of(check->attack)->name);
        paragraph(&page, "", attack_of(check->attack)->known);
    }
    paragraph(&page, "echo of", check->follows);
    paragraph(&page, "echo of", check->follows_same);
}

void
list_check(struct buf *out, const struct check *check)
{
    struct page page = { out, &plain_options };
    size_t id = strlen(check->id), severity = strlen(severity_name(check->severity));

    page_words(&page, check->id);
    page_pad(&page, id, 40);
    page_words(&page, severity_name(check->severity));
    page_pad(&page, 40 + severity, 49);
    page_words(&page, check->title);
    if (check->pack != PACK_STANDARD)
        buf_printf(out, " (--pack %s)", check_pack_name(check->pack));
    page_end(&page);
}
