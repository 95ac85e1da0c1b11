/* SPDX-License-Identifier: MIT */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ca_store.h"
#include "ca_trust.h"
#include "commands.h"
#include "exit_code.h"
#include "log.h"
#include "memory.h"
#include "terminal.h"
#include "xstime.h"

enum { MAX_HOSTS = 64, OUTPUT_MAX_BYTES = 256 * 1024 };

static int
print(struct buf *text)
{
    bool printed = !buf_failed(text) && terminal_print(buf_str(text));

    buf_release(text);
    if (!printed)
        log_error("the output cannot be written");
    return printed ? EXIT_PASS : EXIT_RUNTIME;
}

static int
show(const struct ca_store *store)
{
    char spki[45], fingerprint[65], until[32];
    struct buf text;

    ca_spki_base64(store->ca, spki);
    ca_fingerprint(store->ca, fingerprint);
    xstime_format_into(until, sizeof(until), ca_not_after_s(store->ca) * 1000);
    buf_init(&text, OUTPUT_MAX_BYTES);
    buf_printf(&text, "name         %s\n", ca_name(store->ca));
    buf_printf(&text, "certificate  %s\n", store->certificate_path);
    buf_printf(&text, "key          %s\n", store->key_path);
    buf_printf(&text, "valid until  %s%s\n", until,
               ca_not_after_s(store->ca) <= (int64_t)time(NULL) ? "  (expired: 'samltap ca create' makes a new one)"
                                                                : "");
    buf_printf(&text, "SHA-256      %s\n", fingerprint);
    buf_printf(&text, "SPKI         %s\n", spki);
    return print(&text);
}

static bool
pem_to_der(struct buf *pem, struct buf *der)
{
    BIO *bio = BIO_new_mem_buf(pem->bytes, (int)pem->len);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    unsigned char *bytes = NULL;
    int len = certificate ? i2d_X509(certificate, &bytes) : -1;

    if (len > 0)
        buf_add(der, bytes, (size_t)len);
    OPENSSL_free(bytes);
    X509_free(certificate);
    BIO_free(bio);
    return len > 0 && !buf_failed(der);
}

static int export(const struct ca_store *store, const char *format)
{
    struct buf pem, der;

    buf_init(&pem, OUTPUT_MAX_BYTES);
    buf_init(&der, OUTPUT_MAX_BYTES);
    if (!ca_certificate_pem(store->ca, &pem)) {
        buf_release(&pem);
        log_error("out of memory");
        return EXIT_RUNTIME;
    }
    if (format == NULL || strcmp(format, "pem") == 0)
        return print(&pem);
    if (!pem_to_der(&pem, &der))
        der.failed = true;
    buf_release(&pem);
    return print(&der);
}

static int
trust(const struct ca_store *store)
{
    struct buf text;

    buf_init(&text, OUTPUT_MAX_BYTES);
    ca_trust_steps(&text, store->ca, store->certificate_path);
    return print(&text);
}

/* Splits "a.test,b.test" into copies. Returns how many; all are freed by the caller. */
static size_t
split_hosts(const char *text, char **hosts)
{
    struct str rest = str_from(text), host;
    size_t count = 0;

    while (str_present(rest) && count < MAX_HOSTS) {
        str_cut(rest, ',', &host, &rest);
        host = str_trim(host);
        if (host.len > 0)
            hosts[count++] = xstrndup(host);
    }
    return count;
}

/* A CA that is there and valid is kept: a new one would have to be trusted all over again. */
static int
create(const struct options *options, const char *directory)
{
    const char *given = options_text(options, OPT_HOSTS);
    char *hosts[MAX_HOSTS] = { NULL }, *why = NULL;
    size_t count = split_hosts(given, hosts);
    struct ca_store store;
    int code;

    if (ca_store_open(&store, options, directory, CA_STORE_CREATE, (const char *const *)hosts, count,
                      (int64_t)time(NULL), &why)) {
        if (!store.created)
            log_info("there is a CA already; 'samltap ca remove' deletes it");
        code = !store.created && count > 0 ? EXIT_USAGE : show(&store);
    } else {
        log_error("%s", why);
        code = EXIT_RUNTIME;
    }
    ca_store_release(&store);
    free(why);
    for (size_t i = 0; i < count; i++)
        free(hosts[i]);
    return code;
}

static int
remove_ca(const char *directory)
{
    char *why = NULL;

    if (ca_store_remove(directory, &why)) {
        log_info("the CA is deleted; browsers and systems that were told to trust it still hold its certificate, "
                 "which is harmless without the key");
        return EXIT_PASS;
    }
    log_error("%s", why);
    free(why);
    return EXIT_RUNTIME;
}

static int
with_store(const struct options *options, const char *directory, const char *verb)
{
    struct ca_store store;
    char *why = NULL;
    int code;

    if (!ca_store_open(&store, options, directory, CA_STORE_LOAD, NULL, 0, (int64_t)time(NULL), &why)) {
        log_error("%s", why);
        code = EXIT_RUNTIME;
    } else if (strcmp(verb, "export") == 0) {
        code = export(&store, options_text(options, OPT_FORMAT));
    } else {
        code = strcmp(verb, "trust") == 0 ? trust(&store) : show(&store);
    }
    ca_store_release(&store);
    free(why);
    return code;
}

int
cmd_ca(const struct options *options)
{
    const char *verb = options_argument_count(options) > 0 ? options_argument(options, 0) : "show";
    const char *format = options_text(options, OPT_FORMAT);
    char *why = NULL, *directory = state_directory(options, &why);
    int code = EXIT_USAGE;

    if (directory == NULL) {
        log_error("%s", why);
        code = EXIT_RUNTIME;
    } else if (format != NULL && strcmp(format, "pem") != 0 && strcmp(format, "cer") != 0) {
        log_error("--format %s is for 'samltap export'; here it is pem or cer", format);
    } else if (strcmp(verb, "create") == 0) {
        code = create(options, directory);
    } else if (strcmp(verb, "remove") == 0) {
        code = remove_ca(directory);
    } else if (strcmp(verb, "show") == 0 || strcmp(verb, "export") == 0 || strcmp(verb, "trust") == 0) {
        code = with_store(options, directory, verb);
    } else {
        log_error("'samltap ca %s' is nothing; say create, show, export, trust or remove", verb);
    }
    free(directory);
    free(why);
    return code;
}
