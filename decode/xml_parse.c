/* SPDX-License-Identifier: MIT */
#include "xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <string.h>

#include "buf.h"
#include "xml_encoding.h"
#include "xml_index.h"
#include "xml_scan.h"

/* libxml2 2.12 made the error const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError xml_error;
#else
typedef xmlError xml_error;
#endif

enum { EXCERPT_BYTES = 40, TEXT_BYTES = 200 };

const struct xml_limits xml_message_limits = {
    .max_bytes = 1 << 20,
    .max_elements = 50000,
    .max_depth = 100,
    .max_attributes = 1000,
    .max_namespaces = 64,
    .max_squares = 16u << 20,
};

const struct xml_limits xml_metadata_limits = {
    .max_bytes = 16 << 20,
    .max_elements = 500000,
    .max_depth = 100,
    .max_attributes = 1000,
    .max_namespaces = 64,
    .max_squares = 128u << 20,
};

struct parse {
    struct arena *arena;
    const struct xml_limits *limits;
    struct xml_status *status;
    uint32_t depth;
    uint32_t elements;
    bool failed; /* status holds the first error */
};

static const char *const result_names[XML_RESULT_COUNT] = {
    [XML_NOT_PARSED] = "not-parsed",
    [XML_OK] = "ok",
    [XML_MALFORMED] = "malformed",
    [XML_DTD] = "dtd",
    [XML_NUL_BYTE] = "nul-byte",
    [XML_BAD_ENCODING] = "bad-encoding",
    [XML_TOO_BIG] = "too-big",
    [XML_TOO_DEEP] = "too-deep",
    [XML_TOO_MANY_NODES] = "too-many-nodes",
    [XML_TOO_MANY_ATTRIBUTES] = "too-many-attributes",
    [XML_NO_MEMORY] = "no-memory",
};

static const char *const result_texts[XML_RESULT_COUNT] = {
    [XML_NOT_PARSED] = "nothing was parsed",
    [XML_OK] = "",
    [XML_MALFORMED] = "not well-formed XML",
    [XML_DTD] = "the document has a document type declaration (DOCTYPE)",
    [XML_NUL_BYTE] = "the text contains a NUL byte",
    [XML_BAD_ENCODING] = "the bytes are not in the declared encoding, or it is not one that is accepted",
    [XML_TOO_BIG] = "the document is too big",
    [XML_TOO_DEEP] = "elements are nested too deeply",
    [XML_TOO_MANY_NODES] = "the document has too many elements",
    [XML_TOO_MANY_ATTRIBUTES] = "an element has too many attributes or namespace declarations",
    [XML_NO_MEMORY] = "not enough memory",
};

const char *
xml_result_name(enum xml_result result)
{
    return result < XML_RESULT_COUNT ? result_names[result] : "unknown";
}

/* --- what went wrong, and where -------------------------------------------------------------------- */

static void
set_status(struct parse *parse, enum xml_result result, struct str text)
{
    *parse->status = (struct xml_status){ .result = result, .text = text };
    parse->failed = true;
}

/* Line, column and excerpt for an offset. */
static void
place_offset(struct xml_status *status, struct str bytes, size_t offset)
{
    size_t line_start = 0;

    if (offset > bytes.len)
        offset = bytes.len;
    status->line = 1;
    for (size_t i = 0; i < offset; i++) {
        if (bytes.ptr[i] == '\n') {
            status->line++;
            line_start = i + 1;
        }
    }
    status->column = (int)(offset - line_start) + 1;
    status->excerpt = str_slice(bytes, offset > EXCERPT_BYTES / 2 ? offset - EXCERPT_BYTES / 2 : 0, EXCERPT_BYTES);
}

/* Excerpt for a line and column that the parser named. */
static void
excerpt_of(struct xml_status *status, struct str bytes)
{
    size_t at = 0;

    for (int line = 1; line < status->line && at < bytes.len; line++) {
        size_t end = str_find_byte(str_from_offset(bytes, at), '\n');

        if (end == SIZE_MAX)
            break;
        at += end + 1;
    }
    at += status->column > 0 ? (size_t)status->column - 1 : 0;
    if (at > bytes.len)
        at = bytes.len;
    status->excerpt = str_slice(bytes, at > EXCERPT_BYTES / 2 ? at - EXCERPT_BYTES / 2 : 0, EXCERPT_BYTES);
}

