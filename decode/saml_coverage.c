/* SPDX-License-Identifier: MIT */
#include "saml_types.h"

static const char *const coverage_names[] = {
    [COVERAGE_UNSIGNED] = "unsigned",
    [COVERAGE_BROKEN] = "broken",
    [COVERAGE_SELF] = "self",
    [COVERAGE_SIGNED] = "signed",
};

const char *
coverage_name(enum coverage coverage)
{
    return coverage <= COVERAGE_SIGNED ? coverage_names[coverage] : "unknown";
}

/* The best that a signature of this very document says about the place. */
static enum coverage
coverage_in_document(const struct saml_message *message, struct where where)
{
    enum coverage best = COVERAGE_UNSIGNED;

    for (size_t i = 0; i < message->signature_count; i++) {
        const struct dsig_signature *signature = &message->signatures[i];
        enum coverage here = COVERAGE_BROKEN;

        if (signature->document != where.document || where.element < signature->first_element ||
            where.element > signature->last_element)
            continue;
        if (where.element >= signature->where.element && where.element <= signature->signature_last)
            continue;
        if (signature->valid)
            here = signature->trusted ? COVERAGE_SIGNED : COVERAGE_SELF;
        if (here > best)
            best = here;
    }
    return best;
}

/* The Encrypted… element whose plaintext is document n, or NULL. */
static const struct saml_encrypted *
encrypted_of(const struct saml_message *message, uint32_t document)
{
    for (size_t i = 0; i < message->encrypted_count; i++)
        if (message->encrypted[i].document == document)
            return &message->encrypted[i];
    return NULL;
}

enum coverage
saml_coverage(const struct saml_message *message, struct where where)
{
    enum coverage best = COVERAGE_UNSIGNED;

    if (where.element == 0)
        return best;
    /* A plaintext inherits from the ciphertext: who signed the one signed the other. */
    for (;;) {
        const struct saml_encrypted *encrypted;
        enum coverage here = coverage_in_document(message, where);

        if (here > best)
            best = here;
        encrypted = where.document > 0 ? encrypted_of(message, where.document) : NULL;
        if (encrypted == NULL || encrypted->where.document >= where.document)
            return best;
        where = encrypted->where;
    }
}

bool
saml_is_read(const struct saml_message *message, const struct saml_assertion *assertion)
{
    if (!assertion->direct)
        return false;
    return message->attack == NULL || assertion == message->assertions;
}
