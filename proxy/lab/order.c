/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

static void
add_iam_attributes(struct lab_order *order)
{
    lab_order_add(order, LAB_ATTRIBUTE_ROLE, STR(LAB_ROLE_ADMIN "," LAB_SAML_PROVIDER));
    if (str_eq_c(order->name_id, LAB_USER_TWO_ROLES)) {
        struct lab_attribute *roles = lab_order_attribute(order, LAB_ATTRIBUTE_ROLE);

        roles->values[roles->value_count++] = STR(LAB_ROLE_READER "," LAB_SAML_PROVIDER);
    }
    lab_order_add(order, LAB_ATTRIBUTE_SESSION_NAME, order->name_id);
    lab_order_add(order, LAB_ATTRIBUTE_DURATION, STR("3600"));
}

void
lab_order_init(struct lab_order *order, struct arena *arena, enum lab_target target, struct str user,
               struct str request_id, int64_t now_ms)
{
    bool iam = target == LAB_IAM;
    struct str acs = iam ? STR(LAB_IAM_ACS) : STR(LAB_IDC_ACS);

    *order = (struct lab_order){
        .target = target,
        .post_to = acs,
        .destination = acs,
        .response_issuer = STR(LAB_IDP_ENTITY),
        .issuer = STR(LAB_IDP_ENTITY),
        .version = STR("2.0"),
        .in_response_to = arena_copy(arena, request_id),
        .issued_ms = now_ms,
        .zone = "Z",
        .assertion_count = 1,
        .name_id = arena_copy(arena, user),
        .name_id_format = iam ? STR(LAB_FORMAT_PERSISTENT) : STR(LAB_FORMAT_EMAIL),
        .confirmation_method = STR(LAB_BEARER),
        .recipient = acs,
        .confirmed_until_ms = now_ms + 5 * MINUTE_MS,
        .not_before_ms = now_ms - MINUTE_MS,
        .not_on_or_after_ms = now_ms + 5 * MINUTE_MS,
        .audience = iam ? STR(LAB_IAM_ENTITY) : STR(LAB_IDC_ENTITY),
        .sign_assertion = true,
        .sign_response = true,
        .field = STR("SAMLResponse"),
    };
    order->subject_in_response_to = order->in_response_to;
    if (iam)
        add_iam_attributes(order);
}

void
lab_order_add(struct lab_order *order, const char *name, struct str value)
{
    if (order->attribute_count == LAB_MAX_ATTRIBUTES)
        return;
    order->attributes[order->attribute_count++] =
        (struct lab_attribute){ .name = str_from(name), .values = { value }, .value_count = 1 };
}

struct lab_attribute *
lab_order_attribute(struct lab_order *order, const char *name)
{
    for (size_t i = 0; i < order->attribute_count; i++)
        if (str_eq_c(order->attributes[i].name, name))
            return &order->attributes[i];
    return NULL;
}

void
lab_order_drop(struct lab_order *order, const char *name)
{
    struct lab_attribute *attribute = lab_order_attribute(order, name);
    size_t behind;

    if (attribute == NULL)
        return;
    behind = order->attribute_count - (size_t)(attribute - order->attributes) - 1;
    memmove(attribute, attribute + 1, behind * sizeof(*attribute));
    order->attribute_count--;
}

static void
shift(int64_t *time_ms, int64_t ms)
{
    if (*time_ms != LAB_NO_TIME)
        *time_ms += ms;
}

void
lab_order_shift(struct lab_order *order, int64_t ms)
{
    shift(&order->issued_ms, ms);
    shift(&order->confirmed_until_ms, ms);
    shift(&order->not_before_ms, ms);
    shift(&order->not_on_or_after_ms, ms);
}
