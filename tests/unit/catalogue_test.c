/* SPDX-License-Identifier: MIT */
/*
 * The checks against the failure catalogue of the shared knowledge: every id is a check or is listed with the reason
 * why not, every error text in it leads to an entry that quotes it, and no check claims more than it rests on.
 * Without the catalogue the first parts are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "error_texts.h"

#define CATALOGUE "../shared/knowledge/failures.md"
#define LISTED "tests/cases/NOT_OBSERVABLE"

enum { IDS = 360, LEAST_CHECKS = 330, MAX_BYTES = 1 << 20, MAX_QUOTES = 1000, SHORTEST_QUOTE = 8 };

struct quote {
    struct str id;
    struct str text;
};

struct catalogue {
    char *bytes;
    struct str ids[2 * IDS];
    size_t id_count;
    struct quote quotes[MAX_QUOTES];
    size_t quote_count;
};

/* Malloc'd, or NULL when there is no such file. */
static char *
read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file != NULL ? malloc(MAX_BYTES) : NULL;
    size_t len = bytes != NULL ? fread(bytes, 1, MAX_BYTES - 1, file) : 0;

    if (bytes != NULL)
        bytes[len] = '\0';
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* Texts in quotation marks, and codes of Entra and AD FS. */
static void
add_quotes(struct catalogue *catalogue, struct str id, struct str text)
{
    for (size_t at; (at = str_find_byte(text, '"')) != SIZE_MAX;) {
        struct str rest = str_from_offset(text, at + 1);
        size_t end = str_find_byte(rest, '"');

        if (end == SIZE_MAX)
            return;
        if (end >= SHORTEST_QUOTE && catalogue->quote_count < MAX_QUOTES)
            catalogue->quotes[catalogue->quote_count++] = (struct quote){ id, str_slice(rest, 0, end) };
        text = str_from_offset(rest, end + 1);
    }
}

static void
add_codes(struct catalogue *catalogue, struct str id, struct str text)
{
    static const char *const prefixes[] = { "AADSTS", "MSIS" };

    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t at = str_find_c(text, prefixes[i]), end = at + strlen(prefixes[i]);

        while (at != SIZE_MAX && end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
            end++;
        if (at != SIZE_MAX && end > at + strlen(prefixes[i]) && catalogue->quote_count < MAX_QUOTES)
            catalogue->quotes[catalogue->quote_count++] = (struct quote){ id, str_slice(text, at, end - at) };
    }
}

/* "- **`id`** — …" or "| `id` | severity | seen | …"; absent: another line. */
static struct str
id_of_line(struct str line)
{
    static const char *const starts[] = { "- **`", "| `" };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_c(line, starts[i])) {
            struct str rest = str_from_offset(line, strlen(starts[i]));
            size_t end = str_find_byte(rest, '`');

            if (end != SIZE_MAX && end > 0)
                return str_slice(rest, 0, end);
        }
    return (struct str){ 0 };
}

static void
read_line(struct catalogue *catalogue, struct str line)
{
    struct str id = id_of_line(line), cell = line, rest;

    if (str_present(id) && catalogue->id_count < COUNT_OF(catalogue->ids))
        catalogue->ids[catalogue->id_count++] = id;
    if (catalogue->id_count == 0)
        return;
    if (str_starts_c(line, "  - Sees: "))
        add_quotes(catalogue, catalogue->ids[catalogue->id_count - 1], line);
    if (!str_starts_c(line, "| `"))
        return;
    for (int column = 0; column < 4; column++, line = rest)
        str_cut(line, '|', &cell, &rest);
    add_quotes(catalogue, id, cell);
    add_codes(catalogue, id, cell);
}

static bool
catalogue_read(struct catalogue *catalogue)
{
    struct str text, line, rest;

    memset(catalogue, 0, sizeof(*catalogue));
    catalogue->bytes = read_all(CATALOGUE);
    if (catalogue->bytes == NULL) {
        print_message("skipped: there is no %s\n", CATALOGUE);
        return false;
    }
    for (text = str_from(catalogue->bytes); text.len > 0; text = rest) {
        str_cut(text, '\n', &line, &rest);
        read_line(catalogue, line);
    }
    return true;
}

