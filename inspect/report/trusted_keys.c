/* SPDX-License-Identifier: MIT */
#include "trusted_keys.h"

bool
trusted_key_applies(const struct report *report, size_t i)
{
    struct str entity = key_set_trusted_entity(report->context.settings->keys, i);
    struct str expected = report->context.idp_entity_id.text;

    return !str_present(entity) || !str_present(expected) || str_eq(entity, expected);
}

size_t
trusted_key_uses(const struct report *report, size_t i)
{
    size_t uses = 0;

    for (size_t n = 0; n < report->messages.count; n++) {
        const struct message *message = &report->messages.items[n];

        uses += message->query_signature.present && message->query_signature.trusted_key == (int)i;
        for (size_t k = 0; message->saml != NULL && k < message->saml->signature_count; k++)
            uses += message->saml->signatures[k].trusted_key == (int)i;
    }
    return uses;
}
