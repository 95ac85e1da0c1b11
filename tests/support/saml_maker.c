/* SPDX-License-Identifier: MIT */
#include "saml_maker.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "saml_maker_encrypt.h"

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

struct algorithm {
    const char *word;
    const char *uri;
    const char *hash;
    bool pss;
};

static const struct algorithm signature_methods[] = {
    { "rsa-sha1", DSIG "rsa-sha1", "SHA1", false },
    { "rsa-sha256", MORE "rsa-sha256", "SHA256", false },
    { "rsa-sha384", MORE "rsa-sha384", "SHA384", false },
    { "rsa-sha512", MORE "rsa-sha512", "SHA512", false },
    { "rsa-pss-sha256", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "SHA256", true },
    { "rsa-pss-sha512", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", "SHA512", true },
    { "ecdsa-sha256", MORE "ecdsa-sha256", "SHA256", false },
    { "ecdsa-sha512", MORE "ecdsa-sha512", "SHA512", false },
    { "ed25519", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", NULL, false },
};

static const struct algorithm digest_methods[] = {
    { "sha1", DSIG "sha1", "SHA1", false },
    { "sha256", "http://www.w3.org/2001/04/xmlenc#sha256", "SHA256", false },
    { "sha384", MORE "sha384", "SHA384", false },
    { "sha512", "http://www.w3.org/2001/04/xmlenc#sha512", "SHA512", false },
};

struct c14n {
    const char *word;
    const char *uri;
    int mode;
    int comments;
};

static const struct c14n c14n_methods[] = {
    { "exc", "http://www.w3.org/2001/10/xml-exc-c14n#", XML_C14N_EXCLUSIVE_1_0, 0 },
    { "exc-comments", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", XML_C14N_EXCLUSIVE_1_0, 1 },
    { "inc", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0, 0 },
    { "inc11", "http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1, 0 },
};

struct filler {
    xmlDocPtr doc;
    char *why;
    size_t why_size;
};

static bool
complain(struct filler *filler, const char *what, const char *detail)
{
    snprintf(filler->why, filler->why_size, "%s: %s", what, detail);
    return false;
}

/* The value of name="…" in the content of a processing instruction, copied into out. */
const char *
saml_maker_pseudo_attribute(const char *content, const char *name, const char *otherwise, char *out, size_t size)
{
    char start[40];
    snprintf(start, sizeof(start), "%s=\"", name);
    for (const char *at = content ? strstr(content, start) : NULL; at; at = strstr(at + 1, start)) {
        if (at != content && at[-1] != ' ' && at[-1] != '\n') {
            continue;
        }
        const char *value = at + strlen(start);
        const char *end = strchr(value, '"');
        if (end && (size_t)(end - value) < size) {
            memcpy(out, value, (size_t)(end - value));
            out[end - value] = '\0';
            return out;
        }
    }
    return otherwise;
}

static const struct algorithm *
algorithm_of(const struct algorithm *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].word, word) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

static int
is_below(void *user, xmlNodePtr node, xmlNodePtr parent)
{
    const xmlNode *top = user;
    /* Namespace nodes are no tree nodes: their owner counts. */
    const xmlNode *at = node && node->type == XML_NAMESPACE_DECL ? parent : node;
    for (; at; at = at->parent) {
        if (at == top) {
            return 1;
        }
    }
    return 0;
}

/* Canonical bytes of the subtree at element. */
static bool
canonicalize(xmlNodePtr element, const struct c14n *method, struct buf *out)
{
    xmlBufferPtr bytes = xmlBufferCreate();
    xmlOutputBufferPtr sink = bytes ? xmlOutputBufferCreateBuffer(bytes, NULL) : NULL;
    if (!sink) {
        abort();
    }
    int rc = xmlC14NExecute(element->doc, is_below, element, method->mode, NULL, method->comments, sink);
    xmlOutputBufferClose(sink);
    buf_add(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
    xmlBufferFree(bytes);
    return rc >= 0;
}

static void
digest_base64(struct str bytes, const char *hash, struct buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len = 0;
    if (!EVP_Q_digest(NULL, hash, NULL, bytes.ptr, bytes.len, digest, &len)) {
        abort();
    }
    saml_maker_base64((struct str){ (const char *)digest, len }, out);
}

/* XML signatures carry r and s as two numbers of fixed size, OpenSSL makes DER. */
static size_t
ecdsa_to_fixed(const unsigned char *der, size_t der_len, size_t half, unsigned char *fixed)
{
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature), fixed, (int)half) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), fixed + half, (int)half) < 0) {
        abort();
    }
    ECDSA_SIG_free(signature);
    return 2 * half;
}

