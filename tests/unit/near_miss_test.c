/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "attributes.h"
#include "buf.h"
#include "check.h"

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

/* --- a property of every exact-match field ---------------------------------------------------------- */

/* What AWS compares byte for byte, and names beyond ASCII. */
static const char *const fields[] = {
    "https://us-east-1.signin.aws.amazon.com/platform/saml/acs/01234567-89ab-cdef-0123-456789abcdef",
    "https://signin.aws.amazon.com/saml",
    "https://eu-west-1.signin.aws.amazon.com/platform/saml/d-1234567890",
    "https://idp.example.com/saml",
    "https://aws.amazon.com/SAML/Attributes/RoleSessionName",
    "urn:amazon:webservices",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "jdoe@example.com",
    "jos\xc3\xa9.m\xc3\xbcller@example.com",
    "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@example.com",
    "arn:aws:iam::111122223333:role/Developer",
};

/* Makes a near miss of the class out of a value; false: the class does not apply to it. */
typedef bool change(struct str value, struct buf *out);

static bool
is_url(struct str value)
{
    return str_starts_c(value, "https://");
}

/* Puts text in the place of len bytes at an offset. */
static bool
splice(struct str value, size_t at, size_t len, const char *text, struct buf *out)
{
    buf_add_str(out, str_slice(value, 0, at));
    buf_add_c(out, text);
    buf_add_str(out, str_from_offset(value, at + len));
    return true;
}

static bool
replaced(struct str value, const char *from, const char *to, struct buf *out)
{
    size_t at = str_find_c(value, from);

    return at != SIZE_MAX && splice(value, at, strlen(from), to, out);
}

/* The last letter of ASCII in the other case; behind the host, where case counts. */
static bool
other_case(struct str value, struct buf *out)
{
    for (size_t i = value.len; i > 0; i--) {
        char c = value.ptr[i - 1], text[2] = { (char)(c ^ 0x20), '\0' };

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            return splice(value, i - 1, 1, text, out);
    }
    return false;
}

static bool
slash(struct str value, struct buf *out)
{
    return is_url(value) && splice(value, value.len, 0, "/", out);
}

static bool
http(struct str value, struct buf *out)
{
    return replaced(value, "https://", "http://", out);
}

static bool
port(struct str value, struct buf *out)
{
    return is_url(value) && replaced(value, ".com", ".com:443", out);
}

static bool
space_behind(struct str value, struct buf *out)
{
    return splice(value, value.len, 0, " ", out);
}

static bool
no_break_space_before(struct str value, struct buf *out)
{
    return splice(value, 0, 0, "\xc2\xa0", out);
}

static bool
encoded(struct str value, struct buf *out)
{
    return is_url(value) && replaced(value, "saml", "s%61ml", out);
}

static bool
www(struct str value, struct buf *out)
{
    return is_url(value) && replaced(value, "https://", "https://www.", out);
}

static bool
spn(struct str value, struct buf *out)
{
    return splice(value, 0, 0, "spn:", out);
}

static bool
query(struct str value, struct buf *out)
{
    return is_url(value) && splice(value, value.len, 0, "?a=1", out);
}

static bool
region(struct str value, struct buf *out)
{
    return replaced(value, "us-east-1", "ap-south-1", out) || replaced(value, "eu-west-1", "eu-west-3", out);
}

static bool
partition(struct str value, struct buf *out)
{
    return str_starts_c(value, "arn:aws:") && replaced(value, "arn:aws:", "arn:aws-us-gov:", out);
}

static bool
fragment(struct str value, struct buf *out)
{
    return (is_url(value) || str_starts_c(value, "urn:amazon")) && splice(value, value.len, 0, "#2", out);
}

static bool
misprint(struct str value, struct buf *out)
{
    return replaced(value, "urn:oasis:names:", "urn:oasis:name:", out);
}

/* A Cyrillic letter that looks like the Latin one. */
static bool
look_alike(struct str value, struct buf *out)
{
    return replaced(value, "example", "ex\xd0\xb0mple", out) || replaced(value, "amazon", "\xd0\xb0mazon", out);
}

static const struct {
    change *make;
    enum near_miss near_miss;
} changes[] = {
    { other_case, NEAR_MISS_CASE },
    { slash, NEAR_MISS_TRAILING_SLASH },
    { http, NEAR_MISS_SCHEME },
    { port, NEAR_MISS_DEFAULT_PORT },
    { space_behind, NEAR_MISS_WHITE_SPACE },
    { no_break_space_before, NEAR_MISS_WHITE_SPACE },
    { encoded, NEAR_MISS_PERCENT_ENCODING },
    { www, NEAR_MISS_WWW },
    { spn, NEAR_MISS_SPN_PREFIX },
    { query, NEAR_MISS_QUERY },
    { region, NEAR_MISS_REGION },
    { partition, NEAR_MISS_PARTITION },
    { fragment, NEAR_MISS_FRAGMENT },
    { misprint, NEAR_MISS_TYPO_URN },
    { look_alike, NEAR_MISS_LOOK_ALIKE },
};

/* Length of the UTF-8 character at the beginning of well-formed text. */
static size_t
character(struct str text)
{
    size_t len = 1;

    while (len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len++;
    return len;
}

/* Offset of the first character of received that is another than that of expected. */
static size_t
where_they_part(struct str expected, struct str received)
{
    size_t at = 0;

    while (at < expected.len && at < received.len) {
        struct str a = str_from_offset(expected, at), b = str_from_offset(received, at);
        size_t len = character(a);

        if (len != character(b) || memcmp(a.ptr, b.ptr, len) != 0)
            break;
        at += len;
    }
    return at;
}

static void
every_near_miss_of_every_field_is_named_where_it_is(void **state)
{
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        for (size_t k = 0; k < COUNT_OF(changes); k++) {
            struct str expected = str_from(fields[i]);
            struct finding finding = { 0 };
            struct buf made;

            buf_init(&made, 1000);
            if (changes[k].make(expected, &made)) {
                struct str received = buf_str(&made);

                finding_mismatch(&finding, expected, received, "the test");
                if (finding.near_miss != changes[k].near_miss)
                    fail_msg("%s / %.*s: %s, not %s", fields[i], STR_ARG(received), near_miss_name(finding.near_miss),
                             near_miss_name(changes[k].near_miss));
                if (finding.first_difference != where_they_part(expected, received))
                    fail_msg("%s / %.*s: difference at %zu, not %zu", fields[i], STR_ARG(received),
                             finding.first_difference, where_they_part(expected, received));
                tried++;
            }
            buf_release(&made);
        }
    assert_true(tried > 80);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_is_recognised_both_ways),
        cmocka_unit_test(names_are_distinct),
        cmocka_unit_test(long_and_broken_values_are_safe),
        cmocka_unit_test(difference_stands_on_a_character),
        cmocka_unit_test(every_near_miss_of_every_field_is_named_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
