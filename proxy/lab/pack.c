/* SPDX-License-Identifier: MIT */
#define ZLIB_CONST /* next_in is read only */

#include "pack.h"

#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

struct str
lab_base64(struct arena *arena, struct str bytes)
{
    char *text;

    if (bytes.len > INT32_MAX / 2)
        return (struct str){ 0 };
    text = arena_alloc(arena, 4 * ((bytes.len + 2) / 3) + 1);
    if (text == NULL)
        return (struct str){ 0 };
    return (struct str){ text, (size_t)EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr,
                                                       (int)bytes.len) };
}

struct str
lab_deflate_base64(struct arena *arena, struct str bytes)
{
    z_stream stream = { 0 };
    struct str result = { 0 };
    uLong bound;
    char *out;

    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return result;
    bound = deflateBound(&stream, bytes.len);
    out = arena_alloc(arena, bound);
    if (out != NULL) {
        stream.next_in = (const Bytef *)bytes.ptr;
        stream.avail_in = (uInt)bytes.len;
        stream.next_out = (Bytef *)out;
        stream.avail_out = (uInt)bound;
        if (deflate(&stream, Z_FINISH) == Z_STREAM_END)
            result = lab_base64(arena, (struct str){ out, stream.total_out });
    }
    deflateEnd(&stream);
    return result;
}

static struct str
with_bytes_swapped(struct arena *arena, struct str text, const char *from, const char *to)
{
    struct str copy = arena_copy(arena, text);
    char *bytes;

    if (!str_present(copy))
        return copy;
    bytes = arena_alloc(arena, copy.len + 1);
    if (bytes == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < copy.len; i++) {
        const char *hit = strchr(from, copy.ptr[i]);

        bytes[i] = hit != NULL ? to[hit - from] : copy.ptr[i];
    }
    return (struct str){ bytes, copy.len };
}

struct str
lab_pack(struct arena *arena, enum lab_packing packing, struct str xml)
{
    switch (packing) {
    case LAB_PACK_DEFLATED:
    case LAB_PACK_QUERY:
        return lab_deflate_base64(arena, xml);
    case LAB_PACK_PLUS_LOST:
        return with_bytes_swapped(arena, lab_base64(arena, xml), "+", " ");
    case LAB_PACK_URLSAFE:
        return with_bytes_swapped(arena, lab_base64(arena, xml), "+/", "-_");
    case LAB_PACK_PLAIN:
        break;
    }
    return lab_base64(arena, xml);
}

void
lab_add_percent(struct buf *out, struct str value)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != '\0' && strchr(unreserved, value.ptr[i]) != NULL)
            buf_add_byte(out, value.ptr[i]);
        else
            buf_printf(out, "%%%02X", (unsigned char)value.ptr[i]);
    }
}
