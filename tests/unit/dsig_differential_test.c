/* SPDX-License-Identifier: MIT */
/*
 * Two engines over the same bytes: ours, and xmlsec1 called directly with its own defaults for transforms.
 * Every signed document of the corpus, the generated ones, and SAMLTAP_MUTANTS (10000) mutants of them. Where
 * we say valid xmlsec1 must not say invalid; where it is the other way round, the reason must stand in
 * tests/differential/disagreements.tsv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <openssl/err.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "corpus_rows.h"
#include "key_set.h"
#include "proof_maker.h"
#include "random_numbers.h"
#include "saml_maker.h"
#include "xml.h"

enum { MAX_SOURCES = 600, MAX_SIGNATURES = 16, MAX_REASONS = 64, MUTANTS = 10000, MAX_BYTES = 60000 };

struct source {
    struct str name;
    struct str xml;
    struct key_set *keys;
};

struct reason {
    struct str key;
    unsigned seen;
};

struct world {
    struct arena *arena;
    struct reading reading; /* makes the generated ones */
    struct source sources[MAX_SOURCES];
    size_t count;
    struct reason reasons[MAX_REASONS];
    size_t reason_count;
    struct random_numbers numbers;
    unsigned compared, both_valid, both_invalid, explained, unexplained;
};

static struct world *world;

/* --- the other engine --------------------------------------------------------------------------------------------- */

static enum dsig_state
ask_with_key(xmlNode *signature, EVP_PKEY *key)
{
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    enum dsig_state state = DSIG_ERROR;
    xmlSecKeyDataPtr data;

    assert_non_null(context);
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument | xmlSecTransformUriTypeEmpty;
    context->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    context->signKey = xmlSecKeyCreate();
    assert_non_null(context->signKey);
    EVP_PKEY_up_ref(key);
    data = xmlSecOpenSSLEvpKeyAdopt(key);
    /* It has no key type for every kind. */
    if (data == NULL)
        EVP_PKEY_free(key);
    else if (xmlSecKeySetValue(context->signKey, data) >= 0 && xmlSecDSigCtxVerify(context, signature) >= 0)
        state = context->status == xmlSecDSigStatusSucceeded ? DSIG_OK : DSIG_BAD;
    xmlSecDSigCtxDestroy(context);
    ERR_clear_error();
    return state;
}

static void
register_ids(xmlDoc *doc, xmlNode *node)
{
    for (; node != NULL; node = node->next) {
        xmlAttr *id = node->type == XML_ELEMENT_NODE ? xmlHasProp(node, BAD_CAST "ID") : NULL;

        if (id != NULL && id->children != NULL && id->children->content != NULL)
            xmlAddID(NULL, doc, id->children->content, id);
        if (node->type == XML_ELEMENT_NODE)
            register_ids(doc, node->children);
    }
}

struct answers {
    enum dsig_state states[MAX_SIGNATURES];
    size_t count;
};

/* In document order. */
static void
ask_all(xmlNode *node, const struct key_set *keys, struct answers *answers)
{
    for (; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (xml_is(node, NS_DS, "Signature") && answers->count < MAX_SIGNATURES) {
            enum dsig_state state = DSIG_NOT_CHECKED;

            for (size_t i = 0; i < keys->trusted_count && state != DSIG_OK; i++)
                state = ask_with_key(node, keys->trusted[i].key);
            answers->states[answers->count++] = state;
        }
        ask_all(node->children, keys, answers);
    }
}

