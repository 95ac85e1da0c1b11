/* SPDX-License-Identifier: MIT */
#include <libxml/c14n.h>
#include <libxml/xmlIO.h>
#include <openssl/crypto.h>

#include "dsig_work.h"

struct dsig_view
dsig_view_of(const xmlNode *element)
{
    const struct xml_element *place = xml_element_of(element);

    return (struct dsig_view){ .first = place->number, .last = place->last };
}

static bool
inside_signature(const struct dsig_view *view, const struct xml_element *element)
{
    for (; element != NULL && element->number >= view->first; element = element->parent)
        if (xml_is(element->node, NS_DS, "Signature"))
            return true;
    return false;
}

struct run {
    struct dsig_view view;
    struct buf *out;
};

/*
 * Attributes, namespaces and text are seen with their element: everything goes by its number. Once the
 * output has failed nothing is seen any more, which is the only way to make libxml2 hurry.
 */
static int
is_visible(void *context, xmlNode *node, xmlNode *parent)
{
    const struct run *run = context;
    const struct dsig_view *view = &run->view;
    const xmlNode *owner = node->type == XML_ELEMENT_NODE ? node : parent;
    const struct xml_element *element;

    if ((node->type == XML_COMMENT_NODE && !view->comments) || buf_failed(run->out))
        return 0;
    if (owner == NULL || owner->type != XML_ELEMENT_NODE)
        return view->whole_document;
    element = owner->_private;
    if (element == NULL || element->number < view->first || element->number > view->last)
        return 0;
    if (view->skip_first != 0 && element->number >= view->skip_first && element->number <= view->skip_last)
        return 0;
    return !view->all_signatures || !inside_signature(view, element);
}

static int
write_bytes(void *context, const char *bytes, int len)
{
    struct buf *out = context;

    buf_add(out, bytes, (size_t)len);
    return buf_failed(out) ? -1 : len;
}

enum { VERIFY_VISIT = 8, EXPLAIN_VISIT = 350, EXPLAIN_WRITE = 11 };

static bool
charge(struct dsig_work *work, size_t amount)
{
    size_t *left = work->explaining ? &work->budget->work : &work->budget->bytes;

    if (*left < amount) {
        *left = 0;
        return false;
    }
    *left -= amount;
    return true;
}

/* What a run costs before it writes a byte: libxml2 visits the whole document. */
static size_t
visit_cost(const struct dsig_work *work)
{
    size_t each = work->explaining ? EXPLAIN_VISIT : VERIFY_VISIT;

    return each * work->document->element_count + (size_t)work->document->squares;
}

enum dsig_state
dsig_canonicalise(struct dsig_work *work, const struct dsig_view *view, const struct dsig_canonical *canonical,
                  struct buf *out)
{
    struct dsig_canonical method = *canonical;
    struct run run = { *view, out };
    xmlOutputBuffer *output;
    int written, closed;

    buf_reset(out);
    if (work->budget->canonicalisations == 0 || !charge(work, visit_cost(work)))
        return DSIG_NOT_CHECKED;
    work->budget->canonicalisations--;
    output = xmlOutputBufferCreateIO(write_bytes, NULL, out, NULL);
    if (output == NULL)
        return DSIG_ERROR;
    written = xmlC14NExecute(work->document->doc, is_visible, &run, method.method->mode,
                             method.prefix_count > 0 ? method.prefixes : NULL, method.method->comments, output);
    closed = xmlOutputBufferClose(output);
    if (written < 0 || closed < 0 || buf_failed(out)) {
        buf_reset(out);
        return DSIG_ERROR;
    }
    charge(work, work->explaining ? EXPLAIN_WRITE * out->len : out->len);
    return DSIG_OK;
}

bool
dsig_hash_is(const char *digest_name, struct str bytes, struct str expected)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const EVP_MD *method = dsig_hash(digest_name);

    return method != NULL && EVP_Digest(bytes.ptr, bytes.len, hash, &size, method, NULL) == 1 && expected.len == size &&
           CRYPTO_memcmp(hash, expected.ptr, size) == 0;
}

struct str
dsig_hash_bytes(struct arena *arena, const char *digest_name, struct str bytes)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const EVP_MD *method = dsig_hash(digest_name);

    if (method == NULL || EVP_Digest(bytes.ptr, bytes.len, hash, &size, method, NULL) != 1)
        return (struct str){ 0 };
    return arena_copy(arena, (struct str){ (const char *)hash, size });
}
