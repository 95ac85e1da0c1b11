/* SPDX-License-Identifier: MIT */
#include "scim_check.h"

enum { CLIPPED = 200 };

bool
scim_is_aws(const struct check_run *run)
{
    struct str host = scim_of(run)->host;

    return (str_starts_c(host, "scim.") && str_find_c(host, ".amazonaws.com") != SIZE_MAX) ||
           run->context->profile == PROFILE_AWS_IDENTITY_CENTER;
}

bool
scim_is_judged(const struct check_run *run)
{
    unsigned status = scim_of(run)->status;

    return scim_is_aws(run) && (status == 0 || status == 400);
}

bool
scim_said(const struct check_run *run, const char *text)
{
    return str_find_nocase(scim_of(run)->error.detail, str_from(text)) != SIZE_MAX;
}

bool
scim_writes_user(const struct check_run *run)
{
    const struct scim_message *scim = scim_of(run);

    return scim->user.present && (str_eq_c(scim->method, "POST") || str_eq_c(scim->method, "PUT"));
}

struct str
scim_clip(struct str text)
{
    return str_slice(text, 0, CLIPPED);
}

struct finding *
scim_report(struct check_run *run, const struct check *check, struct str lead)
{
    const struct scim_message *scim = scim_of(run);
    const struct scim_error *error = &scim->error;
    struct str said = { 0 };

    if (scim->status == 0)
        return check_report(run, check, lead);
    if (error->detail.len > 0)
        said = arena_printf(run->arena, ": \"%.*s\"", STR_ARG(scim_clip(error->detail)));
    return check_reportf(run, check, "%.*s%s%s answered %u%.*s%s%.*s%s.", STR_ARG(lead), lead.len > 0 ? " " : "",
                         scim_is_aws(run) ? "AWS" : "The SCIM server", scim->status, STR_ARG(said),
                         error->request_id.len > 0 ? " (request " : "", STR_ARG(scim_clip(error->request_id)),
                         error->request_id.len > 0 ? ")" : "");
}
