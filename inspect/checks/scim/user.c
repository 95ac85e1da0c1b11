/* SPDX-License-Identifier: MIT */
/* A user as it is sent, against the limits of IAM Identity Center. */
#include "scim_check.h"
#include "utf8.h"

struct named {
    const char *name;
    struct str value;
};

enum { NAMES = 4 };

static void
names_of(const struct scim_user *user, struct named named[NAMES])
{
    named[0] = (struct named){ "userName", user->user_name };
    named[1] = (struct named){ "name.givenName", user->given_name };
    named[2] = (struct named){ "name.familyName", user->family_name };
    named[3] = (struct named){ "displayName", user->display_name };
}

static bool
is_judged_user(const struct check_run *run)
{
    return scim_writes_user(run) && scim_is_judged(run);
}

static void
required_missing(struct check_run *run, const struct check *check)
{
    struct named named[NAMES];
    struct str missing = STR("");

    names_of(&scim_of(run)->user, named);
    for (size_t i = 0; is_judged_user(run) && i < NAMES; i++)
        if (named[i].value.len == 0)
            missing =
                arena_printf(run->arena, "%.*s%s%s", STR_ARG(missing), missing.len > 0 ? ", " : "", named[i].name);
    if (missing.len > 0)
        scim_report(run, check, arena_printf(run->arena, "Missing or empty: %.*s.", STR_ARG(missing)));
    else if (scim_said(run, "length greater than or equal to 1") && !scim_said(run, "manager"))
        scim_report(run, check, STR("A value that must be there is empty."));
}

/* Characters outside [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ] that people meet: controls, formats, odd blanks. */
static bool
is_odd(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa1) || c == 0xad || c == 0x1680 ||
           c == 0x180e || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
           (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff || (c >= 0xe000 && c <= 0xf8ff) ||
           (c & 0xfffe) == 0xfffe;
}

/* The first such character; 0: none. */
static uint32_t
first_odd(struct str text)
{
    size_t at = 0;

    while (at < text.len) {
        uint32_t c;

        at += utf8_at(text, at, &c);
        if (c < UTF8_INVALID && is_odd(c))
            return c;
    }
    return 0;
}

static void
name_pattern(struct check_run *run, const struct check *check)
{
    struct named named[NAMES];

    names_of(&scim_of(run)->user, named);
    for (size_t i = 0; is_judged_user(run) && i < NAMES; i++) {
        uint32_t odd = first_odd(named[i].value);

        if (odd != 0) {
            scim_report(
                run, check,
                arena_printf(run->arena, "%s holds the character U+%04X, which is not allowed.", named[i].name, odd));
            return;
        }
    }
    if (scim_said(run, "regular expression pattern"))
        scim_report(run, check, STR("A value holds a character that is not allowed."));
}

static void
multivalue(struct check_run *run, const struct check *check)
{
    const struct scim_user *user = &scim_of(run)->user;
    const char *name = user->emails.count > 1          ? "emails"
                       : user->phone_numbers.count > 1 ? "phoneNumbers"
                       : user->addresses.count > 1     ? "addresses"
                                                       : NULL;

    if (name != NULL && is_judged_user(run))
        scim_report(run, check, arena_printf(run->arena, "%s has more than one element.", name));
    else if (scim_said(run, "allowed limit of 1") || scim_said(run, "only allow single item"))
        scim_report(run, check, STR("A list has more than one element."));
}

static void
email_not_primary(struct check_run *run, const struct check *check)
{
    const struct scim_list *emails = &scim_of(run)->user.emails;

    if (is_judged_user(run) && emails->count > 0 && !emails->has_primary)
        scim_report(run, check, STR("The e-mail address is not marked primary: true."));
}

static void
forbidden_characters(struct check_run *run, const struct check *check)
{
    struct named named[NAMES];

    names_of(&scim_of(run)->user, named);
    for (size_t i = 0; is_judged_user(run) && i < NAMES; i++)
        for (size_t k = 0; k < named[i].value.len; k++)
            if (str_find_byte(STR("<>;:%\t\n\r"), named[i].value.ptr[k]) != SIZE_MAX) {
                scim_report(run, check,
                            arena_printf(run->arena, "%s is \"%.*s\"; AWS's guides forbid < > ; : %% there.",
                                         named[i].name, STR_ARG(scim_clip(named[i].value))));
                return;
            }
}

