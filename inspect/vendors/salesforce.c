/* SPDX-License-Identifier: MIT */
#include "vendor.h"

/*
 * Salesforce, under its own name or that of an organisation.
 */
static const struct vendor_sign signs[] = {
    { VENDOR_SP, VENDOR_IS, VENDOR_HOST, "(^|\\.)(salesforce|force)\\.com$", NULL },
    { .pattern = NULL },
};

VENDOR(vendor_salesforce) = {
    .name = "salesforce",
    .title = "Salesforce",
    .signs = signs,
};
