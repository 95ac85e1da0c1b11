/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "aws_evidence.h"
#include "directory.h"
#include "error_texts.h"
#include "metadata.h"

/* What AWS lists, looked at as a whole: users, groups, assignments, the instance, failed provisioning. */

enum { NAMED = 3, PERMISSION_SETS_PER_ACCOUNT = 500, MAX_FAILURES = 20 };

#define IDC_QUOTAS "IAM Identity Center User Guide, \"Quotas and limits\" (read 2026)"

static const struct aws_evidence *
lists_of(const struct check_run *run)
{
    static const struct aws_evidence nothing = { 0 };
    const struct aws_evidence *evidence = run->context->settings->evidence;

    return evidence != NULL ? evidence : &nothing;
}

static int
compare_texts(const void *a, const void *b)
{
    const struct str *left = a, *right = b;

    return str_compare(*left, *right);
}

/* --- users and groups ----------------------------------------------------------------------------- */

static void
user_names(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct str names[NAMED];
    size_t count = 0;
    struct finding *finding;

    for (size_t i = 0; i < lists->user_count; i++)
        if (lists->users[i].user_name.len > 0 && !aws_is_address(lists->users[i].user_name)) {
            if (count < NAMED)
                names[count] = lists->users[i].user_name;
            count++;
        }
    if (count == 0)
        return;
    finding = check_reportf(
        run, check,
        "%zu of %zu users have a userName that is no e-mail address: %.*s. The NameID that Identity "
        "Center takes is one, so they can never be equal.",
        count, lists->user_count, STR_ARG(directory_names(run->arena, names, count < NAMED ? count : NAMED, count)));
    finding->received = names[0];
    finding->source = STR("the list of users");
}

/* Ids of everybody who has an assignment, sorted; NULL when memory is out. */
static struct str *
principals_of(struct arena *arena, const struct aws_evidence *lists)
{
    struct str *ids = arena_calloc(arena, lists->assignment_count + 1, sizeof(*ids));

    for (size_t i = 0; ids != NULL && i < lists->assignment_count; i++)
        ids[i] = lists->assignments[i].principal_id;
    if (ids != NULL && lists->assignment_count > 0)
        qsort(ids, lists->assignment_count, sizeof(*ids), compare_texts);
    return ids;
}

static bool
has_all(const struct aws_evidence *lists, enum aws_evidence_kind kind)
{
    return aws_evidence_has(lists, kind) && !aws_evidence_goes_on(lists, kind);
}

static void
groups_without(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    struct str names[NAMED], *ids;
    size_t count = 0;

    if (!has_all(lists, AWS_EVIDENCE_GROUPS) || !has_all(lists, AWS_EVIDENCE_ASSIGNMENTS)) {
        check_skipped(run, check, "no complete lists of groups and of assignments given");
        return;
    }
    ids = principals_of(run->arena, lists);
    for (size_t i = 0; ids != NULL && i < lists->group_count; i++)
        if (lists->assignment_count == 0 ||
            bsearch(&lists->groups[i].group_id, ids, lists->assignment_count, sizeof(*ids), compare_texts) == NULL) {
            if (count < NAMED)
                names[count] = lists->groups[i].name;
            count++;
        }
    if (count > 0)
        check_reportf(run, check,
                      "%zu of %zu groups are in none of the %zu assignments given: %.*s. The lists are read by account "
                      "and permission set, so the missing ones may be in a list that was not given.",
                      count, lists->group_count, lists->assignment_count,
                      STR_ARG(directory_names(run->arena, names, count < NAMED ? count : NAMED, count)));
}

/* Groups that are the primary group of everybody in Active Directory. */
static void
primary_group(struct check_run *run, const struct check *check)
{
    static const char *const primary[] = { "Domain Users", "Domain Guests", "Domain Computers" };
    const struct aws_evidence *lists = lists_of(run);
    struct str *ids = principals_of(run->arena, lists), name, domain;

    for (size_t i = 0; ids != NULL && lists->assignment_count > 0 && i < lists->group_count; i++) {
        bool is_primary = false;

        str_cut(lists->groups[i].name, '@', &name, &domain);
        for (size_t k = 0; k < COUNT_OF(primary); k++)
            is_primary = is_primary || str_eq_nocase(name, str_from(primary[k]));
        if (!is_primary ||
            bsearch(&lists->groups[i].group_id, ids, lists->assignment_count, sizeof(*ids), compare_texts) == NULL)
            continue;
        check_reportf(run, check, "An assignment goes to \"%.*s\", the primary group of Active Directory.",
                      STR_ARG(aws_clip(lists->groups[i].name)))
            ->received = lists->groups[i].name;
        return;
    }
}

/* --- quotas --------------------------------------------------------------------------------------- */

static int
compare_assignments(const void *a, const void *b)
{
    const struct idc_assignment *const *left = a, *const *right = b;
    int order = str_compare((*left)->account, (*right)->account);

    return order != 0 ? order : str_compare((*left)->permission_set, (*right)->permission_set);
}

