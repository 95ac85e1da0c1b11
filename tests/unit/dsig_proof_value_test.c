/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "dsig.h"
#include "proof_maker.h"
#include "saml_maker.h"

/*
 * Why a SignatureValue fails (saml-verification 5.3): the cause that is named is the true one, for a signed
 * Assertion and a signed Response, under every canonicalisation and each algorithm that a row is about.
 */

enum { PLAIN = 1, PSS = 2, EC = 4, EDDSA = 8, NO_RECOVERY = PSS | EC | EDDSA, ANY = 15 };

struct value_row {
    const char *name;
    unsigned algorithms;
    enum dsig_cause cause;
    const char *words;
    struct proof_row made;
    const char *trusted; /* NULL: the key that signed */
};

static unsigned
algorithm_of(const struct proof_way *way)
{
    if (strcmp(way->key, "ec") == 0)
        return EC;
    if (strcmp(way->key, "ed25519") == 0)
        return EDDSA;
    return strstr(way->method, "pss") != NULL ? PSS : PLAIN;
}

/* --- the value as bytes --------------------------------------------------------------------------------------- */

static struct str
value_text(const struct reading *reading)
{
    struct str xml = buf_str(&reading->xml);
    size_t start = str_find_c(xml, "<ds:SignatureValue>") + strlen("<ds:SignatureValue>");

    return str_slice(xml, start, str_find_c(xml, "</ds:SignatureValue>") - start);
}

static void
set_value_text(struct reading *reading, struct str text)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t start = str_find_c(xml, "<ds:SignatureValue>") + strlen("<ds:SignatureValue>");
    size_t end = str_find_c(xml, "</ds:SignatureValue>");
    struct str copy = arena_copy(reading->arena, text);

    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, start));
    buf_add_str(&reading->xml, copy);
    buf_add_str(&reading->xml, str_from_offset(xml, end));
}

static void
set_value(struct reading *reading, const unsigned char *bytes, size_t len)
{
    struct buf text;

    buf_init(&text, 4096);
    saml_maker_base64((struct str){ (const char *)bytes, len }, &text);
    set_value_text(reading, buf_str(&text));
    buf_release(&text);
}

/* r‖s of P-256. */
static void
read_pair(const struct reading *reading, unsigned char pair[66])
{
    struct str text = value_text(reading);

    assert_int_equal(text.len, 88);
    assert_int_equal(EVP_DecodeBlock(pair, (const unsigned char *)text.ptr, (int)text.len), 66);
}

static void
make_der(struct reading *reading)
{
    unsigned char pair[66], der[80], *at = der;
    ECDSA_SIG *signature = ECDSA_SIG_new();

    read_pair(reading, pair);
    assert_int_equal(ECDSA_SIG_set0(signature, BN_bin2bn(pair, 32, NULL), BN_bin2bn(pair + 32, 32, NULL)), 1);
    set_value(reading, der, (size_t)i2d_ECDSA_SIG(signature, &at));
    ECDSA_SIG_free(signature);
}

static void
make_over_long(struct reading *reading)
{
    unsigned char pair[66], longer[66] = { 0 };

    read_pair(reading, pair);
    memcpy(longer + 1, pair, 32);
    memcpy(longer + 34, pair + 32, 32);
    set_value(reading, longer, sizeof(longer));
}

static void
map_text(struct reading *reading, const char *from, const char *to)
{
    char text[1024];
    struct str value = value_text(reading);

    assert_true(value.len < sizeof(text));
    memcpy(text, value.ptr, value.len);
    for (size_t i = 0; i < value.len; i++) {
        const char *at = strchr(from, text[i]);

        text[i] = at != NULL ? to[at - from] : text[i];
    }
    set_value_text(reading, (struct str){ text, value.len });
}

static void
plus_to_blank(struct reading *reading)
{
    map_text(reading, "+", " ");
}

static void
url_safe(struct reading *reading)
{
    map_text(reading, "+/", "-_");
}

static void
cut_padding(struct reading *reading)
{
    struct str text = value_text(reading);

    while (str_ends_c(text, "="))
        text.len--;
    set_value_text(reading, text);
}

