/* SPDX-License-Identifier: MIT */
/* Attributes that the service provider's metadata asks for, and values that are seldom what was meant. */
#include "facts.h"

#define CORE "OASIS SAML 2.0 Core (2005)"
#define GROUPS_LINK "http://schemas.microsoft.com/claims/groups.link"
#define SUBJECT_ID "urn:oasis:names:tc:SAML:attribute:subject-id"
#define PAIRWISE_ID "urn:oasis:names:tc:SAML:attribute:pairwise-id"

typedef void judge_attribute(struct check_run *run, const struct check *check, const struct saml_attribute *attribute);

static void
judge_each(struct check_run *run, const struct check *check, judge_attribute *judge)
{
    for (size_t i = 0; facts_is_success(run) && i < run->assertion->attribute_count; i++) {
        judge(run, check, &run->assertion->attributes[i]);
    }
}

/* --- what must be there --------------------------------------------------------------------------- */

static bool
has_value(const struct saml_attribute *attribute)
{
    for (size_t i = 0; i < attribute->value_count; i++) {
        if (attribute->values[i].structured || str_trim(attribute->values[i].value.text).len > 0) {
            return true;
        }
    }
    return false;
}

/* Over all assertions: the first attribute of that name with a value, else any of that name, else NULL. */
static const struct saml_attribute *
attribute_named(const struct saml_message *saml, struct str name)
{
    const struct saml_attribute *empty = NULL;
    for (size_t i = 0; i < saml->assertion_count; i++) {
        for (size_t k = 0; k < saml->assertions[i].attribute_count; k++) {
            const struct saml_attribute *attribute = &saml->assertions[i].attributes[k];
            if (str_eq(attribute->name.text, name)) {
                if (has_value(attribute)) {
                    return attribute;
                }
                empty = attribute;
            }
        }
    }
    return empty;
}

/* Names under which the same thing travels: as an object identifier, as a claim, as a bare word. */
static const char *const same_thing[][5] = {
    { "urn:oid:0.9.2342.19200300.100.1.3", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "mail",
      "email", "emailaddress" },
    { "urn:oid:2.5.4.42", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "givenName", "firstName",
      "first_name" },
    { "urn:oid:2.5.4.4", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "sn", "lastName",
      "last_name" },
    { "urn:oid:2.16.840.1.113730.3.1.241", "http://schemas.microsoft.com/identity/claims/displayname", "displayName",
      "cn", "name" },
    { "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
      "eduPersonPrincipalName", "eppn", "userPrincipalName" },
    { "urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
      "isMemberOf", "memberOf", "groups" },
};

static int
thing_of(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(same_thing); i++) {
        for (size_t k = 0; k < COUNT_OF(same_thing[i]); k++) {
            if (str_eq_nocase(name, str_from(same_thing[i][k]))) {
                return (int)i;
            }
        }
    }
    return -1;
}

/* What stands behind the last "/" or ":". */
static struct str
local_part(struct str name)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == ':') {
            return str_from_offset(name, i);
        }
    }
    return name;
}

/* Why one name may be meant for the other, or NULL. */
static const char *
likeness(struct str wanted, struct str got)
{
    enum near_miss near_miss = near_miss_of(wanted, got);
    if (near_miss != NEAR_MISS_NONE && near_miss != NEAR_MISS_HOST && near_miss != NEAR_MISS_PATH) {
        return near_miss_words(near_miss);
    }
    if (thing_of(wanted) >= 0 && thing_of(wanted) == thing_of(got)) {
        return "another name of the same thing";
    }
    if (local_part(wanted).len > 1 && str_eq_nocase(local_part(wanted), local_part(got))) {
        return "the same last part under another URI";
    }
    return NULL;
}

static const struct saml_attribute *
like_attribute(const struct saml_message *saml, struct str name, const char **why)
{
    for (size_t i = 0; i < saml->assertion_count; i++) {
        for (size_t k = 0; k < saml->assertions[i].attribute_count; k++) {
            *why = likeness(name, saml->assertions[i].attributes[k].name.text);
            if (*why) {
                return &saml->assertions[i].attributes[k];
            }
        }
    }
    return NULL;
}

