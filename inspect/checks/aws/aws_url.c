/* SPDX-License-Identifier: MIT */
#include "aws_rules.h"

#include "attributes.h"
#include "url.h"

struct partition_rule {
    const char *name;
    const char *audience;
    const char *acs;
};

static const struct partition_rule partitions[AWS_PARTITION_COUNT] = {
    [AWS_PARTITION_NONE] = { .name = "unknown", .audience = "", .acs = "" },
    [AWS_PARTITION_AWS] = { .name = "aws",
                            .audience = "urn:amazon:webservices",
                            .acs = "https://signin.aws.amazon.com/saml" },
    [AWS_PARTITION_US_GOV] = { .name = "aws-us-gov",
                               .audience = "urn:amazon:webservices:govcloud",
                               .acs = "https://signin.amazonaws-us-gov.com/saml" },
    [AWS_PARTITION_CN] = { .name = "aws-cn",
                           .audience = "urn:amazon:webservices:cn-north-1",
                           .acs = "https://signin.amazonaws.cn/saml" },
    [AWS_PARTITION_ISO] = { .name = "aws-iso", .audience = "", .acs = "https://signin.c2shome.ic.gov/saml" },
    [AWS_PARTITION_ISO_B] = { .name = "aws-iso-b", .audience = "", .acs = "https://signin.sc2shome.sgov.gov/saml" },
};

struct host_rule {
    const char *suffix;
    enum aws_partition partition;
    enum aws_host_form form;
};

static const struct host_rule hosts[] = {
    { .suffix = "signin.aws.amazon.com", .partition = AWS_PARTITION_AWS, .form = AWS_HOST_CLASSIC },
    { .suffix = "sso.signin.aws", .partition = AWS_PARTITION_AWS, .form = AWS_HOST_DUAL_STACK },
    { .suffix = "signin.aws", .partition = AWS_PARTITION_AWS, .form = AWS_HOST_SIGNIN_AWS },
    { .suffix = "signin.amazonaws-us-gov.com", .partition = AWS_PARTITION_US_GOV, .form = AWS_HOST_CLASSIC },
    { .suffix = "signin-fips.amazonaws-us-gov.com", .partition = AWS_PARTITION_US_GOV, .form = AWS_HOST_CLASSIC },
    { .suffix = "signin.amazonaws.cn", .partition = AWS_PARTITION_CN, .form = AWS_HOST_CLASSIC },
    { .suffix = "signin.c2shome.ic.gov", .partition = AWS_PARTITION_ISO, .form = AWS_HOST_CLASSIC },
    { .suffix = "signin.sc2shome.sgov.gov", .partition = AWS_PARTITION_ISO_B, .form = AWS_HOST_CLASSIC },
    /* The practice hosts of samltap's lab count like the real ones. */
    { .suffix = "aws.samltap.test", .partition = AWS_PARTITION_AWS, .form = AWS_HOST_CLASSIC },
    { .suffix = "idc.samltap.test", .partition = AWS_PARTITION_AWS, .form = AWS_HOST_CLASSIC },
};

/* URNs of IAM sign-in as a service provider, with the partition each belongs to. */
static const struct {
    const char *urn;
    enum aws_partition partition;
} audiences[] = {
    { .urn = "urn:amazon:webservices", .partition = AWS_PARTITION_AWS },
    { .urn = "urn:amazon:webservices:govcloud", .partition = AWS_PARTITION_US_GOV },
    { .urn = "urn:amazon:webservices:cn-north-1", .partition = AWS_PARTITION_CN },
    { .urn = "urn:amazon:webservices:cn-northwest-1", .partition = AWS_PARTITION_CN },
};

static const struct {
    const char *prefix;
    enum aws_url_kind kind;
    bool has_id;
} paths[] = {
    { .prefix = "/platform/saml/acs/", .kind = AWS_URL_IDC_ACS, .has_id = true },
    { .prefix = "/platform/saml/", .kind = AWS_URL_IDC_ENTITY, .has_id = true },
    { .prefix = "/saml/acs/", .kind = AWS_URL_IAM_PROVIDER_ACS, .has_id = true },
    { .prefix = "/static/saml", .kind = AWS_URL_IAM_OLD_ACS, .has_id = false },
    { .prefix = "/saml", .kind = AWS_URL_IAM_ACS, .has_id = false },
};

