/* SPDX-License-Identifier: MIT */
#include "aws_check.h"

#include <string.h>

#include "vendor.h"

enum { CLIP_BYTES = 120, COMPARED_ATTRIBUTES = 1000 };

struct str
aws_clip(struct str text)
{
    size_t len = text.len;

    if (len > CLIP_BYTES) {
        len = CLIP_BYTES;
        while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
            len--;
    }
    return str_slice(text, 0, len);
}

struct str
aws_posted_url(const struct check_run *run)
{
    const struct message *message = run->message;

    if (message == NULL || message->binding == BINDING_NONE)
        return (struct str){ NULL, 0 };
    return message->binding == BINDING_FORM_PAGE ? message->form_action : message->url;
}

static const struct saml_value *
first_recipient(const struct saml_message *saml)
{
    for (size_t i = 0; i < saml->assertion_count; i++)
        for (size_t k = 0; k < saml->assertions[i].confirmation_count; k++)
            if (str_present(saml->assertions[i].confirmations[k].recipient.text))
                return &saml->assertions[i].confirmations[k].recipient;
    return NULL;
}

struct aws_url
aws_target(const struct check_run *run, struct str *text, const char **source)
{
    const char *from = "the URL it was posted to";
    struct str url = aws_posted_url(run);

    if (!str_present(url)) {
        url = run->context->acs_url.text;
        from = run->context->acs_url.source;
    }
    if (!str_present(url) && run->saml != NULL) {
        const struct saml_value *recipient = first_recipient(run->saml);

        url = run->saml->destination.text;
        from = "the Destination of the message";
        if (!str_present(url) && recipient != NULL) {
            url = recipient->text;
            from = "the Recipient in the assertion";
        }
    }
    if (text != NULL)
        *text = url;
    if (source != NULL)
        *source = from;
    return aws_url_read(url);
}

enum aws_partition
aws_target_partition(const struct check_run *run)
{
    struct aws_url url = aws_target(run, NULL, NULL);

    return url.partition == AWS_PARTITION_NONE ? AWS_PARTITION_AWS : url.partition;
}

const struct saml_attribute_value *
aws_first_value(const struct saml_attribute *attribute)
{
    return attribute != NULL && attribute->value_count > 0 ? &attribute->values[0] : NULL;
}

bool
aws_has_value(const struct saml_attribute *attribute)
{
    for (size_t i = 0; attribute != NULL && i < attribute->value_count; i++)
        if (str_trim(attribute->values[i].value.text).len > 0)
            return true;
    return false;
}

bool
aws_uses_access_control(const struct saml_assertion *assertion)
{
    for (size_t i = 0; i < assertion->attribute_count; i++)
        if (str_present(aws_attribute_tag_key(&assertion->attributes[i], AWS_ATTRIBUTE_ACCESS_CONTROL)))
            return true;
    return false;
}

size_t
aws_compared_attributes(const struct saml_assertion *assertion)
{
    return assertion->attribute_count < COMPARED_ATTRIBUTES ? assertion->attribute_count : COMPARED_ATTRIBUTES;
}

bool
aws_is_found(const struct check_run *run, const struct check *check)
{
    for (size_t i = 0; i < run->findings->count; i++)
        if (run->findings->items[i]->check == check)
            return true;
    return false;
}

bool
aws_cause_found(const struct check_run *run)
{
    for (size_t i = 0; i < run->findings->count; i++) {
        const struct finding *finding = run->findings->items[i];

        if (finding->severity == SEVERITY_ERROR && finding->confidence != CONFIDENCE_POSSIBLE &&
            finding->check->rank < RANK_SYMPTOM)
            return true;
    }
    return false;
}

bool
aws_said(const struct check_run *run, const char *text)
{
    return str_find_nocase(run->signin->quote, str_from(text)) != SIZE_MAX;
}

/* Last part of the names that identity providers give to group claims. */
static const char *const group_names[] = {
    "groups", "group", "memberof", "ismemberof", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "1.2.840.113556.1.2.102",
};

static bool
is_group_name(struct str name)
{
    struct str last = name;

    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            last = str_from_offset(name, i);
            break;
        }
    for (size_t i = 0; i < COUNT_OF(group_names); i++)
        if (str_eq_nocase(last, str_from(group_names[i])))
            return true;
    return false;
}

bool
aws_is_group_attribute(const struct saml_attribute *attribute)
{
    return is_group_name(attribute->name.text) || is_group_name(attribute->friendly_name.text);
}

bool
aws_is_vendor(const struct check_run *run, const char *name)
{
    return run->context->idp_vendor.vendor != NULL && strcmp(run->context->idp_vendor.vendor->name, name) == 0;
}
