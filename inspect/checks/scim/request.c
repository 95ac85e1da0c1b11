/* SPDX-License-Identifier: MIT */
/* Requests as such, filters, PATCH and groups, against the limits of IAM Identity Center. */
#include "scim_check.h"

enum { MAX_MEMBERS = 100 };

static void
invalid_json(struct check_run *run, const struct check *check)
{
    if ((scim_of(run)->body == SCIM_JSON_BROKEN && (scim_of(run)->status == 0 || scim_of(run)->status >= 400)) ||
        scim_said(run, "Invalid JSON"))
        scim_report(run, check, STR("The body of the request is no JSON object."));
}

static void
endpoint_unsupported(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);
    bool known = scim->resource == SCIM_ME || scim->resource == SCIM_BULK || scim->resource == SCIM_SEARCH;

    if (scim_is_aws(run) && known && (scim->status == 0 || scim->status >= 400))
        scim_report(
            run, check,
            arena_printf(run->arena, "AWS offers no /%.*s.",
                         STR_ARG(scim->resource == SCIM_SEARCH ? STR(".search") : scim_clip(scim->resource_name))));
}

/* --- filters -------------------------------------------------------------------------------------- */

/* One comparison: attribute eq "value". */
static bool
is_supported_term(enum scim_resource resource, struct str term)
{
    static const char *const user[] = { "userName", "externalId", "groups.value", "id", "manager" };
    static const char *const group[] = { "displayName", "externalId", "id", "members", "members.value" };
    const char *const *names = resource == SCIM_GROUPS ? group : user;
    struct str name, operator, value;
    bool known = false;

    str_cut(str_trim(term), ' ', &name, &value);
    str_cut(str_trim(value), ' ', &operator, & value);
    value = str_trim(value);
    for (size_t i = 0; i < COUNT_OF(user); i++)
        known = known || str_eq_nocase(name, str_from(names[i]));
    return known && str_eq_nocase(operator, STR("eq")) && value.len >= 2 && value.ptr[0] == '"' &&
           value.ptr[value.len - 1] == '"';
}

static bool
is_supported_filter(enum scim_resource resource, struct str filter)
{
    for (;;) {
        size_t at = str_find_nocase(filter, STR("\" and "));
        struct str term = at == SIZE_MAX ? filter : str_slice(filter, 0, at + 1);

        if (!is_supported_term(resource, term))
            return false;
        if (at == SIZE_MAX)
            return true;
        filter = str_from_offset(filter, at + 6);
    }
}

static void
filter_unsupported(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);
    bool odd = scim->filter.len > 0 && scim_is_judged(run) && !is_supported_filter(scim->resource, scim->filter);

    if (odd || scim_said(run, "Invalid Filter format"))
        scim_report(run, check, arena_printf(run->arena, "The filter is %.*s.", STR_ARG(scim_clip(scim->filter))));
}

/* A search that compares several attributes at once: the identity provider matches on more than one. */
static void
matching_multiple(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);
    bool several = str_find_nocase(scim->filter, STR("\" and ")) != SIZE_MAX ||
                   str_find_nocase(scim->filter, STR("\" or ")) != SIZE_MAX;
    struct finding *finding;

    if (!scim_is_aws(run) || scim->resource != SCIM_USERS || !several)
        return;
    finding = check_reportf(run, check,
                            "Users are looked for by several attributes at once: a user in whom one of them differs is "
                            "not found, and made a second time.");
    finding->received = scim->filter;
    finding->source = STR("the filter of the request");
}

static void
paging(struct check_run *run, const struct check *check)
{
    uint64_t start = 0;

    if (scim_is_aws(run) && str_to_u64(scim_of(run)->start_index, &start) && start > 1)
        check_reportf(run, check, "The list is asked for from startIndex=%llu on; AWS pages by cursor only.",
                      (unsigned long long)start);
}

/* --- groups --------------------------------------------------------------------------------------- */

static size_t
kept_operations(const struct scim_message *scim)
{
    return scim->operation_count < SCIM_MAX_OPERATIONS ? scim->operation_count : SCIM_MAX_OPERATIONS;
}

