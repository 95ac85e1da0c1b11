/* SPDX-License-Identifier: MIT */
#include "text_facts.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "profile.h"
#include "trusted_keys.h"

enum {
    NAME_WIDTH = 14,
    FACT_COLUMN = PAGE_MARGIN + NAME_WIDTH,
    SHOWN_ATTRIBUTES = 30,
    KEY_DIGITS = 16,
    SHOWN_KEYS = 8
};

/* Starts a line of the section; the first one carries the section's label. */
static void
fact_name(struct page *page, const char **section, const char *name)
{
    page_label(page, *section);
    *section = NULL;
    page_words(page, name);
    page_pad(page, PAGE_MARGIN + str_from(name).len, FACT_COLUMN);
}

static void
fact(struct page *page, const char **section, const char *name, struct str value, const char *note)
{
    if (!str_present(value))
        return;
    fact_name(page, section, name);
    page_value(page, value);
    if (note != NULL && note[0] != '\0') {
        page_words(page, "  ");
        page_colour(page, COLOUR_DIM);
        page_words(page, note);
        page_colour(page, COLOUR_PLAIN);
    }
    page_end(page);
}

/* "5 min 3 s ago", "in 20 s" */
static void
relative(char *out, size_t size, int64_t ms, int64_t now_ms)
{
    char words[48];

    duration_words(words, sizeof(words), ms - now_ms);
    if (ms >= now_ms)
        snprintf(out, size, "in %s", words);
    else
        snprintf(out, size, "%s ago", words);
}

static void
time_fact(struct page *page, const char **section, const char *name, const struct saml_time *time, int64_t now_ms)
{
    char note[64] = "not an xs:dateTime";

    if (time->valid)
        relative(note, sizeof(note), time->time.ms, now_ms);
    fact(page, section, name, time->raw.text, note);
}

static const char *
coverage_note(const struct saml_message *saml, struct where where, bool read)
{
    switch (saml_coverage(saml, where)) {
    case COVERAGE_SIGNED:
        return read ? "signed" : "signed, but not what a service provider reads";
    case COVERAGE_SELF:
        return read ? "intact, signer not authenticated" : "intact, but not what a service provider reads";
    case COVERAGE_BROKEN:
        return "only under a signature that does not verify";
    case COVERAGE_UNSIGNED:
        break;
    }
    return "not signed";
}

static struct str
format_short(struct str format)
{
    size_t at = str_find_c(format, "nameid-format:");

    return at == SIZE_MAX ? format : str_from_offset(format, at + sizeof("nameid-format:") - 1);
}

static void
subject_facts(struct page *page, const char **section, const struct saml_message *saml,
              const struct saml_assertion *assertion)
{
    char note[200];
    struct buf format;

    if (!str_present(assertion->name_id.value.text))
        return;
    buf_init(&format, 160);
    escape_text(&format, format_short(assertion->name_id.format.text));
    snprintf(note, sizeof(note), "%s%s%s", format.len > 0 && !buf_failed(&format) ? format.bytes : "",
             format.len > 0 && !buf_failed(&format) ? ", " : "",
             coverage_note(saml, assertion->name_id.value.where, saml_is_read(saml, assertion)));
    buf_release(&format);
    fact(page, section, "NameID", assertion->name_id.value.text, note);
}

static void
attribute_facts(struct page *page, const char **section, const struct saml_assertion *assertion)
{
    size_t shown = assertion->attribute_count;

    if (!page->options->verbose && shown > SHOWN_ATTRIBUTES)
        shown = SHOWN_ATTRIBUTES;
    for (size_t i = 0; i < shown; i++) {
        const struct saml_attribute *attribute = &assertion->attributes[i];

        fact_name(page, section, i == 0 ? "attributes" : "");
        page_value(page, attribute->name.text);
        if (str_present(attribute->name_space.text)) {
            page_words(page, "  of ");
            page_value(page, attribute->name_space.text);
        }
        page_end(page);
        for (size_t k = 0; k < attribute->value_count; k++) {
            page_label(page, NULL);
            page_pad(page, PAGE_MARGIN, FACT_COLUMN);
            page_words(page, "= ");
            page_value(page, attribute->values[k].value.text);
            page_end(page);
        }
    }
    if (shown < assertion->attribute_count) {
        page_label(page, NULL);
        page_pad(page, PAGE_MARGIN, FACT_COLUMN);
        buf_printf(page->out, "and %zu more (--verbose shows all)", assertion->attribute_count - shown);
        page_end(page);
    }
}

