/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "aws_evidence.h"
#include "directory.h"

/* From the user to accounts: groups, assignments, and assignments to ids that exist no more. */

enum { NAMED = 3 };

struct id_list {
    struct str *items;
    size_t count;
};

static int
compare_ids(const void *a, const void *b)
{
    const struct str *left = a, *right = b;

    return str_compare(*left, *right);
}

static void
sort_ids(struct id_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_ids);
}

static bool
holds(const struct id_list *list, struct str id)
{
    return list->count > 0 && bsearch(&id, list->items, list->count, sizeof(id), compare_ids) != NULL;
}

/* Ids of the groups that the user is a member of. False: no memory. */
static bool
groups_of(struct arena *arena, const struct aws_evidence *evidence, struct str user_id, struct id_list *groups)
{
    size_t count = 0;

    *groups = (struct id_list){ 0 };
    for (size_t i = 0; i < evidence->membership_count; i++)
        count += str_eq(evidence->memberships[i].user_id, user_id);
    groups->items = arena_calloc(arena, count + 1, sizeof(*groups->items));
    if (groups->items == NULL)
        return false;
    for (size_t i = 0; i < evidence->membership_count; i++)
        if (str_eq(evidence->memberships[i].user_id, user_id))
            groups->items[groups->count++] = evidence->memberships[i].group_id;
    sort_ids(groups);
    return true;
}

/* All ids that are users or groups in the lists. */
static bool
all_principals(struct arena *arena, const struct aws_evidence *evidence, struct id_list *list)
{
    list->count = 0;
    list->items = arena_calloc(arena, evidence->user_count + evidence->group_count + 1, sizeof(*list->items));
    if (list->items == NULL)
        return false;
    for (size_t i = 0; i < evidence->user_count; i++)
        list->items[list->count++] = evidence->users[i].user_id;
    for (size_t i = 0; i < evidence->group_count; i++)
        list->items[list->count++] = evidence->groups[i].group_id;
    sort_ids(list);
    return true;
}

static struct str
group_name(const struct aws_evidence *evidence, struct str id)
{
    for (size_t i = 0; i < evidence->group_count; i++)
        if (str_eq(evidence->groups[i].group_id, id) && evidence->groups[i].name.len > 0)
            return evidence->groups[i].name;
    return id;
}

struct access {
    struct id_list groups;
    size_t usable;           /* assignments to the user or one of the user's groups */
    size_t to_groups;        /* assignments to groups */
    struct str named[NAMED]; /* some of the groups that have assignments */
    size_t named_count;
};

static void
name_group(const struct aws_evidence *evidence, struct access *access, struct str id)
{
    struct str name = group_name(evidence, id);

    for (size_t i = 0; i < access->named_count; i++)
        if (str_eq(access->named[i], name))
            return;
    access->named[access->named_count++] = name;
}

static void
count_access(const struct aws_evidence *evidence, struct str user_id, struct access *access)
{
    for (size_t i = 0; i < evidence->assignment_count; i++) {
        const struct idc_assignment *assignment = &evidence->assignments[i];

        if (assignment->to_group) {
            access->to_groups++;
            access->usable += holds(&access->groups, assignment->principal_id);
            if (access->named_count < NAMED)
                name_group(evidence, access, assignment->principal_id);
        } else {
            access->usable += str_eq(assignment->principal_id, user_id);
        }
    }
}

/* Assignments to ids that no list has: 0 also when the lists cannot tell. */
static size_t
stale_assignments(const struct check_run *run, const struct aws_evidence *evidence, struct str *example)
{
    static const enum aws_evidence_kind needed[] = { AWS_EVIDENCE_USERS, AWS_EVIDENCE_GROUPS };
    struct id_list known;
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (!aws_evidence_has(evidence, needed[i]) || aws_evidence_goes_on(evidence, needed[i]))
            return 0;
    if (!all_principals(run->arena, evidence, &known))
        return 0;
    for (size_t i = 0; i < evidence->assignment_count; i++)
        if (!holds(&known, evidence->assignments[i].principal_id)) {
            *example = evidence->assignments[i].principal_id;
            count++;
        }
    return count;
}

static const char *
rest_note(const struct aws_evidence *evidence, enum aws_evidence_kind kind)
{
    return aws_evidence_goes_on(evidence, kind) ? " The list given is not complete (it has a NextToken)." : "";
}

