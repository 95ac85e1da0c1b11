/* SPDX-License-Identifier: MIT */
#include "json_write.h"

#include "base64.h"
#include "json_text.h"

enum { MAX_STRING = 512 * 1024 * 1024 };

bool
json_write_is_utf8(struct str s)
{
    size_t len;

    for (size_t i = 0; i < s.len; i += len) {
        len = json_text_utf8_length(str_from_offset(s, i));
        if (len == 0)
            return false;
    }
    return true;
}

json_t *
json_write_string(struct str s)
{
    json_t *string;
    struct buf text;

    if (json_write_is_utf8(s))
        return json_stringn_nocheck(s.len > 0 ? s.ptr : "", s.len);
    buf_init(&text, MAX_STRING);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c >= 0x80)
            buf_add_byte(&text, (char)(0xc0 | c >> 6));
        buf_add_byte(&text, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
    }
    string = buf_failed(&text) ? NULL : json_stringn_nocheck(text.bytes, text.len);
    buf_release(&text);
    return string;
}

json_t *
json_write_base64(struct str s)
{
    json_t *string;
    struct buf text;

    buf_init(&text, MAX_STRING);
    base64_encode(&text, s);
    string = buf_failed(&text) ? NULL : json_stringn_nocheck(text.len > 0 ? text.bytes : "", text.len);
    buf_release(&text);
    return string;
}

json_t *
json_write_headers(const struct headers *headers)
{
    json_t *array = json_array();

    for (size_t i = 0; i < headers->count && array != NULL; i++) {
        json_t *name = json_write_string(headers->items[i].name), *value = json_write_string(headers->items[i].value);

        /* pack takes both, also when it fails */
        if (json_array_append_new(array, json_pack("{s:o, s:o}", "name", name, "value", value)) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

static int
add_piece(const char *bytes, size_t size, void *data)
{
    struct buf *out = data;

    buf_add(out, bytes, size);
    return buf_failed(out) ? -1 : 0;
}

bool
json_write_element(json_t *value, bool first, struct buf *out)
{
    size_t before = out->len;
    bool ok;

    buf_add_c(out, first ? "\n" : ",\n");
    ok = value != NULL && json_dump_callback(value, add_piece, out, JSON_COMPACT) == 0;
    json_decref(value);
    if (!ok && !buf_failed(out))
        out->len = before;
    return ok;
}
