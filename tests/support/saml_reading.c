/* SPDX-License-Identifier: MIT */
#include "saml_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "saml_maker.h"

enum { ARENA_BYTES = 64 << 20, XML_BYTES = 8 << 20 };

void
reading_init(struct reading *reading)
{
    *reading = (struct reading){ .arena = arena_new(ARENA_BYTES), .keys = key_set_new() };
    assert_non_null(reading->arena);
    assert_non_null(reading->keys);
    reading->options.keys = reading->keys;
    reading->options.explain = true;
    buf_init(&reading->xml, XML_BYTES);
}

void
reading_release(struct reading *reading)
{
    key_set_free(reading->keys);
    buf_release(&reading->xml);
    arena_free(reading->arena);
}

void
reading_trust_for(struct reading *reading, const char *key, const char *entity_id)
{
    const char *why = NULL;

    if (key_set_add_trusted(reading->keys, str_from(saml_maker_certificate_pem(key)), str_from(key),
                            str_from(entity_id), &why) != 1)
        fail_msg("%s: %s", key, why);
}

void
reading_trust(struct reading *reading, const char *key)
{
    reading_trust_for(reading, key, NULL);
}

void
reading_decrypts(struct reading *reading, const char *key)
{
    const char *why = NULL;

    if (!key_set_add_decryption(reading->keys, str_from(saml_maker_private_pem(key)), (struct str){ 0 }, &why))
        fail_msg("%s: %s", key, why);
}

void
reading_make(struct reading *reading, const char *template)
{
    char why[200];

    buf_reset(&reading->xml);
    if (!saml_maker_fill(str_from(template), &reading->xml, why, sizeof(why)))
        fail_msg("template: %s", why);
}

void
reading_set(struct reading *reading, struct str xml)
{
    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, xml);
    assert_false(buf_failed(&reading->xml));
}

static bool
replace_from(struct reading *reading, size_t start, const char *from, const char *to, size_t *next)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t at = str_find_c(str_from_offset(xml, start), from);

    if (at == SIZE_MAX)
        return false;
    at += start;
    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, at));
    buf_add_c(&reading->xml, to);
    buf_add_str(&reading->xml, str_from_offset(xml, at + strlen(from)));
    *next = at + strlen(to);
    return true;
}

void
reading_edit(struct reading *reading, const char *from, const char *to)
{
    size_t next;

    if (!replace_from(reading, 0, from, to, &next))
        fail_msg("nothing to edit: %s", from);
}

void
reading_edit_all(struct reading *reading, const char *from, const char *to)
{
    size_t next = 0;

    reading_edit(reading, from, from);
    while (replace_from(reading, next, from, to, &next))
        continue;
}

struct saml_message *
reading_read(struct reading *reading)
{
    reading->message = saml_read(reading->arena, arena_copy(reading->arena, buf_str(&reading->xml)), &reading->options,
                                 &reading->status);
    return reading->message;
}

struct saml_message *
reading_of(struct reading *reading, const char *template)
{
    reading_make(reading, template);
    if (reading_read(reading) == NULL)
        fail_msg("not read: %s, line %d: %.*s", xml_result_name(reading->status.result), reading->status.line,
                 STR_ARG(reading->status.text));
    return reading->message;
}
