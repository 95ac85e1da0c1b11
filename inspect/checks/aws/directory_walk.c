/* SPDX-License-Identifier: MIT */
#include "aws_evidence.h"
#include "buf.h"
#include "directory.h"

enum { NEAREST = 3, LONG_NAME = 8 };

struct near_user {
    const struct idc_user *user;
    size_t distance;
};

struct str
directory_names(struct arena *arena, const struct str *names, size_t held, size_t count)
{
    struct buf text;
    struct str copy;

    buf_init(&text, 4096);
    for (size_t i = 0; i < held; i++) {
        buf_add_c(&text, i > 0 ? ", " : "");
        buf_add_str(&text, aws_clip(names[i]));
    }
    if (count > held)
        buf_printf(&text, " and %zu more", count - held);
    copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static const struct saml_name_id *
name_id_of(const struct check_run *run)
{
    const struct saml_name_id *name_id = &run->assertion->name_id;

    return str_present(name_id->value.text) && str_trim(name_id->value.text).len > 0 ? name_id : NULL;
}

static bool
has_email(const struct idc_user *user, struct str name)
{
    for (size_t i = 0; i < user->email_count; i++)
        if (str_eq_nocase(user->emails[i], name))
            return true;
    return false;
}

static size_t
common_ends(struct str a, struct str b)
{
    size_t least = a.len < b.len ? a.len : b.len, head = 0, tail = 0;

    while (head < least && a.ptr[head] == b.ptr[head])
        head++;
    while (tail < least - head && a.ptr[a.len - 1 - tail] == b.ptr[b.len - 1 - tail])
        tail++;
    return head + tail;
}

/*
 * How many characters in the middle of the names before the @ differ: 0 for the same name (the domain
 * then differs, or is missing), SIZE_MAX when they are not alike.
 */
static size_t
name_distance(struct str wanted, struct str name)
{
    struct str a, b, a_domain, b_domain;
    size_t longest, distance;
    bool same_domain;

    str_cut(wanted, '@', &a, &a_domain);
    str_cut(name, '@', &b, &b_domain);
    if (a.len == 0 || b.len == 0)
        return SIZE_MAX;
    if (str_eq_nocase(a, b))
        return 0;
    same_domain = str_eq_nocase(a_domain, b_domain) || !str_present(a_domain) || !str_present(b_domain);
    longest = a.len > b.len ? a.len : b.len;
    distance = longest - common_ends(a, b);
    return same_domain && (distance <= 1 || (distance == 2 && longest >= LONG_NAME)) ? distance : SIZE_MAX;
}

/* The users whose names are most alike, best first; returns how many. */
static size_t
nearest_users(const struct aws_evidence *evidence, struct str wanted, struct near_user best[NEAREST])
{
    size_t count = 0;

    for (size_t i = 0; i < evidence->user_count; i++) {
        size_t distance = name_distance(wanted, evidence->users[i].user_name), at = count;

        if (distance == SIZE_MAX || (count == NEAREST && best[NEAREST - 1].distance <= distance))
            continue;
        if (count < NEAREST)
            count++;
        else
            at = NEAREST - 1;
        for (; at > 0 && best[at - 1].distance > distance; at--)
            best[at] = best[at - 1];
        best[at] = (struct near_user){ &evidence->users[i], distance };
    }
    return count;
}

static const char *
list_note(const struct aws_evidence *evidence)
{
    return aws_evidence_goes_on(evidence, AWS_EVIDENCE_USERS)
               ? " The list given is not complete (it has a NextToken); look for the user in the rest."
               : "";
}

static void
end_not_found(const struct check_run *run, struct str wanted, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str clip = aws_clip(wanted), names[NEAREST];
    struct near_user best[NEAREST];
    size_t count = nearest_users(evidence, wanted, best);

    if (aws_evidence_goes_on(evidence, AWS_EVIDENCE_USERS))
        end->confidence = CONFIDENCE_LIKELY;
    end->received = wanted;
    end->source = "the list of users";
    if (count == 0) {
        end->id = "user-not-provisioned";
        end->text = arena_printf(run->arena,
                                 "None of the %zu users in the list is called \"%.*s\" or anything like it, and none "
                                 "has that e-mail address: the user was never made in Identity Center.%s",
                                 evidence->user_count, STR_ARG(clip), list_note(evidence));
        return;
    }
    for (size_t i = 0; i < count; i++)
        names[i] = best[i].user->user_name;
    struct str near = directory_names(run->arena, names, count, count);
    end->id = "nameid-user-not-found";
    end->expected = names[0];
    end->text = arena_printf(run->arena, "None of the %zu users in the list is called \"%.*s\". Nearest: %.*s.%s%s",
                             evidence->user_count, STR_ARG(clip), STR_ARG(near),
                             best[0].distance == 0 ? " The part before the @ is the same, the rest is not: one side "
                                                     "sends the principal name, the other the e-mail address."
                                                   : "",
                             list_note(evidence));
}

static void
end_email(const struct check_run *run, const struct idc_user *user, struct str wanted, struct directory_end *end)
{
    end->id = "nameid-email-not-username";
    end->text = arena_printf(run->arena, "The NameID is the e-mail address of a user whose userName is another.");
    end->expected = user->user_name;
    end->received = wanted;
    end->source = "the userName in the list of users";
}

static void
end_case(const struct check_run *run, const struct idc_user *user, struct str wanted, struct directory_end *end)
{
    end->id = "nameid-case-differs";
    end->text = arena_printf(run->arena, "NameID and userName are equal but for the case of letters.");
    end->expected = user->user_name;
    end->received = wanted;
    end->source = "the userName in the list of users";
    end->confidence = CONFIDENCE_LIKELY;
}

/* Finds the user; otherwise says how near it was. */
static void
walk_user(const struct check_run *run, struct str wanted, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    const struct idc_user *other_case = NULL, *email = NULL;

    for (size_t i = 0; i < evidence->user_count; i++) {
        const struct idc_user *user = &evidence->users[i];

        if (!str_present(user->user_name))
            continue;
        if (str_eq(user->user_name, wanted)) {
            end->user = user;
            return;
        }
        if (other_case == NULL && str_eq_nocase(user->user_name, wanted))
            other_case = user;
        if (email == NULL && has_email(user, wanted))
            email = user;
    }
    if (other_case != NULL)
        end_case(run, other_case, wanted, end);
    else if (email != NULL)
        end_email(run, email, wanted, end);
    else
        end_not_found(run, wanted, end);
}

/* Id of the instance that the assertion is for, from its Audience. */
static struct str
instance_of(const struct check_run *run)
{
    const struct saml_assertion *assertion = run->assertion;

    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++) {
            struct aws_audience audience = aws_audience_read(assertion->restrictions[i].audiences[k].text);

            if (audience.url.kind == AWS_URL_IDC_ENTITY)
                return audience.url.id;
        }
    return (struct str){ 0 };
}

