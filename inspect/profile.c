/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include "attributes.h"
#include "url.h"

static bool
ends_nocase(struct str s, const char *suffix)
{
    struct str end = str_from(suffix);

    return s.len >= end.len && str_eq_nocase(str_from_offset(s, s.len - end.len), end);
}

/* host is name itself, or has it as its parent domain. */
static bool
host_in(struct str host, const char *name)
{
    struct str parent = str_from(name);

    return str_eq_nocase(host, parent) ||
           (host.len > parent.len && host.ptr[host.len - parent.len - 1] == '.' && ends_nocase(host, name));
}

static bool
is_sign_in_host(struct str host)
{
    static const char *const hosts[] = {
        "signin.aws.amazon.com",       "signin.aws",
        "signin.amazonaws-us-gov.com", "signin-fips.amazonaws-us-gov.com",
        "signin.amazonaws.cn",         "signin.c2shome.ic.gov",
        "signin.sc2shome.sgov.gov",
    };

    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (host_in(host, hosts[i]))
            return true;
    return false;
}

unsigned
profile_of_url(struct str text)
{
    struct url url;

    if (!url_split(str_trim(text), &url))
        return 0;
    if (str_starts_nocase(url.path, STR("/platform/saml/")))
        return PROFILE_AWS_IDENTITY_CENTER;
    if (str_eq_nocase(url.host, STR("idc.samltap.test")))
        return PROFILE_AWS_IDENTITY_CENTER;
    if (is_sign_in_host(url.host) || str_eq_nocase(url.host, STR("aws.samltap.test")))
        return PROFILE_AWS_IAM;
    return 0;
}

unsigned
profile_of_entity(struct str entity_id)
{
    entity_id = str_trim(entity_id);
    if (str_starts_nocase(entity_id, STR("urn:amazon:webservices")))
        return PROFILE_AWS_IAM;
    return profile_of_url(entity_id);
}

struct profile_row {
    unsigned profile;
    const char *name;
    const char *title;
};

static const struct profile_row profiles[] = {
    { PROFILE_AWS_IAM, "aws-iam", "AWS IAM" },
    { PROFILE_AWS_IDENTITY_CENTER, "aws-identity-center", "AWS IAM Identity Center" },
    { PROFILE_GENERIC, "generic", NULL },
};

unsigned
profile_by_name(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(profiles); i++)
        if (str_eq_c(name, profiles[i].name))
            return profiles[i].profile;
    return 0;
}

static const struct profile_row *
profile_row(unsigned profile)
{
    for (size_t i = 0; i < COUNT_OF(profiles); i++)
        if (profiles[i].profile == profile)
            return &profiles[i];
    return &profiles[COUNT_OF(profiles) - 1];
}

const char *
profile_name(unsigned profile)
{
    return profile_row(profile)->name;
}

const char *
profile_title(unsigned profile)
{
    return profile_row(profile)->title;
}

struct str
profile_entity_id(unsigned profile, struct str acs_url)
{
    struct url url;

    if (profile != PROFILE_AWS_IAM)
        return (struct str){ 0 };
    if (url_split(str_trim(acs_url), &url)) {
        if (ends_nocase(url.host, ".amazonaws-us-gov.com"))
            return STR("urn:amazon:webservices:govcloud");
        if (ends_nocase(url.host, ".amazonaws.cn"))
            return STR("urn:amazon:webservices:cn-north-1");
    }
    return STR("urn:amazon:webservices");
}
