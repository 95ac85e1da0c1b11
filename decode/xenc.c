/* SPDX-License-Identifier: MIT */
#include "xenc.h"

#include <openssl/err.h>

#include "key_set.h"
#include "xenc_cipher.h"
#include "xml_base64.h"

enum { MAX_ENCRYPTED_KEYS = 8 };

struct opening {
    struct arena *arena;
    struct xml_document *document;
    const struct key_set *keys;
    unsigned *key_operations;
    struct saml_encrypted *facts;
    const xmlNode *data; /* EncryptedData */
    const xmlNode *encrypted_keys[MAX_ENCRYPTED_KEYS];
    size_t encrypted_key_count;
    const struct xenc_cipher *cipher;
    struct str ciphertext;
    uint32_t number;
};

static bool
fail(struct opening *opening, enum decrypt_result result, struct str detail)
{
    opening->facts->result = result;
    opening->facts->detail = detail;
    return false;
}

static struct str
algorithm_of(const struct opening *opening, const xmlNode *parent)
{
    return xml_attribute(opening->document, xml_child(parent, NS_XENC, "EncryptionMethod"), "Algorithm");
}

/* CipherData/CipherValue as bytes; absent when there is none. A CipherReference is never followed. */
static struct str
cipher_value(const struct opening *opening, const xmlNode *parent)
{
    const xmlNode *value = xml_child(xml_child(parent, NS_XENC, "CipherData"), NS_XENC, "CipherValue");
    struct str bytes = { 0 };

    if (value == NULL || !xml_base64_decode(opening->arena, xml_text(opening->document, value), &bytes))
        return (struct str){ 0 };
    return bytes;
}

/* --- finding the keys ----------------------------------------------------------------------------------- */

static void
add_encrypted_key(struct opening *opening, const xmlNode *key)
{
    for (size_t i = 0; i < opening->encrypted_key_count; i++)
        if (opening->encrypted_keys[i] == key)
            return;
    if (opening->encrypted_key_count < MAX_ENCRYPTED_KEYS)
        opening->encrypted_keys[opening->encrypted_key_count++] = key;
}

static void
add_retrieved(struct opening *opening, struct str uri)
{
    const struct xml_document *document = opening->document;
    struct str id = str_from_offset(uri, 1);

    if (!str_starts_c(uri, "#") || id.len == 0)
        return;
    for (uint32_t i = 0; i < document->element_count; i++)
        if (xml_is(document->elements[i].node, NS_XENC, "EncryptedKey") &&
            str_eq(xml_attribute(document, document->elements[i].node, "Id"), id))
            add_encrypted_key(opening, document->elements[i].node);
}

/* Inside KeyInfo, named by RetrievalMethod (this document only), or beside EncryptedData. */
static void
find_encrypted_keys(struct opening *opening)
{
    const xmlNode *info = xml_child(opening->data, NS_DS, "KeyInfo");

    for (const xmlNode *node = xml_first(info); node != NULL; node = xml_next(node)) {
        if (xml_is(node, NS_XENC, "EncryptedKey"))
            add_encrypted_key(opening, node);
        else if (xml_is(node, NS_DS, "RetrievalMethod") && opening->encrypted_key_count < MAX_ENCRYPTED_KEYS)
            add_retrieved(opening, xml_attribute(opening->document, node, "URI"));
    }
    for (const xmlNode *node = xml_child(opening->data->parent, NS_XENC, "EncryptedKey"); node != NULL;
         node = xml_next_named(node, NS_XENC, "EncryptedKey"))
        add_encrypted_key(opening, node);
}

/* --- one encrypted key ---------------------------------------------------------------------------------- */

static struct xenc_transport
read_transport(const struct opening *opening, const xmlNode *key)
{
    const xmlNode *method = xml_child(key, NS_XENC, "EncryptionMethod");
    const xmlNode *label = xml_child(method, NS_XENC, "OAEPparams");
    struct xenc_transport transport = {
        .algorithm = algorithm_of(opening, key),
        .digest = xml_attribute(opening->document, xml_child(method, NS_DS, "DigestMethod"), "Algorithm"),
        .mask = xml_attribute(opening->document, xml_child(method, NS_XENC11, "MGF"), "Algorithm"),
    };

    if (label != NULL && !xml_base64_decode(opening->arena, xml_text(opening->document, label), &transport.label))
        transport.label = (struct str){ 0 };
    return transport;
}

static void
note_transport(struct opening *opening, const xmlNode *key)
{
    struct xenc_transport transport = read_transport(opening, key);

    opening->facts->key_algorithm = transport.algorithm;
    opening->facts->digest_algorithm = transport.digest;
    opening->facts->mask_algorithm = transport.mask;
    opening->facts->wrapped_key = cipher_value(opening, key);
    opening->facts->recipient = xml_attribute(opening->document, key, "Recipient");
}

/* A token in WS-Trust may be an assertion of either version. */
static bool
is_expected(const struct opening *opening, const xmlNode *root, const char *local)
{
    return xml_is(root, NS_SAML, local) ||
           (str_eq_c(opening->facts->element, "RequestedSecurityToken") && xml_is(root, NS_SAML1, local));
}

