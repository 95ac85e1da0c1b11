/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "dsig_work.h"

static const char *const schemes[] = {
    [DSIG_RSA] = "rsa",       [DSIG_RSA_PSS] = "rsa-pss", [DSIG_ECDSA] = "ecdsa",
    [DSIG_EDDSA] = "ed25519", [DSIG_DSA] = "dsa",
};

static struct str
pem_of(struct arena *arena, EVP_PKEY *key)
{
    BIO *memory = BIO_new(BIO_s_mem());
    struct str pem = { 0 };
    char *bytes = NULL;

    if (memory != NULL && PEM_write_bio_PUBKEY(memory, key) == 1) {
        long len = BIO_get_mem_data(memory, &bytes);

        if (len > 0)
            pem = arena_copy(arena, (struct str){ bytes, (size_t)len });
    }
    BIO_free(memory);
    ERR_clear_error();
    return pem;
}

struct dsig_evidence *
dsig_evidence_new(struct arena *arena, const struct dsig_method *method, const char *value_digest,
                  struct str signed_bytes, struct str value, EVP_PKEY *key)
{
    struct dsig_evidence *evidence = arena_alloc(arena, sizeof(*evidence));
    bool pair = method != NULL && (method->scheme == DSIG_ECDSA || method->scheme == DSIG_DSA);

    if (evidence == NULL)
        return NULL;
    *evidence = (struct dsig_evidence){ .value_digest = value_digest, .salt_length = -1 };
    if (method != NULL)
        evidence->scheme = schemes[method->scheme];
    if (str_present(signed_bytes))
        evidence->signed_bytes = arena_copy(arena, signed_bytes);
    if (key != NULL)
        evidence->key_pem = pem_of(arena, key);
    if (pair && key != NULL && str_present(value)) {
        size_t len = 0;
        unsigned char *der = dsig_der_of_raw(key, value, &len);

        if (der != NULL)
            evidence->value = arena_copy(arena, (struct str){ (const char *)der, len });
        OPENSSL_free(der);
    }
    if (str_present(value) && !str_present(evidence->value))
        evidence->value = arena_copy(arena, value);
    return arena_failed(arena) ? NULL : evidence;
}
