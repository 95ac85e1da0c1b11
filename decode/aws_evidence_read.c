/* SPDX-License-Identifier: MIT */
#include "aws_evidence.h"

#include <string.h>

#include "aws_evidence_rows.h"
#include "json_text.h"

enum { MAX_STRINGS = 1000 };

void *
aws_evidence_grow(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size)
{
    char *item;

    if (*count >= AWS_EVIDENCE_MAX_ROWS || !arena_grow(arena, items, *count, capacity, item_size))
        return NULL;
    item = (char *)*items + *count * item_size;
    memset(item, 0, item_size);
    ++*count;
    return item;
}

bool
aws_evidence_strings(struct arena *arena, const json_t *value, struct str **items, size_t *count)
{
    size_t total = json_is_array(value) ? json_array_size(value) : json_is_string(value) ? 1 : 0;

    *count = 0;
    if (total > MAX_STRINGS)
        total = MAX_STRINGS;
    *items = arena_calloc(arena, total + 1, sizeof(**items));
    if (*items == NULL)
        return false;
    for (size_t i = 0; i < total; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;

        if (json_is_string(item))
            (*items)[(*count)++] = arena_copy(arena, (struct str){ json_string_value(item), json_string_length(item) });
    }
    return !arena_failed(arena);
}

#define GROW(arena, evidence, list, singular)                                                                          \
    aws_evidence_grow((arena), (void **)&(evidence)->list, &(evidence)->singular##_count,                              \
                      &(evidence)->singular##_capacity, sizeof(*(evidence)->list))

static bool
read_emails(struct arena *arena, const json_t *emails, struct idc_user *user)
{
    size_t total = json_array_size(emails) < MAX_STRINGS ? json_array_size(emails) : MAX_STRINGS;

    user->emails = arena_calloc(arena, total + 1, sizeof(*user->emails));
    for (size_t i = 0; user->emails != NULL && i < total; i++) {
        struct str value = json_text_string(arena, json_array_get(emails, i), "Value");

        if (value.len > 0)
            user->emails[user->email_count++] = value;
    }
    return user->emails != NULL;
}

static bool
user_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_user *user = GROW(arena, evidence, users, user);
    struct str state = json_text_string(arena, value, "UserStatus");

    (void)source;
    if (user == NULL)
        return false;
    user->user_id = json_text_string(arena, value, "UserId");
    user->user_name = json_text_string(arena, value, "UserName");
    user->display_name = json_text_string(arena, value, "DisplayName");
    user->store_id = json_text_string(arena, value, "IdentityStoreId");
    user->external_id = json_text_string(arena, json_array_get(json_object_get(value, "ExternalIds"), 0), "Id");
    if (str_eq_nocase(state, STR("DISABLED")))
        user->state = IDC_USER_DISABLED;
    else if (str_eq_nocase(state, STR("ENABLED")))
        user->state = IDC_USER_ENABLED;
    return read_emails(arena, json_object_get(value, "Emails"), user) && !arena_failed(arena);
}

static bool
group_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_group *group = GROW(arena, evidence, groups, group);

    (void)source;
    if (group == NULL)
        return false;
    group->group_id = json_text_string(arena, value, "GroupId");
    group->name = json_text_string(arena, value, "DisplayName");
    group->store_id = json_text_string(arena, value, "IdentityStoreId");
    return !arena_failed(arena);
}

static bool
membership_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_membership *membership = GROW(arena, evidence, memberships, membership);

    (void)source;
    if (membership == NULL)
        return false;
    membership->group_id = json_text_string(arena, value, "GroupId");
    membership->user_id = json_text_string(arena, json_object_get(value, "MemberId"), "UserId");
    membership->store_id = json_text_string(arena, value, "IdentityStoreId");
    return !arena_failed(arena);
}

