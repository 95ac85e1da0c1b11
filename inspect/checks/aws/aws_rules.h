/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_AWS_RULES_H
#define SAMLTAP_AWS_RULES_H

#include "saml_types.h"
#include "str.h"

/*
 * What AWS accepts, as constants and matchers: sign-in URLs, partitions, ARNs, attribute names and
 * their value rules. State of the public documentation: June 2026. Standing is said where it is
 * not AWS's own documentation. Nothing here judges; all functions are pure and borrow.
 */

enum aws_partition {
    AWS_PARTITION_NONE, /* not known */
    AWS_PARTITION_AWS,
    AWS_PARTITION_US_GOV,
    AWS_PARTITION_CN,
    AWS_PARTITION_ISO,   /* observed only */
    AWS_PARTITION_ISO_B, /* observed only */
    AWS_PARTITION_COUNT,
};

const char *aws_partition_name(enum aws_partition partition);     /* "aws-us-gov"; "unknown" */
const char *aws_partition_audience(enum aws_partition partition); /* entity ID of its IAM sign-in, "" unknown */
const char *aws_partition_acs(enum aws_partition partition);      /* its global IAM sign-in URL, "" unknown */

enum aws_url_kind {
    AWS_URL_NONE,             /* no AWS sign-in host */
    AWS_URL_IAM_ACS,          /* …/saml */
    AWS_URL_IAM_PROVIDER_ACS, /* …/saml/acs/<provider id>, for encrypted assertions */
    AWS_URL_IAM_OLD_ACS,      /* …/static/saml, in documentation until 2023 */
    AWS_URL_IDC_ACS,          /* …/platform/saml/acs/<tenant> */
    AWS_URL_IDC_ENTITY,       /* …/platform/saml/d-<instance>, the entity ID of an Identity Center instance */
    AWS_URL_OTHER,            /* an AWS sign-in host, another path */
};

/* Which of the host names of a sign-in endpoint is used. */
enum aws_host_form {
    AWS_HOST_CLASSIC,    /* REGION.signin.aws.amazon.com */
    AWS_HOST_SIGNIN_AWS, /* REGION.signin.aws */
    AWS_HOST_DUAL_STACK, /* REGION.sso.signin.aws */
};

struct aws_url {
    enum aws_url_kind kind;
    enum aws_partition partition;
    enum aws_host_form form;
    struct str region; /* absent: the global endpoint */
    struct str id;     /* tenant, provider or instance id; absent when the kind has none */
    bool exact;        /* https, default port, no query, no fragment, no trailing slash, path in the right case */
};

/* Reads a URL. Kind is AWS_URL_NONE (and the rest zero) when the host is no sign-in host of AWS. */
struct aws_url aws_url_read(struct str text);

bool aws_url_is_iam(const struct aws_url *url); /* any of the three IAM sign-in endpoints */
bool aws_url_is_idc(const struct aws_url *url); /* endpoint or entity ID of Identity Center */

/* Which product an audience value belongs to. */
enum aws_product { AWS_PRODUCT_NONE, AWS_PRODUCT_IAM, AWS_PRODUCT_IDC };

/*
 * An audience value: the URN of IAM sign-in, an IAM sign-in URL, or the entity ID of an Identity
 * Center instance. exact is false for near values (other case, trailing slash). fragment is the
 * "#n" that was left out of the comparison, absent when there was none.
 */
struct aws_audience {
    enum aws_product product;
    enum aws_partition partition;
    bool exact;
    struct str fragment;
    struct aws_url url; /* when it is a URL */
};
struct aws_audience aws_audience_read(struct str text);

enum aws_arn_kind { AWS_ARN_NONE, AWS_ARN_ROLE, AWS_ARN_PROVIDER };

struct aws_arn {
    enum aws_arn_kind kind; /* as far as it could be told, also when problem is set */
    enum aws_partition partition;
    struct str account;
    struct str path; /* of a role, without the slashes around; may be absent */
    struct str name;
    const char *problem; /* NULL: well-formed; else what is wrong, one clause */
};

/* Reads the ARN of an IAM role or SAML provider. Regexes inferred from the STS and IAM limits. */
struct aws_arn aws_arn_read(struct str text);

/* A value of the Role attribute cut at the comma between its ARNs. */
struct aws_role_pair {
    size_t arn_count; /* how many ARNs the value holds; first and second are set when it is 2 */
    struct str first;
    struct str second;
    bool has_space; /* white space at the ends or around the comma */
};
struct aws_role_pair aws_role_pair_read(struct str value);

