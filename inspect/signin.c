/* SPDX-License-Identifier: MIT */
#include "signin.h"

#include <stdlib.h>
#include <string.h>

#include "clock_view.h"
#include "jwks_memory.h"
#include "oauth_memory.h"
#include "past.h"
#include "protocol.h"
#include "report.h"
#include "signin_facts.h"
#include "signin_loop.h"

enum {
    TABLE_SIZE = 256,
    PORTAL_WAIT_MS = 5000,
    ANSWER_WAIT_MS = 120000,
    LOOP_MS = 20000,
    SIGNIN_BYTES = 256 * 1024,
};

struct signin_table {
    const struct settings *settings;
    struct oauth_memory *oauth;
    struct jwks_memory *jwks;
    struct clocks *clocks;
    struct past *own, *past;          /* past is own, or shared */
    struct signin *items[TABLE_SIZE]; /* in order of start */
    size_t count;
    uint64_t started;
};

struct signin_table *
signin_table_new(const struct settings *settings)
{
    struct signin_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return NULL;
    table->settings = settings;
    /* Without these, an answer would pass for want of the request it is held against. */
    table->oauth = oauth_memory_new();
    table->jwks = jwks_memory_new();
    table->clocks = clocks_new();
    table->past = table->own = past_new();
    if (table->oauth != NULL && table->jwks != NULL && table->clocks != NULL && table->own != NULL)
        return table;
    signin_table_free(table);
    return NULL;
}

static void
signin_free(struct signin *signin)
{
    report_release(signin->request);
    report_release(signin->page);
    report_release(signin->response);
    arena_free(signin->arena); /* the sign-in itself lives there */
}

void
signin_table_free(struct signin_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->count; i++)
        signin_free(table->items[i]);
    oauth_memory_free(table->oauth);
    jwks_memory_free(table->jwks);
    clocks_free(table->clocks);
    past_free(table->own);
    free(table);
}

void
signin_note_keys(struct signin_table *table, const struct exchange *exchange)
{
    if (table != NULL)
        jwks_memory_note(table->jwks, exchange);
}

const struct jwk_set *const *
signin_keys(const struct signin_table *table, size_t *count)
{
    return jwks_memory_sets(table != NULL ? table->jwks : NULL, count);
}

static bool
is_open(const struct signin *signin)
{
    return signin->state != SIGNIN_DONE;
}

/* The one that is missed least: handed out, else done, else simply the oldest. */
static size_t
least_missed(const struct signin_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i]->handed_out)
            return i;
    for (size_t i = 0; i < table->count; i++)
        if (!is_open(table->items[i]))
            return i;
    return 0;
}

static struct signin *
signin_open(struct signin_table *table, const struct report *report)
{
    struct arena *arena = arena_new(SIGNIN_BYTES);
    struct signin *signin = arena != NULL ? arena_alloc(arena, sizeof(*signin)) : NULL;

    if (signin == NULL) {
        arena_free(arena);
        return NULL;
    }
    if (table->count == TABLE_SIZE) {
        size_t gone = least_missed(table);

        signin_free(table->items[gone]);
        memmove(&table->items[gone], &table->items[gone + 1], (TABLE_SIZE - gone - 1) * sizeof(table->items[0]));
        table->count--;
    }
    signin->arena = arena;
    signin->number = ++table->started;
    signin->accounts = -1;
    if (report->exchange != NULL) {
        signin->started_ms = report->exchange->started_ms;
        signin->connection = report->exchange->connection;
        signin->client = arena_copy(arena, report->exchange->client);
    }
    table->items[table->count++] = signin;
    return signin;
}

/* --- looking up, newest first ------------------------------------------------------------------- */

static struct signin *
by_request_id(const struct signin_table *table, struct str id, bool only_open)
{
    for (size_t i = table->count; i-- > 0;)
        if (str_present(table->items[i]->request_id) && str_eq(table->items[i]->request_id, id) &&
            (!only_open || is_open(table->items[i])))
            return table->items[i];
    return NULL;
}

const struct signin *
signin_by_request(const struct signin_table *table, struct str request_id)
{
    return by_request_id(table, request_id, true);
}

size_t
signin_open_requests(const struct signin_table *table, struct str *ids, size_t max)
{
    size_t count = 0;

    for (size_t i = table->count; i-- > 0 && count < max;)
        if (is_open(table->items[i]) && table->items[i]->request_id.len > 0)
            ids[count++] = table->items[i]->request_id;
    return count;
}

