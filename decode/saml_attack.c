/* SPDX-License-Identifier: MIT */
#include "saml_attack.h"

#include "saml_reader.h"

enum { MAX_SIBLINGS = 64 }; /* assertions of a Response that are looked at */

static const char *const names[SAML_ATTACK_KIND_COUNT] = {
    [SAML_ATTACK_XSW1] = "XSW1", [SAML_ATTACK_XSW2] = "XSW2",
    [SAML_ATTACK_XSW3] = "XSW3", [SAML_ATTACK_XSW4] = "XSW4",
    [SAML_ATTACK_XSW5] = "XSW5", [SAML_ATTACK_XSW6] = "XSW6",
    [SAML_ATTACK_XSW7] = "XSW7", [SAML_ATTACK_XSW8] = "XSW8",
    [SAML_ATTACK_XSW9] = "XSW9", [SAML_ATTACK_OTHER] = "Signature wrapping",
};

static const char *const words[SAML_ATTACK_KIND_COUNT] = {
    [SAML_ATTACK_XSW1] = "the signed Response was put inside its own signature, in another Response",
    [SAML_ATTACK_XSW2] = "the signed Response was put beside its signature, in another Response",
    [SAML_ATTACK_XSW3] = "an Assertion that is not signed stands before the signed one",
    [SAML_ATTACK_XSW4] = "the signed Assertion was put inside another one",
    [SAML_ATTACK_XSW5] = "another Assertion carries the signature, the signed one stands beside it",
    [SAML_ATTACK_XSW6] = "another Assertion carries the signature, the signed one was put inside the signature",
    [SAML_ATTACK_XSW7] = "an Assertion that is not signed stands in Extensions",
    [SAML_ATTACK_XSW8] = "another Assertion carries the signature, the signed one was put into its ds:Object",
    [SAML_ATTACK_XSW9] = "the signature has more than one SignedInfo",
    [SAML_ATTACK_OTHER] = "an Assertion that is not signed stands beside or around the signed one",
};

static const char *const habits[SAML_HABIT_COUNT] = {
    [SAML_HABIT_FIRST_CHILD] = "the first Assertion of the Response",
    [SAML_HABIT_LAST_CHILD] = "the last Assertion of the Response",
    [SAML_HABIT_FIRST_ANYWHERE] = "the first Assertion at any depth",
    [SAML_HABIT_LAST_ANYWHERE] = "the last Assertion at any depth",
    [SAML_HABIT_FIRST_WITH_ID] = "the first element with the signed ID",
    [SAML_HABIT_LAST_WITH_ID] = "the last element with the signed ID",
};

const char *
saml_attack_name(enum saml_attack_kind kind)
{
    return names[(unsigned)kind < SAML_ATTACK_KIND_COUNT ? kind : SAML_ATTACK_OTHER];
}

const char *
saml_attack_words(enum saml_attack_kind kind)
{
    return words[(unsigned)kind < SAML_ATTACK_KIND_COUNT ? kind : SAML_ATTACK_OTHER];
}

const char *
saml_habit_words(enum saml_habit habit)
{
    return (unsigned)habit < SAML_HABIT_COUNT ? habits[habit] : "any Assertion";
}

const struct saml_probe *
saml_attack_misread(const struct saml_attack *attack, enum saml_habit *habit)
{
    const struct saml_probe *best = NULL;

    for (int i = 0; i < SAML_HABIT_COUNT; i++) {
        const struct saml_probe *probe = &attack->probes[i];
        bool foreign = attack->foreign.element > 0 && probe->assertion.element == attack->foreign.element &&
                       probe->assertion.document == attack->foreign.document;

        if (!probe->found || probe->covered || (best != NULL && !foreign))
            continue;
        best = probe;
        *habit = (enum saml_habit)i;
        if (foreign)
            break;
    }
    return best;
}

/* --- one signature: S, its parent P, what its Reference names R ----------------------------------------- */

struct wrapping {
    const struct saml_message *message;
    const struct dsig_signature *facts;
    struct xml_document *document;
    const struct xml_element *signature;
    const struct xml_element *parent;
    const struct xml_element *named;
    const struct xml_element *first_with_id;
    const struct xml_element *last_with_id;
    bool proven;
    struct where foreign;
};