static bool
assignment_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_assignment *assignment = GROW(arena, evidence, assignments, assignment);

    (void)source;
    if (assignment == NULL)
        return false;
    assignment->account = json_text_string(arena, value, "AccountId");
    assignment->permission_set = json_text_string(arena, value, "PermissionSetArn");
    assignment->principal_id = json_text_string(arena, value, "PrincipalId");
    assignment->to_group = str_eq_nocase(json_text_string(arena, value, "PrincipalType"), STR("GROUP"));
    return !arena_failed(arena);
}

static bool
provisioning_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct idc_provisioning *row = GROW(arena, evidence, provisionings, provisioning);

    (void)source;
    if (row == NULL)
        return false;
    row->status = json_text_string(arena, value, "Status");
    row->account = json_text_string(arena, value, "AccountId");
    if (!str_present(row->account))
        row->account = json_text_string(arena, value, "TargetId");
    row->permission_set = json_text_string(arena, value, "PermissionSetArn");
    row->principal_id = json_text_string(arena, value, "PrincipalId");
    row->reason = json_text_string(arena, value, "FailureReason");
    return !arena_failed(arena);
}

static bool
provider_arn_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct str *arn = GROW(arena, evidence, providers, provider);

    (void)source;
    if (arn == NULL)
        return false;
    *arn = json_text_string(arena, value, "Arn");
    return !arena_failed(arena);
}

static const struct {
    const char *command;
    const char *option;
} kinds[AWS_EVIDENCE_KIND_COUNT] = {
    [AWS_EVIDENCE_USERS] = { "aws identitystore list-users", "--idc-users" },
    [AWS_EVIDENCE_GROUPS] = { "aws identitystore list-groups", "--idc-groups" },
    [AWS_EVIDENCE_MEMBERSHIPS] = { "aws identitystore list-group-memberships", "--idc-memberships" },
    [AWS_EVIDENCE_ASSIGNMENTS] = { "aws sso-admin list-account-assignments", "--idc-assignments" },
    [AWS_EVIDENCE_PROVISIONING] = { "aws sso-admin describe-permission-set-provisioning-status", "--idc-assignments" },
    [AWS_EVIDENCE_ROLE] = { "aws iam get-role", "--iam-role" },
    [AWS_EVIDENCE_ROLE_LIST] = { "aws iam list-roles", "--iam-role" },
    [AWS_EVIDENCE_PROVIDER] = { "aws iam get-saml-provider", "--iam-saml-provider" },
    [AWS_EVIDENCE_PROVIDER_LIST] = { "aws iam list-saml-providers", "--iam-saml-provider" },
    [AWS_EVIDENCE_TRAIL] = { "aws cloudtrail lookup-events", "--cloudtrail" },
    [AWS_EVIDENCE_INSTANCES] = { "aws sso-admin list-instances", "--evidence-dir" },
    [AWS_EVIDENCE_ORGANIZATION] = { "aws organizations describe-organization", "--evidence-dir" },
    [AWS_EVIDENCE_REGIONS] = { "aws account list-regions", "--evidence-dir" },
    [AWS_EVIDENCE_ABAC] = { "aws sso-admin describe-instance-access-control-attribute-configuration",
                            "--evidence-dir" },
    [AWS_EVIDENCE_IDP_LOG] = { "the Okta System Log or an Entra log", "--idp-log" },
};