static void
on_error(void *context, xml_error *error)
{
    xmlParserCtxt *parser = context;
    struct parse *parse = parser ? parser->_private : NULL;
    struct str text;

    if (parse == NULL || parse->failed || error->level < XML_ERR_ERROR ||
        (error->domain != XML_FROM_PARSER && error->domain != XML_FROM_NAMESPACE && error->domain != XML_FROM_IO))
        return;
    text = str_slice(str_trim(str_from(error->message ? error->message : "")), 0, TEXT_BYTES);
    set_status(parse, error->code == XML_ERR_NO_MEMORY ? XML_NO_MEMORY : XML_MALFORMED, arena_copy(parse->arena, text));
    parse->status->undeclared_entity =
        error->code == XML_ERR_UNDECLARED_ENTITY || error->code == XML_WAR_UNDECLARED_ENTITY;
    parse->status->second_root = error->code == XML_ERR_DOCUMENT_END;
    parse->status->odd_name = error->code == XML_NS_ERR_QNAME || error->code == XML_NS_ERR_COLON;
    parse->status->line = error->line;
    parse->status->column = error->int2;
}

static void
ignore_error(void *context, xml_error *error)
{
    (void)context;
    (void)error;
}

/* Lists and XPath do not go through the structured handler when they run out of memory. */
PRINTF_LIKE(2, 3)
static void
ignore_text(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

void
xml_silence_thread(void)
{
    xmlSetStructuredErrorFunc(NULL, ignore_error);
    xmlSetGenericErrorFunc(NULL, ignore_text);
}

/* --- hooks: the second net behind the scan ----------------------------------------------------------- */

static void
stop(xmlParserCtxt *parser, enum xml_result result)
{
    struct parse *parse = parser->_private;

    if (!parse->failed) {
        set_status(parse, result, str_from(result_texts[result]));
        parse->status->line = parser->input ? parser->input->line : 0;
        parse->status->column = parser->input ? parser->input->col : 0;
    }
    xmlStopParser(parser);
}

static void
on_subset(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    stop(context, XML_DTD);
}

static void
on_entity_declaration(void *context, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id,
                      xmlChar *content)
{
    (void)name;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    stop(context, XML_DTD);
}

static void
on_attribute_declaration(void *context, const xmlChar *element, const xmlChar *name, int type, int def,
                         const xmlChar *value, xmlEnumeration *tree)
{
    (void)element;
    (void)name;
    (void)type;
    (void)def;
    (void)value;
    xmlFreeEnumeration(tree);
    stop(context, XML_DTD);
}

static xmlParserInput *
on_resolve_entity(void *context, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)public_id;
    (void)system_id;
    stop(context, XML_DTD);
    return NULL;
}

static void
on_start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                 const xmlChar **namespaces, int attribute_count, int defaulted_count, const xmlChar **attributes)
{
    xmlParserCtxt *parser = context;
    struct parse *parse = parser->_private;

    parse->depth++;
    parse->elements++;
    if (parse->depth > parse->limits->max_depth)
        return stop(parser, XML_TOO_DEEP);
    if (parse->elements > parse->limits->max_elements)
        return stop(parser, XML_TOO_MANY_NODES);
    if ((uint32_t)attribute_count > parse->limits->max_attributes ||
        (uint32_t)namespace_count > parse->limits->max_namespaces)
        return stop(parser, XML_TOO_MANY_ATTRIBUTES);
    xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count, defaulted_count,
                          attributes);
}

static void
on_end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct parse *parse = ((xmlParserCtxt *)context)->_private;

    parse->depth--;
    xmlSAX2EndElementNs(context, name, prefix, uri);
}

static void
install_hooks(xmlParserCtxt *parser)
{
    xmlSAXHandler *sax = parser->sax;

    sax->internalSubset = on_subset;
    sax->externalSubset = on_subset;
    sax->entityDecl = on_entity_declaration;
    sax->attributeDecl = on_attribute_declaration;
    sax->resolveEntity = on_resolve_entity;
    sax->startElementNs = on_start_element;
    sax->endElementNs = on_end_element;
    sax->serror = on_error;
    sax->initialized = XML_SAX2_MAGIC;
}

