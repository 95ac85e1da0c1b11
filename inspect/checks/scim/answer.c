/* SPDX-License-Identifier: MIT */
/* What the status of the answer says by itself. */
#include "scim_check.h"

static bool
at_fault(const struct check_run *run, unsigned status)
{
    return scim_of(run)->status == status;
}

static void
token_expired(struct check_run *run, const struct check *check)
{
    struct finding *finding;
    bool proven = scim_said(run, "expired");

    if (!at_fault(run, 401) || scim_of(run)->authorization == SCIM_AUTHORIZATION_MALFORMED)
        return;
    finding = scim_report(run, check,
                          proven ? STR("The access token has expired.")
                                 : STR("An access token lives one year at AWS; whether this one has expired, its page "
                                       "in Identity Center shows."));
    if (!proven) {
        finding->severity = SEVERITY_WARNING;
        finding->confidence = CONFIDENCE_POSSIBLE;
    }
}

static void
token_invalid(struct check_run *run, const struct check *check)
{
    if (at_fault(run, 401) && !scim_said(run, "expired") && scim_of(run)->authorization != SCIM_AUTHORIZATION_MALFORMED)
        scim_report(run, check,
                    STR("The access token is not accepted: wrong, cut short, expired, or the tenant id in "
                        "the URL is another's."));
}

static void
authorization_header(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    if (scim->authorization == SCIM_AUTHORIZATION_MALFORMED && (scim->status == 0 || scim->status >= 400))
        scim_report(
            run, check,
            arena_printf(run->arena, "The Authorization header is malformed: %s.", scim->authorization_problem));
}

static void
trailing_slash(struct check_run *run, const struct check *check)
{
    struct finding *finding;

    if (!scim_of(run)->double_slash)
        return;
    finding = scim_report(run, check,
                          arena_printf(run->arena,
                                       "The path goes on with \"//%.*s\": the base URL was given with a "
                                       "slash at its end.",
                                       STR_ARG(scim_clip(scim_of(run)->resource_name))));
    if (scim_of(run)->status != 0 && scim_of(run)->status < 400)
        finding->severity = SEVERITY_WARNING;
}

static void
wrong_region(struct check_run *run, const struct check *check)
{
    if (scim_is_aws(run) && run->exchange != NULL && run->exchange->problem == EXCHANGE_UPSTREAM_NAME)
        check_reportf(run, check, "The host name %.*s does not exist.", STR_ARG(scim_clip(scim_of(run)->host)));
}

static void
forbidden(struct check_run *run, const struct check *check)
{
    if (at_fault(run, 403))
        scim_report(run, check, STR("The token does not permit this operation."));
}

static void
not_found(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    if (at_fault(run, 404) && scim->id.len > 0 && (scim->resource == SCIM_USERS || scim->resource == SCIM_GROUPS))
        scim_report(run, check,
                    arena_printf(run->arena, "There is no %s with id %.*s.",
                                 scim->resource == SCIM_USERS ? "user" : "group", STR_ARG(scim_clip(scim->id))));
}

static void
user_exists(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    if (at_fault(run, 409) && scim->resource == SCIM_USERS)
        scim_report(run, check,
                    scim->user.user_name.len > 0
                        ? arena_printf(run->arena,
                                       "Another user has the userName, e-mail or externalId of "
                                       "%.*s.",
                                       STR_ARG(scim_clip(scim->user.user_name)))
                        : STR("Another user has this userName, e-mail or externalId."));
}

static void
email_duplicate(struct check_run *run, const struct check *check)
{
    if (at_fault(run, 409) && scim_of(run)->resource == SCIM_USERS && scim_said(run, "email"))
        scim_report(run, check,
                    arena_printf(run->arena, "Another user has the e-mail address %.*s.",
                                 STR_ARG(scim_clip(scim_of(run)->user.email))));
}

static void
group_duplicate(struct check_run *run, const struct check *check)
{
    if ((at_fault(run, 409) && scim_of(run)->resource == SCIM_GROUPS) || scim_said(run, "Duplicate GroupDisplayName"))
        scim_report(run, check,
                    arena_printf(run->arena, "A group named \"%.*s\" exists already.",
                                 STR_ARG(scim_clip(scim_of(run)->group_name))));
}

