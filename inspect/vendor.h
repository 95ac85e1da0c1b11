/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_VENDOR_H
#define SAMLTAP_VENDOR_H

#include <stddef.h>

#include "str.h"

/*
 * Data only: how to recognise an identity provider. One file in inspect/vendors/ a vendor; the
 * build collects every VENDOR at line start.
 */
struct vendor {
    const char *name;                   /* "okta": key of check_fix.vendor */
    const char *title;                  /* "Okta" */
    const char *const *issuer_patterns; /* POSIX extended regexes on the entityID, NULL-terminated */
    const char *const *host_patterns;   /* on the host of the IdP's pages */
    const char *console;                /* where its SAML settings are, one line */
};

#define VENDOR(vendor_name) const struct vendor vendor_name

/* By issuer; *how gets a static sentence. NULL when unknown. */
const struct vendor *vendor_by_issuer(struct str entity_id, const char **how);
/* By the host of an identity provider's page. */
const struct vendor *vendor_by_host(struct str host, const char **how);
size_t vendor_count(void);
const struct vendor *vendor_at(size_t i);

#endif
