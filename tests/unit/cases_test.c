/* SPDX-License-Identifier: MIT */
/*
 * Runs every tests/cases/ ** / *.case (format: tests/support/case_file.h) and demands of every registered check a case
 * that finds it, one that passes it, and, when its row names a limit, one at the limit and one just over it. Arguments:
 * parts of paths, to run only those.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_run.h"
#include "escape.h"
#include "saml_maker.h"

#define CASES "tests/cases"

enum { MAX_CASES = 4000 };

static char *paths[MAX_CASES];
static size_t path_count;
static bool ever_passed[CHECKS_MAX]; /* by number of the check: some case passed it */

static int
collect(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)ftw;
    if (type == FTW_F && str_ends_c(str_from(path), ".case") && path_count < MAX_CASES) {
        paths[path_count++] = strdup(path);
    }
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
selected(const char *path, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strstr(path, argv[i])) {
            return true;
        }
    }
    return argc < 2;
}

static void
show_report(const struct report *report, struct buf *out)
{
    buf_printf(out, "  found (%s):\n", verdict_name(report->verdict));
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];
        buf_printf(out, "    %s %s%s%s: ", severity_name(finding->severity), finding->check->id,
                   finding->follows_from ? " <- " : "", finding->follows_from ? finding->follows_from->check->id : "");
        escape_text(out, finding->text);
        if (str_present(finding->expected)) {
            buf_add_c(out, "\n      expected ");
            escape_text(out, finding->expected);
            buf_add_c(out, "\n      received ");
            escape_text(out, finding->received);
        }
        buf_add_c(out, "\n");
    }
    for (size_t i = 0; i < report->findings.skipped_count; i++) {
        buf_printf(out, "    not checked: %s: %.*s\n", report->findings.skipped[i].check->id,
                   STR_ARG(report->findings.skipped[i].why));
    }
    for (size_t i = 0; i < report->messages.count; i++) {
        buf_add_c(out, "  message: ");
        escape_text(out, str_slice(report->messages.items[i].xml, 0, 6000));
        buf_add_c(out, "\n");
    }
}

static void
note_passes(const struct report *report)
{
    size_t number = 0;
    for (size_t i = 0; i < check_set_count(); i++) {
        for (size_t k = 0; k < check_set_at(i)->count && number < CHECKS_MAX; k++, number++) {
            ever_passed[number] |= check_passed(&report->findings, &check_set_at(i)->rows[k], number);
        }
    }
}

static bool
run_case(const char *path, bool show)
{
    struct arena *arena = arena_new(256 << 20);
    char why[600] = "";
    struct buf problems;
    struct str input = { 0 };
    buf_init(&problems, 1 << 20);
    struct case_file *file = case_file_read(arena, path, CASES "/base", why, sizeof(why));
    struct report *report = file ? case_run(arena, file, CASES "/base", &input, why, sizeof(why)) : NULL;
    if (!report) {
        buf_printf(&problems, "  %s\n", why);
    } else {
        case_judge(file, report, strstr(path, "/good/") != NULL, &problems);
        note_passes(report);
    }
    bool ok = problems.len == 0;
    if (!ok || show) {
        if (report) {
            show_report(report, &problems);
        }
        printf("%s: %s\n%s", path, ok ? "as expected" : "FAILED", buf_str(&problems).ptr);
        struct buf shown;
        buf_init(&shown, 1 << 20);
        escape_text(&shown, str_slice(input, 0, 400));
        printf("  input: %s\n", buf_str(&shown).ptr);
        buf_release(&shown);
    }
    buf_release(&problems);
    report_release(report);
    arena_free(arena);
    return ok;
}

struct id_set {
    struct str *items;
    size_t count;
    size_t capacity;
};

static void
add_id(struct arena *arena, struct id_set *set, struct str id)
{
    if (!arena_grow(arena, (void **)&set->items, set->count, &set->capacity, sizeof(*set->items))) {
        abort();
    }
    set->items[set->count++] = id;
}

static bool
has_id(const struct id_set *set, const char *id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (str_eq_c(set->items[i], id)) {
            return true;
        }
    }
    return false;
}

/* Ids of a file of exceptions: one a line, then the reason; # starts a comment. */
static void
read_exceptions(struct arena *arena, const char *path, struct id_set *set)
{
    struct str text = case_file_bytes(arena, path);
    while (str_present(text)) {
        struct str line, tail, id, reason;
        str_cut(text, '\n', &line, &tail);
        text = tail;
        if (line.len > 0 && line.ptr[0] != '#' && str_cut(line, ' ', &id, &reason) && str_trim(reason).len > 0) {
            add_id(arena, set, id);
        }
    }
}

