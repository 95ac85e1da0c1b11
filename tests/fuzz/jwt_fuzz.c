/* SPDX-License-Identifier: MIT */
#include "jwt.h"

#include <stdlib.h>

#include "fuzz.h"
#include "jwt_maker.h"
#include "saml_maker.h"

/* Tokens and key sets: the input is a token, and, behind a line break, a JWKS it is read with. */
enum { CEILING = 16 << 20 };

static void
run(struct str input)
{
    struct str token, keys;
    struct jwk_set *set = jwk_set_new();
    struct arena *arena = arena_new(CEILING);
    struct jwt_options options = { .verify = set, .decrypt = set };
    const char *why;

    str_cut(input, '\n', &token, &keys);
    if (arena != NULL && set != NULL) {
        if (!jwk_set_add(set, keys, &why) && why == NULL)
            abort();
        if (jwt_read(arena, token, &options) == NULL && !arena_failed(arena))
            abort();
    }
    jwk_set_free(set);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    static const char *const algorithms[] = { "RS256", "RS384", "PS256", "none", "HS256" };
    struct str claims = STR("{\"iss\": \"https://idp.example.com\", \"aud\": \"client\", \"sub\": \"jdoe\", \"exp\": "
                            "1767225900, \"iat\": 1767225600, \"nonce\": \"n\"}");
    struct str keys;

    saml_maker_set_key("idp", fuzz_key());
    keys = jwt_maker_jwks(seeds->arena, STR("idp ec ed25519"));
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        struct str header = arena_printf(seeds->arena, "{\"alg\": \"%s\", \"kid\": \"idp\"}", algorithms[i]);
        struct str token = jwt_maker_sign(seeds->arena, "idp", algorithms[i], header, claims);

        fuzz_seed(seeds, arena_printf(seeds->arena, "%.*s\n%.*s", STR_ARG(token), STR_ARG(keys)));
    }
    fuzz_seed_c(
        seeds, "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.QUJD.QUJD.QUJD.QUJD\n{\"kty\": \"oct\", \"k\": \"AA\"}");
}

FUZZ_TARGET(jwt) = { .name = "jwt", .max_len = 8192, .run = run, .seed = seed };
