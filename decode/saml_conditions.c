/* SPDX-License-Identifier: MIT */
#include "saml_reader.h"

static bool
read_restriction(struct saml_reader *reader, const xmlNode *node, const char *space,
                 struct saml_audience_restriction *restriction)
{
    size_t count = xml_count(node, space, "Audience");

    restriction->where = xml_where(saml_document_of(reader, node), node);
    restriction->audiences = arena_calloc(reader->arena, count, sizeof(*restriction->audiences));
    if (restriction->audiences == NULL)
        return false;
    for (const xmlNode *audience = xml_child(node, space, "Audience"); audience != NULL;
         audience = xml_next_named(audience, space, "Audience"))
        restriction->audiences[restriction->audience_count++] = saml_value_of_element(reader, audience);
    return true;
}

static bool
read_unknown_condition(struct saml_reader *reader, const xmlNode *node, size_t *capacity,
                       struct saml_assertion *assertion)
{
    struct str name = arena_copy(reader->arena, xml_local_name(node));

    if (!arena_grow(reader->arena, (void **)&assertion->unknown_conditions, assertion->unknown_condition_count,
                    capacity, sizeof(*assertion->unknown_conditions)))
        return false;
    assertion->unknown_conditions[assertion->unknown_condition_count++] = (struct saml_value){
        .text = name,
        .first = name,
        .where = xml_where(saml_document_of(reader, node), node),
    };
    return true;
}

bool
saml_read_conditions(struct saml_reader *reader, const xmlNode *conditions, const struct saml_condition_names *names,
                     struct saml_assertion *assertion)
{
    size_t unknown_capacity = 0, count = xml_count(conditions, names->space, names->audience_restriction);

    assertion->restrictions = arena_calloc(reader->arena, count, sizeof(*assertion->restrictions));
    if (assertion->restrictions == NULL)
        return false;
    assertion->has_conditions = true;
    assertion->conditions_where = xml_where(saml_document_of(reader, conditions), conditions);
    assertion->not_before = saml_time_of_attribute(reader, conditions, "NotBefore");
    assertion->not_on_or_after = saml_time_of_attribute(reader, conditions, "NotOnOrAfter");
    for (const xmlNode *node = xml_first(conditions); node != NULL; node = xml_next(node)) {
        if (xml_is(node, names->space, names->audience_restriction)) {
            if (!read_restriction(reader, node, names->space, &assertion->restrictions[assertion->restriction_count++]))
                return false;
        } else if (xml_is(node, names->space, names->one_time_use)) {
            assertion->one_time_use_count++;
        } else if (names->proxy_restriction != NULL && xml_is(node, names->space, names->proxy_restriction)) {
            assertion->proxy_restriction_count++;
        } else if (!read_unknown_condition(reader, node, &unknown_capacity, assertion)) {
            return false;
        }
    }
    return true;
}
