/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_PACK_H
#define SAMLTAP_LAB_PACK_H

#include "buf.h"
#include "order.h"

/* From message text to what a form field or a query parameter carries. All may give the absent str: no memory. */

/* The value of the form field, or of the query parameter before percent-encoding. */
struct str lab_pack(struct arena *arena, enum lab_packing packing, struct str xml);

/* Raw DEFLATE, then base64 (Bind 3.4.4.1). */
struct str lab_deflate_base64(struct arena *arena, struct str bytes);

struct str lab_base64(struct arena *arena, struct str bytes);

/* Appends value percent-encoded: all but unreserved characters (RFC 3986 2.3). */
void lab_add_percent(struct buf *out, struct str value);

#endif
