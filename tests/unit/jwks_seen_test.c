/* SPDX-License-Identifier: MIT */
/* Keys of an OpenID provider that are seen in traffic verify its ID tokens, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "examine.h"
#include "jwks_memory.h"
#include "jwt.h"
#include "jwt_maker.h"
#include "oauth_types.h"
#include "saml_maker.h"

#define ISSUER "https://idp.example.com/realms/a"

struct world {
    struct arena *arena;
    struct settings settings;
    struct signin_table *table;
};

static void
world_init(struct world *world)
{
    *world = (struct world){ .arena = arena_new(16 << 20) };
    world->settings.idp_entity_id = STR(ISSUER);
    world->settings.profile_name = STR("generic");
    world->settings.has_now = true;
    world->settings.now_ms = 1767225600000;
    world->settings.clock_skew_s = 180;
    world->table = signin_table_new(&world->settings);
    assert_non_null(world->table);
}

static void
world_release(struct world *world)
{
    signin_table_free(world->table);
    arena_free(world->arena);
}

static struct exchange *
keys_at(struct world *world, const char *url, const char *names)
{
    struct exchange *exchange = saml_maker_exchange(world->arena, "GET", url, (struct str){ 0 });
    saml_maker_answer(world->arena, exchange, 200, "application/jwk-set+json",
                      jwt_maker_jwks(world->arena, str_from(names)));
    return exchange;
}

static struct exchange *
token_exchange(struct world *world, const char *key)
{
    struct str header = arena_printf(world->arena, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", key);
    struct str claims = STR("{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"aud\":\"app\",\"exp\":1767226200,"
                            "\"iat\":1767225540}");
    struct str token = jwt_maker_sign(world->arena, key, "RS256", header, claims);
    struct exchange *exchange =
        saml_maker_exchange(world->arena, "POST", "https://idp.example.com/token",
                            STR("grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&client_id=app"));
    exchange->request_headers.count = 0;
    saml_maker_request_header(world->arena, exchange, "Content-Type", "application/x-www-form-urlencoded");
    saml_maker_answer(world->arena, exchange, 200, "application/json; charset=UTF-8",
                      arena_printf(world->arena,
                                   "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%.*s\"}",
                                   STR_ARG(token)));
    return exchange;
}

static void
see(struct world *world, const struct exchange *exchange)
{
    struct report *report = examine_exchange(&world->settings, world->table, exchange, STR("test"));
    assert_non_null(report);
    report_release(report);
}

static struct report *
judge(struct world *world, const char *key)
{
    struct report *report = examine_exchange(&world->settings, world->table, token_exchange(world, key), STR("test"));
    assert_non_null(report);
    assert_int_equal(report->messages.count, 2);
    return report;
}

static const struct jwt *
token_of(const struct report *report)
{
    return report->messages.items[1].oauth->id_token;
}

static void
keys_of_the_issuers_host_decide(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);

    struct report *report = judge(&world, "idp");
    assert_int_equal(token_of(report)->signature, JWS_NOT_CHECKED);
    assert_int_equal(report->verdict, VERDICT_UNDECIDED);
    report_release(report);

    see(&world, keys_at(&world, "https://idp.example.com/certs?v=1", "idp"));
    report = judge(&world, "idp");
    assert_int_equal(token_of(report)->signature, JWS_VALID);
    assert_true(token_of(report)->keys_of_issuer);
    assert_true(str_eq_c(token_of(report)->keys_seen_at, "https://idp.example.com/certs"));
    assert_int_equal(report->verdict, VERDICT_PASS);
    report_release(report);

    report = judge(&world, "other");
    assert_int_equal(token_of(report)->signature, JWS_NO_KEY);
    assert_int_equal(report->verdict, VERDICT_FAIL);
    report_release(report);
    world_release(&world);
}

static void
keys_of_another_host_prove_nothing(void **state)
{
    (void)state;
    struct world world;
    world_init(&world);

    see(&world, keys_at(&world, "https://other.example.net/certs", "other"));
    struct report *report = judge(&world, "idp");
    assert_int_equal(token_of(report)->signature, JWS_NOT_CHECKED);
    assert_int_equal(report->verdict, VERDICT_UNDECIDED);
    report_release(report);

    report = judge(&world, "other");
    assert_int_equal(token_of(report)->signature, JWS_VALID);
    assert_false(token_of(report)->keys_of_issuer);
    assert_int_equal(report->verdict, VERDICT_UNDECIDED);
    assert_true(str_find_c(report->summary, "another host") != SIZE_MAX);
    report_release(report);

    see(&world, keys_at(&world, "http://idp.example.com/certs", "idp"));
    report = judge(&world, "idp");
    assert_false(token_of(report)->keys_of_issuer);
    report_release(report);
    world_release(&world);
}

static void
given_keys_come_first(void **state)
{
    (void)state;
    struct world world;
    const char *why;
    world_init(&world);
    world.settings.jwks = jwk_set_new();
    assert_true(jwk_set_add(world.settings.jwks, jwt_maker_jwks(world.arena, STR("idp")), &why));
    see(&world, keys_at(&world, "https://idp.example.com/certs", "other"));

    struct report *report = judge(&world, "idp");
    assert_int_equal(token_of(report)->signature, JWS_VALID);
    assert_false(str_present(token_of(report)->keys_seen_at));
    report_release(report);
    report = judge(&world, "other"); /* a key that the file does not have yet */
    assert_int_equal(token_of(report)->signature, JWS_VALID);
    assert_true(str_present(token_of(report)->keys_seen_at));
    report_release(report);
    jwk_set_free(world.settings.jwks);
    world_release(&world);
}

