/* SPDX-License-Identifier: MIT */
/*
 * Examines every case of tests/cases again and again, each time with another allocation refused. Whatever
 * is refused: no crash, nothing left allocated, and nothing claimed that the untroubled run does not say.
 *
 *     alloc_fail_test              a few places of each case, the same in every run
 *     alloc_fail_test --samples N  N places of each kind (at most EVERY - 1)
 *     alloc_fail_test --all        every place of every case (hours)
 *     alloc_fail_test PATH…        every place of the cases whose path holds PATH
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../fault/alloc_fault.h"
#include "case_run.h"
#include "saml.h"
#include "saml_maker.h"

#define CASES "tests/cases"

enum { MAX_CASES = 4000, EVERY = 1000000, MAX_IDS = 200 };

static char *paths[MAX_CASES];
static size_t path_count;

static int
collect(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)ftw;
    if (type == FTW_F && str_ends_c(str_from(path), ".case") && path_count < MAX_CASES)
        paths[path_count++] = strdup(path);
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What an examination said. */
struct said {
    bool is_there; /* there was a report */
    bool complete; /* as case_examine() says: what is missing was said to be missing, perhaps of an earlier exchange */
    enum verdict verdict;
    const struct check *ids[MAX_IDS];
    bool is_error[MAX_IDS];
    size_t count;
};

static void
note(const struct report *report, bool complete, struct said *said)
{
    *said = (struct said){ .is_there = report != NULL, .complete = complete };
    if (report == NULL)
        return;
    said->verdict = report->verdict;
    for (size_t i = 0; i < report->findings.count && said->count < MAX_IDS; i++) {
        said->is_error[said->count] = report->findings.items[i]->severity == SEVERITY_ERROR;
        said->ids[said->count++] = report->findings.items[i]->check;
    }
}

static bool
has(const struct said *said, const struct check *check)
{
    for (size_t i = 0; i < said->count; i++)
        if (said->ids[i] == check)
            return true;
    return false;
}

/* One line about what is claimed wrongly; NULL: nothing. */
static const char *
wrong_claim(const struct said *right, const struct said *now, const char **id)
{
    *id = "";
    if (!now->is_there)
        return NULL;
    for (size_t i = 0; i < now->count; i++)
        if (now->is_error[i] && !has(right, now->ids[i])) {
            *id = now->ids[i]->id;
            return "an error that is not there";
        }
    if (now->verdict == VERDICT_FAIL || !now->complete)
        return NULL;
    for (size_t i = 0; i < right->count; i++)
        if (right->is_error[i] && now->verdict == VERDICT_PASS) {
            *id = right->ids[i]->id;
            return "it passes, but there is an error";
        }
    if (now->verdict == VERDICT_PASS && right->verdict != VERDICT_PASS)
        return "it passes, but is undecided";
    if (now->verdict == VERDICT_PASS && now->count < right->count)
        return "it passes, but a finding is missing";
    return NULL;
}

static const char *const fault_names[] = { "allocation", "allocations from", "arena piece" };

static void
examine(const struct case_prepared *prepared, enum alloc_fault fault, uint64_t n, struct said *said, int64_t *left)
{
    int64_t before = alloc_fault_live();
    struct report *report;
    bool complete;

    alloc_fault_arm(fault, n);
    report = case_examine(prepared, &complete);
    alloc_fault_disarm();
    note(report, complete, said);
    report_release(report);
    *left = alloc_fault_live() - before;
}

/* True when the case stands it. */
static bool
try(const char *path, const struct case_prepared *prepared, const struct said *right, enum alloc_fault fault,
    uint64_t n)
{
    const char *claim, *id;
    struct said now;
    int64_t left = 0;

    /* What a library keeps is kept once; OpenSSL's error queue keeps texts in each of its 16 places. */
    for (int i = 0; i < 20; i++) {
        examine(prepared, fault, n, &now, &left);
        claim = wrong_claim(right, &now, &id);
        if (claim != NULL) {
            printf("%s: %s %llu refused: %s %s\n", path, fault_names[fault], (unsigned long long)n, claim, id);
            return false;
        }
        /* xmlsec1 1.2.37 loses blocks of its own when it gets no more, libxml2 2.9.14 one in xmlC14NExecute(). */
        if (left <= (alloc_fault_hit_c14n() ? 1 : 0) || prepared->settings->second_opinion)
            return true;
    }
    printf("%s: %s %llu refused: %lld blocks left\n", path, fault_names[fault], (unsigned long long)n, (long long)left);
    return false;
}

