/* SPDX-License-Identifier: MIT */
#include "htmlform.h"

#include "fuzz.h"

/* Pages: fields lie inside the page, limits hold, and references are taken back without growing much. */
enum { CEILING = 64 << 20, MAX_GROWTH = 4 }; /* a code point of four bytes from "&#N;" at worst */

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct html_page page;

    if (arena == NULL)
        return;
    if (html_forms_read(arena, input, &page)) {
        fuzz_promise(page.form_count <= HTML_MAX_FORMS);
        for (size_t i = 0; i < page.form_count; i++)
            for (size_t k = 0; k < page.forms[i].field_count; k++) {
                const struct html_field *field = &page.forms[i].fields[k];

                fuzz_promise(field->raw.len == 0 ||
                             (field->offset < input.len && field->raw.len <= input.len - field->offset &&
                              field->raw.ptr == input.ptr + field->offset));
                fuzz_promise(field->value.len <= MAX_GROWTH * field->raw.len);
            }
    }
    fuzz_promise(html_unescape(arena, input).len <= MAX_GROWTH * input.len);
    arena_free(arena);
}

static void
seed(struct fuzz_seeds *seeds)
{
    struct exchange *exchanges = fuzz_exchanges(seeds->arena);

    fuzz_seed(seeds, exchanges[1].response_body.bytes);
    fuzz_seed_c(seeds, "<!doctype html><!-- <form action=x> --><script>'<form>'</script><form method=post "
                       "action=' https://sp.test/acs?a&amp;b '><input type=hidden name=SAMLResponse "
                       "value=\"PHg&#x2b;&#47;&plus;&equals;\"><textarea name=t>a&lt;b</textarea><button name=b>");
    fuzz_seed_c(seeds, "<form action=\"a\"><input name='x' value='1' value=2/><input/name=y><form><input name=z></form>"
                       "<title><form></title><![CDATA[<form>]]><? x ?></form\n><INPUT NAME=w VALUE=&#0;&#1114112;>");
}

FUZZ_TARGET(htmlform) = { .name = "htmlform", .max_len = 8192, .run = run, .seed = seed };
