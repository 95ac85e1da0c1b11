/* SPDX-License-Identifier: MIT */
#include "leaf.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S 1800000000

struct fixture {
    struct ca *ca;
    X509 *root;
    struct leaf_cache *cache;
};

static struct fixture
set_up(int days, const char *const *hosts, size_t host_count, size_t capacity)
{
    struct ca_options options = {
        .name = "samltap test", .days = days, .hosts = hosts, .host_count = host_count, .now_s = NOW_S
    };
    const char *why = NULL;
    struct fixture fixture = { .ca = ca_create(&options, &why) };
    struct buf pem;
    BIO *bio;

    assert_non_null(fixture.ca);
    buf_init(&pem, 1 << 16);
    assert_true(ca_certificate_pem(fixture.ca, &pem));
    bio = BIO_new_mem_buf(pem.bytes, (int)pem.len);
    fixture.root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(fixture.root);
    BIO_free(bio);
    buf_release(&pem);
    fixture.cache = leaf_cache_new(fixture.ca, capacity, &why);
    assert_non_null(fixture.cache);
    return fixture;
}

static void
tear_down(struct fixture *fixture)
{
    leaf_cache_free(fixture->cache);
    X509_free(fixture->root);
    ca_free(fixture->ca);
}

static X509 *
get(struct fixture *fixture, const char *host)
{
    const char *why = NULL;
    X509 *leaf = leaf_cache_get(fixture->cache, str_from(host), NOW_S, &why);

    if (leaf == NULL)
        fail_msg("%s: %s", host, why);
    return leaf;
}

/* The way a client looks at it: chain, purpose, host, clock. Returns X509_V_OK or the error. */
static int
verify(struct fixture *fixture, X509 *leaf, const char *host, const char *address, int64_t now_s)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;
    int error;

    X509_STORE_add_cert(store, fixture->root);
    X509_STORE_CTX_init(context, store, leaf, NULL);
    param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
    if (host != NULL)
        X509_VERIFY_PARAM_set1_host(param, host, 0);
    if (address != NULL)
        X509_VERIFY_PARAM_set1_ip_asc(param, address);
    error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return error;
}

static void
leaf_verifies_for_its_host_only(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 8);
    X509 *leaf = get(&fixture, "idp.example.com");

    (void)state;
    assert_int_equal(verify(&fixture, leaf, "idp.example.com", NULL, NOW_S), X509_V_OK);
    assert_int_equal(verify(&fixture, leaf, "idp.example.com", NULL, NOW_S - 3500), X509_V_OK);
    assert_int_equal(verify(&fixture, leaf, "sp.example.com", NULL, NOW_S), X509_V_ERR_HOSTNAME_MISMATCH);
    assert_int_equal(verify(&fixture, leaf, "idp.example.com", NULL, NOW_S - 3700), X509_V_ERR_CERT_NOT_YET_VALID);
    assert_int_equal(verify(&fixture, leaf, "idp.example.com", NULL, NOW_S + 31 * 86400), X509_V_ERR_CERT_HAS_EXPIRED);
    tear_down(&fixture);
}

static void
address_literals_become_addresses(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 8);

    (void)state;
    assert_int_equal(verify(&fixture, get(&fixture, "192.0.2.7"), NULL, "192.0.2.7", NOW_S), X509_V_OK);
    assert_int_equal(verify(&fixture, get(&fixture, "2001:db8::7"), NULL, "2001:db8::7", NOW_S), X509_V_OK);
    assert_int_equal(verify(&fixture, get(&fixture, "192.0.2.7"), NULL, "192.0.2.8", NOW_S),
                     X509_V_ERR_IP_ADDRESS_MISMATCH);
    tear_down(&fixture);
}

static void
leaf_has_exactly_the_profile(void **state)
{
    static const int extensions[] = {
        NID_basic_constraints,        NID_key_usage,       NID_ext_key_usage, NID_subject_key_identifier,
        NID_authority_key_identifier, NID_subject_alt_name
    };
    struct fixture fixture = set_up(90, NULL, 0, 8);
    X509 *leaf = get(&fixture, "idp.example.com");

    (void)state;
    assert_int_equal(X509_get_version(leaf), X509_VERSION_3);
    assert_int_equal(X509_get_ext_count(leaf), COUNT_OF(extensions));
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        int at = X509_get_ext_by_NID(leaf, extensions[i], -1);

        assert_true(at >= 0);
        assert_int_equal(X509_get_ext_by_NID(leaf, extensions[i], at), -1);
    }
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_get_key_usage(leaf), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_SERVER);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(leaf)), 256);
    assert_int_equal(X509_get_signature_nid(leaf), NID_ecdsa_with_SHA256);
    assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(leaf)), 16);
    assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf), X509_get0_subject_key_id(fixture.root)),
                     0);
    tear_down(&fixture);
}