/* There are assertions, and all their attributes can be read. */
static bool
can_judge_required(struct check_run *run, const struct check *check)
{
    if (!facts_is_success(run) || run->saml->assertion_count == 0) {
        return false;
    }
    if (!run->context->sp || run->context->sp->sp.required_attribute_count == 0) {
        return false;
    }
    for (size_t i = 0; i < run->saml->assertion_count; i++) {
        if (run->saml->assertions[i].encrypted_attribute_count > 0) {
            check_skipped(run, check, "an attribute is encrypted and could not be read");
            return false;
        }
    }
    return true;
}

static void
required_missing(struct check_run *run, const struct check *check)
{
    if (!can_judge_required(run, check)) {
        return;
    }
    const struct metadata_role *sp = &run->context->sp->sp;
    for (size_t i = 0; i < sp->required_attribute_count; i++) {
        const struct saml_attribute *attribute = attribute_named(run->saml, sp->required_attributes[i]);
        if (!attribute || !has_value(attribute)) {
            struct finding *finding = check_reportf(
                run, check, "The service provider's metadata requires the attribute \"%.*s\", but it is %s.",
                STR_ARG(sp->required_attributes[i]), attribute ? "there without a value" : "not in the assertion");
            finding_at(finding, attribute ? attribute->where : run->saml->assertions[0].where);
        }
    }
}

static void
name_near_miss(struct check_run *run, const struct check *check)
{
    if (!can_judge_required(run, check)) {
        return;
    }
    const struct metadata_role *sp = &run->context->sp->sp;
    for (size_t i = 0; i < sp->required_attribute_count; i++) {
        struct str wanted = sp->required_attributes[i];
        const char *why = NULL;
        const struct saml_attribute *like =
            attribute_named(run->saml, wanted) ? NULL : like_attribute(run->saml, wanted, &why);
        if (like) {
            struct finding *finding =
                check_reportf(run, check, "The service provider wants the attribute \"%.*s\"; there is \"%.*s\": %s.",
                              STR_ARG(wanted), STR_ARG(like->name.text), why);
            finding_at(finding_mismatch(finding, wanted, like->name.text, "SP metadata"), like->where);
        }
    }
}

/* --- values --------------------------------------------------------------------------------------- */

static void
judge_overage(struct check_run *run, const struct check *check, const struct saml_attribute *attribute)
{
    if (str_eq_c(attribute->name.text, GROUPS_LINK)) {
        finding_at(check_reportf(run, check,
                                 "Instead of the groups there is a link to Microsoft Graph: the user is in more than "
                                 "150 groups."),
                   attribute->where);
    }
}

static void
group_overage(struct check_run *run, const struct check *check)
{
    judge_each(run, check, judge_overage);
}

static bool
scope_is_listed(const struct metadata_entity *idp, struct str scope, bool *pattern)
{
    for (size_t i = 0; i < idp->scope_count; i++) {
        *pattern = *pattern || idp->scopes[i].regexp;
        if (!idp->scopes[i].regexp && str_eq_nocase(idp->scopes[i].text, scope)) {
            return true;
        }
    }
    return false;
}

static void
judge_scope(struct check_run *run, const struct check *check, const struct saml_attribute *attribute)
{
    const struct metadata_entity *idp = run->context->idp;
    if (!str_eq_c(attribute->name.text, SUBJECT_ID) && !str_eq_c(attribute->name.text, PAIRWISE_ID)) {
        return;
    }
    if (!idp || idp->scope_count == 0) {
        check_skipped(run, check,
                      idp ? "the identity provider's metadata lists no scope (shibmd:Scope)"
                          : "no metadata of the identity provider was given");
        return;
    }
    for (size_t i = 0; i < attribute->value_count; i++) {
        struct str value = attribute->values[i].value.text, name, scope;
        bool pattern = false;
        if (!str_cut(value, '@', &name, &scope) || scope_is_listed(idp, scope, &pattern)) {
            continue;
        }
        if (pattern) {
            check_skipped(run, check, "the identity provider's metadata gives its scopes as regular expressions");
            continue;
        }
        struct finding *finding =
            check_reportf(run, check,
                          "\"%.*s\" is of the scope \"%.*s\", which the metadata of \"%.*s\" does "
                          "not list.",
                          STR_ARG(value), STR_ARG(scope), STR_ARG(idp->entity_id));
        finding_at(finding_mismatch(finding, idp->scopes[0].text, scope, "shibmd:Scope in the IdP metadata"),
                   attribute->where);
    }
}

