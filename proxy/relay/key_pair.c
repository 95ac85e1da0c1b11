/* SPDX-License-Identifier: MIT */
#include "key_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "memory.h"

/* Nobody is there to type it; the caller says what to do. */
static int
no_passphrase(char *buffer, int size, int writing, void *asked)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static bool
read_certificates(struct key_pair *pair, BIO *file)
{
    X509 *more;

    pair->certificate = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
    if (pair->certificate == NULL)
        return false;
    pair->chain = sk_X509_new_null();
    while (pair->chain != NULL && (more = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL)
        if (sk_X509_push(pair->chain, more) == 0)
            X509_free(more);
    ERR_clear_error(); /* "no start line" ends the file */
    return true;
}

static char *
unreadable(const char *path, const char *what, const char *option)
{
    return xprintf("%s: no %s could be read (%s; a PEM file is wanted)", path, what, option);
}

bool
key_pair_read(struct key_pair *pair, const char *certificate_path, const char *key_path, const char *option, char **why)
{
    const char *key_file = key_path != NULL ? key_path : certificate_path;
    BIO *certificate = BIO_new_file(certificate_path, "r"), *key = BIO_new_file(key_file, "r");
    bool asked = false;

    *pair = (struct key_pair){ 0 };
    *why = NULL;
    if (certificate == NULL || !read_certificates(pair, certificate))
        *why = unreadable(certificate_path, "certificate", option);
    else if (key == NULL || (pair->key = PEM_read_bio_PrivateKey(key, NULL, no_passphrase, &asked)) == NULL)
        *why =
            asked ? xprintf("%s: the private key is under a passphrase, which cannot be asked for here (%s); write one "
                            "without it: openssl pkey -in %s -out NEW",
                            key_file, option, key_file)
                  : unreadable(key_file, "private key", option);
    else if (X509_check_private_key(pair->certificate, pair->key) != 1)
        *why = xprintf("%s: the private key does not belong to the first certificate of %s (%s)", key_file,
                       certificate_path, option);
    ERR_clear_error();
    BIO_free(certificate);
    BIO_free(key);
    if (*why != NULL)
        key_pair_release(pair);
    return *why == NULL;
}

void
key_pair_release(struct key_pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    sk_X509_pop_free(pair->chain, X509_free);
    *pair = (struct key_pair){ 0 };
}

bool
key_pair_present(const struct key_pair *pair)
{
    return pair->certificate != NULL;
}

bool
key_pair_use(const struct key_pair *pair, SSL *ssl)
{
    return SSL_use_cert_and_key(ssl, pair->certificate, pair->key, pair->chain, 1) == 1;
}
