/* SPDX-License-Identifier: MIT */
#include "parties.h"

#include "xstime.h"

#define METADATA_OPEN "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"%s\">"
#define PROTOCOL "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\""
#define BINDING_POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
#define BINDING_REDIRECT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

struct str
lab_idp_metadata(struct arena *arena, struct str certificate)
{
    return arena_printf(arena,
                        METADATA_OPEN "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" " PROTOCOL ">"
                                      "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo "
                                      "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>"
                                      "<ds:X509Certificate>%.*s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
                                      "</md:KeyDescriptor><md:NameIDFormat>" LAB_FORMAT_EMAIL "</md:NameIDFormat>"
                                      "<md:NameIDFormat>" LAB_FORMAT_PERSISTENT "</md:NameIDFormat>"
                                      "<md:SingleSignOnService Binding=\"" BINDING_REDIRECT
                                      "\" Location=\"%s\"/></md:IDPSSODescriptor></md:EntityDescriptor>\n",
                        LAB_IDP_ENTITY, STR_ARG(certificate), LAB_IDP_SSO);
}

struct str
lab_sp_metadata(struct arena *arena, enum lab_target target)
{
    bool iam = target == LAB_IAM;

    return arena_printf(arena,
                        METADATA_OPEN "<md:SPSSODescriptor AuthnRequestsSigned=\"false\" "
                                      "WantAssertionsSigned=\"true\" " PROTOCOL ">"
                                      "<md:NameIDFormat>%s</md:NameIDFormat>"
                                      "<md:AssertionConsumerService Binding=\"" BINDING_POST
                                      "\" Location=\"%s\" index=\"0\" isDefault=\"true\"/>"
                                      "</md:SPSSODescriptor></md:EntityDescriptor>\n",
                        iam ? LAB_IAM_ENTITY : LAB_IDC_ENTITY, iam ? LAB_FORMAT_PERSISTENT : LAB_FORMAT_EMAIL,
                        iam ? LAB_IAM_ACS : LAB_IDC_ACS);
}

struct str
lab_authn_request(struct arena *arena, struct str id, int64_t now_ms)
{
    struct str now = xstime_format(arena, now_ms);

    return arena_printf(arena,
                        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
                        "AssertionConsumerServiceURL=\"%s\" Destination=\"%s\" ID=\"%.*s\" IssueInstant=\"%.*s\" "
                        "ProtocolBinding=\"" BINDING_POST "\" Version=\"2.0\">"
                        "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">%s</saml:Issuer>"
                        "<samlp:NameIDPolicy Format=\"%s\"></samlp:NameIDPolicy></samlp:AuthnRequest>",
                        LAB_IDC_ACS, LAB_IDP_SSO, STR_ARG(id), STR_ARG(now), LAB_IDC_ENTITY, LAB_FORMAT_EMAIL);
}
