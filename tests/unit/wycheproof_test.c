/* SPDX-License-Identifier: MIT */
/* JWS, JWE and JWK vectors of Project Wycheproof, where the corpus is at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case_file.h"
#include "json_read.h"
#include "jwt.h"

#define FOLDER "../shared/corpus/wycheproof/data/"

enum { FILE_BYTES = 16 << 20, VECTOR_BYTES = 8 << 20 };

struct tally {
    size_t accepted;
    size_t rejected;
    size_t refused; /* an algorithm that we do not take, by name */
    size_t wrong;
};

static json_t *
load(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), FOLDER "%s", name);
    struct arena *arena = arena_new(FILE_BYTES);
    struct str text = case_file_bytes(arena, path);
    json_t *root = str_present(text) ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
    arena_free(arena);
    return root;
}

/* The keys of a group: a JWK, or a JWKS, public or private. */
static struct jwk_set *
keys_of(const json_t *group)
{
    const json_t *value = json_object_get(group, "public");
    value = value != NULL ? value : json_object_get(group, "private");
    char *text = json_dumps(value, JSON_COMPACT);
    struct jwk_set *set = jwk_set_new();
    const char *why;
    bool added = jwk_set_add(set, str_from(text), &why);
    assert_true(added);
    free(text);
    return set;
}

static struct jwk_set *
private_keys_of(const json_t *group)
{
    char *text = json_dumps(json_object_get(group, "private"), JSON_COMPACT);
    struct jwk_set *set = jwk_set_new();
    const char *why;
    assert_true(jwk_set_add(set, str_from(text), &why));
    free(text);
    return set;
}

static struct str
from_hex(struct arena *arena, struct str hex)
{
    char *out = arena_alloc(arena, hex.len / 2 + 1);
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char pair[3] = { hex.ptr[i], hex.ptr[i + 1], '\0' };
        out[i / 2] = (char)strtoul(pair, NULL, 16);
    }
    return (struct str){ out, hex.len / 2 };
}

/* Every key of the group is a shared secret, which we take for nothing. */
static bool
is_symmetric(const json_t *group)
{
    const json_t *value = json_object_get(group, "private");
    const json_t *keys = json_object_get(value, "keys");
    value = keys != NULL ? json_array_get(keys, 0) : value;
    return str_eq_c(json_read_text(json_object_get(value, "kty")), "oct");
}

/* What the vector says and what we say; a named refusal is right for whatever label. */
static void
judge(struct tally *tally, const json_t *group, const json_t *test, const struct jwt *jwt, bool accepted, bool refused)
{
    bool valid = str_eq_c(json_read_text(json_object_get(test, "result")), "valid");
    if (refused) {
        assert_true(jwt->detail.len > 0 && str_find(jwt->detail, jwt->header.alg) != SIZE_MAX);
        tally->refused++;
    } else if (is_symmetric(group)) {
        assert_false(accepted);
        tally->refused++;
    } else if (accepted == valid) {
        tally->accepted += accepted;
        tally->rejected += !accepted;
    } else {
        tally->wrong++;
        printf("tcId %d %s: %s, we say %s %s %.*s\n", (int)json_integer_value(json_object_get(test, "tcId")),
               json_string_value(json_object_get(test, "comment")), valid ? "valid" : "invalid",
               jws_result_name(jwt->signature), jwe_result_name(jwt->decryption), STR_ARG(jwt->detail));
    }
}

static void
jws_vector(struct tally *tally, const json_t *group, const json_t *test)
{
    struct arena *arena = arena_new(VECTOR_BYTES);
    struct jwk_set *keys = keys_of(group);
    struct jwt_options options = { .verify = keys };
    const struct jwt *jwt = jwt_read(arena, json_read_text(json_object_get(test, "jws")), &options);
    assert_non_null(jwt);
    judge(tally, group, test, jwt, jwt->signature == JWS_VALID,
          jwt->signature == JWS_REFUSED || jwt->signature == JWS_UNSUPPORTED);
    jwk_set_free(keys);
    arena_free(arena);
}

static void
jwe_vector(struct tally *tally, const json_t *group, const json_t *test)
{
    struct arena *arena = arena_new(VECTOR_BYTES);
    struct jwk_set *keys = private_keys_of(group);
    struct jwt_options options = { .decrypt = keys };
    const struct jwt *jwt = jwt_read(arena, json_read_text(json_object_get(test, "jwe")), &options);
    assert_non_null(jwt);
    const json_t *plain = json_object_get(test, "pt");
    if (jwt->decryption == JWE_OPENED && plain != NULL) {
        assert_true(str_eq(jwt->payload, from_hex(arena, json_read_text(plain))));
    }
    judge(tally, group, test, jwt, jwt->decryption == JWE_OPENED,
          jwt->decryption == JWE_REFUSED || jwt->decryption == JWE_UNSUPPORTED);
    jwk_set_free(keys);
    arena_free(arena);
}

static struct tally
run_file(const char *name, const char *member)
{
    struct tally tally = { 0 };
    json_t *root = load(name);
    if (root == NULL) {
        printf("%s%s is not there: skipped\n", FOLDER, name);
        skip();
    }
    const json_t *groups = json_object_get(root, "testGroups");
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i);
        const json_t *tests = json_object_get(group, "tests");
        for (size_t k = 0; k < json_array_size(tests); k++) {
            const json_t *test = json_array_get(tests, k);
            if (strcmp(member, "jws") == 0) {
                jws_vector(&tally, group, test);
            } else {
                jwe_vector(&tally, group, test);
            }
        }
    }
    json_decref(root);
    printf("%s: %zu accepted and %zu rejected as labelled, %zu refused by name, %zu wrong\n", name, tally.accepted,
           tally.rejected, tally.refused, tally.wrong);
    return tally;
}

static void
test_signatures(void **state)
{
    (void)state;
    struct tally tally = run_file("json_web_signature_test.json", "jws");
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.accepted > 30 && tally.rejected > 300);
}

static void
test_encryption(void **state)
{
    (void)state;
    struct tally tally = run_file("json_web_encryption_test.json", "jwe");
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.accepted > 40 && tally.rejected > 30);
}

static void
test_keys(void **state)
{
    (void)state;
    struct tally tally = run_file("json_web_key_test.json", "jws");
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.accepted >= 1 && tally.rejected >= 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_encryption),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