static void
end_without_group(const struct check_run *run, const struct access *access, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str names = directory_names(run->arena, access->named, access->named_count, access->named_count);

    end->id = "acct-not-member-in-idc";
    end->text = arena_printf(run->arena,
                             "In Identity Center the user is in no group of the %zu memberships given, while accounts "
                             "are assigned to groups: %.*s.%s",
                             evidence->membership_count, STR_ARG(names), rest_note(evidence, AWS_EVIDENCE_MEMBERSHIPS));
    end->expected = access->named[0];
    end->received = STR("(no group)");
    end->source = "groups with an assignment";
}

static void
end_without_assignment(const struct check_run *run, const struct access *access, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str own[NAMED], names;
    size_t held = access->groups.count < NAMED ? access->groups.count : NAMED;

    for (size_t i = 0; i < held; i++)
        own[i] = group_name(evidence, access->groups.items[i]);
    names = directory_names(run->arena, own, held, access->groups.count);
    end->id = "acct-no-assignment";
    end->text = arena_printf(run->arena,
                             "The user exists%s%.*s, but none of the %zu assignments given is to the user or one of "
                             "the user's groups.%s",
                             held > 0 ? " and is in " : "", STR_ARG(names), evidence->assignment_count,
                             rest_note(evidence, AWS_EVIDENCE_ASSIGNMENTS));
    end->expected = STR("at least 1 assignment");
    end->received = STR("0");
    end->source = "the list of assignments";
}

/* No account can be reached: says at which step the way ends. */
static void
end_without_access(const struct check_run *run, const struct access *access, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str example = { 0 };
    size_t stale = stale_assignments(run, evidence, &example);

    /* The commands list one account and permission set at a time: what is not there may be elsewhere. */
    end->confidence = CONFIDENCE_LIKELY;
    if (stale > 0) {
        end->id = "acct-stale-principal";
        end->text = arena_printf(run->arena,
                                 "The user reaches no account, and %zu of the %zu assignments given are to ids that "
                                 "are no user and no group in the lists: most likely a user or group was deleted and "
                                 "made anew, with another id.",
                                 stale, evidence->assignment_count);
        end->expected = end->user->user_id;
        end->received = example;
        end->source = "PrincipalId of an assignment against the lists of users and groups";
    } else if (access->groups.count == 0 && access->to_groups > 0) {
        end_without_group(run, access, end);
    } else {
        end_without_assignment(run, access, end);
    }
}

/* An assignment exists, but its permission set did not reach the account. */
static void
walk_provisioning(const struct check_run *run, const struct access *access, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;

    for (size_t i = 0; i < evidence->provisioning_count; i++) {
        const struct idc_provisioning *row = &evidence->provisionings[i];
        bool failed = str_eq_nocase(row->status, STR("FAILED"));
        struct str account = aws_clip(row->account), reason = aws_clip(row->reason);

        if (str_present(row->principal_id) && !str_eq(row->principal_id, end->user->user_id) &&
            !holds(&access->groups, row->principal_id))
            continue;
        if (!failed && !str_eq_nocase(row->status, STR("IN_PROGRESS")))
            continue;
        end->id = failed ? "acct-provisioning-failed" : "acct-assignment-pending";
        end->text = arena_printf(run->arena, "The status of account %.*s is %s%s%.*s.",
                                 STR_ARG(account.len > 0 ? account : STR("(not said)")),
                                 failed ? "FAILED" : "IN_PROGRESS", reason.len > 0 ? ": " : "", STR_ARG(reason));
        end->received = row->status;
        end->source = "the provisioning status";
        return;
    }
}

void
directory_walk_access(const struct check_run *run, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct access access = { .usable = 0 };

    if (!aws_evidence_has(evidence, AWS_EVIDENCE_ASSIGNMENTS)) {
        end->not_walked = "no list of assignments given";
        return;
    }
    if (!groups_of(run->arena, evidence, end->user->user_id, &access.groups)) {
        end->not_walked = "out of memory";
        return;
    }
    count_access(evidence, end->user->user_id, &access);
    if (access.usable == 0 && access.to_groups > 0 && !aws_evidence_has(evidence, AWS_EVIDENCE_MEMBERSHIPS)) {
        end->not_walked = "no list of group memberships given";
        return;
    }
    if (access.usable == 0)
        end_without_access(run, &access, end);
    else
        walk_provisioning(run, &access, end);
}
