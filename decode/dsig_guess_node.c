/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "dsig_guess.h"

/* What was put in or taken out: elements, attributes, comments (H11), namespace declarations (H7). */

enum { MAX_REMOVALS = 200, MAX_DECLARATIONS = 24, MAX_ADDED = 3, MAX_DROPPED = 2 };

/* The text with [from, to) left out. */
static bool
is_without(struct guess *guess, size_t from, size_t to)
{
    if (!guess_spend(guess, GUESS_COPY * guess->base.len))
        return false;
    buf_reset(&guess->edited);
    buf_add_str(&guess->edited, str_slice(guess->base, 0, from));
    buf_add_str(&guess->edited, str_from_offset(guess->base, to));
    return guess_edited_is(guess);
}

/* --- elements ---------------------------------------------------------------------------------------------- */

/* Offset behind the element whose start tag is token. */
static size_t
end_of_element(struct str canonical, const struct token *start)
{
    size_t at = start->offset + start->length, depth = 1;
    struct token token;

    while (depth > 0 && token_next(canonical, &at, &token)) {
        if (token.kind == TOKEN_START)
            depth++;
        else if (token.kind == TOKEN_END)
            depth--;
    }
    return at;
}

static void
try_elements(struct guess *guess)
{
    struct token token, before = { .kind = TOKEN_OTHER };
    size_t at = 0, tried = 0;

    /* The root itself is not removed. */
    if (!token_next(guess->base, &at, &token))
        return;
    for (; tried < MAX_REMOVALS && guess_goes_on(guess) && token_next(guess->base, &at, &token); before = token) {
        size_t end;
        bool layout =
            before.kind == TOKEN_TEXT && str_trim(str_slice(guess->base, before.offset, before.length)).len == 0;

        if (token.kind != TOKEN_START)
            continue;
        end = end_of_element(guess->base, &token);
        tried++;
        if (!guess_spend(guess, GUESS_WALK * (end - token.offset)))
            return;
        if (is_without(guess, token.offset, end) || (layout && is_without(guess, before.offset, end))) {
            struct str name = token_name(guess->base, &token);

            guess_settle(guess, DSIG_CAUSE_ELEMENT_ADDED,
                         arena_printf(guess->work->arena,
                                      "the digest matches without one %.*s: it was put in after signing",
                                      STR_ARG(name)));
            return;
        }
    }
}

/* --- comments and processing instructions ------------------------------------------------------------------- */

/* All of them when only is absent. */
static bool
is_without_other(struct guess *guess, const struct token *only)
{
    struct token token;
    size_t at = 0;
    bool dropped = false;

    if (!guess_spend(guess, GUESS_WALK * guess->base.len))
        return false;
    buf_reset(&guess->edited);
    while (token_next(guess->base, &at, &token)) {
        if (token.kind == TOKEN_OTHER && (only == NULL || only->offset == token.offset))
            dropped = true;
        else
            buf_add_str(&guess->edited, str_slice(guess->base, token.offset, token.length));
    }
    return dropped && guess_edited_is(guess);
}

static void
try_comments(struct guess *guess)
{
    struct token token;
    size_t at = 0, tried = 0;

    if (is_without_other(guess, NULL)) {
        guess_settle(guess, DSIG_CAUSE_CONTENT_ADDED,
                     STR("the digest matches without comments and processing instructions: they were put in after "
                         "signing"));
        return;
    }
    while (tried < MAX_REMOVALS && guess_goes_on(guess) && token_next(guess->base, &at, &token)) {
        if (token.kind != TOKEN_OTHER)
            continue;
        tried++;
        if (is_without_other(guess, &token)) {
            guess_settle(guess, DSIG_CAUSE_CONTENT_ADDED,
                         STR("the digest matches without one comment or processing instruction: it was put in after "
                             "signing"));
            return;
        }
    }
}

/* --- attributes ------------------------------------------------------------------------------------------------ */

/* An attribute, or namespace declaration, of a start tag. */
struct attribute {
    size_t offset; /* of the blank before it, from the start of the tag */
    size_t length;
    struct str name; /* qualified */
    struct str value;
};

static bool
attribute_next(struct str tag, size_t *at, struct attribute *attribute)
{
    size_t space = *at, equals, close;

    while (space < tag.len && tag.ptr[space] != ' ')
        space++;
    equals = str_find_byte(str_from_offset(tag, space), '=');
    if (space >= tag.len || equals == SIZE_MAX)
        return false;
    equals += space;
    close = str_find_byte(str_from_offset(tag, equals + 2), '"');
    if (close == SIZE_MAX)
        return false;
    attribute->offset = space;
    attribute->length = equals + 2 + close + 1 - space;
    attribute->name = str_slice(tag, space + 1, equals - space - 1);
    attribute->value = str_slice(tag, equals + 2, close);
    *at = space + attribute->length;
    return true;
}

