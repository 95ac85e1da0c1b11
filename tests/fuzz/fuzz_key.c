/* SPDX-License-Identifier: MIT */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* An RSA key that is computed from nothing, alike in every process: primes are searched from hashed starts. */

enum { PRIME_BYTES = 64, EXPONENT = 65537 };

/* The first prime at or after SHAKE-256(label) of which p - 1 has no factor in common with the exponent. */
static BIGNUM *
make_prime(const char *label, BN_CTX *ctx)
{
    unsigned char bytes[PRIME_BYTES];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    BIGNUM *prime;
    int is_prime;

    fuzz_promise(hash != NULL && EVP_DigestInit_ex(hash, EVP_shake256(), NULL) == 1 &&
                 EVP_DigestUpdate(hash, label, strlen(label)) == 1 &&
                 EVP_DigestFinalXOF(hash, bytes, sizeof bytes) == 1);
    EVP_MD_CTX_free(hash);
    bytes[0] |= 0xc0;
    bytes[PRIME_BYTES - 1] |= 1;
    prime = BN_bin2bn(bytes, sizeof bytes, NULL);
    fuzz_promise(prime != NULL);
    while ((is_prime = BN_check_prime(prime, ctx, NULL)) == 0 || BN_mod_word(prime, EXPONENT) == 1)
        fuzz_promise(BN_add_word(prime, 2) == 1);
    fuzz_promise(is_prime == 1);
    return prime;
}

struct numbers {
    BIGNUM *p, *q, *n, *e, *d, *dp, *dq, *qi;
};

static void
compute(struct numbers *x, BN_CTX *ctx)
{
    BIGNUM *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();

    x->p = make_prime("samltap fuzz p", ctx);
    x->q = make_prime("samltap fuzz q", ctx);
    x->n = BN_new();
    x->e = BN_new();
    x->dp = BN_new();
    x->dq = BN_new();
    fuzz_promise(p1 != NULL && q1 != NULL && phi != NULL && x->n != NULL && x->e != NULL && x->dp != NULL &&
                 x->dq != NULL);
    fuzz_promise(BN_set_word(x->e, EXPONENT) && BN_mul(x->n, x->p, x->q, ctx) && BN_sub(p1, x->p, BN_value_one()) &&
                 BN_sub(q1, x->q, BN_value_one()) && BN_mul(phi, p1, q1, ctx));
    x->d = BN_mod_inverse(NULL, x->e, phi, ctx);
    x->qi = BN_mod_inverse(NULL, x->q, x->p, ctx);
    fuzz_promise(x->d != NULL && x->qi != NULL && BN_mod(x->dp, x->d, p1, ctx) && BN_mod(x->dq, x->d, q1, ctx));
    BN_free(p1);
    BN_free(q1);
    BN_free(phi);
}

static EVP_PKEY *
assemble(const struct numbers *x)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters;
    EVP_PKEY *key = NULL;

    fuzz_promise(build != NULL && ctx != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, x->n) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, x->e) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, x->d) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, x->p) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, x->q) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, x->dp) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, x->dq) &&
                 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, x->qi));
    parameters = OSSL_PARAM_BLD_to_param(build);
    fuzz_promise(parameters != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
                 EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *
fuzz_key(void)
{
    static EVP_PKEY *key;
    struct numbers x;
    BN_CTX *ctx;

    if (key != NULL)
        return key;
    ctx = BN_CTX_new();
    fuzz_promise(ctx != NULL);
    compute(&x, ctx);
    key = assemble(&x);
    BN_free(x.p);
    BN_free(x.q);
    BN_free(x.n);
    BN_free(x.e);
    BN_free(x.d);
    BN_free(x.dp);
    BN_free(x.dq);
    BN_free(x.qi);
    BN_CTX_free(ctx);
    return key;
}

static char *
pem(int (*write)(BIO *bio))
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes, *text;
    long len;

    fuzz_promise(bio != NULL && write(bio) == 1);
    len = BIO_get_mem_data(bio, &bytes);
    text = strndup(bytes, (size_t)len);
    fuzz_promise(text != NULL);
    BIO_free(bio);
    return text;
}

static int
write_public(BIO *bio)
{
    return PEM_write_bio_PUBKEY(bio, fuzz_key());
}

static int
write_private(BIO *bio)
{
    return PEM_write_bio_PrivateKey(bio, fuzz_key(), NULL, NULL, 0, NULL, NULL);
}

const char *
fuzz_key_public_pem(void)
{
    static char *text;

    return text != NULL ? text : (text = pem(write_public));
}

const char *
fuzz_key_private_pem(void)
{
    static char *text;

    return text != NULL ? text : (text = pem(write_private));
}
