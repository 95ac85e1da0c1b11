/* SPDX-License-Identifier: MIT */
/*
 * The rule catalogue and the checks: every rule and attack id of ../shared/knowledge/saml-verification.md is named in
 * the spec of a check, or in tests/cases/RULES_NOT_OBSERVABLE with a reason. Without the catalogue the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "case_file.h"
#include "check.h"

#define CATALOGUE "../shared/knowledge/saml-verification.md"
#define EXCEPTIONS "tests/cases/RULES_NOT_OBSERVABLE"

enum { MAX_IDS = 400 };

struct ids {
    struct str items[MAX_IDS];
    size_t count;
};

static bool
is_id_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* "BND-01", "ATK-XXE", "DEC-B64-PADDING"; not "SDP-G01", which is a clause of another document. */
static bool
is_rule_id(struct str word)
{
    static const char *const families[] = { "BND-", "XML-", "MSG-", "STA-", "SIG-", "ENC-", "AST-", "SUB-", "CON-",
                                            "AUT-", "ATT-", "REQ-", "SLO-", "MD-",  "OID-", "ATK-", "DEC-", "INT-" };

    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (str_starts_c(word, families[i]) && word.len > strlen(families[i]))
            return true;
    return false;
}

static bool
has(const struct ids *ids, struct str id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (str_eq(ids->items[i], id))
            return true;
    return false;
}

/* Adds every rule id of text that is not there yet; what ends in "-" is the beginning of a family ("DEC-CHARSET-*"). */
static void
collect(struct str text, struct ids *ids)
{
    for (size_t i = 0; i < text.len;) {
        size_t end = i;
        struct str word;

        while (end < text.len && is_id_byte(text.ptr[end]))
            end++;
        word = str_slice(text, i, end - i);
        while (word.len > 0 && word.ptr[word.len - 1] == '-')
            word.len--;
        if (is_rule_id(word) && !has(ids, word)) {
            assert_true(ids->count < MAX_IDS);
            ids->items[ids->count++] = word;
        }
        i = end + 1;
    }
}

static void
collect_specs(struct ids *ids)
{
    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_set_at(i)->count; k++)
            collect(str_from(check_set_at(i)->rows[k].spec), ids);
}

/* Lines "ID reason"; # starts a comment. */
static void
read_exceptions(struct arena *arena, struct ids *ids)
{
    struct str text = case_file_bytes(arena, EXCEPTIONS);

    assert_true(str_present(text));
    while (str_present(text)) {
        struct str line, tail, id, reason;

        str_cut(text, '\n', &line, &tail);
        text = tail;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_cut(line, ' ', &id, &reason) || str_trim(reason).len < 20)
            fail_msg("%s: no reason is given for %.*s", EXCEPTIONS, STR_ARG(line));
        ids->items[ids->count++] = id;
    }
}

static void
every_rule_of_the_catalogue_is_checked(void **state)
{
    struct arena *arena = arena_new(16 << 20);
    struct ids rules = { 0 }, checked = { 0 }, excepted = { 0 };
    struct str catalogue;
    size_t missing = 0;

    (void)state;
    assert_non_null(arena);
    catalogue = case_file_bytes(arena, CATALOGUE);
    if (!str_present(catalogue)) {
        arena_free(arena);
        print_message("%s is not there: nothing to compare with\n", CATALOGUE);
        skip();
    }
    collect(catalogue, &rules);
    collect_specs(&checked);
    read_exceptions(arena, &excepted);
    assert_true(rules.count > 150);
    for (size_t i = 0; i < rules.count; i++)
        if (!has(&checked, rules.items[i]) && !has(&excepted, rules.items[i])) {
            print_error("no check names %.*s\n", STR_ARG(rules.items[i]));
            missing++;
        }
    for (size_t i = 0; i < checked.count; i++)
        if (!has(&rules, checked.items[i])) {
            print_error("a check names %.*s, which the catalogue does not have\n", STR_ARG(checked.items[i]));
            missing++;
        }
    for (size_t i = 0; i < excepted.count; i++)
        if (has(&checked, excepted.items[i]) || !has(&rules, excepted.items[i])) {
            print_error("%s: %.*s is checked, or is no rule\n", EXCEPTIONS, STR_ARG(excepted.items[i]));
            missing++;
        }
    arena_free(arena);
    assert_int_equal(missing, 0);
}

/* The reader of ids itself: what it takes and what it leaves. */
static void
ids_are_recognised(void **state)
{
    struct ids ids = { 0 };

    (void)state;
    collect(STR("| SIG-13/15 | SDP-MD03, IIP-MD04, AES-CBC; `DEC-CHARSET-*`, ATK-XXE / ATK-BOMB, SIG-13, BND-"), &ids);
    assert_int_equal(ids.count, 4);
    assert_true(has(&ids, STR("SIG-13")) && has(&ids, STR("DEC-CHARSET")) && has(&ids, STR("ATK-XXE")) &&
                has(&ids, STR("ATK-BOMB")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_of_the_catalogue_is_checked),
        cmocka_unit_test(ids_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