static void
assertion_facts(struct page *page, const char **section, const struct report *report, const struct saml_message *saml,
                const struct saml_assertion *assertion)
{
    int64_t now = report->context.now_ms;

    char note[160];

    /* All of an assertion is covered alike: said once for every value below. */
    snprintf(note, sizeof(note), "%s%s", assertion->was_encrypted ? "was encrypted; " : "",
             coverage_note(saml, assertion->where, saml_is_read(saml, assertion)));
    fact(page, section, assertion->direct ? "assertion" : "elsewhere", assertion->id.text, note);
    subject_facts(page, section, saml, assertion);
    for (size_t i = 0; i < assertion->restriction_count; i++)
        for (size_t k = 0; k < assertion->restrictions[i].audience_count; k++)
            fact(page, section, "audience", assertion->restrictions[i].audiences[k].text, NULL);
    for (size_t i = 0; i < assertion->confirmation_count; i++) {
        const struct saml_confirmation *confirmation = &assertion->confirmations[i];

        fact(page, section, "recipient", confirmation->recipient.text, NULL);
        time_fact(page, section, "deliver by", &confirmation->not_on_or_after, now);
    }
    time_fact(page, section, "not before", &assertion->not_before, now);
    time_fact(page, section, "not after", &assertion->not_on_or_after, now);
    for (size_t i = 0; i < assertion->authn_statement_count; i++) {
        const struct saml_authn_statement *statement = &assertion->authn_statements[i];

        time_fact(page, section, "signed in", &statement->authn_instant, now);
        time_fact(page, section, "session ends", &statement->session_not_on_or_after, now);
        if (page->options->verbose) {
            fact(page, section, "context", statement->class_ref.text, NULL);
            fact(page, section, "session", statement->session_index.text, NULL);
        }
    }
    attribute_facts(page, section, assertion);
}

/* A value of the message itself; marked when the assertions in it are covered better. */
static void
message_fact(struct page *page, const char **section, const struct saml_message *saml, const char *name,
             const struct saml_value *value)
{
    bool less =
        saml->assertion_count > 0 && saml_coverage(saml, value->where) < saml_coverage(saml, saml->assertions[0].where);

    fact(page, section, name, value->text, less ? coverage_note(saml, value->where, true) : NULL);
}

static void
message_line(struct page *page, const char **section, const struct message *message)
{
    fact_name(page, section, "message");
    page_words(page, message_name(message) != NULL ? message_name(message) : "not readable");
    if (message->binding != BINDING_NONE)
        buf_printf(page->out, ", %s", binding_name(message->binding));
    if (str_present(message->url)) {
        page_words(page, message->in_response ? ", sent to " : " to ");
        page_value(page, message->url);
    }
    page_end(page);
    if (message->step_count == 0 || !page->options->verbose)
        return;
    fact_name(page, section, "decoded");
    for (size_t i = 0; i < message->step_count; i++)
        buf_printf(page->out, "%s%s", i > 0 ? ", " : "", decode_step_name(message->steps[i]));
    page_end(page);
}

static void
wsfed_facts(struct page *page, const char **section, const struct wsfed_message *wsfed)
{
    if (wsfed == NULL)
        return;
    fact(page, section, "action", wsfed->action_text, NULL);
    fact(page, section, "realm", wsfed->realm, NULL);
    fact(page, section, "answer to", wsfed->reply, NULL);
    fact(page, section, "context", wsfed->context, NULL);
    fact(page, section, "home realm", wsfed->home_realm, NULL);
}