/* Signs bytes, base64 to out. Returns false when key and method do not go together. */
bool
saml_maker_sign_bytes(const char *key_name, const char *method, struct str bytes, struct buf *out)
{
    EVP_PKEY *key = saml_maker_key(key_name);
    const struct algorithm *algorithm = algorithm_of(signature_methods, COUNT_OF(signature_methods), method);
    if (!key || !algorithm) {
        return false;
    }
    unsigned char signature[1024];
    size_t len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;
    bool ok = ctx && EVP_DigestSignInit_ex(ctx, &key_ctx, algorithm->hash, NULL, NULL, key, NULL) == 1 &&
              (!algorithm->pss || (EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                                   EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
              EVP_DigestSign(ctx, signature, &len, (const unsigned char *)bytes.ptr, bytes.len) == 1;
    EVP_MD_CTX_free(ctx);
    if (ok && EVP_PKEY_is_a(key, "EC")) {
        unsigned char fixed[64];
        len = ecdsa_to_fixed(signature, len, ((size_t)EVP_PKEY_get_bits(key) + 7) / 8, fixed);
        memcpy(signature, fixed, len);
    }
    if (ok) {
        saml_maker_base64((struct str){ (const char *)signature, len }, out);
    }
    return ok;
}

const char *
saml_maker_algorithm_uri(const char *method)
{
    const struct algorithm *algorithm = algorithm_of(signature_methods, COUNT_OF(signature_methods), method);
    return algorithm ? algorithm->uri : method;
}

/* ID, or what SAML 1.1 calls it. */
static xmlChar *
id_of(xmlNode *node)
{
    static const char *const names[] = { "ID", "AssertionID", "ResponseID" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        xmlChar *value = xmlGetNoNsProp(node, XML_CAST names[i]);
        if (value) {
            return value;
        }
    }
    return NULL;
}

static xmlNodePtr
element_by_id(xmlNodePtr node, const char *id)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        xmlChar *value = id_of(node);
        bool same = value && strcmp((const char *)value, id) == 0;
        xmlFree(value);
        if (same) {
            return node;
        }
        xmlNodePtr below = element_by_id(node->children, id);
        if (below) {
            return below;
        }
    }
    return NULL;
}

static xmlNodePtr
add_child(xmlNodePtr parent, xmlNsPtr ns, const char *name, const char *text)
{
    return xmlNewTextChild(parent, ns, XML_CAST name, XML_CAST text);
}

static void
add_transforms(xmlNodePtr reference, xmlNsPtr ds, const char *words, const char *c14n_uri)
{
    xmlNodePtr transforms = add_child(reference, ds, "Transforms", NULL);
    char copy[512];
    snprintf(copy, sizeof(copy), "%s", words);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const char *uri = word;
        if (strcmp(word, "enveloped") == 0) {
            uri = DSIG "enveloped-signature";
        } else if (strcmp(word, "exc") == 0) {
            uri = c14n_uri;
        }
        xmlNodePtr transform = add_child(transforms, ds, "Transform", NULL);
        xmlNewProp(transform, XML_CAST "Algorithm", XML_CAST uri);
    }
}

struct sign_words {
    const char *key, *method, *digest, *c14n, *transforms, *cert, *more_cert, *reference, *prefix;
    const char *method_uri, *digest_uri, *c14n_uri, *digest_of, *value_of;
    char space[14][256];
};

static void
read_sign_words(const char *content, struct sign_words *words)
{
    static const struct {
        const char *name;
        const char *otherwise;
        size_t offset;
    } list[] = {
        { "key", "idp", offsetof(struct sign_words, key) },
        { "method", "rsa-sha256", offsetof(struct sign_words, method) },
        { "digest", "sha256", offsetof(struct sign_words, digest) },
        { "c14n", "exc", offsetof(struct sign_words, c14n) },
        { "transforms", "enveloped exc", offsetof(struct sign_words, transforms) },
        { "cert", "yes", offsetof(struct sign_words, cert) },
        { "more-cert", NULL, offsetof(struct sign_words, more_cert) },
        { "reference", NULL, offsetof(struct sign_words, reference) },
        { "prefix", "ds", offsetof(struct sign_words, prefix) },
        { "method-uri", NULL, offsetof(struct sign_words, method_uri) },
        { "digest-uri", NULL, offsetof(struct sign_words, digest_uri) },
        { "c14n-uri", NULL, offsetof(struct sign_words, c14n_uri) },
        { "digest-of", "content", offsetof(struct sign_words, digest_of) },
        { "value-of", "this", offsetof(struct sign_words, value_of) },
    };
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        const char *value = saml_maker_pseudo_attribute(content, list[i].name, list[i].otherwise, words->space[i],
                                                        sizeof(words->space[i]));
        memcpy((char *)words + list[i].offset, &value, sizeof(value));
    }
}