static void
ask_xmlsec(struct str xml, const struct key_set *keys, struct answers *answers)
{
    xmlDoc *doc =
        xmlReadMemory(xml.ptr, (int)xml.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    answers->count = 0;
    if (doc != NULL && doc->intSubset == NULL && xmlDocGetRootElement(doc) != NULL) {
        register_ids(doc, xmlDocGetRootElement(doc));
        ask_all(xmlDocGetRootElement(doc), keys, answers);
    }
    xmlFreeDoc(doc);
}

/* --- disagreements --------------------------------------------------------------------------------------------------- */

static bool
is_reason(const char *key)
{
    for (size_t i = 0; i < world->reason_count; i++)
        if (str_eq_c(world->reasons[i].key, key)) {
            world->reasons[i].seen++;
            return true;
        }
    return false;
}

/* xmlsec1 1.2 cannot do what the signature needs: no word against ours. */
static bool
is_beyond_xmlsec(const struct dsig_signature *signature)
{
    char key[300];

    snprintf(key, sizeof(key), "method %.*s", STR_ARG(signature->signature_method));
    if (is_reason(key))
        return true;
    snprintf(key, sizeof(key), "digest %.*s", STR_ARG(signature->digest_method));
    return is_reason(key);
}

static bool
is_explained(const struct dsig_signature *signature)
{
    for (int i = 0; i < DSIG_PROBLEM_COUNT; i++) {
        char key[100];

        snprintf(key, sizeof(key), "problem %s", dsig_problem_name((enum dsig_problem)i));
        if (dsig_has_problem(signature, (enum dsig_problem)i) && is_reason(key))
            return true;
    }
    return false;
}

static void
compare_signature(const struct source *source, const struct dsig_signature *ours, enum dsig_state theirs,
                  struct str xml)
{
    bool valid = ours->valid && ours->trusted;

    world->compared++;
    world->both_valid += valid && theirs == DSIG_OK;
    world->both_invalid += !valid && theirs != DSIG_OK;
    if (valid == (theirs == DSIG_OK))
        return;
    if (valid ? theirs == DSIG_ERROR && is_beyond_xmlsec(ours) : is_explained(ours)) {
        world->explained++;
        return;
    }
    world->unexplained++;
    print_message("%.*s: ours %s (digest %s, value %s, problems %x; %.*s), xmlsec1 %s\n%.*s\n", STR_ARG(source->name),
                  valid ? "valid" : "invalid", dsig_state_name(ours->digest), dsig_state_name(ours->value),
                  ours->problems, STR_ARG(ours->signature_method), dsig_state_name(theirs), STR_ARG(xml));
}

static void
compare(const struct source *source, struct str xml)
{
    struct arena *arena = arena_new(64 << 20);
    struct saml_options options = { .keys = source->keys };
    const struct saml_message *message;
    struct answers answers;
    struct xml_status status;
    size_t at = 0;

    message = saml_read(arena, xml, &options, &status);
    ask_xmlsec(xml, source->keys, &answers);
    for (size_t i = 0; message != NULL && i < message->signature_count && at < answers.count; i++)
        if (message->signatures[i].document == 0)
            compare_signature(source, &message->signatures[i], answers.states[at++], xml);
    for (size_t i = 0; message == NULL && i < answers.count; i++) {
        char key[100];

        snprintf(key, sizeof(key), "parse %s", xml_result_name(status.result));
        if (answers.states[i] == DSIG_OK && !is_reason(key)) {
            world->unexplained++;
            print_message("%.*s: not read (%s), xmlsec1 says valid\n%.*s\n", STR_ARG(source->name), key, STR_ARG(xml));
        }
    }
    arena_free(arena);
}

/* --- mutants ----------------------------------------------------------------------------------------------------------- */

static struct str
random_tag(struct str xml)
{
    size_t from = random_below(&world->numbers, xml.len), start = str_find_byte(str_from_offset(xml, from), '<'), end;

    if (start == SIZE_MAX)
        return str_slice(xml, 0, 0);
    start += from;
    end = str_find_byte(str_from_offset(xml, start), '>');
    return str_slice(xml, start, end == SIZE_MAX ? 0 : end + 1);
}

static struct str
random_words(void)
{
    static const char *const words[] = {
        " ",
        "\n",
        "&#13;",
        "<!-- -->",
        "<?p?>",
        "&amp;",
        "<![CDATA[x]]>",
        "<saml:Assertion ID=\"_x\"/>",
        "<ds:Object/>",
        " ID=\"_a\"",
        " Id=\"_a\"",
        " xml:id=\"_a\"",
        "#",
        "=",
        "+",
        "A",
        "0",
        "_",
        "\"",
        ">",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        " xmlns:u=\"urn:u\"",
        " xmlns:u=\"u\"",
    };

    return str_from(words[random_below(&world->numbers, COUNT_OF(words))]);
}

/* One change: bytes dropped, words put in, a tag or an element copied or moved. */
static void
mutate(struct str xml, struct buf *out)
{
    size_t at = random_below(&world->numbers, xml.len + 1), drop = 0;
    struct str in = STR("");

    switch (random_below(&world->numbers, 6)) {
    case 0:
        drop = 1 + random_below(&world->numbers, 3);
        break;
    case 1:
        in = random_words();
        drop = random_below(&world->numbers, 2);
        break;
    case 2: /* behind a tag, where it does not break the markup */
        in = random_words();
        at = (size_t)(random_tag(xml).ptr - xml.ptr);
        break;
    case 3:
        in = random_tag(xml);
        at = (size_t)(random_tag(xml).ptr - xml.ptr);
        break;
    case 4: { /* a whole piece, twice */
        struct str first = random_tag(xml), second = random_tag(xml);
        size_t a = (size_t)(first.ptr - xml.ptr), b = (size_t)(second.ptr - xml.ptr);

        in = a < b ? str_slice(xml, a, b - a) : str_slice(xml, b, a - b);
        at = (size_t)(random_tag(xml).ptr - xml.ptr);
        break;
    }
    default: { /* inside a start tag, as one more attribute */
        struct str tag = random_tag(xml);
        size_t blank = str_find_byte(tag, ' ');

        in = random_words();
        at = (size_t)(tag.ptr - xml.ptr) + (blank == SIZE_MAX ? 0 : blank);
        break;
    }
    }
    buf_reset(out);
    buf_add_str(out, str_slice(xml, 0, at));
    buf_add_str(out, in);
    buf_add_str(out, str_from_offset(xml, at + drop));
}

static void
test_mutants(void **state)
{
    const char *wanted = getenv("SAMLTAP_MUTANTS");
    size_t mutants = wanted != NULL ? (size_t)strtoul(wanted, NULL, 10) : MUTANTS;
    struct buf mutant;

    (void)state;
    world->numbers.state = 7;
    world->compared = world->both_valid = world->both_invalid = world->explained = world->unexplained = 0;
    buf_init(&mutant, 1 << 20);
    for (size_t i = 0; i < mutants; i++) {
        const struct source *source = &world->sources[random_below(&world->numbers, world->count)];

        mutate(source->xml, &mutant);
        compare(source, buf_str(&mutant));
    }
    buf_release(&mutant);
    print_message("%zu mutants, %u signatures: %u valid and %u invalid for both, %u disagreements explained\n", mutants,
                  world->compared, world->both_valid, world->both_invalid, world->explained);
    assert_int_equal(world->unexplained, 0);
    assert_true(world->both_valid > mutants / 20 && world->both_invalid > mutants / 20);
}

static void
test_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < world->count; i++)
        compare(&world->sources[i], world->sources[i].xml);
    print_message("%zu documents, %u signatures: %u valid and %u invalid for both, %u disagreements explained\n",
                  world->count, world->compared, world->both_valid, world->both_invalid, world->explained);
    assert_int_equal(world->unexplained, 0);
    assert_true(world->both_valid > 30);
}

