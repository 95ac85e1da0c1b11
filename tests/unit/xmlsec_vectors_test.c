/* SPDX-License-Identifier: MIT */
/*
 * The XMLDSig and XMLEnc vectors of the corpus through the code that reads SAML: tests/xmlsec_vectors.tsv says
 * of each what must come out and why. What our profile refuses is refused under its name, and where the key is
 * at hand its SignatureValue is verified all the same. Skips when the corpus is not beside the project.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "corpus_rows.h"
#include "saml.h"

#define FOLDER "xmlsec"

enum { MAX_TABLE = 64 << 10 };

static struct arena *arena;

/* Problems that are not about one algorithm but about the shape come after those that are. */
static struct str
refusals_of(const struct dsig_signature *signature)
{
    struct str list = STR("");

    for (int i = 0; i < DSIG_PROBLEM_COUNT; i++)
        if (dsig_has_problem(signature, (enum dsig_problem)i))
            list = arena_printf(arena, "%.*s%s%s", STR_ARG(list), list.len > 0 ? "," : "",
                                dsig_problem_name((enum dsig_problem)i));
    return list;
}

/* The certificate of a PKCS#12 file of the corpus. */
static void
trust(struct key_set *keys, struct str file)
{
    struct str bytes = corpus_file(arena, FOLDER, file);
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    PKCS12 *store = d2i_PKCS12(NULL, &at, (long)bytes.len);
    unsigned char *der = NULL;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    int len;

    assert_int_equal(PKCS12_parse(store, "secret123", &key, &certificate, NULL), 1);
    len = i2d_X509(certificate, &der);
    assert_true(key_set_add_certificate(keys, (struct str){ (const char *)der, (size_t)len }, file, (struct str){ 0 }));
    OPENSSL_free(der);
    X509_free(certificate);
    EVP_PKEY_free(key);
    PKCS12_free(store);
}

/* First as it is, with the key that the vector carries; when it carries none, with those of the corpus. */
static const struct saml_message *
read_signed(struct str xml, struct key_set *keys, struct xml_status *status)
{
    struct saml_options options = { 0 };
    const struct saml_message *message = saml_read(arena, xml, &options, status);

    if (message == NULL || message->signature_count == 0 ||
        message->signatures[message->signature_count - 1].value != DSIG_NOT_CHECKED)
        return message;
    trust(keys, STR("keys/keys/rsa/rsa-4096-key.p12"));
    trust(keys, STR("keys/keys/rsa/rsa-2048-key.p12"));
    options.keys = keys;
    return saml_read(arena, xml, &options, status);
}

static struct str
outcome_of_signature(struct str xml)
{
    struct key_set *keys = key_set_new();
    struct xml_status status;
    const struct saml_message *message = read_signed(xml, keys, &status);
    const struct dsig_signature *signature;
    struct str outcome;

    if (message == NULL) {
        outcome = arena_printf(arena, "not read: %s", xml_result_name(status.result));
    } else {
        assert_true(message->signature_count > 0);
        signature = &message->signatures[message->signature_count - 1];
        /* None of them is a SAML message: none may count as signed. */
        assert_false(signature->valid);
        outcome = arena_printf(arena, "value %s, digest %s, refused: %.*s", dsig_state_name(signature->value),
                               dsig_state_name(signature->digest), STR_ARG(refusals_of(signature)));
    }
    key_set_free(keys);
    return outcome;
}