static int
parser_options(void)
{
    int options = XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC;

#if LIBXML_VERSION >= 21300
    options |= XML_PARSE_NO_XXE;
#endif
    return options;
}

/* --- parse --------------------------------------------------------------------------------------------- */

static xmlDoc *
parse_utf8(struct parse *parse, struct str utf8)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc;

    if (parser == NULL) {
        set_status(parse, XML_NO_MEMORY, str_from(result_texts[XML_NO_MEMORY]));
        return NULL;
    }
    install_hooks(parser);
    parser->_private = parse;
    doc = xmlCtxtReadMemory(parser, utf8.ptr ? utf8.ptr : "", (int)utf8.len, NULL, NULL, parser_options());
    if (!parse->failed && (doc == NULL || !parser->wellFormed || !parser->nsWellFormed || parser->errNo != XML_ERR_OK ||
                           xmlDocGetRootElement(doc) == NULL))
        set_status(parse, XML_MALFORMED, str_from(result_texts[XML_MALFORMED]));
    xmlFreeParserCtxt(parser);
    if (parse->failed && doc != NULL) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    return doc;
}

/* Everything that can be refused before a parser sees the bytes. */
static bool
check_bytes(struct parse *parse, struct str bytes, struct xml_text *text, struct xml_scan *scan)
{
    enum xml_result result = XML_TOO_BIG;
    size_t offset = 0;
    bool in_utf8 = false;

    if (bytes.len <= parse->limits->max_bytes)
        result = xml_to_utf8(parse->arena, bytes, text, &offset);
    if (result == XML_OK) {
        in_utf8 = true;
        if (!xml_scan(parse->arena, text->utf8, parse->limits, scan))
            result = XML_NO_MEMORY;
        else
            result = scan->result;
        offset = scan->offset;
    }
    if (result == XML_OK)
        return true;
    set_status(parse, result, str_from(result_texts[result]));
    if (result != XML_TOO_BIG && result != XML_NO_MEMORY)
        place_offset(parse->status, in_utf8 ? text->utf8 : bytes, offset);
    if (result == XML_BAD_ENCODING && str_present(text->declared))
        parse->status->text = arena_printf(parse->arena, "encoding %.*s is not accepted",
                                           STR_ARG(str_slice(text->declared, 0, EXCERPT_BYTES)));
    return false;
}

/* bytes → tree; what both entries share. */
static bool
parse_bytes(struct parse *parse, struct str bytes, struct xml_document *document, struct xml_scan *scan,
            struct xml_text *text)
{
    *parse->status = (struct xml_status){ .result = XML_NOT_PARSED };
    *document = (struct xml_document){ .arena = parse->arena, .bytes = bytes };
    if (!check_bytes(parse, bytes, text, scan))
        return false;
    document->has_bom = text->has_bom;
    document->declared_encoding = arena_copy(parse->arena, text->declared);
    document->squares = scan->squares;
    document->doc = parse_utf8(parse, text->utf8);
    if (document->doc == NULL) {
        if (parse->status->line > 0)
            excerpt_of(parse->status, text->utf8);
        return false;
    }
    document->root = xmlDocGetRootElement(document->doc);
    parse->status->result = XML_OK;
    return true;
}

static bool
out_of_memory(struct xml_document *document, struct xml_status *status)
{
    xml_release(document);
    *status = (struct xml_status){ .result = XML_NO_MEMORY, .text = str_from(result_texts[XML_NO_MEMORY]) };
    return false;
}

bool
xml_parse(struct arena *arena, struct str bytes, const struct xml_limits *limits, struct xml_document *document,
          struct xml_status *status)
{
    struct parse parse = { .arena = arena, .limits = limits, .status = status };
    struct xml_scan scan = { 0 };
    struct xml_text text = { 0 };

    if (!parse_bytes(&parse, bytes, document, &scan, &text))
        return false;
    if (!xml_index(document) || arena_failed(arena))
        return out_of_memory(document, status);
    if (!text.converted)
        xml_index_ranges(document, scan.ranges, scan.count, text.skipped);
    return true;
}

