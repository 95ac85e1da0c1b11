/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "proof_maker.h"
#include "random_numbers.h"
#include "saml_maker.h"

/*
 * Random edits of signed messages, from a fixed seed: a digest holds exactly when the canonical form is the
 * signed one, and a cause is claimed only when it is what was done.
 */

enum { ROUNDS = 1500, EXPLAINED_ROUNDS = 250 };

/* --- the messages, one of each way ----------------------------------------------------------------------------- */

struct original {
    struct proof_way way;
    struct str xml;
    struct buf canonical; /* of the signed element without its signature */
};

struct world {
    struct reading reading;
    struct original originals[64];
    size_t count;
    struct random_numbers numbers;
};

static struct world *world;

static int
is_below(void *user, xmlNodePtr node, xmlNodePtr parent)
{
    const xmlNode *top = user;

    for (const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node; at != NULL; at = at->parent)
        if (at == top)
            return 1;
    return 0;
}

static xmlNode *
element_named(xmlNode *node, const char *name)
{
    for (; node != NULL; node = node->next) {
        xmlNode *below;

        if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0)
            return node;
        below = node->type == XML_ELEMENT_NODE ? element_named(node->children, name) : NULL;
        if (below != NULL)
            return below;
    }
    return NULL;
}

/* Independent of decode/: parse, take the signature out, canonicalise. Returns false when that cannot be done. */
static bool
canonical_of(struct str xml, const struct proof_way *way, struct buf *out)
{
    static const int modes[PROOF_C14N_COUNT] = { XML_C14N_EXCLUSIVE_1_0, XML_C14N_EXCLUSIVE_1_0, XML_C14N_1_0,
                                                 XML_C14N_1_1 };
    xmlDoc *doc = xmlReadMemory(xml.ptr, (int)xml.len, "edited.xml", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNode *element = doc != NULL ? element_named(xmlDocGetRootElement(doc), way->element) : NULL;
    xmlNode *signature = element != NULL ? element_named(element->children, "Signature") : NULL;
    xmlBuffer *bytes = xmlBufferCreate();
    xmlOutputBuffer *sink;
    int written = -1;

    if (signature != NULL) {
        xmlUnlinkNode(signature);
        xmlFreeNode(signature);
        sink = xmlOutputBufferCreateBuffer(bytes, NULL);
        written = xmlC14NExecute(doc, is_below, element, modes[way->c14n], NULL, 0, sink);
        xmlOutputBufferClose(sink);
        buf_reset(out);
        buf_add(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
    }
    xmlBufferFree(bytes);
    xmlFreeDoc(doc);
    return written >= 0;
}

/* --- edits ----------------------------------------------------------------------------------------------------------- */

/* What an edit can truly be called: bit set of 1 << enum dsig_cause. */
#define CALLED(cause) (UINT32_C(1) << DSIG_CAUSE_##cause)

struct edit {
    const char *name;
    /* Edits reading->xml somewhere between start and end. Returns false when the place does not suit. */
    bool (*apply)(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end);
    uint32_t called;
    bool neutral; /* the canonical form stays */
};

static void
splice(struct reading *reading, size_t at, size_t drop, struct str in)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml)), copy = arena_copy(reading->arena, in);

    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, at));
    buf_add_str(&reading->xml, copy);
    buf_add_str(&reading->xml, str_from_offset(xml, at + drop));
}

