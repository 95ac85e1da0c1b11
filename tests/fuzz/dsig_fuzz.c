/* SPDX-License-Identifier: MIT */
#include "dsig.h"

#include "fuzz.h"

/*
 * The restricted verifier beside xmlsec1, on the same bytes: what ours calls valid the other one must
 * never call bad.
 */
enum { CEILING = 128 << 20 };

static const struct key_set *
keys(void)
{
    static struct key_set *set;
    const char *why;

    if (set == NULL) {
        set = key_set_new();
        fuzz_promise(set != NULL &&
                     key_set_add_trusted(set, str_from(fuzz_key_public_pem()), STR("fuzz"), (struct str){ 0 }, &why));
    }
    return set;
}

static void
run(struct str input)
{
    struct dsig_options options = { .keys = keys(), .second_opinion = true, .explain = true };
    struct dsig_budget budget = dsig_full_budget;
    struct arena *arena = arena_new(CEILING);
    struct dsig_list list = { 0 };
    struct xml_document document;
    struct xml_status status;

    if (arena == NULL)
        return;
    if (xml_parse(arena, input, &xml_message_limits, &document, &status)) {
        if (dsig_read(&document, &options, &budget, &list))
            for (size_t i = 0; i < list.count; i++) {
                const struct dsig_signature *one = &list.items[i];

                fuzz_promise(!one->valid || (one->digest == DSIG_OK && one->value == DSIG_OK));
                fuzz_promise(!one->trusted || one->valid);
                fuzz_promise(!one->valid || one->second_opinion != DSIG_BAD);
            }
        xml_release(&document);
    }
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_seed_templates(seeds);
}

FUZZ_TARGET(dsig) = { .name = "dsig", .max_len = 16384, .run = run, .seed = seed };