/* Fills ds:Signature but for the value, which is returned empty. */
static xmlNodePtr
build_signature(xmlNodePtr signature, xmlNsPtr ds, const struct sign_words *words, const struct algorithm *method,
                const struct algorithm *digest, const struct c14n *c14n, const char *uri, const char *digest_value)
{
    const char *c14n_uri = words->c14n_uri ? words->c14n_uri : c14n->uri;
    xmlNodePtr info = add_child(signature, ds, "SignedInfo", NULL);
    xmlNewProp(add_child(info, ds, "CanonicalizationMethod", NULL), XML_CAST "Algorithm", XML_CAST c14n_uri);
    xmlNewProp(add_child(info, ds, "SignatureMethod", NULL), XML_CAST "Algorithm",
               XML_CAST(words->method_uri ? words->method_uri : method->uri));
    xmlNodePtr reference = add_child(info, ds, "Reference", NULL);
    xmlNewProp(reference, XML_CAST "URI", XML_CAST uri);
    add_transforms(reference, ds, words->transforms, c14n_uri);
    xmlNewProp(add_child(reference, ds, "DigestMethod", NULL), XML_CAST "Algorithm",
               XML_CAST(words->digest_uri ? words->digest_uri : digest->uri));
    add_child(reference, ds, "DigestValue", digest_value);
    xmlNodePtr value = add_child(signature, ds, "SignatureValue", NULL);
    const char *certificate = strcmp(words->cert, "yes") == 0 ? words->key : words->cert;
    if (strcmp(certificate, "no") != 0) {
        xmlNodePtr key_info = add_child(signature, ds, "KeyInfo", NULL);
        add_child(add_child(key_info, ds, "X509Data", NULL), ds, "X509Certificate",
                  saml_maker_certificate_base64(certificate));
        if (words->more_cert) {
            add_child(add_child(key_info, ds, "X509Data", NULL), ds, "X509Certificate",
                      saml_maker_certificate_base64(words->more_cert));
        }
    }
    return value;
}

static bool
sign(struct filler *filler, xmlNodePtr instruction)
{
    struct sign_words words;
    read_sign_words((const char *)instruction->content, &words);
    const struct algorithm *method = algorithm_of(signature_methods, COUNT_OF(signature_methods), words.method);
    const struct algorithm *digest = algorithm_of(digest_methods, COUNT_OF(digest_methods), words.digest);
    const struct c14n *c14n = NULL;
    for (size_t i = 0; i < COUNT_OF(c14n_methods); i++) {
        c14n = strcmp(c14n_methods[i].word, words.c14n) == 0 ? &c14n_methods[i] : c14n;
    }
    if (!method || !digest || !c14n) {
        return complain(filler, "unknown algorithm in <?sign?>", (const char *)instruction->content);
    }
    const char *certificate = strcmp(words.cert, "yes") == 0 ? words.key : words.cert;
    if (words.more_cert && !saml_maker_certificate_base64(words.more_cert)) {
        return complain(filler, "unknown more-cert in <?sign?>", words.more_cert);
    }
    if (!saml_maker_key(words.key) || (strcmp(certificate, "no") != 0 && !saml_maker_certificate_base64(certificate))) {
        return complain(filler, "unknown key in <?sign?>", (const char *)instruction->content);
    }

    xmlNodePtr parent = instruction->parent;
    xmlNodePtr signature = xmlNewDocNode(filler->doc, NULL, XML_CAST "Signature", NULL);
    xmlNsPtr ds = xmlNewNs(signature, XML_CAST DSIG, words.prefix[0] ? XML_CAST words.prefix : NULL);
    xmlSetNs(signature, ds);
    xmlNodePtr next = instruction->next;
    xmlUnlinkNode(instruction);
    xmlFreeNode(instruction);

    char uri[300] = "";
    xmlNodePtr target = parent;
    xmlChar *id = id_of(parent);
    snprintf(uri, sizeof(uri), "#%s", id ? (const char *)id : "");
    xmlFree(id);
    if (words.reference) {
        snprintf(uri, sizeof(uri), "%s", words.reference);
        xmlNodePtr named = uri[0] == '#' ? element_by_id(xmlDocGetRootElement(filler->doc), uri + 1) : NULL;
        target = named ? named : target;
    }

    struct buf canonical, text;
    buf_init(&canonical, 8 << 20);
    buf_init(&text, 1 << 20);
    bool ok = canonicalize(target, c14n, &canonical);
    digest_base64(strcmp(words.digest_of, "nothing") == 0 ? STR("") : buf_str(&canonical), digest->hash, &text);

    xmlNodePtr value = build_signature(signature, ds, &words, method, digest, c14n, uri, buf_str(&text).ptr);
    xmlNodePtr info = signature->children;
    if (next) {
        xmlAddPrevSibling(next, signature);
    } else {
        xmlAddChild(parent, signature);
    }

    buf_reset(&canonical);
    buf_reset(&text);
    ok = ok && canonicalize(info, c14n, &canonical);
    buf_add_c(&canonical, strcmp(words.value_of, "other") == 0 ? "other" : "");
    ok = ok && saml_maker_sign_bytes(words.key, words.method, buf_str(&canonical), &text);
    if (ok) {
        xmlNodeSetContent(value, XML_CAST buf_str(&text).ptr);
    }
    buf_release(&canonical);
    buf_release(&text);
    return ok || complain(filler, "cannot sign", words.method);
}

