/* SPDX-License-Identifier: MIT */
#include "vendor.h"

#include <regex.h>
#include <string.h>

#include "attributes.h"

/* Every vendor that the build found: once as declarations, once as the array. */
#define VENDOR_LIST_ENTRY(vendor_name) extern const struct vendor vendor_name;
#include "vendor_list.h"
#undef VENDOR_LIST_ENTRY

#define VENDOR_LIST_ENTRY(vendor_name) &(vendor_name),
static const struct vendor *const vendors[] = {
#include "vendor_list.h"
    NULL, /* so that an empty list is an array, too */
};
#undef VENDOR_LIST_ENTRY

enum { SUBJECT_BYTES = 512 }; /* longer names are nobody's; keeps the matcher's work bounded */

size_t
vendor_count(void)
{
    return COUNT_OF(vendors) - 1;
}

const struct vendor *
vendor_at(size_t i)
{
    return i < vendor_count() ? vendors[i] : NULL;
}

/* Length of the plain letters, digits and dashes at the start of a pattern: what every match must hold. */
static size_t
plain_run(const char *pattern)
{
    size_t len = strspn(pattern, "abcdefghijklmnopqrstuvwxyz0123456789-/:");

    /* The last one may be optional or repeated. */
    return len > 0 && pattern[len] != '\0' && strchr("*?{", pattern[len]) != NULL ? len - 1 : len;
}

/* Length of what may be optional at the start of a pattern: a group, a bracket, a count, one character. */
static size_t
skip_run(const char *pattern)
{
    const char *end = NULL;
    int depth = 0;

    if (pattern[0] == '\\' && pattern[1] != '\0')
        return 2;
    if (pattern[0] == '[')
        end = pattern[1] != '\0' ? strchr(pattern + 2, ']') : NULL;
    else if (pattern[0] == '{')
        end = strchr(pattern, '}');
    for (size_t i = 0; pattern[0] == '(' && pattern[i] != '\0' && end == NULL; i++) {
        depth += (pattern[i] == '(') - (pattern[i] == ')');
        if (depth == 0)
            end = pattern + i;
    }
    return end != NULL ? (size_t)(end - pattern) + 1 : 1;
}

/* Compiling is the dear part, so patterns whose plain text does not even occur are passed over. */
static bool
may_match(const char *pattern, const char *subject)
{
    struct str longest = { 0 };

    for (const char *at = pattern; *at != '\0';) {
        size_t len = plain_run(at);

        if (*at == '|')
            return true;
        if (len > longest.len)
            longest = (struct str){ at, len };
        at += len > 0 ? len : skip_run(at);
    }
    return longest.len == 0 || str_find_nocase(str_from(subject), longest) != SIZE_MAX;
}

static bool
matches(const char *pattern, const char *subject)
{
    regex_t regex;
    bool hit;

    if (!may_match(pattern, subject) || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
        return false;
    hit = regexec(&regex, subject, 0, NULL, 0) == 0;
    regfree(&regex);
    return hit;
}

static bool
matches_any(const char *const *patterns, const char *subject)
{
    if (patterns == NULL)
        return false;
    for (size_t i = 0; patterns[i] != NULL; i++)
        if (matches(patterns[i], subject))
            return true;
    return false;
}

/* Copies s as a C string; false when it is empty, too long or holds a NUL. */
static bool
subject_copy(char subject[SUBJECT_BYTES], struct str s)
{
    if (s.len == 0 || s.len >= SUBJECT_BYTES || str_find_byte(s, '\0') != SIZE_MAX)
        return false;
    memcpy(subject, s.ptr, s.len);
    subject[s.len] = '\0';
    return true;
}

const struct vendor *
vendor_by_issuer(struct str entity_id, const char **how)
{
    char subject[SUBJECT_BYTES];

    *how = NULL;
    if (!subject_copy(subject, str_trim(entity_id)))
        return NULL;
    for (size_t i = 0; i < vendor_count(); i++)
        if (matches_any(vendors[i]->issuer_patterns, subject)) {
            *how = "by the form of its entity ID";
            return vendors[i];
        }
    return NULL;
}

const struct vendor *
vendor_by_host(struct str host, const char **how)
{
    char subject[SUBJECT_BYTES];

    *how = NULL;
    if (!subject_copy(subject, host))
        return NULL;
    for (size_t i = 0; i < vendor_count(); i++)
        if (matches_any(vendors[i]->host_patterns, subject)) {
            *how = "by the host of its page";
            return vendors[i];
        }
    return NULL;
}