/* The places to try: EVERY, or some that differ from case to case. */
static size_t
try_all(const char *path, const struct case_prepared *prepared, const struct said *right, enum alloc_fault fault,
        uint64_t places, unsigned samples, uint32_t *random)
{
    size_t failed = 0;

    if (samples >= EVERY) {
        for (uint64_t n = 1; n <= places; n++)
            failed += !try(path, prepared, right, fault, n);
        return failed;
    }
    for (unsigned i = 0; i < samples && places > 0; i++) {
        *random = *random * 1664525u + 1013904223u;
        failed += !try(path, prepared, right, fault, 1 + (*random >> 8) % places);
    }
    return failed;
}

/* Every kind of refusal, with the second engine or without. Returns how many the case did not stand. */
static size_t
try_kinds(const char *path, const struct case_prepared *prepared, unsigned samples, uint32_t *random)
{
    uint64_t places[2];
    struct said right;
    size_t failed = 0;
    int64_t left;

    examine(prepared, ALLOC_FAULT_ONE, 0, &right, &left); /* warms up what is made once */
    for (int i = 0; i < 2; i++) {
        alloc_fault_arm(i == 0 ? ALLOC_FAULT_ONE : ALLOC_FAULT_ARENA, 0);
        report_release(case_examine(prepared, NULL));
        places[i] = alloc_fault_disarm();
    }
    failed += try_all(path, prepared, &right, ALLOC_FAULT_ONE, places[0], samples, random);
    failed += try_all(path, prepared, &right, ALLOC_FAULT_REST, places[0], samples, random);
    failed += try_all(path, prepared, &right, ALLOC_FAULT_ARENA, places[1], samples, random);
    if (samples >= EVERY)
        printf("%s: %llu allocations, %llu arena pieces, %zu failed\n", path, (unsigned long long)places[0],
               (unsigned long long)places[1], failed);
    fflush(stdout);
    return failed;
}

static bool
run_case(const char *path, unsigned samples, uint32_t random)
{
    struct arena *arena = arena_new(256 << 20);
    struct case_prepared prepared;
    char why[600] = "";
    size_t failed = 0;
    struct case_file *file = case_file_read(arena, path, CASES "/base", why, sizeof why);

    if (file == NULL || !case_prepare(arena, file, CASES "/base", &prepared, why, sizeof why)) {
        printf("%s: %s\n", path, why);
        arena_free(arena);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        prepared.settings->second_opinion = i != 0;
        failed += try_kinds(path, &prepared, samples, &random);
    }
    case_release(&prepared);
    arena_free(arena);
    return failed == 0;
}

static bool
selected(const char *path, int argc, char **argv)
{
    if (argc < 2 || strncmp(argv[1], "--", 2) == 0)
        return true;
    for (int i = 1; i < argc; i++)
        if (strstr(path, argv[i]) != NULL)
            return true;
    return false;
}

static unsigned
samples_of(int argc, char **argv)
{
    if (argc < 2)
        return 1;
    return argc > 2 && strcmp(argv[1], "--samples") == 0 ? (unsigned)strtoul(argv[2], NULL, 10) : EVERY;
}

int
main(int argc, char **argv)
{
    const char *why = "";
    size_t passed = 0, failed = 0;

    if (!saml_library_init(&why)) {
        printf("cannot start: %s\n", why);
        return 1;
    }
    nftw(CASES, collect, 16, FTW_PHYS);
    qsort(paths, path_count, sizeof paths[0], by_name);
    for (size_t i = 0; i < path_count; i++)
        if (selected(paths[i], argc, argv))
            *(run_case(paths[i], samples_of(argc, argv), (uint32_t)i) ? &passed : &failed) += 1;
    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
    saml_maker_release();
    saml_library_cleanup();
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