/* What all cases together say about the checks. */
struct exercised {
    struct arena *arena;
    struct id_set failing, passing, at_limit, over_limit;
    struct id_set no_fixture, no_limit;
};

static void
add_list(struct exercised *exercised, struct id_set *set, const struct case_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        add_id(exercised->arena, set, list->items[i]);
    }
}

static void
read_exercised(struct exercised *exercised)
{
    char why[600];
    read_exceptions(exercised->arena, CASES "/NO_FIXTURE", &exercised->no_fixture);
    read_exceptions(exercised->arena, CASES "/NO_LIMIT", &exercised->no_limit);
    for (size_t i = 0; i < path_count; i++) {
        struct case_file *file = case_file_read(exercised->arena, paths[i], CASES "/base", why, sizeof(why));
        if (!file) {
            continue;
        }
        for (size_t k = 0; k < file->expect_count; k++) {
            add_id(exercised->arena, &exercised->failing, file->expects[k].id);
        }
        add_list(exercised, &exercised->failing, &file->skipped);
        add_list(exercised, &exercised->passing, &file->passes);
        add_list(exercised, &exercised->at_limit, &file->at_limit);
        add_list(exercised, &exercised->over_limit, &file->over_limit);
    }
}

/* A rule that names a number of something, or the skew, compares with a limit. */
static bool
speaks_of_a_limit(const char *rule)
{
    static const char *const units[] = { " bits",   " bytes",        " characters", " days", " minutes",
                                         " levels", " s ",           " s.",         " h ",   " or more",
                                         " skew",   "in the future", "in the past" };
    for (size_t i = 0; rule && i < COUNT_OF(units); i++) {
        const char *at = strstr(rule, units[i]);
        bool number = at > rule && at[-1] >= '0' && at[-1] <= '9';
        if (at && (number || units[i][1] == 'i' || strcmp(units[i], " skew") == 0)) {
            return true;
        }
    }
    return false;
}

static size_t
lacks(bool lacking, const char *what, const char *id)
{
    if (lacking) {
        printf("%s: %s\n", id, what);
    }
    return lacking;
}

/* What is missing of one check; prints it. */
static size_t
missing_of(const struct exercised *exercised, const struct check *check, size_t number, bool is_core)
{
    const char *id = check->id;
    bool limited = check->limit != NULL;
    if (has_id(&exercised->no_fixture, id)) {
        return 0;
    }
    return lacks(!has_id(&exercised->failing, id), "no case expects it", id) +
           lacks(!ever_passed[number], "no case passes it", id) +
           lacks(is_core && !has_id(&exercised->passing, id), "no case says that it passes", id) +
           lacks(limited && !has_id(&exercised->at_limit, id), "has a limit, and no case is at it", id) +
           lacks(limited && !has_id(&exercised->over_limit, id), "has a limit, and no case is just over it", id) +
           lacks(!limited && (has_id(&exercised->at_limit, id) || has_id(&exercised->over_limit, id)),
                 "a case is at its limit, and its row names none", id) +
           lacks(is_core && !limited && speaks_of_a_limit(check->rule) && !has_id(&exercised->no_limit, id),
                 "its rule speaks of a limit: name it in the row, or say in NO_LIMIT why there is none", id);
}

/* How much is not exercised; prints it. */
static size_t
unexercised(void)
{
    struct exercised exercised = { .arena = arena_new(64 << 20) };
    size_t missing = 0, number = 0;
    read_exercised(&exercised);
    for (size_t i = 0; i < check_set_count(); i++) {
        const struct check_set *set = check_set_at(i);
        for (size_t k = 0; k < set->count; k++, number++) {
            missing += missing_of(&exercised, &set->rows[k], number, strncmp(set->name, "core_", 5) == 0);
        }
    }
    arena_free(exercised.arena);
    return missing;
}

int
main(int argc, char **argv)
{
    const char *why = "";
    size_t passed = 0, failed = 0;
    if (!saml_library_init(&why)) {
        printf("%s\n", why);
        return 1;
    }
    nftw(CASES, collect, 16, FTW_PHYS);
    qsort(paths, path_count, sizeof(paths[0]), by_name);
    for (size_t i = 0; i < path_count; i++) {
        if (selected(paths[i], argc, argv)) {
            *(run_case(paths[i], argc > 1) ? &passed : &failed) += 1;
        }
    }
    if (argc < 2) {
        *(unexercised() == 0 ? &passed : &failed) += 1;
    }
    for (size_t i = 0; i < path_count; i++) {
        free(paths[i]);
    }
    saml_maker_release();
    saml_library_cleanup();
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