static void
external_id_colon(struct check_run *run, const struct check *check)
{
    struct str id = scim_of(run)->user.external_id;

    if (is_judged_user(run) && str_find_byte(id, ':') != SIZE_MAX)
        scim_report(run, check, arena_printf(run->arena, "externalId is \"%.*s\".", STR_ARG(scim_clip(id))));
}

static void
external_id_unstable(struct check_run *run, const struct check *check)
{
    const struct scim_user *user = &scim_of(run)->user;

    if (scim_writes_user(run) && scim_is_aws(run) && user->external_id.len > 0 &&
        (str_find_byte(user->external_id, '@') != SIZE_MAX || str_eq_nocase(user->external_id, user->user_name) ||
         str_eq_nocase(user->external_id, user->display_name)))
        check_reportf(run, check, "externalId is \"%.*s\": a name or address that changes when the user is renamed.",
                      STR_ARG(scim_clip(user->external_id)));
}

static void
attributes_unsupported(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);
    const struct scim_user *user = &scim->user;

    if (!scim_is_judged(run))
        return;
    if (scim->attributes.len > 0)
        scim_report(run, check, STR("The query asks for attributes or excludedAttributes."));
    else if (!scim_writes_user(run))
        return;
    else if (user->unsupported.len > 0)
        scim_report(run, check, arena_printf(run->arena, "The user is sent with %.*s.", STR_ARG(user->unsupported)));
    else if (user->emails.has_display || user->phone_numbers.has_display || user->addresses.has_display)
        scim_report(run, check, STR("An element of a list is sent with display."));
    else if (user->manager_display)
        scim_report(run, check, STR("The manager is sent with displayName."));
}

static void
manager_empty(struct check_run *run, const struct check *check)
{
    bool said = scim_said(run, "manager") && scim_said(run, "failed to satisfy constraint");

    if ((is_judged_user(run) && scim_of(run)->user.manager_empty) || said)
        scim_report(run, check, STR("The manager is sent without a value."));
}

static void
groups_in_user(struct check_run *run, const struct check *check)
{
    if (is_judged_user(run) && scim_of(run)->user.has_groups)
        scim_report(run, check, STR("The user is sent with groups."));
}

static void
address_incomplete(struct check_run *run, const struct check *check)
{
    struct str missing = scim_of(run)->user.address_missing;

    if (is_judged_user(run) && missing.len > 0)
        scim_report(run, check, arena_printf(run->arena, "The address is sent without %.*s.", STR_ARG(missing)));
}