/* The EncryptedData as a receiver of SAML gets it. */
static struct str
outcome_of_encryption(struct str xml, struct str key)
{
    struct key_set *keys = key_set_new();
    struct saml_options options = { .keys = keys };
    bool prefixed = str_find_c(xml, "<xenc:EncryptedData") != SIZE_MAX;
    const char *close = prefixed ? "</xenc:EncryptedData>" : "</EncryptedData>";
    size_t start = str_find_c(xml, prefixed ? "<xenc:EncryptedData" : "<EncryptedData"), end = str_find_c(xml, close);
    const struct saml_message *message;
    const struct saml_encrypted *facts;
    struct xml_status status;
    const char *why = "";
    struct str wrapped, outcome;
    bool key_read = key_set_add_decryption(keys, key, STR("secret123"), &why) ||
                    key_set_add_decryption(keys, key, STR("secret"), &why);

    /* A vector with a secret key: a receiver of SAML has an RSA key, and says what it cannot open. */
    if (!key_read)
        assert_true(key_set_add_decryption(keys, corpus_file(arena, FOLDER, STR("keys/keys/rsa/rsa-2048-key.p12")),
                                           STR("secret123"), &why));
    assert_true(start != SIZE_MAX && end != SIZE_MAX);
    wrapped = arena_printf(
        arena,
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" "
        "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:EncryptedAssertion "
        "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">%.*s</saml:EncryptedAssertion></samlp:Response>",
        STR_ARG(str_slice(xml, start, end + strlen(close) - start)));
    message = saml_read(arena, wrapped, &options, &status);
    if (message == NULL || message->encrypted_count == 0) {
        key_set_free(keys);
        return arena_printf(arena, "not read: %s", xml_result_name(status.result));
    }
    facts = &message->encrypted[0];
    if (facts->result == DECRYPT_OK || str_starts_c(facts->detail, "the plaintext is"))
        outcome = STR("decrypted");
    else
        outcome = arena_printf(arena, "refused: %.*s", STR_ARG(facts->detail));
    key_set_free(keys);
    return outcome;
}

static struct str
outcome_of(const struct str *row)
{
    struct str xml = corpus_file(arena, FOLDER, row[CORPUS_FILE]);

    assert_true(str_present(xml));
    if (str_eq_c(row[CORPUS_KIND], "XMLEnc vector"))
        return outcome_of_encryption(xml, corpus_file(arena, FOLDER, row[CORPUS_DECRYPT_KEY]));
    return outcome_of_signature(xml);
}

/* Finds the line of a vector: id, expected outcome, reason. */
static bool
expected_of(struct str table, struct str id, struct str *outcome)
{
    while (table.len > 0) {
        struct str line, rest, name, tail, reason;

        str_cut(table, '\n', &line, &rest);
        if (str_cut(line, '\t', &name, &tail) && str_eq(name, id))
            return str_cut(tail, '\t', outcome, &reason) && reason.len > 10;
        table = rest;
    }
    return false;
}

static void
test_vectors(void **state)
{
    static char bytes[MAX_TABLE];
    struct str manifest = corpus_file(arena, FOLDER, STR("manifest.tsv")), line, row[CORPUS_COLUMNS], table;
    FILE *file = fopen("tests/xmlsec_vectors.tsv", "r");
    unsigned rows = 0, wrong = 0;

    (void)state;
    if (!str_present(manifest)) {
        print_message("the corpus is not beside the project: skipped\n");
        skip();
    }
    assert_non_null(file);
    table = (struct str){ bytes, fread(bytes, 1, sizeof(bytes), file) };
    fclose(file);
    assert_true(table.len < sizeof(bytes));
    for (bool head = true; manifest.len > 0; head = false) {
        struct str rest, expected = { 0 }, outcome;

        str_cut(manifest, '\n', &line, &rest);
        manifest = rest;
        if (head || !corpus_split(line, row))
            continue;
        rows++;
        outcome = outcome_of(row);
        if (expected_of(table, row[CORPUS_ID], &expected) && str_eq(expected, outcome))
            continue;
        wrong++;
        print_message("%.*s\t%.*s\t(table: %.*s)\n", STR_ARG(row[CORPUS_ID]), STR_ARG(outcome), STR_ARG(expected));
    }
    print_message("%u vectors\n", rows);
    assert_int_equal(wrong, 0);
    assert_true(rows > 150);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    arena = arena_new(512 << 20);
    return arena != NULL && saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
