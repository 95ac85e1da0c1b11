/* SPDX-License-Identifier: MIT */
#include "saml.h"

#include "fuzz.h"

/*
 * XML to facts: parse, survey, signatures with proofs, decryption. The trusted key signs the seeds and the
 * decryption key opens them, so mutations start from messages that hold.
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
                     key_set_add_trusted(set, str_from(fuzz_key_public_pem()), STR("fuzz"), (struct str){ 0 }, &why) &&
                     key_set_add_decryption(set, str_from(fuzz_key_private_pem()), (struct str){ 0 }, &why));
    }
    return set;
}

static void
run(struct str input)
{
    struct str candidates[] = { STR("https://sp.example.com/saml/acs"), STR("https://idp.example.com/saml") };
    struct saml_options options = { .keys = keys(),
                                    .explain = true,
                                    .keep_canonical = true,
                                    .candidates = candidates,
                                    .candidate_count = COUNT_OF(candidates) };
    struct arena *arena = arena_new(CEILING);
    struct saml_message *message;
    struct xml_status status;

    if (arena == NULL)
        return;
    message = saml_read(arena, input, &options, &status);
    fuzz_promise((message != NULL) == (status.result == XML_OK) || arena_failed(arena));
    for (size_t i = 0; message != NULL && i < message->signature_count; i++)
        fuzz_promise(!message->signatures[i].valid ||
                     (message->signatures[i].digest == DSIG_OK && message->signatures[i].value == DSIG_OK));
    fuzz_promise(str_present(saml_pretty(arena, input)) || arena_failed(arena));
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_seed_templates(seeds);
    fuzz_seed_c(seeds,
                "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a xmlns:x='y' x:b='&lt;&#10;'><![CDATA[]]><!-- --></a>");
    fuzz_seed_c(seeds, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
    fuzz_seed_c(seeds, "<Response xmlns='urn:oasis:names:tc:SAML:1.0:protocol' ResponseID='_1' MajorVersion='1'>"
                       "<Status><StatusCode Value='Success'/></Status><Assertion "
                       "xmlns='urn:oasis:names:tc:SAML:1.0:assertion' AssertionID='_2' Issuer='i'/></Response>");
}

FUZZ_TARGET(saml) = { .name = "saml", .max_len = 32768, .run = run, .seed = seed };
