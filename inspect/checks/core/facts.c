/* SPDX-License-Identifier: MIT */
#include "facts.h"
#include "past.h"

bool
facts_is_response(const struct check_run *run)
{
    return run->saml && (run->saml->kind == MESSAGE_RESPONSE || run->saml->kind == MESSAGE_ASSERTION);
}

bool
facts_brings_token(const struct check_run *run)
{
    return facts_is_response(run) ||
           (run->saml && (run->saml->kind == MESSAGE_SAML1_RESPONSE || run->saml->kind == MESSAGE_SAML1_ASSERTION ||
                          run->saml->kind == MESSAGE_WSTRUST_RSTR ||
                          (run->saml->kind == MESSAGE_ARTIFACT_RESPONSE && run->saml->assertion_count > 0)));
}

bool
facts_signs_in(const struct check_run *run)
{
    if (!facts_brings_token(run) || facts_is_response(run)) {
        return facts_is_success(run);
    }
    const struct saml_status *status = &run->saml->status;
    if (run->saml->kind == MESSAGE_ARTIFACT_RESPONSE) {
        return status->code_count > 0 && str_eq_c(status->codes[0].text, STATUS_PREFIX "Success");
    }
    return run->saml->kind != MESSAGE_SAML1_RESPONSE ||
           (status->code_count > 0 &&
            (str_eq_c(status->codes[0].text, "Success") || str_ends_c(status->codes[0].text, ":Success")));
}

bool
facts_is_logout(const struct check_run *run)
{
    return run->saml && (run->saml->kind == MESSAGE_LOGOUT_REQUEST || run->saml->kind == MESSAGE_LOGOUT_RESPONSE);
}

bool
facts_is_success(const struct check_run *run)
{
    if (!facts_is_response(run)) {
        return false;
    }
    if (run->saml->kind == MESSAGE_ASSERTION) {
        return true;
    }
    return run->saml->status.code_count > 0 && str_eq_c(run->saml->status.codes[0].text, STATUS_PREFIX "Success");
}

bool
facts_has_text(const struct saml_value *value)
{
    return value->text.len > 0;
}

bool
facts_clock_is_guess(const struct check_run *run)
{
    return !run->exchange && !run->context->settings->has_now;
}

struct str
facts_old_copy(const struct check_run *run)
{
    if (facts_clock_is_guess(run)) {
        return STR(
            " This is a saved copy, judged by this machine's clock: it only says that the copy is old. Give --now "
            "with the time of the sign-in.");
    }
    if (run->context->past && run->context->past->used && !run->message->in_response) {
        return STR(" It was posted before: that it is over by now only says that the copy is old.");
    }
    return (struct str){ 0 };
}

struct str
facts_quoted(const struct check_run *run, const struct saml_assertion *assertion)
{
    if (!assertion || !str_present(assertion->name_id.value.text)) {
        return STR("the user that it names");
    }
    return arena_printf(run->arena, "\"%.*s\"", STR_ARG(assertion->name_id.value.text));
}

struct str
facts_user(const struct check_run *run)
{
    return facts_quoted(run, run->saml && run->saml->assertion_count > 0 ? &run->saml->assertions[0] : NULL);
}

struct str
facts_duration(struct arena *arena, int64_t ms)
{
    int64_t s = (ms + 999) / 1000;
    if (s < 120) {
        return arena_printf(arena, "%lld s", (long long)s);
    }
    if (s < 7200) {
        return s % 60 ? arena_printf(arena, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60))
                      : arena_printf(arena, "%lld min", (long long)(s / 60));
    }
    if (s < 172800) {
        return arena_printf(arena, "%lld h", (long long)(s / 3600));
    }
    return arena_printf(arena, "%lld days", (long long)(s / 86400));
}

struct str
facts_time(const struct check_run *run, int64_t ms)
{
    return xstime_format(run->arena, ms);
}

/* Date has whole seconds, and the way takes time: a smaller difference is none. */
enum { SAME_CLOCK_MS = 2000 };

/* "about 95 s ahead of", "right with". */
static struct str
clock_words(const struct check_run *run, const struct clock_reading *reading)
{
    int64_t gap = reading->ahead_ms < 0 ? -reading->ahead_ms : reading->ahead_ms;
    if (gap < SAME_CLOCK_MS) {
        return STR("the same as");
    }
    return arena_printf(run->arena, "about %.*s %s", STR_ARG(facts_duration(run->arena, gap)),
                        reading->ahead_ms < 0 ? "behind" : "ahead of");
}

struct str
facts_clocks(const struct check_run *run)
{
    const struct clock_view *view = run->context->clocks;
    if (!view || (view->idp.stamps == 0 && view->sp.stamps == 0)) {
        return STR("");
    }
    /* Traffic that did not come over the wire was recorded elsewhere, by the clock of that place. */
    const char *here = run->exchange && run->exchange->connection != 0 ? "this machine" : "the recording machine";
    struct str words = STR("");
    if (view->idp.stamps > 0) {
        words = arena_printf(run->arena, " The IdP clock is %.*s %s%s", STR_ARG(clock_words(run, &view->idp)), here,
                             view->sp.stamps > 0 ? ";" : ".");
    }
    if (view->sp.stamps > 0) {
        words = arena_printf(run->arena, "%.*s %s SP at %.*s is %.*s %s.", STR_ARG(words),
                             view->idp.stamps > 0 ? "the" : "The", STR_ARG(view->sp.party),
                             STR_ARG(clock_words(run, &view->sp)), view->idp.stamps > 0 ? "it" : here);
    }
    return words;
}

struct str
facts_waited(const struct check_run *run, int64_t late_ms)
{
    const struct clock_view *view = run->context->clocks;
    if (!view || view->waited_ms < 0 || view->waited_ms <= late_ms - run->context->skew_ms) {
        return STR("");
    }
    return arena_printf(run->arena, " Expired because the page was open for %.*s between issue and POST: %s.",
                        STR_ARG(facts_duration(run->arena, view->waited_ms)),
                        view->page_seen ? "the browser sat on the page with the form"
                                        : "by the clocks that were seen, the browser waited that long");
}

const char *
facts_kind_word(const struct saml_message *saml)
{
    switch (saml->kind) {
    case MESSAGE_RESPONSE:
    case MESSAGE_SAML1_RESPONSE:
        return "Response";
    case MESSAGE_ASSERTION:
    case MESSAGE_SAML1_ASSERTION:
        return "Assertion";
    case MESSAGE_AUTHN_REQUEST:
        return "AuthnRequest";
    case MESSAGE_LOGOUT_REQUEST:
        return "LogoutRequest";
    case MESSAGE_LOGOUT_RESPONSE:
        return "LogoutResponse";
    case MESSAGE_METADATA:
        return "metadata";
    default:
        return "message";
    }
}

const char *
facts_near_miss_words(struct str expected, struct str received)
{
    enum near_miss near_miss = near_miss_of(expected, received);
    return near_miss == NEAR_MISS_NONE ? "they are different" : near_miss_words(near_miss);
}

bool
facts_has_outer_space(struct str text)
{
    return str_trim(text).len != text.len;
}
