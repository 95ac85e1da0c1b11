/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_ISSUE_H
#define SAMLTAP_LAB_ISSUE_H

#include "order.h"
#include "sign.h"

/* The identity provider's keys: ours is in its metadata, other is not. Both owned by the caller. */
struct lab_keys {
    struct lab_key *ours;
    struct lab_key *other;
};

/* Makes both keys. Returns false when OpenSSL cannot. */
bool lab_keys_init(struct lab_keys *keys, int64_t now_s);
void lab_keys_release(struct lab_keys *keys);

/*
 * Makes the Response that the order asks for: text that is canonical by construction, signed. Gives
 * the absent str when memory or an algorithm is not there.
 */
struct str lab_issue(struct arena *arena, const struct lab_order *order, const struct lab_keys *keys);

#endif