static bool
is_declaration(struct str name)
{
    return str_eq_c(name, "xmlns") || str_starts_c(name, "xmlns:");
}

/* The name is that of the attribute, or that of the declaration of its prefix. */
static bool
goes_with(struct str name, struct str attribute)
{
    struct str prefix, local;

    return str_eq(name, attribute) || (str_starts_c(name, "xmlns:") && str_cut(attribute, ':', &prefix, &local) &&
                                       str_eq(str_from_offset(name, 6), prefix));
}

/* Tag without the attribute of that name, and without the declaration of its prefix when asked. */
static void
add_tag_without(struct str tag, struct str name, bool declaration, struct buf *out)
{
    struct attribute attribute;
    size_t at = 1, written = 0;

    while (attribute_next(tag, &at, &attribute)) {
        if (declaration ? !goes_with(attribute.name, name) : !str_eq(attribute.name, name))
            continue;
        buf_add_str(out, str_slice(tag, written, attribute.offset - written));
        written = attribute.offset + attribute.length;
    }
    buf_add_str(out, str_from_offset(tag, written));
}

/* Of one tag, or of every tag (only NULL). */
static bool
is_without_attribute(struct guess *guess, const struct token *only, struct str name, bool declaration)
{
    struct token token;
    size_t at = 0;

    if (!guess_spend(guess, GUESS_WALK * guess->base.len))
        return false;
    buf_reset(&guess->edited);
    while (token_next(guess->base, &at, &token)) {
        struct str text = str_slice(guess->base, token.offset, token.length);

        if (token.kind == TOKEN_START && (only == NULL || only->offset == token.offset))
            add_tag_without(text, name, declaration, &guess->edited);
        else
            buf_add_str(&guess->edited, text);
    }
    return guess_edited_is(guess);
}

static bool
settle_attribute(struct guess *guess, const struct token *tag, struct str name)
{
    bool qualified = str_find_byte(name, ':') != SIZE_MAX;
    struct str element = token_name(guess->base, tag);

    if (is_without_attribute(guess, tag, name, false) || (qualified && is_without_attribute(guess, tag, name, true)))
        guess_settle(guess, DSIG_CAUSE_CONTENT_ADDED,
                     arena_printf(guess->work->arena,
                                  "the digest matches without attribute %.*s of %.*s: it was put in after signing",
                                  STR_ARG(name), STR_ARG(element)));
    else if (qualified &&
             (is_without_attribute(guess, NULL, name, false) || is_without_attribute(guess, NULL, name, true)))
        guess_settle(guess, DSIG_CAUSE_CONTENT_ADDED,
                     arena_printf(guess->work->arena,
                                  "the digest matches without the attributes %.*s: they were put in after signing",
                                  STR_ARG(name)));
    return guess->found;
}

static void
try_attributes(struct guess *guess)
{
    struct token token;
    size_t at = 0, tried = 0;

    while (tried < MAX_REMOVALS && guess_goes_on(guess) && token_next(guess->base, &at, &token)) {
        struct str tag = str_slice(guess->base, token.offset, token.length);
        struct attribute attribute;
        size_t inside = 1;

        while (token.kind == TOKEN_START && tried < MAX_REMOVALS && guess_goes_on(guess) &&
               attribute_next(tag, &inside, &attribute)) {
            if (is_declaration(attribute.name))
                continue;
            tried++;
            if (settle_attribute(guess, &token, attribute.name))
                return;
        }
    }
}

/* xsi:type on attribute values, which tools write and others drop. */
static void
try_types(struct guess *guess)
{
    static const char *const types[] = {
        " xsi:type=\"xs:string\"",
        " xmlns:xsi=\"" NS_XSI "\" xsi:type=\"xs:string\"",
        " xmlns:xs=\"" NS_XS "\" xmlns:xsi=\"" NS_XSI "\" xsi:type=\"xs:string\"",
        " xsi:type=\"xsd:string\"",
        " xmlns:xsi=\"" NS_XSI "\" xsi:type=\"xsd:string\"",
        " xmlns:xsd=\"" NS_XS "\" xmlns:xsi=\"" NS_XSI "\" xsi:type=\"xsd:string\"",
    };

    for (size_t i = 0; i < COUNT_OF(types) && guess_goes_on(guess); i++) {
        struct token token;
        size_t at = 0;
        bool changed = false;

        if (!guess_spend(guess, GUESS_WALK * guess->base.len))
            return;

        buf_reset(&guess->edited);
        while (token_next(guess->base, &at, &token)) {
            bool value = token.kind == TOKEN_START && str_eq_c(token_name(guess->base, &token), "AttributeValue");

            buf_add_str(&guess->edited, str_slice(guess->base, token.offset, token.length - value));
            buf_add_c(&guess->edited, value ? types[i] : "");
            buf_add_c(&guess->edited, value ? ">" : "");
            changed |= value;
        }
        if (changed && guess_edited_is(guess))
            guess_settle(guess, DSIG_CAUSE_CONTENT_REMOVED,
                         STR("xsi:type was taken from the attribute values after signing"));
    }
}

