/* SPDX-License-Identifier: MIT */
#include "facts.h"

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
