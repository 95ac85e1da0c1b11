/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Every table that the build found: once as declarations, once as the array. */
#define CHECK_LIST_ENTRY(set_name) extern const struct check_set set_name;
#include "check_list.h"
#undef CHECK_LIST_ENTRY

#define CHECK_LIST_ENTRY(set_name) &(set_name),
static const struct check_set *const check_sets[] = {
#include "check_list.h"
    NULL, /* so that an empty list is an array, too */
};
#undef CHECK_LIST_ENTRY

size_t
check_set_count(void)
{
    return COUNT_OF(check_sets) - 1;
}

const struct check_set *
check_set_at(size_t i)
{
    return i < check_set_count() ? check_sets[i] : NULL;
}

const char *
check_pack_name(enum check_pack pack)
{
    static const char *const names[PACK_COUNT] = {
        [PACK_STANDARD] = "standard",
        [PACK_SAML2INT] = "saml2int",
        [PACK_ADVICE] = "advice",
    };

    return (unsigned)pack < PACK_COUNT ? names[pack] : "unknown";
}

enum check_pack
check_pack_by_name(struct str name)
{
    for (int pack = 0; pack < PACK_COUNT; pack++)
        if (str_eq_c(name, check_pack_name((enum check_pack)pack)))
            return (enum check_pack)pack;
    return PACK_COUNT;
}

bool
check_is_strict(const struct check *check, enum check_pack pack)
{
    if (check->pack == pack)
        return true;
    return pack == PACK_SAML2INT && check->pack == PACK_STANDARD && check->spec != NULL &&
           strstr(check->spec, "SDP-") != NULL;
}

const char *
check_spec(const struct check *check)
{
    return check->spec != NULL && strcmp(check->spec, "-") != 0 ? check->spec : NULL;
}

const struct check *
check_find(struct str id)
{
    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_sets[i]->count; k++)
            if (str_eq_c(id, check_sets[i]->rows[k].id))
                return &check_sets[i]->rows[k];
    return NULL;
}

size_t
check_number(const struct check *check)
{
    size_t before = 0;

    for (size_t i = 0; i < check_set_count(); before += check_sets[i]->count, i++)
        for (size_t k = 0; k < check_sets[i]->count; k++)
            if (&check_sets[i]->rows[k] == check)
                return before + k;
    return CHECKS_MAX;
}

bool
check_passed(const struct findings *findings, const struct check *check, size_t number)
{
    if (!findings_did_run(findings, number))
        return false;
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i]->check == check)
            return false;
    for (size_t i = 0; i < findings->skipped_count; i++)
        if (findings->skipped[i].check == check)
            return false;
    return true;
}

struct str
check_would_pass(const struct check_run *run, int64_t gap_ms)
{
    if (gap_ms > CHECK_MOST_SKEW_MS)
        return STR("");
    return arena_printf(run->arena, " It would pass with a clock skew of %lld s or more (now %lld s).",
                        (long long)((gap_ms + 999) / 1000), (long long)(run->context->skew_ms / 1000));
}

struct finding *
check_report(struct check_run *run, const struct check *check, struct str text)
{
    struct finding *finding = findings_add(run->findings);

    finding->check = check;
    finding->severity = check->severity;
    finding->confidence = check->confidence;
    finding->message = run->message_number;
    finding->text = text;
    finding->attack = attack_of(check->attack);
    return finding;
}

struct finding *
check_reportf(struct check_run *run, const struct check *check, const char *format, ...)
{
    struct str text = { 0 };
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length >= 0) {
        char *bytes = arena_alloc(run->arena, (size_t)length + 1);

        if (bytes != NULL) {
            va_start(args, format);
            vsnprintf(bytes, (size_t)length + 1, format, args);
            va_end(args);
            text = (struct str){ bytes, (size_t)length };
        }
    }
    if (!str_present(text))
        run->findings->incomplete = true;
    return check_report(run, check, text);
}

struct finding *
finding_mismatch(struct finding *finding, struct str expected, struct str received, const char *source)
{
    finding->expected = expected;
    finding->received = received;
    finding->source = str_from(source);
    finding->first_difference = first_difference(expected, received);
    finding->near_miss = near_miss_of(expected, received);
    return finding;
}

struct finding *
finding_at(struct finding *finding, struct where where)
{
    finding->where = where;
    return finding;
}

struct finding *
finding_attack(struct finding *finding, enum attack_family family)
{
    finding->attack = attack_of(family);
    return finding;
}

void
check_skipped(struct check_run *run, const struct check *check, const char *why)
{
    findings_skip(run->findings, check, arena_copy_c(run->findings->arena, why));
}

const char *
owner_name(enum owner owner)
{
    static const char *const names[] = {
        [OWNER_IDP_ADMIN] = "idp-admin", [OWNER_SP_ADMIN] = "sp-admin", [OWNER_USER] = "user",
        [OWNER_NETWORK] = "network",     [OWNER_SAMLTAP] = "samltap",
    };

    return (size_t)owner < COUNT_OF(names) ? names[owner] : "unknown";
}

const char *
severity_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_INFO] = "info",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_ERROR] = "error",
    };

    return (size_t)severity < COUNT_OF(names) ? names[severity] : "unknown";
}

const char *
confidence_name(enum confidence confidence)
{
    static const char *const names[] = {
        [CONFIDENCE_POSSIBLE] = "possible",
        [CONFIDENCE_LIKELY] = "likely",
        [CONFIDENCE_PROVEN] = "proven",
    };

    return (size_t)confidence < COUNT_OF(names) ? names[confidence] : "unknown";
}

const char *
standing_name(enum standing standing)
{
    static const char *const names[] = {
        [STANDING_STANDARD] = "standard",
        [STANDING_DOCUMENTED] = "documented",
        [STANDING_OBSERVED] = "observed",
        [STANDING_INFERRED] = "inferred",
    };

    return (size_t)standing < COUNT_OF(names) ? names[standing] : "unknown";
}
