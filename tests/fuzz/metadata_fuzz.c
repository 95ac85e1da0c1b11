/* SPDX-License-Identifier: MIT */
#include "metadata.h"

#include "fuzz.h"

/* Metadata as a user gives it, and its keys. */
enum { CEILING = 128 << 20 };

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct key_set *keys = key_set_new();
    struct metadata metadata = { 0 };
    struct str why = { 0 };
    size_t added;

    if (arena != NULL && keys != NULL) {
        if (metadata_read(arena, input, STR("fuzz.xml"), &metadata, &why)) {
            added = metadata_add_keys(&metadata, keys);
            fuzz_promise(metadata.entity_count > 0 && key_set_trusted_count(keys) == added);
        } else {
            fuzz_promise(str_present(why) || arena_failed(arena));
        }
    }
    key_set_free(keys);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct str idp = fuzz_template(seeds->arena, "idp-metadata.xml"),
               sp = fuzz_template(seeds->arena, "sp-metadata.xml");

    fuzz_seed(seeds, idp);
    fuzz_seed(seeds, sp);
    fuzz_seed(seeds, arena_printf(seeds->arena,
                                  "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" "
                                  "validUntil=\"2030-01-01T00:00:00Z\">%.*s%.*s</EntitiesDescriptor>",
                                  STR_ARG(idp), STR_ARG(sp)));
}

FUZZ_TARGET(metadata) = { .name = "metadata", .max_len = 16384, .run = run, .seed = seed };