/* A clock that agrees with ours is worth a line only to who asked for all of it. */
static void
clock_fact(struct page *page, const char **section, const char *name, const struct clock_reading *reading)
{
    int64_t gap = reading->ahead_ms < 0 ? -reading->ahead_ms : reading->ahead_ms;
    char words[64], note[160];

    if (reading->stamps == 0 || (gap < 2000 && !page->options->verbose))
        return;
    duration_words(words, sizeof(words), gap);
    snprintf(note, sizeof(note), "about %s %s ours, by %s of %u message%s", words,
             reading->ahead_ms < 0 ? "behind" : "ahead of", reading->by_date ? "Date" : "IssueInstant", reading->stamps,
             reading->stamps == 1 ? "" : "s");
    fact(page, section, name, reading->party, note);
}

static void
context_facts(struct page *page, const char **section, const struct report *report)
{
    const struct context *context = &report->context;
    const char *title = profile_title(context->profile);
    char now[32], note[160];

    xstime_format_into(now, sizeof(now), context->now_ms);
    snprintf(note, sizeof(note), "%s, %lld s skew allowed", context->now_source, (long long)(context->skew_ms / 1000));
    fact(page, section, "clock", str_from(now), note);
    if (context->clocks != NULL) {
        clock_fact(page, section, "IdP clock", &context->clocks->idp);
        clock_fact(page, section, "SP clock", &context->clocks->sp);
    }
    snprintf(note, sizeof(note), "rules of %s, by %s", profile_name(context->profile), context->profile_source);
    fact(page, section, "receiver", title != NULL ? str_from(title) : STR("any service provider"), note);
}

static struct str
issuer_of(const struct saml_message *saml)
{
    if (!str_present(saml->issuer.value.text) && saml->assertion_count > 0)
        return saml->assertions[0].issuer.value.text;
    return saml->issuer.value.text;
}

static void
vendor_fact(struct page *page, const char **section, const char *name, const struct vendor_match *match)
{
    if (match->vendor == NULL)
        return;
    fact_name(page, section, name);
    if (match->certainty == VENDOR_LOOKS_LIKE)
        page_words(page, "looks like ");
    page_words(page, vendor_match_title(match));
    page_colour(page, COLOUR_DIM);
    buf_printf(page->out, "  by %s: ", vendor_place_words(match->place));
    page_value(page, match->seen);
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
}

void
facts_section(struct page *page, const struct report *report)
{
    const struct saml_message *saml = report_saml(report);
    const char *section = "facts";

    if (report->principal < 0)
        return;
    message_line(page, &section, &report->messages.items[report->principal]);
    wsfed_facts(page, &section, report->messages.items[report->principal].wsfed);
    if (saml == NULL)
        return;
    fact(page, &section, "issuer", issuer_of(saml), NULL);
    vendor_fact(page, &section, "IdP", &report->context.idp_vendor);
    vendor_fact(page, &section, "SP", &report->context.sp_vendor);
    message_fact(page, &section, saml, "id", &saml->id);
    message_fact(page, &section, saml, "answers", &saml->in_response_to);
    message_fact(page, &section, saml, "destination", &saml->destination);
    time_fact(page, &section, "issued", &saml->issue_instant, report->context.now_ms);
    for (size_t i = 0; i < saml->status.code_count; i++)
        message_fact(page, &section, saml, i == 0 ? "status" : "", &saml->status.codes[i]);
    message_fact(page, &section, saml, "says", &saml->status.message);
    fact(page, &section, "fault", saml->soap.fault_code.text, NULL);
    fact(page, &section, "says", saml->soap.fault_text.text, NULL);
    fact(page, &section, "applies to", saml->wstrust.applies_to.text, NULL);
    fact(page, &section, "ACS URL", saml->request.acs_url.text, NULL);
    fact(page, &section, "NameID format", saml->request.policy_format.text, NULL);
    fact(page, &section, "NameID", saml->logout.name_id.value.text, NULL);
    fact(page, &section, "subject", saml->request.subject_name_id.value.text, NULL);
    for (size_t i = 0; i < saml->assertion_count; i++)
        assertion_facts(page, &section, report, saml, &saml->assertions[i]);
    for (size_t i = 0; i < saml->stray_assertion_count; i++)
        assertion_facts(page, &section, report, saml, &saml->stray_assertions[i]);
    for (size_t i = 0; saml->metadata != NULL && i < saml->metadata->entity_count && i < SHOWN_ATTRIBUTES; i++)
        fact(page, &section, "entity", saml->metadata->entities[i].entity_id,
             saml->metadata->entities[i].idp.present ? "identity provider" : "service provider");
    context_facts(page, &section, report);
}

