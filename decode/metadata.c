/* SPDX-License-Identifier: MIT */
#include "metadata.h"

#include "dsig.h"
#include "saml_reader.h"
#include "xml_base64.h"

#define PROTOCOL_SAML2 NS_SAMLP

struct reader {
    struct arena *arena;
    struct xml_document *document;
    struct str source;
};

static size_t
characters_of(struct str utf8)
{
    size_t count = 0;

    for (size_t i = 0; i < utf8.len; i++)
        count += ((unsigned char)utf8.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool
is_true(struct str value)
{
    value = str_trim(value);
    return str_eq_c(value, "true") || str_eq_c(value, "1");
}

/* --- keys ------------------------------------------------------------------------------------------------ */

static bool
add_key(struct reader *reader, const xmlNode *certificate, enum key_use use, struct metadata_role *role,
        size_t *capacity)
{
    struct str der = { 0 };
    struct metadata_key *key;

    if (!arena_grow(reader->arena, (void **)&role->keys, role->key_count, capacity, sizeof(*role->keys)))
        return false;
    key = &role->keys[role->key_count++];
    *key = (struct metadata_key){ .use = use };
    if (xml_base64_decode(reader->arena, xml_text(reader->document, certificate), &der))
        certificate_read(reader->arena, der, reader->source, &key->certificate);
    key->certificate.source = reader->source;
    return !arena_failed(reader->arena);
}

static bool
read_key(struct reader *reader, const xmlNode *descriptor, struct metadata_role *role, size_t *capacity)
{
    struct str written = xml_attribute(reader->document, descriptor, "use");
    enum key_use use = KEY_USE_BOTH;
    const xmlNode *info = xml_child(descriptor, NS_DS, "KeyInfo");

    if (str_eq_c(written, "signing"))
        use = KEY_USE_SIGNING;
    else if (str_eq_c(written, "encryption"))
        use = KEY_USE_ENCRYPTION;
    for (const xmlNode *data = xml_child(info, NS_DS, "X509Data"); data != NULL;
         data = xml_next_named(data, NS_DS, "X509Data"))
        for (const xmlNode *certificate = xml_child(data, NS_DS, "X509Certificate"); certificate != NULL;
             certificate = xml_next_named(certificate, NS_DS, "X509Certificate"))
            if (!add_key(reader, certificate, use, role, capacity))
                return false;
    return true;
}

/* --- roles ----------------------------------------------------------------------------------------------- */

static bool
add_endpoint(struct reader *reader, const xmlNode *node, struct metadata_endpoint **endpoints, size_t *count,
             size_t *capacity)
{
    if (!arena_grow(reader->arena, (void **)endpoints, *count, capacity, sizeof(**endpoints)))
        return false;
    (*endpoints)[(*count)++] = (struct metadata_endpoint){
        .binding = xml_attribute(reader->document, node, "Binding"),
        .location = xml_attribute(reader->document, node, "Location"),
        .response_location = xml_attribute(reader->document, node, "ResponseLocation"),
        .index = xml_attribute(reader->document, node, "index"),
        .is_default = is_true(xml_attribute(reader->document, node, "isDefault")),
    };
    return true;
}

static bool
add_text(struct reader *reader, struct str text, struct str **items, size_t *count, size_t *capacity)
{
    if (!arena_grow(reader->arena, (void **)items, *count, capacity, sizeof(**items)))
        return false;
    (*items)[(*count)++] = text;
    return true;
}

static bool
read_required_attributes(struct reader *reader, const xmlNode *service, struct metadata_role *role, size_t *capacity)
{
    for (const xmlNode *node = xml_child(service, NS_MD, "RequestedAttribute"); node != NULL;
         node = xml_next_named(node, NS_MD, "RequestedAttribute")) {
        if (!is_true(xml_attribute(reader->document, node, "isRequired")))
            continue;
        if (!add_text(reader, xml_attribute(reader->document, node, "Name"), &role->required_attributes,
                      &role->required_attribute_count, capacity))
            return false;
    }
    return true;
}

static bool
names_saml2(struct str enumeration)
{
    struct str protocol;

    /* xs:list: separated by white space. */
    while (enumeration.len > 0) {
        struct str rest;

        enumeration = str_trim(enumeration);
        str_cut(enumeration, ' ', &protocol, &rest);
        if (str_eq_c(str_trim(protocol), PROTOCOL_SAML2))
            return true;
        enumeration = rest;
    }
    return false;
}

static bool
read_role(struct reader *reader, const xmlNode *node, const char *service, struct metadata_role *role)
{
    size_t keys = role->key_count, sso = role->sso_count, slo = role->slo_count;
    size_t formats = role->name_id_format_count, required = role->required_attribute_count;
    bool read = true;

    role->present = true;
    role->supports_saml2 |= names_saml2(xml_attribute(reader->document, node, "protocolSupportEnumeration"));
    role->want_signed |= is_true(xml_attribute(reader->document, node, "WantAuthnRequestsSigned")) ||
                         is_true(xml_attribute(reader->document, node, "WantAssertionsSigned"));
    role->signs |= is_true(xml_attribute(reader->document, node, "AuthnRequestsSigned"));
    for (const xmlNode *child = xml_first(node); child != NULL && read; child = xml_next(child)) {
        if (xml_is(child, NS_MD, "KeyDescriptor"))
            read = read_key(reader, child, role, &keys);
        else if (xml_is(child, NS_MD, service))
            read = add_endpoint(reader, child, &role->sso, &role->sso_count, &sso);
        else if (xml_is(child, NS_MD, "SingleLogoutService"))
            read = add_endpoint(reader, child, &role->slo, &role->slo_count, &slo);
        else if (xml_is(child, NS_MD, "NameIDFormat"))
            read = add_text(reader, str_trim(xml_text(reader->document, child)), &role->name_id_formats,
                            &role->name_id_format_count, &formats);
        else if (xml_is(child, NS_MD, "AttributeConsumingService"))
            read = read_required_attributes(reader, child, role, &required);
    }
    return read;
}

/* --- scopes ---------------------------------------------------------------------------------------------- */

static bool
read_scopes(struct reader *reader, const xmlNode *parent, struct metadata_entity *entity, size_t *capacity)
{
    const xmlNode *extensions = xml_child(parent, NS_MD, "Extensions");

    for (const xmlNode *node = xml_child(extensions, NS_SHIBMD, "Scope"); node != NULL;
         node = xml_next_named(node, NS_SHIBMD, "Scope")) {
        if (!arena_grow(reader->arena, (void **)&entity->scopes, entity->scope_count, capacity,
                        sizeof(*entity->scopes)))
            return false;
        entity->scopes[entity->scope_count++] =
            (struct metadata_scope){ .text = str_trim(xml_text(reader->document, node)),
                                     .regexp = is_true(xml_attribute(reader->document, node, "regexp")) };
    }
    return true;
}

/* --- entities -------------------------------------------------------------------------------------------- */

static bool
read_entity(struct reader *reader, const xmlNode *node, struct metadata_entity *entity)
{
    const xmlNode *group = node;
    size_t scopes = 0;

    entity->entity_id = xml_attribute(reader->document, node, "entityID");
    entity->where = xml_where(reader->document, node);
    entity->cache_duration = xml_attribute(reader->document, node, "cacheDuration");
    /* A group's date holds for the entities in it. */
    for (; group != NULL && group->type == XML_ELEMENT_NODE && !str_present(entity->valid_until_text);
         group = group->parent)
        entity->valid_until_text = xml_attribute(reader->document, group, "validUntil");
    entity->has_valid_until =
        str_present(entity->valid_until_text) && xstime_parse(entity->valid_until_text, &entity->valid_until);
    if (!read_scopes(reader, node, entity, &scopes))
        return false;
    for (const xmlNode *child = xml_first(node); child != NULL; child = xml_next(child)) {
        if (xml_is(child, NS_MD, "IDPSSODescriptor") && !read_scopes(reader, child, entity, &scopes))
            return false;
        if (xml_is(child, NS_MD, "IDPSSODescriptor") && !read_role(reader, child, "SingleSignOnService", &entity->idp))
            return false;
        if (xml_is(child, NS_MD, "SPSSODescriptor") &&
            !read_role(reader, child, "AssertionConsumerService", &entity->sp))
            return false;
    }
    return true;
}

static bool
is_root(const xmlNode *node)
{
    return xml_is(node, NS_MD, "EntityDescriptor") || xml_is(node, NS_MD, "EntitiesDescriptor");
}

static bool
read_entities(struct reader *reader, struct metadata *metadata)
{
    const struct xml_document *document = reader->document;
    size_t capacity = 0;

    metadata->source = reader->source;
    metadata->has_bom = document->has_bom;
    metadata->characters = characters_of(document->bytes);
    metadata->aggregate = xml_is(document->root, NS_MD, "EntitiesDescriptor");
    for (uint32_t i = 0; i < document->element_count; i++) {
        const xmlNode *node = document->elements[i].node;

        if (!xml_is(node, NS_MD, "EntityDescriptor") || (node != document->root && !is_root(node->parent)))
            continue;
        if (!arena_grow(reader->arena, (void **)&metadata->entities, metadata->entity_count, &capacity,
                        sizeof(*metadata->entities)))
            return false;
        metadata->entities[metadata->entity_count] = (struct metadata_entity){ 0 };
        if (!read_entity(reader, node, &metadata->entities[metadata->entity_count++]))
            return false;
    }
    return !arena_failed(reader->arena);
}

bool
saml_read_metadata(struct saml_reader *saml)
{
    struct reader reader = { .arena = saml->arena, .document = saml->documents[0], .source = STR("message") };

    saml->message->metadata = arena_alloc(saml->arena, sizeof(*saml->message->metadata));
    return saml->message->metadata != NULL && read_entities(&reader, saml->message->metadata);
}

/* --- signature over the whole ---------------------------------------------------------------------------- */

static const struct dsig_signature *
root_signature(const struct dsig_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].covers.element == 1)
            return &list->items[i];
    return NULL;
}

