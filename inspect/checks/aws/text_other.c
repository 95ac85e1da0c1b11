/* SPDX-License-Identifier: MIT */
#include "text_error.h"

/* Errors of consoles and logs that no sign-in shows. */

static const struct check table[] = {
    {
        TEXT_ERROR_ROW,
        .id = "idc-abac-enable-failed",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "attributes for access control could not be enabled",
        .means = "Identity Center lacks a permission or hit a limit while it prepared the attributes.",
        .rule = "No text given says \"attributes for access control failed to enable\".",
        .source = "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)",
        .fixes = {
            FIX("any", "Try again as an administrator of the management account, or delegate; see AWS's page for the "
                       "sentence."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "idc-protected-role",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "roles that Identity Center made cannot be changed by hand",
        .means = "A role AWSReservedSSO_… is changed through its permission set alone.",
        .rule = "No text given says \"cannot perform the operation on the protected role\".",
        .source = "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)",
        .fixes = {
            FIX("any", "Change the permission set instead."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "acct-management-account",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_SP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "only the management account may change this permission set",
        .means = "A delegated administrator cannot touch permission sets that are provisioned in the management "
                 "account.",
        .rule = "No text given says \"permission sets provisioned in the management account\".",
        .source = "IAM Identity Center User Guide, \"Troubleshooting IAM Identity Center issues\" (read 2026)",
        .fixes = {
            FIX("any", "Make the change from the management account."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "adfs-event-364",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "AD FS wraps another error in event 364",
        .means = "The MSIS code inside the event tells the cause.",
        .rule = "No text given says \"encountered error during federation passive request\".",
        .source = "Microsoft Learn, AD FS troubleshooting (read 2026)",
        .fixes = {
            FIX("adfs", "Search the AD FS log for the Activity ID that the page shows, and look up the inner code "
                        "here."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "google-duplicate-entity-id",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "Google: another app has this entity ID already",
        .means = "Two apps of one Google account cannot share an entity ID.",
        .rule = "No text given speaks of a duplicate entity ID.",
        .source = "Google Workspace Admin Help, \"SAML app error messages\"",
        .fixes = {
            FIX("google", "Open the app that has it, or delete that one first."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "adfs-events-120x",
        .severity = SEVERITY_WARNING,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "AD FS: an audit event names the step that failed",
        .means = "1200 and 1201: token issued, failed; 1202 and 1203: credentials accepted, refused; 1204 to 1207: "
                 "password change and sign-out.",
        .rule = "No text given holds AD FS event 1201, 1203 or 1207.",
        .source = "Microsoft Learn, \"Troubleshoot AD FS with events and logging\" (read 2026)",
        .fixes = {
            FIX("adfs", "Read the event for the failing step; its Activity ID joins it with event 364."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "adfs-extranet-lockout",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_INFERRED,
        .title = "AD FS: the account is locked out from outside",
        .means = "Too many wrong passwords came from the internet; inside the network the user can still sign in.",
        .rule = "No text given speaks of extranet lockout.",
        .source = "general knowledge of AD FS extranet lockout",
        .fixes = {
            FIX("adfs", "Reset-AdfsAccountLockout for the user, or wait for the observation window; look for the "
                        "source of the attempts in event 1203."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "scim-ping-provisioner-off",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "PingFederate sends nothing: its provisioner is off",
        .means = "The provisioner is off unless the configuration turns it on.",
        .rule = "No text given says \"pf.provisioner.mode=OFF\".",
        .source = "IAM Identity Center User Guide, SCIM with PingFederate (read 2022)",
        .fixes = {
            FIX("ping", "run.properties: pf.provisioner.mode=STANDALONE, then restart PingFederate."),
        },
    },
    {
        TEXT_ERROR_ROW,
        .id = "scim-user-not-in-scope",
        .severity = SEVERITY_ERROR,
        .owner = OWNER_IDP_ADMIN,
        .standing = STANDING_DOCUMENTED,
        .title = "the user or group is not in the scope of provisioning",
        .means = "The provisioning log skipped it: it is not assigned to the app, or a scoping filter leaves it out.",
        .rule = "No text given says that provisioning skipped an object as not in scope.",
        .source = "IAM Identity Center User Guide, provisioning with SCIM (read 2026)",
        .fixes = {
            FIX("any", "Assign the user or group to the app at the identity provider, and look at the scoping filter."),
        },
    },
};

CHECK_SET(checks_aws_text_other, table);
