/* SPDX-License-Identifier: MIT */
#include "aws_rules.h"

#include "attributes.h"

enum { NAME_MAX_BYTES = 512 };

const struct saml_attribute *
aws_attribute_find(const struct saml_assertion *assertion, const char *name)
{
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (str_eq_c(assertion->attributes[i].name.text, name))
            return &assertion->attributes[i];
    return NULL;
}

const struct saml_attribute *
aws_attribute_find_china(const struct saml_assertion *assertion, const char *short_name)
{
    for (size_t i = 0; i < assertion->attribute_count; i++) {
        struct str name = assertion->attributes[i].name.text;
        struct str base = STR(AWS_ATTRIBUTES_CHINA);

        if (str_starts_c(name, "http://"))
            base = STR("http://www.amazonaws.cn/SAML/Attributes/");
        if (str_starts(name, base) && str_eq_c(str_from_offset(name, base.len), short_name))
            return &assertion->attributes[i];
    }
    return NULL;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The last path segment, without slashes and white space at the end. */
static struct str
last_segment(struct str name)
{
    struct str text = str_trim(name);

    while (text.len > 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    text = str_trim(text);
    for (size_t i = text.len; i > 0; i--)
        if (text.ptr[i - 1] == '/')
            return str_from_offset(text, i);
    return text;
}

static bool
holds_nocase(struct str text, const char *part)
{
    return str_find_nocase(text, str_from(part)) != SIZE_MAX;
}

/* How sure we are that name was meant to be AWS's short_name: 0 not at all, 3 very. */
static int
likeness(const struct saml_attribute *attribute, struct str short_name)
{
    struct str name = attribute->name.text;
    struct str segment = last_segment(name);

    if (name.len > NAME_MAX_BYTES)
        return 0;
    if (str_eq_nocase(segment, short_name)) {
        if (holds_nocase(name, "saml") && (holds_nocase(name, "aws") || holds_nocase(name, "amazon")))
            return 3;
        return segment.len == str_trim(name).len ? 2 : 1;
    }
    /* "…/SAML/AttributesRole": the slash between namespace and name was forgotten. */
    size_t base = sizeof("SAML/Attributes") - 1;
    size_t at = str_find_nocase(name, STR("SAML/Attributes"));
    if (at != SIZE_MAX && str_eq_nocase(str_from_offset(str_trim(name), at + base), short_name))
        return 3;
    struct str friendly = str_trim(attribute->friendly_name.text);
    if (str_eq_nocase(last_segment(friendly), short_name) && holds_nocase(friendly, "SAML/Attributes"))
        return 2;
    return 0;
}

const struct saml_attribute *
aws_attribute_near(const struct saml_assertion *assertion, const char *short_name)
{
    const struct saml_attribute *best = NULL;
    int best_likeness = 0;

    for (size_t i = 0; i < assertion->attribute_count; i++) {
        const struct saml_attribute *attribute = &assertion->attributes[i];
        struct str name = attribute->name.text;
        int like = likeness(attribute, str_from(short_name));

        if (str_starts_c(name, AWS_ATTRIBUTES) &&
            str_eq_c(str_from_offset(name, sizeof(AWS_ATTRIBUTES) - 1), short_name))
            continue;
        if (like > best_likeness) {
            best = attribute;
            best_likeness = like;
        }
    }
    return best;
}

struct str
aws_attribute_tag_key(const struct saml_attribute *attribute, const char *prefix)
{
    struct str name = attribute->name.text;
    struct str start = str_from(prefix);

    if (!str_starts(name, start))
        return (struct str){ NULL, 0 };
    return str_from_offset(name, start.len);
}

static bool
is_atom_character(char c)
{
    static const char special[] = "!#$%&'*+-/=?^_`{|}~";

    if ((lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
        return true;
    for (size_t i = 0; i + 1 < sizeof(special); i++)
        if (c == special[i])
            return true;
    return false;
}

/* atom *("." atom) */
static bool
is_dot_atom(struct str text)
{
    bool after_dot = true;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            if (after_dot)
                return false;
            after_dot = true;
        } else if (is_atom_character(text.ptr[i])) {
            after_dot = false;
        } else {
            return false;
        }
    }
    return !after_dot;
}

bool
aws_is_address(struct str text)
{
    struct str local;
    struct str domain;

    return str_cut(text, '@', &local, &domain) && is_dot_atom(local) && is_dot_atom(domain);
}

/*
 * IAM user guide, "Configure SAML assertions for the authentication response", tables of attribute
 * names and context keys. The guide's misprints of OIDs are not repeated: both forms are listed.
 */
static const struct {
    const char *name;
    const char *key;
} context_keys[] = {
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", .key = "eduPersonAffiliation" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.2", .key = "eduPersonNickname" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.3", .key = "eduPersonOrgDN" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.4", .key = "eduPersonOrgUnitDN" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.5", .key = "eduPersonPrimaryAffiliation" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", .key = "eduPersonPrincipalName" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.7", .key = "eduPersonEntitlement" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.8", .key = "eduPersonPrimaryOrgUnitDN" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.9", .key = "eduPersonScopedAffiliation" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10", .key = "eduPersonTargetedID" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.11", .key = "eduPersonAssurance" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.2.1.2", .key = "eduOrgHomePageURI" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.2.1.3", .key = "eduOrgIdentityAuthNPolicyURI" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.2.1.4", .key = "eduOrgLegalName" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.2.1.5", .key = "eduOrgSuperiorURI" },
    { .name = "urn:oid:1.3.6.1.4.1.5923.1.2.1.6", .key = "eduOrgWhitePagesURI" },
    { .name = "urn:oid:2.5.4.3", .key = "cn" },
    { .name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", .key = "name" },
    { .name = "http://schemas.xmlsoap.org/claims/CommonName", .key = "commonName" },
    { .name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", .key = "givenName" },
    { .name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", .key = "surname" },
    { .name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", .key = "mail" },
    { .name = "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", .key = "uid" },
    { .name = "2.5.4.3", .key = "commonName" },
    { .name = "2.5.4.4", .key = "surname" },
    { .name = "2.5.4.42", .key = "givenName" },
    { .name = "2.4.5.42", .key = "givenName" },
    { .name = "2.5.4.45", .key = "x500UniqueIdentifier" },
    { .name = "0.9.2342.19200300.100.1.1", .key = "uid" },
    { .name = "0.9.2342.19200300.100.1.3", .key = "mail" },
    { .name = "0.9.2342.19200300.100.1.45", .key = "organizationStatus" },
};

const char *
aws_context_key(struct str attribute_name)
{
    for (size_t i = 0; i < COUNT_OF(context_keys); i++)
        if (str_eq_c(attribute_name, context_keys[i].name))
            return context_keys[i].key;
    return NULL;
}

static const char *const iam_formats[] = {
    AWS_FORMAT_PERSISTENT,
    AWS_FORMAT_TRANSIENT,
    "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
    AWS_FORMAT_EMAIL,
    AWS_FORMAT_UNSPECIFIED,
    "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
};

bool
aws_iam_lists_name_id_format(struct str format)
{
    for (size_t i = 0; i < COUNT_OF(iam_formats); i++)
        if (str_eq_c(format, iam_formats[i]))
            return true;
    return false;
}
