/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "dsig_work.h"
#include "xml_base64.h"

/* A right signature value in a wrong encoding: damaged base64, DER, numbers of odd length. */

static bool
verifies(struct dsig_work *work, EVP_PKEY *key, struct str value)
{
    if (work->budget->verifications == 0)
        return false;
    work->budget->verifications--;
    return dsig_verify_value(work->method, work->method_digest, work->salt_length, key,
                             buf_str(&work->signed_info_bytes), value) == DSIG_OK;
}

/* --- base64 ------------------------------------------------------------------------------------------------ */

/* Blanks inside become plus signs; line breaks and the ends are layout. */
static struct str
repaired(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 4);
    size_t n = 0;

    text = str_trim(text);
    if (out == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\n' || c == '\r' || c == '\t')
            continue;
        out[n++] = c == ' ' || c == '-' ? '+' : c == '_' ? '/' : c;
    }
    while (n % 4 >= 2)
        out[n++] = '=';
    return (struct str){ out, n };
}

static struct str
explain_base64(struct dsig_work *work, EVP_PKEY *key)
{
    const xmlNode *node = xml_child(work->signature, NS_DS, "SignatureValue");
    struct str text = node != NULL ? str_trim(xml_text(work->document, node)) : (struct str){ 0 }, bytes;
    struct str better = repaired(work->arena, text);

    if (!str_present(better) || !xml_base64_decode(work->arena, better, &bytes) || !verifies(work, key, bytes))
        return (struct str){ 0 };
    if (str_find_byte(text, ' ') != SIZE_MAX)
        return STR("its plus signs became blanks, as a second form decoding does: with them the value verifies");
    if (str_find_byte(text, '-') != SIZE_MAX || str_find_byte(text, '_') != SIZE_MAX)
        return STR("it is in the URL-safe alphabet: in the standard one the value verifies");
    return STR("its padding is missing: with it the value verifies");
}

/* --- ECDSA --------------------------------------------------------------------------------------------------- */

static bool
verifies_der(struct dsig_work *work, EVP_PKEY *key, struct str der)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct str bytes = buf_str(&work->signed_info_bytes);
    bool good = false;

    if (context != NULL && work->budget->verifications > 0 &&
        EVP_DigestVerifyInit(context, NULL, dsig_hash(work->method_digest), NULL, key) == 1) {
        work->budget->verifications--;
        good = EVP_DigestVerify(context, (const unsigned char *)der.ptr, der.len, (const unsigned char *)bytes.ptr,
                                bytes.len) == 1;
    }
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good;
}

/* Right-aligned in size bytes. Returns false when the number is longer. */
static bool
align(struct str number, size_t size, char *out)
{
    while (number.len > 0 && number.ptr[0] == 0)
        number = str_from_offset(number, 1);
    if (number.len > size)
        return false;
    memset(out, 0, size - number.len);
    memcpy(out + size - number.len, number.ptr, number.len);
    return true;
}

/* r and s without leading zeros, or with one too many, the border between them being anywhere near. */
static struct str
explain_pair(struct dsig_work *work, EVP_PKEY *key)
{
    size_t size = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8, len = work->value.len;
    char pair[256];

    if (size == 0 || 2 * size > sizeof(pair) || len + 4 < 2 * size || len > 2 * size + 2)
        return (struct str){ 0 };
    for (size_t border = size > 2 ? size - 2 : 1; border <= size + 1 && border < len; border++)
        if (align(str_slice(work->value, 0, border), size, pair) &&
            align(str_from_offset(work->value, border), size, pair + size) &&
            verifies(work, key, (struct str){ pair, 2 * size }))
            return arena_printf(work->arena,
                                "r and s have %zu bytes together, %zu are due: with leading zeros set "
                                "right the value verifies",
                                len, 2 * size);
    return (struct str){ 0 };
}

/* The length that every value under this key has; 0: it varies, or is not known. */
static size_t
due_length(const EVP_PKEY *key)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? (size_t)EVP_PKEY_get_size(key) : 0;
}

struct str
dsig_explain_encoding(struct dsig_work *work, EVP_PKEY *key)
{
    /* Four blanks leave base64 that can be decoded, but too short. */
    if (!str_present(work->value) || (due_length(key) > work->value.len))
        return explain_base64(work, key);
    if (work->method->scheme != DSIG_ECDSA || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return (struct str){ 0 };
    if (work->value.len > 8 && work->value.ptr[0] == 0x30 && verifies_der(work, key, work->value))
        return STR("it is a DER structure, which verifies; XML signatures carry r and s side by side");
    if (work->value.len == 2 * (((size_t)EVP_PKEY_get_bits(key) + 7) / 8))
        return (struct str){ 0 };
    return explain_pair(work, key);
}
