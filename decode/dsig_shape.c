/* SPDX-License-Identifier: MIT */
#include <openssl/rsa.h>
#include <string.h>

#include "dsig_work.h"
#include "xml_base64.h"

/* The only accepted shape (saml-verification 4.1), read and held against the rule part by part. */

#define NS_DSIG_MORE07 "http://www.w3.org/2007/05/xmldsig-more#"

void
dsig_problem_add(struct dsig_work *work, enum dsig_problem problem, struct str detail)
{
    if (work->facts->problems == 0)
        work->facts->problem_detail = detail;
    work->facts->problems |= 1u << problem;
}

/* --- where the signature stands ----------------------------------------------------------------------- */

enum position { POSITION_NONE, POSITION_AFTER_ISSUER, POSITION_FIRST, POSITION_LAST };

struct signable {
    const char *uri;
    const char *name;
    const char *id;
    enum position position;
};

static const struct signable signables[] = {
    { NS_SAMLP, "Response", "ID", POSITION_AFTER_ISSUER },
    { NS_SAML, "Assertion", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "AuthnRequest", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "LogoutRequest", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "LogoutResponse", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "ArtifactResolve", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "ArtifactResponse", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "AttributeQuery", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "AuthnQuery", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "AuthzDecisionQuery", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "AssertionIDRequest", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "ManageNameIDRequest", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "ManageNameIDResponse", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "NameIDMappingRequest", "ID", POSITION_AFTER_ISSUER },
    { NS_SAMLP, "NameIDMappingResponse", "ID", POSITION_AFTER_ISSUER },
    { NS_MD, "EntityDescriptor", "ID", POSITION_FIRST },
    { NS_MD, "EntitiesDescriptor", "ID", POSITION_FIRST },
    { NS_MD, "IDPSSODescriptor", "ID", POSITION_FIRST },
    { NS_MD, "SPSSODescriptor", "ID", POSITION_FIRST },
    { NS_SAMLP1, "Response", "ResponseID", POSITION_FIRST },
    { NS_SAMLP1, "Request", "RequestID", POSITION_NONE },
    { NS_SAML1, "Assertion", "AssertionID", POSITION_LAST },
};

static const struct signable *
signable_of(const xmlNode *node)
{
    for (size_t i = 0; i < COUNT_OF(signables); i++)
        if (xml_is(node, signables[i].uri, signables[i].name))
            return &signables[i];
    return NULL;
}

/* The element itself stands where a receiver looks for it: a signed element elsewhere proves nothing. */
static bool
stands_in_place(const struct xml_document *document, const xmlNode *node)
{
    const xmlNode *above = node->parent;

    if (node == document->root)
        return true;
    if (xml_in(node, NS_SAMLP) || xml_in(node, NS_SAMLP1))
        return xml_is(above, NS_SOAP, "Body") ||
               (xml_is(above, NS_SAMLP, "ArtifactResponse") && stands_in_place(document, above));
    if (xml_in(node, NS_SAML))
        return xml_is_token(above) || (xml_is(above, NS_SAMLP, "Response") && stands_in_place(document, above));
    if (xml_in(node, NS_SAML1))
        return xml_is_token(above) || (xml_is(above, NS_SAMLP1, "Response") && stands_in_place(document, above));
    return xml_in(above, NS_MD) && stands_in_place(document, above);
}

static const xmlNode *
previous_element(const xmlNode *node)
{
    const xmlNode *previous = node->prev;

    while (previous != NULL && previous->type != XML_ELEMENT_NODE)
        previous = previous->prev;
    return previous;
}

static bool
is_at_position(const xmlNode *signature, enum position position)
{
    const xmlNode *previous = previous_element(signature);

    switch (position) {
    case POSITION_AFTER_ISSUER:
        return previous == NULL ? xml_child(signature->parent, NS_SAML, "Issuer") == NULL
                                : xml_is(previous, NS_SAML, "Issuer");
    case POSITION_FIRST:
        return previous == NULL;
    case POSITION_LAST:
        return xml_next(signature) == NULL;
    default:
        return true;
    }
}

