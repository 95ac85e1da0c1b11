/* SPDX-License-Identifier: MIT */
#include <libxml/parser.h>
#include <openssl/err.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "dsig_work.h"

/*
 * xmlsec1 as the second, independent engine (saml-verification 7.1): a second parse of the same bytes,
 * the key pinned, no other URI than one in this document, an allow-list of transforms, no manifests.
 */

/* It prints by default; what it has to say is in its result. */
static void
ignore_xmlsec_error(const char *file, int line, const char *function, const char *object, const char *subject,
                    int reason, const char *message)
{
    (void)file;
    (void)line;
    (void)function;
    (void)object;
    (void)subject;
    (void)reason;
    (void)message;
}

bool
dsig_library_init(const char **why)
{
    if (xmlSecInit() < 0) {
        *why = "xmlsec1 could not be initialised";
        return false;
    }
    if (xmlSecCheckVersion() != 1) {
        *why = "the installed xmlsec1 does not fit the one this program was built with";
        return false;
    }
    if (xmlSecOpenSSLInit() < 0) {
        *why = "the OpenSSL part of xmlsec1 could not be initialised";
        return false;
    }
    xmlSecErrorsSetCallback(ignore_xmlsec_error);
    /* Without input callbacks no reference of any kind can be opened. */
    xmlSecIOCleanupCallbacks();
    return true;
}

void
dsig_library_cleanup(void)
{
    xmlSecOpenSSLShutdown();
    xmlSecShutdown();
}

static bool
limit_transforms(xmlSecDSigCtxPtr context)
{
    const xmlSecTransformId references[] = {
        xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecTransformExclC14NWithCommentsId,
        xmlSecTransformInclC14NId,  xmlSecTransformSha1Id,     xmlSecTransformSha256Id,
        xmlSecTransformSha384Id,    xmlSecTransformSha512Id,
    };
    const xmlSecTransformId signatures[] = {
        xmlSecTransformExclC14NId,    xmlSecTransformExclC14NWithCommentsId,
        xmlSecTransformInclC14NId,    xmlSecTransformRsaSha1Id,
        xmlSecTransformRsaSha256Id,   xmlSecTransformRsaSha384Id,
        xmlSecTransformRsaSha512Id,   xmlSecTransformEcdsaSha256Id,
        xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id,
    };

    for (size_t i = 0; i < COUNT_OF(references); i++)
        if (xmlSecDSigCtxEnableReferenceTransform(context, references[i]) < 0)
            return false;
    for (size_t i = 0; i < COUNT_OF(signatures); i++)
        if (xmlSecDSigCtxEnableSignatureTransform(context, signatures[i]) < 0)
            return false;
    return true;
}

/* Takes nothing: the context gets a key of its own that shares the OpenSSL object. */
static xmlSecKeyPtr
lend_key(EVP_PKEY *key)
{
    xmlSecKeyPtr lent = xmlSecKeyCreate();
    xmlSecKeyDataPtr data;

    if (lent == NULL || EVP_PKEY_up_ref(key) != 1) {
        if (lent != NULL)
            xmlSecKeyDestroy(lent);
        return NULL;
    }
    data = xmlSecOpenSSLEvpKeyAdopt(key);
    if (data == NULL) {
        EVP_PKEY_free(key);
        xmlSecKeyDestroy(lent);
        return NULL;
    }
    if (xmlSecKeySetValue(lent, data) < 0) {
        xmlSecKeyDataDestroy(data);
        xmlSecKeyDestroy(lent);
        return NULL;
    }
    return lent;
}

/* NULL: there is none. */
static xmlNode *
element_by_number(xmlNode *root, uint32_t number)
{
    xmlNode *node = root;

    for (uint32_t at = 1; node != NULL && at < number; at++) {
        xmlNode *next = xml_first(node);

        while (next == NULL && node != NULL && node != root) {
            next = xml_next(node);
            if (next == NULL)
                node = node->parent;
        }
        node = next;
    }
    return node;
}