static bool
walk_instance(const struct check_run *run, struct directory_end *end)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    struct str instance = instance_of(run), store = { 0 };

    for (size_t i = 0; i < evidence->user_count && !str_present(store); i++)
        store = evidence->users[i].store_id;
    if (!str_present(instance) || !str_present(store) || str_eq_nocase(instance, store))
        return true;
    end->id = "acct-wrong-instance";
    end->text = STR("The assertion is for one instance of Identity Center, the list of users is from another. Either "
                    "the sign-in goes to the wrong instance, or the lists were read from the wrong one; they were not "
                    "used any further.");
    end->expected = store;
    end->received = instance;
    end->source = "IdentityStoreId in the list of users";
    end->confidence = CONFIDENCE_LIKELY;
    return false;
}

struct directory_end
directory_walk(const struct check_run *run)
{
    const struct aws_evidence *evidence = run->context->settings->evidence;
    const struct saml_name_id *name_id = name_id_of(run);
    struct directory_end end = { .confidence = CONFIDENCE_PROVEN };

    if (!aws_evidence_has(evidence, AWS_EVIDENCE_USERS))
        end.not_walked = "no user list given";
    else if (name_id == NULL)
        end.not_walked = "there is no NameID to look for";
    if (end.not_walked != NULL || !walk_instance(run, &end))
        return end;
    walk_user(run, str_trim(name_id->value.text), &end);
    if (end.user == NULL)
        return end;
    if (end.user->state == IDC_USER_DISABLED) {
        end.id = "user-disabled-idc";
        end.text = STR("The user exists in Identity Center, but is disabled.");
        end.expected = STR("ENABLED");
        end.received = STR("DISABLED");
        end.source = "UserStatus in the list of users";
        return end;
    }
    directory_walk_access(run, &end);
    return end;
}