void
guess_removals(struct guess *guess)
{
    static void (*const tries[])(struct guess *) = { try_comments, try_elements, try_attributes, try_types };

    for (size_t i = 0; i < COUNT_OF(tries) && guess_goes_on(guess); i++)
        tries[i](guess);
}

/* --- namespaces of the root ---------------------------------------------------------------------------------- */

struct declaration {
    struct str prefix; /* empty: the default namespace */
    struct str uri;
    bool written; /* it stands on the root now */
    bool below;   /* it stands further down */
};

struct declarations {
    struct declaration items[MAX_DECLARATIONS];
    size_t count;
};

static bool
is_listed(const struct declarations *list, struct str prefix, struct str uri)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].prefix, prefix) && (list->items[i].written || str_eq(list->items[i].uri, uri)))
            return true;
    return false;
}

static void
list_add(struct declarations *list, struct str prefix, struct str uri, bool written)
{
    if (list->count < MAX_DECLARATIONS && uri.len > 0 && !is_listed(list, prefix, uri))
        list->items[list->count++] = (struct declaration){ .prefix = prefix, .uri = uri, .written = written };
}

/* In the order of canonical XML: by prefix, the default namespace first. */
static int
by_prefix(const void *a, const void *b)
{
    return str_compare(((const struct declaration *)a)->prefix, ((const struct declaration *)b)->prefix);
}

static void
add_declaration(struct buf *out, const struct declaration *declaration)
{
    buf_add_c(out, declaration->prefix.len > 0 ? " xmlns:" : " xmlns");
    buf_add_str(out, declaration->prefix);
    buf_add_c(out, "=\"");
    buf_add_str(out, declaration->uri);
    buf_add_c(out, "\"");
}

/* Those on the root, those anywhere in the document, and those that messages usually have. */
static void
collect_declarations(const struct guess *guess, struct str tag, struct declarations *list)
{
    static const struct {
        struct str prefix, uri;
    } usual[] = {
        { STR_INIT("samlp"), STR_INIT(NS_SAMLP) }, { STR_INIT("saml2p"), STR_INIT(NS_SAMLP) },
        { STR_INIT("saml"), STR_INIT(NS_SAML) },   { STR_INIT("saml2"), STR_INIT(NS_SAML) },
        { STR_INIT("xs"), STR_INIT(NS_XS) },       { STR_INIT("xsi"), STR_INIT(NS_XSI) },
        { STR_INIT("xsd"), STR_INIT(NS_XS) },      { STR_INIT("ds"), STR_INIT(NS_DS) },
        { STR_INIT("soap"), STR_INIT(NS_SOAP) },   { STR_INIT("S"), STR_INIT(NS_SOAP) },
    };
    const struct xml_document *document = guess->work->document;
    struct str rest = str_from_offset(guess->base, tag.len);
    struct attribute attribute;
    struct buf own;
    size_t at = 1;

    while (attribute_next(tag, &at, &attribute))
        if (is_declaration(attribute.name))
            list_add(list, str_from_offset(attribute.name, attribute.name.len > 5 ? 6 : 5), attribute.value, true);
    for (uint32_t i = 0; i < document->element_count; i++)
        for (const xmlNs *ns = document->elements[i].node->nsDef; ns != NULL; ns = ns->next)
            list_add(list, ns->prefix != NULL ? str_from((const char *)ns->prefix) : STR(""),
                     str_from((const char *)ns->href), false);
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        list_add(list, usual[i].prefix, usual[i].uri, false);
    qsort(list->items, list->count, sizeof(list->items[0]), by_prefix);
    buf_init(&own, 4096);
    for (size_t i = 0; i < list->count; i++) {
        buf_reset(&own);
        add_declaration(&own, &list->items[i]);
        list->items[i].below = str_find(rest, buf_str(&own)) != SIZE_MAX;
    }
    buf_release(&own);
}

static bool
is_added(const struct declarations *list, uint32_t flipped, const struct attribute *attribute)
{
    struct str prefix = str_from_offset(attribute->name, attribute->name.len > 5 ? 6 : 5);

    if (!is_declaration(attribute->name))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if ((flipped >> i & 1u) != 0 && !list->items[i].written && str_eq(list->items[i].prefix, prefix) &&
            str_eq(list->items[i].uri, attribute->value))
            return true;
    return false;
}

