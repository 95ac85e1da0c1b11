/* SPDX-License-Identifier: MIT */
#include "vendor_pattern.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vendor.h"

enum { SUBJECT_BYTES = 200, EDITS = 40 };

static bool
library_says(const char *pattern, const char *subject)
{
    regex_t regex;
    bool hit;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE), 0);
    hit = regexec(&regex, subject, 0, NULL, 0) == 0;
    regfree(&regex);
    return hit;
}

static void
check_alike(const char *pattern, const char *subject)
{
    bool expected = library_says(pattern, subject);

    if (vendor_pattern_matches(pattern, str_from(subject)) != expected)
        fail_msg("%s %s %s", pattern, expected ? "must match" : "must not match", subject);
}

static void
test_constructs(void **state)
{
    static const char *const patterns[] = {
        "abc",       "^abc$",       "a|b",       "^(a|bc)d$", "(^|\\.)b\\.c$", "a*b",          "^a+$",
        "^a?b$",     "^[a-c]{2}$",  "^[^a-c]+$", "^a{2,3}$",  "^(ab){2}$",     "^(ab)*c$",     "^(a|ab)(c|bcd)$",
        "^(a*)*b$",  "^(a*b?)*c$",  "^.b.$",     "a.c",       "^(a(b|c)?)+$",  "[a-z0-9.-]+@", "^x(y{1,2}z)*$",
        "^[a-c-]+$", "\\?a=[^&]+$", "/?$",       "(/|\\?|$)", "^\\.a\\+$",
    };
    static const char *const subjects[] = {
        "",     "a",    "b",      "ab",     "abc",  "ABC", "abd",   "bcd", "aab",      "aaab",    "aa",
        "aaa",  "aaaa", "abab",   "ababc",  "c",    "cab", "x.b.c", "b.c", "xb.c",     "abcd",    "acab",
        "axc",  "a\nc", "user@x", "xyyzyz", "xyyy", "xyz", "a-c",   "-",   "/?a=1&b=", "/?a=1",   "/",
        "path", "a+",   ".a+",    "acabac", "aba",  "xx",  "dd",    "bbb", "aaaaaaab", "aaaaaaa", "abbc",
    };

    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++)
            check_alike(patterns[i], subjects[k]);
}

static unsigned
next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16 & 0x7fff;
}

/* A text that comes near to matching: the pattern itself, its signs left out by chance, then edited. */
static void
make_subject(const char *pattern, unsigned *seed, char *subject)
{
    static const char letters[] = "abcdef0123456789-._:/?=&#";
    size_t len = 0;

    for (const char *at = pattern; *at != '\0' && len + 2 < SUBJECT_BYTES; at++) {
        if (strchr("^$()\\", *at) != NULL || (strchr("[]{}|*+?", *at) != NULL && next_random(seed) % 8 != 0))
            continue;
        if (next_random(seed) % 30 == 0)
            subject[len++] = letters[next_random(seed) % (sizeof letters - 1)];
        if (next_random(seed) % 30 != 0)
            subject[len++] = *at;
    }
    subject[len] = '\0';
}

/* All that the vendors' pages use, on texts that nearly match. */
static void
test_vendors_patterns(void **state)
{
    unsigned seed = 20260731;
    size_t hits = 0;

    (void)state;
    for (size_t i = 0; i < vendor_count(); i++)
        for (const struct vendor_sign *sign = vendor_at(i)->signs; sign->pattern != NULL; sign++) {
            char subject[SUBJECT_BYTES];

            for (int edit = 0; edit < EDITS; edit++) {
                make_subject(sign->pattern, &seed, subject);
                check_alike(sign->pattern, subject);
                if (!vendor_pattern_matches(sign->pattern, str_from(subject)))
                    continue;
                hits++;
                if (sign->text != NULL && str_find_nocase(str_from(subject), str_from(sign->text)) == SIZE_MAX)
                    fail_msg("%s matches %s, which does not hold %s", sign->pattern, subject, sign->text);
            }
        }
    assert_true(hits > 500);
}

/* Nothing that a message brings makes the search endless. */
static void
test_work_is_bounded(void **state)
{
    char subject[512];

    (void)state;
    memset(subject, 'a', sizeof subject);
    assert_false(vendor_pattern_matches("^(a|a|aa)*(a*)*b$", (struct str){ subject, sizeof subject }));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constructs),
        cmocka_unit_test(test_vendors_patterns),
        cmocka_unit_test(test_work_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