/* The member that tells the outputs apart. list: an array of rows, else one row. */
static const struct shape {
    const char *member;
    enum aws_evidence_kind kind;
    bool list;
    evidence_row_reader *read;
} shapes[] = {
    { "Users", AWS_EVIDENCE_USERS, true, user_row },
    { "Groups", AWS_EVIDENCE_GROUPS, true, group_row },
    { "GroupMemberships", AWS_EVIDENCE_MEMBERSHIPS, true, membership_row },
    { "AccountAssignments", AWS_EVIDENCE_ASSIGNMENTS, true, assignment_row },
    { "PermissionSetProvisioningStatus", AWS_EVIDENCE_PROVISIONING, false, provisioning_row },
    { "AccountAssignmentCreationStatus", AWS_EVIDENCE_PROVISIONING, false, provisioning_row },
    { "Role", AWS_EVIDENCE_ROLE, false, aws_evidence_role_row },
    { "Roles", AWS_EVIDENCE_ROLE_LIST, true, aws_evidence_role_row },
    { "SAMLMetadataDocument", AWS_EVIDENCE_PROVIDER, false, aws_evidence_provider_row },
    { "SAMLProviderList", AWS_EVIDENCE_PROVIDER_LIST, true, provider_arn_row },
    { "Records", AWS_EVIDENCE_TRAIL, true, aws_evidence_trail_row },
    { "Events", AWS_EVIDENCE_TRAIL, true, aws_evidence_trail_row },
    { "Instances", AWS_EVIDENCE_INSTANCES, true, aws_evidence_instance_row },
    { "Organization", AWS_EVIDENCE_ORGANIZATION, false, aws_evidence_organization_row },
    { "Regions", AWS_EVIDENCE_REGIONS, true, aws_evidence_region_row },
    { "InstanceAccessControlAttributeConfiguration", AWS_EVIDENCE_ABAC, false, aws_evidence_abac_row },
};

static const struct shape *
shape_of(const json_t *root)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        const json_t *value = json_object_get(root, shapes[i].member);

        if (value != NULL && (!shapes[i].list || json_is_array(value)))
            return &shapes[i];
    }
    return NULL;
}

/* IAM's Users and Groups have the same member names as those of the identity store. */
static bool
is_of_iam(const json_t *value)
{
    return json_object_get(json_array_get(value, 0), "Arn") != NULL;
}

/* What somebody may have given instead. */
static struct str
looks_like(struct arena *arena, const json_t *root)
{
    const char *key;
    json_t *value;

    if (json_is_object(json_object_get(root, "log")))
        return STR("a HAR file; give it as the file to inspect");
    if (json_object_get(root, "Resources") != NULL && json_object_get(root, "schemas") != NULL)
        return STR("a SCIM list");
    json_object_foreach((json_t *)(uintptr_t)root, key,
                        value) return arena_printf(arena, "JSON that begins with \"%.60s\"", key);
    return json_is_array(root) ? STR("a JSON array") : STR("JSON without members");
}

static void
say_accepted(struct arena *arena, unsigned wanted, struct str what, struct str *why)
{
    struct buf text;

    buf_init(&text, 4096);
    buf_printf(&text, "looks like %.*s; accepted is the untouched output (--output json) of", STR_ARG(what));
    for (size_t i = 0, n = 0; i < COUNT_OF(kinds); i++)
        if (wanted & 1U << i)
            buf_printf(&text, "%s %s", n++ > 0 ? "," : "", kinds[i].command);
    *why = buf_failed(&text) ? STR("is none of the accepted files") : arena_copy(arena, buf_str(&text));
    buf_release(&text);
}

static bool
read_rows(struct arena *arena, const json_t *value, bool list, evidence_row_reader *read, struct str source,
          struct aws_evidence *evidence)
{
    if (!list)
        return read(arena, value, source, evidence);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!read(arena, json_array_get(value, i), source, evidence))
            return false;
    return true;
}

static bool
take(struct arena *arena, const json_t *root, const struct shape *shape, struct str source,
     struct aws_evidence *evidence, struct str *why)
{
    /* SAMLMetadataDocument stands beside others; its row is the whole document. */
    const json_t *value = shape->kind == AWS_EVIDENCE_PROVIDER ? root : json_object_get(root, shape->member);
    const json_t *next = json_object_get(root, "NextToken");

    evidence->given |= 1U << shape->kind;
    if (json_is_string(next) || json_is_string(json_object_get(root, "Marker")) ||
        json_is_true(json_object_get(root, "IsTruncated")))
        evidence->goes_on |= 1U << shape->kind;
    if (read_rows(arena, value, shape->list, shape->read, source, evidence))
        return true;
    *why = arena_failed(arena) ? STR("is too big: out of memory") : STR("is too big: more than 500000 entries");
    return false;
}

