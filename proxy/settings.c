/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "check_names.h"
#include "exit_code.h"
#include "jwk.h"
#include "memory.h"
#include "settings_evidence.h"
#include "settings_files.h"
#include "stopwatch.h"
#include "xstime.h"

enum { SETTINGS_MAX_BYTES = 512 * 1024 * 1024 };

static struct str
text_option(struct settings *settings, const struct options *options, enum option_id id)
{
    return arena_copy_c(settings->arena, options_text(options, id));
}

static bool
severity_of(struct str name, enum severity *severity)
{
    for (int i = SEVERITY_INFO; i <= SEVERITY_ERROR; i++) {
        if (str_eq_c(name, severity_name((enum severity)i))) {
            *severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

/* Where the override of that check stands, or is to stand: the last word on a check is the one that counts. */
static struct severity_override *
override_of(struct settings *settings, const struct check *check)
{
    size_t i = 0;

    while (i < settings->override_count && !str_eq_c(settings->overrides[i].id, check->id))
        i++;
    settings->override_count += i == settings->override_count;
    return &settings->overrides[i];
}

/* One --set ID=SEVERITY. A security finding may be raised, never lowered. */
static bool
add_override(struct settings *settings, const char *place, const char *text, char **why)
{
    struct str id, name;
    enum severity severity;
    const struct check *check;
    struct severity_override *override;

    if (!str_cut(str_from(text), '=', &id, &name) || !severity_of(name, &severity))
        return false;
    check = check_find(id);
    if (check == NULL) {
        char *typed = xstrndup(id), *unknown = check_unknown_text(typed);

        *why = xprintf("%s: %s", place, unknown);
        free(typed);
        free(unknown);
        return false;
    }
    if (check->fixed && severity < check->severity) {
        *why = xprintf("%s: %s is a security finding; it cannot be lowered to %s, or what an attacker made would pass",
                       place, check->id, severity_name(severity));
        return false;
    }
    override = override_of(settings, check);
    override->id = str_from(check->id);
    override->severity = (int)severity;
    return true;
}

static bool
add_overrides(struct settings *settings, const struct options *options, char **why)
{
    size_t count = options_list_count(options, OPT_SET);

    settings->overrides = arena_calloc(settings->arena, count + 1, sizeof(*settings->overrides));
    for (size_t i = 0; i < count; i++)
        if (!add_override(settings, options_list_place(options, OPT_SET, i), options_list_at(options, OPT_SET, i), why))
            return false;
    return true;
}

/* The option rows take only names of packs that there are. */
static unsigned
packs_of(const struct options *options, enum option_id id)
{
    unsigned packs = 0;

    for (size_t i = 0; i < options_list_count(options, id); i++)
        packs |= 1u << check_pack_by_name(str_from(options_list_at(options, id, i)));
    return packs;
}

static bool
copy_list(struct settings *settings, const struct options *options, enum option_id id, struct str **items,
          size_t *count)
{
    size_t given = options_list_count(options, id);

    *items = arena_calloc(settings->arena, given + 1, sizeof(**items));
    if (*items == NULL)
        return false;
    for (; *count < given; ++*count)
        (*items)[*count] = arena_copy_c(settings->arena, options_list_at(options, id, *count));
    return true;
}

/* East of UTC, as this machine's zone is today. */
static int
zone_minutes(void)
{
    time_t now = time(NULL);
    struct tm local;

    return localtime_r(&now, &local) != NULL ? (int)(local.tm_gmtoff / 60) : 0;
}

/* Of this process: who has to wait for the processor still gets the whole search. */
static int64_t
processor_us(void *data)
{
    struct timespec now;

    (void)data;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static const struct stopwatch processor = { processor_us, NULL };

static void
add_plain_values(struct settings *settings, const struct options *options)
{
    const char *now = options_text(options, OPT_NOW);
    struct xstime given;

    settings->idp_entity_id = text_option(settings, options, OPT_IDP_ENTITY_ID);
    settings->sp_entity_id = text_option(settings, options, OPT_SP_ENTITY_ID);
    settings->acs_url = text_option(settings, options, OPT_ACS_URL);
    settings->request_id = text_option(settings, options, OPT_REQUEST_ID);
    settings->profile_name = text_option(settings, options, OPT_PROFILE);
    settings->clock_skew_s = (int)options_number(options, OPT_CLOCK_SKEW);
    settings->want_assertions_signed = options_flag(options, OPT_WANT_ASSERTIONS_SIGNED);
    settings->want_response_signed = options_flag(options, OPT_WANT_RESPONSE_SIGNED);
    settings->stopwatch = &processor;
    settings->second_opinion = !options_flag(options, OPT_NO_SECOND_OPINION);
    settings->strict_packs = packs_of(options, OPT_STRICT);
    settings->packs = packs_of(options, OPT_PACK) | settings->strict_packs;
    settings->keep_canonical = options_text(options, OPT_EVIDENCE) != NULL;
    settings->fallback_now_ms = (int64_t)time(NULL) * 1000;
    settings->zone_minutes = zone_minutes();
    settings->has_now = now != NULL && xstime_parse(str_from(now), &given);
    if (settings->has_now)
        settings->now_ms = given.ms;
}

struct settings *
settings_new(const struct options *options, char **why, int *code)
{
    struct settings *settings = xcalloc(1, sizeof(*settings));

    settings->arena = arena_new(SETTINGS_MAX_BYTES);
    settings->keys = key_set_new();
    settings->jwks = jwk_set_new();
    settings->metadata_signers = key_set_new();
    *code = EXIT_RUNTIME;
    if (settings->arena == NULL || settings->keys == NULL || settings->jwks == NULL ||
        settings->metadata_signers == NULL)
        goto memory;
    add_plain_values(settings, options);
    if (!copy_list(settings, options, OPT_PARAM, &settings->parameters, &settings->parameter_count) ||
        !copy_list(settings, options, OPT_ENTITY_ID, &settings->entity_ids, &settings->entity_id_count))
        goto memory;
    *code = EXIT_USAGE;
    if (!add_overrides(settings, options, why))
        goto failed;
    *code = EXIT_UNREADABLE;
    if (!settings_read_files(settings, options, why) || !settings_read_evidence(settings, options, why))
        goto failed;
    if (!arena_failed(settings->arena)) {
        *code = EXIT_PASS;
        return settings;
    }
    *code = EXIT_RUNTIME;
memory:
    *why = xstrdup("out of memory while the options were read");
failed:
    settings_free(settings);
    return NULL;
}

void
settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    key_set_free(settings->keys);
    key_set_free(settings->metadata_signers);
    jwk_set_free(settings->jwks);
    arena_free(settings->arena);
    free(settings);
}
