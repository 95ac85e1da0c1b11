/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "key_set.h"
#include "xml_base64.h"

/* Certificates are copied a few times; a metadata aggregate may bring thousands. */
enum { ARENA_BYTES = 256 << 20, MAX_KEY_FILE = 16 << 20 };

struct key_set *
key_set_new(void)
{
    struct key_set *keys = calloc(1, sizeof(*keys));

    if (keys == NULL)
        return NULL;
    keys->arena = arena_new(ARENA_BYTES);
    if (keys->arena == NULL) {
        free(keys);
        return NULL;
    }
    return keys;
}

void
key_set_free(struct key_set *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->trusted_count; i++)
        EVP_PKEY_free(keys->trusted[i].key);
    for (size_t i = 0; i < keys->decryption_count; i++)
        EVP_PKEY_free(keys->decryption[i]);
    arena_free(keys->arena);
    free(keys);
}

/* --- trusted keys -------------------------------------------------------------------------------------- */

/* Takes key, even on failure. */
static bool
add_trusted(struct key_set *keys, EVP_PKEY *key, const struct certificate_facts *facts, struct str entity_id)
{
    if (!arena_grow(keys->arena, (void **)&keys->trusted, keys->trusted_count, &keys->trusted_capacity,
                    sizeof(*keys->trusted))) {
        EVP_PKEY_free(key);
        return false;
    }
    keys->trusted[keys->trusted_count++] = (struct trusted_key){
        .key = key,
        .facts = *facts,
        .entity_id = arena_copy(keys->arena, entity_id),
    };
    return !arena_failed(keys->arena);
}

bool
key_set_add_certificate(struct key_set *keys, struct str der, struct str source, struct str entity_id)
{
    struct certificate_facts facts;
    EVP_PKEY *key =
        certificate_read_key(keys->arena, arena_copy(keys->arena, der), arena_copy(keys->arena, source), &facts);

    return key != NULL && add_trusted(keys, key, &facts, entity_id);
}

/* One DER public key: SubjectPublicKeyInfo, or PKCS#1 when pem_type says so. */
static bool
add_public_key(struct key_set *keys, struct str der, const char *pem_type, struct str source, struct str entity_id)
{
    const unsigned char *at = (const unsigned char *)der.ptr;
    size_t len = der.len;
    struct certificate_facts facts;
    EVP_PKEY *key = NULL;
    const char *structure = strcmp(pem_type, "RSA PUBLIC KEY") == 0 ? "type-specific" : "SubjectPublicKeyInfo";
    OSSL_DECODER_CTX *decoder =
        OSSL_DECODER_CTX_new_for_pkey(&key, "DER", structure, NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);
    int read = decoder != NULL ? OSSL_DECODER_from_data(decoder, &at, &len) : 0;

    OSSL_DECODER_CTX_free(decoder);
    ERR_clear_error();
    if (read != 1 || key == NULL)
        return false;
    public_key_read(keys->arena, key, arena_copy(keys->arena, source), &facts);
    return add_trusted(keys, key, &facts, entity_id);
}

static bool
is_certificate_label(const char *name)
{
    return strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0 ||
           strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
}

static size_t
add_pem(struct key_set *keys, struct str bytes, struct str source, struct str entity_id)
{
    BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    size_t added = 0;
    long len;

    while (bio != NULL && PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
        struct str der = { (const char *)data, (size_t)len };

        if (is_certificate_label(name))
            added += key_set_add_certificate(keys, der, source, entity_id);
        else if (strstr(name, "PUBLIC KEY") != NULL)
            added += add_public_key(keys, der, name, source, entity_id);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    BIO_free(bio);
    ERR_clear_error();
    return added;
}

static size_t
add_der(struct key_set *keys, struct str der, struct str source, struct str entity_id)
{
    return key_set_add_certificate(keys, der, source, entity_id) ||
           add_public_key(keys, der, PEM_STRING_PUBLIC, source, entity_id);
}

size_t
key_set_add_trusted(struct key_set *keys, struct str bytes, struct str source, struct str entity_id, const char **why)
{
    struct str text = str_trim(bytes), der;
    size_t added = 0;

    *why = "no certificate or public key was found (PEM, DER or base64 of DER)";
    if (text.len == 0) {
        *why = "the file is empty";
        return 0;
    }
    if (text.len > MAX_KEY_FILE) {
        *why = "the file is over 16 MiB";
        return 0;
    }
    if (str_find_c(text, "-----BEGIN ") != SIZE_MAX) {
        added = add_pem(keys, text, source, entity_id);
        *why = "the PEM text holds no certificate or public key that can be read";
    } else if (bytes.ptr[0] == 0x30 && bytes.len > 2 && (unsigned char)bytes.ptr[1] >= 0x80) {
        added = add_der(keys, bytes, source, entity_id);
    } else if (xml_base64_decode(keys->arena, text, &der)) {
        added = add_der(keys, der, source, entity_id);
    }
    if (added > 0)
        *why = NULL;
    return added;
}

/* --- private keys ---------------------------------------------------------------------------------------- */

/* Without it OpenSSL would ask on the terminal. */
static int
give_passphrase(char *buffer, int size, int writing, void *context)
{
    const struct str *passphrase = context;

    (void)writing;
    if (!str_present(*passphrase) || passphrase->len > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->ptr, passphrase->len);
    return (int)passphrase->len;
}

static EVP_PKEY *
private_from_pem(struct str bytes, struct str *passphrase)
{
    BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, passphrase) : NULL;

    BIO_free(bio);
    return key;
}

