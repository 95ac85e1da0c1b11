/* SPDX-License-Identifier: MIT */
#include "aws_evidence_rows.h"
#include "json_text.h"

/* The instance of Identity Center and what surrounds it: organization, Regions, attributes for access control. */

enum { MAX_KEYS = 200 };

bool
aws_evidence_instance_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_instance *row = aws_evidence_grow(arena, (void **)&evidence->instances, &evidence->instance_count,
                                                 &evidence->instance_capacity, sizeof(*row));

    (void)source;
    if (row == NULL)
        return false;
    row->arn = json_text_string(arena, value, "InstanceArn");
    row->store_id = json_text_string(arena, value, "IdentityStoreId");
    row->owner = json_text_string(arena, value, "OwnerAccountId");
    return !arena_failed(arena);
}

bool
aws_evidence_organization_row(struct arena *arena, const json_t *value, struct str source,
                              struct aws_evidence *evidence)
{
    (void)source;
    evidence->management_account = json_text_string(arena, value, "MasterAccountId");
    return !arena_failed(arena);
}

/* The two commands have words of their own for the same. */
bool
aws_evidence_region_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    static const struct {
        const char *word;
        enum region_state state;
    } words[] = {
        { "ENABLED_BY_DEFAULT", REGION_BY_DEFAULT },
        { "opt-in-not-required", REGION_BY_DEFAULT },
        { "ENABLED", REGION_OPTED_IN },
        { "opted-in", REGION_OPTED_IN },
        { "DISABLED", REGION_OFF },
        { "DISABLING", REGION_OFF },
        { "not-opted-in", REGION_OFF },
    };
    struct aws_region *row = aws_evidence_grow(arena, (void **)&evidence->regions, &evidence->region_count,
                                               &evidence->region_capacity, sizeof(*row));
    struct str state = json_text_string(arena, value, "RegionOptStatus");

    (void)source;
    if (row == NULL)
        return false;
    if (!str_present(state))
        state = json_text_string(arena, value, "OptInStatus");
    row->name = json_text_string(arena, value, "RegionName");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq_nocase(state, str_from(words[i].word)))
            row->state = words[i].state;
    return !arena_failed(arena);
}

bool
aws_evidence_abac_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    const json_t *list = json_object_get(value, "AccessControlAttributes");
    size_t count = json_array_size(list) < MAX_KEYS ? json_array_size(list) : MAX_KEYS;

    (void)source;
    evidence->abac_key_count = 0;
    evidence->abac_keys = arena_calloc(arena, count + 1, sizeof(*evidence->abac_keys));
    for (size_t i = 0; evidence->abac_keys != NULL && i < count; i++) {
        struct str key = json_text_string(arena, json_array_get(list, i), "Key");

        if (key.len > 0)
            evidence->abac_keys[evidence->abac_key_count++] = key;
    }
    return evidence->abac_keys != NULL && !arena_failed(arena);
}
