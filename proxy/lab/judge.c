/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <string.h>

#include "arrival.h"
#include "parties.h"

enum { REDEEM_MS = 5 * 60 * 1000, MIN_DURATION_S = 900, MAX_DURATION_S = 43200 };

#define STS(status, code) " (service: AWSSecurityTokenService; status code: " status "; error code: " code ")"

static const char iam_invalid[] = "Your request included an invalid SAML response. To logout, click here.";
static const char iam_denied[] = "Not authorized to perform sts:AssumeRoleWithSAML" STS("403", "AccessDenied");
static const char idc_generic[] = "An unexpected error has occurred";
static const char idc_us[] = "It's not you, it is us";

/* --- IAM federation --- */

static const struct saml_attribute *
attribute(const struct saml_assertion *assertion, const char *name)
{
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (str_eq_c(assertion->attributes[i].name.text, name))
            return &assertion->attributes[i];
    return NULL;
}

/* arn:aws:iam::<12 digits>:<kind>/<name> */
static bool
is_arn(struct str text, const char *kind)
{
    struct str prefix = STR("arn:aws:iam::"), account, rest;

    if (!str_starts(text, prefix) || !str_cut(str_from_offset(text, prefix.len), ':', &account, &rest) ||
        account.len != 12)
        return false;
    for (size_t i = 0; i < account.len; i++)
        if (account.ptr[i] < '0' || account.ptr[i] > '9')
            return false;
    return str_starts_c(rest, kind) && rest.len > strlen(kind);
}

/* A pair in either order (aws-rules 3); a comma is legal in names, so the cut is before the second ARN. */
static bool
split_pair(struct str value, struct str *role, struct str *provider)
{
    size_t at = str_find_c(value, ",arn:");
    struct str first, second;

    if (at == SIZE_MAX)
        return false;
    first = str_slice(value, 0, at);
    second = str_from_offset(value, at + 1);
    *role = is_arn(first, "role/") ? first : second;
    *provider = is_arn(first, "role/") ? second : first;
    return is_arn(*role, "role/") && is_arn(*provider, "saml-provider/");
}

/* Returns what AWS would say about the roles, or NULL. */
static const char *
read_roles(const struct saml_assertion *assertion, struct lab_judgement *judgement)
{
    const struct saml_attribute *roles = attribute(assertion, LAB_ATTRIBUTE_ROLE);

    if (roles == NULL || roles->value_count == 0 || roles->value_count > LAB_MAX_ROLES)
        return iam_invalid;
    for (size_t i = 0; i < roles->value_count; i++) {
        struct str role, provider;

        if (!split_pair(roles->values[i].value.text, &role, &provider))
            return iam_invalid;
        if (!str_eq_c(provider, LAB_SAML_PROVIDER))
            return "Specified provider doesn't exist (service: AWSOpenIdDiscoveryService; status code: 400; "
                   "error code: AuthSamlManifestNotFoundException)";
        judgement->roles[judgement->role_count++] = role;
    }
    return NULL;
}

static bool
is_session_name(struct str name)
{
    if (name.len < 2 || name.len > 64)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("_+=,.@-", c) != NULL)))
            return false;
    }
    return true;
}

static const char *
read_session(const struct saml_assertion *assertion, struct lab_judgement *judgement)
{
    const struct saml_attribute *name = attribute(assertion, LAB_ATTRIBUTE_SESSION_NAME);
    const struct saml_attribute *duration = attribute(assertion, LAB_ATTRIBUTE_DURATION);
    uint64_t seconds;

    if (name == NULL || name->value_count == 0 || name->values[0].value.text.len == 0)
        return "RoleSessionName is required in AuthnResponse" STS("400", "InvalidIdentityToken");
    judgement->session = name->values[0].value.text;
    if (!is_session_name(judgement->session))
        return "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}" STS("400",
                                                                                          "InvalidIdentityToken");
    if (duration != NULL && (duration->value_count != 1 || !str_to_u64(duration->values[0].value.text, &seconds) ||
                             seconds < MIN_DURATION_S || seconds > MAX_DURATION_S))
        return iam_invalid;
    return NULL;
}

static const char *
iam_time(const struct arrival *arrival, int64_t now_ms)
{
    switch (arrival_time(arrival, now_ms)) {
    case ARRIVAL_TOO_LATE:
        return "Response has expired" STS("400", "ExpiredTokenException");
    case ARRIVAL_TOO_EARLY:
    case ARRIVAL_TIME_MALFORMED:
        return iam_invalid;
    case ARRIVAL_IN_TIME:
        break;
    }
    if (now_ms - arrival->assertion->issue_instant.time.ms > REDEEM_MS)
        return "Token must be redeemed within 5 minutes of issuance" STS("400", "ExpiredTokenException");
    return NULL;
}

/* What the trust policies of the account say. */
static const char *
may_assume(const struct arrival *arrival, const struct lab_judgement *judgement)
{
    for (size_t i = 0; i < judgement->role_count; i++)
        if (!str_eq_c(judgement->roles[i], LAB_ROLE_ADMIN) && !str_eq_c(judgement->roles[i], LAB_ROLE_READER))
            return iam_denied;
    return arrival->assertion->name_id.value.text.len > 0 ? NULL : iam_denied;
}

