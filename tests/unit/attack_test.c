/* SPDX-License-Identifier: MIT */
/*
 * Attacks by name (saml-verification 8.2), as people and programs see them: every tests/cases/ * /attack-*.case through
 * the text and the JSON report. A case names its family by "says ID FAMILY"; every family has one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glob.h>
#include <jansson.h>
#include <string.h>

#include "case_run.h"
#include "reporter.h"
#include "saml_maker.h"

#define BASE "tests/cases/base"

struct seen {
    bool families[ATTACK_FAMILY_COUNT];
    size_t cases;
};

static enum attack_family
family_named(struct str id)
{
    for (int i = ATTACK_NONE + 1; i < ATTACK_FAMILY_COUNT; i++)
        if (attack_of((enum attack_family)i) != NULL && str_eq_c(id, attack_of((enum attack_family)i)->id))
            return (enum attack_family)i;
    return ATTACK_NONE;
}

/* Without the line breaks and margins of the text report. */
static void
flatten(const struct buf *text, struct buf *flat)
{
    bool blank = false;

    for (size_t i = 0; i < text->len; i++) {
        char c = text->bytes[i];

        if ((c != ' ' && c != '\n') || !blank)
            buf_add_byte(flat, c == '\n' ? ' ' : c);
        blank = c == ' ' || c == '\n';
    }
}

static void
expect_in_text(const char *path, const struct report *report, const struct attack *attack)
{
    struct buf text, flat, words;

    buf_init(&text, 1 << 20);
    buf_init(&flat, 1 << 20);
    buf_init(&words, 4096);
    reporter_text.report(&text, report, NULL);
    flatten(&text, &flat);
    buf_printf(&words, "%s has this shape", attack->name);
    if (attack->known[0] != '\0')
        buf_printf(&words, " (%s)", attack->known);
    if (str_find(buf_str(&flat), buf_str(&words)) == SIZE_MAX)
        fail_msg("%s: the text does not say: %s", path, words.bytes);
    buf_release(&words);
    buf_release(&flat);
    buf_release(&text);
}

static void
expect_in_json(const char *path, const struct report *report, struct str id, const struct attack *attack)
{
    struct buf out;
    json_t *root, *finding;
    size_t i;
    bool found = false;

    buf_init(&out, 4 << 20);
    reporter_json.report(&out, report, NULL);
    root = json_loadb(out.bytes, out.len, 0, NULL);
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "findings"), i, finding)
    {
        json_t *value = json_object_get(finding, "attack");
        size_t cves = 0;

        if (!json_is_object(value) || !str_eq_c(id, json_string_value(json_object_get(finding, "id"))) ||
            strcmp(json_string_value(json_object_get(value, "id")), attack->id) != 0)
            continue;
        found = true;
        assert_string_equal(json_string_value(json_object_get(value, "name")), attack->name);
        assert_string_equal(json_string_value(json_object_get(value, "known")), attack->known);
        for (const char *at = attack->known; (at = strstr(at, "CVE-")) != NULL; at += 4) {
            const char *cve = json_string_value(json_array_get(json_object_get(value, "cve"), cves++));

            assert_non_null(cve);
            assert_int_equal(strncmp(cve, at, strlen(cve)), 0);
            assert_true(strlen(cve) >= strlen("CVE-2018-0489"));
        }
        assert_int_equal(json_array_size(json_object_get(value, "cve")), cves);
    }
    if (!found)
        fail_msg("%s: no finding %.*s with attack %s in the JSON", path, STR_ARG(id), attack->id);
    json_decref(root);
    buf_release(&out);
}

/* A case with its report; the keys that the report speaks of live as long. */
struct example {
    struct arena *arena;
    struct case_prepared prepared;
    struct report *report;
};

static void
make_example(struct example *example, const char *path)
{
    struct case_file *file;
    char why[600] = "";

    example->arena = arena_new(256 << 20);
    file = case_file_read(example->arena, path, BASE, why, sizeof(why));
    if (file == NULL || !case_prepare(example->arena, file, BASE, &example->prepared, why, sizeof(why)))
        fail_msg("%s: %s", path, why);
    example->report = case_examine(&example->prepared, NULL);
    assert_non_null(example->report);
}

static void
release_example(struct example *example)
{
    report_release(example->report);
    case_release(&example->prepared);
    arena_free(example->arena);
}

static void
check_case(const char *path, struct seen *seen)
{
    const struct case_file *file;
    struct example example;
    size_t named = 0;

    make_example(&example, path);
    file = example.prepared.file;
    for (size_t i = 0; i < file->says_count; i++) {
        enum attack_family family = family_named(file->says[i].text);

        if (family == ATTACK_NONE)
            continue;
        expect_in_text(path, example.report, attack_of(family));
        expect_in_json(path, example.report, file->says[i].id, attack_of(family));
        seen->families[family] = true;
        named++;
    }
    if (named == 0)
        fail_msg("%s names no family of attacks", path);
    seen->cases++;
    release_example(&example);
}

static void
every_family_is_seen(void **state)
{
    struct seen seen = { 0 };
    glob_t found;

    (void)state;
    assert_int_equal(glob("tests/cases/*/attack-*.case", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_case(found.gl_pathv[i], &seen);
    globfree(&found);
    assert_true(seen.cases >= ATTACK_FAMILY_COUNT - 1);
    for (int i = ATTACK_NONE + 1; i < ATTACK_FAMILY_COUNT; i++) {
        assert_non_null(attack_of((enum attack_family)i));
        if (!seen.families[i])
            fail_msg("no case of %s", attack_of((enum attack_family)i)->id);
    }
    assert_null(attack_of(ATTACK_NONE));
    assert_null(attack_of(ATTACK_FAMILY_COUNT));
}

/* A message that is right has the shape of nothing. */
static void
good_messages_have_no_shape(void **state)
{
    glob_t found;

    (void)state;
    assert_int_equal(glob("tests/cases/good/*.case", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct findings *findings;
        struct example example;

        make_example(&example, found.gl_pathv[i]);
        findings = &example.report->findings;
        for (size_t k = 0; k < findings->count; k++)
            if (findings->items[k]->attack != NULL)
                fail_msg("%s: %s", found.gl_pathv[i], findings->items[k]->attack->id);
        release_example(&example);
    }
    globfree(&found);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_is_seen),
        cmocka_unit_test(good_messages_have_no_shape),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