/* --- sources --------------------------------------------------------------------------------------------------------------- */

static void
add_source(struct str name, struct str xml, struct key_set *keys)
{
    if (world->count == MAX_SOURCES || xml.len > MAX_BYTES || keys->trusted_count == 0 ||
        str_find_c(xml, "http://www.w3.org/2000/09/xmldsig#") == SIZE_MAX) {
        key_set_free(keys);
        return;
    }
    world->sources[world->count++] = (struct source){ name, xml, keys };
}

static void
add_folder(const char *folder)
{
    struct str manifest = corpus_file(world->arena, folder, STR("manifest.tsv")), line, row[CORPUS_COLUMNS], xml;
    bool head = true;

    while (manifest.len > 0) {
        struct str rest;

        str_cut(manifest, '\n', &line, &rest);
        if (!head && corpus_split(line, row) && corpus_xml(world->arena, folder, row, &xml))
            add_source(row[CORPUS_ID], xml, corpus_keys(world->arena, folder, row));
        head = false;
        manifest = rest;
    }
}

static void
add_generated(void)
{
    static const struct proof_row nothing = { .name = "nothing" };

    for (size_t i = 0; i < proof_way_count(); i++) {
        struct proof_way way = proof_way(i);
        struct key_set *keys = key_set_new();
        struct str xml;
        const char *why;

        proof_make(&world->reading, &way, &nothing, &xml);
        assert_int_equal(key_set_add_trusted(keys, str_from(saml_maker_certificate_pem(way.key)), STR("maker"),
                                             (struct str){ 0 }, &why),
                         1);
        add_source(arena_printf(world->arena, "%s %s %d", way.element, way.method, way.c14n), xml, keys);
    }
}

/* Lines: key, tab, explanation. */
static void
read_reasons(void)
{
    static char text[16384];
    FILE *file = fopen("tests/differential/disagreements.tsv", "r");
    struct str rest, line, explanation;

    assert_non_null(file);
    rest = (struct str){ text, fread(text, 1, sizeof(text), file) };
    fclose(file);
    while (rest.len > 0 && world->reason_count < MAX_REASONS) {
        struct str next, *key = &world->reasons[world->reason_count].key;

        str_cut(rest, '\n', &line, &next);
        if (line.len > 0 && line.ptr[0] != '#') {
            assert_true(str_cut(line, '\t', key, &explanation) && explanation.len > 20);
            world->reason_count++;
        }
        rest = next;
    }
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    world = calloc(1, sizeof(*world));
    if (world == NULL || !saml_library_init(&why))
        return -1;
    world->arena = arena_new(256 << 20);
    reading_init(&world->reading);
    read_reasons();
    add_generated();
    add_folder("python3-saml");
    add_folder("php-saml");
    add_folder("java-saml");
    add_folder("derived-settings");
    return world->arena != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < world->count; i++)
        key_set_free(world->sources[i].keys);
    reading_release(&world->reading);
    arena_free(world->arena);
    free(world);
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_mutants),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
