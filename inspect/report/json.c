/* SPDX-License-Identifier: MIT */
#include "json_facts.h"
#include "json_places.h"

#include <stdio.h>

#include "profile.h"
#include "text_cause.h"
#include "trusted_keys.h"
#include "vendor.h"

/* --- messages ----------------------------------------------------------------------------------- */

static json_t *
messages_of(const struct report *report)
{
    json_t *messages = json_array();
    const struct message *message;

    for (size_t n = 1; (message = report_message(report, n, NULL)) != NULL; n++)
        json_array_append_new(messages, json_message(message, n));
    return messages;
}

static json_t *
signatures_of(const struct report *report)
{
    json_t *signatures = json_array();
    const struct message *message;

    for (size_t n = 1; (message = report_message(report, n, NULL)) != NULL; n++) {
        if (message->query_signature.present)
            json_array_append_new(signatures, json_query_signature(message, n));
        for (size_t i = 0; message->saml != NULL && i < message->saml->signature_count; i++)
            json_array_append_new(signatures, json_signature(&message->saml->signatures[i], n));
    }
    return signatures;
}

/* --- findings ----------------------------------------------------------------------------------- */

static json_t *
fixes_of(const struct report *report, const struct check *check)
{
    const struct check_fix *fixes[CHECK_MAX_FIXES];
    size_t count = fixes_for(report, check, fixes);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "vendor", json_text_c(fixes[i]->vendor), "text",
                                              json_text_c(fixes[i]->text)));
    return list;
}

static void
set_comparison(json_t *value, const struct finding *finding)
{
    bool compares = str_present(finding->expected) || str_present(finding->received);
    bool near = finding->near_miss != NEAR_MISS_NONE;

    json_object_set_new(value, "expected", json_text(finding->expected));
    json_object_set_new(value, "received", json_text(finding->received));
    json_object_set_new(value, "source", json_text(finding->source));
    json_object_set_new(value, "first_difference",
                        compares && finding->first_difference != SIZE_MAX
                            ? json_integer((json_int_t)finding->first_difference)
                            : json_null());
    json_object_set_new(value, "near_miss", near ? json_text_c(near_miss_name(finding->near_miss)) : json_null());
}

/* A plaintext, and a message that is not at hand, have no octets to point at. */
static json_t *
at_of(const struct report *report, const struct finding *finding)
{
    const struct message *message =
        finding->message > 0 ? report_message(report, (size_t)finding->message, NULL) : NULL;
    json_t *at = message != NULL ? json_at(message->xml, finding->where) : NULL;

    return at != NULL ? at : json_null();
}

static void
set_place(json_t *value, struct where where)
{
    json_object_set_new(value, "where", json_text(where.xpath));
    if (where.length > 0) {
        json_object_set_new(value, "offset", json_integer((json_int_t)where.offset));
        json_object_set_new(value, "length", json_integer((json_int_t)where.length));
    }
}

/* "CVE-2018-0489" and the like out of the words. */
static json_t *
cves_of(const char *known)
{
    json_t *cves = json_array();

    for (const char *at = known; (at = strstr(at, "CVE-")) != NULL;) {
        size_t length = strlen("CVE-") + strspn(at + strlen("CVE-"), "0123456789-");

        json_array_append_new(cves, json_stringn(at, length));
        at += length;
    }
    return cves;
}

static json_t *
attack_value(const struct attack *attack)
{
    if (attack == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:o}", "id", attack->id, "name", attack->name, "known", attack->known, "cve",
                     cves_of(attack->known));
}

static json_t *
finding_value(const struct report *report, const struct finding *finding)
{
    const struct check *check = finding->check;
    json_t *value = json_object();

    json_object_set_new(value, "id", json_text_c(check->id));
    json_object_set_new(value, "severity", json_text_c(severity_name(finding->severity)));
    json_object_set_new(value, "confidence", json_text_c(confidence_name(finding->confidence)));
    json_object_set_new(value, "rank", json_integer(finding->rank));
    json_object_set_new(value, "message", finding->message > 0 ? json_integer(finding->message) : json_null());
    json_object_set_new(value, "title",
                        str_present(finding->title) ? json_text(finding->title) : json_text_c(check->title));
    json_object_set_new(value, "text", json_text(finding->text));
    json_object_set_new(value, "means", json_text_c(check->means));
    set_comparison(value, finding);
    set_place(value, finding->where);
    json_object_set_new(value, "at", at_of(report, finding));
    json_object_set_new(value, "owner", json_text_c(owner_name(check->owner)));
    json_object_set_new(value, "fix", fixes_of(report, check));
    json_object_set_new(value, "spec", json_text_c(check_spec(check)));
    json_object_set_new(value, "standing", json_text_c(standing_name(check->standing)));
    json_object_set_new(value, "attack", attack_value(finding->attack));
    json_object_set_new(value, "follows_from",
                        finding->follows_from != NULL ? json_text_c(finding->follows_from->check->id) : json_null());
    return value;
}