/* A random place in the range right behind the text `behind`, SIZE_MAX when there is none. */
static size_t
place_behind(const struct reading *reading, struct random_numbers *numbers, size_t start, size_t end,
             const char *behind)
{
    size_t from = start + random_below(numbers, end - start);
    size_t at = str_find_c(str_slice(buf_str(&reading->xml), from, end - from), behind);

    return at == SIZE_MAX ? SIZE_MAX : from + at + strlen(behind);
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The character is inside a text or an attribute value, not in markup. */
static bool
is_value_place(struct str xml, size_t at)
{
    size_t back = at;

    while (back > 0 && strchr("<>\"&;", xml.ptr[back]) == NULL)
        back--;
    if (xml.ptr[back] == '>')
        return true;
    return xml.ptr[back] == '"' && back > 0 && xml.ptr[back - 1] == '=';
}

static bool
change_letter(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    struct str xml = buf_str(&reading->xml);
    size_t at = start + random_below(numbers, end - start);
    char other = (char)('a' + random_below(numbers, 26));

    if (!is_letter(xml.ptr[at]) || !is_value_place(xml, at) || other == xml.ptr[at])
        return false;
    splice(reading, at, 1, (struct str){ &other, 1 });
    return true;
}

static bool
insert_letters(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    struct str xml = buf_str(&reading->xml);
    size_t at = start + random_below(numbers, end - start);

    if (!is_letter(xml.ptr[at]) || !is_value_place(xml, at))
        return false;
    splice(reading, at, 0, STR("qz"));
    return true;
}

static bool
put_behind(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end, const char *behind,
           const char *in)
{
    size_t at = place_behind(reading, numbers, start, end, behind);

    if (at == SIZE_MAX)
        return false;
    splice(reading, at, 0, str_from(in));
    return true;
}

static bool
blank_between_elements(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "</saml:Attribute>", "\n    ");
}

static bool
carriage_return(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "</saml:Attribute>", "&#13;");
}

static bool
element_in(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "</saml:Attribute>",
                      "<saml:Attribute Name=\"admin\"><saml:AttributeValue>yes</saml:AttributeValue></saml:Attribute>");
}

static bool
attribute_in(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "<saml:Attribute ", "FriendlyName=\"x\" ");
}

static bool
instruction_in(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "</saml:Attribute>", "<?note?>");
}

static bool
comment_in(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "</saml:Attribute>", "<!-- note -->");
}

static bool
blank_in_tag(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    return put_behind(reading, numbers, start, end, "<saml:Attribute ", "  \n");
}

static bool
element_out(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    size_t at = place_behind(reading, numbers, start, end, "<saml:Attribute "), close;

    if (at == SIZE_MAX)
        return false;
    at -= strlen("<saml:Attribute ");
    close = str_find_c(str_from_offset(buf_str(&reading->xml), at), "</saml:Attribute>");
    splice(reading, at, close + strlen("</saml:Attribute>"), STR(""));
    return true;
}

static bool
any_byte(struct reading *reading, struct random_numbers *numbers, size_t start, size_t end)
{
    static const char bytes[] = "<>&\"'= \n\t/:aZ09_-#;!?\xC3";
    size_t at = start + random_below(numbers, end - start);

    splice(reading, at, random_below(numbers, 3), (struct str){ &bytes[random_below(numbers, sizeof(bytes) - 1)], 1 });
    return true;
}

/* A changed value may be found out, or not. */
#define VALUE (CALLED(NONE) | CALLED(VALUE_REPLACED))

static const struct edit edits[] = {
    { "letter changed", change_letter, VALUE, false },
    { "letters inserted", insert_letters, VALUE, false },
    { "line break between elements", blank_between_elements, CALLED(REINDENTED), false },
    { "carriage return", carriage_return, CALLED(LINE_ENDINGS), false },
    { "element put in", element_in, CALLED(ELEMENT_ADDED), false },
    { "attribute put in", attribute_in, CALLED(CONTENT_ADDED), false },
    { "instruction put in", instruction_in, CALLED(CONTENT_ADDED), false },
    { "element taken out", element_out, CALLED(NONE), false },
    { "comment put in", comment_in, CALLED(NONE), true },
    { "blanks in a tag", blank_in_tag, CALLED(NONE), true },
};

/* The range of the signed element behind its signature. */
static void
range_of(struct str xml, const struct proof_way *way, size_t *start, size_t *end)
{
    *start = str_find_c(xml, "</ds:Signature>") + strlen("</ds:Signature>");
    *end = str_find_c(xml, strcmp(way->element, "Assertion") == 0 ? "</saml:Assertion>" : "</samlp:Response>");
}

static const struct original *
pick(struct reading *reading)
{
    const struct original *original = &world->originals[random_below(&world->numbers, world->count)];

    reading_init(reading);
    reading_trust(reading, original->way.key);
    reading->options.candidates = proof_candidates;
    reading->options.candidate_count = proof_candidate_count;
    reading_set(reading, original->xml);
    return original;
}

