/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

/* NameID: for Identity Center the key to the user, for IAM a note for trust policies. */

enum { PAIRWISE_MIN_BYTES = 20 };

/* The NameID when it can be read; NULL when it is missing, empty or encrypted. */
static const struct saml_name_id *
readable_name_id(const struct check_run *run)
{
    const struct saml_name_id *name_id = &run->assertion->name_id;

    if (!str_present(name_id->value.text) || str_trim(name_id->value.text).len == 0)
        return NULL;
    return name_id;
}

static bool
has_typo(struct str format)
{
    return str_find_nocase(format, STR("urn:oasis:name:tc:")) != SIZE_MAX;
}

static void
format_idc(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = readable_name_id(run);
    struct finding *finding;

    if (name_id == NULL || str_eq_c(name_id->format.text, AWS_FORMAT_EMAIL) || has_typo(name_id->format.text))
        return;
    if (str_present(name_id->format.text))
        finding = check_reportf(run, check, "The NameID has another format than emailAddress.");
    else
        finding = check_reportf(run, check, "The NameID has no Format, which means unspecified.");
    finding_at(finding_mismatch(finding, STR(AWS_FORMAT_EMAIL),
                                str_present(name_id->format.text) ? name_id->format.text : STR(""),
                                "the format that AWS documents for Identity Center"),
               name_id->value.where);
}

static void
format_typo(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = &run->assertion->name_id;
    const struct metadata_entity *idp = run->context->idp;

    if (has_typo(name_id->format.text)) {
        struct finding *finding =
            check_reportf(run, check, "The format is misspelt: name instead of names. A page of AWS prints it so.");

        if (run->context->profile == PROFILE_AWS_IAM)
            finding->severity = SEVERITY_WARNING;
        finding_at(finding_mismatch(finding, STR(AWS_FORMAT_EMAIL), name_id->format.text, "SAML Core 8.3.2"),
                   name_id->value.where);
    }
    for (size_t i = 0; idp != NULL && i < idp->idp.name_id_format_count; i++)
        if (has_typo(idp->idp.name_id_formats[i]))
            finding_mismatch(check_reportf(run, check, "The identity provider's metadata misspells a NameIDFormat."),
                             STR(AWS_FORMAT_EMAIL), idp->idp.name_id_formats[i], "SAML Core 8.3.2");
}

/* What most often stands there instead of an address. */
static const char *
not_address_hint(struct str value)
{
    if (str_find_byte(value, '\\') != SIZE_MAX)
        return "It is a Windows name (DOMAIN\\user).";
    if (str_find_byte(value, '<') != SIZE_MAX)
        return "It has a display name and angle brackets around the address.";
    if (str_find_byte(value, ' ') != SIZE_MAX)
        return "It holds a space.";
    if (str_find_byte(value, '@') == SIZE_MAX)
        return "It has no @: a bare user name.";
    return "It is not of the form local@domain.";
}

static void
not_address(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = readable_name_id(run);
    struct str value;

    if (name_id == NULL)
        return;
    value = str_trim(name_id->value.text);
    if (aws_is_address(value))
        return;
    struct finding *finding =
        check_reportf(run, check, "The NameID is no e-mail address in form. %s", not_address_hint(value));
    finding->expected = STR("user@example.com (equal to the userName in Identity Center)");
    finding->received = name_id->value.text;
    finding->source = STR("AWS's description of external identity providers");
    finding_at(finding, name_id->value.where);
}

static void
transient(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = &run->assertion->name_id;
    struct finding *finding;

    if (!str_eq_c(name_id->format.text, AWS_FORMAT_TRANSIENT))
        return;
    if (run->context->profile == PROFILE_AWS_IAM) {
        finding = check_reportf(run, check,
                                "The NameID changes with every sign-in, and with it saml:sub. Sign-in works; "
                                "conditions on saml:sub cannot.");
        finding->severity = SEVERITY_INFO;
    } else {
        finding = check_reportf(run, check,
                                "The NameID changes with every sign-in: it can never equal the userName of a user.");
    }
    finding->received = name_id->value.text;
    finding_at(finding, name_id->value.where);
}

