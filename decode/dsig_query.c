/* SPDX-License-Identifier: MIT */
#include "dsig_query.h"

#include <openssl/rsa.h>

#include "dsig_work.h"
#include "key_set.h"
#include "urlform.h"
#include "xml_base64.h"

enum { MAX_SIGNED = 256 * 1024, MAX_KEYS = 64 };

struct query_work {
    struct arena *arena;
    const struct key_set *keys;
    const struct message *message;
    const struct dsig_method *method;
    struct str value; /* bytes of the signature */
    struct buf signed_bytes;
};

/* The three parameters as they enter the signed octets; relay_state absent: left out. */
struct query_parts {
    struct str message;
    struct str relay_state;
    struct str algorithm;
};

/* --- the octets ----------------------------------------------------------------------------------- */

static void
build(struct query_work *work, const struct query_parts *parts)
{
    buf_reset(&work->signed_bytes);
    buf_add_str(&work->signed_bytes, work->message->parameter);
    buf_add_byte(&work->signed_bytes, '=');
    buf_add_str(&work->signed_bytes, parts->message);
    if (str_present(parts->relay_state)) {
        buf_add_c(&work->signed_bytes, "&RelayState=");
        buf_add_str(&work->signed_bytes, parts->relay_state);
    }
    buf_add_c(&work->signed_bytes, "&SigAlg=");
    buf_add_str(&work->signed_bytes, parts->algorithm);
}

static char
to_case(char c, bool upper)
{
    if (upper && c >= 'a' && c <= 'f')
        return (char)(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'F')
        return (char)(c - 'A' + 'a');
    return c;
}

/* Copies with the hex digits of every escape in one case. */
static struct str
with_hex_case(struct arena *arena, struct str s, bool upper)
{
    char *copy = str_present(s) ? arena_alloc(arena, s.len + 1) : NULL;

    if (copy == NULL)
        return (struct str){ 0 };
    for (size_t i = 0; i < s.len; i++) {
        bool digit = (i >= 1 && s.ptr[i - 1] == '%') || (i >= 2 && s.ptr[i - 2] == '%');

        copy[i] = digit ? to_case(s.ptr[i], upper) : s.ptr[i];
    }
    return (struct str){ copy, s.len };
}

/* Copies with every occurrence of from replaced. */
static struct str
with_replaced(struct arena *arena, struct str s, const char *from, const char *to)
{
    struct buf out;
    struct str copy;
    size_t at;

    if (!str_present(s))
        return s;
    buf_init(&out, MAX_SIGNED);
    while ((at = str_find_c(s, from)) != SIZE_MAX) {
        buf_add_str(&out, str_slice(s, 0, at));
        buf_add_c(&out, to);
        s = str_from_offset(s, at + str_from(from).len);
    }
    buf_add_str(&out, s);
    copy = buf_failed(&out) ? (struct str){ 0 } : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return copy;
}

/* --- verifying ------------------------------------------------------------------------------------ */

/*
 * A request comes from the service provider: the keys of identity providers say nothing about it, so
 * only keys that belong to its Issuer count. Every other message is tried with all.
 */
static bool
key_may_sign(const struct query_work *work, const struct trusted_key *key)
{
    const struct saml_message *saml = work->message->saml;

    if (saml == NULL || saml->kind != MESSAGE_AUTHN_REQUEST)
        return true;
    return str_present(key->entity_id) && str_eq(key->entity_id, str_trim(saml->issuer.value.text));
}

/* The trusted key under which the octets verify, or -1. *fitting counts keys of the right type. */
static int
verify(struct query_work *work, const char *digest, size_t *fitting)
{
    *fitting = 0;
    if (buf_failed(&work->signed_bytes))
        return -1;
    for (size_t i = 0; i < work->keys->trusted_count && i < MAX_KEYS; i++) {
        const struct trusted_key *key = &work->keys->trusted[i];
        enum dsig_state state;

        if (!key_may_sign(work, key))
            continue;
        state = dsig_verify_value(work->method, digest, RSA_PSS_SALTLEN_DIGEST, key->key, buf_str(&work->signed_bytes),
                                  work->value);
        *fitting += state != DSIG_NOT_CHECKED;
        if (state == DSIG_OK)
            return (int)i;
    }
    return -1;
}

static bool
verifies(struct query_work *work, const struct query_parts *parts, const char *digest)
{
    size_t fitting;

    build(work, parts);
    return verify(work, digest, &fitting) >= 0;
}

static bool
verifies_in_hex_case(struct query_work *work, const struct query_parts *parts, bool upper)
{
    struct query_parts changed = { with_hex_case(work->arena, parts->message, upper),
                                   with_hex_case(work->arena, parts->relay_state, upper),
                                   with_hex_case(work->arena, parts->algorithm, upper) };

    return verifies(work, &changed, work->method->digest);
}

