/* SPDX-License-Identifier: MIT */
#include "finding.h"

#include "memory_watch.h"

void
findings_init(struct findings *findings, struct arena *arena)
{
    *findings = (struct findings){ .arena = arena, .refusals = memory_refusals() };
}

bool
findings_short_of_memory(const struct findings *findings)
{
    return findings->refusals != memory_refusals();
}

struct finding *
findings_add(struct findings *findings)
{
    struct finding *finding;
    void *items = findings->items;

    findings->scratch = (struct finding){ .first_difference = SIZE_MAX };
    if (findings->count >= FINDINGS_MAX || findings_short_of_memory(findings))
        goto refused;
    finding = arena_alloc(findings->arena, sizeof(*finding));
    if (finding == NULL ||
        !arena_grow(findings->arena, &items, findings->count, &findings->capacity, sizeof(*findings->items)))
        goto refused;
    findings->items = items;
    findings->items[findings->count++] = finding;
    finding->first_difference = SIZE_MAX;
    return finding;
refused:
    findings->incomplete = true;
    return &findings->scratch;
}

void
findings_skip(struct findings *findings, const struct check *check, struct str why)
{
    void *skipped = findings->skipped;

    for (size_t i = 0; i < findings->skipped_count; i++)
        if (findings->skipped[i].check == check && str_eq(findings->skipped[i].why, why))
            return;
    if (findings->skipped_count >= FINDINGS_MAX ||
        !arena_grow(findings->arena, &skipped, findings->skipped_count, &findings->skipped_capacity,
                    sizeof(*findings->skipped))) {
        findings->incomplete = true;
        return;
    }
    findings->skipped = skipped;
    findings->skipped[findings->skipped_count++] = (struct not_checked){ .check = check, .why = why };
}

void
findings_note_run(struct findings *findings, size_t number)
{
    if (number < CHECKS_MAX)
        findings->ran[number / 8] |= (uint8_t)(1u << number % 8);
}

bool
findings_did_run(const struct findings *findings, size_t number)
{
    return number < CHECKS_MAX && (findings->ran[number / 8] >> number % 8 & 1) != 0;
}

struct near_miss_text {
    const char *name;
    const char *words;
};

static const struct near_miss_text near_miss_texts[NEAR_MISS_COUNT] = {
    [NEAR_MISS_NONE] = { "none", "is another value" },
    [NEAR_MISS_CASE] = { "case", "differs only in upper and lower case" },
    [NEAR_MISS_TRAILING_SLASH] = { "trailing-slash", "differs only by a trailing slash" },
    [NEAR_MISS_SCHEME] = { "scheme", "differs only in http against https" },
    [NEAR_MISS_DEFAULT_PORT] = { "default-port", "differs only by a default port that is written out" },
    [NEAR_MISS_WHITE_SPACE] = { "white-space", "differs only in white space" },
    [NEAR_MISS_PERCENT_ENCODING] = { "percent-encoding", "differs only in percent-encoding" },
    [NEAR_MISS_WWW] = { "www", "differs only by www. before the host" },
    [NEAR_MISS_SPN_PREFIX] = { "spn-prefix", "differs only by the prefix spn:" },
    [NEAR_MISS_QUERY] = { "query", "differs only in the query" },
    [NEAR_MISS_PATH] = { "path", "has the same host, but another path" },
    [NEAR_MISS_HOST] = { "host", "has the same path, but another host" },
    [NEAR_MISS_REGION] = { "region", "differs only in the AWS Region" },
    [NEAR_MISS_PARTITION] = { "partition", "belongs to another AWS partition" },
    [NEAR_MISS_FRAGMENT] = { "fragment", "differs only by a #fragment" },
    [NEAR_MISS_TYPO_URN] = { "typo-urn", "differs only by a misspelt urn:oasis:names:tc" },
    [NEAR_MISS_LOOK_ALIKE] = { "look-alike", "has characters that only look the same" },
};

const char *
near_miss_name(enum near_miss near_miss)
{
    return near_miss_texts[near_miss < NEAR_MISS_COUNT ? near_miss : NEAR_MISS_NONE].name;
}

const char *
near_miss_words(enum near_miss near_miss)
{
    return near_miss_texts[near_miss < NEAR_MISS_COUNT ? near_miss : NEAR_MISS_NONE].words;
}

/* True when the byte at i is inside a UTF-8 character, not at its start. */
static bool
inside_character(struct str s, size_t i)
{
    return i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80;
}

size_t
first_difference(struct str expected, struct str received)
{
    size_t i = 0, back;

    while (i < expected.len && i < received.len && expected.ptr[i] == received.ptr[i])
        i++;
    if (i == expected.len && i == received.len)
        return SIZE_MAX;
    /* A character has at most three continuation bytes; a longer run is no UTF-8. */
    for (back = 0; back < 3 && back < i; back++)
        if (!inside_character(expected, i - back) && !inside_character(received, i - back))
            break;
    if (inside_character(expected, i - back) || inside_character(received, i - back))
        back = 0;
    return i - back;
}
