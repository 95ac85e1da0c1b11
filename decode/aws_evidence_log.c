/* SPDX-License-Identifier: MIT */
#include "aws_evidence_rows.h"
#include "json_text.h"
#include "xstime.h"

/* Logs of identity providers: Okta's System Log, Entra's provisioning and sign-in logs as of Microsoft Graph. */

enum { MAX_LISTED = 100 };

bool
aws_evidence_is_log(const json_t *value)
{
    return json_object_get(value, "eventType") != NULL || json_object_get(value, "provisioningAction") != NULL ||
           json_object_get(value, "provisioningSteps") != NULL ||
           (json_object_get(value, "createdDateTime") != NULL && json_object_get(value, "userPrincipalName") != NULL);
}

static enum idp_log_result
result_of(struct str word)
{
    static const struct {
        const char *word;
        enum idp_log_result result;
    } words[] = {
        { "SUCCESS", IDP_LOG_SUCCESS }, { "ALLOW", IDP_LOG_SUCCESS },   { "FAILURE", IDP_LOG_FAILURE },
        { "DENY", IDP_LOG_FAILURE },    { "SKIPPED", IDP_LOG_SKIPPED },
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq_nocase(word, str_from(words[i].word)))
            return words[i].result;
    return IDP_LOG_UNKNOWN;
}

static void
set_time(struct arena *arena, const json_t *value, const char *key, struct idp_log_entry *row)
{
    struct xstime time;

    row->time = json_text_string(arena, value, key);
    row->has_time = xstime_parse(row->time, &time);
    row->time_ms = row->has_time ? time.ms : 0;
}

/* --- Okta ----------------------------------------------------------------------------------------- */

static struct str
target_of(struct arena *arena, const json_t *event, const char *type, const char *key)
{
    const json_t *targets = json_object_get(event, "target");

    for (size_t i = 0; i < json_array_size(targets) && i < MAX_LISTED; i++) {
        const json_t *target = json_array_get(targets, i);

        if (str_eq_c(json_text_string(arena, target, "type"), type))
            return json_text_string(arena, target, key);
    }
    return (struct str){ 0 };
}

/* Only single sign-on and provisioning; the log has hundreds of other kinds. False: not such an event. */
static bool
okta_kind(struct str type, enum idp_log_kind *kind)
{
    if (str_starts_c(type, "user.authentication.sso"))
        *kind = IDP_LOG_SIGN_IN;
    else if (str_starts_c(type, "application.provision."))
        *kind = IDP_LOG_PROVISIONING;
    else
        return false;
    return true;
}

static void
read_okta(struct arena *arena, const json_t *event, struct idp_log_entry *row)
{
    const json_t *outcome = json_object_get(event, "outcome"), *actor = json_object_get(event, "actor");

    row->vendor = "okta";
    set_time(arena, event, "published", row);
    row->result = result_of(json_text_string(arena, outcome, "result"));
    row->reason = json_text_string(arena, outcome, "reason");
    row->application = target_of(arena, event, "AppInstance", "displayName");
    row->sent_name = target_of(arena, event, "AppUser", "alternateId");
    row->user = row->kind == IDP_LOG_SIGN_IN ? json_text_string(arena, actor, "alternateId")
                                             : target_of(arena, event, "User", "alternateId");
}

/* --- Entra ---------------------------------------------------------------------------------------- */

/* Audit logs write values as JSON inside a string. */
static struct str
unquoted(struct str value)
{
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';

    return quoted ? str_slice(value, 1, value.len - 2) : value;
}

static struct str
modified_value(struct arena *arena, const json_t *event, const char *name)
{
    const json_t *list = json_object_get(event, "modifiedProperties");

    for (size_t i = 0; i < json_array_size(list) && i < MAX_LISTED; i++) {
        const json_t *property = json_array_get(list, i);

        if (str_eq_c(json_text_string(arena, property, "displayName"), name))
            return unquoted(json_text_string(arena, property, "newValue"));
    }
    return (struct str){ 0 };
}

static void
read_provisioning(struct arena *arena, const json_t *event, struct idp_log_entry *row)
{
    const json_t *status = json_object_get(event, "provisioningStatusInfo"),
                 *error = json_object_get(status, "errorInformation"), *from = json_object_get(event, "sourceIdentity");
    struct str principal = json_text_string(arena, json_object_get(from, "details"), "userPrincipalName");

    row->vendor = "entra";
    set_time(arena, event, "activityDateTime", row);
    row->result = result_of(json_text_string(arena, status, "status"));
    row->reason = json_text_string(arena, error, "reason");
    row->user = str_present(principal) ? principal : json_text_string(arena, from, "displayName");
    row->sent_name = modified_value(arena, event, "userName");
    row->application = json_text_string(arena, json_object_get(event, "servicePrincipal"), "displayName");
}

static void
read_sign_in(struct arena *arena, const json_t *event, struct idp_log_entry *row)
{
    const json_t *status = json_object_get(event, "status");
    const json_t *code = json_object_get(status, "errorCode");

    row->vendor = "entra";
    set_time(arena, event, "createdDateTime", row);
    if (json_is_integer(code))
        row->result = json_integer_value(code) == 0 ? IDP_LOG_SUCCESS : IDP_LOG_FAILURE;
    if (row->result == IDP_LOG_FAILURE)
        row->reason = arena_printf(arena, "AADSTS%lld: %.*s", (long long)json_integer_value(code),
                                   STR_ARG(json_text_string(arena, status, "failureReason")));
    row->user = json_text_string(arena, event, "userPrincipalName");
    row->application = json_text_string(arena, event, "appDisplayName");
}

bool
aws_evidence_log_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct str type = json_text_string(arena, value, "eventType");
    enum idp_log_kind kind = IDP_LOG_PROVISIONING;
    bool okta = str_present(type), sign_in = json_object_get(value, "createdDateTime") != NULL;
    struct idp_log_entry *row;

    (void)source;
    if (!aws_evidence_is_log(value) || (okta && !okta_kind(type, &kind)))
        return !arena_failed(arena);
    row =
        aws_evidence_grow(arena, (void **)&evidence->log, &evidence->log_count, &evidence->log_capacity, sizeof(*row));
    if (row == NULL)
        return false;
    row->kind = okta ? kind : sign_in ? IDP_LOG_SIGN_IN : IDP_LOG_PROVISIONING;
    if (okta)
        read_okta(arena, value, row);
    else if (sign_in)
        read_sign_in(arena, value, row);
    else
        read_provisioning(arena, value, row);
    return !arena_failed(arena);
}