size_t
signin_earlier_messages(const struct signin_table *table, struct arena *arena, struct dsig_earlier *earlier, size_t max)
{
    size_t count = 0;

    if (table == NULL)
        return 0;
    for (int waiting = 1; waiting >= 0; waiting--)
        for (size_t i = table->count; i-- > 0 && count < max;) {
            const struct signin *signin = table->items[i];
            const struct report *report = waiting ? signin->page : signin->response;
            const struct message *message = report_first_answer(report);
            struct str path;
            size_t query;

            if (message == NULL || (waiting && !is_open(signin)))
                continue;
            path = report->exchange->target;
            query = str_find_byte(path, '?');
            earlier[count].xml = message->xml;
            earlier[count++].where =
                arena_printf(arena, waiting ? "the page of %.*s%.*s" : "an earlier post to %.*s%.*s",
                             STR_ARG(report->exchange->host), STR_ARG(str_slice(path, 0, query)));
        }
    return count;
}

const struct clock_view *
signin_clocks(struct signin_table *table, const struct report *report, const struct signin *signin)
{
    return clock_view_of(table->clocks, report, signin);
}

const struct past_view *
signin_past(struct signin_table *table, const struct report *report, const struct signin *signin)
{
    return past_view_of(table->past, report, signin);
}

void
signin_table_share(struct signin_table *table, struct past *past)
{
    table->past = past;
}

/* Addresses decide when both are known; files have none, there is one browser in them. */
static bool
same_client(const struct signin *signin, const struct exchange *exchange)
{
    struct str a = signin->client, b = exchange->client, rest;

    if (signin->connection != 0 && signin->connection == exchange->connection)
        return true;
    if (a.len == 0 || b.len == 0)
        return true;
    /* Ports change with every connection of one browser. */
    if (a.ptr[0] != '[')
        str_cut(a, ':', &a, &rest);
    if (b.ptr[0] != '[')
        str_cut(b, ':', &b, &rest);
    return str_eq(a, b);
}

static struct signin *
by_response(const struct signin_table *table, const struct report *report, const struct message *message)
{
    struct str id = message->saml != NULL ? message->saml->id.text : (struct str){ 0 };

    for (size_t i = table->count; i-- > 0;) {
        struct signin *signin = table->items[i];

        if (!is_open(signin) || !same_client(signin, report->exchange))
            continue;
        if (signin->response_id.len > 0 && str_eq(signin->response_id, id))
            return signin;
        if (signin->response == NULL && signin->relay_state.len > 0 &&
            str_eq(signin->relay_state, message->relay_state))
            return signin;
    }
    return NULL;
}

/* The newest open request of this browser by WS-Federation with that realm, and that context unless it is NULL. */
static struct signin *
by_realm(const struct signin_table *table, const struct report *report, struct str realm, const struct str *context)
{
    for (size_t i = table->count; i-- > 0;) {
        struct signin *signin = table->items[i];

        if (is_open(signin) && signin->response == NULL && str_present(signin->realm) && str_eq(signin->realm, realm) &&
            (context == NULL || str_eq(signin->relay_state, *context)) && same_client(signin, report->exchange))
            return signin;
    }
    return NULL;
}

/* An answer of WS-Federation whose context nobody sent: by the party that it is for. */
static struct signin *
by_token(const struct signin_table *table, const struct report *report, const struct message *message)
{
    const struct saml_message *saml = message->saml;
    struct signin *signin = NULL;

    if (message->wsfed == NULL || saml == NULL)
        return NULL;
    if (saml->wstrust.applies_to.text.len > 0)
        signin = by_realm(table, report, str_trim(saml->wstrust.applies_to.text), NULL);
    for (size_t i = 0; i < saml->assertion_count && signin == NULL; i++)
        for (size_t k = 0; k < saml->assertions[i].restriction_count && signin == NULL; k++)
            for (size_t n = 0; n < saml->assertions[i].restrictions[k].audience_count && signin == NULL; n++)
                signin = by_realm(table, report, str_trim(saml->assertions[i].restrictions[k].audiences[n].text), NULL);
    return signin;
}

/* A response that names no request at all, or cannot be read, still answers the request just made. */
static struct signin *
by_connection(const struct signin_table *table, const struct report *report, const struct message *message)
{
    if (message->saml != NULL && (message->saml->in_response_to.text.len > 0 || !str_present(message->relay_state)))
        return NULL;
    for (size_t i = table->count; i-- > 0;) {
        struct signin *signin = table->items[i];

        if (is_open(signin) && signin->response == NULL && signin->request != NULL &&
            same_client(signin, report->exchange) && message->saml == NULL)
            return signin;
    }
    return NULL;
}

static struct signin *
waiting_for_portal(const struct signin_table *table, const struct exchange *exchange)
{
    for (size_t i = table->count; i-- > 0;)
        if (table->items[i]->state == SIGNIN_PORTAL && same_client(table->items[i], exchange))
            return table->items[i];
    return NULL;
}