/* The account that has the most permission sets, and how many. items is sorted. */
static size_t
fullest_account(const struct idc_assignment *const *items, size_t count, struct str *account)
{
    size_t most = 0, here = 0;

    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && str_eq(items[i]->account, items[i - 1]->account);

        if (!same)
            here = 1;
        else if (!str_eq(items[i]->permission_set, items[i - 1]->permission_set))
            here++;
        if (here > most) {
            most = here;
            *account = items[i]->account;
        }
    }
    return most;
}

static void
quota(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    const struct idc_assignment **items = arena_calloc(run->arena, lists->assignment_count + 1, sizeof(*items));
    struct str account = { 0 };
    size_t most;

    if (items == NULL || lists->assignment_count == 0)
        return;
    for (size_t i = 0; i < lists->assignment_count; i++)
        items[i] = &lists->assignments[i];
    qsort(items, lists->assignment_count, sizeof(*items), compare_assignments);
    most = fullest_account(items, lists->assignment_count, &account);
    if (most >= PERMISSION_SETS_PER_ACCOUNT)
        check_reportf(run, check, "Account %.*s has %zu permission sets; the default quota is %d.",
                      STR_ARG(aws_clip(account)), most, PERMISSION_SETS_PER_ACCOUNT);
}

/* --- the instance --------------------------------------------------------------------------------- */

static void
account_instance(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);

    if (!aws_evidence_has(lists, AWS_EVIDENCE_INSTANCES) || !aws_evidence_has(lists, AWS_EVIDENCE_ORGANIZATION)) {
        check_skipped(run, check,
                      "no output of 'aws sso-admin list-instances' and 'aws organizations "
                      "describe-organization' given");
        return;
    }
    for (size_t i = 0; i < lists->instance_count; i++) {
        const struct idc_instance *instance = &lists->instances[i];
        struct finding *finding;

        if (!str_present(instance->owner) || str_eq(instance->owner, lists->management_account))
            continue;
        finding =
            check_reportf(run, check, "Instance %.*s belongs to account %.*s, which is not the management account.",
                          STR_ARG(aws_clip(instance->store_id)), STR_ARG(aws_clip(instance->owner)));
        finding_mismatch(finding, lists->management_account, instance->owner, "MasterAccountId of the organization");
    }
}

/* The Region of the instance, by its metadata; absent when none was given. */
static struct str
region_of_instance(const struct settings *settings)
{
    for (size_t i = 0; i < settings->metadata_count; i++)
        for (size_t k = 0; k < settings->metadata[i]->entity_count; k++) {
            struct aws_url entity = aws_url_read(settings->metadata[i]->entities[k].entity_id);

            if (entity.kind == AWS_URL_IDC_ENTITY)
                return entity.region;
        }
    return (struct str){ 0 };
}

static enum region_state
state_of_instance(const struct check_run *run, struct str *region)
{
    const struct aws_evidence *lists = lists_of(run);

    *region = region_of_instance(run->context->settings);
    for (size_t i = 0; str_present(*region) && i < lists->region_count; i++)
        if (str_eq_nocase(lists->regions[i].name, *region))
            return lists->regions[i].state;
    return REGION_STATE_UNKNOWN;
}

static void
opt_in_region(struct check_run *run, const struct check *check)
{
    struct str region;

    if (state_of_instance(run, &region) == REGION_OPTED_IN)
        check_reportf(run, check,
                      "Identity Center is in %.*s, which has to be enabled. Accounts where it is not are missing in "
                      "the portal.",
                      STR_ARG(region));
}

static void
region_disabled(struct check_run *run, const struct check *check)
{
    struct str region;

    if (state_of_instance(run, &region) == REGION_OFF)
        check_reportf(run, check,
                      "Identity Center is in %.*s, which is disabled in the account that this list is of. If that is "
                      "the management account nobody can sign in; if it is another one, that account is missing.",
                      STR_ARG(region));
}

/* --- provisioning --------------------------------------------------------------------------------- */

/* Reported under the id of the error when it is known, else under this row. */
static void
failed_provisioning(struct check_run *run, const struct check *check)
{
    const struct aws_evidence *lists = lists_of(run);
    size_t reported = 0;

    for (size_t i = 0; i < lists->log_count && reported < MAX_FAILURES; i++) {
        const struct idp_log_entry *entry = &lists->log[i];
        struct error_match matches[ERROR_MATCHES_MAX];
        const struct check *row = check;
        struct finding *finding;

        if (entry->kind != IDP_LOG_PROVISIONING || entry->result != IDP_LOG_FAILURE)
            continue;
        if (error_texts_find(entry->reason, matches) > 0 && matches[0].check != NULL)
            row = matches[0].check;
        if (row != check && aws_is_found(run, row))
            continue;
        finding = check_reportf(run, row, "%s could not provision \"%.*s\" (%.*s).",
                                strcmp(entry->vendor, "okta") == 0 ? "Okta" : "Entra", STR_ARG(aws_clip(entry->user)),
                                STR_ARG(entry->time));
        finding->received = str_present(entry->reason) ? entry->reason : STR("(no reason given)");
        finding->source = STR("the identity provider's log");
        finding->severity = SEVERITY_ERROR;
        finding->confidence = row == check ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
        reported++;
    }
}