/* X.520 allows 64 characters in a common name: a longer host stands in the SAN alone, which is critical then. */
static void
long_host_has_no_subject(void **state)
{
    static const char host[] = "a-very-long-label-in-front-of-a-domain.another-long-label-behind-it.example.com";
    struct fixture fixture = set_up(90, NULL, 0, 8);
    X509 *leaf = get(&fixture, host);
    int critical = -1;
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, &critical, NULL);

    (void)state;
    assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(leaf)), 0);
    assert_int_equal(critical, 1);
    assert_int_equal(verify(&fixture, leaf, host, NULL, NOW_S), X509_V_OK);
    GENERAL_NAMES_free(names);
    tear_down(&fixture);
}

static void
constraints_of_the_root_are_kept(void **state)
{
    static const char *const hosts[] = { "sp.example.com" };
    static const char *const refused[] = { "example.com", "idp.example.com", "192.0.2.1", "2001:db8::1" };
    struct fixture fixture = set_up(90, hosts, COUNT_OF(hosts), 8);

    (void)state;
    assert_int_equal(verify(&fixture, get(&fixture, "sp.example.com"), "sp.example.com", NULL, NOW_S), X509_V_OK);
    assert_int_equal(verify(&fixture, get(&fixture, "a.sp.example.com"), "a.sp.example.com", NULL, NOW_S), X509_V_OK);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        const char *why = NULL;

        assert_null(leaf_cache_get(fixture.cache, str_from(refused[i]), NOW_S, &why));
        assert_non_null(why);
        assert_non_null(strstr(why, "constraints"));
    }
    tear_down(&fixture);
}

static void
leaf_never_outlives_its_root(void **state)
{
    struct fixture fixture = set_up(2, NULL, 0, 8);
    X509 *leaf = get(&fixture, "sp.example.com");
    const char *why = NULL;

    (void)state;
    assert_int_equal(ASN1_TIME_compare(X509_get0_notAfter(leaf), X509_get0_notAfter(fixture.root)), 0);
    assert_null(leaf_cache_get(fixture.cache, STR("sp.example.com"), NOW_S + 3 * 86400, &why));
    assert_non_null(strstr(why, "not valid now"));
    tear_down(&fixture);
}

static void
cache_keeps_the_recently_used(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 2);
    X509 *a = get(&fixture, "a.example.com"), *b = get(&fixture, "b.example.com");

    (void)state;
    assert_true(X509_up_ref(a) == 1 && X509_up_ref(b) == 1); /* so that no address is used twice */
    assert_ptr_equal(get(&fixture, "a.example.com"), a);
    get(&fixture, "c.example.com"); /* b goes */
    assert_ptr_equal(get(&fixture, "a.example.com"), a);
    assert_ptr_not_equal(get(&fixture, "b.example.com"), b);
    X509_free(a);
    X509_free(b);
    tear_down(&fixture);
}

static void
cache_renews_what_is_about_to_expire(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 2);
    X509 *first = get(&fixture, "a.example.com"), *second;
    const char *why = NULL;

    (void)state;
    assert_int_equal(X509_up_ref(first), 1);
    second = leaf_cache_get(fixture.cache, STR("a.example.com"), NOW_S + 30 * 86400, &why);
    assert_ptr_not_equal(first, second);
    assert_int_equal(verify(&fixture, second, "a.example.com", NULL, NOW_S + 30 * 86400), X509_V_OK);
    X509_free(first);
    tear_down(&fixture);
}

static void
hostile_names_are_refused(void **state)
{
    static const struct str names[] = { STR_INIT(""), STR_INIT("a b.example.com"), STR_INIT("a\0b.example.com"),
                                        STR_INIT("\xc3\xa4.example.com") };
    struct fixture fixture = set_up(90, NULL, 0, 2);
    char long_name[300];
    const char *why = NULL;

    (void)state;
    memset(long_name, 'a', sizeof long_name);
    assert_null(leaf_cache_get(fixture.cache, (struct str){ long_name, sizeof long_name }, NOW_S, &why));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_null(leaf_cache_get(fixture.cache, names[i], NOW_S, &why));
    tear_down(&fixture);
}

