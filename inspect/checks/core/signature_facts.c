/* SPDX-License-Identifier: MIT */
#include "signature_facts.h"

bool
signature_by_other_key(const struct dsig_signature *signature)
{
    /* Not "trusted": that one is also lost when the content was changed. */
    return signature->verified_by_keyinfo && signature->trusted_key < 0;
}

const char *
signature_cause_words(enum dsig_cause cause)
{
    static const char *const words[DSIG_CAUSE_COUNT] = {
        [DSIG_CAUSE_NONE] = "What was changed could not be found out",
        [DSIG_CAUSE_C14N_OTHER] = "Proven: signed under another canonicalisation than the one stated",
        [DSIG_CAUSE_REINDENTED] = "Proven: re-indented after signing",
        [DSIG_CAUSE_LINE_ENDINGS] = "Proven: line endings were rewritten after signing",
        [DSIG_CAUSE_TRIMMED] = "Proven: white space of values was changed after signing",
        [DSIG_CAUSE_DIGEST_ALGORITHM] = "Proven: the stated value is another hash of the same, unchanged content",
        [DSIG_CAUSE_ENVELOPED_NOT_APPLIED] = "Proven: the signer digested the element together with the signature",
        [DSIG_CAUSE_VALUE_REPLACED] = "Proven: one value was rewritten after signing",
        [DSIG_CAUSE_EMPTY_DIGEST] = "Proven: the stated value is the hash of nothing at all",
        [DSIG_CAUSE_OTHER_ELEMENT] = "Proven: the stated value belongs to another element of the document",
        [DSIG_CAUSE_ELEMENT_ADDED] = "Proven: one element was added after signing",
        [DSIG_CAUSE_RECODED] = "Proven: characters were re-encoded after signing",
        [DSIG_CAUSE_ON_THE_WAY] = "Proven: changed on the way",
        [DSIG_CAUSE_NAMESPACES] = "Proven: its namespace context was changed after signing",
        [DSIG_CAUSE_BASE64] = "Proven: base64 values were damaged after signing",
        [DSIG_CAUSE_CONTENT_ADDED] = "Proven: content was added after signing",
        [DSIG_CAUSE_CONTENT_REMOVED] = "Proven: content was removed after signing",
        [DSIG_CAUSE_RIGHT_KEY_OTHER_SIGNED_INFO] = "Proven: the right key signed, but SignedInfo was altered",
        [DSIG_CAUSE_SIGNATURE_HASH_LABEL] = "Proven: the signer used another hash than SignatureMethod says",
        [DSIG_CAUSE_NO_KNOWN_KEY] = "None of the known keys made this value",
        [DSIG_CAUSE_VALUE_ENCODING] = "Proven: the right key signed, but the value is encoded wrongly",
        [DSIG_CAUSE_KEY_SIZE] = "The value has not the length that any of the known keys makes",
    };
    return (unsigned)cause < DSIG_CAUSE_COUNT && words[cause] ? words[cause] : words[DSIG_CAUSE_NONE];
}

const char *
signature_problem_words(enum dsig_problem problem)
{
    static const char *const words[DSIG_PROBLEM_COUNT] = {
        [DSIG_PROBLEM_PLACEMENT] = "its parent may not carry one, or it is not a direct child",
        [DSIG_PROBLEM_POSITION] = "it does not follow right after Issuer",
        [DSIG_PROBLEM_SECOND_SIGNATURE] = "the same element has another signature",
        [DSIG_PROBLEM_SIGNED_INFO_COUNT] = "it has not exactly one SignedInfo",
        [DSIG_PROBLEM_REFERENCE_COUNT] = "it has not exactly one Reference",
        [DSIG_PROBLEM_URI_MISSING] = "its Reference has no URI",
        [DSIG_PROBLEM_URI_EMPTY] = "its Reference has an empty URI, which means the whole document",
        [DSIG_PROBLEM_URI_MISMATCH] = "its Reference does not name its parent",
        [DSIG_PROBLEM_DUPLICATE_ID] = "the ID that it refers to is there twice",
        [DSIG_PROBLEM_PARENT_WITHOUT_ID] = "its parent has no ID",
        [DSIG_PROBLEM_TRANSFORM] = "a transform is not allowed, too many or in the wrong order",
        [DSIG_PROBLEM_C14N_UNKNOWN] = "the canonicalisation is unknown",
        [DSIG_PROBLEM_C14N_INCLUSIVE] = "the canonicalisation is inclusive",
        [DSIG_PROBLEM_SIGNATURE_METHOD_UNKNOWN] = "the signature algorithm is unknown",
        [DSIG_PROBLEM_SIGNATURE_METHOD_REFUSED] = "the signature algorithm must not be used",
        [DSIG_PROBLEM_DIGEST_METHOD_UNKNOWN] = "the digest algorithm is unknown",
        [DSIG_PROBLEM_DIGEST_METHOD_REFUSED] = "the digest algorithm must not be used",
        [DSIG_PROBLEM_OBJECT] = "it holds a ds:Object, which can hide content",
        [DSIG_PROBLEM_VALUE_NOT_TEXT] = "DigestValue or SignatureValue holds more than text",
        [DSIG_PROBLEM_VALUE_EMPTY] = "DigestValue or SignatureValue is empty",
        [DSIG_PROBLEM_VALUE_BASE64] = "DigestValue or SignatureValue is not base64",
        [DSIG_PROBLEM_PREFIX_LIST] = "InclusiveNamespaces lists more than 32 prefixes",
        [DSIG_PROBLEM_LIMIT] = "there are too many signatures to check",
    };
    return (unsigned)problem < DSIG_PROBLEM_COUNT && words[problem] ? words[problem] : "it is malformed";
}

const struct certificate_facts *
signature_certificate(const struct dsig_signature *signature)
{
    if (signature->key) {
        return signature->key;
    }
    return signature->keyinfo_count > 0 ? &signature->keyinfo[0] : NULL;
}