static bool
is_base64_like(struct str text)
{
    bool digit_or_case[3] = { false, false, false };

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c >= 'a' && c <= 'z')
            digit_or_case[0] = true;
        else if (c >= 'A' && c <= 'Z')
            digit_or_case[1] = true;
        else if (c >= '0' && c <= '9')
            digit_or_case[2] = true;
        else if (c != '+' && c != '/' && c != '=' && c != '-' && c != '_')
            return false;
    }
    return digit_or_case[0] && digit_or_case[1] && digit_or_case[2];
}

static void
pairwise(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = readable_name_id(run);
    struct str value;

    if (name_id == NULL || str_eq_c(name_id->format.text, AWS_FORMAT_TRANSIENT))
        return;
    value = str_trim(name_id->value.text);
    if (value.len < PAIRWISE_MIN_BYTES || !is_base64_like(value))
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The NameID looks like an opaque identifier made for this one service "
                                            "provider, as Entra makes it for formats persistent and unspecified.");
    finding->received = name_id->value.text;
    finding_at(finding, name_id->value.where);
}

static void
format_iam_unlisted(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = readable_name_id(run);

    if (name_id == NULL || !str_present(name_id->format.text) || aws_iam_lists_name_id_format(name_id->format.text) ||
        has_typo(name_id->format.text))
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The format is none of the eight that AWS lists; it reaches "
                                            "saml:sub_type as it is.");
    finding->received = name_id->format.text;
    finding_at(finding, name_id->value.where);
}

static void
upn_hint(struct check_run *run, const struct check *check)
{
    const struct saml_name_id *name_id = readable_name_id(run);

    if (name_id == NULL || str_find_c(name_id->value.text, "#EXT#") == SIZE_MAX)
        return;
    struct finding *finding = check_reportf(run, check,
                                            "The NameID is the user principal name of an Entra guest (#EXT#). It "
                                            "matches only when provisioning uses the same attribute.");
    finding->received = name_id->value.text;
    finding_at(finding, name_id->value.where);
}