static json_t *
findings_of(const struct report *report)
{
    json_t *findings = json_array();

    for (size_t i = 0; i < report->findings.count; i++)
        json_array_append_new(findings, finding_value(report, report->findings.items[i]));
    return findings;
}

static json_t *
not_checked_of(const struct report *report)
{
    json_t *list = json_array();

    if (str_present(report->messages.unread))
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "id", json_text_c("body-unread"), "why", json_text(report->messages.unread)));
    for (size_t i = 0; i < report->findings.skipped_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "id", json_text_c(report->findings.skipped[i].check->id),
                                              "why", json_text(report->findings.skipped[i].why)));
    return list;
}

/* Ids of the checks that looked at the input and found nothing against it. */
static json_t *
passed_of(const struct report *report)
{
    json_t *list = json_array();
    size_t number = 0;

    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_set_at(i)->count; k++, number++)
            if (check_passed(&report->findings, &check_set_at(i)->rows[k], number))
                json_array_append_new(list, json_text_c(check_set_at(i)->rows[k].id));
    return list;
}

/* --- what it was judged by ---------------------------------------------------------------------- */

static void
set_expected(json_t *object, const char *key, const struct expected *expected)
{
    if (str_present(expected->text))
        json_object_set_new(
            object, key,
            json_pack("{s:o, s:o}", "value", json_text(expected->text), "source", json_text_c(expected->source)));
}

static json_t *
clock_value(const struct clock_reading *reading)
{
    if (reading->stamps == 0)
        return json_null();
    return json_pack("{s:o, s:I, s:i, s:o}", "party", json_text(reading->party), "ahead_ms",
                     (json_int_t)reading->ahead_ms, "messages", (int)reading->stamps, "by",
                     json_text_c(reading->by_date ? "Date" : "IssueInstant"));
}

/* Beside ours, which is "now". */
static json_t *
clocks_value(const struct clock_view *view)
{
    json_t *value;

    if (view == NULL)
        return json_null();
    value = json_pack("{s:o, s:o}", "idp", clock_value(&view->idp), "sp", clock_value(&view->sp));
    json_object_set_new(value, "waited_ms", view->waited_ms >= 0 ? json_integer(view->waited_ms) : json_null());
    json_object_set_new(value, "page_seen", json_boolean(view->page_seen));
    return value;
}

static json_t *
packs_value(unsigned packs)
{
    json_t *names = json_array();

    for (int pack = 0; pack < PACK_COUNT; pack++)
        if ((packs >> pack & 1u) != 0)
            json_array_append_new(names, json_text_c(check_pack_name((enum check_pack)pack)));
    return names;
}

/* By which rules, when they are not those that everybody gets. */
static void
set_own_rules(json_t *value, const struct settings *settings)
{
    json_t *set = json_object();

    for (size_t i = 0; settings != NULL && i < settings->override_count; i++) {
        char id[80]; /* of a row: no longer */

        snprintf(id, sizeof(id), "%.*s", STR_ARG(settings->overrides[i].id));
        json_object_set_new(set, id, json_text_c(severity_name((enum severity)settings->overrides[i].severity)));
    }
    json_object_set_new(value, "set", set);
    json_object_set_new(value, "packs", packs_value(settings != NULL ? settings->packs : 0));
    json_object_set_new(value, "strict", packs_value(settings != NULL ? settings->strict_packs : 0));
}

static json_t *
context_value(const struct context *context)
{
    json_t *value = json_object();
    char now[32];

    xstime_format_into(now, sizeof(now), context->now_ms);
    json_object_set_new(value, "profile", json_text_c(profile_name(context->profile)));
    json_object_set_new(value, "profile_source", json_text_c(context->profile_source));
    json_object_set_new(value, "now", json_text_c(now));
    json_object_set_new(value, "now_source", json_text_c(context->now_source));
    json_object_set_new(value, "skew_s", json_integer((json_int_t)(context->skew_ms / 1000)));
    json_object_set_new(value, "clocks", clocks_value(context->clocks));
    set_own_rules(value, context->settings);
    set_expected(value, "idp_entity_id", &context->idp_entity_id);
    set_expected(value, "sp_entity_id", &context->sp_entity_id);
    set_expected(value, "acs_url", &context->acs_url);
    set_expected(value, "request_id", &context->request_id);
    json_object_set_new(value, "vendor",
                        context->idp_vendor.vendor != NULL ? json_text_c(context->idp_vendor.vendor->name)
                                                           : json_null());
    json_object_set_new(value, "idp_vendor", json_vendor(&context->idp_vendor));
    json_object_set_new(value, "sp_vendor", json_vendor(&context->sp_vendor));
    return value;
}