/* PKCS#8 under a passphrase, as DER. *locked: it is one. */
static EVP_PKEY *
private_from_locked_der(struct str bytes, struct str *passphrase, bool *locked)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)bytes.len);
    BIO *bio = sealed != NULL ? BIO_new_mem_buf(bytes.ptr, (int)bytes.len) : NULL;
    EVP_PKEY *key = bio != NULL ? d2i_PKCS8PrivateKey_bio(bio, NULL, give_passphrase, passphrase) : NULL;

    *locked = sealed != NULL;
    BIO_free(bio);
    X509_SIG_free(sealed);
    return key;
}

/* *locked: it is a PKCS#12 file. */
static EVP_PKEY *
private_from_pkcs12(struct arena *arena, struct str bytes, struct str passphrase, bool *locked)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    PKCS12 *bag = d2i_PKCS12(NULL, &at, (long)bytes.len);
    struct str secret = arena_copy(arena, str_present(passphrase) ? passphrase : STR(""));
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;

    if (bag != NULL && str_present(secret) && PKCS12_parse(bag, secret.ptr, &key, &certificate, NULL) != 1)
        key = NULL;
    *locked = *locked || bag != NULL;
    X509_free(certificate);
    PKCS12_free(bag);
    if (secret.ptr != NULL)
        OPENSSL_cleanse((void *)(uintptr_t)secret.ptr, secret.len);
    return key;
}

bool
key_set_add_decryption(struct key_set *keys, struct str bytes, struct str passphrase, const char **why)
{
    EVP_PKEY *key = NULL;
    bool locked = false;

    *why = "no private key was found (PEM, DER PKCS#8 or PKCS#12)";
    if (bytes.len == 0 || bytes.len > MAX_KEY_FILE)
        return false;
    if (str_find_c(bytes, "-----BEGIN ") != SIZE_MAX) {
        key = private_from_pem(bytes, &passphrase);
        if (str_find_c(bytes, "ENCRYPTED") != SIZE_MAX)
            *why = "the private key is encrypted and the passphrase does not open it";
    } else {
        const unsigned char *at = (const unsigned char *)bytes.ptr;

        key = d2i_AutoPrivateKey(NULL, &at, (long)bytes.len);
        if (key == NULL)
            key = private_from_locked_der(bytes, &passphrase, &locked);
        if (key == NULL)
            key = private_from_pkcs12(keys->arena, bytes, passphrase, &locked);
        if (locked)
            *why = "the passphrase does not open it, or it is locked by an algorithm of old: convert it with openssl "
                   "pkcs12 -legacy";
    }
    ERR_clear_error();
    if (key == NULL)
        return false;
    if (!arena_grow(keys->arena, (void **)&keys->decryption, keys->decryption_count, &keys->decryption_capacity,
                    sizeof(EVP_PKEY *))) {
        *why = "not enough memory";
        EVP_PKEY_free(key);
        return false;
    }
    keys->decryption[keys->decryption_count++] = key;
    *why = NULL;
    return true;
}

/* --- looking ----------------------------------------------------------------------------------------------- */

size_t
key_set_trusted_count(const struct key_set *keys)
{
    return keys->trusted_count;
}

size_t
key_set_decryption_count(const struct key_set *keys)
{
    return keys->decryption_count;
}

const struct certificate_facts *
key_set_trusted(const struct key_set *keys, size_t i)
{
    return i < keys->trusted_count ? &keys->trusted[i].facts : NULL;
}

struct str
key_set_trusted_entity(const struct key_set *keys, size_t i)
{
    return i < keys->trusted_count ? keys->trusted[i].entity_id : (struct str){ 0 };
}
