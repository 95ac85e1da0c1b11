/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws_evidence.h"
#include "case_parts.h"
#include "jwk.h"
#include "jwt_maker.h"
#include "metadata.h"
#include "saml_maker.h"

static bool
add_metadata(struct case_runner *runner, const char *option)
{
    struct settings *settings = runner->settings;
    struct str name = case_file_option(runner->file, option);
    struct str xml;
    struct str reason;
    if (!str_present(name)) {
        return true;
    }
    if (!case_fill(runner, name, CASE_STAGE_METADATA, &xml)) {
        return false;
    }
    struct metadata *metadata = arena_alloc(runner->arena, sizeof(*metadata));
    if (!metadata || !metadata_read_signed(runner->arena, xml, name, settings->metadata_signers, metadata, &reason)) {
        return case_complain(runner, "not metadata", name);
    }
    struct metadata **list = arena_calloc(runner->arena, settings->metadata_count + 1, sizeof(*list));
    if (settings->metadata_count) {
        memcpy(list, settings->metadata, settings->metadata_count * sizeof(*list));
    }
    list[settings->metadata_count++] = metadata;
    settings->metadata = list;
    for (size_t i = 0; i < metadata->entity_count; i++) {
        const struct metadata_entity *entity = &metadata->entities[i];
        for (size_t k = 0; k < entity->idp.key_count; k++) {
            if (entity->idp.keys[k].use != KEY_USE_ENCRYPTION &&
                !key_set_add_certificate(settings->keys, entity->idp.keys[k].certificate.der, name,
                                         entity->entity_id)) {
                return case_complain(runner, "metadata certificate not usable", name);
            }
        }
    }
    return true;
}

static bool
add_metadata_signer(struct case_runner *runner)
{
    struct str name = case_file_option(runner->file, "--metadata-cert");
    const char *bad = NULL;
    if (!str_present(name)) {
        return true;
    }
    const char *pem = saml_maker_certificate_pem(case_c_string(runner, name));
    runner->settings->metadata_signers = key_set_new();
    return (pem && key_set_add_trusted(runner->settings->metadata_signers, str_from(pem), STR("signer.pem"),
                                       (struct str){ 0 }, &bad) == 1) ||
           case_complain(runner, "--metadata-cert: no such key", name);
}

static bool
add_keys(struct case_runner *runner)
{
    const char *bad = NULL;
    struct str trusted = case_file_option(runner->file, "--idp-cert");
    struct str decrypt = case_file_option(runner->file, "--decrypt-key");
    while (trusted.len > 0) {
        struct str word, tail;
        str_cut(trusted, ' ', &word, &tail);
        trusted = tail;
        const char *pem = saml_maker_certificate_pem(case_c_string(runner, word));
        if (!pem ||
            key_set_add_trusted(runner->settings->keys, str_from(pem), STR("idp.pem"), (struct str){ 0 }, &bad) == 0) {
            return case_complain(runner, "--idp-cert: no such key", word);
        }
    }
    if (str_present(decrypt)) {
        const char *pem = saml_maker_private_pem(case_c_string(runner, decrypt));
        if (!pem || !key_set_add_decryption(runner->settings->keys, str_from(pem), (struct str){ 0 }, &bad)) {
            return case_complain(runner, "--decrypt-key: no such key", decrypt);
        }
    }
    return true;
}

/* What the options of the lists hold stands in the case itself, as one line of JSON. */
static bool
add_evidence(struct case_runner *runner)
{
    static const char *const names[] = { "--idc-users",       "--idc-groups", "--idc-memberships",
                                         "--idc-assignments", "--iam-role",   "--iam-saml-provider",
                                         "--cloudtrail",      "--evidence",   "--evidence-2",
                                         "--idp-log" };
    struct settings *settings = runner->settings;
    struct str why = { 0 };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct str text = case_file_option(runner->file, names[i]);
        if (!str_present(text)) {
            continue;
        }
        settings->evidence =
            settings->evidence ? settings->evidence : arena_alloc(runner->arena, sizeof(*settings->evidence));
        if (!settings->evidence ||
            !aws_evidence_read(runner->arena, text, str_from(names[i]), AWS_EVIDENCE_ANY, settings->evidence, &why)) {
            return case_complain(runner, names[i], why);
        }
    }
    return true;
}

