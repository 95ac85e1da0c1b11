/* SPDX-License-Identifier: MIT */
#include "aws_evidence_rows.h"
#include "json_text.h"
#include "urlform.h"

/* Roles with their trust policies, and SAML providers. */

enum { MAX_STATEMENTS = 100, MAX_CONDITIONS = 200 };

static struct str
text_of(struct arena *arena, const json_t *value)
{
    return json_is_string(value)
               ? arena_copy(arena, (struct str){ json_string_value(value), json_string_length(value) })
               : (struct str){ 0 };
}

/* Values of a condition: strings, and booleans and numbers as they are written in policies. */
static bool
condition_values(struct arena *arena, const json_t *value, struct trust_condition *condition)
{
    if (json_is_boolean(value)) {
        condition->values = arena_alloc(arena, sizeof(*condition->values));
        if (condition->values == NULL)
            return false;
        condition->values[0] = json_is_true(value) ? STR("true") : STR("false");
        condition->value_count = 1;
        return true;
    }
    return aws_evidence_strings(arena, value, &condition->values, &condition->value_count);
}

static bool
read_conditions(struct arena *arena, const json_t *block, struct trust_statement *statement)
{
    const char *operation, *key;
    json_t *keys, *value;
    size_t total = 0;

    json_object_foreach((json_t *)(uintptr_t)block, operation, keys) total += json_object_size(keys);
    if (total > MAX_CONDITIONS)
        total = MAX_CONDITIONS;
    statement->conditions = arena_calloc(arena, total + 1, sizeof(*statement->conditions));
    if (statement->conditions == NULL)
        return false;
    json_object_foreach((json_t *)(uintptr_t)block, operation, keys) json_object_foreach(keys, key, value)
    {
        struct trust_condition *condition;

        if (statement->condition_count == total)
            return true;
        condition = &statement->conditions[statement->condition_count++];
        condition->operation = arena_copy_c(arena, operation);
        condition->key = arena_copy_c(arena, key);
        if (!condition_values(arena, value, condition))
            return false;
    }
    return !arena_failed(arena);
}

static bool
read_statement(struct arena *arena, const json_t *value, struct trust_statement *statement)
{
    const json_t *principal = json_object_get(value, "Principal");

    statement->deny = str_eq_c(text_of(arena, json_object_get(value, "Effect")), "Deny");
    statement->negated = json_object_get(value, "NotPrincipal") != NULL || json_object_get(value, "NotAction") != NULL;
    statement->any_principal = str_eq_c(text_of(arena, principal), "*");
    return aws_evidence_strings(arena, json_object_get(principal, "Federated"), &statement->federated,
                                &statement->federated_count) &&
           aws_evidence_strings(arena, json_object_get(value, "Action"), &statement->actions,
                                &statement->action_count) &&
           (json_object_size(json_object_get(value, "Condition")) == 0 ||
            read_conditions(arena, json_object_get(value, "Condition"), statement));
}

static bool
read_policy(struct arena *arena, const json_t *policy, struct iam_role *role)
{
    const json_t *list = json_object_get(policy, "Statement");
    size_t total = json_is_array(list) ? json_array_size(list) : json_is_object(list) ? 1 : 0;

    if (total > MAX_STATEMENTS)
        total = MAX_STATEMENTS;
    role->has_policy = total > 0;
    role->statements = arena_calloc(arena, total + 1, sizeof(*role->statements));
    if (role->statements == NULL)
        return false;
    for (size_t i = 0; i < total; i++)
        if (!read_statement(arena, json_is_array(list) ? json_array_get(list, i) : list,
                            &role->statements[role->statement_count++]))
            return false;
    return true;
}

/* The API gives the policy percent-encoded; the CLI decodes it, some tools do not. */
static bool
read_policy_text(struct arena *arena, struct str text, struct iam_role *role)
{
    struct str problem = { 0 }, decoded;
    size_t bad_at;
    json_t *policy;
    bool done = true;

    decoded = str_starts_c(str_trim(text), "{") ? text : percent_decode(arena, text, false, &bad_at);
    policy = json_text_load(arena, decoded, &problem);
    if (policy != NULL)
        done = read_policy(arena, policy, role);
    json_decref(policy);
    return done && !arena_failed(arena);
}

bool
aws_evidence_role_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    const json_t *policy = json_object_get(value, "AssumeRolePolicyDocument");
    struct iam_role *role = aws_evidence_grow(arena, (void **)&evidence->roles, &evidence->role_count,
                                              &evidence->role_capacity, sizeof(*role));

    if (role == NULL)
        return false;
    role->arn = json_text_string(arena, value, "Arn");
    role->max_session_s = json_text_number(value, "MaxSessionDuration", 0);
    role->source = source;
    if (json_is_string(policy))
        return read_policy_text(arena, text_of(arena, policy), role);
    return !json_is_object(policy) || read_policy(arena, policy, role);
}

bool
aws_evidence_provider_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct str *document =
        aws_evidence_grow(arena, (void **)&evidence->provider_metadata, &evidence->provider_metadata_count,
                          &evidence->provider_metadata_capacity, sizeof(*document));

    (void)source;
    if (document == NULL)
        return false;
    *document = json_text_string(arena, value, "SAMLMetadataDocument");
    return !arena_failed(arena);
}
