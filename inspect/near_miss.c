/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "attributes.h"
#include "finding.h"
#include "url.h"
#include "utf8.h"

/*
 * Each class is a rule that makes both strings alike in one respect; the first rule after which they
 * are equal names the class. Values are copied into small buffers of fixed size: what is longer than
 * that is not a value that somebody mistyped.
 */
enum { VALUE_BYTES = 2048 };

struct value {
    char bytes[VALUE_BYTES];
    size_t len;
};

static void
value_put(struct value *value, const char *bytes, size_t len)
{
    if (len > VALUE_BYTES - value->len)
        len = VALUE_BYTES - value->len;
    memcpy(value->bytes + value->len, bytes, len);
    value->len += len;
}

static void
value_put_str(struct value *value, struct str s)
{
    if (s.len > 0)
        value_put(value, s.ptr, s.len);
}

/* Applies one rule to both and compares. */
static bool
alike(struct str a, struct str b, void (*rule)(struct value *out, struct str in))
{
    struct value left = { .len = 0 }, right = { .len = 0 };

    rule(&left, a);
    rule(&right, b);
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

static bool
is_space(uint32_t code)
{
    return code == ' ' || (code >= 9 && code <= 13) || code == 0xa0 || (code >= 0x2000 && code <= 0x200d) ||
           code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x2060 || code == 0x3000 || code == 0xfeff;
}

static void
without_space(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len;) {
        uint32_t code;
        size_t len = utf8_at(in, i, &code);

        if (!is_space(code))
            value_put(out, in.ptr + i, len);
        i += len;
    }
}

/* Simple case folding of ASCII, Latin-1, Greek and Cyrillic letters. */
static uint32_t
folded(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z') || (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
        (code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f))
        return code + 32;
    if (code >= 0x400 && code <= 0x40f)
        return code + 80;
    return code;
}

static void
value_put_code(struct value *out, uint32_t code)
{
    char bytes[4] = { (char)(code >> 24), (char)(code >> 16), (char)(code >> 8), (char)code };

    value_put(out, bytes, sizeof(bytes));
}

static void
case_folded(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len;) {
        uint32_t code;

        i += utf8_at(in, i, &code);
        value_put_code(out, folded(code));
    }
}

static void
without_slash(struct value *out, struct str in)
{
    size_t query = str_find_byte(in, '?');
    struct str path = str_slice(in, 0, query == SIZE_MAX ? in.len : query);

    if (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    value_put_str(out, path);
    if (query != SIZE_MAX)
        value_put_str(out, str_from_offset(in, query));
}

static void
without_spn(struct value *out, struct str in)
{
    value_put_str(out, str_starts_nocase(in, STR("spn:")) ? str_from_offset(in, 4) : in);
}

static void
without_fragment(struct value *out, struct str in)
{
    value_put_str(out, str_slice(in, 0, str_find_byte(in, '#')));
}

static void
without_query(struct value *out, struct str in)
{
    value_put_str(out, str_slice(in, 0, str_find_byte(in, '?')));
}

/* urn:oasis:name:tc: for urn:oasis:names:tc:, as one page of documentation once printed it. */
static void
urn_corrected(struct value *out, struct str in)
{
    static const struct str wrong = STR_INIT("urn:oasis:name:tc:");

    if (str_starts_nocase(in, wrong)) {
        value_put_str(out, STR("urn:oasis:names:tc:"));
        in = str_from_offset(in, wrong.len);
    }
    value_put_str(out, in);
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void
percent_decoded(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];

        if (c == '%' && i + 2 < in.len && hex_value(in.ptr[i + 1]) >= 0 && hex_value(in.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(in.ptr[i + 1]) * 16 + hex_value(in.ptr[i + 2]));
            i += 2;
        }
        value_put(out, &c, 1);
    }
}

static void
without_default_port(struct value *out, struct str in)
{
    struct url url;

    if (!url_split(in, &url) || !str_present(url.port) || !url_default_port(&url)) {
        value_put_str(out, in);
        return;
    }
    value_put(out, in.ptr, (size_t)(url.port.ptr - in.ptr) - 1);
    value_put_str(out, str_from_offset(in, (size_t)(url.port.ptr - in.ptr) + url.port.len));
}

