/* SPDX-License-Identifier: MIT */
/* Tokens: what is taken, what is refused by name, and what never decides whom to trust. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "jwt.h"
#include "jwt_maker.h"
#include "saml_maker.h"

struct world {
    struct arena *arena;
    struct jwk_set *keys;
};

static int
set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    const char *why;
    world->arena = arena_new(64 << 20);
    world->keys = jwk_set_new();
    *state = world;
    return jwk_set_add(world->keys, jwt_maker_jwks(world->arena, STR("idp ec ed25519")), &why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct world *world = *state;
    jwk_set_free(world->keys);
    arena_free(world->arena);
    free(world);
    return 0;
}

static const struct jwt *
read_text(struct world *world, struct str text)
{
    struct jwt_options options = { .verify = world->keys };
    const struct jwt *jwt = jwt_read(world->arena, text, &options);
    assert_non_null(jwt);
    return jwt;
}

static const struct jwt *
read_signed(struct world *world, const char *key, const char *alg, const char *header)
{
    return read_text(world,
                     jwt_maker_sign(world->arena, key, alg, str_from(header), STR("{\"iss\":\"https://i.test\"}")));
}

static void
test_algorithms(void **state)
{
    static const char *const rows[][3] = {
        { "idp", "RS256", "{\"alg\":\"RS256\",\"kid\":\"idp\"}" },
        { "idp", "PS256", "{\"alg\":\"PS256\",\"kid\":\"idp\"}" },
        { "idp", "RS384", "{\"alg\":\"RS384\"}" },
        { "ec", "ES256", "{\"alg\":\"ES256\",\"kid\":\"ec\"}" },
        { "ed25519", "EdDSA", "{\"alg\":\"EdDSA\",\"kid\":\"ed25519\"}" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct jwt *jwt = read_signed(*state, rows[i][0], rows[i][1], rows[i][2]);
        assert_int_equal(jwt->signature, JWS_VALID);
        assert_true(str_eq_c(jwt->signed_by, rows[i][0]));
        assert_true(str_eq_c(jwt->claims.issuer, "https://i.test"));
    }
}

static void
test_refusals(void **state)
{
    static const struct {
        const char *alg;
        const char *header;
        enum jws_result result;
        const char *detail;
    } rows[] = {
        { "none", "{\"alg\":\"none\"}", JWS_REFUSED, "none" },
        { "none", "{\"alg\":\"NonE\"}", JWS_REFUSED, "NonE" },
        { "HS256", "{\"alg\":\"HS256\",\"kid\":\"idp\"}", JWS_REFUSED, "HS256" },
        { "RS256", "{\"alg\":\"RS1\",\"kid\":\"idp\"}", JWS_UNSUPPORTED, "RS1" },
        { "RS256", "{\"alg\":\"RS256\",\"kid\":\"idp\",\"crit\":[\"b64\"],\"b64\":false}", JWS_REFUSED, "b64" },
        { "RS256", "{\"alg\":\"ES256\",\"kid\":\"ec\"}", JWS_INVALID, "" },
        { "RS256", "{\"alg\":\"RS256\",\"kid\":\"gone\"}", JWS_NO_KEY, "" },
        { "RS256", "{\"alg\":\"PS256\",\"kid\":\"ec\"}", JWS_NO_KEY, "not for PS256" },
        { "RS256", "{\"alg\":\"RS256\",\"alg\":\"RS256\"}", JWS_MALFORMED, "" },
        { "RS256", "{\"alg\":256}", JWS_MALFORMED, "" },
        { "RS256", "{\"alg\":\"RS256\",\"crit\":[]}", JWS_MALFORMED, "" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct jwt *jwt = read_signed(*state, "idp", rows[i].alg, rows[i].header);
        if (jwt->signature != rows[i].result || str_find_c(jwt->detail, rows[i].detail) == SIZE_MAX) {
            fail_msg("%s: %s (%.*s)", rows[i].header, jws_result_name(jwt->signature), STR_ARG(jwt->detail));
        }
    }
}

/* A key that the token brings along, or points at, is not looked at. */
static void
test_own_keys(void **state)
{
    struct world *world = *state;
    struct str own = str_slice(jwt_maker_jwks(world->arena, STR("other")), 9, 100000);
    own.len -= 2;
    struct str header = arena_printf(world->arena, "{\"alg\":\"RS256\",\"kid\":\"idp\",\"jwk\":%.*s}", STR_ARG(own));
    const struct jwt *jwt = read_signed(world, "other", "RS256", header.ptr);
    assert_true(jwt->header.names_key);
    assert_int_equal(jwt->signature, JWS_INVALID);
}