static bool
holds(const struct xml_element *outer, const struct xml_element *inner)
{
    return inner->number >= outer->number && inner->number <= outer->last;
}

static bool
is_response(const struct xml_element *element)
{
    return xml_is(element->node, NS_SAMLP, "Response");
}

static bool
is_assertion(const struct xml_element *element)
{
    return xml_is(element->node, NS_SAML, "Assertion");
}

static bool
has_id(const struct xml_element *element, struct str id)
{
    const xmlAttr *attribute = xmlHasProp(element->node, (const xmlChar *)"ID");

    return attribute != NULL && attribute->children != NULL && attribute->children->next == NULL &&
           str_eq_c(id, (const char *)attribute->children->content);
}

/*
 * What the Reference names. Of several elements with the ID the one that carries the signature counts
 * when its digest fits, else another one.
 */
static bool
find_named(struct wrapping *wrapping)
{
    struct str uri = wrapping->facts->reference_uri, id;
    bool fits = wrapping->facts->digest == DSIG_OK;

    if (!str_present(uri) || uri.len < 2 || uri.ptr[0] != '#')
        return false;
    id = str_from_offset(uri, 1);
    for (uint32_t i = 0; i < wrapping->document->element_count; i++) {
        const struct xml_element *element = &wrapping->document->elements[i];

        if (!has_id(element, id))
            continue;
        if (wrapping->first_with_id == NULL)
            wrapping->first_with_id = element;
        wrapping->last_with_id = element;
        if (wrapping->named == NULL || (wrapping->named == wrapping->parent && !fits) ||
            (element == wrapping->parent && fits))
            wrapping->named = element;
    }
    if (wrapping->named == NULL)
        return false;
    wrapping->proven =
        wrapping->named == wrapping->parent ? fits : wrapping->facts->digest_cause == DSIG_CAUSE_OTHER_ELEMENT;
    return true;
}

/* A verified signature covers the place, or this one would if its element were where it belongs. */
static bool
is_covered(const struct wrapping *wrapping, struct where where)
{
    bool inside = where.document == wrapping->document->number && where.element >= wrapping->named->number &&
                  where.element <= wrapping->named->last;

    return saml_coverage(wrapping->message, where) >= COVERAGE_SELF || (wrapping->proven && inside);
}

/* The signature is carried by another element than the one it names. */
static enum saml_attack_kind
kind_of_displaced(const struct wrapping *wrapping)
{
    const struct xml_element *named = wrapping->named, *parent = wrapping->parent;

    if (is_response(named) && is_response(parent) && holds(wrapping->signature, named))
        return SAML_ATTACK_XSW1;
    if (is_response(named) && is_response(parent) && holds(parent, named))
        return SAML_ATTACK_XSW2;
    if (!is_assertion(named) || !is_assertion(parent))
        return SAML_ATTACK_KIND_COUNT;
    if (holds(wrapping->signature, named)) {
        for (const struct xml_element *up = named->parent; up != wrapping->signature; up = up->parent)
            if (xml_is(up->node, NS_DS, "Object"))
                return SAML_ATTACK_XSW8;
        return SAML_ATTACK_XSW6;
    }
    if (holds(parent, named))
        return SAML_ATTACK_XSW4;
    return named->parent == parent->parent ? SAML_ATTACK_XSW5 : SAML_ATTACK_OTHER;
}

/* Where an Assertion is that is no child of the Response. */
static enum saml_attack_kind
kind_of_stray(const struct wrapping *wrapping, struct xml_document *document, uint32_t number)
{
    const struct xml_element *stray = &document->elements[number - 1];
    enum saml_attack_kind kind = SAML_ATTACK_OTHER;

    if (stray->parent == NULL)
        return SAML_ATTACK_KIND_COUNT;
    for (const struct xml_element *up = stray->parent; up != NULL; up = up->parent) {
        if (xml_is(up->node, NS_SAMLP, "Extensions"))
            return SAML_ATTACK_XSW7;
        if (xml_is(up->node, NS_SAML, "Advice"))
            return SAML_ATTACK_KIND_COUNT;
        if (is_assertion(up))
            kind = SAML_ATTACK_XSW4;
    }
    return wrapping->facts->digest == DSIG_OK || kind == SAML_ATTACK_XSW4 ? kind : SAML_ATTACK_KIND_COUNT;
}