static void
check_place(struct dsig_work *work, const struct signable *signable)
{
    struct arena *arena = work->arena;
    struct str name = work->facts->parent_name;

    if (signable == NULL)
        dsig_problem_add(work, DSIG_PROBLEM_PLACEMENT,
                         arena_printf(arena, "%.*s may not carry a signature", STR_ARG(name)));
    else if (!stands_in_place(work->document, work->parent))
        dsig_problem_add(work, DSIG_PROBLEM_PLACEMENT,
                         arena_printf(arena, "the signed %.*s stands where no receiver looks for it", STR_ARG(name)));
    if (signable != NULL && !is_at_position(work->signature, signable->position))
        dsig_problem_add(work, DSIG_PROBLEM_POSITION,
                         STR("the signature does not stand at the place that the schema gives it"));
    if (xml_count(work->parent, NS_DS, "Signature") > 1)
        dsig_problem_add(work, DSIG_PROBLEM_SECOND_SIGNATURE,
                         arena_printf(arena, "%.*s carries more than one signature", STR_ARG(name)));
}

/* --- algorithms and canonicalisation ------------------------------------------------------------------ */

/* Reads InclusiveNamespaces/@PrefixList of a method. Anything else below it is a deviation. */
static bool
read_prefixes(struct dsig_work *work, const xmlNode *method, struct dsig_canonical *canonical,
              enum dsig_problem otherwise)
{
    const xmlNode *child = xml_first(method);
    struct str list, prefix;

    if (child == NULL)
        return true;
    if (!xml_is(child, NS_EC, "InclusiveNamespaces") || xml_next(child) != NULL) {
        dsig_problem_add(work, otherwise, STR("a canonicalisation method holds an unknown element"));
        return false;
    }
    list = xml_attribute(work->document, child, "PrefixList");
    while (list.len > 0) {
        size_t end = 0;

        list = str_trim(list);
        while (end < list.len && strchr(" \t\r\n", list.ptr[end]) == NULL)
            end++;
        prefix = arena_copy(work->arena, str_slice(list, 0, end));
        list = str_from_offset(list, end);
        if (prefix.len == 0)
            continue;
        if (canonical->prefix_count == DSIG_MAX_PREFIXES) {
            dsig_problem_add(work, DSIG_PROBLEM_PREFIX_LIST, STR("InclusiveNamespaces lists over 32 prefixes"));
            return false;
        }
        canonical->prefixes[canonical->prefix_count++] = (xmlChar *)(uintptr_t)prefix.ptr;
    }
    return true;
}

static bool
read_c14n(struct dsig_work *work, const xmlNode *method, struct str uri, struct dsig_canonical *canonical,
          enum dsig_problem otherwise)
{
    canonical->method = dsig_c14n_find(uri);
    if (canonical->method == NULL) {
        dsig_problem_add(work, otherwise,
                         arena_printf(work->arena, "unknown canonicalisation %.*s", STR_ARG(str_slice(uri, 0, 120))));
        return false;
    }
    if (!str_starts_c(uri, NS_EC)) {
        dsig_problem_add(work, DSIG_PROBLEM_C14N_INCLUSIVE,
                         STR("inclusive canonicalisation: the signature breaks when the element is moved"));
        return true;
    }
    return read_prefixes(work, method, canonical, otherwise);
}

/* RSAPSSParams of RFC 9231 2.3.9; without them SHA-256 and its salt. */
static void
read_pss_parameters(struct dsig_work *work, const xmlNode *method)
{
    const xmlNode *parameters = xml_child(method, NS_DSIG_MORE07, "RSAPSSParams");
    const xmlNode *digest = xml_child(parameters, NS_DS, "DigestMethod");
    const xmlNode *salt = xml_child(parameters, NS_DSIG_MORE07, "SaltLength");
    const struct dsig_digest *known;
    uint64_t length;

    if (digest != NULL) {
        known = dsig_digest_find(xml_attribute(work->document, digest, "Algorithm"));
        if (known == NULL)
            dsig_problem_add(work, DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN, STR("unknown hash in RSAPSSParams"));
        work->method_digest = known ? known->name : NULL;
    }
    if (salt != NULL) {
        if (str_to_u64(str_trim(xml_text(work->document, salt)), &length) && length <= 512)
            work->salt_length = (int)length;
        else
            dsig_problem_add(work, DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN, STR("bad SaltLength in RSAPSSParams"));
    }
}