static void
throttled(struct check_run *run, const struct check *check)
{
    if (at_fault(run, 429))
        scim_report(run, check,
                    scim_of(run)->retry_after.len > 0 ? arena_printf(run->arena, "Retry-After is %.*s.",
                                                                     STR_ARG(scim_clip(scim_of(run)->retry_after)))
                                                      : STR("Too many requests at once."));
}

static void
server_error(struct check_run *run, const struct check *check)
{
    if (scim_of(run)->status >= 500 && scim_of(run)->status != 501)
        scim_report(run, check, STR("The fault is the server's."));
}

static void
members_not_listed(struct check_run *run, const struct check *check)
{
    if (scim_is_aws(run) && scim_of(run)->members_empty)
        check_report(run, check,
                     STR("The answer lists groups without members; AWS leaves them out whether there are any "
                         "or not."));
}

static const struct check table[] = {
    { SCIM_ROW("scim-token-expired", ERROR, STATUS, IDP_ADMIN, DOCUMENTED, LIKELY, "the SCIM access token has expired"),
      .means = "Nothing is provisioned until the token is replaced.", .rule = "HTTP 401. AWS's tokens live one year.",
      .spec = "UnauthorizedException", .source = SCIM_GUIDE, .follows = "scim-token-invalid",
      .fixes = { { "any",
                   "Identity Center > Settings > Automatic provisioning: generate a token, put it into the identity "
                   "provider, test, delete the old one." } },
      .run = token_expired },
    { SCIM_ROW("scim-token-invalid", ERROR, STATUS, IDP_ADMIN, DOCUMENTED, LIKELY,
               "the SCIM access token or the tenant id is wrong"),
      .means = "Nothing is provisioned.", .rule = "HTTP 401.", .spec = "UnauthorizedException", .source = SCIM_GUIDE,
      .fixes = { { "any",
                   "Copy SCIM endpoint and token once more from Identity Center; a token is shown only once." } },
      .run = token_invalid },
    { SCIM_ROW("scim-authorization-header", ERROR, TRANSPORT, IDP_ADMIN, STANDARD, PROVEN,
               "the Authorization header is malformed"),
      .means = "The server cannot read the token.",
      .rule = "Authorization: Bearer <token>; no quotes, no line break, no second Bearer.", .spec = "RFC 6750 2.1",
      .source = SCIM_RFCS,
      .fixes = { { "cyberark", "Set the authorization type to Authorization Header, the token alone as value." },
                 { "entra", "Secret Token: the token alone, without \"Bearer\"." },
                 { "any", "Enter the bare token, copied without quotes and line breaks." } },
      .run = authorization_header },
    { SCIM_ROW("scim-trailing-slash", ERROR, TRANSPORT, IDP_ADMIN, DOCUMENTED, LIKELY,
               "the SCIM base URL was given with a slash at its end"),
      .means = "The server does not know the path; some identity providers do not take the base URL at all.",
      .rule = "No \"//\" behind the base. AWS asks to remove the slash for Okta, OneLogin, Ping, JumpCloud, CyberArk.",
      .spec = "https://scim.<region>.amazonaws.com/<tenant>/scim/v2", .source = SCIM_TUTORIALS,
      .fixes = { { "any", "Remove the slash at the end of the SCIM base URL in the identity provider." } },
      .run = trailing_slash },
    { SCIM_ROW("scim-wrong-region-or-tenant", ERROR, TRANSPORT, IDP_ADMIN, INFERRED, LIKELY,
               "the SCIM host does not exist: wrong Region?"),
      .means = "Nothing is provisioned.", .rule = "The host name does not resolve.",
      .spec = "https://scim.<region>.amazonaws.com/<tenant>/scim/v2", .source = SCIM_GUIDE,
      .fixes = { { "any", "Copy the SCIM endpoint from Identity Center > Settings > Automatic provisioning." } },
      .run = wrong_region },
    { SCIM_ROW("scim-forbidden", ERROR, STATUS, IDP_ADMIN, DOCUMENTED, PROVEN, "the SCIM server forbids the operation"),
      .means = SCIM_NOT_STORED, .rule = "HTTP 403.", .spec = "AccessDeniedException", .source = SCIM_GUIDE,
      .fixes = { { "any", "Look whether automatic provisioning is enabled; generate a new token." } },
      .run = forbidden },
    { SCIM_ROW("scim-not-found", ERROR, DIRECTORY, IDP_ADMIN, DOCUMENTED, PROVEN,
               "the user or group is gone at the SCIM server"),
      .means = "Somebody deleted it there by hand; the identity provider still keeps its id.",
      .rule = "HTTP 404 for /Users/<id> or /Groups/<id>.", .spec = "ResourceNotFoundException", .source = SCIM_GUIDE,
      .fixes = { { "okta", "Unassign the user and assign again; groups: unlink the pushed group and push again." },
                 { "entra", "Provisioning > Restart provisioning, or provision on demand." },
                 { "any", "Let the identity provider forget the stored id and provision anew." } },
      .run = not_found },
    { SCIM_ROW("scim-user-exists", ERROR, DIRECTORY, IDP_ADMIN, DOCUMENTED, PROVEN, "the user exists already"),
      .means = "userName, primary e-mail and externalId must each be unique in Identity Center.",
      .rule = "HTTP 409 for /Users.", .spec = "ConflictException · RFC 7644 3.3 (uniqueness)",
      .source = SCIM_GUIDE "; " SCIM_TROUBLE,
      .fixes = { { "any",
                   "Find the other user in Identity Center, often made by hand or by an older sync; merge, rename or "
                   "delete it." } },
      .run = user_exists },
    { SCIM_ROW("scim-email-duplicate", ERROR, DIRECTORY, IDP_ADMIN, DOCUMENTED, LIKELY,
               "another user has the same e-mail address"),
      .means = "Shared mailboxes cannot be used: the primary e-mail must be unique.",
      .rule = "HTTP 409 for /Users whose detail speaks of the e-mail.", .spec = "ConflictException",
      .source = SCIM_TROUBLE, .fixes = { { "any", "Give the user an address of its own." } }, .run = email_duplicate },
    { SCIM_ROW("scim-group-duplicate", ERROR, DIRECTORY, IDP_ADMIN, DOCUMENTED, PROVEN, "a group of that name exists"),
      .means = "displayName of groups must be unique.",
      .rule = "HTTP 409 for /Groups, or \"Duplicate GroupDisplayName\".", .spec = "ConflictException",
      .source = SCIM_TRAIL,
      .fixes = { { "any",
                   "Delete the group that was made by hand, or let the identity provider link to it by name." } },
      .run = group_duplicate },
    { SCIM_ROW("scim-throttled", ERROR, STATUS, IDP_ADMIN, DOCUMENTED, PROVEN, "the SCIM server throttles"),
      .means = "Requests are refused until there are fewer; the sync takes long or stays incomplete.",
      .rule = "HTTP 429. AWS: all SCIM operations together 20 a second, more on request.",
      .spec = "ThrottlingException", .source = "AWS, \"Quotas and limits in IAM Identity Center\" (read 2026)",
      .fixes = { { "any", "Let the client back off and try again; sync fewer groups; ask AWS Support for more." } },
      .run = throttled },
    { SCIM_ROW("scim-server-error", ERROR, STATUS, SP_ADMIN, DOCUMENTED, PROVEN,
               "the SCIM server has a fault of its own"),
      .means = SCIM_NOT_STORED, .rule = "HTTP 5xx.", .spec = "InternalServerException", .source = SCIM_GUIDE,
      .fixes = { { "any", "Try again; give the request id to AWS Support when it stays." } }, .run = server_error },
    { SCIM_ROW("scim-members-not-listed", INFO, NOTE, IDP_ADMIN, DOCUMENTED, LIKELY,
               "groups are listed without members"),
      .means = "An identity provider that compares may take the group for out of sync.",
      .rule = "The members of a listed group are empty.", .spec = "ListGroups, GetGroup", .source = SCIM_GUIDE,
      .fixes = { { "any", "Look at memberships with aws identitystore list-group-memberships." } },
      .run = members_not_listed },
};

CHECK_SET(checks_scim_answer, table);
