/* SPDX-License-Identifier: MIT */
#include "urlform.h"

#include "fuzz.h"
#include "saml_maker.h"

/* Queries and form bodies: raw values lie where they are said to be, decoding only ever shortens. */
enum { CEILING = 64 << 20 };

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct urlform form;
    size_t bad_at;

    if (arena == NULL)
        return;
    if (urlform_read(arena, input, &form)) {
        fuzz_promise(form.count <= URLFORM_MAX_FIELDS);
        for (size_t i = 0; i < form.count; i++) {
            const struct urlform_field *field = &form.items[i];

            fuzz_promise(field->name.len <= field->raw_name.len && field->value.len <= field->raw_value.len);
            fuzz_promise(!str_present(field->raw_value) ||
                         (field->offset <= input.len && field->raw_value.len <= input.len - field->offset &&
                          field->raw_value.ptr == input.ptr + field->offset));
            fuzz_promise(field->bad_at == SIZE_MAX || field->bad_at < field->raw_value.len);
        }
    }
    fuzz_promise(percent_decode(arena, input, false, &bad_at).len <= input.len);
    fuzz_promise(bad_at == SIZE_MAX || bad_at < input.len);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);

    fuzz_seed(seeds, exchanges[2].request_body.bytes);
    fuzz_seed(seeds, exchanges[1].target);
    fuzz_seed_c(seeds, "a=1&b=%20+%2B&&c&=x&d==&%61=%zz%2&RelayState=");
    fuzz_seed_c(seeds, "SAMLResponse=PHg%2F%3E&SigAlg=a%3Ab&Signature=%2f%2F%25\xff");
}

FUZZ_TARGET(urlform) = { .name = "urlform", .max_len = 8192, .run = run, .seed = seed };