/* Another SignatureMethod than the one that was signed. */
static void
rewrite_method(struct reading *reading)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml)), rest;
    size_t start = str_find_c(xml, "<ds:SignatureMethod Algorithm=\"") + strlen("<ds:SignatureMethod Algorithm=\"");

    rest = str_from_offset(xml, start);
    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, start));
    buf_add_c(&reading->xml, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384");
    buf_add_str(&reading->xml, str_from_offset(rest, str_find_byte(rest, '"')));
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define ALTERED DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO

static const struct value_row rows[] = {
    { "SignedInfo re-indented", PLAIN, ALTERED, "SignedInfo was re-indented",
      .made = { .from = "<ds:Reference ", .to = "\n  <ds:Reference " } },
    { "CR in SignedInfo", PLAIN, ALTERED, "line endings in SignedInfo",
      .made = { .from = "<ds:Reference ", .to = "&#13;<ds:Reference " } },
    { "line break in DigestValue", PLAIN, ALTERED, "line endings in SignedInfo",
      .made = { .from = "<ds:DigestValue>", .to = "<ds:DigestValue>\n" } },
    { "blank in DigestValue", PLAIN, ALTERED, "white space around values of SignedInfo",
      .made = { .from = "</ds:DigestValue>", .to = " </ds:DigestValue>" } },
    { "SignatureMethod rewritten", PLAIN, ALTERED,
      "Algorithm of SignatureMethod was rewritten from \"http://www.w3.org/", .made = { .edit = rewrite_method } },
    { "URI rewritten", PLAIN, ALTERED, "URI of Reference was rewritten from \"#_",
      .made = { .from = "URI=\"#_", .to = "URI=\"#_x" } },
    { "comment in SignedInfo kept by no canonicalisation", ANY, DSIG_CAUSE_NONE, "",
      .made = { .from = "<ds:Reference ", .to = "<!-- --><ds:Reference ", .c14ns = 1 << PROOF_EXC } },
    { "comment put into SignedInfo", PLAIN, ALTERED, "the signer canonicalised SignedInfo with",
      .made = { .from = "<ds:Reference ", .to = "<!-- --><ds:Reference ", .c14ns = 1 << PROOF_EXC_COMMENTS } },
    { "declaration added around it", PLAIN, ALTERED, "in SignedInfo, the namespace declarations around it",
      .made = { .from = "<samlp:Response ",
                .to = "<samlp:Response xmlns:u=\"urn:u\" ",
                .c14ns = 1 << PROOF_INC | 1 << PROOF_INC11 } },
    { "element put into SignedInfo", PLAIN, ALTERED, "without one Note",
      .made = { .from = "<ds:Reference ", .to = "<ds:Note></ds:Note><ds:Reference " } },
    { "SignedInfo altered, no recovery", NO_RECOVERY, DSIG_CAUSE_NO_KNOWN_KEY, "cannot be told apart",
      .made = { .from = "<ds:Reference ", .to = "\n  <ds:Reference " } },
    { "key that is shown, but not trusted", PSS | PLAIN, DSIG_CAUSE_NO_KNOWN_KEY, "signed by the key in the message",
      .trusted = "other" },
    { "key that is not shown", PLAIN, DSIG_CAUSE_NO_KNOWN_KEY, "none of the known keys made this signature",
      .made = { .sign = "cert=\"no\"" }, .trusted = "other" },
    { "another certificate shown", PLAIN, DSIG_CAUSE_NO_KNOWN_KEY, "none of the known keys made this signature",
      .made = { .sign = "cert=\"idp-next\"" }, .trusted = "other" },
    { "key of another size", PLAIN, DSIG_CAUSE_KEY_SIZE, "the value has 256 bytes (a 2048 bit key)",
      .made = { .sign = "cert=\"no\"" }, .trusted = "small" },
    { "DER value", EC, DSIG_CAUSE_VALUE_ENCODING, "DER structure", .made = { .edit = make_der } },
    { "numbers one byte too long", EC, DSIG_CAUSE_VALUE_ENCODING, "66 bytes together, 64 are due",
      .made = { .edit = make_over_long } },
    { "plus became blank", PLAIN, DSIG_CAUSE_VALUE_ENCODING, "plus signs became blanks",
      .made = { .edit = plus_to_blank } },
    { "URL-safe value", PLAIN, DSIG_CAUSE_VALUE_ENCODING, "URL-safe alphabet", .made = { .edit = url_safe } },
    { "value without padding", ANY, DSIG_CAUSE_VALUE_ENCODING, "padding is missing", .made = { .edit = cut_padding } },
};

static void
read_made(struct reading *reading, const char *trusted)
{
    reading_trust(reading, trusted);
    if (reading_read(reading) == NULL)
        fail_msg("not read: %.*s", STR_ARG(reading->status.text));
    assert_true(reading->message->signature_count > 0);
}

static bool
agrees(const struct reading *reading, const struct proof_way *way, const struct value_row *row)
{
    const struct dsig_signature *signature = &reading->message->signatures[0];

    if (signature->value_cause == row->cause && signature->trusted == (row->cause == DSIG_CAUSE_NONE) &&
        str_find_c(signature->value_cause_detail, row->words) != SIZE_MAX)
        return true;
    print_message("%s (%s, %s, %d): value %s, cause %s: %.*s\n", row->name, way->element, way->method, way->c14n,
                  dsig_state_name(signature->value), dsig_cause_name(signature->value_cause),
                  STR_ARG(signature->value_cause_detail));
    return false;
}

/* One value in 200 has no plus sign: then nothing was done to it, and it is as good as it was. */
static bool
was_left_alone(const struct reading *reading, const struct value_row *row)
{
    return row->made.edit == plus_to_blank && reading->message->signatures[0].value == DSIG_OK;
}

static void
test_first_cause_of_a_value_is_the_label(void **state)
{
    unsigned cases = 0, wrong = 0;

    (void)state;
    for (size_t i = 0; i < proof_way_count() * COUNT_OF(rows); i++) {
        struct proof_way way = proof_way(i / COUNT_OF(rows));
        const struct value_row *row = &rows[i % COUNT_OF(rows)];
        struct reading reading;

        if ((row->algorithms & algorithm_of(&way)) == 0 ||
            (row->made.c14ns != 0 && (row->made.c14ns >> way.c14n & 1u) == 0))
            continue;
        reading_init(&reading);
        proof_make(&reading, &way, &row->made, NULL);
        read_made(&reading, row->trusted != NULL ? row->trusted : way.key);
        if (!was_left_alone(&reading, row)) {
            cases++;
            wrong += !agrees(&reading, &way, row);
        }
        reading_release(&reading);
    }
    print_message("%u cases\n", cases);
    assert_int_equal(wrong, 0);
    assert_true(cases > 300);
}

/* What SignatureMethod says against what the signer did. */
static void
test_label_of_another_algorithm(void **state)
{
    static const struct {
        const char *key, *method, *uri, *words;
    } labels[] = {
        { "idp", "rsa-sha1", MORE "rsa-sha256", "SignatureMethod says SHA-256, the signer used SHA-1" },
        { "idp", "rsa-sha256", MORE "rsa-sha512", "SignatureMethod says SHA-512, the signer used SHA-256" },
        { "idp", "rsa-sha512", "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
          "SignatureMethod says SHA-1, the signer used SHA-512" },
        { "idp", "rsa-pss-sha256", MORE "rsa-sha256", "the signer used RSA-PSS with SHA-256" },
        { "idp", "rsa-sha256", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
          "SignatureMethod says RSA-PSS with SHA-256, the signer used RSA PKCS#1 v1.5 with SHA-256" },
        { "idp", "rsa-pss-sha512", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
          "the signer used RSA-PSS with SHA-512" },
        { "ec", "ecdsa-sha512", MORE "ecdsa-sha256", "the signer used ECDSA with SHA-512" },
        { "ec", "ecdsa-sha256", MORE "ecdsa-sha512", "the signer used ECDSA with SHA-256" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(labels) * 2 * PROOF_C14N_COUNT; i++) {
        size_t label = i % COUNT_OF(labels);
        struct proof_way way = { i / COUNT_OF(labels) % 2 ? "Response" : "Assertion", labels[label].key,
                                 labels[label].method, "sha256", (enum proof_c14n)(i / COUNT_OF(labels) / 2) };
        struct value_row row = { .name = "label",
                                 .cause = DSIG_CAUSE_SIGNATURE_HASH_LABEL,
                                 .words = labels[label].words };
        struct reading reading;
        char sign[200];

        snprintf(sign, sizeof(sign), "method-uri=\"%s\"", labels[label].uri);
        row.made.sign = sign;
        reading_init(&reading);
        proof_make(&reading, &way, &row.made, NULL);
        read_made(&reading, labels[label].key);
        assert_true(agrees(&reading, &way, &row));
        reading_release(&reading);
    }
}

/* Some signers leave leading zeros away: made until a number has one. */
static void
test_stripped_zeros(void **state)
{
    static const struct proof_row nothing = { .name = "nothing" };
    static const struct value_row row = { "leading zero stripped", EC, DSIG_CAUSE_VALUE_ENCODING,
                                          "63 bytes together, 64 are due", .trusted = NULL };
    struct proof_way way = { "Assertion", "ec", "ecdsa-sha256", "sha256", PROOF_EXC };
    unsigned char pair[66];
    struct reading reading;

    (void)state;
    reading_init(&reading);
    do {
        proof_make(&reading, &way, &nothing, NULL);
        read_pair(&reading, pair);
    } while ((pair[0] == 0) == (pair[32] == 0));
    if (pair[0] == 0)
        memmove(pair, pair + 1, 63);
    else
        memmove(pair + 32, pair + 33, 31);
    set_value(&reading, pair, 63);
    read_made(&reading, "ec");
    assert_true(agrees(&reading, &way, &row));
    reading_release(&reading);
}

/* The same key under another certificate is no failure, but is said. */
static void
test_renewed_certificate(void **state)
{
    static const struct proof_row made = { .sign = "cert=\"idp-renewed\"" };
    struct proof_way way = proof_way(0);
    struct reading reading;

    (void)state;
    reading_init(&reading);
    proof_make(&reading, &way, &made, NULL);
    read_made(&reading, "idp");
    assert_true(reading.message->signatures[0].trusted);
    assert_true(reading.message->signatures[0].same_key_other_certificate);
    assert_int_equal(reading.message->signatures[0].value_cause, DSIG_CAUSE_NONE);
    reading_release(&reading);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_cause_of_a_value_is_the_label),
        cmocka_unit_test(test_label_of_another_algorithm),
        cmocka_unit_test(test_stripped_zeros),
        cmocka_unit_test(test_renewed_certificate),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