static enum saml_attack_kind
kind_by_strays(struct wrapping *wrapping)
{
    const struct saml_message *message = wrapping->message;

    for (size_t i = 0; i < message->stray_assertion_count; i++) {
        struct where where = message->stray_assertions[i].where;
        enum saml_attack_kind kind = SAML_ATTACK_KIND_COUNT;

        if (where.document != wrapping->document->number)
            continue;
        /* The signed one may be the stray: then it is its surroundings that are not signed. */
        if (where.element == wrapping->named->number && wrapping->named->parent != NULL) {
            for (const struct xml_element *up = wrapping->named->parent; up != NULL; up = up->parent)
                if (is_assertion(up) &&
                    !is_covered(wrapping, (struct where){ .element = up->number, .document = where.document }))
                    kind = kind_of_stray(wrapping, wrapping->document, where.element);
        } else if (!is_covered(wrapping, where)) {
            kind = kind_of_stray(wrapping, wrapping->document, where.element);
            if (kind != SAML_ATTACK_KIND_COUNT)
                wrapping->foreign = where;
        }
        if (kind != SAML_ATTACK_KIND_COUNT)
            return kind;
    }
    return SAML_ATTACK_KIND_COUNT;
}

/* Assertions of the Response beside the signed one that nothing covers. */
static enum saml_attack_kind
kind_by_siblings(const struct wrapping *wrapping)
{
    const struct saml_message *message = wrapping->message;
    bool signed_seen = false, before = false, after = false;
    /* The Response's own signature fits once an Assertion is taken out again. */
    bool inserted = is_response(wrapping->named) && wrapping->facts->digest_cause == DSIG_CAUSE_ELEMENT_ADDED &&
                    message->assertion_count > 1;

    if (inserted && str_find_c(wrapping->facts->digest_cause_detail, "Assertion") != SIZE_MAX)
        return SAML_ATTACK_XSW3;
    if (!wrapping->proven)
        return SAML_ATTACK_KIND_COUNT;
    for (size_t i = 0; i < message->assertion_count && i < MAX_SIBLINGS; i++) {
        bool covered = is_covered(wrapping, message->assertions[i].where);

        before |= !covered && !signed_seen;
        after |= !covered && signed_seen;
        signed_seen |= covered;
    }
    if (!signed_seen || (!before && !after))
        return SAML_ATTACK_KIND_COUNT;
    return before ? SAML_ATTACK_XSW3 : SAML_ATTACK_OTHER;
}

static enum saml_attack_kind
kind_of_wrapping(struct wrapping *wrapping)
{
    enum saml_attack_kind kind = SAML_ATTACK_KIND_COUNT;

    if (xml_count(wrapping->signature->node, NS_DS, "SignedInfo") > 1)
        return SAML_ATTACK_XSW9;
    if (wrapping->named != wrapping->parent)
        kind = kind_of_displaced(wrapping);
    if (kind == SAML_ATTACK_KIND_COUNT)
        kind = kind_by_strays(wrapping);
    if (kind == SAML_ATTACK_KIND_COUNT)
        kind = kind_by_siblings(wrapping);
    return kind;
}

/* --- what readers take -------------------------------------------------------------------------------------- */

/* Direct ones first, then strays. */
static const struct saml_assertion *
assertion_at(const struct saml_message *message, size_t i)
{
    return i < message->assertion_count ? &message->assertions[i]
                                        : &message->stray_assertions[i - message->assertion_count];
}