static void
test_would_verify(void **state)
{
    const struct jwt *jwt = read_signed(*state, "idp", "RS256", "{\"alg\":\"RS256\",\"kid\":\"gone\"}");
    assert_true(str_eq_c(jwt->would_verify, "idp"));
}

static void
test_syntax(void **state)
{
    struct world *world = *state;
    struct str good =
        jwt_maker_sign(world->arena, "idp", "RS256", STR("{\"alg\":\"RS256\"}"), STR("{\"a\":1,\"a\":2}"));
    assert_int_equal(read_text(world, good)->syntax, JWT_BAD_PAYLOAD);
    assert_int_equal(read_text(world, STR(""))->syntax, JWT_BAD_PARTS);
    assert_int_equal(read_text(world, STR("a.b"))->syntax, JWT_BAD_PARTS);
    assert_int_equal(read_text(world, STR("a.b.c.d.e.f"))->syntax, JWT_BAD_PARTS);
    assert_int_equal(read_text(world, arena_printf(world->arena, "%.*s=", STR_ARG(good)))->syntax, JWT_BAD_BASE64);
    assert_int_equal(read_text(world, STR("bm8.bm8.bm8"))->syntax, JWT_BAD_HEADER);
    char *big = arena_alloc(world->arena, JWT_MAX_BYTES + 1);
    memset(big, 'A', JWT_MAX_BYTES + 1);
    assert_int_equal(read_text(world, (struct str){ big, JWT_MAX_BYTES + 1 })->syntax, JWT_TOO_BIG);
}

static void
test_times(void **state)
{
    struct world *world = *state;
    const struct jwt *jwt = read_text(
        world, jwt_maker_sign(world->arena, "idp", "RS256", STR("{\"alg\":\"RS256\"}"),
                              STR("{\"exp\":1767225600,\"nbf\":\"soon\",\"iat\":1e300,\"aud\":[\"a\",\"b\",1]}")));
    assert_true(jwt->claims.expires.valid && jwt->claims.expires.ms == 1767225600000);
    assert_true(jwt->claims.not_before.present && !jwt->claims.not_before.valid);
    assert_true(jwt->claims.issued_at.present && !jwt->claims.issued_at.valid);
    assert_int_equal(jwt->claims.audience_count, 2);
}

static void
test_key_files(void **state)
{
    struct world *world = *state;
    const char *why = NULL;
    static const char *const bad[] = { "", "[]", "{}", "{\"keys\":[]}", "nonsense", "{\"keys\":[1,2]}" };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(jwk_set_add(world->keys, str_from(bad[i]), &why));
        assert_non_null(why);
    }
    size_t before = jwk_set_count(world->keys);
    assert_true(jwk_set_add(world->keys, jwt_maker_jwks(world->arena, STR("small")), &why));
    assert_null(jwk_set_at(world->keys, before)->key);
    assert_non_null(strstr(jwk_set_at(world->keys, before)->problem, "2048"));
}

/* --- JWE, sealed here with RSA-OAEP and A128GCM for the key "sp" ----------------------------------- */

