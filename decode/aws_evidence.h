/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_AWS_EVIDENCE_H
#define SAMLTAP_AWS_EVIDENCE_H

#include "arena.h"
#include "str.h"

/*
 * What an administrator can read out of AWS, as facts: the untouched JSON that the AWS CLI prints
 * (newest form of June 2026, older ones too), and CloudTrail events. Nothing here judges. Files are
 * hostile input like any other.
 */

enum aws_evidence_kind {
    AWS_EVIDENCE_USERS,         /* aws identitystore list-users */
    AWS_EVIDENCE_GROUPS,        /* aws identitystore list-groups */
    AWS_EVIDENCE_MEMBERSHIPS,   /* aws identitystore list-group-memberships, …-for-member */
    AWS_EVIDENCE_ASSIGNMENTS,   /* aws sso-admin list-account-assignments, …-for-principal */
    AWS_EVIDENCE_PROVISIONING,  /* aws sso-admin … permission set provisioning or assignment status */
    AWS_EVIDENCE_ROLE,          /* aws iam get-role */
    AWS_EVIDENCE_ROLE_LIST,     /* aws iam list-roles */
    AWS_EVIDENCE_PROVIDER,      /* aws iam get-saml-provider */
    AWS_EVIDENCE_PROVIDER_LIST, /* aws iam list-saml-providers */
    AWS_EVIDENCE_TRAIL,         /* CloudTrail: a log file, lookup-events, single events */
    AWS_EVIDENCE_INSTANCES,     /* aws sso-admin list-instances */
    AWS_EVIDENCE_ORGANIZATION,  /* aws organizations describe-organization */
    AWS_EVIDENCE_REGIONS,       /* aws account list-regions, aws ec2 describe-regions */
    AWS_EVIDENCE_ABAC,          /* aws sso-admin describe-instance-access-control-attribute-configuration */
    AWS_EVIDENCE_IDP_LOG,       /* Okta System Log, provisioning and sign-in logs of Entra (Microsoft Graph) */
    AWS_EVIDENCE_KIND_COUNT,
};

enum idc_user_state { IDC_USER_STATE_UNKNOWN, IDC_USER_ENABLED, IDC_USER_DISABLED };

struct idc_user {
    struct str user_id;
    struct str user_name;
    struct str display_name;
    struct str store_id; /* "d-1234567890"; absent when not said */
    struct str *emails;
    size_t email_count;
    struct str external_id; /* the first; absent when none */
    enum idc_user_state state;
};

struct idc_group {
    struct str group_id;
    struct str name;
    struct str store_id;
};

struct idc_membership {
    struct str group_id;
    struct str user_id;
    struct str store_id;
};

struct idc_assignment {
    struct str account;
    struct str permission_set; /* ARN */
    bool to_group;             /* else to a user */
    struct str principal_id;
};

struct idc_provisioning {
    struct str status; /* IN_PROGRESS, FAILED, SUCCEEDED */
    struct str account;
    struct str permission_set;
    struct str principal_id; /* of an assignment; absent when it is about a permission set */
    struct str reason;
};

struct trust_condition {
    struct str operation; /* "StringEquals", "ForAnyValue:StringLike" */
    struct str key;       /* "SAML:aud" */
    struct str *values;
    size_t value_count;
};

struct trust_statement {
    bool deny;
    bool negated;       /* NotPrincipal or NotAction: not understood here */
    bool any_principal; /* "*" */
    struct str *federated;
    size_t federated_count;
    struct str *actions;
    size_t action_count;
    struct trust_condition *conditions;
    size_t condition_count;
};

struct iam_role {
    struct str arn;
    int64_t max_session_s; /* 0: not said */
    bool has_policy;       /* false: no trust policy in the file, or one that cannot be read */
    struct trust_statement *statements;
    size_t statement_count;
    struct str source;
};

