/* SPDX-License-Identifier: MIT */
#include "xenc.h"

#include "fuzz.h"
#include "saml_maker.h"

/* Encrypted elements, opened with a key that is the same in every process. */
enum { CEILING = 64 << 20, MAX_OPENED = 8 };

static const struct key_set *
keys(void)
{
    static struct key_set *set;
    const char *why;

    if (set == NULL) {
        set = key_set_new();
        fuzz_promise(set != NULL &&
                     key_set_add_decryption(set, str_from(fuzz_key_private_pem()), (struct str){ 0 }, &why));
    }
    return set;
}

static void
run(struct str input)
{
    unsigned operations = XENC_KEY_OPERATIONS;
    struct arena *arena = arena_new(CEILING);
    struct xml_document document, plaintext;
    struct xml_status status;
    uint32_t opened = 0;

    if (arena == NULL)
        return;
    if (xml_parse(arena, input, &xml_message_limits, &document, &status)) {
        for (uint32_t i = 0; i < document.element_count && opened < MAX_OPENED; i++) {
            struct saml_encrypted facts = { 0 };

            if (!str_starts_c(xml_local_name(document.elements[i].node), "Encrypted") ||
                !xenc_open(&document, document.elements[i].node, keys(), opened + 1, &operations, &facts, &plaintext))
                continue;
            fuzz_promise(plaintext.number == opened + 1 && plaintext.element_count > 0);
            xml_release(&plaintext);
            opened++;
        }
        fuzz_promise(operations <= XENC_KEY_OPERATIONS);
        xml_release(&document);
    }
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    static const char *const data[] = { "aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm" };
    struct buf out;
    char why[200];

    saml_maker_set_key("sp", fuzz_key());
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < 2 * COUNT_OF(data); i++) {
        struct str template = arena_printf(
            seeds->arena,
            "<saml:Subject xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:NameID>jdoe<?encrypt to=\"sp\" "
            "data=\"%s\" transport=\"%s\"?></saml:NameID></saml:Subject>",
            data[i / 2], i % 2 == 0 ? "rsa-oaep" : "rsa-1_5");

        fuzz_promise(saml_maker_fill(template, &out, why, sizeof why));
        fuzz_seed(seeds, buf_str(&out));
        buf_reset(&out);
    }
    buf_release(&out);
}

FUZZ_TARGET(xenc) = { .name = "xenc", .max_len = 8192, .run = run, .seed = seed };