static bool
read_signature(struct reader *reader, const struct key_set *signers, struct metadata *metadata)
{
    bool keys = signers != NULL && key_set_trusted_count(signers) > 0;
    struct dsig_options options = { .keys = signers };
    struct dsig_budget budget = dsig_full_budget;
    struct dsig_list list = { 0 };
    const struct dsig_signature *signature;

    if (!dsig_read(reader->document, &options, &budget, &list))
        return false;
    signature = root_signature(&list);
    if (signature == NULL)
        return true;
    metadata->signature = METADATA_SIGNATURE_BAD;
    if (signature->trusted)
        metadata->signature = METADATA_SIGNATURE_OK;
    else if (!keys || dsig_has_problem(signature, DSIG_PROBLEM_LIMIT))
        metadata->signature = METADATA_SIGNATURE_UNCHECKED;
    if (!keys)
        metadata->signature_why = STR("the metadata is signed, and no certificate of its signer was given");
    else if (dsig_has_problem(signature, DSIG_PROBLEM_LIMIT))
        metadata->signature_why = STR("the metadata is too big to verify its signature");
    else if (signature->digest == DSIG_BAD)
        metadata->signature_why = STR("it was changed after it was signed");
    else if (signature->value == DSIG_BAD)
        metadata->signature_why = STR("the given certificate is not the one that signed it");
    else
        metadata->signature_why = str_present(signature->problem_detail)
                                      ? signature->problem_detail
                                      : STR("the signature is not of a form that counts");
    return true;
}