struct str
algorithm_short(struct str uri)
{
    size_t at = str_find_byte(uri, '#');

    return at == SIZE_MAX ? uri : str_from_offset(uri, at + 1);
}

static size_t
covers_width(const struct saml_message *saml)
{
    size_t widest = 6;

    for (size_t i = 0; i < saml->signature_count; i++) {
        const struct dsig_signature *signature = &saml->signatures[i];
        size_t width = escape_width(signature->parent_name) + 1 + escape_width(signature->parent_id);

        if (width > widest)
            widest = width;
    }
    return widest + 2;
}

static void
signature_key(struct page *page, const struct dsig_signature *signature)
{
    const struct certificate_facts *key = signature->key;
    const char *of = "";

    if (key == NULL && signature->keyinfo_count > 0) {
        key = &signature->keyinfo[0];
        of = " (its KeyInfo)";
    }
    if (key == NULL)
        page_words(page, "unknown");
    else
        buf_printf(page->out, "sha256:%.*s\xe2\x80\xa6%s", KEY_DIGITS, key->spki_sha256, of);
    page_words(page, "  ");
    /* The right key can have signed what was changed later. */
    if (signature->trusted_key >= 0 && key != NULL) {
        page_value(page, key->source);
    } else {
        page_words(page, signature->valid ? "nobody: no key given" : "nobody");
    }
}

/* Whose key it is, as far as a certificate tells. */
static void
key_line(struct page *page, const struct certificate_facts *key)
{
    char from[32], until[32];

    if (key == NULL || !key->parsed || !str_present(key->subject))
        return;
    xstime_format_into(from, sizeof from, key->not_before_ms);
    xstime_format_into(until, sizeof until, key->not_after_ms);
    page_label(page, NULL);
    page_words(page, "  key of ");
    page_value(page, key->subject);
    buf_printf(page->out, "  %.*s %d, %.10s to %.10s", STR_ARG(key->key_type), key->key_bits, from, until);
    page_end(page);
    if (page->options->verbose) {
        page_label(page, NULL);
        buf_printf(page->out, "  SPKI sha256:%s", key->spki_sha256);
        page_end(page);
    }
}

static void
signature_notes(struct page *page, const struct dsig_signature *signature)
{
    for (int i = 0; i < DSIG_PROBLEM_COUNT; i++)
        if (dsig_has_problem(signature, (enum dsig_problem)i)) {
            page_label(page, NULL);
            buf_printf(page->out, "  shape: %s", dsig_problem_name((enum dsig_problem)i));
            page_end(page);
        }
    const struct str details[] = { signature->problem_detail, signature->digest_cause_detail,
                                   signature->value_cause_detail };

    for (size_t i = 0; i < COUNT_OF(details); i++)
        if (details[i].len > 0) {
            page_label(page, NULL);
            page_words(page, "  ");
            page_text(page, details[i], PAGE_MARGIN + 2, PAGE_MARGIN + 2);
        }
    if (page->options->verbose || (signature->second_opinion == DSIG_BAD && signature->valid)) {
        page_label(page, NULL);
        buf_printf(page->out, "  xmlsec1: %s", dsig_state_name(signature->second_opinion));
        page_end(page);
    }
}

