/* SPDX-License-Identifier: MIT */
#include "multipart.h"

#include "fuzz.h"
#include "json_field.h"

/* The other bodies in which fields come: multipart/form-data and JSON. */
enum { CEILING = 64 << 20 };

static void
check(struct str input, const struct multipart *form)
{
    fuzz_promise(form->count <= MULTIPART_MAX_FIELDS);
    for (size_t i = 0; i < form->count; i++)
        fuzz_promise(form->items[i].value.len == 0 ? form->items[i].offset == SIZE_MAX
                                                   : form->items[i].value.ptr == input.ptr + form->items[i].offset &&
                                                         form->items[i].value.len <= input.len - form->items[i].offset);
}

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct json_fields fields;
    struct multipart form;

    if (arena == NULL)
        return;
    if (multipart_read(arena, input, (struct str){ 0 }, &form))
        check(input, &form);
    if (multipart_read(arena, input, STR("multipart/form-data; boundary=\"b\""), &form))
        check(input, &form);
    if (json_fields_read(arena, input, &fields))
        fuzz_promise(fields.count <= JSON_FIELD_MAX);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_seed_c(seeds, "--b\r\nContent-Disposition: form-data; name=\"SAMLResponse\"\r\n\r\nPHgvPg==\r\n--b\r\n"
                       "content-disposition: form-data; filename=\"f\"; name=RelayState\r\nContent-Type: a/b\r\n\r\n"
                       "x\r\n--b--\r\n");
    fuzz_seed_c(seeds, "preamble\n--b\nContent-Disposition: form-data; name=\"a\\\"b\"\n\n1\n--b");
    fuzz_seed_c(seeds,
                "{\"SAMLResponse\": \"PHgvPg==\", \"a\": [{\"b\": \"\\u00e9\"}, [\"c\"], 1e9, null], \"d\": {}}");
}

FUZZ_TARGET(multipart) = { .name = "multipart", .max_len = 8192, .run = run, .seed = seed };
