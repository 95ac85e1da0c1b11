/* SPDX-License-Identifier: MIT */
#include "certificate_uses.h"

#include <string.h>

struct role {
    const char *name;
    const char *words;
};

struct use_list {
    struct arena *arena;
    struct certificate_use *items;
    size_t count, capacity;
};

static bool
is_same(const struct certificate_facts *a, const struct certificate_facts *b)
{
    return a->der.len > 0 ? str_eq(a->der, b->der)
                          : b->der.len == 0 && a->spki_sha256[0] != '\0' && strcmp(a->spki_sha256, b->spki_sha256) == 0;
}

static void
add(struct use_list *list, const struct role *role, struct str of, const struct certificate_facts *facts)
{
    struct certificate_use use = { .role = role->name, .words = role->words, .of = of, .facts = facts };

    if (facts == NULL)
        return;
    for (size_t i = 0; i < list->count && use.same_as == 0; i++)
        if (is_same(list->items[i].facts, facts))
            use.same_as = i + 1;
    if (arena_grow(list->arena, (void **)&list->items, list->count, &list->capacity, sizeof(*list->items)))
        list->items[list->count++] = use;
}

static void
add_role(struct use_list *list, struct str entity_id, const struct metadata_role *role)
{
    static const struct role roles[] = {
        [KEY_USE_BOTH] = { "metadata", "any use, by the metadata of" },
        [KEY_USE_SIGNING] = { "metadata-signing", "signing, by the metadata of" },
        [KEY_USE_ENCRYPTION] = { "metadata-encryption", "encryption, by the metadata of" },
    };

    for (size_t i = 0; i < role->key_count; i++)
        add(list, &roles[role->keys[i].use], entity_id, &role->keys[i].certificate);
}

struct certificate_use *
certificate_uses(struct arena *arena, const struct saml_message *saml, size_t *count)
{
    static const struct role keyinfo = { "keyinfo", "KeyInfo of" };
    static const struct role given = { "verified-by-given", "given, and verifies" };
    static const struct role verified = { "verified-by", "verifies" };
    struct use_list list = { .arena = arena };

    *count = 0;
    if (saml == NULL)
        return NULL;
    for (size_t i = 0; i < saml->signature_count; i++) {
        const struct dsig_signature *signature = &saml->signatures[i];

        for (size_t k = 0; k < signature->keyinfo_count; k++)
            add(&list, &keyinfo, signature->parent_name, &signature->keyinfo[k]);
        add(&list, signature->trusted ? &given : &verified, signature->parent_name, signature->key);
    }
    for (size_t i = 0; saml->metadata != NULL && i < saml->metadata->entity_count; i++) {
        const struct metadata_entity *entity = &saml->metadata->entities[i];

        add_role(&list, entity->entity_id, &entity->idp);
        add_role(&list, entity->entity_id, &entity->sp);
    }
    *count = list.count;
    return list.items;
}
