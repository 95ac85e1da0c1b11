/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_PROFILE_H
#define SAMLTAP_PROFILE_H

#include "str.h"

/* Service providers whose rules apply. A check runs when its set holds the profile in force. */
enum check_profile {
    PROFILE_GENERIC = 1 << 0,
    PROFILE_AWS_IAM = 1 << 1,
    PROFILE_AWS_IDENTITY_CENTER = 1 << 2,
    PROFILE_ANY = PROFILE_GENERIC | PROFILE_AWS_IAM | PROFILE_AWS_IDENTITY_CENTER,
    PROFILE_AWS = PROFILE_AWS_IAM | PROFILE_AWS_IDENTITY_CENTER,
};

/*
 * Which family of service providers a URL or a name belongs to (aws-rules 1 and 2): one of enum
 * check_profile, or 0 when it belongs to none that we know. The practice hosts aws.samltap.test and
 * idc.samltap.test count like the real ones.
 */
unsigned profile_of_url(struct str url);

/* The same for an SP entity ID or audience: "urn:amazon:webservices", "https://…/platform/saml/d-…". */
unsigned profile_of_entity(struct str entity_id);

/* "aws-iam", "aws-identity-center", "generic"; 0 for anything else. */
unsigned profile_by_name(struct str name);

const char *profile_name(unsigned profile);  /* "aws-iam" */
const char *profile_title(unsigned profile); /* "AWS IAM"; NULL for generic */

/* The entity ID that a built-in profile expects at that ACS URL; absent when the profile has none. */
struct str profile_entity_id(unsigned profile, struct str acs_url);

#endif