/* Sign-ins of the same browser here that were answered just before this one and brought it to no page. */
static unsigned
answered_just_before(const struct signin_table *table, const struct signin *signin, const struct exchange *exchange)
{
    unsigned count = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct signin *other = table->items[i];

        if (other != signin && other->response != NULL && !other->landed && signin->started_ms != 0 &&
            other->started_ms != 0 && signin->started_ms - other->started_ms <= LOOP_MS &&
            same_client(other, exchange) && signin_loop_same_application(other, signin))
            count++;
    }
    return count;
}

/* Persistent names are never given to somebody else (E78); the e-mail address beside one tells. */
static void
note_reuse(const struct signin_table *table, struct signin *signin)
{
    for (size_t i = 0; i < table->count && signin->persistent_id.len > 0 && signin->mail.len > 0; i++) {
        const struct signin *other = table->items[i];

        if (other != signin && str_eq(other->persistent_id, signin->persistent_id) && other->mail.len > 0 &&
            str_eq(other->idp_name, signin->idp_name) && !str_eq_nocase(other->mail, signin->mail))
            signin->reused_from = arena_copy(signin->arena, other->mail);
    }
}

static bool
cookies_missing(const struct signin *signin, const struct exchange *answered)
{
    const struct exchange *asked = signin->request != NULL ? signin->request->exchange : NULL;

    return asked != NULL && str_eq_nocase(asked->host, answered->host) &&
           headers_count(&asked->response_headers, "Set-Cookie") > 0 &&
           headers_count(&answered->request_headers, "Cookie") == 0;
}

/* --- transitions -------------------------------------------------------------------------------- */

static void
finish(struct signin *signin, enum outcome outcome)
{
    signin->state = SIGNIN_DONE;
    if (signin->outcome == OUTCOME_UNKNOWN)
        signin->outcome = outcome;
}

static struct signin *
wsfed_request_seen(struct signin_table *table, struct report *report, const struct message *message)
{
    const struct wsfed_message *wsfed = message->wsfed;
    struct str realm = str_present(wsfed->realm) ? wsfed->realm : wsfed->reply;
    struct signin *signin = by_realm(table, report, realm, &wsfed->context);

    if (signin == NULL) {
        signin = signin_open(table, report);
        if (signin == NULL)
            return NULL;
        signin->state = SIGNIN_REQUESTED;
        signin_facts_of_wsfed_request(signin, message, report->exchange);
        signin->request = report_reference(report);
        signin->answered_just = answered_just_before(table, signin, report->exchange);
    }
    signin_facts_of_idp_answer(signin, message, report->exchange);
    return signin;
}

static struct signin *
request_seen(struct signin_table *table, struct report *report, const struct message *message)
{
    struct signin *signin = by_request_id(table, message->saml->id.text, true);

    if (signin == NULL) {
        signin = signin_open(table, report);
        if (signin == NULL)
            return NULL;
        signin->state = SIGNIN_REQUESTED;
        signin_facts_of_request(signin, message, report->exchange);
        signin->request = report_reference(report);
        signin->answered_just = answered_just_before(table, signin, report->exchange);
    }
    signin_facts_of_idp_answer(signin, message, report->exchange);
    return signin;
}

static struct signin *
response_seen(struct signin_table *table, struct report *report, const struct message *message)
{
    struct str in_response_to = message->saml != NULL ? message->saml->in_response_to.text : (struct str){ 0 };
    struct signin *earlier = in_response_to.len > 0 ? by_request_id(table, in_response_to, false) : NULL;
    struct signin *signin = earlier != NULL && is_open(earlier) ? earlier : NULL;

    if (signin == NULL)
        signin = by_response(table, report, message);
    if (signin == NULL)
        signin = by_token(table, report, message);
    if (signin == NULL)
        signin = by_connection(table, report, message);
    if (signin == NULL) {
        signin = signin_open(table, report);
        if (signin == NULL)
            return NULL;
        signin_facts_new_key(signin, in_response_to, message);
        if (earlier != NULL && earlier->request != NULL && earlier != signin) {
            signin->request = report_reference(earlier->request);
            signin->request_id = arena_copy(signin->arena, earlier->request_id);
        }
    }
    signin_facts_of_response(signin, message, report->exchange);
    if (signin->request != NULL && signin->request != report && report->request == NULL)
        report->request = report_reference(signin->request);
    if (message->in_response) {
        if (signin->page == NULL && signin->response == NULL) {
            signin->page = report_reference(report);
            signin->state = SIGNIN_PAGE_SEEN;
        }
        return signin;
    }
    signin->cookies_missing = cookies_missing(signin, report->exchange);
    note_reuse(table, signin);
    report_release(signin->response);
    signin->response = report_reference(report);
    signin->state = SIGNIN_ANSWERED;
    if (signin_facts_of_acs_answer(signin, message, report->exchange))
        signin->state = SIGNIN_PORTAL;
    else
        finish(signin, signin->outcome);
    return signin;
}