const char *
aws_partition_name(enum aws_partition partition)
{
    return partitions[partition].name;
}

const char *
aws_partition_audience(enum aws_partition partition)
{
    return partitions[partition].audience;
}

const char *
aws_partition_acs(enum aws_partition partition)
{
    return partitions[partition].acs;
}

/* Finds the rule of a host that is "suffix" or "REGION.suffix". */
static const struct host_rule *
host_rule_find(struct str host, struct str *region)
{
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        struct str suffix = str_from(hosts[i].suffix);

        if (host.len < suffix.len || !str_eq_nocase(str_from_offset(host, host.len - suffix.len), suffix))
            continue;
        if (host.len == suffix.len) {
            *region = (struct str){ NULL, 0 };
            return &hosts[i];
        }
        size_t label = host.len - suffix.len - 1;
        if (host.ptr[label] == '.' && label > 0 && aws_region_length(host) == label) {
            *region = str_slice(host, 0, label);
            return &hosts[i];
        }
    }
    return NULL;
}

static void
path_read(struct str path, struct aws_url *out)
{
    struct str tidy = path;

    while (tidy.len > 1 && tidy.ptr[tidy.len - 1] == '/')
        tidy.len--;
    if (tidy.len != path.len)
        out->exact = false;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct str prefix = str_from(paths[i].prefix);

        if (!str_starts_nocase(tidy, prefix))
            continue;
        struct str rest = str_from_offset(tidy, prefix.len);
        bool fits = paths[i].has_id ? rest.len > 0 && str_find_byte(rest, '/') == SIZE_MAX : rest.len == 0;
        if (!fits)
            continue;
        out->kind = paths[i].kind;
        if (paths[i].has_id)
            out->id = rest;
        if (!str_starts(tidy, prefix))
            out->exact = false;
        return;
    }
    out->kind = AWS_URL_OTHER;
    out->exact = false;
}

struct aws_url
aws_url_read(struct str text)
{
    struct aws_url out = { .kind = AWS_URL_NONE };
    struct url url;

    if (!url_split(str_trim(text), &url))
        return out;
    const struct host_rule *rule = host_rule_find(url.host, &out.region);
    if (!rule)
        return out;
    out.partition = rule->partition;
    out.form = rule->form;
    out.exact = str_eq_nocase(url.scheme, STR("https")) && url_default_port(&url) && !str_present(url.query) &&
                !str_present(url.fragment);
    path_read(url.path, &out);
    return out;
}

bool
aws_url_is_iam(const struct aws_url *url)
{
    return url->kind == AWS_URL_IAM_ACS || url->kind == AWS_URL_IAM_PROVIDER_ACS || url->kind == AWS_URL_IAM_OLD_ACS;
}

bool
aws_url_is_idc(const struct aws_url *url)
{
    return url->kind == AWS_URL_IDC_ACS || url->kind == AWS_URL_IDC_ENTITY;
}

struct aws_audience
aws_audience_read(struct str text)
{
    struct aws_audience out = { .product = AWS_PRODUCT_NONE };
    struct str value = str_trim(text);
    struct str fragment;

    if (str_cut(value, '#', &value, &fragment))
        out.fragment = str_present(fragment) ? fragment : STR("");
    for (size_t i = 0; i < COUNT_OF(audiences); i++)
        if (str_eq_nocase(value, str_from(audiences[i].urn))) {
            out.product = AWS_PRODUCT_IAM;
            out.partition = audiences[i].partition;
            out.exact = str_eq_c(value, audiences[i].urn);
            return out;
        }
    out.url = aws_url_read(value);
    if (aws_url_is_iam(&out.url))
        out.product = AWS_PRODUCT_IAM;
    else if (out.url.kind == AWS_URL_IDC_ENTITY)
        out.product = AWS_PRODUCT_IDC;
    out.partition = out.url.partition;
    out.exact = out.url.exact;
    return out;
}
