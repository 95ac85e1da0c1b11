/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_AWS_CHECK_H
#define SAMLTAP_AWS_CHECK_H

#include "aws_rules.h"
#include "check.h"
#include "signin.h"

/* What the checks of this folder share. */

#define AWS_GUIDE_ASSERTIONS                                                                                           \
    "AWS IAM User Guide, \"Configure SAML assertions for the authentication response\" (read 2023-05 and 2026)"
#define AWS_GUIDE_TROUBLESHOOT "AWS IAM User Guide, \"Troubleshoot SAML federation with IAM\" (read 2023-05 and 2026)"
#define AWS_GUIDE_TAGS                                                                                                 \
    "AWS IAM User Guide, \"Passing session tags in AWS STS\", \"Tagging IAM resources\" (read 2023-05)"
#define AWS_STS_MODEL "AWS STS API model, AssumeRoleWithSAML (2011-06-15)"
#define IDC_GUIDE_TROUBLESHOOT                                                                                         \
    "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)"
#define IDC_GUIDE_EXTERNAL_IDP                                                                                         \
    "IAM Identity Center User Guide, \"Using SAML and SCIM identity federation with external identity providers\" "    \
    "(read 2026)"
#define IDC_GUIDE_REGIONS                                                                                              \
    "IAM Identity Center User Guide, \"Workforce access through an additional Region\" (read 2026)"
#define IDC_GUIDE_ABAC "IAM Identity Center User Guide, \"Attributes for access control\" (read 2026)"

#define FIX(vendor_name, fix_text)                                                                                     \
    {                                                                                                                  \
        .vendor = (vendor_name), .text = (fix_text)                                                                    \
    }

/* The first 120 bytes of an untrusted value, for a sentence. The whole value goes into received. */
struct str aws_clip(struct str text);

/* The URL the browser sends the message to; absent for a bare message. */
struct str aws_posted_url(const struct check_run *run);

/*
 * The sign-in endpoint in question: the URL posted to, else the ACS URL that is expected, else the
 * Destination, else the first Recipient. *text and *source (may be NULL) say which it was; *text is
 * absent when there is none.
 */
struct aws_url aws_target(const struct check_run *run, struct str *text, const char **source);

/* Partition of that endpoint; AWS_PARTITION_AWS when it is not known. */
enum aws_partition aws_target_partition(const struct check_run *run);

/* What a Role value is when a mapping at the identity provider failed. */
enum aws_literal {
    AWS_LITERAL_NONE,
    AWS_LITERAL_OKTA, /* an unresolved expression */
    AWS_LITERAL_ADFS, /* a raw group name or replacement mark */
    AWS_LITERAL_GUID, /* a directory object id */
};
enum aws_literal aws_role_literal(struct str value);

/* First value of an attribute, or NULL. */
const struct saml_attribute_value *aws_first_value(const struct saml_attribute *attribute);

/* True when the assertion has an attribute of that name that has a value which is not blank. */
bool aws_has_value(const struct saml_attribute *attribute);

/*
 * How many attributes the checks that compare each with each look at: a hostile message may hold
 * tens of thousands.
 */
size_t aws_compared_attributes(const struct saml_assertion *assertion);

/* True when identity providers use this name (or FriendlyName) for the groups of the user. */
bool aws_is_group_attribute(const struct saml_attribute *attribute);

/* True when the identity provider was recognised as that vendor ("okta", "entra", "adfs" …). */
bool aws_is_vendor(const struct check_run *run, const char *name);

/* True when this check has a finding already. */
bool aws_is_found(const struct check_run *run, const struct check *check);

/* True when an error was found that explains a refusal: more than a guess, less than a symptom. */
bool aws_cause_found(const struct check_run *run);

/* True when the service provider's sentence holds text (ASCII case ignored). */
bool aws_said(const struct check_run *run, const char *text);

/* True when some attribute's name begins with AWS's AccessControl: prefix. */
bool aws_uses_access_control(const struct saml_assertion *assertion);

#endif
