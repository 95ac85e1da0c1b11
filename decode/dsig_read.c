/* SPDX-License-Identifier: MIT */
#include "dsig.h"

#include <openssl/err.h>

#include "dsig_work.h"
#include "key_set.h"

const struct dsig_budget dsig_full_budget = {
    .bytes = 64u << 20,
    .canonicalisations = DSIG_EXPLAIN_CANONICALISATIONS,
    .verifications = 256,
    .work = 192u << 20,
};

static const char *const problem_names[DSIG_PROBLEM_COUNT] = {
    [DSIG_PROBLEM_PLACEMENT] = "placement",
    [DSIG_PROBLEM_POSITION] = "position",
    [DSIG_PROBLEM_SECOND_SIGNATURE] = "second-signature",
    [DSIG_PROBLEM_SIGNED_INFO_COUNT] = "signed-info-count",
    [DSIG_PROBLEM_REFERENCE_COUNT] = "reference-count",
    [DSIG_PROBLEM_URI_MISSING] = "uri-missing",
    [DSIG_PROBLEM_URI_EMPTY] = "uri-empty",
    [DSIG_PROBLEM_URI_MISMATCH] = "uri-mismatch",
    [DSIG_PROBLEM_DUPLICATE_ID] = "duplicate-id",
    [DSIG_PROBLEM_PARENT_WITHOUT_ID] = "parent-without-id",
    [DSIG_PROBLEM_TRANSFORM] = "transform",
    [DSIG_PROBLEM_C14N_UNKNOWN] = "c14n-unknown",
    [DSIG_PROBLEM_C14N_INCLUSIVE] = "c14n-inclusive",
    [DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN] = "signature-method-unknown",
    [DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED] = "signature-method-refused",
    [DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN] = "digest-method-unknown",
    [DSIG_PROBLEM_DIGEST_METHOD_REFUSED] = "digest-method-refused",
    [DSIG_PROBLEM_OBJECT] = "object",
    [DSIG_PROBLEM_VALUE_NOT_TEXT] = "value-not-text",
    [DSIG_PROBLEM_VALUE_EMPTY] = "value-empty",
    [DSIG_PROBLEM_VALUE_BASE64] = "value-base64",
    [DSIG_PROBLEM_PREFIX_LIST] = "prefix-list",
    [DSIG_PROBLEM_LIMIT] = "limit",
};

static const char *const cause_names[DSIG_CAUSE_COUNT] = {
    [DSIG_CAUSE_NONE] = "none",
    [DSIG_CAUSE_C14N_OTHER] = "other-canonicalisation",
    [DSIG_CAUSE_REINDENTED] = "re-indented",
    [DSIG_CAUSE_LINE_ENDINGS] = "line-endings",
    [DSIG_CAUSE_TRIMMED] = "white-space-changed",
    [DSIG_CAUSE_DIGEST_ALGORITHM] = "digest-algorithm",
    [DSIG_CAUSE_ENVELOPED_NOT_APPLIED] = "enveloped-not-applied",
    [DSIG_CAUSE_VALUE_REPLACED] = "value-replaced",
    [DSIG_CAUSE_EMPTY_DIGEST] = "empty-digest",
    [DSIG_CAUSE_OTHER_ELEMENT] = "other-element",
    [DSIG_CAUSE_ELEMENT_ADDED] = "element-added",
    [DSIG_CAUSE_RECODED] = "recoded",
    [DSIG_CAUSE_ON_THE_WAY] = "changed-on-the-way",
    [DSIG_CAUSE_NAMESPACES] = "namespace-context",
    [DSIG_CAUSE_BASE64] = "base64-damaged",
    [DSIG_CAUSE_CONTENT_ADDED] = "content-added",
    [DSIG_CAUSE_CONTENT_REMOVED] = "content-removed",
    [DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO] = "right-key-other-signed-info",
    [DSIG_CAUSE_SIGNATURE_HASH_LABEL] = "signature-hash-label",
    [DSIG_CAUSE_NO_KNOWN_KEY] = "no-known-key",
    [DSIG_CAUSE_KEY_SIZE] = "key-size",
    [DSIG_CAUSE_VALUE_ENCODING] = "value-encoding",
};

