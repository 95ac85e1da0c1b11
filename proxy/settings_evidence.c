/* SPDX-License-Identifier: MIT */
#include "settings_evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws_evidence.h"
#include "file.h"
#include "inflate.h"
#include "memory.h"
#include "metadata.h"

#define KIND(name) (1U << AWS_EVIDENCE_##name)

static const struct {
    enum option_id option;
    unsigned wanted;
} rows[] = {
    { OPT_IDC_USERS, KIND(USERS) },
    { OPT_IDC_GROUPS, KIND(GROUPS) },
    { OPT_IDC_MEMBERSHIPS, KIND(MEMBERSHIPS) },
    { OPT_IDC_ASSIGNMENTS, KIND(ASSIGNMENTS) | KIND(PROVISIONING) },
    { OPT_IAM_ROLE, KIND(ROLE) | KIND(ROLE_LIST) },
    { OPT_IAM_SAML_PROVIDER, KIND(PROVIDER) | KIND(PROVIDER_LIST) },
    { OPT_CLOUDTRAIL, KIND(TRAIL) },
    { OPT_IDP_LOG, KIND(IDP_LOG) },
    { OPT_EVIDENCE_DIR, AWS_EVIDENCE_ANY },
};

/* What IAM was given as metadata is what it trusts: so do we. */
static bool
trust_metadata(struct settings *settings, struct str document, const char *path, char **why)
{
    struct metadata *metadata = arena_alloc(settings->arena, sizeof(*metadata));
    struct metadata **list = arena_calloc(settings->arena, settings->metadata_count + 1, sizeof(*list));
    struct str reason = { 0 }, name = arena_printf(settings->arena, "IAM SAML provider %s", path);

    if (metadata == NULL || list == NULL) {
        *why = xprintf("%s: out of memory", path);
        return false;
    }
    if (!metadata_read(settings->arena, document, name, metadata, &reason)) {
        *why = xprintf("%s: its SAMLMetadataDocument: %.*s; save the output of 'aws iam get-saml-provider' again", path,
                       STR_ARG(reason));
        return false;
    }
    if (settings->metadata_count > 0)
        memcpy(list, settings->metadata, settings->metadata_count * sizeof(*list));
    list[settings->metadata_count++] = metadata;
    settings->metadata = list;
    metadata_add_keys(metadata, settings->keys);
    return true;
}

/* CloudTrail delivers its log files compressed. *plain borrows from the arena, or is bytes itself. */
static bool
decompress(struct arena *arena, struct str bytes, const char *path, struct str *plain, char **why)
{
    size_t used;

    *plain = bytes;
    if (!str_starts_c(bytes, "\x1f\x8b"))
        return true;
    switch (inflate_bytes(arena, bytes, INFLATE_GZIP, FILE_MAX_BYTES, plain, &used)) {
    case INFLATE_OK:
    case INFLATE_TRAILING:
        return true;
    case INFLATE_TOO_LARGE:
        *why = xprintf("%s: too much comes out of its gzip data", file_display_name(path));
        return false;
    case INFLATE_DAMAGED:
        *why = xprintf("%s: gzip data that is damaged or cut off; download the file again", file_display_name(path));
        return false;
    case INFLATE_NO_MEMORY:
        break;
    }
    *why = xprintf("%s: out of memory", file_display_name(path));
    return false;
}

static bool
read_one(struct settings *settings, unsigned wanted, const char *path, char **why)
{
    struct str reason = { 0 };
    struct buf file;
    size_t before = settings->evidence->provider_metadata_count;
    bool done = file_read_input(path, FILE_MAX_BYTES, &file, why);
    struct arena *inflated = arena_new(2 * (size_t)FILE_MAX_BYTES);
    struct str bytes = { 0 };

    done = done && inflated != NULL && decompress(inflated, buf_str(&file), path, &bytes, why);
    if (done && !aws_evidence_read(settings->arena, bytes, arena_copy_c(settings->arena, path), wanted,
                                   settings->evidence, &reason)) {
        *why = xprintf("%s: %.*s", file_display_name(path), STR_ARG(reason));
        done = false;
    }
    for (size_t i = before; done && i < settings->evidence->provider_metadata_count; i++)
        done = trust_metadata(settings, settings->evidence->provider_metadata[i], path, why);
    arena_free(inflated);
    buf_release(&file);
    return done;
}

static bool
read_directory(struct settings *settings, unsigned wanted, const char *directory, char **why)
{
    size_t count = 0, used = 0;
    char **paths = file_list_directory(directory, &count, why);
    bool done = true, written_by_us = false;

    if (paths == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        written_by_us |= str_ends_c(str_from(paths[i]), "-check.sh");
        if (done && (str_ends_c(str_from(paths[i]), ".json") || str_ends_c(str_from(paths[i]), ".json.gz"))) {
            done = read_one(settings, wanted, paths[i], why);
            used++;
        }
        free(paths[i]);
    }
    free(paths);
    if (done && used == 0) {
        *why = xprintf("%s: no file in it ends in .json or .json.gz%s", directory,
                       written_by_us ? "; it holds what --evidence wrote, which is not read back: --evidence-dir takes "
                                       "lists that the AWS CLI printed"
                                     : "");
        done = false;
    }
    return done;
}

/* --evidence-dir reads, --evidence writes: a directory that is not there yet was meant for the other. */
static bool
is_meant_to_be_written(enum option_id option, const char *path, char **why)
{
    if (option != OPT_EVIDENCE_DIR || access(path, F_OK) == 0 || errno != ENOENT)
        return false;
    *why = xprintf("--evidence-dir %s: there is no such directory; it reads lists that the AWS CLI printed. To have "
                   "the bytes behind signatures written into a new directory, use --evidence %s",
                   path, path);
    return true;
}

bool
settings_read_evidence(struct settings *settings, const struct options *options, char **why)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < options_list_count(options, rows[i].option); k++) {
            const char *path = options_list_at(options, rows[i].option, k);

            if (settings->evidence == NULL)
                settings->evidence = arena_alloc(settings->arena, sizeof(*settings->evidence));
            if (settings->evidence == NULL) {
                *why = xprintf("%s: out of memory", path);
                return false;
            }
            if (is_meant_to_be_written(rows[i].option, path, why))
                return false;
            if (!(file_is_directory(path) ? read_directory(settings, rows[i].wanted, path, why)
                                          : read_one(settings, rows[i].wanted, path, why)))
                return false;
        }
    return true;
}
