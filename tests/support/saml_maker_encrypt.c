/* SPDX-License-Identifier: MIT */
#include "saml_maker_encrypt.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define XENC "http://www.w3.org/2001/04/xmlenc#"

struct cipher {
    const char *word;
    const char *uri;
    const char *name; /* OpenSSL's */
    int key_len;
    int iv_len;
    bool gcm;
};

static const struct cipher ciphers[] = {
    { "aes128-cbc", XENC "aes128-cbc", "AES-128-CBC", 16, 16, false },
    { "aes256-cbc", XENC "aes256-cbc", "AES-256-CBC", 32, 16, false },
    { "aes128-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm", "AES-128-GCM", 16, 12, true },
    { "aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes256-gcm", "AES-256-GCM", 32, 12, true },
};

/* IV, ciphertext and (GCM) tag, as base64. XML Encryption's CBC padding is met by PKCS#7's. */
static bool
encrypt_data(const struct cipher *cipher, const unsigned char *key, struct str plain, struct buf *base64)
{
    unsigned char iv[16];
    unsigned char tag[16];
    unsigned char last[32];
    int len = 0, last_len = 0;
    unsigned char *encrypted = malloc(plain.len + 32);
    EVP_CIPHER *evp = EVP_CIPHER_fetch(NULL, cipher->name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct buf bytes;
    buf_init(&bytes, 8 << 20);
    bool ok = encrypted && evp && ctx && RAND_bytes(iv, cipher->iv_len) == 1 &&
              EVP_EncryptInit_ex2(ctx, evp, key, iv, NULL) == 1 &&
              EVP_EncryptUpdate(ctx, encrypted, &len, (const unsigned char *)plain.ptr, (int)plain.len) == 1 &&
              EVP_EncryptFinal_ex(ctx, last, &last_len) == 1 &&
              (!cipher->gcm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    if (ok) {
        buf_add(&bytes, iv, (size_t)cipher->iv_len);
        buf_add(&bytes, encrypted, (size_t)len);
        buf_add(&bytes, last, (size_t)last_len);
        buf_add(&bytes, tag, cipher->gcm ? 16 : 0);
        saml_maker_base64(buf_str(&bytes), base64);
    }
    buf_release(&bytes);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(evp);
    free(encrypted);
    return ok;
}

static bool
encrypt_key(const char *to, bool oaep, const unsigned char *key, int key_len, struct buf *base64)
{
    unsigned char wrapped[512];
    size_t len = sizeof(wrapped);
    EVP_PKEY *recipient = saml_maker_key(to);
    EVP_PKEY_CTX *ctx = recipient ? EVP_PKEY_CTX_new_from_pkey(NULL, recipient, NULL) : NULL;
    bool ok = ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_encrypt(ctx, wrapped, &len, key, (size_t)key_len) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (ok) {
        saml_maker_base64((struct str){ (const char *)wrapped, len }, base64);
    }
    return ok;
}

static xmlNodePtr
add_method(xmlNodePtr parent, xmlNsPtr xenc, const char *uri)
{
    xmlNodePtr method = xmlNewChild(parent, xenc, XML_CAST "EncryptionMethod", NULL);
    xmlNewProp(method, XML_CAST "Algorithm", XML_CAST uri);
    return method;
}

static void
add_cipher_value(xmlNodePtr parent, xmlNsPtr xenc, const struct buf *base64)
{
    xmlNodePtr data = xmlNewChild(parent, xenc, XML_CAST "CipherData", NULL);
    xmlNewChild(data, xenc, XML_CAST "CipherValue", XML_CAST buf_str(base64).ptr);
}

static xmlNodePtr
make_wrapper(xmlNodePtr element, const struct cipher *cipher, bool oaep, const struct buf *data, const struct buf *key)
{
    const char *name = (const char *)element->name;
    xmlNodePtr wrapper = xmlNewDocNode(element->doc, NULL,
                                       XML_CAST(strcmp(name, "NameID") == 0      ? "EncryptedID"
                                                : strcmp(name, "Attribute") == 0 ? "EncryptedAttribute"
                                                                                 : "EncryptedAssertion"),
                                       NULL);
    xmlSetNs(wrapper, xmlNewNs(wrapper, element->ns->href, element->ns->prefix));
    xmlNodePtr encrypted = xmlNewDocNode(element->doc, NULL, XML_CAST "EncryptedData", NULL);
    xmlNsPtr xenc = xmlNewNs(encrypted, XML_CAST XENC, XML_CAST "xenc");
    xmlSetNs(encrypted, xenc);
    xmlNewProp(encrypted, XML_CAST "Type", XML_CAST XENC "Element");
    xmlAddChild(wrapper, encrypted);
    add_method(encrypted, xenc, cipher->uri);
    xmlNodePtr info = xmlNewDocNode(element->doc, NULL, XML_CAST "KeyInfo", NULL);
    xmlNsPtr ds = xmlNewNs(info, XML_CAST "http://www.w3.org/2000/09/xmldsig#", XML_CAST "ds");
    xmlSetNs(info, ds);
    xmlAddChild(encrypted, info);
    xmlNodePtr encrypted_key = xmlNewChild(info, xenc, XML_CAST "EncryptedKey", NULL);
    xmlNodePtr method = add_method(encrypted_key, xenc, oaep ? XENC "rsa-oaep-mgf1p" : XENC "rsa-1_5");
    if (oaep) {
        xmlNodePtr digest = xmlNewChild(method, ds, XML_CAST "DigestMethod", NULL);
        xmlNewProp(digest, XML_CAST "Algorithm", XML_CAST "http://www.w3.org/2000/09/xmldsig#sha1");
    }
    add_cipher_value(encrypted_key, xenc, key);
    add_cipher_value(encrypted, xenc, data);
    return wrapper;
}

bool
saml_maker_encrypt_element(xmlNodePtr element, const char *words, struct str plain, xmlNodePtr *result)
{
    char space[3][64];
    const char *to = saml_maker_pseudo_attribute(words, "to", "sp", space[0], sizeof(space[0]));
    const char *data = saml_maker_pseudo_attribute(words, "data", "aes128-cbc", space[1], sizeof(space[1]));
    const char *transport = saml_maker_pseudo_attribute(words, "transport", "rsa-oaep", space[2], sizeof(space[2]));
    const struct cipher *cipher = NULL;
    for (size_t i = 0; i < COUNT_OF(ciphers); i++) {
        cipher = strcmp(ciphers[i].word, data) == 0 ? &ciphers[i] : cipher;
    }
    unsigned char key[32];
    struct buf data_base64, key_base64;
    buf_init(&data_base64, 16 << 20);
    buf_init(&key_base64, 1 << 16);
    bool oaep = strcmp(transport, "rsa-oaep") == 0;
    bool ok = cipher && element->ns && RAND_bytes(key, cipher->key_len) == 1 &&
              encrypt_data(cipher, key, plain, &data_base64) &&
              encrypt_key(to, oaep, key, cipher->key_len, &key_base64);
    if (ok) {
        *result = make_wrapper(element, cipher, oaep, &data_base64, &key_base64);
        xmlReplaceNode(element, *result);
        xmlFreeNode(element);
    }
    buf_release(&data_base64);
    buf_release(&key_base64);
    return ok;
}