static void
patch_group_size(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);
    size_t changes = scim->is_group ? scim->member_count : 0;

    for (size_t i = 0; i < kept_operations(scim) && scim->resource == SCIM_GROUPS; i++)
        changes += scim->operations[i].member_count;
    /* Operations that were not kept change one member each at least, when the kept ones do. */
    if (changes > 0 && scim->resource == SCIM_GROUPS)
        changes += scim->operation_count - kept_operations(scim);
    if (scim_is_judged(run) && changes > MAX_MEMBERS)
        scim_report(run, check, arena_printf(run->arena, "The request changes %zu memberships at once.", changes));
}

static void
patch_group_replace(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    for (size_t i = 0; i < kept_operations(scim) && scim->resource == SCIM_GROUPS && scim_is_judged(run); i++) {
        const struct scim_operation *operation = &scim->operations[i];
        bool replace = str_eq_nocase(operation->op, STR("replace")) && operation->members;
        bool remove_all = str_eq_nocase(operation->op, STR("remove")) &&
                          str_eq_nocase(operation->path, STR("members")) && operation->value == SCIM_VALUE_NONE;

        if (replace || remove_all) {
            scim_report(run, check,
                        replace ? STR("The request replaces the members of the group.")
                                : STR("The request removes all members of the group."));
            return;
        }
    }
    if (scim_said(run, "Replacing group memberships is not supported"))
        scim_report(run, check, (struct str){ 0 });
}

static void
nested_groups(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    if (scim_is_aws(run) && scim->nested_count > 0)
        check_reportf(run, check, "%zu of the members written %s itself a group.", scim->nested_count,
                      scim->nested_count == 1 ? "is" : "are");
}

/* --- PATCH ---------------------------------------------------------------------------------------- */

static void
patch_path_missing(struct check_run *run, const struct check *check)
{
    const struct scim_message *scim = scim_of(run);

    for (size_t i = 0; i < kept_operations(scim) && scim_is_judged(run); i++) {
        const struct scim_operation *operation = &scim->operations[i];

        if (operation->path.len > 0)
            continue;
        if (str_eq_nocase(operation->op, STR("remove")) ||
            (operation->value == SCIM_VALUE_OBJECT && operation->value_count > 1)) {
            scim_report(run, check,
                        arena_printf(run->arena, "Operation %zu (%.*s) has no path.", i + 1,
                                     STR_ARG(scim_clip(operation->op))));
            return;
        }
    }
    if (scim_said(run, "Missing path in PATCH") || scim_said(run, "omitting \"path\" attribute"))
        scim_report(run, check, (struct str){ 0 });
}

static void
patch_user_limits(struct check_run *run, const struct check *check)
{
    static const char *const names[] = { "userName", "active" };
    const struct scim_message *scim = scim_of(run);

    for (size_t n = 0; n < COUNT_OF(names) && scim->resource == SCIM_USERS && scim_is_judged(run); n++) {
        size_t count = 0;
        bool removed = false;

        for (size_t i = 0; i < kept_operations(scim); i++) {
            bool same = str_eq_nocase(scim->operations[i].path, str_from(names[n]));

            count += same;
            removed = removed || (same && str_eq_nocase(scim->operations[i].op, STR("remove")));
        }
        if (count > 1 || removed) {
            scim_report(
                run, check,
                arena_printf(run->arena, "The request %s %s.", removed ? "removes" : "changes twice", names[n]));
            return;
        }
    }
}