static void
read_signature_method(struct dsig_work *work, const xmlNode *method)
{
    struct str uri = xml_attribute(work->document, method, "Algorithm");
    struct str shown = str_slice(uri, 0, 120);

    work->facts->signature_method = uri;
    work->method = dsig_method_find(uri);
    work->salt_length = RSA_PSS_SALTLEN_DIGEST;
    if (dsig_method_is_refused(uri))
        dsig_problem_add(work, DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED,
                         arena_printf(work->arena, "signature method %.*s is never accepted", STR_ARG(shown)));
    else if (work->method == NULL)
        dsig_problem_add(work, DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN,
                         arena_printf(work->arena, "unknown signature method %.*s", STR_ARG(shown)));
    if (work->method == NULL)
        return;
    work->method_digest = work->method->digest;
    if (work->method->has_parameters)
        read_pss_parameters(work, method);
    else if (xml_has_element_child(method))
        dsig_problem_add(work, DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN,
                         STR("SignatureMethod holds parameters that its algorithm does not have"));
}

static void
read_digest_method(struct dsig_work *work, const xmlNode *method)
{
    struct str uri = xml_attribute(work->document, method, "Algorithm");
    struct str shown = str_slice(uri, 0, 120);

    work->facts->digest_method = uri;
    work->digest = dsig_digest_find(uri);
    if (dsig_digest_is_refused(uri))
        dsig_problem_add(work, DSIG_PROBLEM_DIGEST_METHOD_REFUSED,
                         arena_printf(work->arena, "digest method %.*s is never accepted", STR_ARG(shown)));
    else if (work->digest == NULL)
        dsig_problem_add(work, DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN,
                         arena_printf(work->arena, "unknown digest method %.*s", STR_ARG(shown)));
}

/* --- values -------------------------------------------------------------------------------------------- */

static bool
is_text_only(const xmlNode *node)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type != XML_TEXT_NODE)
            return false;
    return true;
}

/* What a reader takes that stops at the first child which is no text. */
static struct str
first_text(const xmlNode *node)
{
    const xmlNode *child = node->children;

    return child != NULL && child->type == XML_TEXT_NODE ? str_trim(str_from((const char *)child->content)) : STR("");
}

/* Bytes of DigestValue or SignatureValue; absent when they cannot be had. */
static struct str
read_value(struct dsig_work *work, const xmlNode *node, const char *name, struct str *written)
{
    struct str text = node != NULL ? xml_text(work->document, node) : (struct str){ 0 };
    struct str bytes = { 0 };

    if (written != NULL)
        *written = text;
    if (node != NULL && !is_text_only(node))
        dsig_problem_add(
            work, DSIG_PROBLEM_VALUE_NOT_TEXT,
            arena_printf(work->arena, "%s holds more than text; one reader takes \"%.*s\", another \"%.*s\"", name,
                         STR_ARG(str_slice(first_text(node), 0, 100)), STR_ARG(str_slice(str_trim(text), 0, 100))));
    if (str_trim(text).len == 0)
        dsig_problem_add(work, DSIG_PROBLEM_VALUE_EMPTY, arena_printf(work->arena, "%s is empty or missing", name));
    else if (!xml_base64_decode(work->arena, text, &bytes))
        dsig_problem_add(work, DSIG_PROBLEM_VALUE_BASE64, arena_printf(work->arena, "%s is not base64", name));
    return bytes;
}

/* --- Reference ----------------------------------------------------------------------------------------- */

static void
read_transform(struct dsig_work *work, const xmlNode *transform)
{
    struct dsig_signature *facts = work->facts;
    struct str uri = xml_attribute(work->document, transform, "Algorithm");

    if (facts->transform_count < COUNT_OF(facts->transforms))
        facts->transforms[facts->transform_count++] = uri;
    if (str_eq_c(uri, DSIG_ENVELOPED)) {
        if (work->enveloped || work->reference_c14n.method != NULL || xml_has_element_child(transform))
            dsig_problem_add(work, DSIG_PROBLEM_TRANSFORM, STR("enveloped-signature stands twice or not first"));
        work->enveloped = true;
    } else if (work->reference_c14n.method != NULL) {
        dsig_problem_add(work, DSIG_PROBLEM_TRANSFORM,
                         arena_printf(work->arena, "%.*s stands behind the canonicalisation, or is a second one",
                                      STR_ARG(str_slice(uri, 0, 120))));
        work->transforms_known = false;
    } else if (!read_c14n(work, transform, uri, &work->reference_c14n, DSIG_PROBLEM_TRANSFORM)) {
        work->transforms_known = false;
    }
}