static void
scope_not_allowed(struct check_run *run, const struct check *check)
{
    judge_each(run, check, judge_scope);
}

static const struct check table[] = {
    { CORE_ROW_FOR(PROFILE_GENERIC, "attribute-required-missing", ERROR, RESPONSE, ATTRIBUTE, IDP_ADMIN, STANDARD,
                   PROVEN, "an attribute that the service provider requires is missing"),
      .means = "Sign-in fails at this service provider, or it cannot tell who the user is.",
      .rule = "Every RequestedAttribute with isRequired in the service provider's metadata is sent, with a value.",
      .spec = "SAML Metadata 2.4.4.2 · saml-verification ATT-02", .source = "OASIS SAML 2.0 Metadata (2005)",
      .follows = "attribute-name-near-miss attributestatement-missing",
      .fixes = { { "okta", "Sign On → Attribute Statements." },
                 { "entra", "Single sign-on → Attributes & Claims." },
                 { "keycloak", "Client scopes → dedicated → Mappers." },
                 { "adfs", "Relying party → Claim Issuance Policy." },
                 { "any", "Release the attribute to this service provider, under exactly that name." } },
      .run = required_missing },
    { CORE_ROW_FOR(PROFILE_GENERIC, "attribute-name-near-miss", ERROR, RESPONSE, ATTRIBUTE, IDP_ADMIN, STANDARD, LIKELY,
                   "a required attribute comes under another name"),
      .means = "Names are compared byte for byte: the service provider does not see the attribute.",
      .rule = "The name of a required attribute is the one in the service provider's metadata, letter by letter.",
      .spec = "SAML Core 2.7.3.1, SAML Metadata 2.4.4.2 · saml-verification ATT-03", .source = CORE,
      .fixes = { { "any", "Name the attribute at the identity provider as the service provider's metadata does." } },
      .run = name_near_miss },
    { CORE_ROW_FOR(PROFILE_GENERIC, "attribute-group-overage", WARNING, ASSERTION, ATTRIBUTE, IDP_ADMIN, DOCUMENTED,
                   PROVEN, "a link instead of the groups"),
      .means = "The service provider sees no group: rights that come from groups are missing.",
      .rule = "No attribute is named " GROUPS_LINK ".", .spec = "saml-verification ATT-06",
      .source = "Microsoft Entra, Configure group claims for applications",
      .fixes = { { "entra", "Attributes & Claims → Groups: \"Groups assigned to the application\", a filter, or app "
                            "roles instead of groups." },
                 { "any", "Send only the groups that matter to the service provider." } },
      .run = group_overage },
    { CORE_ROW("attribute-scope-not-listed", WARNING, ASSERTION, ATTRIBUTE, IDP_ADMIN, STANDARD, PROVEN,
               "a scoped identifier is of a scope that is not the identity provider's"),
      .means = "Service providers that check scopes drop the value; else one provider could name users of another.",
      .rule = "What stands behind the @ of subject-id and pairwise-id is a shibmd:Scope of the identity provider.",
      .spec = "SAML2Int SDP-SP17 · saml-verification ATT-07", .source = "SAML2Int 2.0 deployment profile",
      .fixes = { { "any", "Correct the scope at the identity provider, or add it to its metadata." } },
      .run = scope_not_allowed },
};

CHECK_SET(core_attribute, table);