static void
memory_is_bounded(void **state)
{
    (void)state;
    struct world world;
    struct jwks_memory *memory = jwks_memory_new();
    size_t count;
    world_init(&world);
    for (int i = 0; i < 3 * JWKS_MEMORY_SIZE; i++) {
        char url[64];
        snprintf(url, sizeof(url), "https://h%d.example.com/certs", i);
        jwks_memory_note(memory, keys_at(&world, url, "ed25519"));
        jwks_memory_note(memory, keys_at(&world, url, "ed25519 ec"));
    }
    const struct jwk_set *const *sets = jwks_memory_sets(memory, &count);
    assert_int_equal(count, JWKS_MEMORY_SIZE);
    assert_true(str_eq_c(jwk_set_origin(sets[0]), "https://h23.example.com/certs"));
    assert_true(str_eq_c(jwk_set_origin(sets[1]), "https://h22.example.com/certs"));
    assert_int_equal(jwk_set_count(sets[0]), 2);

    static const struct {
        unsigned status;
        const char *type;
        const char *text; /* NULL: a sound key set */
    } others[] = {
        { 404, "application/json", NULL },
        { 200, "text/plain", NULL },
        { 200, "application/json", "{\"keys\":[],\"x\":{\"kty\":1}}" },
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct exchange *page = saml_maker_exchange(world.arena, "GET", "https://x.example.com/", (struct str){ 0 });
        saml_maker_answer(world.arena, page, others[i].status, others[i].type,
                          others[i].text ? str_from(others[i].text) : jwt_maker_jwks(world.arena, STR("ec")));
        jwks_memory_note(memory, page);
    }
    sets = jwks_memory_sets(memory, &count);
    assert_true(str_eq_c(jwk_set_origin(sets[0]), "https://h23.example.com/certs"));
    jwks_memory_free(memory);
    world_release(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_the_issuers_host_decide),
        cmocka_unit_test(keys_of_another_host_prove_nothing),
        cmocka_unit_test(given_keys_come_first),
        cmocka_unit_test(memory_is_bounded),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    saml_maker_release();
    return failed;
}