static void
without_scheme(struct value *out, struct str in)
{
    struct value bare = { .len = 0 };
    struct url url;

    without_default_port(&bare, in);
    in = (struct str){ bare.bytes, bare.len };
    if (url_split(in, &url) && (str_eq_nocase(url.scheme, STR("http")) || str_eq_nocase(url.scheme, STR("https"))))
        in = str_from_offset(in, url.scheme.len);
    value_put_str(out, in);
}

static void
without_www(struct value *out, struct str in)
{
    struct url url;

    if (url_split(in, &url) && str_starts_nocase(url.host, STR("www."))) {
        value_put(out, in.ptr, (size_t)(url.host.ptr - in.ptr));
        in = str_from_offset(in, (size_t)(url.host.ptr - in.ptr) + 4);
    }
    value_put_str(out, in);
}

/* Every Region label becomes the same; before a host it vanishes, as the global endpoint has none. */
static void
without_region(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len;) {
        bool start = i == 0 || strchr("/.:-", in.ptr[i - 1]) != NULL;
        size_t len = start && in.ptr[i] != '\0' ? aws_region_length(str_from_offset(in, i)) : 0;

        if (len == 0) {
            value_put(out, in.ptr + i++, 1);
            continue;
        }
        i += len;
        if (i < in.len && in.ptr[i] == '.')
            i++;
        else
            value_put(out, "@", 1);
    }
}

struct partition_word {
    struct str word;
    const char *as; /* what it is, whatever the partition */
};

/* What is spelt differently in the partitions of AWS, longest first. */
static const struct partition_word partition_words[] = {
    { STR_INIT("urn:amazon:webservices:govcloud"), "@urn" },
    { STR_INIT("urn:amazon:webservices:cn-northwest-1"), "@urn" },
    { STR_INIT("urn:amazon:webservices:cn-north-1"), "@urn" },
    { STR_INIT("urn:amazon:webservices"), "@urn" },
    { STR_INIT("arn:aws-us-gov:"), "@arn" },
    { STR_INIT("arn:aws-iso-b:"), "@arn" },
    { STR_INIT("arn:aws-iso:"), "@arn" },
    { STR_INIT("arn:aws-cn:"), "@arn" },
    { STR_INIT("arn:aws:"), "@arn" },
    { STR_INIT("signin.amazonaws-us-gov.com"), "@signin" },
    { STR_INIT("signin.aws.amazon.com"), "@signin" },
    { STR_INIT("signin.amazonaws.cn"), "@signin" },
    { STR_INIT("aws.amazon.com"), "@site" },
    { STR_INIT("www.amazonaws.cn"), "@site" },
};

static const struct partition_word *
partition_word_at(struct str s)
{
    for (size_t i = 0; i < COUNT_OF(partition_words); i++)
        if (str_starts_nocase(s, partition_words[i].word))
            return &partition_words[i];
    return NULL;
}

static void
put_without_partition(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len;) {
        const struct partition_word *hit = partition_word_at(str_from_offset(in, i));

        if (hit == NULL) {
            value_put(out, in.ptr + i++, 1);
            continue;
        }
        value_put_str(out, str_from(hit->as));
        i += hit->word.len;
    }
}

/* The Region goes as well: partitions have none in common. Entity IDs that end in one come first. */
static void
without_partition(struct value *out, struct str in)
{
    struct value named = { .len = 0 };

    put_without_partition(&named, in);
    without_region(out, (struct str){ named.bytes, named.len });
}

struct look_alike {
    uint32_t code;
    uint32_t as;
};

