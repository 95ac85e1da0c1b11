/* SPDX-License-Identifier: MIT */
#include "jwk.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "json_read.h"
#include "jwk_make.h"

enum { SET_BYTES = 4 * 1024 * 1024, SCRATCH_BYTES = 64 * 1024, MAX_ORIGIN = 512 };

struct jwk_set {
    struct arena *arena;
    struct jwk *keys;
    size_t count;
    size_t capacity;
    struct str origin; /* URL where it was seen; absent: given */
};

struct jwk_set *
jwk_set_new(void)
{
    struct jwk_set *set = calloc(1, sizeof(*set));

    if (set != NULL)
        set->arena = arena_new(SET_BYTES);
    if (set != NULL && set->arena == NULL) {
        free(set);
        set = NULL;
    }
    return set;
}

void
jwk_set_free(struct jwk_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        EVP_PKEY_free(set->keys[i].key);
    arena_free(set->arena);
    free(set);
}

void
jwk_set_seen_at(struct jwk_set *set, struct str url)
{
    set->origin = arena_copy(set->arena, str_slice(url, 0, MAX_ORIGIN));
}

struct str
jwk_set_origin(const struct jwk_set *set)
{
    return set != NULL ? set->origin : (struct str){ 0 };
}

size_t
jwk_set_count(const struct jwk_set *set)
{
    return set != NULL ? set->count : 0;
}

const struct jwk *
jwk_set_at(const struct jwk_set *set, size_t i)
{
    return set != NULL && i < set->count ? &set->keys[i] : NULL;
}

static enum jwk_type
type_of(const json_t *object)
{
    struct str type = json_read_text(json_object_get(object, "kty"));

    if (str_eq_c(type, "RSA"))
        return JWK_RSA;
    if (str_eq_c(type, "EC"))
        return JWK_EC;
    return str_eq_c(type, "OKP") ? JWK_OKP : JWK_OTHER;
}

static bool
array_holds(const json_t *array, const char *word)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (str_eq_c(json_read_text(json_array_get(array, i)), word))
            return true;
    return false;
}

static void
read_operations(const json_t *object, struct jwk *jwk)
{
    const json_t *operations = json_object_get(object, "key_ops");

    jwk->has_operations = operations != NULL;
    jwk->may_verify = operations == NULL || array_holds(operations, "verify");
    jwk->may_decrypt = operations == NULL || array_holds(operations, "decrypt") ||
                       array_holds(operations, "unwrapKey") || array_holds(operations, "deriveKey") ||
                       array_holds(operations, "deriveBits");
}

/* Makes the key with scratch memory that is wiped. */
static EVP_PKEY *
make_key(const json_t *object, enum jwk_type type, bool is_private, const char **problem)
{
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    EVP_PKEY *key = NULL;

    *problem = "out of memory";
    if (scratch != NULL)
        key = jwk_make(scratch, object, type, is_private, problem);
    arena_free(scratch);
    ERR_clear_error();
    return key;
}

static bool
add_key(struct jwk_set *set, const json_t *object)
{
    struct jwk *jwk;

    if (!json_is_object(object) || set->count >= JWK_MAX_KEYS)
        return true;
    if (!arena_grow(set->arena, (void **)&set->keys, set->count, &set->capacity, sizeof(*set->keys)))
        return false;
    jwk = &set->keys[set->count++];
    *jwk = (struct jwk){
        .type = type_of(object),
        .kid = json_read_string(set->arena, object, "kid"),
        .alg = json_read_string(set->arena, object, "alg"),
        .use = json_read_string(set->arena, object, "use"),
    };
    jwk->is_private = jwk->type != JWK_OKP && json_object_get(object, "d") != NULL;
    read_operations(object, jwk);
    jwk->key = make_key(object, jwk->type, jwk->is_private, &jwk->problem);
    return !arena_failed(set->arena);
}

bool
jwk_set_add(struct jwk_set *set, struct str text, const char **why)
{
    json_t *root = json_read_object(text, JWK_MAX_BYTES);
    const json_t *keys = json_object_get(root, "keys");
    size_t before = set->count;
    bool ok = true;

    *why = "is no JSON object (or names a member twice, or is over 1 MiB)";
    if (root == NULL)
        return false;
    if (json_is_array(keys)) {
        for (size_t i = 0; i < json_array_size(keys) && ok; i++)
            ok = add_key(set, json_array_get(keys, i));
    } else if (json_object_get(root, "kty") != NULL) {
        ok = add_key(set, root);
    }
    json_decref(root);
    if (!ok)
        *why = "is too big";
    else if (set->count == before)
        *why = "holds no key: neither \"keys\" (a JWKS) nor \"kty\" (a JWK)";
    return ok && set->count > before;
}

bool
jwk_read_public(struct str json, EVP_PKEY **key)
{
    json_t *object = json_read_object(json, JWT_MAX_BYTES);
    const char *problem;

    *key = object != NULL ? make_key(object, type_of(object), false, &problem) : NULL;
    json_decref(object);
    return *key != NULL;
}
