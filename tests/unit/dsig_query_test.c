/* SPDX-License-Identifier: MIT */
/* Signatures over parameters: good, and every variant whose cause is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "find.h"
#include "saml_maker.h"

#define XML                                                                                                            \
    "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "                                       \
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_l1\" Version=\"2.0\" "                                 \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com/saml</saml:Issuer>"                    \
    "<saml:NameID>jdoe@example.com</saml:NameID></samlp:LogoutRequest>"

struct world {
    struct arena *arena;
    struct key_set *keys;
    struct saml_options options;
};

static int
set_up(void **state)
{
    struct world *world = test_calloc(1, sizeof(*world));
    const char *why;

    world->arena = arena_new(1 << 22);
    world->keys = key_set_new();
    key_set_add_trusted(world->keys, str_from(saml_maker_certificate_pem("idp")), STR("idp.pem"), (struct str){ 0 },
                        &why);
    world->options = (struct saml_options){ .keys = world->keys, .explain = true };
    assert_int_equal(key_set_trusted_count(world->keys), 1);
    *state = world;
    return 0;
}

static int
tear_down(void **state)
{
    struct world *world = *state;

    key_set_free(world->keys);
    arena_free(world->arena);
    test_free(world);
    return 0;
}

static struct str
query(struct world *world, struct str relay_state, const char *key, const char *method)
{
    struct buf text;
    struct str copy;

    buf_init(&text, 1 << 20);
    saml_maker_query("SAMLRequest", STR(XML), relay_state, key, method, &text);
    copy = arena_copy(world->arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static const struct query_signature *
read(struct world *world, struct str query)
{
    struct input *input = arena_alloc(world->arena, sizeof(*input));
    struct str url = arena_printf(world->arena, "https://sp.example.com/slo?%.*s", STR_ARG(query));

    assert_true(find_input(world->arena, url, &world->options, input));
    assert_int_equal(input->messages.count, 1);
    assert_non_null(input->messages.items[0].saml);
    assert_true(input->messages.items[0].query_signature.present);
    return &input->messages.items[0].query_signature;
}

/* Copies s with every occurrence of from replaced; there must be one. */
static struct str
replace(struct world *world, struct str s, const char *from, const char *to)
{
    struct buf out;
    struct str copy;
    size_t at, count = 0;

    buf_init(&out, 1 << 20);
    for (; (at = str_find_c(s, from)) != SIZE_MAX; count++) {
        buf_add_str(&out, str_slice(s, 0, at));
        buf_add_c(&out, to);
        s = str_from_offset(s, at + strlen(from));
    }
    buf_add_str(&out, s);
    copy = arena_copy(world->arena, buf_str(&out));
    buf_release(&out);
    assert_true(count > 0);
    return copy;
}

static void
good_ones(void **state)
{
    static const char *const methods[] = { "rsa-sha256", "rsa-sha1", "rsa-sha512" };
    struct world *world = *state;

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        const struct query_signature *signature = read(world, query(world, STR("a b+c/d"), "idp", methods[i]));

        assert_int_equal(signature->state, DSIG_OK);
        assert_int_equal(signature->trusted_key, 0);
        assert_non_null(signature->key);
    }
    assert_int_equal(read(world, query(world, (struct str){ 0 }, "idp", "rsa-sha256"))->state, DSIG_OK);
    assert_int_equal(read(world, query(world, STR(""), "idp", "rsa-sha256"))->state, DSIG_OK);
}

static void
another_key(void **state)
{
    const struct query_signature *signature = read(*state, query(*state, STR("x"), "other", "rsa-sha256"));

    assert_int_equal(signature->state, DSIG_BAD);
    assert_int_equal(signature->cause, QUERY_CAUSE_NONE);
    assert_null(signature->key);
}

static void
no_key(void **state)
{
    struct world *world = *state;

    world->options.keys = NULL;
    assert_int_equal(read(world, query(world, STR("x"), "idp", "rsa-sha256"))->state, DSIG_NOT_CHECKED);
    /* An elliptic key cannot have made an RSA signature: nothing was checked. */
    world->options.keys = world->keys;
    assert_int_equal(read(world, query(world, STR("x"), "ec", "ecdsa-sha256"))->state, DSIG_NOT_CHECKED);
}

static void
assert_cause(struct world *world, struct str query, enum query_cause cause)
{
    const struct query_signature *signature = read(world, query);

    assert_int_equal(signature->state, DSIG_BAD);
    assert_string_equal(query_cause_name(signature->cause), query_cause_name(cause));
}

static void
named_causes(void **state)
{
    struct world *world = *state;
    struct str with = query(world, STR("https://x/y z"), "idp", "rsa-sha256");
    struct str without = query(world, (struct str){ 0 }, "idp", "rsa-sha256");
    struct str empty = query(world, STR(""), "idp", "rsa-sha256");

    assert_cause(world, replace(world, with, "%2F", "%2f"), QUERY_CAUSE_HEX_CASE);
    assert_cause(world,
                 replace(world, with, str_find_c(with, "%20") != SIZE_MAX ? "%20" : "y+z",
                         str_find_c(with, "%20") != SIZE_MAX ? "+" : "y%20z"),
                 QUERY_CAUSE_SPACE_FORM);
    assert_cause(world, replace(world, without, "&SigAlg=", "&RelayState=added&SigAlg="),
                 QUERY_CAUSE_RELAY_STATE_ABSENT);
    assert_cause(world, replace(world, empty, "&RelayState=&", "&"), QUERY_CAUSE_RELAY_STATE_EMPTY);
    assert_cause(world, replace(world, with, "rsa-sha256", "rsa-sha512"), QUERY_CAUSE_NONE);
    assert_cause(world, replace(world, with, "rsa-sha256", "rsa-md9"), QUERY_CAUSE_ALGORITHM);
    assert_cause(world, replace(world, with, "rsa-sha256", "hmac-sha256"), QUERY_CAUSE_ALGORITHM);
    assert_cause(world, replace(world, with, "&Signature=", "&Signature=%21"), QUERY_CAUSE_VALUE);
    assert_cause(world, replace(world, with, "&RelayState=", "&RelayState=changed"), QUERY_CAUSE_NONE);
}

/* Only keys of the request's own issuer count: those of an identity provider say nothing about it. */
static void
request_of_service_provider(void **state)
{
    struct world *world = *state;
    struct buf text;
    const char *why;

    buf_init(&text, 1 << 20);
    saml_maker_query(
        "SAMLRequest",
        STR("<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_q\" Version=\"2.0\" "
            "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer "
            "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example.com/</saml:Issuer>"
            "</samlp:AuthnRequest>"),
        (struct str){ 0 }, "sp", "rsa-sha256", &text);
    assert_int_equal(read(world, buf_str(&text))->state, DSIG_NOT_CHECKED);
    key_set_add_trusted(world->keys, str_from(saml_maker_certificate_pem("sp")), STR("sp.xml"),
                        STR("https://sp.example.com/"), &why);
    assert_int_equal(read(world, buf_str(&text))->state, DSIG_OK);
    buf_release(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(named_causes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(request_of_service_provider, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
