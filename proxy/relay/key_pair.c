/* SPDX-License-Identifier: MIT */
#include "key_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "memory.h"
#include "passphrase.h"

enum { FILE_CEILING = 1024 * 1024, PASSPHRASE_CEILING = 1024 };

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

/* --- one file of either kind ----------------------------------------------------------------------- */

struct passphrase {
    const char *path;
    struct buf text;
    bool asked, given;
};

/* Asks once. */
static bool
passphrase_get(struct passphrase *passphrase)
{
    char *prompt;

    if (passphrase->asked)
        return passphrase->given;
    passphrase->asked = true;
    prompt = xprintf("Passphrase of %s: ", passphrase->path);
    passphrase->given = passphrase_ask(prompt, &passphrase->text);
    free(prompt);
    return passphrase->given;
}

static int
on_passphrase(char *buffer, int size, int writing, void *data)
{
    struct passphrase *passphrase = data;

    (void)writing;
    if (!passphrase_get(passphrase) || passphrase->text.len > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->text.bytes, passphrase->text.len);
    return (int)passphrase->text.len;
}

static bool
read_pem(struct key_pair *pair, struct str bytes, struct passphrase *passphrase)
{
    BIO *certificate = BIO_new_mem_buf(bytes.ptr, (int)bytes.len), *key = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
    bool fine = certificate != NULL && key != NULL && read_certificates(pair, certificate);

    if (fine)
        pair->key = PEM_read_bio_PrivateKey(key, NULL, on_passphrase, passphrase);
    BIO_free(certificate);
    BIO_free(key);
    return fine && pair->key != NULL;
}

static bool
read_pkcs12(struct key_pair *pair, struct str bytes, struct passphrase *passphrase)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    PKCS12 *file = d2i_PKCS12(NULL, &at, (long)bytes.len);
    const char *text = NULL;
    bool fine = false;

    if (file == NULL)
        return false;
    if (PKCS12_verify_mac(file, NULL, 0) != 1 && PKCS12_verify_mac(file, "", 0) != 1 && passphrase_get(passphrase))
        text = passphrase->text.bytes;
    fine = PKCS12_parse(file, text, &pair->key, &pair->certificate, &pair->chain) == 1 && pair->key != NULL &&
           pair->certificate != NULL;
    PKCS12_free(file);
    return fine;
}

static char *
explain_file(const struct passphrase *passphrase, const char *option)
{
    const char *what = "no certificate with its private key could be read";

    if (passphrase->asked)
        what = passphrase->given ? "the passphrase is wrong"
                                 : "is under a passphrase, and there is no terminal to ask for it";
    return xprintf("%s: %s (%s; PEM with both, or PKCS#12)", passphrase->path, what, option);
}

bool
key_pair_read_any(struct key_pair *pair, const char *path, const char *option, char **why)
{
    struct passphrase passphrase = { .path = path };
    struct buf file;
    bool fine;

    *pair = (struct key_pair){ 0 };
    *why = NULL;
    buf_init(&passphrase.text, PASSPHRASE_CEILING);
    buf_reserve(&passphrase.text, PASSPHRASE_CEILING);
    fine = file_read_input(path, FILE_CEILING, &file, why);
    if (fine) {
        fine = str_find_c(buf_str(&file), "-----BEGIN ") != SIZE_MAX ? read_pem(pair, buf_str(&file), &passphrase)
                                                                     : read_pkcs12(pair, buf_str(&file), &passphrase);
        if (!fine)
            *why = explain_file(&passphrase, option);
    }
    if (fine && X509_check_private_key(pair->certificate, pair->key) != 1) {
        *why = xprintf("%s: the private key does not belong to the first certificate (%s)", path, option);
        fine = false;
    }
    ERR_clear_error();
    if (file.bytes != NULL)
        OPENSSL_cleanse(file.bytes, file.capacity);
    buf_release(&file);
    if (passphrase.text.bytes != NULL)
        OPENSSL_cleanse(passphrase.text.bytes, passphrase.text.capacity);
    buf_release(&passphrase.text);
    if (!fine)
        key_pair_release(pair);
    return fine;
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