/* --- properties -------------------------------------------------------------------------------------------------------- */

static void
test_a_cause_is_claimed_only_when_it_is_the_edit(void **state)
{
    unsigned claimed = 0;

    (void)state;
    world->numbers.state = 20260101;
    for (size_t i = 0; i < EXPLAINED_ROUNDS; i++) {
        const struct edit *edit = &edits[i % COUNT_OF(edits)];
        const struct dsig_signature *signature;
        const struct original *original;
        struct reading reading;
        size_t start, end;
        bool done = false;

        original = pick(&reading);
        range_of(original->xml, &original->way, &start, &end);
        for (int tries = 0; tries < 200 && !done; tries++)
            done = edit->apply(&reading, &world->numbers, start, end);
        assert_true(done);
        assert_non_null(reading_read(&reading));
        signature = &reading.message->signatures[0];
        if (signature->trusted != edit->neutral || (edit->called >> signature->digest_cause & 1u) == 0 ||
            signature->digest_cause_also != DSIG_CAUSE_NONE)
            fail_msg("round %zu, %s (%s, %s, %d): cause %s + %s: %.*s", i, edit->name, original->way.element,
                     original->way.method, original->way.c14n, dsig_cause_name(signature->digest_cause),
                     dsig_cause_name(signature->digest_cause_also), STR_ARG(signature->digest_cause_detail));
        claimed += signature->digest_cause != DSIG_CAUSE_NONE;
        reading_release(&reading);
    }
    assert_true(claimed > EXPLAINED_ROUNDS / 4);
}

/* Any byte anywhere in the signed element: what counts is the canonical form, as an independent run makes it. */
static void
test_valid_is_what_has_the_signed_canonical_form(void **state)
{
    unsigned same = 0, other = 0;
    struct buf canonical;

    (void)state;
    world->numbers.state = 424242;
    buf_init(&canonical, 1 << 20);
    for (size_t i = 0; i < ROUNDS; i++) {
        const struct original *original;
        struct reading reading;
        size_t start, end;
        bool equal;

        original = pick(&reading);
        reading.options.explain = false;
        range_of(original->xml, &original->way, &start, &end);
        if (i % 3 == 0)
            edits[8 + random_below(&world->numbers, 2)].apply(&reading, &world->numbers, start, end);
        else
            any_byte(&reading, &world->numbers, start, end);
        if (reading_read(&reading) != NULL && reading.message->signature_count == 1 &&
            canonical_of(buf_str(&reading.xml), &original->way, &canonical)) {
            equal = str_eq(buf_str(&canonical), buf_str(&original->canonical));
            if ((reading.message->signatures[0].digest == DSIG_OK) != equal)
                fail_msg("round %zu: digest %s, canonical forms %s: %.*s", i,
                         dsig_state_name(reading.message->signatures[0].digest), equal ? "equal" : "differ",
                         STR_ARG(buf_str(&reading.xml)));
            same += equal;
            other += !equal;
        }
        reading_release(&reading);
    }
    buf_release(&canonical);
    print_message("%u kept the canonical form, %u changed it\n", same, other);
    assert_true(same > ROUNDS / 10 && other > ROUNDS / 10);
}

/* --- set-up --------------------------------------------------------------------------------------------------------------- */

static int
set_up(void **state)
{
    static const struct proof_row nothing = { .name = "nothing" };
    const char *why;

    (void)state;
    world = calloc(1, sizeof(*world));
    if (world == NULL || !saml_library_init(&why))
        return -1;
    reading_init(&world->reading);
    for (size_t i = 0; i < proof_way_count() && i < COUNT_OF(world->originals); i++) {
        struct original *original = &world->originals[world->count++];

        original->way = proof_way(i);
        buf_init(&original->canonical, 1 << 20);
        proof_make(&world->reading, &original->way, &nothing, &original->xml);
        if (!canonical_of(original->xml, &original->way, &original->canonical))
            return -1;
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < world->count; i++)
        buf_release(&world->originals[i].canonical);
    reading_release(&world->reading);
    free(world);
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cause_is_claimed_only_when_it_is_the_edit),
        cmocka_unit_test(test_valid_is_what_has_the_signed_canonical_form),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