static bool
add_jwks(struct case_runner *runner)
{
    struct str names = case_file_option(runner->file, "--jwks");
    const char *bad;
    if (!str_present(names)) {
        return true;
    }
    runner->settings->jwks = jwk_set_new();
    return jwk_set_add(runner->settings->jwks, jwt_maker_jwks(runner->arena, names), &bad) ||
           case_complain(runner, "--jwks: no such key", names);
}

/* --pack and --strict take one name, --set one ID=SEVERITY; the option table itself has tests of its own. */
static bool
add_packs(struct case_runner *runner)
{
    struct str pack = case_file_option(runner->file, "--pack"), strict = case_file_option(runner->file, "--strict");
    if (str_present(pack)) {
        runner->settings->packs |= 1u << check_pack_by_name(pack);
    }
    if (str_present(strict)) {
        runner->settings->strict_packs |= 1u << check_pack_by_name(strict);
        runner->settings->packs |= runner->settings->strict_packs;
    }
    return (runner->settings->packs >> PACK_COUNT) == 0 || case_complain(runner, "no such pack", pack);
}

static bool
add_overrides(struct case_runner *runner)
{
    struct settings *settings = runner->settings;
    struct str set = case_file_option(runner->file, "--set"), id, severity;
    if (!str_present(set)) {
        return true;
    }
    settings->overrides = arena_alloc(runner->arena, sizeof(*settings->overrides));
    if (!settings->overrides || !str_cut(set, '=', &id, &severity) || !check_find(id)) {
        return case_complain(runner, "--set: not ID=SEVERITY", set);
    }
    settings->overrides[0].id = id;
    for (int i = SEVERITY_INFO; i <= SEVERITY_ERROR; i++) {
        if (str_eq_c(severity, severity_name((enum severity)i))) {
            settings->overrides[0].severity = i;
            settings->override_count = 1;
        }
    }
    return settings->override_count == 1 || case_complain(runner, "--set: no severity", severity);
}

bool
case_settings(struct case_runner *runner)
{
    const struct case_file *file = runner->file;
    struct settings *settings = arena_alloc(runner->arena, sizeof(*settings));
    uint64_t skew = 180;
    struct str now = case_file_option(file, "--now");
    struct str skew_text = case_file_option(file, "--clock-skew");
    struct xstime time = { 0 };
    runner->settings = settings;
    settings->arena = runner->arena;
    settings->keys = key_set_new();
    settings->second_opinion = true;
    settings->idp_entity_id = case_file_option(file, "--idp-entity-id");
    settings->sp_entity_id = case_file_option(file, "--sp-entity-id");
    settings->acs_url = case_file_option(file, "--acs-url");
    settings->request_id = case_file_option(file, "--request-id");
    settings->profile_name = case_file_option(file, "--profile");
    settings->want_assertions_signed = str_present(case_file_option(file, "--want-assertions-signed"));
    settings->want_response_signed = str_present(case_file_option(file, "--want-response-signed"));
    if (str_present(skew_text) && !str_to_u64(skew_text, &skew)) {
        return case_complain(runner, "--clock-skew is no number", skew_text);
    }
    settings->clock_skew_s = (int)skew;
    /* Taken back: this machine's clock, which a test pins years behind every message. */
    settings->has_now = now.len > 0;
    if (!xstime_parse(settings->has_now ? now : STR("2030-01-01T00:00:00Z"), &time)) {
        return case_complain(runner, "--now is no time", now);
    }
    settings->now_ms = settings->fallback_now_ms = time.ms;
    return add_packs(runner) && add_overrides(runner) && add_evidence(runner) && add_keys(runner) && add_jwks(runner) &&
           add_metadata_signer(runner) && add_metadata(runner, "--idp-metadata") &&
           add_metadata(runner, "--sp-metadata");
}