/* SAML 1.1 names its identifiers by what they identify. */
static xmlAttr *
id_of(const xmlNode *element)
{
    if (xml_is(element, NS_SAML1, "Assertion"))
        return xmlHasProp(element, BAD_CAST "AssertionID");
    if (xml_is(element, NS_SAMLP1, "Response"))
        return xmlHasProp(element, BAD_CAST "ResponseID");
    if (xml_is(element, NS_SAMLP1, "Request"))
        return xmlHasProp(element, BAD_CAST "RequestID");
    return xmlHasProp(element, BAD_CAST "ID");
}

static enum dsig_state
verify(xmlSecDSigCtxPtr context, xmlNode *signature, EVP_PKEY *key)
{
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument | xmlSecTransformUriTypeEmpty;
    context->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeSameDocument;
    context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    context->signKey = lend_key(key);
    if (context->signKey == NULL || !limit_transforms(context) || xmlSecDSigCtxVerify(context, signature) < 0)
        return DSIG_ERROR;
    return context->status == xmlSecDSigStatusSucceeded ? DSIG_OK : DSIG_BAD;
}

/*
 * xmlsec1 reads our tree, which verifying leaves as it was: a second parse by the same parser would cost
 * a third of the answer and add nothing to it. Only the signed element's ID is made known for the time.
 */
static enum dsig_state
ask(struct dsig_work *work, xmlSecDSigCtxPtr context, EVP_PKEY *key)
{
    xmlDoc *doc = work->document->doc;
    xmlNode *signature = element_by_number(xmlDocGetRootElement(doc), work->facts->where.element);
    enum dsig_state state;
    xmlAttr *id;

    if (!xml_is(signature, NS_DS, "Signature"))
        return DSIG_ERROR;
    id = id_of(signature->parent);
    if (id != NULL && (id->children == NULL || id->children->content == NULL ||
                       xmlAddID(NULL, doc, id->children->content, id) == NULL))
        id = NULL;
    state = verify(context, signature, key);
    if (id != NULL)
        xmlRemoveID(doc, id);
    return state;
}

static void
not_asked(struct dsig_work *work, const char *why)
{
    work->facts->second_opinion = DSIG_NOT_CHECKED;
    work->facts->second_opinion_why = str_from(why);
}

/* Problems after which the shape is still the accepted one. */
static bool
has_accepted_shape(const struct dsig_signature *facts)
{
    uint32_t tolerated = 1u << DSIG_PROBLEM_URI_EMPTY | 1u << DSIG_PROBLEM_C14N_INCLUSIVE;

    return (facts->problems & ~tolerated) == 0;
}

/* What xmlsec1 1.2.37 knows; newer ones know more, and a common answer is worth more than a fuller one. */
static bool
is_known_to_xmlsec(const struct dsig_work *work)
{
    struct str digest = str_from(work->digest->name);

    return (work->method->scheme == DSIG_RSA || work->method->scheme == DSIG_ECDSA) && !str_starts_c(digest, "SHA3-") &&
           !str_eq_c(digest, "SHA224") && !str_starts_c(str_from(work->method_digest), "SHA3-") &&
           !str_eq_c(str_from(work->method_digest), "SHA224") &&
           !(work->method->scheme == DSIG_ECDSA && str_eq_c(str_from(work->method_digest), "SHA1"));
}

void
dsig_second_opinion(struct dsig_work *work, EVP_PKEY *key)
{
    xmlSecDSigCtxPtr context = NULL;

    if (work->document->number != 0)
        return not_asked(work, "the signature stands in a decrypted part");
    if (!has_accepted_shape(work->facts))
        return not_asked(work, "the shape of the signature is not the accepted one");
    if (key == NULL || work->digest == NULL || work->method == NULL)
        return not_asked(work, "there is no key that verifies");
    if (!is_known_to_xmlsec(work))
        return not_asked(work, "xmlsec1 does not know the algorithm");
    context = xmlSecDSigCtxCreate(NULL);
    work->facts->second_opinion = context != NULL ? ask(work, context, key) : DSIG_ERROR;
    if (context != NULL)
        xmlSecDSigCtxDestroy(context);
    ERR_clear_error();
    if (work->facts->second_opinion == DSIG_ERROR)
        work->facts->second_opinion_why = STR("xmlsec1 gave up");
    else if (work->facts->second_opinion == DSIG_BAD)
        work->facts->second_opinion_why = STR("xmlsec1 says that the signature is not valid");
}
