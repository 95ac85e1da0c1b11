/* SPDX-License-Identifier: MIT */
#include "aws_evidence_rows.h"
#include "json_text.h"
#include "xstime.h"

/* CloudTrail events about sign-ins, and about a change of the identity source; others are passed over. */

static const char *const wanted_events[] = {
    "AssumeRoleWithSAML", "ExternalIdPDirectoryLogin", "UserAuthentication",
    "ConsoleLogin",       "AssociateDirectory",        "DisassociateDirectory"
};

static struct str
first_present(struct str a, struct str b)
{
    return a.len > 0 ? a : b;
}

static bool
is_wanted(const json_t *event)
{
    const char *name = json_string_value(json_object_get(event, "eventName"));

    for (size_t i = 0; name != NULL && i < COUNT_OF(wanted_events); i++)
        if (str_eq_c(str_from(name), wanted_events[i]))
            return true;
    return false;
}

/* Who it was: sign-in events and STS write it in different places, and so have versions over the years. */
static struct str
user_of(struct arena *arena, const json_t *event)
{
    const json_t *identity = json_object_get(event, "userIdentity"),
                 *more = json_object_get(event, "additionalEventData"),
                 *answer = json_object_get(event, "responseElements");
    struct str user =
        first_present(json_text_string(arena, more, "UserName"), json_text_string(arena, identity, "userName"));

    return first_present(user, json_text_string(arena, answer, "subject"));
}

static struct str
outcome_of(struct arena *arena, const json_t *event, struct str name)
{
    const json_t *details = json_object_get(event, "serviceEventDetails"),
                 *answer = json_object_get(event, "responseElements");
    const char *key = arena_copy(arena, name).ptr;

    if (key == NULL)
        return (struct str){ 0 };
    return first_present(json_text_string(arena, details, key), json_text_string(arena, answer, key));
}

static bool
read_event(struct arena *arena, const json_t *event, struct aws_evidence *evidence)
{
    const json_t *parameters = json_object_get(event, "requestParameters");
    struct trail_event *row = aws_evidence_grow(arena, (void **)&evidence->events, &evidence->event_count,
                                                &evidence->event_capacity, sizeof(*row));
    struct xstime time;

    if (row == NULL)
        return false;
    row->time = json_text_string(arena, event, "eventTime");
    row->has_time = xstime_parse(row->time, &time);
    row->time_ms = row->has_time ? time.ms : 0;
    row->name = json_text_string(arena, event, "eventName");
    row->source = json_text_string(arena, event, "eventSource");
    row->region = json_text_string(arena, event, "awsRegion");
    row->event_id = json_text_string(arena, event, "eventID");
    row->request_id = json_text_string(arena, event, "requestID");
    row->error_code = json_text_string(arena, event, "errorCode");
    row->error_message = json_text_string(arena, event, "errorMessage");
    row->outcome = outcome_of(arena, event, row->name);
    row->user = user_of(arena, event);
    row->session_name = json_text_string(arena, parameters, "roleSessionName");
    row->credential_type = json_text_string(arena, json_object_get(event, "additionalEventData"), "CredentialType");
    row->assertion_id = json_text_string(arena, parameters, "sAMLAssertionID");
    row->role_arn = json_text_string(arena, parameters, "roleArn");
    row->provider_arn = json_text_string(arena, parameters, "principalArn");
    row->issuer = json_text_string(arena, json_object_get(event, "responseElements"), "issuer");
    return !arena_failed(arena);
}

bool
aws_evidence_trail_row(struct arena *arena, const json_t *value, struct str source, struct aws_evidence *evidence)
{
    struct str inner = json_text_string(arena, value, "CloudTrailEvent"), problem = { 0 };
    json_t *event;
    bool done = true;

    (void)source;
    if (!str_present(inner))
        return !is_wanted(value) || read_event(arena, value, evidence);
    /* lookup-events: the event is a string inside. One that cannot be read does not spoil the others. */
    event = json_text_load(arena, inner, &problem);
    if (event != NULL && is_wanted(event))
        done = read_event(arena, event, evidence);
    json_decref(event);
    return done && !arena_failed(arena);
}
