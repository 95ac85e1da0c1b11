/* SPDX-License-Identifier: MIT */
#include "jwe_content.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "buf.h"

enum { GCM_IV_BYTES = 12, TAG_BYTES = 16, CBC_IV_BYTES = 16, MAX_TEXT = 128 * 1024 };

static const struct jwe_content contents[] = {
    { "A128GCM", "AES-128-GCM", NULL, 16 },           { "A192GCM", "AES-192-GCM", NULL, 24 },
    { "A256GCM", "AES-256-GCM", NULL, 32 },           { "A128CBC-HS256", "AES-128-CBC", "SHA256", 32 },
    { "A192CBC-HS384", "AES-192-CBC", "SHA384", 48 }, { "A256CBC-HS512", "AES-256-CBC", "SHA512", 64 },
};

const struct jwe_content *
jwe_content_named(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(contents); i++)
        if (str_eq_c(name, contents[i].name))
            return &contents[i];
    return NULL;
}

static const unsigned char *
bytes_of(struct str s)
{
    return (const unsigned char *)s.ptr;
}

/* One pass of a cipher into the arena. With tag, aad is authenticated, too. */
static bool
decipher(struct arena *arena, const char *name, const unsigned char *key, const struct str *parts, struct str aad,
         bool with_tag, struct str *plaintext)
{
    struct str iv = parts[0], text = parts[1], tag = parts[2];
    unsigned char tag_copy[TAG_BYTES];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *out = arena_alloc(arena, text.len + 32);
    int len = 0, rest = 0;
    bool ok = cipher != NULL && context != NULL && out != NULL &&
              EVP_DecryptInit_ex2(context, cipher, key, bytes_of(iv), NULL) == 1;

    if (ok && with_tag) {
        memcpy(tag_copy, tag.ptr, sizeof(tag_copy));
        ok = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag_copy) == 1 &&
             EVP_DecryptUpdate(context, NULL, &len, bytes_of(aad), (int)aad.len) == 1;
    }
    len = 0;
    if (ok && text.len > 0)
        ok = EVP_DecryptUpdate(context, out, &len, bytes_of(text), (int)text.len) == 1;
    ok = ok && EVP_DecryptFinal_ex(context, out + len, &rest) == 1;
    if (ok)
        *plaintext = (struct str){ (char *)out, (size_t)(len + rest) };
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return ok;
}

/* The tag of the CBC family: HMAC over aad, iv, ciphertext and the bit length of aad (RFC 7518 5.2.2.1). */
static bool
mac_holds(const struct jwe_content *content, const unsigned char *key, struct str aad, const struct str *parts)
{
    size_t half = content->key_bytes / 2;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    struct buf text;
    bool ok;

    if (parts[2].len != half)
        return false;
    buf_init(&text, 2 * MAX_TEXT);
    buf_add_str(&text, aad);
    buf_add_str(&text, parts[0]);
    buf_add_str(&text, parts[1]);
    buf_add_u64(&text, (uint64_t)aad.len * 8);
    ok = !buf_failed(&text) &&
         HMAC(EVP_get_digestbyname(content->digest), key, (int)half, (const unsigned char *)text.bytes, text.len, mac,
              &mac_len) != NULL &&
         mac_len >= half && CRYPTO_memcmp(mac, parts[2].ptr, half) == 0;
    buf_release(&text);
    return ok;
}

bool
jwe_content_open(struct arena *arena, const struct jwe_content *content, const unsigned char *secret, struct str aad,
                 const struct str *parts, struct str *plaintext)
{
    if (parts[1].len > MAX_TEXT)
        return false;
    if (content->digest == NULL)
        return parts[0].len == GCM_IV_BYTES && parts[2].len == TAG_BYTES &&
               decipher(arena, content->cipher, secret, parts, aad, true, plaintext);
    return parts[0].len == CBC_IV_BYTES && mac_holds(content, secret, aad, parts) &&
           decipher(arena, content->cipher, secret + content->key_bytes / 2, parts, aad, false, plaintext);
}

size_t
jwe_key_unwrap(const unsigned char *key, size_t key_bytes, struct str wrapped, unsigned char secret[JWE_MAX_SECRET])
{
    const EVP_CIPHER *cipher = key_bytes == 16   ? EVP_aes_128_wrap()
                               : key_bytes == 24 ? EVP_aes_192_wrap()
                                                 : EVP_aes_256_wrap();
    EVP_CIPHER_CTX *context;
    int len = 0;

    if (wrapped.len < 24 || wrapped.len > JWE_MAX_SECRET + 8 || wrapped.len % 8 != 0)
        return 0;
    context = EVP_CIPHER_CTX_new();
    if (context == NULL)
        return 0;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_DecryptInit_ex2(context, cipher, key, NULL, NULL) != 1 ||
        EVP_DecryptUpdate(context, secret, &len, bytes_of(wrapped), (int)wrapped.len) != 1)
        len = 0;
    EVP_CIPHER_CTX_free(context);
    return len > 0 ? (size_t)len : 0;
}