/* Start tag that puts the plaintext into the scope of `parent`: its namespaces and xml: attributes. */
static void
open_wrapper(struct buf *buf, const xmlNode *parent)
{
    xmlNs **scope = xmlGetNsList(parent->doc, parent);

    buf_add_c(buf, "<wrapper");
    for (xmlNs **ns = scope; ns != NULL && *ns != NULL; ns++) {
        xmlChar *uri = xmlEncodeSpecialChars(NULL, (*ns)->href ? (*ns)->href : BAD_CAST "");

        buf_printf(buf, " xmlns%s%s=\"%s\"", (*ns)->prefix ? ":" : "", (*ns)->prefix ? (const char *)(*ns)->prefix : "",
                   uri ? (const char *)uri : "");
        xmlFree(uri);
    }
    xmlFree(scope);
    for (const char *const *name = (const char *const[]){ "lang", "space", "base", NULL }; *name != NULL; name++) {
        for (const xmlNode *node = parent; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent) {
            xmlChar *value = xmlGetNsProp(node, BAD_CAST * name, XML_XML_NAMESPACE);
            xmlChar *safe = value ? xmlEncodeSpecialChars(NULL, value) : NULL;

            if (safe != NULL)
                buf_printf(buf, " xml:%s=\"%s\"", *name, (const char *)safe);
            xmlFree(safe);
            xmlFree(value);
            if (value != NULL)
                break;
        }
    }
    buf_add_byte(buf, '>');
}

/* Plaintexts start where a document would; inside the wrapper a declaration or mark has no place. */
static struct str
without_prolog(struct str bytes)
{
    size_t end;

    if (str_starts_c(bytes, "\xEF\xBB\xBF"))
        bytes = str_from_offset(bytes, 3);
    if (!str_starts_c(bytes, "<?xml "))
        return bytes;
    end = str_find_c(bytes, "?>");
    return end == SIZE_MAX ? bytes : str_from_offset(bytes, end + 2);
}

bool
xml_parse_replacement(struct arena *arena, struct str bytes, struct xml_document *outer, const xmlNode *replaced,
                      uint32_t number, struct xml_document *document, struct xml_status *status)
{
    struct xml_limits limits = xml_message_limits;
    struct parse parse = { .arena = arena, .limits = &limits, .status = status };
    struct xml_scan scan = { 0 };
    struct xml_text text = { 0 };
    struct buf buf;
    bool parsed;

    limits.max_depth++;
    limits.max_namespaces = UINT32_MAX;
    buf_init(&buf, 2 * limits.max_bytes);
    open_wrapper(&buf, replaced->parent);
    buf_add_str(&buf, without_prolog(bytes));
    buf_add_c(&buf, "</wrapper>");
    if (buf_failed(&buf)) {
        buf_release(&buf);
        *document = (struct xml_document){ 0 };
        return out_of_memory(document, status);
    }
    parsed = parse_bytes(&parse, buf_str(&buf), document, &scan, &text);
    /* Facts must not point into the buffer. */
    if (!parsed)
        status->excerpt = arena_copy(arena, status->excerpt);
    buf_release(&buf);
    document->bytes = (struct str){ 0 };
    if (!parsed)
        return false;
    document->number = number;
    document->root = xml_first(document->root);
    if (document->root == NULL || xml_next(document->root) != NULL) {
        xml_release(document);
        *status =
            (struct xml_status){ .result = XML_MALFORMED, .text = STR("the plaintext is not exactly one element") };
        return false;
    }
    document->base_path = xml_path(outer, replaced->parent);
    if (!xml_index(document) || arena_failed(arena))
        return out_of_memory(document, status);
    return true;
}

void
xml_release(struct xml_document *document)
{
    if (document->doc != NULL)
        xmlFreeDoc(document->doc);
    document->doc = NULL;
    document->root = NULL;
}

/* --- process-wide --------------------------------------------------------------------------------------- */

static xmlParserInput *
refuse_entity(const char *url, const char *id, xmlParserCtxt *context)
{
    (void)url;
    (void)id;
    (void)context;
    return NULL;
}

void
xml_library_init(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse_entity);
}

void
xml_library_cleanup(void)
{
    xmlCleanupParser();
}
