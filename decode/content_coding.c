/* SPDX-License-Identifier: MIT */
#include "content_coding.h"

#include "expand.h"

/* The codings of all Content-Encoding headers in the order in which they were applied. */
struct codings {
    struct str names[CONTENT_MAX_CODINGS];
    size_t count;
    bool too_many;
};

static void
add_list(struct codings *codings, struct str list)
{
    struct str item;
    bool more;

    do {
        more = str_cut(list, ',', &item, &list);
        item = str_trim(item);
        if (item.len == 0 || str_eq_nocase(item, STR("identity")))
            continue;
        if (codings->count == CONTENT_MAX_CODINGS) {
            codings->too_many = true;
            return;
        }
        codings->names[codings->count++] = item;
    } while (more);
}

static enum content_result
from_inflate(enum inflate_result result)
{
    switch (result) {
    case INFLATE_OK:
    case INFLATE_TRAILING:
        return CONTENT_OK;
    case INFLATE_TOO_LARGE:
        return CONTENT_TOO_LARGE;
    case INFLATE_NO_MEMORY:
        return CONTENT_NO_MEMORY;
    case INFLATE_DAMAGED:
        break;
    }
    return CONTENT_DAMAGED;
}

/* "deflate" means zlib, but raw deflate is what some servers send. */
static enum inflate_result
undo_deflate(struct arena *arena, struct str in, size_t max_bytes, struct str *out)
{
    size_t used;
    enum inflate_result result = inflate_bytes(arena, in, INFLATE_ZLIB, max_bytes, out, &used);

    if (result == INFLATE_DAMAGED && !str_present(*out))
        result = inflate_bytes(arena, in, INFLATE_RAW, max_bytes, out, &used);
    return result;
}

static enum content_result
undo(struct arena *arena, struct str coding, struct str in, size_t max_bytes, struct str *out)
{
    size_t used;

    if (str_eq_nocase(coding, STR("gzip")) || str_eq_nocase(coding, STR("x-gzip")))
        return from_inflate(inflate_bytes(arena, in, INFLATE_GZIP, max_bytes, out, &used));
    if (str_eq_nocase(coding, STR("deflate")))
        return from_inflate(undo_deflate(arena, in, max_bytes, out));
    if (str_eq_nocase(coding, STR("br")))
        return from_inflate(expand_bytes(arena, in, EXPAND_BROTLI, max_bytes, out));
    if (str_eq_nocase(coding, STR("zstd")))
        return from_inflate(expand_bytes(arena, in, EXPAND_ZSTD, max_bytes, out));
    *out = (struct str){ 0 };
    return CONTENT_UNSUPPORTED;
}

static struct str
explain(struct arena *arena, enum content_result result, struct str coding)
{
    int len = (int)(coding.len < 40 ? coding.len : 40);

    switch (result) {
    case CONTENT_OK:
        break;
    case CONTENT_UNSUPPORTED:
        return arena_printf(arena, "content coding not supported: %.*s", len, coding.ptr);
    case CONTENT_DAMAGED:
        return arena_printf(arena, "content coding %.*s: the data is damaged or ends early", len, coding.ptr);
    case CONTENT_TOO_LARGE:
        return arena_printf(arena, "content coding %.*s: more comes out than the limit allows", len, coding.ptr);
    case CONTENT_NO_MEMORY:
        return STR("out of memory");
    }
    return (struct str){ 0 };
}

enum content_result
content_decode(struct arena *arena, struct str body, const struct headers *headers, size_t max_bytes, struct str *out,
               struct str *detail)
{
    struct codings codings = { 0 };

    *out = body;
    *detail = (struct str){ 0 };
    for (size_t i = 0; i < headers->count; i++)
        if (str_eq_nocase(headers->items[i].name, STR("Content-Encoding")))
            add_list(&codings, headers->items[i].value);
    if (codings.too_many) {
        *out = (struct str){ 0 };
        *detail = arena_printf(arena, "more than %d content codings", CONTENT_MAX_CODINGS);
        return CONTENT_UNSUPPORTED;
    }
    while (codings.count > 0) {
        struct str coding = codings.names[--codings.count];
        enum content_result result = undo(arena, coding, *out, max_bytes, out);

        if (result != CONTENT_OK) {
            *detail = explain(arena, result, coding);
            return result;
        }
    }
    return CONTENT_OK;
}
