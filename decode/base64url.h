/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_BASE64URL_H
#define SAMLTAP_BASE64URL_H

#include "arena.h"

/*
 * base64url without padding, strictly (RFC 7515 2): no "=", no white space, no foreign byte, unused
 * bits zero. *bytes lives in the arena and is present also when empty. Returns false when text is none
 * or the arena refuses.
 */
bool base64url_decode(struct arena *arena, struct str text, struct str *bytes) CHECK_RESULT;

/* Encodes; absent when the arena refuses. */
struct str base64url_encode(struct arena *arena, struct str bytes);

#endif
