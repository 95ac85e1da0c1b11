/* SPDX-License-Identifier: MIT */
/*
 * Runs every tests/cases/ ** / *.case (format: tests/support/case_file.h) and demands a case for
 * every registered check. Arguments: parts of paths, to run only those.
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

static void
read_exceptions(struct arena *arena, struct id_set *set)
{
    struct str text = case_file_bytes(arena, CASES "/NO_FIXTURE");
    while (str_present(text)) {
        struct str line, tail, id, reason;
        str_cut(text, '\n', &line, &tail);
        text = tail;
        if (line.len > 0 && line.ptr[0] != '#' && str_cut(line, ' ', &id, &reason) && str_trim(reason).len > 0) {
            add_id(arena, set, id);
        }
    }
}

/* Checks of inspect/checks/core must also be seen not to fire where what they look at is there ("absent ID"). */
static size_t
missing_passes(const struct id_set *passing, const struct id_set *excepted, const struct check_set *set)
{
    size_t missing = 0;
    for (size_t k = 0; k < set->count && strncmp(set->name, "core_", 5) == 0; k++) {
        if (!has_id(passing, set->rows[k].id) && !has_id(excepted, set->rows[k].id)) {
            printf("no case says that %s is absent\n", set->rows[k].id);
            missing++;
        }
    }
    return missing;
}

/* How many checks nobody exercises; prints them. */
static size_t
unexercised(void)
{
    struct arena *arena = arena_new(64 << 20);
    struct id_set set = { 0 }, passing = { 0 }, excepted = { 0 };
    size_t missing = 0;
    char why[600];
    read_exceptions(arena, &set);
    read_exceptions(arena, &excepted);
    for (size_t i = 0; i < path_count; i++) {
        struct case_file *file = case_file_read(arena, paths[i], CASES "/base", why, sizeof(why));
        for (size_t k = 0; file && k < file->expect_count; k++) {
            add_id(arena, &set, file->expects[k].id);
        }
        for (size_t k = 0; file && k < file->skipped.count; k++) {
            add_id(arena, &set, file->skipped.items[k]);
        }
        for (size_t k = 0; file && k < file->absent.count; k++) {
            add_id(arena, &passing, file->absent.items[k]);
        }
    }
    for (size_t i = 0; i < check_set_count(); i++) {
        missing += missing_passes(&passing, &excepted, check_set_at(i));
        for (size_t k = 0; k < check_set_at(i)->count; k++) {
            if (!has_id(&set, check_set_at(i)->rows[k].id)) {
                printf("no case expects %s\n", check_set_at(i)->rows[k].id);
                missing++;
            }
        }
    }
    arena_free(arena);
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