static struct str
wrap_secret(struct arena *arena, const unsigned char *secret, size_t len)
{
    unsigned char out[512];
    size_t out_len = sizeof(out);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(saml_maker_key("sp"), NULL);
    assert_true(EVP_PKEY_encrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_encrypt(context, out, &out_len, secret, len) == 1);
    EVP_PKEY_CTX_free(context);
    return jwt_maker_base64url(arena, out, out_len);
}

static struct str
seal(struct arena *arena, const char *header, struct str plain)
{
    static const unsigned char secret[16] = "0123456789abcde", iv[12] = "0123456789a";
    struct str aad = jwt_maker_base64url(arena, header, strlen(header));
    unsigned char *out = arena_alloc(arena, plain.len + 16), tag[16];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len;
    assert_true(EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), secret, iv, NULL) == 1 &&
                EVP_EncryptUpdate(context, NULL, &len, (const unsigned char *)aad.ptr, (int)aad.len) == 1 &&
                EVP_EncryptUpdate(context, out, &len, (const unsigned char *)plain.ptr, (int)plain.len) == 1 &&
                EVP_EncryptFinal_ex(context, tag, &(int){ 0 }) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag) == 1);
    EVP_CIPHER_CTX_free(context);
    return arena_printf(
        arena, "%.*s.%.*s.%.*s.%.*s.%.*s", STR_ARG(aad), STR_ARG(wrap_secret(arena, secret, sizeof(secret))),
        STR_ARG(jwt_maker_base64url(arena, iv, sizeof(iv))), STR_ARG(jwt_maker_base64url(arena, out, plain.len)),
        STR_ARG(jwt_maker_base64url(arena, tag, sizeof(tag))));
}

static struct str
deflated(struct arena *arena, struct str text)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    saml_maker_deflate(text, &out);
    struct str copy = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return copy;
}

#define SEALED "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128GCM\""

static void
test_encrypted(void **state)
{
    struct world *world = *state;
    struct arena *arena = world->arena;
    struct key_set *files = key_set_new();
    struct jwt_options options = { .verify = world->keys };
    const char *why;
    struct str inner =
        jwt_maker_sign(arena, "idp", "RS256", STR("{\"alg\":\"RS256\",\"kid\":\"idp\"}"), STR("{\"sub\":\"u\"}"));
    struct str plain = seal(arena, SEALED ",\"cty\":\"JWT\"}", inner);
    struct str zipped = seal(arena, SEALED ",\"zip\":\"DEF\"}", deflated(arena, STR("{\"sub\":\"zip\"}")));
    char *zeros = arena_alloc(arena, 30 << 20);
    assert_int_equal(jwt_read(arena, plain, &options)->decryption, JWE_NOT_TRIED);
    assert_true(key_set_add_decryption(files, str_from(saml_maker_private_pem("sp")), (struct str){ 0 }, &why));
    options.private_keys = files;
    const struct jwt *jwt = jwt_read(arena, plain, &options);
    assert_int_equal(jwt->decryption, JWE_OPENED);
    assert_int_equal(jwt->inner->signature, JWS_VALID);
    assert_true(str_eq_c(jwt->inner->claims.subject, "u"));
    assert_true(str_eq_c(jwt_read(arena, zipped, &options)->claims.subject, "zip"));
    struct str bomb = seal(arena, SEALED ",\"zip\":\"DEF\"}", deflated(arena, (struct str){ zeros, 20 << 20 }));
    assert_int_equal(jwt_read(arena, bomb, &options)->decryption, JWE_TOO_BIG);
    struct str direct = seal(arena, "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}", inner);
    assert_int_equal(jwt_read(arena, direct, &options)->decryption, JWE_REFUSED);
    struct str unknown = seal(arena, "{\"alg\":\"RSA-OAEP\",\"enc\":\"X\"}", inner);
    assert_int_equal(jwt_read(arena, unknown, &options)->decryption, JWE_UNSUPPORTED);
    key_set_free(files);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_algorithms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_own_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_would_verify, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_syntax, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_key_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_encrypted, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    saml_maker_release();
    return failed;
}
