/* SPDX-License-Identifier: MIT */
#include "attributes.h"
#include "saml_schema.h"

/* Tables only; saml-schema-protocol-2.0.xsd and saml-schema-assertion-2.0.xsd in our own words. */

static const struct schema_particle response_children[] = {
    { 1, NS_SAML, "Issuer", 0, 1 },  { 2, NS_DS, "Signature", 0, 1 },   { 3, NS_SAMLP, "Extensions", 0, 1 },
    { 4, NS_SAMLP, "Status", 1, 1 }, { 5, NS_SAML, "Assertion", 0, 0 }, { 5, NS_SAML, "EncryptedAssertion", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle logout_response_children[] = {
    { 1, NS_SAML, "Issuer", 0, 1 },  { 2, NS_DS, "Signature", 0, 1 }, { 3, NS_SAMLP, "Extensions", 0, 1 },
    { 4, NS_SAMLP, "Status", 1, 1 }, { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle authn_request_children[] = {
    { 1, NS_SAML, "Issuer", 0, 1 },
    { 2, NS_DS, "Signature", 0, 1 },
    { 3, NS_SAMLP, "Extensions", 0, 1 },
    { 4, NS_SAML, "Subject", 0, 1 },
    { 5, NS_SAMLP, "NameIDPolicy", 0, 1 },
    { 6, NS_SAML, "Conditions", 0, 1 },
    { 7, NS_SAMLP, "RequestedAuthnContext", 0, 1 },
    { 8, NS_SAMLP, "Scoping", 0, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle logout_request_children[] = {
    { 1, NS_SAML, "Issuer", 0, 1 },        { 2, NS_DS, "Signature", 0, 1 }, { 3, NS_SAMLP, "Extensions", 0, 1 },
    { 4, NS_SAML, "BaseID", 0, 1 },        { 4, NS_SAML, "NameID", 0, 1 },  { 4, NS_SAML, "EncryptedID", 0, 1 },
    { 5, NS_SAMLP, "SessionIndex", 0, 0 }, { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle status_children[] = {
    { 1, NS_SAMLP, "StatusCode", 1, 1 },
    { 2, NS_SAMLP, "StatusMessage", 0, 1 },
    { 3, NS_SAMLP, "StatusDetail", 0, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle status_code_children[] = {
    { 1, NS_SAMLP, "StatusCode", 0, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle assertion_children[] = {
    { 1, NS_SAML, "Issuer", 1, 1 },
    { 2, NS_DS, "Signature", 0, 1 },
    { 3, NS_SAML, "Subject", 0, 1 },
    { 4, NS_SAML, "Conditions", 0, 1 },
    { 5, NS_SAML, "Advice", 0, 1 },
    { 6, NS_SAML, "Statement", 0, 0 },
    { 6, NS_SAML, "AuthnStatement", 0, 0 },
    { 6, NS_SAML, "AuthzDecisionStatement", 0, 0 },
    { 6, NS_SAML, "AttributeStatement", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle subject_children[] = {
    { 1, NS_SAML, "BaseID", 0, 1 },
    { 1, NS_SAML, "NameID", 0, 1 },
    { 1, NS_SAML, "EncryptedID", 0, 1 },
    { 2, NS_SAML, "SubjectConfirmation", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle confirmation_children[] = {
    { 1, NS_SAML, "BaseID", 0, 1 },
    { 1, NS_SAML, "NameID", 0, 1 },
    { 1, NS_SAML, "EncryptedID", 0, 1 },
    { 2, NS_SAML, "SubjectConfirmationData", 0, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle conditions_children[] = {
    { 1, NS_SAML, "Condition", 0, 0 },
    { 1, NS_SAML, "AudienceRestriction", 0, 0 },
    { 1, NS_SAML, "OneTimeUse", 0, 0 },
    { 1, NS_SAML, "ProxyRestriction", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle audience_children[] = {
    { 1, NS_SAML, "Audience", 1, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle authn_statement_children[] = {
    { 1, NS_SAML, "SubjectLocality", 0, 1 },
    { 2, NS_SAML, "AuthnContext", 1, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle authn_context_children[] = {
    { 1, NS_SAML, "AuthnContextClassRef", 0, 1 },
    { 2, NS_SAML, "AuthnContextDecl", 0, 1 },
    { 2, NS_SAML, "AuthnContextDeclRef", 0, 1 },
    { 3, NS_SAML, "AuthenticatingAuthority", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle attribute_statement_children[] = {
    { 1, NS_SAML, "Attribute", 0, 0 },
    { 1, NS_SAML, "EncryptedAttribute", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle attribute_children[] = {
    { 1, NS_SAML, "AttributeValue", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle encrypted_children[] = {
    { 1, NS_XENC, "EncryptedData", 1, 1 },
    { 2, NS_XENC, "EncryptedKey", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle no_children[] = {
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle signature_children[] = {
    { 1, NS_DS, "SignedInfo", 1, 1 }, { 2, NS_DS, "SignatureValue", 1, 1 },
    { 3, NS_DS, "KeyInfo", 0, 1 },    { 4, NS_DS, "Object", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle signed_info_children[] = {
    { 1, NS_DS, "CanonicalizationMethod", 1, 1 },
    { 2, NS_DS, "SignatureMethod", 1, 1 },
    { 3, NS_DS, "Reference", 1, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle reference_children[] = {
    { 1, NS_DS, "Transforms", 0, 1 },
    { 2, NS_DS, "DigestMethod", 1, 1 },
    { 3, NS_DS, "DigestValue", 1, 1 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle entity_children[] = {
    { 1, NS_DS, "Signature", 0, 1 },
    { 2, NS_MD, "Extensions", 0, 1 },
    { 3, NS_MD, "RoleDescriptor", 0, 0 },
    { 3, NS_MD, "IDPSSODescriptor", 0, 0 },
    { 3, NS_MD, "SPSSODescriptor", 0, 0 },
    { 3, NS_MD, "AuthnAuthorityDescriptor", 0, 0 },
    { 3, NS_MD, "AttributeAuthorityDescriptor", 0, 0 },
    { 3, NS_MD, "PDPDescriptor", 0, 0 },
    { 3, NS_MD, "AffiliationDescriptor", 0, 1 },
    { 4, NS_MD, "Organization", 0, 1 },
    { 5, NS_MD, "ContactPerson", 0, 0 },
    { 6, NS_MD, "AdditionalMetadataLocation", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle idp_children[] = {
    { 1, NS_DS, "Signature", 0, 1 },
    { 2, NS_MD, "Extensions", 0, 1 },
    { 3, NS_MD, "KeyDescriptor", 0, 0 },
    { 4, NS_MD, "Organization", 0, 1 },
    { 5, NS_MD, "ContactPerson", 0, 0 },
    { 6, NS_MD, "ArtifactResolutionService", 0, 0 },
    { 7, NS_MD, "SingleLogoutService", 0, 0 },
    { 8, NS_MD, "ManageNameIDService", 0, 0 },
    { 9, NS_MD, "NameIDFormat", 0, 0 },
    { 10, NS_MD, "SingleSignOnService", 1, 0 },
    { 11, NS_MD, "NameIDMappingService", 0, 0 },
    { 12, NS_MD, "AssertionIDRequestService", 0, 0 },
    { 13, NS_MD, "AttributeProfile", 0, 0 },
    { 14, NS_SAML, "Attribute", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};
static const struct schema_particle sp_children[] = {
    { 1, NS_DS, "Signature", 0, 1 },
    { 2, NS_MD, "Extensions", 0, 1 },
    { 3, NS_MD, "KeyDescriptor", 0, 0 },
    { 4, NS_MD, "Organization", 0, 1 },
    { 5, NS_MD, "ContactPerson", 0, 0 },
    { 6, NS_MD, "ArtifactResolutionService", 0, 0 },
    { 7, NS_MD, "SingleLogoutService", 0, 0 },
    { 8, NS_MD, "ManageNameIDService", 0, 0 },
    { 9, NS_MD, "NameIDFormat", 0, 0 },
    { 10, NS_MD, "AssertionConsumerService", 1, 0 },
    { 11, NS_MD, "AttributeConsumingService", 0, 0 },
    { 0, NULL, NULL, 0, 0 },
};

static const struct schema_attribute response_attributes[] = {
    { "ID", true, SCHEMA_NCNAME },         { "Version", true, SCHEMA_TEXT },
    { "IssueInstant", true, SCHEMA_TIME }, { "InResponseTo", false, SCHEMA_NCNAME },
    { "Destination", false, SCHEMA_TEXT }, { "Consent", false, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute request_attributes[] = {
    { "ID", true, SCHEMA_NCNAME },
    { "Version", true, SCHEMA_TEXT },
    { "IssueInstant", true, SCHEMA_TIME },
    { "Destination", false, SCHEMA_TEXT },
    { "Consent", false, SCHEMA_TEXT },
    { "ForceAuthn", false, SCHEMA_BOOLEAN },
    { "IsPassive", false, SCHEMA_BOOLEAN },
    { "ProtocolBinding", false, SCHEMA_TEXT },
    { "AssertionConsumerServiceIndex", false, SCHEMA_TEXT },
    { "AssertionConsumerServiceURL", false, SCHEMA_TEXT },
    { "AttributeConsumingServiceIndex", false, SCHEMA_TEXT },
    { "ProviderName", false, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute logout_attributes[] = {
    { "ID", true, SCHEMA_NCNAME },          { "Version", true, SCHEMA_TEXT },  { "IssueInstant", true, SCHEMA_TIME },
    { "Destination", false, SCHEMA_TEXT },  { "Consent", false, SCHEMA_TEXT }, { "Reason", false, SCHEMA_TEXT },
    { "NotOnOrAfter", false, SCHEMA_TIME }, { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute assertion_attributes[] = {
    { "ID", true, SCHEMA_NCNAME },
    { "Version", true, SCHEMA_TEXT },
    { "IssueInstant", true, SCHEMA_TIME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute name_id_attributes[] = {
    { "Format", false, SCHEMA_TEXT },
    { "NameQualifier", false, SCHEMA_TEXT },
    { "SPNameQualifier", false, SCHEMA_TEXT },
    { "SPProvidedID", false, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute method_attributes[] = {
    { "Method", true, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute confirmation_data_attributes[] = {
    { "NotBefore", false, SCHEMA_TIME },
    { "NotOnOrAfter", false, SCHEMA_TIME },
    { "InResponseTo", false, SCHEMA_NCNAME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute conditions_attributes[] = {
    { "NotBefore", false, SCHEMA_TIME },
    { "NotOnOrAfter", false, SCHEMA_TIME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute authn_statement_attributes[] = {
    { "AuthnInstant", true, SCHEMA_TIME },
    { "SessionIndex", false, SCHEMA_TEXT },
    { "SessionNotOnOrAfter", false, SCHEMA_TIME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute attribute_attributes[] = {
    { "Name", true, SCHEMA_TEXT },
    { "NameFormat", false, SCHEMA_TEXT },
    { "FriendlyName", false, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute value_attributes[] = {
    { "Value", true, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute algorithm_attributes[] = {
    { "Algorithm", true, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute entity_attributes[] = {
    { "entityID", true, SCHEMA_NON_EMPTY },
    { "validUntil", false, SCHEMA_TIME },
    { "cacheDuration", false, SCHEMA_TEXT },
    { "ID", false, SCHEMA_NCNAME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute role_attributes[] = {
    { "protocolSupportEnumeration", true, SCHEMA_NON_EMPTY },
    { "validUntil", false, SCHEMA_TIME },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute endpoint_attributes[] = {
    { "Binding", true, SCHEMA_TEXT },
    { "Location", true, SCHEMA_TEXT },
    { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute indexed_attributes[] = {
    { "Binding", true, SCHEMA_TEXT },       { "Location", true, SCHEMA_TEXT }, { "index", true, SCHEMA_NON_EMPTY },
    { "isDefault", false, SCHEMA_BOOLEAN }, { NULL, false, SCHEMA_TEXT },
};
static const struct schema_attribute no_attributes[] = {
    { NULL, false, SCHEMA_TEXT },
};

const struct schema_rule saml_schema_rules[] = {
    { .uri = NS_SAMLP, .name = "Response", .children = response_children, .attributes = response_attributes },
    { .uri = NS_SAMLP,
      .name = "LogoutResponse",
      .children = logout_response_children,
      .attributes = response_attributes },
    { .uri = NS_SAMLP, .name = "AuthnRequest", .children = authn_request_children, .attributes = request_attributes },
    { .uri = NS_SAMLP, .name = "LogoutRequest", .children = logout_request_children, .attributes = logout_attributes },
    { .uri = NS_SAMLP, .name = "Status", .children = status_children, .attributes = no_attributes },
    { .uri = NS_SAMLP, .name = "StatusCode", .children = status_code_children, .attributes = value_attributes },
    { .uri = NS_SAML, .name = "Assertion", .children = assertion_children, .attributes = assertion_attributes },
    { .uri = NS_SAML, .name = "Issuer", .children = no_children, .attributes = name_id_attributes },
    { .uri = NS_SAML, .name = "NameID", .children = no_children, .attributes = name_id_attributes },
    { .uri = NS_SAML, .name = "Subject", .children = subject_children, .attributes = no_attributes, .least = 1 },
    { .uri = NS_SAML,
      .name = "SubjectConfirmation",
      .children = confirmation_children,
      .attributes = method_attributes },
    { .uri = NS_SAML,
      .name = "SubjectConfirmationData",
      .attributes = confirmation_data_attributes,
      .open_attributes = true },
    { .uri = NS_SAML, .name = "Conditions", .children = conditions_children, .attributes = conditions_attributes },
    { .uri = NS_SAML, .name = "AudienceRestriction", .children = audience_children, .attributes = no_attributes },
    { .uri = NS_SAML, .name = "Audience", .children = no_children, .attributes = no_attributes },
    { .uri = NS_SAML,
      .name = "AuthnStatement",
      .children = authn_statement_children,
      .attributes = authn_statement_attributes },
    { .uri = NS_SAML,
      .name = "AuthnContext",
      .children = authn_context_children,
      .attributes = no_attributes,
      .least = 1 },
    { .uri = NS_SAML,
      .name = "AttributeStatement",
      .children = attribute_statement_children,
      .attributes = no_attributes,
      .least = 1 },
    { .uri = NS_SAML,
      .name = "Attribute",
      .children = attribute_children,
      .attributes = attribute_attributes,
      .open_attributes = true },
    { .uri = NS_SAML, .name = "EncryptedAssertion", .children = encrypted_children, .attributes = no_attributes },
    { .uri = NS_SAML, .name = "EncryptedID", .children = encrypted_children, .attributes = no_attributes },
    { .uri = NS_SAML, .name = "EncryptedAttribute", .children = encrypted_children, .attributes = no_attributes },
    { .uri = NS_DS, .name = "Signature", .children = signature_children, .open_attributes = true },
    { .uri = NS_DS, .name = "SignedInfo", .children = signed_info_children, .open_attributes = true },
    { .uri = NS_DS, .name = "Reference", .children = reference_children, .open_attributes = true },
    { .uri = NS_DS, .name = "SignatureMethod", .attributes = algorithm_attributes },
    { .uri = NS_DS, .name = "CanonicalizationMethod", .attributes = algorithm_attributes },
    { .uri = NS_DS, .name = "DigestMethod", .attributes = algorithm_attributes },
    { .uri = NS_MD,
      .name = "EntityDescriptor",
      .children = entity_children,
      .attributes = entity_attributes,
      .open_attributes = true },
    { .uri = NS_MD,
      .name = "IDPSSODescriptor",
      .children = idp_children,
      .attributes = role_attributes,
      .open_attributes = true },
    { .uri = NS_MD,
      .name = "SPSSODescriptor",
      .children = sp_children,
      .attributes = role_attributes,
      .open_attributes = true },
    { .uri = NS_MD, .name = "SingleSignOnService", .attributes = endpoint_attributes, .open_attributes = true },
    { .uri = NS_MD, .name = "SingleLogoutService", .attributes = endpoint_attributes, .open_attributes = true },
    { .uri = NS_MD, .name = "AssertionConsumerService", .attributes = indexed_attributes, .open_attributes = true },
};
const size_t saml_schema_rule_count = COUNT_OF(saml_schema_rules);