static struct str
expected_element(struct str encrypted)
{
    if (str_eq_c(encrypted, "EncryptedAssertion") || str_eq_c(encrypted, "RequestedSecurityToken"))
        return STR("Assertion");
    return str_eq_c(encrypted, "EncryptedID") ? STR("NameID") : STR("Attribute");
}

/* The plaintext becomes a document. A bad one is told apart from a wrong key: the key has opened it. */
static bool
accept_plaintext(struct opening *opening, struct str bytes, struct xml_document *plaintext)
{
    struct str expected = expected_element(opening->facts->element);
    struct xml_status status;

    if (!xml_parse_replacement(opening->arena, bytes, opening->document, opening->data, opening->number, plaintext,
                               &status))
        return fail(opening, DECRYPT_PLAINTEXT,
                    arena_printf(opening->arena, "the plaintext is not usable XML: %.*s", STR_ARG(status.text)));
    if (!is_expected(opening, plaintext->root, expected.ptr)) {
        fail(opening, DECRYPT_PLAINTEXT,
             arena_printf(opening->arena, "the plaintext is a %.*s, not a saml:%s",
                          STR_ARG(str_slice(xml_local_name(plaintext->root), 0, 60)), expected.ptr));
        xml_release(plaintext);
        return false;
    }
    opening->facts->result = DECRYPT_OK;
    opening->facts->detail = (struct str){ 0 };
    opening->facts->plaintext = bytes;
    return true;
}

static bool
open_with(struct opening *opening, const xmlNode *encrypted_key, const struct xenc_transport *transport,
          EVP_PKEY *private_key, struct xml_document *plaintext)
{
    unsigned char secret[XENC_MAX_SECRET];
    struct str wrapped = cipher_value(opening, encrypted_key), bytes;
    bool opened = false;

    for (int mask = 0; mask < xenc_mask_count(transport) && !opened && *opening->key_operations > 0; mask++) {
        size_t len;

        --*opening->key_operations;
        len = xenc_unwrap(transport, mask, private_key, wrapped, secret);
        if (len == opening->cipher->key_bytes &&
            xenc_decrypt(opening->arena, opening->cipher, secret, opening->ciphertext, &bytes))
            opened = accept_plaintext(opening, bytes, plaintext);
    }
    OPENSSL_cleanse(secret, sizeof(secret));
    return opened;
}

static bool
open_with_any(struct opening *opening, struct xml_document *plaintext)
{
    bool supported = false;

    opening->facts->result = DECRYPT_WRONG_KEY;
    opening->facts->detail = STR("none of the given keys opens it, or the ciphertext is damaged");
    for (size_t i = 0; i < opening->encrypted_key_count; i++) {
        struct xenc_transport transport = read_transport(opening, opening->encrypted_keys[i]);

        if (xenc_mask_count(&transport) == 0)
            continue;
        supported = true;
        for (size_t k = 0; k < opening->keys->decryption_count; k++)
            if (open_with(opening, opening->encrypted_keys[i], &transport, opening->keys->decryption[k], plaintext))
                return true;
    }
    if (!supported)
        return fail(opening, DECRYPT_UNSUPPORTED,
                    arena_printf(opening->arena, "key transport %.*s",
                                 STR_ARG(str_slice(opening->facts->key_algorithm, 0, 120))));
    return false;
}

static bool
prepare(struct opening *opening, const xmlNode *encrypted)
{
    struct saml_encrypted *facts = opening->facts;

    facts->where = xml_where(opening->document, encrypted);
    facts->element = arena_copy(opening->arena, xml_local_name(encrypted));
    opening->data = xml_child(encrypted, NS_XENC, "EncryptedData");
    if (opening->data == NULL || xml_count(encrypted, NS_XENC, "EncryptedData") != 1)
        return fail(opening, DECRYPT_MALFORMED, STR("there is not exactly one EncryptedData"));
    facts->data_algorithm = algorithm_of(opening, opening->data);
    find_encrypted_keys(opening);
    if (opening->encrypted_key_count == 0)
        return fail(opening, DECRYPT_MALFORMED, STR("there is no EncryptedKey in this document"));
    note_transport(opening, opening->encrypted_keys[0]);
    opening->ciphertext = facts->ciphertext = cipher_value(opening, opening->data);
    if (opening->keys == NULL || opening->keys->decryption_count == 0)
        return fail(opening, DECRYPT_NO_KEY, STR("no private key was given"));
    opening->cipher = xenc_cipher_find(facts->data_algorithm);
    if (opening->cipher == NULL)
        return fail(opening, DECRYPT_UNSUPPORTED,
                    arena_printf(opening->arena, "encryption %.*s", STR_ARG(str_slice(facts->data_algorithm, 0, 120))));
    if (!str_present(opening->ciphertext))
        return fail(opening, DECRYPT_MALFORMED, STR("the CipherValue is missing or not base64"));
    return true;
}

bool
xenc_open(struct xml_document *document, const xmlNode *encrypted, const struct key_set *keys, uint32_t number,
          unsigned *key_operations, struct saml_encrypted *facts, struct xml_document *plaintext)
{
    struct opening opening = {
        .arena = document->arena,
        .document = document,
        .keys = keys,
        .key_operations = key_operations,
        .facts = facts,
        .number = number,
    };
    bool opened = prepare(&opening, encrypted) && open_with_any(&opening, plaintext);

    if (opened)
        facts->document = number;
    ERR_clear_error();
    return opened;
}