bool
metadata_read(struct arena *arena, struct str bytes, struct str source, struct metadata *metadata, struct str *why)
{
    return metadata_read_signed(arena, bytes, source, NULL, metadata, why);
}

bool
metadata_read_signed(struct arena *arena, struct str bytes, struct str source, const struct key_set *signers,
                     struct metadata *metadata, struct str *why)
{
    struct reader reader = { .arena = arena, .source = arena_copy(arena, source) };
    struct metadata facts = { 0 };
    struct xml_document document;
    struct xml_status status;
    bool read = false;

    if (!xml_parse(arena, bytes, &xml_metadata_limits, &document, &status)) {
        *why = status.line > 0
                   ? arena_printf(arena, "line %d, column %d: %.*s", status.line, status.column, STR_ARG(status.text))
                   : status.text;
        return false;
    }
    reader.document = &document;
    if (!is_root(document.root))
        *why = arena_printf(arena, "the document element is %.*s, not EntityDescriptor or EntitiesDescriptor",
                            STR_ARG(str_slice(xml_local_name(document.root), 0, 60)));
    else if (!read_entities(&reader, &facts) || !read_signature(&reader, signers, &facts))
        *why = STR("not enough memory");
    else if (facts.entity_count == 0)
        *why = STR("the EntitiesDescriptor holds no EntityDescriptor");
    else
        read = true;
    xml_release(&document);
    if (read)
        *metadata = facts;
    return read;
}

size_t
metadata_add_keys(const struct metadata *metadata, struct key_set *keys)
{
    size_t added = 0;

    for (size_t i = 0; i < metadata->entity_count; i++) {
        const struct metadata_entity *entity = &metadata->entities[i];

        for (size_t k = 0; k < entity->idp.key_count; k++) {
            const struct metadata_key *key = &entity->idp.keys[k];

            if (key->use != KEY_USE_ENCRYPTION)
                added +=
                    key_set_add_certificate(keys, key->certificate.der, key->certificate.source, entity->entity_id);
        }
    }
    return added;
}
