/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_H
#define SAMLTAP_HAR_H

#include <jansson.h>

#include "exchange.h"

/*
 * Reads one element of log.entries of an HTTP Archive 1.2 (Chrome, Firefox, Safari, mitmproxy, Fiddler, Charles;
 * sanitised ones) into *exchange, which lives in the arena; what the caller has set before (number) stays
 * unless the entry says otherwise. Bodies of responses are stored without content coding, so Content-Encoding
 * is left out of the headers beside them; a Location that was taken out comes back from redirectURL; HTTP/2's ":authority"
 * becomes Host and other pseudo headers go. Returns false when the arena refuses, or with *why (static) when the
 * entry holds no request.
 */
bool har_read_entry(struct arena *arena, const json_t *entry, struct exchange *exchange, const char **why) CHECK_RESULT;

#endif