/* Shakes hands in memory. Returns the ALPN that was chosen ("" for none); session gets the client's, if wanted. */
static const char *
shake_wanting(struct fixture *fixture, const char *host, enum leaf_protocol *wanted, const char *offered,
              char chosen[16], SSL_SESSION **session)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    const char *why = NULL;
    SSL *server = leaf_cache_accept(fixture->cache, str_from(host), NOW_S, wanted, &why), *client = SSL_new(context);
    BIO *to_server, *to_client;
    const unsigned char *alpn;
    unsigned alpn_len;
    char byte;

    assert_non_null(server);
    assert_int_equal(BIO_new_bio_pair(&to_server, 0, &to_client, 0), 1);
    SSL_set_bio(client, to_server, to_server);
    SSL_set_bio(server, to_client, to_client);
    SSL_set_connect_state(client);
    if (offered != NULL)
        SSL_set_alpn_protos(client, (const unsigned char *)offered, (unsigned)strlen(offered));
    if (session != NULL && *session != NULL) {
        SSL_set_session(client, *session);
        SSL_SESSION_free(*session);
        *session = NULL;
    }
    for (int i = 0; i < 10 && !(SSL_is_init_finished(client) && SSL_is_init_finished(server)); i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    assert_true(SSL_is_init_finished(client) && SSL_is_init_finished(server));
    SSL_get0_alpn_selected(client, &alpn, &alpn_len);
    snprintf(chosen, 16, "%.*s", (int)alpn_len, alpn != NULL ? (const char *)alpn : "");
    SSL_read(client, &byte, 1); /* takes the ticket */
    if (session != NULL)
        *session = SSL_get1_session(client);
    SSL_shutdown(client); /* an unclean end would spoil the session */
    if (SSL_session_reused(client))
        strcat(chosen, "+resumed");
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
    return chosen;
}

static const char *
shake(struct fixture *fixture, const char *host, const char *offered, char chosen[16], SSL_SESSION **session)
{
    return shake_wanting(fixture, host, NULL, offered, chosen, session);
}

static void
http1_is_selected_when_offered(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 4);
    char chosen[16];

    (void)state;
    assert_string_equal(shake(&fixture, "a.example.com", "\x02h2\x08http/1.1", chosen, NULL), "http/1.1");
    assert_string_equal(shake(&fixture, "a.example.com", "\x02h2", chosen, NULL), "");
    assert_string_equal(shake(&fixture, "a.example.com", NULL, chosen, NULL), "");
    tear_down(&fixture);
}

static void
what_the_server_chose_is_selected_when_offered(void **state)
{
    static const struct {
        enum leaf_protocol wanted;
        const char *offered, *chosen;
    } rows[] = {
        { LEAF_HTTP2, "\x02h2\x08http/1.1", "h2" },
        { LEAF_HTTP2, "\x08http/1.1\x02h2", "h2" },
        { LEAF_HTTP2, "\x08http/1.1", "" },
        { LEAF_HTTP2, "\x03h2c", "" },
        { LEAF_HTTP2, NULL, "" },
        { LEAF_HTTP1, "\x02h2\x08http/1.1", "http/1.1" },
        { LEAF_NO_PROTOCOL, "\x02h2\x08http/1.1", "" },
        { LEAF_NO_PROTOCOL, NULL, "" },
    };
    struct fixture fixture = set_up(90, NULL, 0, 4);
    char chosen[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum leaf_protocol wanted = rows[i].wanted;

        shake_wanting(&fixture, "a.example.com", &wanted, rows[i].offered, chosen, NULL);
        if (strcmp(chosen, rows[i].chosen) != 0)
            fail_msg("row %zu: '%s' was chosen", i, chosen);
    }
    tear_down(&fixture);
}

static void
tickets_are_good_for_their_host_only(void **state)
{
    struct fixture fixture = set_up(90, NULL, 0, 4);
    SSL_SESSION *session = NULL;
    char chosen[16];

    (void)state;
    assert_string_equal(shake(&fixture, "a.example.com", NULL, chosen, &session), "");
    assert_string_equal(shake(&fixture, "a.example.com", NULL, chosen, &session), "+resumed");
    assert_string_equal(shake(&fixture, "b.example.com", NULL, chosen, &session), "");
    SSL_SESSION_free(session);
    tear_down(&fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaf_verifies_for_its_host_only),
        cmocka_unit_test(address_literals_become_addresses),
        cmocka_unit_test(leaf_has_exactly_the_profile),
        cmocka_unit_test(long_host_has_no_subject),
        cmocka_unit_test(constraints_of_the_root_are_kept),
        cmocka_unit_test(leaf_never_outlives_its_root),
        cmocka_unit_test(cache_keeps_the_recently_used),
        cmocka_unit_test(cache_renews_what_is_about_to_expire),
        cmocka_unit_test(hostile_names_are_refused),
        cmocka_unit_test(http1_is_selected_when_offered),
        cmocka_unit_test(what_the_server_chose_is_selected_when_offered),
        cmocka_unit_test(tickets_are_good_for_their_host_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