/* Events and log entries without a frame: one, or an array of them; those of Microsoft Graph stand in "value". */
static const struct shape *
bare_rows(const json_t *root, const json_t **rows)
{
    static const struct shape one = { "", AWS_EVIDENCE_TRAIL, false, aws_evidence_trail_row },
                              many = { "", AWS_EVIDENCE_TRAIL, true, aws_evidence_trail_row },
                              entry = { "", AWS_EVIDENCE_IDP_LOG, false, aws_evidence_log_row },
                              entries = { "", AWS_EVIDENCE_IDP_LOG, true, aws_evidence_log_row };
    const json_t *value = json_object_get(root, "value");

    *rows = root;
    if (json_object_get(root, "eventName") != NULL)
        return &one;
    if (json_object_get(json_array_get(root, 0), "eventName") != NULL)
        return &many;
    if (aws_evidence_is_log(root))
        return &entry;
    if (json_is_array(value))
        *rows = value;
    return aws_evidence_is_log(json_array_get(*rows, 0)) ? &entries : NULL;
}

static bool
read_root(struct arena *arena, const json_t *root, struct str source, unsigned wanted, struct aws_evidence *evidence,
          struct str *why)
{
    const json_t *rows = NULL;
    const struct shape *shape = shape_of(root), *bare = shape == NULL ? bare_rows(root, &rows) : NULL;

    if (bare != NULL && (wanted & 1U << bare->kind)) {
        evidence->given |= 1U << bare->kind;
        if (json_is_string(json_object_get(root, "@odata.nextLink")))
            evidence->goes_on |= 1U << bare->kind;
        if (read_rows(arena, rows, bare->list, bare->read, source, evidence))
            return true;
        *why = STR("is too big");
        return false;
    }
    if (shape == NULL) {
        say_accepted(arena, wanted, looks_like(arena, root), why);
        return false;
    }
    if (shape->kind <= AWS_EVIDENCE_GROUPS && is_of_iam(json_object_get(root, shape->member))) {
        say_accepted(arena, wanted, STR("a list of IAM, not of Identity Center"), why);
        return false;
    }
    if (wanted & 1U << shape->kind)
        return take(arena, root, shape, source, evidence, why);
    *why = arena_printf(arena, "looks like the output of %s; give it as %s", kinds[shape->kind].command,
                        kinds[shape->kind].option);
    return false;
}

bool
aws_evidence_read(struct arena *arena, struct str bytes, struct str source, unsigned wanted,
                  struct aws_evidence *evidence, struct str *why)
{
    struct str text = str_trim(bytes), problem = { 0 };
    json_t *root;
    bool done;

    *why = STR("out of memory");
    if (text.len > 0 && (text.ptr[0] == '<' || text.ptr[0] == '-' || text.ptr[0] == '+' || text.ptr[0] == '|')) {
        say_accepted(arena, wanted, text.ptr[0] == '<' ? STR("XML or HTML") : STR("a table or YAML of the AWS CLI"),
                     why);
        return false;
    }
    root = json_text_load(arena, bytes, &problem);
    if (root == NULL) {
        if (str_present(problem))
            say_accepted(arena, wanted, arena_printf(arena, "no JSON (%.*s)", STR_ARG(problem)), why);
        return false;
    }
    done = read_root(arena, root, source, wanted, evidence, why);
    json_decref(root);
    return done;
}

const char *
aws_evidence_command(enum aws_evidence_kind kind)
{
    return kinds[kind].command;
}

bool
aws_evidence_has(const struct aws_evidence *evidence, enum aws_evidence_kind kind)
{
    return evidence != NULL && (evidence->given & 1U << kind);
}

bool
aws_evidence_goes_on(const struct aws_evidence *evidence, enum aws_evidence_kind kind)
{
    return evidence != NULL && (evidence->goes_on & 1U << kind);
}
