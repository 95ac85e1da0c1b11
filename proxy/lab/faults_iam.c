/* SPDX-License-Identifier: MIT */
#include "faults.h"

static void
rename_attribute(struct lab_order *order, const char *from, const char *to)
{
    struct lab_attribute *attribute = lab_order_attribute(order, from);

    if (attribute != NULL)
        attribute->name = str_from(to);
}

static void
set_value(struct lab_order *order, const char *name, struct str value)
{
    struct lab_attribute *attribute = lab_order_attribute(order, name);

    if (attribute != NULL) {
        attribute->values[0] = value;
        attribute->value_count = 1;
    }
}

static void
wrong_attribute_case(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    rename_attribute(order, LAB_ATTRIBUTE_ROLE, "https://aws.amazon.com/SAML/attributes/Role");
}

static void
no_role(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    lab_order_drop(order, LAB_ATTRIBUTE_ROLE);
}

static void
role_empty(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_ROLE, STR(""));
}

static void
role_not_pair(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_ROLE, STR(LAB_ROLE_ADMIN));
}

static void
role_malformed(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    /* An account number that lost its leading zero in a spreadsheet. */
    set_value(order, LAB_ATTRIBUTE_ROLE,
              STR("arn:aws:iam::11122223333:role/LabAdmin,arn:aws:iam::11122223333:saml-provider/samltap-lab"));
}

static void
role_account_mismatch(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_ROLE, STR("arn:aws:iam::444455556666:role/LabAdmin," LAB_SAML_PROVIDER));
}

static void
permission_set_role(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_ROLE,
              STR("arn:aws:iam::" LAB_ACCOUNT ":role/aws-reserved/sso.amazonaws.com/"
                  "AWSReservedSSO_AdministratorAccess_0123456789abcdef," LAB_SAML_PROVIDER));
}

static void
missing_rolesessionname(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    lab_order_drop(order, LAB_ATTRIBUTE_SESSION_NAME);
}

static void
invalid_rolesessionname(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_SESSION_NAME, STR("Jane Doe"));
}

static void
invalid_sessionduration(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    set_value(order, LAB_ATTRIBUTE_DURATION, STR("60"));
}

static const struct fault rows[] = {
    { .public = { .name = "wrong-attribute-case",
                  .target = "iam",
                  .title = "The Role attribute's name differs in case",
                  .finding = "aws-role-name-near-miss" },
      .spoil = wrong_attribute_case },
    { .public = { .name = "no-role",
                  .target = "iam",
                  .title = "No Role attribute",
                  .finding = "aws-role-attribute-missing" },
      .spoil = no_role },
    { .public = { .name = "role-empty",
                  .target = "iam",
                  .title = "The Role attribute is empty",
                  .finding = "aws-role-empty" },
      .spoil = role_empty },
    { .public = { .name = "role-not-pair",
                  .target = "iam",
                  .title = "Role has no provider ARN",
                  .finding = "aws-role-value-not-pair" },
      .spoil = role_not_pair },
    { .public = { .name = "role-malformed",
                  .target = "iam",
                  .title = "The account number has 11 digits",
                  .finding = "aws-role-arn-malformed" },
      .spoil = role_malformed },
    { .public = { .name = "role-account-mismatch",
                  .target = "iam",
                  .title = "Role and provider are in two accounts",
                  .finding = "aws-role-account-mismatch" },
      .spoil = role_account_mismatch },
    { .public = { .name = "permission-set-role",
                  .target = "iam",
                  .title = "The role belongs to Identity Center",
                  .finding = "aws-permission-set-role-used" },
      .spoil = permission_set_role },
    { .public = { .name = "missing-rolesessionname",
                  .target = "iam",
                  .title = "No RoleSessionName",
                  .finding = "aws-rolesessionname-missing" },
      .spoil = missing_rolesessionname },
    { .public = { .name = "invalid-rolesessionname",
                  .target = "iam",
                  .title = "RoleSessionName holds a space",
                  .finding = "aws-rolesessionname-invalid" },
      .spoil = invalid_rolesessionname },
    { .public = { .name = "invalid-sessionduration",
                  .target = "iam",
                  .title = "SessionDuration is 60 seconds",
                  .finding = "aws-sessionduration-invalid" },
      .spoil = invalid_sessionduration },
};

const struct fault_set lab_faults_iam = { .rows = rows, .count = COUNT_OF(rows) };
