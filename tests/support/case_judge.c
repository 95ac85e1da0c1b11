/* SPDX-License-Identifier: MIT */
#include "case_run.h"

static const struct finding *
finding_of(const struct report *report, struct str id)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        if (str_eq_c(id, report->findings.items[i]->check->id)) {
            return report->findings.items[i];
        }
    }
    return NULL;
}

static bool
in_list(const struct case_list *list, struct str id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i], id)) {
            return true;
        }
    }
    return false;
}

static bool
is_expected(const struct case_file *file, struct str id)
{
    for (size_t i = 0; i < file->expect_count; i++) {
        if (str_eq(file->expects[i].id, id)) {
            return true;
        }
    }
    return in_list(&file->also, id);
}

static void
judge_expects(const struct case_file *file, const struct report *report, struct buf *problems)
{
    for (size_t i = 0; i < file->expect_count; i++) {
        const struct case_expect *expect = &file->expects[i];
        const struct finding *finding = finding_of(report, expect->id);
        if (!finding) {
            buf_printf(problems, "  expected %s %.*s, not found\n", severity_name(expect->severity),
                       STR_ARG(expect->id));
            continue;
        }
        if (finding->severity != expect->severity) {
            buf_printf(problems, "  %.*s is %s, expected %s\n", STR_ARG(expect->id), severity_name(finding->severity),
                       severity_name(expect->severity));
        }
        if (expect->first && report->findings.items[0] != finding) {
            buf_printf(problems, "  %.*s is not first, %s is\n", STR_ARG(expect->id),
                       report->findings.items[0]->check->id);
        }
        if (expect->echo != (finding->follows_from != NULL)) {
            buf_printf(problems, "  %.*s %s\n", STR_ARG(expect->id),
                       expect->echo ? "should follow from another finding" : "follows from another finding");
        }
    }
}

/* Id, name or advisories of the attack that a finding has the shape of. */
static bool
attack_says(const struct attack *attack, struct str text)
{
    return attack && (str_find(str_from(attack->name), text) != SIZE_MAX || str_eq_c(text, attack->id) ||
                      str_find(str_from(attack->known), text) != SIZE_MAX);
}

static void
judge_says(const struct case_file *file, const struct report *report, struct buf *problems)
{
    for (size_t i = 0; i < file->says_count; i++) {
        bool found = false;
        for (size_t k = 0; k < report->findings.count; k++) {
            const struct finding *finding = report->findings.items[k];
            const struct str near_miss = str_from(near_miss_name(finding->near_miss));
            found =
                found || (str_eq_c(file->says[i].id, finding->check->id) &&
                          (str_find(finding->text, file->says[i].text) != SIZE_MAX ||
                           str_find(finding->expected, file->says[i].text) != SIZE_MAX ||
                           str_find(finding->received, file->says[i].text) != SIZE_MAX ||
                           attack_says(finding->attack, file->says[i].text) || str_eq(near_miss, file->says[i].text)));
        }
        if (!found) {
            buf_printf(problems, "  %.*s does not say: %.*s\n", STR_ARG(file->says[i].id), STR_ARG(file->says[i].text));
        }
    }
}

static void
judge_lists(const struct case_file *file, const struct report *report, struct buf *problems)
{
    for (size_t i = 0; i < file->absent.count; i++) {
        if (finding_of(report, file->absent.items[i])) {
            buf_printf(problems, "  %.*s must not be found\n", STR_ARG(file->absent.items[i]));
        }
    }
    for (size_t i = 0; i < file->skipped.count; i++) {
        bool found = false;
        for (size_t k = 0; k < report->findings.skipped_count; k++) {
            found = found || str_eq_c(file->skipped.items[i], report->findings.skipped[k].check->id);
        }
        if (!found) {
            buf_printf(problems, "  %.*s should be listed as not checked\n", STR_ARG(file->skipped.items[i]));
        }
    }
}

static void
judge_passes(const struct case_file *file, const struct report *report, struct buf *problems)
{
    for (size_t i = 0; i < file->passes.count; i++) {
        struct str id = file->passes.items[i];
        const struct check *check = check_find(id);
        size_t number = check ? check_number(check) : CHECKS_MAX;
        if (!check_passed(&report->findings, check, number)) {
            buf_printf(problems, "  %.*s must pass, and %s\n", STR_ARG(id),
                       finding_of(report, id)                        ? "was found"
                       : findings_did_run(&report->findings, number) ? "was not checked"
                                                                     : "does not look at such input");
        }
    }
    for (size_t i = 0; i < file->over_limit.count; i++) {
        if (!finding_of(report, file->over_limit.items[i]) || !is_expected(file, file->over_limit.items[i])) {
            buf_printf(problems, "  over-limit %.*s: not expected, or not found\n", STR_ARG(file->over_limit.items[i]));
        }
    }
}

static void
judge_vendors(const struct case_file *file, const struct report *report, struct buf *problems)
{
    const struct vendor_match *matches[] = { &report->context.idp_vendor, &report->context.sp_vendor };
    for (size_t i = 0; i < COUNT_OF(matches); i++) {
        const char *name = matches[i]->vendor ? matches[i]->vendor->name : "nobody";
        if (str_present(file->vendors[i]) && !str_eq_c(file->vendors[i], name)) {
            buf_printf(problems, "  %s is recognised, not %.*s\n", name, STR_ARG(file->vendors[i]));
        }
    }
}

void
case_judge(const struct case_file *file, const struct report *report, bool must_be_clean, struct buf *problems)
{
    judge_expects(file, report, problems);
    judge_says(file, report, problems);
    judge_lists(file, report, problems);
    judge_passes(file, report, problems);
    judge_vendors(file, report, problems);
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];
        bool matters = must_be_clean || (finding->severity == SEVERITY_ERROR && !finding->follows_from);
        if (matters && !is_expected(file, str_from(finding->check->id))) {
            buf_printf(problems, "  not expected: %s %s\n", severity_name(finding->severity), finding->check->id);
        }
    }
    if (str_present(file->verdict) && !str_eq_c(file->verdict, verdict_name(report->verdict))) {
        buf_printf(problems, "  verdict is %s, expected %.*s\n", verdict_name(report->verdict), STR_ARG(file->verdict));
    }
}
