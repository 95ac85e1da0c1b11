/* SPDX-License-Identifier: MIT */
#include "aws_rules.h"

enum { ARN_MAX = 2048, ROLE_NAME_MAX = 64, PROVIDER_NAME_MAX = 128, ACCOUNT_DIGITS = 12 };

static bool
all_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

/* [A-Za-z0-9+=,.@_-], the alphabet of names in IAM and of session names in STS. */
static bool
is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '=' ||
           c == ',' || c == '.' || c == '@' || c == '_' || c == '-';
}

/* Length of the UTF-8 character at offset, 1 for anything that is none. */
static size_t
character_length(struct str text, size_t offset)
{
    unsigned char lead = (unsigned char)text.ptr[offset];
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;

    if (length > text.len - offset)
        return 1;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text.ptr[offset + i] & 0xc0) != 0x80)
            return 1;
    return length;
}

size_t
aws_characters(struct str text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i += character_length(text, i))
        count++;
    return count;
}

static enum aws_partition
partition_read(struct str name)
{
    for (int i = AWS_PARTITION_AWS; i < AWS_PARTITION_COUNT; i++)
        if (str_eq_c(name, aws_partition_name((enum aws_partition)i)))
            return (enum aws_partition)i;
    return AWS_PARTITION_NONE;
}

static const char *
name_problem(const struct aws_arn *arn)
{
    size_t max = arn->kind == AWS_ARN_ROLE ? ROLE_NAME_MAX : PROVIDER_NAME_MAX;

    if (arn->name.len == 0)
        return "the name is empty";
    for (size_t i = 0; i < arn->name.len; i++)
        if (!is_name_character(arn->name.ptr[i]))
            return "the name holds a character that IAM does not allow in names";
    if (arn->name.len > max)
        return arn->kind == AWS_ARN_ROLE ? "the role name is longer than 64 characters"
                                         : "the provider name is longer than 128 characters";
    for (size_t i = 0; i < arn->path.len; i++)
        if (arn->path.ptr[i] < '!' || arn->path.ptr[i] > '~')
            return "the path holds a character that IAM does not allow";
    return NULL;
}

static void
resource_read(struct str resource, struct aws_arn *arn)
{
    struct str type;
    struct str rest;

    str_cut(resource, '/', &type, &rest);
    if (str_eq_c(type, "role")) {
        arn->kind = AWS_ARN_ROLE;
        arn->name = rest;
        for (size_t i = rest.len; i > 0; i--)
            if (rest.ptr[i - 1] == '/') {
                arn->name = str_from_offset(rest, i);
                arn->path = str_slice(rest, 0, i - 1);
                break;
            }
    } else if (str_eq_c(type, "saml-provider")) {
        arn->kind = AWS_ARN_PROVIDER;
        arn->name = rest;
    }
}

/* What is wrong with the parts before the resource, or NULL. */
static const char *
head_problem(const struct aws_arn *arn, struct str service, struct str region)
{
    if (arn->partition == AWS_PARTITION_NONE)
        return "the second part is no partition (aws, aws-us-gov, aws-cn)";
    if (!str_eq_c(service, "iam"))
        return "the service is not iam";
    if (region.len > 0)
        return "there must be two colons between iam and the account";
    if (arn->account.len != ACCOUNT_DIGITS || !all_digits(arn->account))
        return all_digits(arn->account) && arn->account.len < ACCOUNT_DIGITS
                   ? "the account id has fewer than 12 digits (a leading zero may be lost)"
                   : "the account id is not 12 digits";
    return NULL;
}

struct aws_arn
aws_arn_read(struct str text)
{
    struct aws_arn arn = { .kind = AWS_ARN_NONE };
    struct str parts[5] = { { NULL, 0 } };
    struct str rest = text;

    /* The kind is told from the text alone, so that a broken ARN can still be named. */
    size_t resource = str_find_c(text, ":role/");
    if (resource == SIZE_MAX)
        resource = str_find_c(text, ":saml-provider/");
    if (resource != SIZE_MAX)
        resource_read(str_from_offset(text, resource + 1), &arn);
    for (size_t i = 0; i < 5; i++)
        if (!str_cut(rest, ':', &parts[i], &rest)) {
            arn.problem = str_starts_c(text, "arn:") ? "it has too few parts (a colon is missing)" : "it is no ARN";
            return arn;
        }
    arn.partition = partition_read(parts[1]);
    arn.account = parts[4];
    if (!str_eq_c(parts[0], "arn"))
        arn.problem = "it does not begin with arn:";
    else if (text.len > ARN_MAX)
        arn.problem = "it is longer than 2048 characters";
    else
        arn.problem = head_problem(&arn, parts[2], parts[3]);
    if (arn.problem)
        return arn;
    arn.kind = AWS_ARN_NONE;
    arn.name = arn.path = (struct str){ NULL, 0 };
    resource_read(rest, &arn);
    arn.problem = arn.kind == AWS_ARN_NONE ? "it is neither a role nor a saml-provider" : name_problem(&arn);
    return arn;
}

bool
aws_arn_is_reserved(const struct aws_arn *arn)
{
    if (arn->kind == AWS_ARN_ROLE)
        return str_starts_c(arn->name, "AWSReservedSSO_") || str_starts_c(arn->path, "aws-reserved/sso.amazonaws.com");
    return arn->kind == AWS_ARN_PROVIDER && str_starts_c(arn->name, "AWSSSO_") &&
           str_ends_c(arn->name, "_DO_NOT_DELETE");
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct aws_role_pair
aws_role_pair_read(struct str value)
{
    struct aws_role_pair pair = { .arn_count = 0 };
    struct str text = str_trim(value);
    size_t cut = SIZE_MAX; /* offset of the comma */
    size_t next = 0;       /* offset of the second ARN */

    pair.has_space = text.len != value.len;
    if (str_starts_c(text, "arn:"))
        pair.arn_count = 1;
    /* A comma is legal in names: only one that an ARN follows divides. */
    for (size_t i = 0; i < text.len; i++) {
        size_t after = i + 1;

        if (text.ptr[i] != ',')
            continue;
        while (after < text.len && is_space(text.ptr[after]))
            after++;
        if (!str_starts_c(str_from_offset(text, after), "arn:"))
            continue;
        pair.arn_count++;
        if (cut == SIZE_MAX) {
            cut = i;
            next = after;
        }
    }
    if (pair.arn_count != 2 || cut == SIZE_MAX)
        return pair;
    pair.first = str_trim(str_slice(text, 0, cut));
    pair.second = str_from_offset(text, next);
    if (pair.first.len != cut || next != cut + 1)
        pair.has_space = true;
    return pair;
}

const char *
aws_session_name_problem(struct str value, struct str *offender)
{
    *offender = (struct str){ NULL, 0 };
    for (size_t i = 0; i < value.len; i++)
        if (!is_name_character(value.ptr[i])) {
            *offender = str_slice(value, i, character_length(value, i));
            return "it holds a character that is not allowed";
        }
    if (value.len < AWS_SESSION_NAME_MIN)
        return "it is shorter than 2 characters";
    return value.len > AWS_SESSION_NAME_MAX ? "it is longer than 64 characters" : NULL;
}

struct str
aws_tag_offender(struct str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t length = character_length(text, i);
        char c = text.ptr[i];

        /* Letters outside ASCII are allowed; which ones Unicode calls letters is not decided here. */
        if (length == 1 && !is_name_character(c) && c != ' ' && c != ':' && c != '/')
            return str_slice(text, i, 1);
        if (c == ',')
            return str_slice(text, i, 1);
        i += length;
    }
    return (struct str){ NULL, 0 };
}