/* An exchange without message: the portal's lists, and the page to which the ACS sent the browser. */
static struct signin *
follow_up_seen(struct signin_table *table, const struct exchange *exchange)
{
    struct signin *signin = waiting_for_portal(table, exchange);

    if (signin == NULL || !signin_facts_of_follow_up(signin, exchange))
        return NULL;
    if (signin->outcome != OUTCOME_UNKNOWN)
        finish(signin, signin->outcome);
    return signin;
}

/* A page on which somebody can stay: sign-ins that ended there were no round of a loop. */
static void
page_seen(struct signin_table *table, const struct report *report)
{
    const struct exchange *exchange = report->exchange;

    if (!signin_loop_is_page(report))
        return;
    for (size_t i = 0; i < table->count; i++) {
        struct signin *signin = table->items[i];

        if (signin->response != NULL && signin->outcome != OUTCOME_REFUSED && same_client(signin, exchange) &&
            signin_loop_is_home(signin, exchange->host))
            signin->landed = true;
    }
}

struct signin *
signin_join(struct signin_table *table, struct report *report)
{
    const struct exchange *exchange = report->exchange;
    struct signin *signin = NULL;

    if (exchange == NULL)
        return NULL;
    oauth_memory_join(table->oauth, report->arena, &report->messages);
    for (size_t i = 0; i < report->messages.count; i++) {
        const struct message *message = &report->messages.items[i];
        struct signin *joined = NULL;

        if (message->saml != NULL && message->saml->kind == MESSAGE_AUTHN_REQUEST)
            joined = request_seen(table, report, message);
        else if (message_is_wsfed_request(message) && message->wsfed->action == WSFED_SIGN_IN)
            joined = wsfed_request_seen(table, report, message);
        else if (report_is_answer(message))
            joined = response_seen(table, report, message);
        /* When one exchange holds both (a refusal that starts over), it is the response's. */
        if (joined != NULL && (signin == NULL || joined->response == report))
            signin = joined;
    }
    if (!protocol_holds_saml(&report->messages))
        signin = follow_up_seen(table, exchange);
    page_seen(table, report);
    if (signin != NULL)
        signin->last_ms = exchange->finished_ms != 0 ? exchange->finished_ms : exchange->started_ms;
    return signin;
}

static void
wait_over(struct signin *signin, int64_t now_ms)
{
    int64_t waited = now_ms - signin->last_ms;

    if (signin->last_ms == 0)
        return;
    if (signin->state == SIGNIN_PORTAL && waited >= PORTAL_WAIT_MS)
        finish(signin, OUTCOME_SIGNED_IN);
    else if ((signin->state == SIGNIN_REQUESTED || signin->state == SIGNIN_PAGE_SEEN) && waited >= ANSWER_WAIT_MS) {
        signin->waited_out = true;
        finish(signin, OUTCOME_NO_ANSWER);
    }
}

const struct signin *
signin_next_done(struct signin_table *table, int64_t now_ms)
{
    for (size_t i = 0; i < table->count; i++) {
        struct signin *signin = table->items[i];

        wait_over(signin, now_ms);
        if (is_open(signin) || signin->handed_out)
            continue;
        signin->handed_out = true;
        return signin;
    }
    return NULL;
}

void
signin_finish_all(struct signin_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct signin *signin = table->items[i];

        if (signin->state == SIGNIN_PORTAL)
            finish(signin, OUTCOME_SIGNED_IN);
        else if (is_open(signin))
            finish(signin, OUTCOME_NO_ANSWER);
    }
}

struct report *
signin_report(const struct signin *signin)
{
    if (signin->response != NULL)
        return signin->response;
    return signin->page != NULL ? signin->page : signin->request;
}

const struct signin *
signin_snapshot(struct arena *arena, const struct signin *signin)
{
    struct signin *copy = arena_alloc(arena, sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *signin;
    copy->arena = arena;
    copy->request = copy->response = copy->page = NULL;
    struct str *const texts[] = { &copy->request_id,    &copy->idp_name,    &copy->sp_name,      &copy->user,
                                  &copy->quote,         &copy->quote_from,  &copy->acs_location, &copy->client,
                                  &copy->relay_state,   &copy->response_id, &copy->sp_host,      &copy->realm,
                                  &copy->persistent_id, &copy->mail,        &copy->reused_from };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    return copy;
}

const char *
outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_UNKNOWN] = "unknown",         [OUTCOME_SIGNED_IN] = "signed-in", [OUTCOME_REFUSED] = "refused",
        [OUTCOME_NO_ACCOUNTS] = "no-accounts", [OUTCOME_IDP_ERROR] = "idp-error", [OUTCOME_NO_ANSWER] = "no-answer",
    };

    return (unsigned)outcome < OUTCOME_COUNT ? names[outcome] : "unknown";
}
