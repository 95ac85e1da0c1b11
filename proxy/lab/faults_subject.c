/* SPDX-License-Identifier: MIT */
#include "faults.h"

enum { MINUTE_MS = 60 * 1000 };

static void
expired(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    lab_order_shift(order, -20 * MINUTE_MS);
}

static void
clock_ahead(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    lab_order_shift(order, 10 * MINUTE_MS);
}

static void
stale(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->issued_ms -= 7 * MINUTE_MS;
    order->not_before_ms -= 7 * MINUTE_MS;
}

static void
confirmation_expired(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    /* Further back than any tolerance for clocks. */
    order->confirmed_until_ms = order->issued_ms - 10 * MINUTE_MS;
}

static void
confirmation_endless(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->confirmed_until_ms = LAB_NO_TIME;
}

static void
bad_time_format(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->zone = " UTC";
}

static void
nameid_missing(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id = (struct str){ 0 };
}

static void
nameid_format(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id_format = STR("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
}

static void
nameid_format_typo(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id_format = STR("urn:oasis:name:tc:SAML:1.1:nameid-format:emailAddress");
}

static void
nameid_not_address(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id = STR("EXAMPLE\\jdoe");
}

static void
nameid_whitespace(struct lab_order *order, struct arena *arena)
{
    order->name_id = arena_printf(arena, "%.*s ", STR_ARG(order->name_id));
}

static void
unknown_user(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id = STR("stranger@example.com");
}

static void
no_assignments(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id = STR(LAB_USER_NO_ACCOUNTS);
}

static void
groups_to_idc(struct lab_order *order, struct arena *arena)
{
    (void)arena;
    order->name_id = STR(LAB_USER_NO_ACCOUNTS);
    lab_order_add(order, "groups", STR("AWS-Production-Admins"));
}

static const struct fault rows[] = {
    { .public = { .name = "expired",
                  .target = "both",
                  .title = "The assertion is 20 minutes old",
                  .finding = "time-expired" },
      .spoil = expired },
    { .public = { .name = "clock-ahead",
                  .target = "both",
                  .title = "The identity provider's clock is 10 minutes ahead",
                  .finding = "time-not-yet-valid" },
      .spoil = clock_ahead },
    { .public = { .name = "stale",
                  .target = "iam",
                  .title = "Still valid, but issued 7 minutes ago",
                  .finding = "time-sts-five-minutes" },
      .spoil = stale },
    { .public = { .name = "confirmation-expired",
                  .target = "both",
                  .title = "The subject confirmation has expired",
                  .finding = "time-scd-expired" },
      .spoil = confirmation_expired },
    { .public = { .name = "confirmation-endless",
                  .target = "iam",
                  .title = "The subject confirmation has no end",
                  .finding = "time-scd-notonorafter-missing" },
      .spoil = confirmation_endless },
    { .public = { .name = "bad-time-format",
                  .target = "both",
                  .title = "Times are not written as xs:dateTime",
                  .finding = "time-bad-format" },
      .spoil = bad_time_format },
    { .public = { .name = "nameid-missing", .target = "both", .title = "No NameID", .finding = "nameid-missing" },
      .spoil = nameid_missing },
    { .public = { .name = "nameid-format",
                  .target = "idc",
                  .title = "The NameID format is not emailAddress",
                  .finding = "nameid-format-idc" },
      .spoil = nameid_format },
    { .public = { .name = "nameid-format-typo",
                  .target = "idc",
                  .title = "The NameID format is misspelt",
                  .finding = "nameid-format-typo" },
      .spoil = nameid_format_typo },
    { .public = { .name = "nameid-not-address",
                  .target = "idc",
                  .title = "The NameID is a Windows account name",
                  .finding = "nameid-not-address" },
      .spoil = nameid_not_address },
    { .public = { .name = "nameid-whitespace",
                  .target = "idc",
                  .title = "The NameID ends in a space",
                  .finding = "nameid-whitespace" },
      .spoil = nameid_whitespace },
    { .public = { .name = "unknown-user",
                  .target = "idc",
                  .title = "Identity Center has no such user",
                  .finding = "nameid-user-not-found" },
      .spoil = unknown_user },
    { .public = { .name = "no-assignments",
                  .target = "idc",
                  .title = "The user has no account assignment",
                  .finding = "acct-no-assignment" },
      .spoil = no_assignments },
    { .public = { .name = "groups-in-assertion",
                  .target = "idc",
                  .title = "Groups are sent in the assertion only",
                  .finding = "acct-no-assignment" },
      .spoil = groups_to_idc },
};

const struct fault_set lab_faults_subject = { .rows = rows, .count = COUNT_OF(rows) };
