/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * The identity provider and the service providers built into samltap, on names that are reserved for tests.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_IDP, VENDOR_IS, VENDOR_HOST, "^idp\\.samltap\\.test$", "idp.samltap.test" },
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "^([a-z0-9-]+\\.)?(aws|idc|generic|app)\\.samltap\\.test$", "samltap.test" },
    { .pattern = NULL },
};

VENDOR(vendor_samltap_lab) = {
    .name = "samltap-lab",
    .title = "samltap lab",
    .signs = signs,
    .console = "samltap lab: see `samltap lab --help` for faults",
};