/* The first objection, or NULL. */
static const char *
iam_objection(const struct arrival *arrival, int64_t now_ms, struct lab_judgement *judgement)
{
    const char *said = read_roles(arrival->assertion, judgement);

    if (said != NULL)
        return said;
    if (!arrival_issuer_is(arrival, LAB_IDP_ENTITY))
        return "Issuer not present in specified provider (service: AWSOpenIdDiscoveryService; status code: 400; "
               "error code: AuthSamlInvalidSamlResponseException)";
    if (arrival_signature(arrival, false) != ARRIVAL_SIGNED)
        return "Response signature invalid" STS("400", "InvalidIdentityToken");
    if (!arrival_audience_is(arrival, LAB_IAM_ENTITY))
        return "Response does not contain the required audience." STS("400", "InvalidIdentityToken");
    if (!arrival_is_for(arrival, LAB_IAM_ACS, (struct str){ 0 }))
        return iam_invalid;
    said = iam_time(arrival, now_ms);
    if (said == NULL)
        said = read_session(arrival->assertion, judgement);
    return said != NULL ? said : may_assume(arrival, judgement);
}

void
lab_judge_iam(struct arena *arena, const struct key_set *trusted, const struct exchange *request, int64_t now_ms,
              struct lab_judgement *judgement)
{
    struct arrival arrival;
    const char *said = iam_invalid;

    *judgement = (struct lab_judgement){ 0 };
    if (arrival_read(arena, request, trusted, &arrival) && arrival_one_assertion(&arrival))
        said = iam_objection(&arrival, now_ms, judgement);
    judgement->accepted = said == NULL;
    judgement->said = said;
    judgement->status = said == iam_denied ? 403 : 400;
    if (judgement->accepted)
        judgement->user = arrival.assertion->name_id.value.text;
}

/* --- Identity Center --- */

struct directory_user {
    const char *name;
    int accounts;
};

static const struct directory_user directory[] = {
    { .name = LAB_USER, .accounts = 2 },
    { .name = LAB_USER_TWO_ROLES, .accounts = 1 },
    { .name = LAB_USER_NO_ACCOUNTS, .accounts = 0 },
};

int
lab_idc_accounts(struct str user)
{
    for (size_t i = 0; i < COUNT_OF(directory); i++)
        if (str_eq_c(user, directory[i].name))
            return directory[i].accounts;
    return -1;
}

/* local@domain without blanks: as much of RFC 2822 addr-spec as users have. */
static bool
is_address(struct str text)
{
    struct str local, domain;

    return str_cut(text, '@', &local, &domain) && local.len > 0 && domain.len > 0 &&
           str_find_byte(domain, '@') == SIZE_MAX && str_find_byte(text, ' ') == SIZE_MAX &&
           str_find_byte(text, '\\') == SIZE_MAX && str_find_byte(text, '<') == SIZE_MAX;
}

static const char *
idc_objection(const struct arrival *arrival, struct str request_id, int64_t now_ms)
{
    struct str user = arrival->assertion->name_id.value.text;

    switch (arrival_signature(arrival, true)) {
    case ARRIVAL_UNSIGNED:
        return idc_generic;
    case ARRIVAL_BADLY_SIGNED:
        return idc_us;
    case ARRIVAL_SIGNED:
        break;
    }
    if (!arrival_issuer_is(arrival, LAB_IDP_ENTITY) || !arrival_audience_is(arrival, LAB_IDC_ENTITY) ||
        !arrival_is_for(arrival, LAB_IDC_ACS, request_id))
        return idc_generic;
    switch (arrival_time(arrival, now_ms)) {
    case ARRIVAL_TOO_EARLY:
        return idc_us;
    case ARRIVAL_TOO_LATE:
    case ARRIVAL_TIME_MALFORMED:
        return idc_generic;
    case ARRIVAL_IN_TIME:
        break;
    }
    if (!str_eq_c(arrival->assertion->name_id.format.text, LAB_FORMAT_EMAIL) || !is_address(user))
        return idc_generic;
    if (lab_idc_accounts(user) < 0)
        return "Something went wrong. Looks like this code isn't right. Please try again.";
    return NULL;
}

void
lab_judge_idc(struct arena *arena, const struct key_set *trusted, const struct exchange *request, struct str request_id,
              int64_t now_ms, struct lab_judgement *judgement)
{
    struct arrival arrival;
    const char *said = idc_generic;

    *judgement = (struct lab_judgement){ 0 };
    if (arrival_read(arena, request, trusted, &arrival) && arrival_one_assertion(&arrival))
        said = idc_objection(&arrival, request_id, now_ms);
    judgement->accepted = said == NULL;
    judgement->said = said;
    judgement->status = 400;
    judgement->relay_state = arrival.relay_state;
    if (judgement->accepted)
        judgement->user = arrival.assertion->name_id.value.text;
}
