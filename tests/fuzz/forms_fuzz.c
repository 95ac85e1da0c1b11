/* SPDX-License-Identifier: MIT */
#include "base64.h"
#include "htmlform.h"
#include "json_field.h"
#include "multipart.h"
#include "urlform.h"

/* Readers of named values, each on the same bytes: queries, pages, multipart forms, JSON, base64. */
enum { CEILING = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is encoded and decoded again is the same. */
static void
check_base64(struct arena *arena, struct str bytes)
{
    struct base64_notes notes;
    struct buf text;
    struct str back;

    buf_init(&text, CEILING);
    base64_encode(&text, bytes);
    if (bytes.len > 0 &&
        (!base64_decode(arena, buf_str(&text), &back, &notes) || !str_eq(back, bytes) || notes.oddities != 0))
        __builtin_trap();
    buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = { (const char *)data, size }, bytes;
    struct arena *arena = arena_new(CEILING);
    struct base64_notes notes;
    struct json_fields fields;
    struct multipart parts;
    struct html_page page;
    struct urlform form;

    if (arena == NULL)
        return 0;
    if (urlform_read(arena, input, &form))
        for (size_t i = 0; i < form.count; i++)
            if (str_present(form.items[i].raw_value) &&
                (form.items[i].offset > size || form.items[i].raw_value.len > size - form.items[i].offset))
                __builtin_trap();
    if (html_forms_read(arena, input, &page))
        for (size_t i = 0; i < page.form_count; i++)
            for (size_t j = 0; j < page.forms[i].field_count; j++)
                if (page.forms[i].fields[j].raw.len > 0 && page.forms[i].fields[j].offset >= size)
                    __builtin_trap();
    if (multipart_read(arena, input, (struct str){ 0 }, &parts) &&
        multipart_read(arena, input, STR("multipart/form-data; boundary=b"), &parts) &&
        json_fields_read(arena, input, &fields) && base64_decode(arena, input, &bytes, &notes) && bytes.len > size)
        __builtin_trap();
    check_base64(arena, str_slice(input, 0, 4096));
    arena_free(arena);
    return 0;
}
