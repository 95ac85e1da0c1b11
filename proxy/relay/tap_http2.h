/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TAP_HTTP2_H
#define SAMLTAP_TAP_HTTP2_H

#include "tap_exchange.h"

/* The tap of a connection that speaks HTTP/2: tap_bytes() and tap_eof() for tap->http2. Private to the tap. */
void tap_http2_bytes(struct tap *tap, enum tap_side side, struct str bytes);
void tap_http2_eof(struct tap *tap, enum tap_side side);

#endif