struct trail_event {
    bool has_time;
    int64_t time_ms;
    struct str time; /* as written */
    struct str name; /* "AssumeRoleWithSAML", "ExternalIdPDirectoryLogin", "UserAuthentication" */
    struct str source;
    struct str region;
    struct str event_id;
    struct str request_id;
    struct str error_code;
    struct str error_message;
    struct str outcome; /* of sign-in events: "Success", "Failure"; absent when not said */
    struct str user;    /* user name, principal or subject; absent when not said */
    struct str session_name;
    struct str credential_type;
    struct str assertion_id;
    struct str role_arn;
    struct str provider_arn;
    struct str issuer;
};

struct idc_instance {
    struct str arn;
    struct str store_id;
    struct str owner; /* account */
};

enum region_state { REGION_STATE_UNKNOWN, REGION_BY_DEFAULT, REGION_OPTED_IN, REGION_OFF };

struct aws_region {
    struct str name;
    enum region_state state;
};

enum idp_log_kind { IDP_LOG_SIGN_IN, IDP_LOG_PROVISIONING };
enum idp_log_result { IDP_LOG_UNKNOWN, IDP_LOG_SUCCESS, IDP_LOG_FAILURE, IDP_LOG_SKIPPED };

/* What the identity provider noted about one sign-in to an application, or one object that it provisioned. */
struct idp_log_entry {
    enum idp_log_kind kind;
    enum idp_log_result result;
    const char *vendor; /* "okta", "entra" */
    bool has_time;
    int64_t time_ms;
    struct str time;        /* as written */
    struct str user;        /* as the identity provider calls the user or group; absent when not said */
    struct str sent_name;   /* userName that was provisioned; absent when not said */
    struct str application; /* absent when not said */
    struct str reason;      /* of a failure, untrusted */
};

/* All files together. Everything lives in the arena they were read into. */
struct aws_evidence {
    unsigned given;   /* set of 1 << enum aws_evidence_kind: at least one file of that kind was read */
    unsigned goes_on; /* the same: at least one list ends with a NextToken, Marker or IsTruncated */
    struct idc_user *users;
    size_t user_count, user_capacity;
    struct idc_group *groups;
    size_t group_count, group_capacity;
    struct idc_membership *memberships;
    size_t membership_count, membership_capacity;
    struct idc_assignment *assignments;
    size_t assignment_count, assignment_capacity;
    struct idc_provisioning *provisionings;
    size_t provisioning_count, provisioning_capacity;
    struct iam_role *roles;
    size_t role_count, role_capacity;
    struct str *providers; /* ARNs of list-saml-providers */
    size_t provider_count, provider_capacity;
    struct str *provider_metadata; /* SAMLMetadataDocument of get-saml-provider */
    size_t provider_metadata_count, provider_metadata_capacity;
    struct trail_event *events;
    size_t event_count, event_capacity;
    struct idc_instance *instances;
    size_t instance_count, instance_capacity;
    struct str management_account; /* of the organization; absent when not given */
    struct aws_region *regions;
    size_t region_count, region_capacity;
    struct str *abac_keys; /* attributes for access control that are set in Identity Center itself */
    size_t abac_key_count;
    struct idp_log_entry *log;
    size_t log_count, log_capacity;
};

enum { AWS_EVIDENCE_MAX_ROWS = 500000, AWS_EVIDENCE_ANY = (1 << AWS_EVIDENCE_KIND_COUNT) - 1 };

/*
 * Reads one file and adds what it holds. wanted is the set of kinds that are welcome (bits 1 << kind).
 * source names the file. Returns false with one line in *why (in the arena or static: what it looks
 * like, what is accepted); the evidence may then hold a part of the file and is not to be used.
 */
bool aws_evidence_read(struct arena *arena, struct str bytes, struct str source, unsigned wanted,
                       struct aws_evidence *evidence, struct str *why) CHECK_RESULT;

/* The command whose output that kind is: "aws identitystore list-users". */
const char *aws_evidence_command(enum aws_evidence_kind kind);

bool aws_evidence_has(const struct aws_evidence *evidence, enum aws_evidence_kind kind); /* NULL is fine */
bool aws_evidence_goes_on(const struct aws_evidence *evidence, enum aws_evidence_kind kind);

#endif
