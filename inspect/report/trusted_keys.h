/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TRUSTED_KEYS_H
#define SAMLTAP_TRUSTED_KEYS_H

#include "report.h"

/* True when the i-th trusted key may sign for the identity provider of the report: it is of that entity, or of any. */
bool trusted_key_applies(const struct report *report, size_t i);

/*
 * How many signatures in the report the i-th trusted key made, in the XML of messages or beside it. What was changed
 * after signing counts, too: the key made it all the same.
 */
size_t trusted_key_uses(const struct report *report, size_t i);

#endif