static const char *const state_names[] = {
    [DSIG_NOT_CHECKED] = "not-checked",
    [DSIG_OK] = "ok",
    [DSIG_BAD] = "bad",
    [DSIG_ERROR] = "error",
};

const char *
dsig_problem_name(enum dsig_problem problem)
{
    return problem < DSIG_PROBLEM_COUNT ? problem_names[problem] : "unknown";
}

const char *
dsig_cause_name(enum dsig_cause cause)
{
    return cause < DSIG_CAUSE_COUNT ? cause_names[cause] : "unknown";
}

const char *
dsig_state_name(enum dsig_state state)
{
    return state <= DSIG_ERROR ? state_names[state] : "unknown";
}

/* The key that made the verdict, for the second engine. */
static EVP_PKEY *
verifying_key(const struct dsig_work *work)
{
    if (work->facts->trusted_key >= 0)
        return work->options->keys->trusted[work->facts->trusted_key].key;
    return work->facts->key != NULL ? work->keyinfo_key : NULL;
}

static bool
keep_evidence(struct dsig_work *work)
{
    const struct key_set *keys = work->options->keys;
    EVP_PKEY *key = verifying_key(work);
    struct dsig_evidence *evidence;

    if (key == NULL)
        key = work->keyinfo_key;
    if (key == NULL && keys != NULL && keys->trusted_count > 0)
        key = keys->trusted[0].key;
    evidence = dsig_evidence_new(work->arena, work->method, work->method_digest, buf_str(&work->signed_info_bytes),
                                 work->value, key);
    if (evidence == NULL)
        return false;
    evidence->digest = work->digest != NULL ? work->digest->name : NULL;
    if (work->salt_length >= 0)
        evidence->salt_length = work->salt_length;
    work->facts->evidence = evidence;
    return true;
}

static bool
evaluate(struct dsig_work *work)
{
    bool good = dsig_check(work);

    if (good && work->options->explain && work->facts->digest == DSIG_BAD)
        good = dsig_explain_digest(work);
    if (good && work->options->explain &&
        (work->facts->value == DSIG_BAD || dsig_has_problem(work->facts, DSIG_PROBLEM_VALUE_BASE64)))
        good = dsig_explain_value(work);
    if (good && work->options->keep_canonical)
        good = keep_evidence(work);
    if (good && work->options->second_opinion)
        dsig_second_opinion(work, verifying_key(work));
    return good;
}

static bool
read_signature(struct xml_document *document, const xmlNode *node, const struct dsig_options *options,
               struct dsig_budget *budget, struct dsig_signature *facts, bool listed_only)
{
    struct dsig_work work = {
        .arena = document->arena,
        .document = document,
        .options = options,
        .budget = budget,
        .facts = facts,
        .signature = node,
        .parent = node->parent,
    };
    bool good;

    *facts = (struct dsig_signature){ .trusted_key = -1 };
    buf_init(&work.target_bytes, DSIG_MAX_CANONICAL);
    buf_init(&work.signed_info_bytes, DSIG_MAX_CANONICAL);
    good = dsig_read_shape(&work);
    if (good && listed_only)
        dsig_problem_add(&work, DSIG_PROBLEM_LIMIT, STR("the message has over 16 signatures"));
    else if (good)
        good = evaluate(&work);
    buf_release(&work.target_bytes);
    buf_release(&work.signed_info_bytes);
    EVP_PKEY_free(work.keyinfo_key);
    ERR_clear_error();
    return good;
}

bool
dsig_read(struct xml_document *document, const struct dsig_options *options, struct dsig_budget *budget,
          struct dsig_list *list)
{
    xml_silence_thread();
    for (uint32_t i = 0; i < document->element_count && list->count < DSIG_MAX_LISTED; i++) {
        const xmlNode *node = document->elements[i].node;

        if (!xml_is(node, NS_DS, "Signature"))
            continue;
        if (!arena_grow(document->arena, (void **)&list->items, list->count, &list->capacity, sizeof(*list->items)))
            return false;
        if (!read_signature(document, node, options, budget, &list->items[list->count],
                            list->count >= DSIG_MAX_SIGNATURES))
            return false;
        list->count++;
    }
    return true;
}
