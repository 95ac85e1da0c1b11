/* SPDX-License-Identifier: MIT */
#include "saml_schema.h"

#include <libxml/tree.h>
#include <string.h>

#include "saml_reader.h"

static bool
add_problem(struct saml_reader *reader, struct where where, struct str text)
{
    struct saml_message *message = reader->message;

    if (message->schema_problem_count >= SAML_MAX_PROBLEMS)
        return true;
    if (!arena_grow(reader->arena, (void **)&message->schema_problems, message->schema_problem_count,
                    &reader->problem_capacity, sizeof(*message->schema_problems)))
        return false;
    message->schema_problems[message->schema_problem_count++] = (struct saml_schema_problem){ where, text };
    return true;
}

static bool
is_full(const struct saml_reader *reader)
{
    return reader->message->schema_problem_count >= SAML_MAX_PROBLEMS;
}

static const struct schema_rule *
rule_for(const xmlNode *node)
{
    const char *name = (const char *)node->name;

    for (size_t i = 0; i < saml_schema_rule_count; i++)
        if (*saml_schema_rules[i].name == *name && strcmp(saml_schema_rules[i].name, name) == 0 &&
            xml_in(node, saml_schema_rules[i].uri))
            return &saml_schema_rules[i];
    return NULL;
}

static size_t
particle_of(const struct schema_rule *rule, const xmlNode *child)
{
    for (size_t i = 0; rule->children[i].order != 0; i++)
        if (xml_is(child, rule->children[i].uri, rule->children[i].name))
            return i;
    return SIZE_MAX;
}

/* Where a walk over the children of one element stands. */
struct order {
    const struct schema_rule *rule;
    unsigned seen[16]; /* by particle */
    uint8_t highest;
    struct str highest_name;
};

/* What is wrong with the next child; absent when nothing is. */
static struct str
judge_child(struct arena *arena, struct order *order, const xmlNode *child)
{
    const struct schema_rule *rule = order->rule;
    const struct schema_particle *particle;
    size_t i = particle_of(rule, child);
    struct str name = xml_local_name(child);

    if (i == SIZE_MAX)
        return arena_printf(arena, "%.*s is not allowed in %s", STR_ARG(name), rule->name);
    particle = &rule->children[i];
    order->seen[i]++;
    if (particle->order < order->highest)
        return arena_printf(arena, "%.*s must not come after %.*s in %s", STR_ARG(name), STR_ARG(order->highest_name),
                            rule->name);
    order->highest = particle->order;
    order->highest_name = name;
    if (particle->most != 0 && order->seen[i] > particle->most)
        return arena_printf(arena, "%s has more than one %.*s", rule->name, STR_ARG(name));
    return (struct str){ 0 };
}

static bool
check_missing(struct saml_reader *reader, struct xml_document *document, const xmlNode *node, const struct order *order,
              size_t total)
{
    const struct schema_rule *rule = order->rule;

    for (size_t i = 0; rule->children[i].order != 0; i++)
        if (order->seen[i] < rule->children[i].least &&
            !add_problem(reader, xml_where(document, node),
                         arena_printf(reader->arena, "%s has no %s", rule->name, rule->children[i].name)))
            return false;
    return total >= rule->least ||
           add_problem(reader, xml_where(document, node), arena_printf(reader->arena, "%s is empty", rule->name));
}

static bool
check_children(struct saml_reader *reader, struct xml_document *document, const xmlNode *node,
               const struct schema_rule *rule)
{
    struct order order = { .rule = rule };
    size_t total = 0;

    for (const xmlNode *child = xml_first(node); child != NULL && !is_full(reader); child = xml_next(child), total++) {
        struct str text = judge_child(reader->arena, &order, child);

        if (str_present(text) && !add_problem(reader, xml_where(document, child), text))
            return false;
    }
    return check_missing(reader, document, node, &order, total);
}

static bool
has_type(struct str value, enum schema_type type)
{
    struct xstime time;

    value = str_trim(value);
    switch (type) {
    case SCHEMA_TIME:
        return xstime_parse(value, &time);
    case SCHEMA_NCNAME:
        return value.len > 0 && xmlValidateNCName(BAD_CAST value.ptr, 1) == 0;
    case SCHEMA_BOOLEAN:
        return str_eq_c(value, "true") || str_eq_c(value, "false") || str_eq_c(value, "1") || str_eq_c(value, "0");
    case SCHEMA_NON_EMPTY:
        return value.len > 0;
    default:
        return true;
    }
}

static const char *
type_words(enum schema_type type)
{
    static const char *const words[] = {
        [SCHEMA_TEXT] = "text",
        [SCHEMA_TIME] = "a date and time (xs:dateTime)",
        [SCHEMA_NCNAME] = "an identifier (xs:NCName)",
        [SCHEMA_BOOLEAN] = "true or false",
        [SCHEMA_NON_EMPTY] = "a value that is not empty",
    };

    return words[type];
}

static bool
check_known_attributes(struct saml_reader *reader, struct xml_document *document, const xmlNode *node,
                       const struct schema_rule *rule)
{
    for (const struct schema_attribute *known = rule->attributes; known->name != NULL; known++) {
        struct str value, text = { 0 };

        if (!known->required && known->type == SCHEMA_TEXT)
            continue;
        value = xml_attribute(document, node, known->name);
        if (!str_present(value)) {
            if (!known->required)
                continue;
            text = arena_printf(reader->arena, "%s has no attribute %s", rule->name, known->name);
            if (!add_problem(reader, xml_where(document, node), text))
                return false;
        } else if (!has_type(value, known->type)) {
            text = arena_printf(reader->arena, "%s of %s is not %s", known->name, rule->name, type_words(known->type));
            if (!add_problem(reader, xml_where_attribute(document, node, known->name), text))
                return false;
        }
    }
    return true;
}

static bool
check_attributes(struct saml_reader *reader, struct xml_document *document, const xmlNode *node,
                 const struct schema_rule *rule)
{
    if (!check_known_attributes(reader, document, node, rule))
        return false;
    for (const xmlAttr *attribute = node->properties; !rule->open_attributes && attribute != NULL;
         attribute = attribute->next) {
        const struct schema_attribute *known = rule->attributes;
        const char *name = (const char *)attribute->name;

        /* xsi:type and its kin are part of the schema language, allowed everywhere. */
        if (attribute->ns != NULL && strcmp((const char *)attribute->ns->href, NS_XSI) == 0)
            continue;
        while (known->name != NULL &&
               (attribute->ns != NULL || *known->name != *name || strcmp(known->name, name) != 0))
            known++;
        if (known->name == NULL &&
            !add_problem(reader, xml_where(document, node),
                         arena_printf(reader->arena, "attribute %s is not allowed in %s", name, rule->name)))
            return false;
    }
    return true;
}

bool
saml_check_schema(struct saml_reader *reader, struct xml_document *document)
{
    for (uint32_t i = 0; i < document->element_count && !is_full(reader); i++) {
        const xmlNode *node = document->elements[i].node;
        const struct schema_rule *rule = rule_for(node);

        if (rule == NULL)
            continue;
        if (rule->children != NULL && !check_children(reader, document, node, rule))
            return false;
        if (rule->attributes != NULL && !check_attributes(reader, document, node, rule))
            return false;
    }
    return true;
}