/* The ones that are met in mistyped and in forged names, not the whole Unicode table. */
static const struct look_alike look_alikes[] = {
    { 'I', 'l' },    { '1', 'l' },    { '|', 'l' },    { 'O', '0' },    { 0x430, 'a' },   { 0x435, 'e' },
    { 0x43e, 'o' },  { 0x440, 'p' },  { 0x441, 'c' },  { 0x443, 'y' },  { 0x445, 'x' },   { 0x455, 's' },
    { 0x456, 'i' },  { 0x458, 'j' },  { 0x4bb, 'h' },  { 0x501, 'd' },  { 0x51b, 'q' },   { 0x51d, 'w' },
    { 0x410, 'A' },  { 0x412, 'B' },  { 0x415, 'E' },  { 0x41a, 'K' },  { 0x41c, 'M' },   { 0x41d, 'H' },
    { 0x41e, '0' },  { 0x420, 'P' },  { 0x421, 'C' },  { 0x422, 'T' },  { 0x425, 'X' },   { 0x391, 'A' },
    { 0x392, 'B' },  { 0x395, 'E' },  { 0x39f, '0' },  { 0x3bf, 'o' },  { 0x3b1, 'a' },   { 0x3bd, 'v' },
    { 0x131, 'i' },  { 0x251, 'a' },  { 0x261, 'g' },  { 0x2010, '-' }, { 0x2011, '-' },  { 0x2012, '-' },
    { 0x2013, '-' }, { 0x2014, '-' }, { 0x2212, '-' }, { 0x00ad, 0 },   { 0x2018, '\'' }, { 0x2019, '\'' },
    { 0x201c, '"' }, { 0x201d, '"' }, { 0x2044, '/' }, { 0x2215, '/' }, { 0xa789, ':' },  { 0x2236, ':' },
};

static uint32_t
plain_look(uint32_t code)
{
    if (code >= 0xff01 && code <= 0xff5e) /* full-width forms */
        code -= 0xfee0;
    for (size_t i = 0; i < COUNT_OF(look_alikes); i++)
        if (look_alikes[i].code == code)
            return look_alikes[i].as;
    return code;
}

static void
looks(struct value *out, struct str in)
{
    for (size_t i = 0; i < in.len;) {
        uint32_t code;

        i += utf8_at(in, i, &code);
        code = plain_look(code);
        if (code != 0)
            value_put_code(out, code);
    }
}

/* Same host or same path: only for URLs of one scheme, and only when the common part says something. */
static enum near_miss
url_part(struct str expected, struct str received)
{
    struct url a, b;

    if (!url_split(expected, &a) || !url_split(received, &b))
        return NEAR_MISS_NONE;
    if (str_eq_nocase(a.host, b.host) && !str_eq(a.path, b.path))
        return NEAR_MISS_PATH;
    if (!str_eq_nocase(a.host, b.host) && str_eq(a.path, b.path) && a.path.len > 1)
        return NEAR_MISS_HOST;
    return NEAR_MISS_NONE;
}

struct near_miss_rule {
    enum near_miss near_miss;
    void (*rule)(struct value *out, struct str in);
};

/* Most specific first. */
static const struct near_miss_rule rules[] = {
    { NEAR_MISS_WHITE_SPACE, without_space },
    { NEAR_MISS_CASE, case_folded },
    { NEAR_MISS_TRAILING_SLASH, without_slash },
    { NEAR_MISS_TYPO_URN, urn_corrected },
    { NEAR_MISS_SPN_PREFIX, without_spn },
    { NEAR_MISS_DEFAULT_PORT, without_default_port },
    { NEAR_MISS_SCHEME, without_scheme },
    { NEAR_MISS_WWW, without_www },
    { NEAR_MISS_PERCENT_ENCODING, percent_decoded },
    { NEAR_MISS_FRAGMENT, without_fragment },
    { NEAR_MISS_QUERY, without_query },
    { NEAR_MISS_REGION, without_region },
    { NEAR_MISS_PARTITION, without_partition },
    { NEAR_MISS_LOOK_ALIKE, looks },
};

enum near_miss
near_miss_of(struct str expected, struct str received)
{
    /* Code points are written as four bytes each, hence the quarter. */
    if (str_eq(expected, received) || expected.len == 0 || received.len == 0 || expected.len > VALUE_BYTES / 4 ||
        received.len > VALUE_BYTES / 4)
        return NEAR_MISS_NONE;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (alike(expected, received, rules[i].rule))
            return rules[i].near_miss;
    return url_part(expected, received);
}