static const struct check table[] = {
    {
        .id = "nameid-format-idc",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID format is not emailAddress",
        .means = "Identity Center answers \"An unexpected error has occurred\" or \"It's not you, it is us\"; AWS "
                 "names the NameID format among the causes.",
        .rule = "NameID/@Format is " AWS_FORMAT_EMAIL ", byte for byte. No Format means unspecified.",
        .spec = "SAML Core 8.3.2",
        .source = IDC_GUIDE_TROUBLESHOOT "; " IDC_GUIDE_EXTERNAL_IDP,
        .follows = "acs-wrong-product nameid-transient nameid-format-typo nameid-missing",
        .fixes = {
            FIX("okta", "Sign On > Application username format: Email."),
            FIX("entra", "Attributes & Claims > Unique User Identifier > Name identifier format: Email address."),
            FIX("adfs", "Edit Claim Issuance Policy > the transform rule: outgoing name ID format Email."),
            FIX("keycloak", "Client > Settings: Name ID format email, and Force name ID format on."),
            FIX("google", "Service provider details > Name ID format: EMAIL."),
            FIX("any", "Send the NameID with format " AWS_FORMAT_EMAIL "."),
        },
        .run = format_idc,
    },
    {
        .id = "nameid-format-typo",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID format is misspelt (name for names)",
        .means = "urn:oasis:name:tc:… is no SAML format. AWS's own troubleshooting page prints it once; do not copy it "
                 "from there.",
        .rule = "NameID/@Format and the metadata's NameIDFormat hold urn:oasis:names:tc:, not urn:oasis:name:tc:.",
        .spec = "SAML Core 8.3",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("any", "Write urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress."),
        },
        .run = format_typo,
    },
    {
        .id = "nameid-not-address",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID is not an address",
        .means = "Identity Center takes the NameID in the form of an e-mail address, equal to the userName of a user.",
        .rule = "The NameID is an addr-spec (local@domain): no display name, no brackets, no space, no DOMAIN\\user.",
        .spec = "RFC 2822 3.4.1",
        .source = IDC_GUIDE_EXTERNAL_IDP,
        .follows = "acs-wrong-product nameid-transient nameid-pairwise nameid-missing",
        .fixes = {
            FIX("okta", "Sign On > Application username format: Email (or Okta username when that is an address)."),
            FIX("entra", "Attributes & Claims > Unique User Identifier: user.userprincipalname or user.mail, whichever "
                         "provisioning uses."),
            FIX("adfs", "Send E-Mail-Addresses or User-Principal-Name as Name ID."),
            FIX("keycloak", "Name ID format email with Force on: it then sends the user's e-mail."),
            FIX("any", "Send the attribute that also fills the userName in Identity Center."),
        },
        .run = not_address,
    },
    {
        .id = "nameid-transient",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID is transient",
        .means = "A transient NameID is new for each sign-in: nothing can be matched against it.",
        .rule = "NameID/@Format is not …:2.0:nameid-format:transient.",
        .spec = "SAML Core 8.3.8",
        .source = AWS_GUIDE_ASSERTIONS "; Microsoft Learn, single sign-on SAML protocol",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("shibboleth", "saml-nameid.xml: an e-mail generator for the AWS entity ID; relying-party.xml: "
                              "nameIDFormatPrecedence emailAddress."),
            FIX("keycloak", "Client > Settings: Name ID format email, Force name ID format on."),
            FIX("any", "Choose format emailAddress for Identity Center, persistent or emailAddress for IAM."),
        },
        .run = transient,
    },
    {
        .id = "nameid-pairwise",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_DOCUMENTED,
        .title = "the NameID is an opaque identifier",
        .means = "No user of Identity Center has such a userName.",
        .rule = "The NameID is not a base64-like string of 20 or more characters.",
        .spec = "SAML Core 8.3.7",
        .source = "Microsoft Learn, single sign-on SAML protocol (read 2026)",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "Attributes & Claims > Unique User Identifier: source user.userprincipalname or user.mail, "
                         "format Email address."),
            FIX("any", "Send the user's login name in the form of an address, format emailAddress."),
        },
        .run = pairwise,
    },
    {
        .id = "nameid-format-iam-unlisted",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IAM,
        .rank = RANK_NOTE,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_DOCUMENTED,
        .title = "a NameID format that AWS does not list",
        .means = "It usually works.",
        .rule = "NameID/@Format is absent or one of the eight formats of AWS's guide.",
        .spec = "SAML Core 8.3",
        .source = AWS_GUIDE_ASSERTIONS,
        .follows = "acs-wrong-product nameid-format-typo",
        .fixes = {
            FIX("any", "Use persistent or emailAddress."),
        },
        .run = format_iam_unlisted,
    },
    {
        .id = "nameid-upn-vs-mail",
        .severity = SEVERITY_WARNING,
        .subject = CHECK_ASSERTION,
        .profiles = PROFILE_AWS_IDENTITY_CENTER,
        .rank = RANK_SUBJECT,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_POSSIBLE,
        .standing = STANDING_INFERRED,
        .title = "the NameID is a guest's principal name",
        .means = "Guests are usually provisioned with their e-mail address; then NameID and userName differ.",
        .rule = "The NameID holds no #EXT#.",
        .spec = "-",
        .source = "inferred; Microsoft Learn on guest users",
        .follows = "acs-wrong-product",
        .fixes = {
            FIX("entra", "Use one attribute in both places: user.mail (or otherMails for guests) for Unique User "
                         "Identifier and for userName in Provisioning > Mappings."),
            FIX("any", "Send the attribute that fills userName."),
        },
        .run = upn_hint,
    },
};

CHECK_SET(checks_aws_subject, table);