/* The reason why no check has that id; absent: it is not listed. */
static struct str
reason_of(struct str list, struct str wanted)
{
    struct str line, rest, id, reason;

    for (; list.len > 0; list = rest) {
        str_cut(list, '\n', &line, &rest);
        if (line.len > 0 && line.ptr[0] != '#' && str_cut(line, ' ', &id, &reason) && str_eq(id, wanted))
            return str_trim(reason);
    }
    return (struct str){ 0 };
}

static void
every_id_is_a_check_or_listed(void **state)
{
    static struct catalogue catalogue;
    char *list = read_all(LISTED);
    size_t checks = 0, wrong = 0;

    (void)state;
    assert_non_null(list);
    if (!catalogue_read(&catalogue)) {
        free(list);
        skip();
    }
    assert_int_equal(catalogue.id_count, IDS);
    for (size_t i = 0; i < catalogue.id_count; i++) {
        struct str id = catalogue.ids[i], reason = reason_of(str_from(list), id);
        bool is_check = check_find(id) != NULL;

        checks += is_check;
        if (is_check == str_present(reason)) {
            print_message("%.*s %s\n", STR_ARG(id),
                          is_check ? "is a check and listed as not observable"
                                   : "is no check, and " LISTED " does not say why");
            wrong++;
        }
    }
    print_message("%zu of %d ids are checks\n", checks, IDS);
    assert_int_equal(wrong, 0);
    assert_true(checks >= LEAST_CHECKS);
    free(catalogue.bytes);
    free(list);
}

/* Quotations that are no error text: a name, or a piece of one that stands elsewhere in full. */
static bool
is_no_error(struct str text)
{
    static const char *const names[] = { "Domain Users", "\xe2\x80\xa6InvalidIdentityToken" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(str_trim(text), str_from(names[i])))
            return true;
    return false;
}

/* The words before an ellipsis, when they say enough. */
static struct str
beginning(struct str text)
{
    size_t at = str_find_c(text, "\xe2\x80\xa6");

    return at != SIZE_MAX && at >= SHORTEST_QUOTE ? str_trim(str_slice(text, 0, at)) : text;
}

/* True when the catalogue quotes under that id a text that holds this one, or is held by it. */
static bool
is_quoted_under(const struct catalogue *catalogue, const char *id, struct str text)
{
    text = beginning(text);
    for (size_t i = 0; i < catalogue->quote_count; i++) {
        struct str other = beginning(catalogue->quotes[i].text);

        if (str_eq_c(catalogue->quotes[i].id, id) &&
            (str_find_nocase(other, text) != SIZE_MAX || str_find_nocase(text, other) != SIZE_MAX))
            return true;
    }
    return false;
}

static void
every_quoted_text_leads_to_its_entry(void **state)
{
    static struct catalogue catalogue;
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t wrong = 0;

    (void)state;
    if (!catalogue_read(&catalogue))
        skip();
    assert_true(catalogue.quote_count > 100);
    for (size_t i = 0; i < catalogue.quote_count; i++) {
        struct str text = catalogue.quotes[i].text;
        size_t count = is_no_error(text) ? 0 : error_texts_find(text, matches);

        if (is_no_error(text) || (count > 0 && is_quoted_under(&catalogue, matches[0].id, text)))
            continue;
        print_message("\"%.*s\" of %.*s leads to %s\n", STR_ARG(text), STR_ARG(catalogue.quotes[i].id),
                      count > 0 ? matches[0].id : "nothing");
        wrong++;
    }
    assert_int_equal(wrong, 0);
    free(catalogue.bytes);
}

/* --- what a check may claim ----------------------------------------------------------------------- */

