/* SPDX-License-Identifier: MIT */
#include "xenc_cipher.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "dsig_work.h"

enum { TAG_BYTES = 16 };

static const struct xenc_cipher ciphers[] = {
    { NS_XENC "aes128-cbc", EVP_aes_128_cbc, 16, 16, false },
    { NS_XENC "aes192-cbc", EVP_aes_192_cbc, 24, 16, false },
    { NS_XENC "aes256-cbc", EVP_aes_256_cbc, 32, 16, false },
    { NS_XENC11 "aes128-gcm", EVP_aes_128_gcm, 16, 12, true },
    { NS_XENC11 "aes192-gcm", EVP_aes_192_gcm, 24, 12, true },
    { NS_XENC11 "aes256-gcm", EVP_aes_256_gcm, 32, 12, true },
    { NS_XENC "tripledes-cbc", EVP_des_ede3_cbc, 24, 8, false },
};

const struct xenc_cipher *
xenc_cipher_find(struct str uri)
{
    for (size_t i = 0; i < COUNT_OF(ciphers); i++)
        if (str_eq_c(uri, ciphers[i].uri))
            return &ciphers[i];
    return NULL;
}

/* --- key transport ---------------------------------------------------------------------------------------- */

static bool
is_pkcs1(const struct xenc_transport *transport)
{
    return str_eq_c(transport->algorithm, NS_XENC "rsa-1_5");
}

/* OpenSSL's name of the OAEP digest; SHA-1 when none is written, NULL when it is unknown. */
static const char *
oaep_digest(const struct xenc_transport *transport)
{
    const struct dsig_digest *digest;

    if (!str_present(transport->digest))
        return "SHA1";
    digest = dsig_digest_find(transport->digest);
    return digest != NULL ? digest->name : NULL;
}

/* Hash of the written mask function, SHA-1 when none is. */
static const char *
oaep_mask(const struct xenc_transport *transport)
{
    static const struct {
        const char *uri;
        const char *name;
    } rows[] = {
        { NS_XENC11 "mgf1sha1", "SHA1" },     { NS_XENC11 "mgf1sha224", "SHA224" },
        { NS_XENC11 "mgf1sha256", "SHA256" }, { NS_XENC11 "mgf1sha384", "SHA384" },
        { NS_XENC11 "mgf1sha512", "SHA512" },
    };

    if (!str_present(transport->mask))
        return "SHA1";
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq_c(transport->mask, rows[i].uri))
            return rows[i].name;
    return NULL;
}

int
xenc_mask_count(const struct xenc_transport *transport)
{
    const char *digest = oaep_digest(transport);

    if (is_pkcs1(transport))
        return 1;
    if (!str_eq_c(transport->algorithm, NS_XENC "rsa-oaep-mgf1p") &&
        !str_eq_c(transport->algorithm, NS_XENC11 "rsa-oaep"))
        return 0;
    if (digest == NULL || oaep_mask(transport) == NULL)
        return 0;
    return str_present(transport->mask) || strcmp(digest, "SHA1") == 0 ? 1 : 2;
}

static bool
set_oaep(EVP_PKEY_CTX *context, const struct xenc_transport *transport, int reading)
{
    const char *digest = oaep_digest(transport);
    const char *mask = reading == 0 ? oaep_mask(transport) : digest;
    unsigned char *label;

    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context, dsig_hash(digest)) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, dsig_hash(mask)) != 1)
        return false;
    if (transport->label.len == 0)
        return true;
    label = OPENSSL_memdup(transport->label.ptr, transport->label.len);
    if (label == NULL)
        return false;
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, (int)transport->label.len) == 1)
        return true;
    OPENSSL_free(label);
    return false;
}

size_t
xenc_unwrap(const struct xenc_transport *transport, int reading, EVP_PKEY *key, struct str wrapped,
            unsigned char secret[XENC_MAX_SECRET])
{
    EVP_PKEY_CTX *context = NULL;
    size_t len = XENC_MAX_SECRET;
    bool opened = false;

    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && wrapped.len > 0 && EVP_PKEY_get_size(key) <= XENC_MAX_SECRET)
        context = EVP_PKEY_CTX_new(key, NULL);
    if (context != NULL && EVP_PKEY_decrypt_init(context) == 1 &&
        (is_pkcs1(transport) ? EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                             : set_oaep(context, transport, reading)))
        opened = EVP_PKEY_decrypt(context, secret, &len, (const unsigned char *)wrapped.ptr, wrapped.len) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return opened ? len : 0;
}

/* --- content ------------------------------------------------------------------------------------------------ */

/* XML Encryption 5.2: only the last byte counts, it is the number of padding bytes. */
static bool
remove_padding(struct str *plaintext, size_t block)
{
    size_t padding = plaintext->len > 0 ? (unsigned char)plaintext->ptr[plaintext->len - 1] : 0;

    if (padding == 0 || padding > block || padding > plaintext->len)
        return false;
    plaintext->len -= padding;
    return true;
}

bool
xenc_decrypt(struct arena *arena, const struct xenc_cipher *cipher, const unsigned char *secret, struct str ciphertext,
             struct str *plaintext)
{
    size_t tag_bytes = cipher->authenticated ? TAG_BYTES : 0, body;
    const unsigned char *iv = (const unsigned char *)ciphertext.ptr;
    unsigned char *out, tag[TAG_BYTES];
    EVP_CIPHER_CTX *context;
    int len = 0, last = 0;
    bool opened;

    if (ciphertext.len <= cipher->iv_bytes + tag_bytes || ciphertext.len > 1 << 24)
        return false;
    body = ciphertext.len - cipher->iv_bytes - tag_bytes;
    out = arena_alloc(arena, body + EVP_MAX_BLOCK_LENGTH);
    context = EVP_CIPHER_CTX_new();
    opened = out != NULL && context != NULL && EVP_DecryptInit_ex(context, cipher->cipher(), NULL, secret, iv) == 1;
    if (opened && cipher->authenticated) {
        memcpy(tag, iv + cipher->iv_bytes + body, TAG_BYTES);
        opened = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1;
    }
    opened = opened && EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
             EVP_DecryptUpdate(context, out, &len, iv + cipher->iv_bytes, (int)body) == 1 &&
             EVP_DecryptFinal_ex(context, out + len, &last) == 1;
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    if (!opened)
        return false;
    *plaintext = (struct str){ (const char *)out, (size_t)(len + last) };
    return cipher->authenticated || remove_padding(plaintext, cipher->iv_bytes);
}
