/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "attributes.h"
#include "finding.h"

struct pair {
    const char *expected;
    const char *received;
    enum near_miss near_miss;
};

static const struct pair pairs[] = {
    { "same", "same", NEAR_MISS_NONE },
    { "https://sp.example.com/acs", "https://elsewhere.test/other", NEAR_MISS_NONE },
    { "", "x", NEAR_MISS_NONE },
    { "https://aws.amazon.com/SAML/Attributes/Role", "https://aws.amazon.com/SAML/attributes/Role", NEAR_MISS_CASE },
    { "jos\xc3\x89@example.com", "jos\xc3\xa9@example.com", NEAR_MISS_CASE },
    { "https://sp.example.com/acs", "https://sp.example.com/acs/", NEAR_MISS_TRAILING_SLASH },
    { "https://sp.example.com/acs/?a=1", "https://sp.example.com/acs?a=1", NEAR_MISS_TRAILING_SLASH },
    { "https://sp.example.com/acs", "http://sp.example.com/acs", NEAR_MISS_SCHEME },
    { "https://sp.example.com/acs", "http://sp.example.com:80/acs", NEAR_MISS_SCHEME },
    { "https://sp.example.com/acs", "https://sp.example.com:443/acs", NEAR_MISS_DEFAULT_PORT },
    { "urn:amazon:webservices", " urn:amazon:webservices\n", NEAR_MISS_WHITE_SPACE },
    { "jdoe@example.com", "jdoe@example.com\xc2\xa0", NEAR_MISS_WHITE_SPACE },
    { "jdoe@example.com", "jdoe\xe2\x80\x8b@example.com", NEAR_MISS_WHITE_SPACE },
    { "https://sp.example.com/a b", "https://sp.example.com/a%20b", NEAR_MISS_PERCENT_ENCODING },
    { "https://example.com/acs", "https://www.example.com/acs", NEAR_MISS_WWW },
    { "8a9e1e2c", "spn:8a9e1e2c", NEAR_MISS_SPN_PREFIX },
    { "https://sp.example.com/acs", "https://sp.example.com/acs?x=1", NEAR_MISS_QUERY },
    { "https://sp.example.com/acs", "https://sp.example.com/saml", NEAR_MISS_PATH },
    { "https://sp.example.com/acs", "https://idp.example.com/acs", NEAR_MISS_HOST },
    { "https://eu-west-1.signin.aws.amazon.com/saml", "https://us-east-1.signin.aws.amazon.com/saml",
      NEAR_MISS_REGION },
    { "https://eu-west-1.signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/saml", NEAR_MISS_REGION },
    { "https://eu-west-1.signin.aws.amazon.com/platform/saml/d-1234567890",
      "https://eu-central-1.signin.aws.amazon.com/platform/saml/d-1234567890", NEAR_MISS_REGION },
    { "https://signin.aws.amazon.com/saml", "https://signin.amazonaws.cn/saml", NEAR_MISS_PARTITION },
    { "urn:amazon:webservices", "urn:amazon:webservices:govcloud", NEAR_MISS_PARTITION },
    { "urn:amazon:webservices", "urn:amazon:webservices:cn-north-1", NEAR_MISS_PARTITION },
    { "arn:aws:iam::111122223333:role/A", "arn:aws-cn:iam::111122223333:role/A", NEAR_MISS_PARTITION },
    { "urn:amazon:webservices", "urn:amazon:webservices#1", NEAR_MISS_FRAGMENT },
    { "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "urn:oasis:name:tc:SAML:1.1:nameid-format:emailAddress",
      NEAR_MISS_TYPO_URN },
    { "admin@example.com",
      "\xd0\xb0"
      "dmin@example.com",
      NEAR_MISS_LOOK_ALIKE },
    { "d-9067000000", "d-9O67O00000", NEAR_MISS_LOOK_ALIKE },
    { "jane-doe",
      "jane\xe2\x80\x90"
      "doe",
      NEAR_MISS_LOOK_ALIKE },
};

static void
every_class_is_recognised_both_ways(void **state)
{
    bool seen[NEAR_MISS_COUNT] = { false };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct str a = str_from(pairs[i].expected), b = str_from(pairs[i].received);

        if (near_miss_of(a, b) != pairs[i].near_miss || near_miss_of(b, a) != pairs[i].near_miss)
            fail_msg("%s / %s: got %s, %s; want %s", pairs[i].expected, pairs[i].received,
                     near_miss_name(near_miss_of(a, b)), near_miss_name(near_miss_of(b, a)),
                     near_miss_name(pairs[i].near_miss));
        seen[pairs[i].near_miss] = true;
    }
    for (int i = 0; i < NEAR_MISS_COUNT; i++)
        if (!seen[i])
            fail_msg("no example of %s", near_miss_name((enum near_miss)i));
}

static void
names_are_distinct(void **state)
{
    (void)state;
    for (int i = 0; i < NEAR_MISS_COUNT; i++) {
        assert_non_null(near_miss_name((enum near_miss)i));
        assert_non_null(near_miss_words((enum near_miss)i));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(near_miss_name((enum near_miss)i), near_miss_name((enum near_miss)k));
    }
}

static void
long_and_broken_values_are_safe(void **state)
{
    static char big[100000];

    (void)state;
    memset(big, 'a', sizeof(big));
    assert_int_equal(near_miss_of((struct str){ big, sizeof(big) }, (struct str){ big, sizeof(big) - 1 }),
                     NEAR_MISS_NONE);
    assert_int_equal(near_miss_of(STR("\xff\xfe\xf0\x9f"), STR("\xff\xfe\xf0\x9f\x80")), NEAR_MISS_NONE);
    assert_int_equal(near_miss_of(STR("\xe2\x80"), STR("a")), NEAR_MISS_NONE);
    assert_int_equal(near_miss_of(STR("%"), STR("%4")), NEAR_MISS_NONE);
    assert_int_equal(near_miss_of(STR("https://"), STR("https://[")), NEAR_MISS_NONE);
}

static void
difference_stands_on_a_character(void **state)
{
    (void)state;
    assert_int_equal(first_difference(STR("abc"), STR("abc")), SIZE_MAX);
    assert_int_equal(first_difference(STR("abc"), STR("abd")), 2);
    assert_int_equal(first_difference(STR("abc"), STR("ab")), 2);
    assert_int_equal(first_difference(STR("ab"), STR("abc")), 2);
    assert_int_equal(first_difference(STR(""), STR("x")), 0);
    /* U+00E9 and U+00E8 share their first byte: the difference is the character, not its second byte. */
    assert_int_equal(first_difference(STR("caf\xc3\xa9"), STR("caf\xc3\xa8")), 3);
    assert_int_equal(first_difference(STR("\xf0\x9f\x98\x80"), STR("\xf0\x9f\x98\x81")), 0);
    /* Continuation bytes without a start are no character: stay where the bytes differ. */
    assert_int_equal(first_difference(STR("\x80\x80\x80\x80\x80\x80"), STR("\x80\x80\x80\x80\x80\x81")), 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_is_recognised_both_ways),
        cmocka_unit_test(names_are_distinct),
        cmocka_unit_test(long_and_broken_values_are_safe),
        cmocka_unit_test(difference_stands_on_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
