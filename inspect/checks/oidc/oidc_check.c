/* SPDX-License-Identifier: MIT */
#include "oidc_check.h"

enum { CLIPPED = 200 };

const struct jwt *
oidc_token(const struct check_run *run)
{
    const struct jwt *token = oidc_message(run)->id_token;

    return token != NULL && token->inner != NULL ? token->inner : token;
}

struct str
oidc_clip(struct str text)
{
    return str_slice(text, 0, CLIPPED);
}

bool
oidc_is_identity_center(const struct oauth_message *oauth)
{
    return str_starts_c(oauth->host, "oidc.") && str_find_c(oauth->host, ".amazonaws.com") != SIZE_MAX;
}