static void
read_transforms(struct dsig_work *work, const xmlNode *reference)
{
    static const struct str implied = STR_INIT("http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
    const xmlNode *transforms = xml_child(reference, NS_DS, "Transforms");

    work->transforms_known = true;
    for (const xmlNode *node = xml_first(transforms); node != NULL; node = xml_next(node)) {
        if (xml_is(node, NS_DS, "Transform")) {
            read_transform(work, node);
        } else {
            dsig_problem_add(work, DSIG_PROBLEM_TRANSFORM, STR("an unknown element stands among the transforms"));
            work->transforms_known = false;
        }
    }
    /* A node set that no transform has turned into bytes is canonicalised with C14N 1.0. */
    if (work->transforms_known && work->reference_c14n.method == NULL)
        work->transforms_known = read_c14n(work, NULL, implied, &work->reference_c14n, DSIG_PROBLEM_TRANSFORM);
}

static bool
is_duplicate(const struct dsig_options *options, struct str id)
{
    for (size_t i = 0; i < options->duplicate_id_count; i++)
        if (str_eq(options->duplicate_ids[i], id))
            return true;
    return false;
}

static void
check_uri(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;
    struct str uri = facts->reference_uri, id = facts->parent_id;

    if (!str_present(id) || id.len == 0)
        dsig_problem_add(work, DSIG_PROBLEM_PARENT_WITHOUT_ID,
                         arena_printf(work->arena, "%.*s has no ID to refer to", STR_ARG(facts->parent_name)));
    else if (is_duplicate(work->options, id))
        dsig_problem_add(work, DSIG_PROBLEM_DUPLICATE_ID,
                         arena_printf(work->arena, "the ID %.*s stands more than once in the message", STR_ARG(id)));
    if (!str_present(uri)) {
        dsig_problem_add(work, DSIG_PROBLEM_URI_MISSING, STR("the Reference has no URI"));
    } else if (uri.len == 0) {
        dsig_problem_add(work, DSIG_PROBLEM_URI_EMPTY, STR("the Reference means the whole document"));
        if (work->document->number != 0 || work->parent != work->document->root)
            dsig_problem_add(work, DSIG_PROBLEM_URI_MISMATCH,
                             STR("the Reference means the whole document, not the parent of the signature"));
    } else if (uri.ptr[0] != '#' || !str_present(id) || !str_eq(str_from_offset(uri, 1), id)) {
        dsig_problem_add(work, DSIG_PROBLEM_URI_MISMATCH,
                         arena_printf(work->arena, "the Reference names %.*s, but the signature stands in %.*s",
                                      STR_ARG(uri), STR_ARG(id)));
    }
}

static void
read_reference(struct dsig_work *work, const xmlNode *reference)
{
    struct dsig_signature *facts = work->facts;
    const xmlNode *digest_method = xml_child(reference, NS_DS, "DigestMethod");

    facts->reference_uri = xml_attribute(work->document, reference, "URI");
    read_transforms(work, reference);
    read_digest_method(work, digest_method);
    work->digest_stated =
        read_value(work, xml_child(reference, NS_DS, "DigestValue"), "DigestValue", &facts->digest_stated);
    for (const xmlNode *node = xml_first(reference); node != NULL; node = xml_next(node))
        if (!xml_is(node, NS_DS, "Transforms") && !xml_is(node, NS_DS, "DigestMethod") &&
            !xml_is(node, NS_DS, "DigestValue"))
            dsig_problem_add(work, DSIG_PROBLEM_TRANSFORM, STR("the Reference holds an unknown element"));
    if (xml_count(reference, NS_DS, "DigestValue") > 1 || xml_count(reference, NS_DS, "DigestMethod") > 1 ||
        xml_count(reference, NS_DS, "Transforms") > 1)
        dsig_problem_add(work, DSIG_PROBLEM_REFERENCE_COUNT, STR("the Reference says something twice"));
}

/* --- Signature and SignedInfo ------------------------------------------------------------------------- */

static void
read_signed_info(struct dsig_work *work)
{
    const xmlNode *info = work->signed_info;
    const xmlNode *method = xml_child(info, NS_DS, "CanonicalizationMethod");
    const xmlNode *reference = xml_child(info, NS_DS, "Reference");
    size_t references = xml_count(info, NS_DS, "Reference"), children = 0;

    work->facts->canonicalization = xml_attribute(work->document, method, "Algorithm");
    read_c14n(work, method, work->facts->canonicalization, &work->signed_info_c14n, DSIG_PROBLEM_C14N_UNKNOWN);
    read_signature_method(work, xml_child(info, NS_DS, "SignatureMethod"));
    for (const xmlNode *node = xml_first(info); node != NULL; node = xml_next(node))
        children++;
    if (references != 1)
        dsig_problem_add(work, DSIG_PROBLEM_REFERENCE_COUNT,
                         arena_printf(work->arena, "SignedInfo has %zu References", references));
    if (children != references + 2)
        dsig_problem_add(work, DSIG_PROBLEM_SIGNED_INFO_COUNT,
                         STR("SignedInfo does not hold exactly the elements it should"));
    if (reference != NULL)
        read_reference(work, reference);
}

static void
check_children(struct dsig_work *work)
{
    size_t infos = xml_count(work->signature, NS_DS, "SignedInfo");

    if (infos != 1 || xml_first(work->signature) != work->signed_info)
        dsig_problem_add(
            work, DSIG_PROBLEM_SIGNED_INFO_COUNT,
            arena_printf(work->arena, "the signature has %zu SignedInfo elements, or something before it", infos));
    if (xml_count(work->signature, NS_DS, "SignatureValue") > 1 || xml_count(work->signature, NS_DS, "KeyInfo") > 1)
        dsig_problem_add(work, DSIG_PROBLEM_SIGNED_INFO_COUNT,
                         STR("the signature has more than one SignatureValue or KeyInfo"));
    for (const xmlNode *node = xml_first(work->signature); node != NULL; node = xml_next(node))
        if (!xml_is(node, NS_DS, "SignedInfo") && !xml_is(node, NS_DS, "SignatureValue") &&
            !xml_is(node, NS_DS, "KeyInfo"))
            dsig_problem_add(work, DSIG_PROBLEM_OBJECT,
                             arena_printf(work->arena, "the signature carries a %.*s",
                                          STR_ARG(str_slice(xml_local_name(node), 0, 60))));
}

bool
dsig_read_shape(struct dsig_work *work)
{
    struct dsig_signature *facts = work->facts;
    const struct signable *signable = signable_of(work->parent);
    const struct xml_element *parent = xml_element_of(work->parent);

    facts->where = xml_where(work->document, work->signature);
    facts->signature_last = xml_element_of(work->signature)->last;
    facts->document = work->document->number;
    work->signed_info = xml_child(work->signature, NS_DS, "SignedInfo");
    work->key_info = xml_child(work->signature, NS_DS, "KeyInfo");
    if (parent != NULL) {
        facts->covers = xml_where(work->document, work->parent);
        facts->parent_name = arena_copy(work->arena, xml_local_name(work->parent));
        facts->parent_id = xml_attribute(work->document, work->parent, signable ? signable->id : "ID");
        facts->first_element = parent->number;
        facts->last_element = parent->last;
        check_place(work, signable);
    } else {
        dsig_problem_add(work, DSIG_PROBLEM_PLACEMENT, STR("the signature is the document element"));
    }
    check_children(work);
    if (work->signed_info != NULL)
        read_signed_info(work);
    if (parent != NULL && work->signed_info != NULL)
        check_uri(work);
    work->value = read_value(work, xml_child(work->signature, NS_DS, "SignatureValue"), "SignatureValue", NULL);
    return !arena_failed(work->arena);
}
