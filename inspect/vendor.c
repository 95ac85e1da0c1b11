/* SPDX-License-Identifier: MIT */
#include "vendor.h"

#include <regex.h>
#include <string.h>

#include "attributes.h"

/* Every vendor that the build found: once as declarations, once as the array. */
#define VENDOR_LIST_ENTRY(vendor_name) extern const struct vendor vendor_name;
#include "vendor_list.h"
#undef VENDOR_LIST_ENTRY

#define VENDOR_LIST_ENTRY(vendor_name) &vendor_name,
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

/* Compiling is the dear part, so patterns whose plain text does not even occur are passed over. */
static bool
may_match(const char *pattern, const char *subject)
{
    size_t best = 0, best_at = 0;

    if (strpbrk(pattern, "|([\\") != NULL && strchr(pattern, '|') != NULL)
        return true;
    for (size_t at = 0; pattern[at] != '\0';) {
        size_t len = plain_run(pattern + at);

        if (pattern[at] == '(' || pattern[at] == '[')
            break; /* what is inside may be optional */
        if (pattern[at] == '\\' && pattern[at + 1] != '\0') {
            at += 2;
            continue;
        }
        if (len > best) {
            best = len;
            best_at = at;
        }
        at += len > 0 ? len : 1;
    }
    if (best == 0)
        return true;
    return str_find_nocase(str_from(subject), (struct str){ pattern + best_at, best }) != SIZE_MAX;
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