/* True for a role or provider that Identity Center generated for itself (names observed). */
bool aws_arn_is_reserved(const struct aws_arn *arn);

/* --- attribute names ------------------------------------------------------------------------------- */

#define AWS_ATTRIBUTES "https://aws.amazon.com/SAML/Attributes/"
/* AWS's China pages print this host; public set-ups there use the other one. */
#define AWS_ATTRIBUTES_CHINA "https://www.amazonaws.cn/SAML/Attributes/"
#define AWS_ATTRIBUTE_ROLE AWS_ATTRIBUTES "Role"
#define AWS_ATTRIBUTE_SESSION_NAME AWS_ATTRIBUTES "RoleSessionName"
#define AWS_ATTRIBUTE_SESSION_DURATION AWS_ATTRIBUTES "SessionDuration"
#define AWS_ATTRIBUTE_SOURCE_IDENTITY AWS_ATTRIBUTES "SourceIdentity"
#define AWS_ATTRIBUTE_TRANSITIVE_KEYS AWS_ATTRIBUTES "TransitiveTagKeys"
#define AWS_ATTRIBUTE_PRINCIPAL_TAG AWS_ATTRIBUTES "PrincipalTag:"
#define AWS_ATTRIBUTE_ACCESS_CONTROL AWS_ATTRIBUTES "AccessControl:"

/* First attribute with exactly that name (names compare byte for byte), or NULL. */
const struct saml_attribute *aws_attribute_find(const struct saml_assertion *assertion, const char *name);

/* The same under AWS's China base: short is the part after the base, "Role". */
const struct saml_attribute *aws_attribute_find_china(const struct saml_assertion *assertion, const char *short_name);

/*
 * The attribute that was probably meant to be AWS's short_name but has another name: other case,
 * slash, scheme, white space, missing base, or the right name in FriendlyName only. NULL: none.
 */
const struct saml_attribute *aws_attribute_near(const struct saml_assertion *assertion, const char *short_name);

/* Key of a tag attribute ("CostCenter" of …PrincipalTag:CostCenter); absent when it has another name. */
struct str aws_attribute_tag_key(const struct saml_attribute *attribute, const char *prefix);

/* --- value rules ----------------------------------------------------------------------------------- */

enum {
    AWS_SESSION_NAME_MIN = 2,
    AWS_SESSION_NAME_MAX = 64,
    AWS_SESSION_SECONDS_MIN = 900,
    AWS_SESSION_SECONDS_MAX = 43200,
    AWS_SESSION_SECONDS_DEFAULT = 3600,
    AWS_PORTAL_SECONDS_DEFAULT = 8 * 3600,
    AWS_TAGS_MAX = 50,
    AWS_TAG_KEY_MAX = 128,
    AWS_TAG_VALUE_MAX = 256,
    AWS_ABAC_ATTRIBUTES_MAX = 50,
    AWS_STS_REDEEM_SECONDS = 300, /* observed, not documented */
    AWS_STS_RESPONSE_MAX = 100000,
    AWS_IDC_RESPONSE_MAX = 50000,
    AWS_IDC_METADATA_MAX = 75000,
    AWS_IDC_CERTIFICATE_MAX = 2500,
};

/*
 * RoleSessionName and SourceIdentity: [a-zA-Z_0-9+=,.@-]{2,64}. Returns NULL when it matches, else
 * what is wrong in one clause; *offender is then the first character (UTF-8) that is not allowed,
 * absent when only the length is wrong.
 */
const char *aws_session_name_problem(struct str value, struct str *offender);

/* First character of a tag key or value outside letters, digits, space and _.:/=+-@; absent: none. */
struct str aws_tag_offender(struct str text);

/* Number of characters (not bytes) of UTF-8 text; invalid bytes count one each. */
size_t aws_characters(struct str text);

/* addr-spec of RFC 2822 without comments, quoted parts and domain literals. */
bool aws_is_address(struct str text);

/* The AWS context key that a well-known attribute name maps to in trust policies, NULL when none. */
const char *aws_context_key(struct str attribute_name);

/* True when IAM's documentation lists the NameID format. */
bool aws_iam_lists_name_id_format(struct str format);

#define AWS_FORMAT_EMAIL "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
#define AWS_FORMAT_UNSPECIFIED "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
#define AWS_FORMAT_PERSISTENT "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define AWS_FORMAT_TRANSIENT "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

#endif