static bool
encrypt(struct filler *filler, xmlNodePtr instruction, xmlNodePtr *element) /* takes the unlinked instruction */
{
    xmlNodePtr parent = *element;
    char *words = strdup(instruction->content ? (const char *)instruction->content : "");
    struct buf plain;
    buf_init(&plain, 8 << 20);
    bool ok = words && canonicalize(parent, &c14n_methods[0], &plain) &&
              saml_maker_encrypt_element(parent, words, buf_str(&plain), element);
    buf_release(&plain);
    free(words);
    return ok || complain(filler, "cannot encrypt", (const char *)parent->name);
}

static xmlNodePtr
instruction_named(xmlNodePtr element, const char *name)
{
    for (xmlNodePtr child = element->children; child; child = child->next) {
        if (child->type == XML_PI_NODE && strcmp((const char *)child->name, name) == 0) {
            return child;
        }
    }
    return NULL;
}

/* Fills below element, then element itself; *element is what stands there afterwards. */
static bool
fill(struct filler *filler, xmlNodePtr *element)
{
    for (xmlNodePtr child = (*element)->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && !fill(filler, &child)) {
            return false;
        }
    }
    xmlNodePtr instruction;
    while ((instruction = instruction_named(*element, "certificate")) != NULL) {
        char space[64];
        const char *key =
            saml_maker_pseudo_attribute((const char *)instruction->content, "key", "idp", space, sizeof(space));
        const char *base64 = saml_maker_certificate_base64(key);
        if (!base64) {
            return complain(filler, "unknown key in <?certificate?>", key);
        }
        xmlNodePtr text = xmlNewDocText(filler->doc, XML_CAST base64);
        xmlReplaceNode(instruction, text);
        xmlFreeNode(instruction);
    }
    /* Canonical forms hold processing instructions: it must be gone before the element is signed. */
    xmlNodePtr encryption = instruction_named(*element, "encrypt");
    if (encryption) {
        xmlUnlinkNode(encryption);
    }
    bool ok = true;
    while (ok && (instruction = instruction_named(*element, "sign")) != NULL) {
        ok = sign(filler, instruction);
    }
    ok = ok && (!encryption || encrypt(filler, encryption, element));
    xmlFreeNode(encryption);
    return ok;
}

bool
saml_maker_fill(struct str template, struct buf *out, char *why, size_t why_size)
{
    struct filler filler = { .why = why, .why_size = why_size };
    snprintf(why, why_size, "template is not well-formed XML");
    filler.doc = xmlReadMemory(template.ptr, (int)template.len, "template.xml", NULL,
                               XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!filler.doc) {
        return false;
    }
    xmlNodePtr root = xmlDocGetRootElement(filler.doc);
    bool ok = root && fill(&filler, &root);
    if (ok) {
        xmlBufferPtr bytes = xmlBufferCreate();
        xmlSaveCtxtPtr save = bytes ? xmlSaveToBuffer(bytes, "UTF-8", XML_SAVE_NO_DECL | XML_SAVE_AS_XML) : NULL;
        if (!save) {
            abort();
        }
        xmlSaveTree(save, root);
        xmlSaveClose(save);
        buf_add(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
        xmlBufferFree(bytes);
    }
    xmlFreeDoc(filler.doc);
    return ok && !buf_failed(out);
}