static bool
verifies_with_spaces(struct query_work *work, const struct query_parts *parts, const char *from, const char *to)
{
    struct query_parts changed = { with_replaced(work->arena, parts->message, from, to),
                                   with_replaced(work->arena, parts->relay_state, from, to), parts->algorithm };

    return verifies(work, &changed, work->method->digest);
}

static bool
verifies_decoded(struct query_work *work, const struct query_parts *parts)
{
    size_t bad_at;
    struct query_parts plain = { percent_decode(work->arena, parts->message, false, &bad_at),
                                 percent_decode(work->arena, parts->relay_state, false, &bad_at),
                                 percent_decode(work->arena, parts->algorithm, false, &bad_at) };
    struct query_parts only_message = *parts;

    if (verifies(work, &plain, work->method->digest))
        return true;
    only_message.message = plain.message;
    return verifies(work, &only_message, work->method->digest);
}

static bool
verifies_as_received(struct query_work *work)
{
    size_t fitting;

    if (!str_present(work->message->query_signature.raw_received))
        return false;
    buf_reset(&work->signed_bytes);
    buf_add_str(&work->signed_bytes, work->message->query_signature.raw_received);
    return verify(work, work->method->digest, &fitting) >= 0;
}

/* The variants in the order of saml-verification 2.3; the first that verifies is the cause. */
static enum query_cause
find_cause(struct query_work *work, const struct query_parts *parts)
{
    static const char *const hashes[] = { "SHA256", "SHA1", "SHA384", "SHA512" };
    struct query_parts changed = *parts;

    if (verifies_in_hex_case(work, parts, true) || verifies_in_hex_case(work, parts, false))
        return QUERY_CAUSE_HEX_CASE;
    if (verifies_with_spaces(work, parts, "+", "%20") || verifies_with_spaces(work, parts, "%20", "+"))
        return QUERY_CAUSE_SPACE_FORM;
    changed.relay_state = (struct str){ 0 };
    if (str_present(parts->relay_state) && verifies(work, &changed, work->method->digest))
        return QUERY_CAUSE_RELAY_STATE_ABSENT;
    changed.relay_state = STR("");
    if (parts->relay_state.len != 0 || !str_present(parts->relay_state)) {
        if (verifies(work, &changed, work->method->digest))
            return QUERY_CAUSE_RELAY_STATE_EMPTY;
    }
    if (verifies_as_received(work))
        return QUERY_CAUSE_ORDER;
    if (verifies_decoded(work, parts))
        return QUERY_CAUSE_NOT_ENCODED;
    for (size_t i = 0; work->method->digest != NULL && i < COUNT_OF(hashes); i++)
        if (verifies(work, parts, hashes[i]))
            return QUERY_CAUSE_HASH_LABEL;
    return QUERY_CAUSE_NONE;
}

static struct query_parts
parts_of(const struct message *message)
{
    const struct query_signature *signature = &message->query_signature;

    /* SimpleSign signs the decoded XML and the plain values (SimpleSign 2.5). */
    if (message->binding == BINDING_SIMPLE_SIGN)
        return (struct query_parts){ message->xml, message->relay_state, signature->algorithm };
    return (struct query_parts){ signature->raw_message, signature->raw_relay_state, signature->raw_algorithm };
}

void
dsig_query_verify(struct arena *arena, const struct saml_options *options, struct message *message)
{
    struct query_signature *facts = &message->query_signature;
    struct query_work work = { .arena = arena, .keys = options != NULL ? options->keys : NULL, .message = message };
    struct query_parts parts = parts_of(message);
    size_t fitting;

    facts->trusted_key = -1;
    if (!facts->present || work.keys == NULL || work.keys->trusted_count == 0)
        return;
    facts->state = DSIG_BAD;
    facts->cause = QUERY_CAUSE_ALGORITHM;
    work.method = dsig_method_find(facts->algorithm);
    if (work.method == NULL || dsig_method_is_refused(facts->algorithm))
        return;
    facts->cause = QUERY_CAUSE_VALUE;
    if (!xml_base64_decode(arena, facts->signature, &work.value) || work.value.len == 0)
        return;
    facts->cause = QUERY_CAUSE_NONE;
    buf_init(&work.signed_bytes, MAX_SIGNED);
    build(&work, &parts);
    facts->trusted_key = verify(&work, work.method->digest, &fitting);
    if (options->keep_canonical)
        facts->evidence =
            dsig_evidence_new(arena, work.method, work.method->digest, buf_str(&work.signed_bytes), work.value,
                              work.keys->trusted[facts->trusted_key >= 0 ? facts->trusted_key : 0].key);
    if (facts->trusted_key >= 0) {
        facts->state = DSIG_OK;
        facts->key = &work.keys->trusted[facts->trusted_key].facts;
    } else if (fitting == 0) {
        facts->state = DSIG_NOT_CHECKED;
    } else if (options->explain) {
        facts->cause = find_cause(&work, &parts);
    }
    buf_release(&work.signed_bytes);
}
