/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_FUZZ_H
#define SAMLTAP_TESTS_FUZZ_H

#include <openssl/evp.h>

#include "arena.h"
#include "case_file.h"
#include "exchange.h"

/*
 * A fuzzer is one tests/fuzz/NAME_fuzz.c with a FUZZ_TARGET(NAME) at line start: the build collects
 * them. `make fuzz` links each with libFuzzer (libfuzzer.c); the unit test fuzz_smoke_test runs all of
 * them over their seeds and a few mutations of these.
 */
struct fuzz_seeds;

struct fuzz_target {
    const char *name;
    size_t max_len; /* bytes of an input worth trying */
    /* Any bytes; ends the process when the code under test breaks a promise. */
    void (*run)(struct str input);
    /* Adds inputs to begin with. */
    void (*seed)(struct fuzz_seeds *seeds);
};

#define FUZZ_TARGET(target) const struct fuzz_target fuzz_target_##target

/* Library set-up. Ends the process when it fails. */
void fuzz_start(void);

/* Ends the process, as a failed assertion does, unless the promise holds. */
void fuzz_promise(bool holds);

/* --- seeds ------------------------------------------------------------------------------------------- */

/* Inputs for one target; everything lives in the arena. */
struct fuzz_seeds {
    struct arena *arena;
    struct str *items;
    size_t count;
    size_t capacity;
};

void fuzz_seed(struct fuzz_seeds *seeds, struct str input);
void fuzz_seed_c(struct fuzz_seeds *seeds, const char *text);

/* Every XML template of the cases, filled: signed by the key "idp", encrypted where it says so. */
void fuzz_seed_templates(struct fuzz_seeds *seeds);

/* One template of the cases by file name, filled; absent when it cannot be. */
struct str fuzz_template(struct arena *arena, const char *name);

/* Calls visit for every case in tests/cases/FOLDER. */
void fuzz_each_case(struct fuzz_seeds *seeds, const char *folder,
                    void (*visit)(struct fuzz_seeds *seeds, const struct case_file *file));

enum { FUZZ_EXCHANGES = 4 };

/* The exchanges of a sign-in: redirect to the identity provider, its page, the post, the service provider's answer. */
struct exchange *fuzz_exchanges(struct arena *arena);

/*
 * The RSA key that messages are signed with and encrypted to: the same in every process, so that an input
 * found once means the same again. Owned by the process.
 */
EVP_PKEY *fuzz_key(void);

/* The same as PEM, with the public half only or whole. Owned by the process. */
const char *fuzz_key_public_pem(void);
const char *fuzz_key_private_pem(void);

#endif
