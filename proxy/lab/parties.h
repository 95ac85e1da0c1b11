/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_PARTIES_H
#define SAMLTAP_LAB_PARTIES_H

#include "arena.h"

/*
 * Who is who in the lab: the names that metadata, messages and pages agree on. All hosts are below
 * samltap.test, which is reserved (RFC 6761) and leads nowhere.
 */
#define LAB_IDP_HOST "idp.samltap.test"
#define LAB_IAM_HOST "aws.samltap.test"
#define LAB_IDC_HOST "idc.samltap.test"

#define LAB_IDP_ENTITY "https://" LAB_IDP_HOST "/metadata"
#define LAB_IDP_SSO "https://" LAB_IDP_HOST "/sso"

/* The entity ID is the one of the real IAM federation: messages must look like real ones. */
#define LAB_IAM_ENTITY "urn:amazon:webservices"
#define LAB_IAM_ACS "https://" LAB_IAM_HOST "/saml"

#define LAB_IDC_ENTITY "https://" LAB_IDC_HOST "/platform/saml/d-0123456789"
#define LAB_IDC_ACS_PATH "/platform/saml/acs/3f2a9c51-8b64-4e0d-9d17-6a5be0c4f7d2"
#define LAB_IDC_ACS "https://" LAB_IDC_HOST LAB_IDC_ACS_PATH

#define LAB_ACCOUNT "111122223333"
#define LAB_SAML_PROVIDER "arn:aws:iam::" LAB_ACCOUNT ":saml-provider/samltap-lab"
#define LAB_ROLE_ADMIN "arn:aws:iam::" LAB_ACCOUNT ":role/LabAdmin"
#define LAB_ROLE_READER "arn:aws:iam::" LAB_ACCOUNT ":role/LabReadOnly"

#define LAB_ATTRIBUTES "https://aws.amazon.com/SAML/Attributes/"
#define LAB_ATTRIBUTE_ROLE LAB_ATTRIBUTES "Role"
#define LAB_ATTRIBUTE_SESSION_NAME LAB_ATTRIBUTES "RoleSessionName"
#define LAB_ATTRIBUTE_DURATION LAB_ATTRIBUTES "SessionDuration"

#define LAB_FORMAT_EMAIL "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
#define LAB_FORMAT_PERSISTENT "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define LAB_BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"

/* Users that both sides know. */
#define LAB_USER "jdoe@example.com"          /* one role; two accounts */
#define LAB_USER_TWO_ROLES "ops@example.com" /* two roles; one account */
#define LAB_USER_NO_ACCOUNTS "nobody@example.com"

enum lab_target { LAB_IAM, LAB_IDC };

/* SAML metadata of the identity provider; certificate is DER in base64. */
struct str lab_idp_metadata(struct arena *arena, struct str certificate);

/* SAML metadata of a service provider. */
struct str lab_sp_metadata(struct arena *arena, enum lab_target target);

/* An AuthnRequest of the Identity-Center-like service provider; id is its ID. */
struct str lab_authn_request(struct arena *arena, struct str id, int64_t now_ms);

#endif
