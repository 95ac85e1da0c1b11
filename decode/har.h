/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_HAR_H
#define SAMLTAP_HAR_H

#include "exchange.h"

enum capture_result {
    CAPTURE_OK,
    CAPTURE_OTHER,  /* well-formed JSON, but not this format */
    CAPTURE_BROKEN, /* not JSON, or this format with a part that cannot be read: see problem */
    CAPTURE_NO_MEMORY,
};

/*
 * Reads an HTTP Archive 1.2 (Chrome, Firefox, Safari, mitmproxy, Fiddler; sanitised ones) into
 * exchanges in the arena. Bodies of responses are stored without content coding, so Content-Encoding
 * is left out of their headers; a Location that was taken out comes back from redirectURL. *problem:
 * one line, absent when nothing is wrong; with CAPTURE_OK it says what was left out.
 */
enum capture_result har_read(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count,
                             struct str *problem);

#endif