#define SETUP_ROW(explains, fixer, sure, rests_on)                                                                     \
    .subject = CHECK_SETUP, .profiles = PROFILE_ANY, .rank = RANK_##explains, .owner = OWNER_##fixer,                  \
    .confidence = CONFIDENCE_##sure, .standing = STANDING_##rests_on, .spec = "-", .follows = ""

static const struct check table[] = {
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, PROVEN, DOCUMENTED),
        .id = "setup-username-no-address",
        .severity = SEVERITY_ERROR,
        .title = "users whose userName can never be the NameID",
        .means = "Identity Center finds a user by a NameID of the form of an e-mail address that equals the userName.",
        .rule = "Every userName in the list is an address.",
        .source = IDC_GUIDE_TROUBLESHOOT "; Microsoft's tutorial, which makes userName B.Simon",
        .fixes = {
            FIX("any", "Rename these users, or map userName in provisioning to the attribute that is sent as NameID."),
        },
        .run = user_names,
    },
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, LIKELY, DOCUMENTED),
        .id = "setup-group-without-assignment",
        .severity = SEVERITY_WARNING,
        .title = "groups that give no account",
        .means = "Members of these groups see no account in the portal through them.",
        .rule = "Every group in the list is in an assignment in the list.",
        .source = "IAM Identity Center User Guide, \"Single sign-on access to AWS accounts\" (read 2026)",
        .fixes = {
            FIX("any", "IAM Identity Center > AWS accounts > Assign users or groups."),
        },
        .run = groups_without,
    },
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, LIKELY, DOCUMENTED),
        .id = "acct-ad-primary-group",
        .severity = SEVERITY_ERROR,
        .title = "an assignment goes to the primary group of Active Directory",
        .means = "Identity Center cannot read memberships of the primary group: nobody gets the account.",
        .rule = "No assignment is to Domain Users, Domain Guests or Domain Computers.",
        .source = IDC_GUIDE_TROUBLESHOOT,
        .fixes = {
            FIX("any", "Assign another group that has the users as members."),
        },
        .run = primary_group,
    },
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, PROVEN, DOCUMENTED),
        .id = "acct-quota",
        .severity = SEVERITY_WARNING,
        .title = "a quota of Identity Center is reached",
        .means = "Further assignments fail.",
        .rule = "No account in the assignments has 500 permission sets or more (default quota).",
        .source = IDC_QUOTAS,
        .fixes = {
            FIX("any", "Ask for a higher quota (Service Quotas), or use fewer permission sets."),
        },
        .run = quota,
    },
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, LIKELY, INFERRED),
        .id = "acct-account-instance",
        .severity = SEVERITY_ERROR,
        .title = "an account instance gives no AWS accounts",
        .means = "An instance of a member account serves applications; access to accounts needs that of the "
                 "organization.",
        .rule = "OwnerAccountId of the instance is the management account.",
        .source = "inferred from AWS's description of instance types",
        .fixes = {
            FIX("any", "Set up sign-in at the organization instance, in the management account."),
        },
        .run = account_instance,
    },
    {
        SETUP_ROW(NOTE, SP_ADMIN, PROVEN, DOCUMENTED),
        .id = "acct-opt-in-region",
        .severity = SEVERITY_WARNING,
        .title = "Identity Center is in a Region that must be enabled",
        .means = "It manages only accounts that have enabled that Region.",
        .rule = "The Region of the instance is enabled by default.",
        .source = "IAM Identity Center User Guide, Region availability (read 2026)",
        .fixes = {
            FIX("any", "Enable the Region in every account that is to appear: aws account enable-region."),
        },
        .run = opt_in_region,
    },
    {
        SETUP_ROW(DIRECTORY, SP_ADMIN, LIKELY, DOCUMENTED),
        .id = "idc-region-disabled",
        .severity = SEVERITY_ERROR,
        .title = "the Region of Identity Center is disabled",
        .means = "Access stops when the Region is disabled; the data is kept for at least 10 days.",
        .rule = "The Region of the instance is not disabled in the list of Regions.",
        .source = "IAM Identity Center User Guide, Region availability (read 2026)",
        .fixes = {
            FIX("any", "Enable the Region again: aws account enable-region."),
        },
        .run = region_disabled,
    },
    {
        SETUP_ROW(DIRECTORY, IDP_ADMIN, PROVEN, OBSERVED),
        .id = "setup-provisioning-failed",
        .severity = SEVERITY_ERROR,
        .title = "provisioning failed",
        .means = "The user or group is not in Identity Center as the identity provider has it.",
        .rule = "No entry of the identity provider's log about provisioning is a failure.",
        .source = "log formats of Okta (System Log API) and Microsoft Graph",
        .fixes = {
            FIX("okta", "Dashboard > Tasks: read the error, correct the profile, retry."),
            FIX("entra", "Provisioning > Provisioning logs > the entry > Troubleshooting; then Provision on demand."),
        },
        .run = failed_provisioning,
    },
};

CHECK_SET(checks_aws_setup_lists, table);