static const struct check table[] = {
    { SCIM_ROW("scim-invalid-json", ERROR, DECODE, IDP_ADMIN, DOCUMENTED, PROVEN, "the request is no JSON"),
      .means = SCIM_NOT_STORED, .rule = "The body is a JSON object.", .spec = "RFC 7644 3.1", .source = SCIM_TRAIL,
      .fixes = { { "any",
                   "A fault of the SCIM client, or of what stands between: look at the bytes that were sent." } },
      .run = invalid_json },
    { SCIM_ROW("scim-endpoint-unsupported", ERROR, WRONG_ENDPOINT, IDP_ADMIN, DOCUMENTED, PROVEN,
               "AWS does not offer this SCIM endpoint"),
      .means = SCIM_NOT_STORED, .rule = "No /Me, /Bulk, /.search.", .spec = "Limitations", .source = SCIM_GUIDE,
      .fixes = { { "any", "Turn bulk operations and searching by POST off in the SCIM client." } },
      .run = endpoint_unsupported },
    { SCIM_ROW("scim-filter-unsupported", ERROR, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN,
               "AWS does not support this filter"),
      .means = "The identity provider cannot find out whether the user or group exists.",
      .rule =
          "Only eq, joined by and; users: userName, externalId, groups.value, id with manager; value in double quotes.",
      .spec = "ListUsers, ListGroups", .source = SCIM_GUIDE "; " SCIM_TRAIL,
      .fixes = { { "any", "Match users by userName alone and groups by displayName." } }, .run = filter_unsupported },
    { SCIM_ROW("scim-paging", WARNING, REQUEST, IDP_ADMIN, DOCUMENTED, LIKELY, "the list is paged by startIndex"),
      .means = "Users beyond the first page seem to be missing and are created again (409).",
      .rule = "No startIndex; at most 100 results a page; cursor and count.", .spec = "ListUsers", .source = SCIM_GUIDE,
      .fixes = { { "any", "Let the client filter for each user instead of listing all." } }, .run = paging },
    { SCIM_ROW("scim-patchgroup-over-100", ERROR, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN,
               "more than 100 memberships are changed at once"),
      .means = SCIM_NOT_STORED, .rule = "At most 100 members in one PATCH or in a new group.",
      .spec = "PatchGroup, CreateGroup", .source = SCIM_GUIDE "; slashdevops/idp-scim-sync, issue 62",
      .fixes = { { "any", "Change members in batches of 100." } }, .run = patch_group_size },
    { SCIM_ROW("scim-patchgroup-replace", ERROR, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN,
               "members of a group cannot be replaced as a whole"),
      .means = SCIM_NOT_STORED, .rule = "No replace and no remove-all of members.", .spec = "PatchGroup",
      .source = SCIM_GUIDE "; mitodl/keycloak-scim, issue 73",
      .fixes = { { "any", "Let the client add and remove member by member." } }, .run = patch_group_replace },
    { SCIM_ROW("scim-patch-path-missing", ERROR, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN,
               "a PATCH operation has no path"),
      .means = SCIM_NOT_STORED, .rule = "path is there, unless add or replace changes a single attribute.",
      .spec = "PatchUser, PatchGroup", .source = SCIM_TRAIL "; goauthentik/authentik, issue 12321",
      .fixes = { { "any", "Let the client write path, one attribute for each operation." } },
      .run = patch_path_missing },
    { SCIM_ROW("scim-patch-user-limits", ERROR, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN,
               "userName or active is changed in a way that AWS refuses"),
      .means = SCIM_NOT_STORED, .rule = "One operation each on userName and active, and no remove of them.",
      .spec = "PatchUser", .source = SCIM_GUIDE,
      .fixes = { { "any", "Send one operation for userName and one for active." } }, .run = patch_user_limits },
    { SCIM_ROW("scim-matching-multiple", WARNING, REQUEST, IDP_ADMIN, DOCUMENTED, LIKELY,
               "users are matched by several attributes"),
      .means = "Some users are then not found in Identity Center although they are there, and their creation fails.",
      .rule = "A filter on users compares one attribute.", .spec = "ListUsers", .source = SCIM_TROUBLE,
      .fixes = { { "entra", "Provisioning > Mappings: userName alone has \"Match objects using this attribute\"." },
                 { "any", "Match users by userName alone." } },
      .run = matching_multiple },
    { SCIM_ROW("scim-nested-groups", WARNING, REQUEST, IDP_ADMIN, DOCUMENTED, PROVEN, "a group is put into a group"),
      .means = "Identity Center has no groups in groups: members of the inner group get nothing from the outer one.",
      .rule = "No member of a group has the type Group or a $ref to /Groups/.", .spec = "PatchGroup, CreateGroup",
      .source = "IAM Identity Center User Guide, \"Users, groups, and provisioning\" (read 2026)",
      .fixes = { { "entra", "Assign the inner group to the app: only direct members are provisioned." },
                 { "any", "Make the users direct members of the group." } },
      .run = nested_groups },
};

CHECK_SET(checks_scim_request, table);