static const struct check table[] = {
    { SCIM_ROW("scim-required-missing", ERROR, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the user lacks a value that must be there"),
      .means = SCIM_NOT_STORED,
      .rule = "userName, name.givenName, name.familyName and displayName are there and not empty.",
      .spec = "CreateUser, PutUser", .source = SCIM_GUIDE "; " SCIM_TROUBLE,
      .fixes = { { "any", "Fill them in at the identity provider; service accounts need dummy names." } },
      .run = required_missing },
    { SCIM_ROW("scim-name-pattern", ERROR, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "a name holds a character that is not allowed"),
      .means = SCIM_NOT_STORED, .rule = "Names match [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r ]+.",
      .spec = "CreateUser, PutUser", .source = SCIM_GUIDE,
      .fixes = { { "any", "Type the value anew at the identity provider: it holds an invisible character." } },
      .run = name_pattern },
    { SCIM_ROW("scim-multivalue", ERROR, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN, "a list has more than one element"),
      .means = SCIM_NOT_STORED, .rule = "emails, phoneNumbers and addresses have at most one element.",
      .spec = "CreateUser, PutUser", .source = SCIM_GUIDE "; " SCIM_TRAIL,
      .fixes = { { "entra", "Provisioning > Mappings: delete the mappings of mobile, fax and other mails." },
                 { "okta", "Provisioning > To App: unmap secondEmail and mobilePhone." },
                 { "any", "Send one value each." } },
      .run = multivalue },
    { SCIM_ROW("scim-email-not-primary", ERROR, SUBJECT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the e-mail address is not marked primary"),
      .means = SCIM_NOT_STORED, .rule = "emails[0].primary is true.", .spec = "CreateUser", .source = SCIM_GUIDE,
      .fixes = { { "any", "Map primary = true for the e-mail." } }, .run = email_not_primary },
    { SCIM_ROW("scim-forbidden-characters", ERROR, SUBJECT, IDP_ADMIN, DOCUMENTED, POSSIBLE,
               "a name holds a character that AWS's guides forbid"),
      .means = SCIM_NOT_STORED, .rule = "None of < > ; : % in values; newer texts of AWS allow more.",
      .spec = "Identity provider tutorials", .source = SCIM_TUTORIALS,
      .fixes = { { "any", "Remove these characters at the identity provider." } }, .run = forbidden_characters },
    { SCIM_ROW("scim-externalid-colon", ERROR, SUBJECT, IDP_ADMIN, OBSERVED, POSSIBLE, "externalId holds a colon"),
      .means = SCIM_NOT_STORED, .rule = "No \":\" in externalId; seen to be refused in 2022.", .spec = "CreateUser",
      .source = "suvera/keycloak-scim2-storage, issue 3",
      .fixes = { { "keycloak", "Let the plug-in send a UUID instead of the federation id f:…:…." },
                 { "any", "Send a UUID as externalId." } },
      .run = external_id_colon },
    { SCIM_ROW("scim-externalid-unstable", WARNING, NOTE, IDP_ADMIN, DOCUMENTED, LIKELY,
               "externalId changes when the user is renamed"),
      .means = "After a rename the user may become another one and lose access.",
      .rule = "externalId is no e-mail address and no name.", .spec = "Automatic provisioning", .source = SCIM_GUIDE,
      .fixes = { { "entra", "Map objectId to externalId." }, { "any", "Map an id that never changes." } },
      .run = external_id_unstable },
    { SCIM_ROW("scim-attributes-unsupported", ERROR, ATTRIBUTE, IDP_ADMIN, DOCUMENTED, PROVEN,
               "an attribute is sent that AWS does not support"),
      .means = SCIM_NOT_STORED,
      .rule = "No password, ims, photos, entitlements, x509Certificates, display of lists, manager.displayName; no "
              "attributes or excludedAttributes in a query.",
      .spec = "Limitations", .source = SCIM_GUIDE, .fixes = { { "any", "Remove the mapping of these attributes." } },
      .run = attributes_unsupported },
    { SCIM_ROW("scim-manager-empty", ERROR, ATTRIBUTE, IDP_ADMIN, DOCUMENTED, PROVEN, "the manager is sent empty"),
      .means = SCIM_NOT_STORED, .rule = "manager.value is not empty when manager is sent.",
      .spec = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", .source = SCIM_TRAIL,
      .fixes = { { "any", "Send no manager when there is none, or remove the mapping." } }, .run = manager_empty },
    { SCIM_ROW("scim-groups-in-user", ERROR, ATTRIBUTE, IDP_ADMIN, DOCUMENTED, PROVEN, "groups are sent with the user"),
      .means = SCIM_NOT_STORED, .rule = "No groups in a user that is created or replaced.",
      .spec = "CreateUser, PutUser", .source = SCIM_GUIDE,
      .fixes = { { "any", "Change memberships with PATCH of /Groups." } }, .run = groups_in_user },
    { SCIM_ROW("scim-okta-address-incomplete", ERROR, ATTRIBUTE, IDP_ADMIN, DOCUMENTED, LIKELY,
               "the address is not complete"),
      .means = SCIM_NOT_STORED, .rule = "Street, city, state, zip code and country are all there, or no address.",
      .spec = "Okta tutorial", .source = SCIM_TUTORIALS,
      .fixes = { { "okta", "Fill in streetAddress, city, state, zipCode and countryCode, or unmap them all." },
                 { "any", "Send the whole address or none." } },
      .run = address_incomplete },
};

CHECK_SET(checks_scim_user, table);
