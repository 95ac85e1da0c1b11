/* SPDX-License-Identifier: MIT */
#include "conceal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "pack.h"

enum { KEY_BYTES = 32, IV_BYTES = 12, TAG_BYTES = 16, MAX_WRAPPED = 512, MAX_PLAIN = 128 * 1024 };

/* IV, ciphertext and tag in one run, as XML Encryption 1.1 (5.2.4) wants them. */
static struct str
sealed(struct arena *arena, const unsigned char *key, struct str plain)
{
    struct str result = { 0 };
    unsigned char *out = plain.len > MAX_PLAIN ? NULL : arena_alloc(arena, IV_BYTES + plain.len + TAG_BYTES);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0, tail = 0;

    if (out != NULL && context != NULL && RAND_bytes(out, IV_BYTES) == 1 &&
        EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
        EVP_EncryptUpdate(context, out + IV_BYTES, &len, (const unsigned char *)plain.ptr, (int)plain.len) == 1 &&
        EVP_EncryptFinal_ex(context, out + IV_BYTES + len, &tail) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + IV_BYTES + plain.len) == 1)
        result = lab_base64(arena, (struct str){ (const char *)out, IV_BYTES + plain.len + TAG_BYTES });
    EVP_CIPHER_CTX_free(context);
    return result;
}

static struct str
wrapped(struct arena *arena, EVP_PKEY *pair, const unsigned char *key)
{
    unsigned char out[MAX_WRAPPED];
    size_t len = sizeof(out);
    struct str result = { 0 };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);

    if (context != NULL && EVP_PKEY_encrypt_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_encrypt(context, out, &len, key, KEY_BYTES) == 1)
        result = lab_base64(arena, (struct str){ (const char *)out, len });
    EVP_PKEY_CTX_free(context);
    return result;
}

struct str
lab_conceal(struct arena *arena, const struct lab_key *key, struct str assertion)
{
    unsigned char secret[KEY_BYTES];
    struct str data, secret_text;

    if (RAND_bytes(secret, sizeof(secret)) != 1)
        return (struct str){ 0 };
    data = sealed(arena, secret, assertion);
    secret_text = wrapped(arena, lab_key_pair(key), secret);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (!str_present(data) || !str_present(secret_text))
        return (struct str){ 0 };
    return arena_printf(arena,
                        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">"
                        "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" "
                        "Type=\"http://www.w3.org/2001/04/xmlenc#Element\">"
                        "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\">"
                        "</xenc:EncryptionMethod>"
                        "<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey>"
                        "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\">"
                        "</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>%.*s</xenc:CipherValue>"
                        "</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
                        "<xenc:CipherData><xenc:CipherValue>%.*s</xenc:CipherValue></xenc:CipherData>"
                        "</xenc:EncryptedData></saml:EncryptedAssertion>",
                        STR_ARG(secret_text), STR_ARG(data));
}