/* The signature beside the message, in the query or form: one line of its own. */
static void
query_signature_line(struct page *page, const struct report *report)
{
    const struct query_signature *signature =
        report->principal >= 0 ? &report->messages.items[report->principal].query_signature : NULL;

    if (signature == NULL || !signature->present)
        return;
    page_label(page, "signature");
    page_words(page, "of the query  ");
    buf_printf(page->out, "%s  ", dsig_state_name(signature->state));
    escape_text(page->out, algorithm_short(signature->algorithm));
    if (signature->key != NULL) {
        buf_printf(page->out, "  sha256:%.*s\xe2\x80\xa6  ", KEY_DIGITS, signature->key->spki_sha256);
        page_value(page, signature->key->source);
    }
    page_end(page);
    key_line(page, signature->key);
}

/* Of several keys that may sign: which one did. One alone is named in the row of the signature. */
static void
keys_lines(struct page *page, const struct report *report)
{
    const struct key_set *keys = report->context.settings != NULL ? report->context.settings->keys : NULL;
    size_t count = keys != NULL ? key_set_trusted_count(keys) : 0, shown = 0, applicable = 0;

    for (size_t i = 0; i < count; i++)
        applicable += trusted_key_applies(report, i);
    for (size_t i = 0; applicable > 1 && i < count && shown < SHOWN_KEYS; i++) {
        const struct certificate_facts *key = key_set_trusted(keys, i);
        size_t uses = trusted_key_uses(report, i);

        if (!trusted_key_applies(report, i))
            continue;
        page_label(page, shown++ == 0 ? "keys" : NULL);
        buf_printf(page->out, "sha256:%.*s\xe2\x80\xa6  %s  ", KEY_DIGITS, key->spki_sha256,
                   uses > 0 ? "used" : "not used here");
        page_value(page, key->source);
        page_end(page);
    }
    if (applicable > shown && shown > 0) {
        page_label(page, NULL);
        buf_printf(page->out, "and %zu more", applicable - shown);
        page_end(page);
    }
}

void
signatures_section(struct page *page, const struct report *report)
{
    const struct saml_message *saml = report_saml(report);
    size_t covers;

    query_signature_line(page, report);
    if (saml == NULL || saml->signature_count == 0)
        return;
    covers = PAGE_MARGIN + covers_width(saml);
    page_label(page, "signatures");
    page_colour(page, COLOUR_DIM);
    page_words(page, "covers");
    page_pad(page, PAGE_MARGIN + 6, covers);
    page_words(page, "digest  value  algorithm     key, trusted by");
    page_colour(page, COLOUR_PLAIN);
    page_end(page);
    for (size_t i = 0; i < saml->signature_count; i++) {
        const struct dsig_signature *signature = &saml->signatures[i];
        struct str algorithm = algorithm_short(signature->signature_method);
        size_t column = covers + 15;

        page_label(page, NULL);
        escape_text(page->out, signature->parent_name);
        page_words(page, " ");
        escape_text(page->out, signature->parent_id);
        page_pad(page, PAGE_MARGIN + escape_width(signature->parent_name) + 1 + escape_width(signature->parent_id),
                 covers);
        buf_printf(page->out, "%-8s%-7s", dsig_state_name(signature->digest), dsig_state_name(signature->value));
        escape_text(page->out, algorithm);
        page_pad(page, column + escape_width(algorithm), column + 14);
        signature_key(page, signature);
        page_end(page);
        key_line(page,
                 signature->key != NULL || signature->keyinfo_count == 0 ? signature->key : &signature->keyinfo[0]);
        signature_notes(page, signature);
    }
    keys_lines(page, report);
}