/* The rest of the text, where what the root now declares is not declared again. */
static void
add_rest(struct guess *guess, const struct declarations *list, uint32_t flipped, struct str rest)
{
    struct token token;
    bool below = false;
    size_t at = 0;

    for (size_t i = 0; i < list->count; i++)
        below |= (flipped >> i & 1u) != 0 && !list->items[i].written && list->items[i].below;
    if (!below || !guess_spend(guess, GUESS_WALK * rest.len)) {
        buf_add_str(&guess->edited, rest);
        return;
    }
    while (token_next(rest, &at, &token)) {
        struct str tag = str_slice(rest, token.offset, token.length);
        struct attribute attribute;
        size_t inside = 1, written = 0;

        while (token.kind == TOKEN_START && attribute_next(tag, &inside, &attribute)) {
            if (!is_added(list, flipped, &attribute))
                continue;
            buf_add_str(&guess->edited, str_slice(tag, written, attribute.offset - written));
            written = attribute.offset + attribute.length;
        }
        buf_add_str(&guess->edited, str_from_offset(tag, written));
    }
}

/* The root with the declarations of the bit set flipped: written ones dropped, others added. */
static bool
is_with_flipped(struct guess *guess, struct str tag, const struct declarations *list, uint32_t flipped)
{
    struct attribute attribute;
    size_t name = 1, at = 1;

    if (!guess_spend(guess, GUESS_COPY * guess->base.len))
        return false;
    while (name < tag.len && tag.ptr[name] != ' ' && tag.ptr[name] != '>')
        name++;
    buf_reset(&guess->edited);
    buf_add_str(&guess->edited, str_slice(tag, 0, name));
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].written != ((flipped >> i & 1u) != 0))
            add_declaration(&guess->edited, &list->items[i]);
    while (attribute_next(tag, &at, &attribute))
        if (!is_declaration(attribute.name))
            buf_add_str(&guess->edited, str_slice(tag, attribute.offset, attribute.length));
    buf_add_c(&guess->edited, ">");
    add_rest(guess, list, flipped, str_from_offset(guess->base, tag.len));
    return guess_edited_is(guess);
}

static void
settle_flipped(struct guess *guess, const struct declarations *list, uint32_t flipped)
{
    struct buf names;
    bool added = false;

    buf_init(&names, 4096);
    for (size_t i = 0; i < list->count; i++) {
        if ((flipped >> i & 1u) == 0)
            continue;
        added |= list->items[i].written;
        buf_printf(&names, "%s%s%.*s", names.len > 0 ? ", " : "", list->items[i].prefix.len > 0 ? "xmlns:" : "xmlns",
                   STR_ARG(list->items[i].prefix));
    }
    guess_settle(guess, DSIG_CAUSE_NAMESPACES,
                 arena_printf(guess->work->arena,
                              added ? "the namespace declarations around it were changed after signing (%.*s)"
                                    : "it was moved out of its surroundings and lost namespace declarations (%.*s)",
                              STR_ARG(buf_str(&names))));
    buf_release(&names);
}

static unsigned
count_bits(uint32_t set, const struct declarations *list, bool written)
{
    unsigned count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += (set >> i & 1u) != 0 && list->items[i].written == written;
    return count;
}

void
guess_namespaces(struct guess *guess)
{
    struct declarations list = { .count = 0 };
    struct token root;
    struct str tag;
    size_t at = 0;

    if (!token_next(guess->base, &at, &root) || root.kind != TOKEN_START)
        return;
    tag = str_slice(guess->base, root.offset, root.length);
    if (!guess_spend(guess, MAX_DECLARATIONS * guess->base.len)) /* each is looked for in all of it */
        return;
    collect_declarations(guess, tag, &list);
    /* Sets of one, two and three, the small ones first. */
    for (size_t size = 1; size <= 3 && guess_goes_on(guess); size++)
        for (size_t a = 0; a < list.count && guess_goes_on(guess); a++)
            for (size_t b = size > 1 ? a + 1 : a; b < (size > 1 ? list.count : a + 1) && guess_goes_on(guess); b++)
                for (size_t c = size > 2 ? b + 1 : b; c < (size > 2 ? list.count : b + 1) && guess_goes_on(guess);
                     c++) {
                    uint32_t set = UINT32_C(1) << a | UINT32_C(1) << b | UINT32_C(1) << c;

                    if (count_bits(set, &list, true) <= MAX_DROPPED && count_bits(set, &list, false) <= MAX_ADDED &&
                        is_with_flipped(guess, tag, &list, set))
                        settle_flipped(guess, &list, set);
                }
}
