/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_RECORD_H
#define SAMLTAP_RECORD_H

#include "exchange.h"

/*
 * What of an exchange may be kept on disk (saml-verification 10.3 item 1): federation messages and
 * what the service provider answered stay; of cookies, authorisation headers and other form fields
 * (passwords!) only names and lengths do; other bodies go, their size stays. The copy borrows from
 * the original and from the arena. Returns false when memory is out.
 */
bool record_reduce(struct arena *arena, const struct exchange *exchange, struct exchange *reduced) CHECK_RESULT;

#endif