static json_t *
signin_value(const struct signin *signin)
{
    json_t *value = json_object();
    char started[32];

    xstime_format_into(started, sizeof(started), signin->started_ms);
    json_object_set_new(value, "number", json_integer((json_int_t)signin->number));
    json_object_set_new(value, "key", json_text_c(signin->key));
    json_object_set_new(value, "started", signin->started_ms != 0 ? json_text_c(started) : json_null());
    json_object_set_new(value, "outcome", json_text_c(outcome_name(signin->outcome)));
    json_object_set_new(value, "idp", json_text(signin->idp_name));
    json_object_set_new(value, "sp", json_text(signin->sp_name));
    json_object_set_new(value, "user", json_text(signin->user));
    json_object_set_new(value, "request_id", json_text(signin->request_id));
    json_object_set_new(value, "acs_status", signin->acs_status != 0 ? json_integer(signin->acs_status) : json_null());
    json_object_set_new(value, "acs_location", json_text(signin->acs_location));
    json_object_set_new(value, "quote", json_text(signin->quote));
    json_object_set_new(value, "quote_from", json_text(signin->quote_from));
    json_object_set_new(value, "accounts", signin->accounts >= 0 ? json_integer(signin->accounts) : json_null());
    return value;
}

/* Every key that may sign for the identity provider, and whether one of the messages is signed by it. */
static json_t *
trusted_keys_of(const struct report *report)
{
    const struct key_set *keys = report->context.settings != NULL ? report->context.settings->keys : NULL;
    json_t *values = json_array();

    for (size_t i = 0; keys != NULL && i < key_set_trusted_count(keys); i++) {
        const struct certificate_facts *key = key_set_trusted(keys, i);
        json_t *value;

        if (!trusted_key_applies(report, i))
            continue;
        value = json_pack("{s:o, s:o, s:I}", "spki_sha256", json_text_c(key->spki_sha256), "source",
                          json_text(key->source), "signatures", (json_int_t)trusted_key_uses(report, i));
        if (key->sha256[0] != '\0')
            json_set_text(value, "sha256", str_from(key->sha256));
        json_set_text(value, "subject", key->subject);
        json_set_text(value, "entity_id", key_set_trusted_entity(keys, i));
        json_array_append_new(values, value);
    }
    return values;
}

static json_t *
report_value(const char *type, const struct report *report)
{
    json_t *value = json_object(), *signins = json_array();

    json_object_set_new(value, "schema", json_text_c("samltap/1"));
    json_object_set_new(value, "type", json_text_c(type));
    json_object_set_new(value, "input", json_text(report->input));
    json_set_text(value, "input_problem", report->input_problem);
    json_object_set_new(value, "verdict", json_text_c(verdict_name(report->verdict)));
    json_object_set_new(value, "summary", json_text(report->summary));
    json_object_set_new(value, "messages", messages_of(report));
    json_object_set_new(value, "findings", findings_of(report));
    json_object_set_new(value, "signatures", signatures_of(report));
    json_object_set_new(value, "trusted_keys", trusted_keys_of(report));
    json_object_set_new(value, "not_checked", not_checked_of(report));
    json_object_set_new(value, "passed", passed_of(report));
    if (report->signin != NULL)
        json_array_append_new(signins, signin_value(report->signin));
    json_object_set_new(value, "signins", signins);
    json_object_set_new(value, "context", context_value(&report->context));
    if (report->findings.incomplete)
        json_object_set_new(value, "incomplete", json_true());
    return value;
}

static void
json_report(struct buf *out, const struct report *report, const struct reporter_options *options)
{
    (void)options;
    json_write_line(out, report_value("report", report));
}

static void
json_signin(struct buf *out, const struct signin *signin, const struct reporter_options *options)
{
    const struct report *report = signin_report(signin);
    json_t *value;

    (void)options;
    if (report == NULL)
        return;
    value = report_value("signin", report);
    json_object_set_new(value, "signin", signin_value(signin));
    json_write_line(out, value);
}

const struct reporter reporter_json = { .name = "json", .report = json_report, .signin = json_signin };