/* Words that say what AWS demands. */
static const char *const demands[] = {
    "AWS requires",     "AWS demands",    "AWS insists",         "AWS wants",        "AWS needs",
    "AWS accepts only", "AWS takes only", "AWS does not accept", "IAM requires",     "IAM demands",
    "IAM accepts only", "STS requires",   "STS demands",         "STS accepts only", "Identity Center requires",
    "Center demands",   "Center insists", "Center accepts only",
};

static const char *
demand_in(const char *text)
{
    for (size_t i = 0; text != NULL && i < COUNT_OF(demands); i++)
        if (str_find_nocase(str_from(text), str_from(demands[i])) != SIZE_MAX)
            return demands[i];
    return NULL;
}

static const char *
demand_of(const struct check *check)
{
    const char *const texts[] = { check->title, check->means, check->rule };
    const char *found = NULL;

    for (size_t i = 0; found == NULL && i < COUNT_OF(texts); i++)
        found = demand_in(texts[i]);
    for (size_t i = 0; found == NULL && i < CHECK_MAX_FIXES && check->fixes[i].text != NULL; i++)
        found = demand_in(check->fixes[i].text);
    return found;
}

static void
only_documents_demand(void **state)
{
    static const struct check overclaims = { .means = "Here AWS requires a thing.", .standing = STANDING_OBSERVED };

    (void)state;
    assert_non_null(demand_of(&overclaims));
    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_set_at(i)->count; k++) {
            const struct check *check = &check_set_at(i)->rows[k];
            const char *demand = demand_of(check);

            if (demand != NULL && (check->standing != STANDING_DOCUMENTED || check->source == NULL ||
                                   str_find_c(str_from(check->source), "AWS") == SIZE_MAX))
                fail_msg("%s says \"%s\" and rests on no document of AWS (%s: %s)", check->id, demand,
                         standing_name(check->standing), check->source);
        }
}

/* --- mistakes of the guides ------------------------------------------------------------------------ */

#define MISTAKES "**Seed-shaped mistakes.**"

/* The next id between backticks; absent at the end of the paragraph. */
static struct str
next_id(struct str *text)
{
    size_t start = str_find_byte(*text, '`'), end;
    struct str rest = start != SIZE_MAX ? str_from_offset(*text, start + 1) : (struct str){ 0 };

    end = str_find_byte(rest, '`');
    if (start == SIZE_MAX || end == SIZE_MAX)
        return (struct str){ 0 };
    *text = str_from_offset(rest, end + 1);
    return str_slice(rest, 0, end);
}

/* Of AWS, or of the identity provider that has the other half of the setup. */
static bool
names_a_document(const char *source)
{
    static const char *const publishers[] = { "AWS", "Identity Center", "Microsoft" };
    bool found = false;

    for (size_t i = 0; i < COUNT_OF(publishers); i++)
        found = found || str_find_c(str_from(source), publishers[i]) != SIZE_MAX;
    return found;
}

static void
every_mistake_of_the_guides_is_answered_with_a_document(void **state)
{
    char *bytes = read_all(CATALOGUE);
    struct str text, tail, id;
    size_t count = 0;

    (void)state;
    if (bytes == NULL) {
        print_message("skipped: there is no %s\n", CATALOGUE);
        skip();
    }
    text = str_from_offset(str_from(bytes), str_find_c(str_from(bytes), MISTAKES));
    str_cut(text, '\n', &text, &tail);
    while (str_present(id = next_id(&text))) {
        const struct check *check = check_find(id);

        if (str_find_byte(id, '.') != SIZE_MAX)
            continue; /* the name of a file */
        if (check == NULL || !names_a_document(check->source))
            fail_msg("%.*s %s", STR_ARG(id), check == NULL ? "is no check" : check->source);
        count++;
    }
    assert_true(count >= 7);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_id_is_a_check_or_listed),
        cmocka_unit_test(every_quoted_text_leads_to_its_entry),
        cmocka_unit_test(only_documents_demand),
        cmocka_unit_test(every_mistake_of_the_guides_is_answered_with_a_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
