/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CHECKS_CORE_FACTS_H
#define SAMLTAP_CHECKS_CORE_FACTS_H

#include "check.h"

/* Small questions about a message that several generic checks ask. */

#define STATUS_PREFIX "urn:oasis:names:tc:SAML:2.0:status:"
/*
 * The short fields of a row, each by the tail of its constant: CORE_ROW_FOR(PROFILE_ANY, "id", ERROR,
 * MESSAGE, DECODE, IDP_ADMIN, STANDARD, PROVEN, "title").
 */
#define CORE_ROW_FOR(for_profiles, check_id, how_bad, looks_at, explains, fixer, rests_on, sure, headline)             \
    .id = (check_id), .severity = SEVERITY_##how_bad, .subject = CHECK_##looks_at, .profiles = (for_profiles),         \
    .rank = RANK_##explains, .owner = OWNER_##fixer, .standing = STANDING_##rests_on, .confidence = CONFIDENCE_##sure, \
    .title = (headline)
#define CORE_ROW(...) CORE_ROW_FOR(PROFILE_ANY, __VA_ARGS__)

#define METHOD_BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"

/* A Response, or an assertion that stands alone. False also when nothing was decoded. */
bool facts_is_response(const struct check_run *run);

/*
 * A message that brings an assertion to a service provider, whatever the protocol: those, the same of SAML 1.1,
 * what WS-Trust answers, and an ArtifactResponse with a Response in it.
 */
bool facts_brings_token(const struct check_run *run);

/* The same, and nothing in it says that sign-in failed. */
bool facts_signs_in(const struct check_run *run);

/* A LogoutRequest or LogoutResponse. */
bool facts_is_logout(const struct check_run *run);

/* A Response or bare assertion of SAML 2.0 that says Success (a bare assertion has no status and counts). */
bool facts_is_success(const struct check_run *run);

/* Present and not empty. */
bool facts_has_text(const struct saml_value *value);

/*
 * True when a time is judged by the clock of this machine although the message is a saved copy: then
 * "expired" says nothing about the sign-in.
 */
bool facts_clock_is_guess(const struct check_run *run);

/*
 * What to say behind "expired" when that is no cause: of a saved copy that is judged by this machine's clock, or of one
 * that was posted before. Absent: it may be the cause.
 */
struct str facts_old_copy(const struct check_run *run);

/* "45 s", "3 min 5 s", "2 h", "12 days": for people. Lives in the arena. */
struct str facts_duration(struct arena *arena, int64_t ms);

/* The instant as SAML writes it. */
struct str facts_time(const struct check_run *run, int64_t ms);

/* " The IdP clock is about 95 s ahead of this machine; the SP at sp.example.com is 3 s behind."; "" when not known. */
struct str facts_clocks(const struct check_run *run);

/*
 * " Expired because the page was open for 6 min between issue and POST …" when something that ended so long ago would
 * have held without that; "" otherwise.
 */
struct str facts_waited(const struct check_run *run, int64_t late_ms);

/* Who an assertion names, in quotation marks; "the user that it names" when there is none (NULL), or no name in it. */
struct str facts_quoted(const struct check_run *run, const struct saml_assertion *assertion);

/* The same of the message's first assertion. */
struct str facts_user(const struct check_run *run);

/* "Response", "Assertion", "LogoutRequest" …: what the message is called in sentences. */
const char *facts_kind_word(const struct saml_message *saml);

/* How two different strings differ: "differs only by a trailing slash", or "they are different". */
const char *facts_near_miss_words(struct str expected, struct str received);

/* True for white space at either end. */
bool facts_has_outer_space(struct str text);

#endif