/* The Assertion at, or the first one below, an element. NULL: there is none. */
static const struct saml_assertion *
assertion_in(const struct wrapping *wrapping, const struct xml_element *element)
{
    const struct saml_message *message = wrapping->message;
    const struct saml_assertion *best = NULL;

    for (size_t i = 0; i < message->assertion_count + message->stray_assertion_count; i++) {
        const struct saml_assertion *assertion = assertion_at(message, i);
        uint32_t number = assertion->where.element;

        if (assertion->where.document == wrapping->document->number && number >= element->number &&
            number <= element->last && (best == NULL || number < best->where.element))
            best = assertion;
    }
    return best;
}

static void
probe_assertion(const struct wrapping *wrapping, struct saml_attack *attack, enum saml_habit habit,
                const struct saml_assertion *assertion)
{
    if (assertion == NULL)
        return;
    attack->probes[habit] = (struct saml_probe){
        .found = true,
        .name_id = assertion->name_id.value.text,
        .assertion = assertion->where,
        .covered = is_covered(wrapping, assertion->where),
    };
}

static void
probe_all(const struct wrapping *wrapping, struct saml_attack *attack)
{
    const struct saml_message *message = wrapping->message;
    const struct saml_assertion *first = NULL, *last = NULL;

    if (message->assertion_count > 0) {
        probe_assertion(wrapping, attack, SAML_HABIT_FIRST_CHILD, &message->assertions[0]);
        probe_assertion(wrapping, attack, SAML_HABIT_LAST_CHILD, &message->assertions[message->assertion_count - 1]);
    }
    for (size_t i = 0; i < message->assertion_count + message->stray_assertion_count; i++) {
        const struct saml_assertion *assertion = assertion_at(message, i);

        if (assertion->where.document != wrapping->document->number)
            continue;
        if (first == NULL || assertion->where.element < first->where.element)
            first = assertion;
        if (last == NULL || assertion->where.element > last->where.element)
            last = assertion;
    }
    probe_assertion(wrapping, attack, SAML_HABIT_FIRST_ANYWHERE, first);
    probe_assertion(wrapping, attack, SAML_HABIT_LAST_ANYWHERE, last);
    probe_assertion(wrapping, attack, SAML_HABIT_FIRST_WITH_ID, assertion_in(wrapping, wrapping->first_with_id));
    probe_assertion(wrapping, attack, SAML_HABIT_LAST_WITH_ID, assertion_in(wrapping, wrapping->last_with_id));
}

static bool
note_attack(struct saml_reader *reader, const struct wrapping *wrapping, enum saml_attack_kind kind, size_t index)
{
    bool changed = wrapping->named == wrapping->parent && !wrapping->proven;
    const struct saml_assertion *genuine = changed ? NULL : assertion_in(wrapping, wrapping->named);
    struct saml_attack *attack = arena_alloc(reader->arena, sizeof(*attack));

    if (attack == NULL)
        return false;
    *attack = (struct saml_attack){
        .kind = kind,
        .signature = (int)index,
        .signed_element = xml_where(wrapping->document, wrapping->named->node),
        .signed_name_id = genuine != NULL ? genuine->name_id.value.text : (struct str){ 0 },
        .proven = wrapping->proven,
        .foreign = wrapping->foreign,
    };
    probe_all(wrapping, attack);
    reader->message->attack = attack;
    return true;
}

bool
saml_find_attack(struct saml_reader *reader)
{
    struct saml_message *message = reader->message;

    for (size_t i = 0; i < message->signature_count; i++) {
        const struct dsig_signature *facts = &message->signatures[i];
        struct wrapping wrapping = { .message = message, .facts = facts };
        enum saml_attack_kind kind;

        if (facts->document >= reader->document_count || facts->where.element == 0)
            continue;
        wrapping.document = reader->documents[facts->document];
        wrapping.signature = &wrapping.document->elements[facts->where.element - 1];
        wrapping.parent = wrapping.signature->parent;
        if (wrapping.parent == NULL || !find_named(&wrapping))
            continue;
        kind = kind_of_wrapping(&wrapping);
        if (kind == SAML_ATTACK_KIND_COUNT)
            continue;
        /* A name tells more than none. */
        if (message->attack != NULL && message->attack->kind != SAML_ATTACK_OTHER)
            return true;
        if (!note_attack(reader, &wrapping, kind, i))
            return false;
    }
    return true;
}
