/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * The identity provider built into samltap, on names that are reserved for tests.
 */
static const char *const issuer_patterns[] = {
    "^https://idp\\.samltap\\.test(/|$)",
    NULL,
};

static const char *const host_patterns[] = {
    "^idp\\.samltap\\.test$",
    NULL,
};

VENDOR(vendor_samltap_lab) = {
    .name = "samltap-lab",
    .title = "samltap lab",
    .issuer_patterns = issuer_patterns,
    .host_patterns = host_patterns,
    .console = "samltap lab: see `samltap lab --help` for faults",
};
