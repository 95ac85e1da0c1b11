/* SPDX-License-Identifier: MIT */
#include "past.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"
#include "past_parts.h"
#include "url.h"

enum {
    COUNTER_DIGITS = 17, /* that fit 64 bits */
    COUNTER_STEP = 1000, /* further apart is no counter */
    GUESSED_BYTES = 12,  /* so few characters that differ can be tried */
    GUESSED_LEAST = 16,  /* shorter IDs are told of for their length */
};

struct past *
past_new(void)
{
    struct past *past = calloc(1, sizeof(*past));

    if (past == NULL)
        memory_refused();
    return past;
}

void
past_free(struct past *past)
{
    free(past);
}

/* --- keys and texts ---------------------------------------------------------------------------------------- */

/* Of two texts that belong together; nothing for an empty first one. */
static struct seen_key
key_of(struct str a, struct str b)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    struct seen_key key = { { 0 } };
    EVP_MD_CTX *context = a.len > 0 ? EVP_MD_CTX_new() : NULL;
    const char zero = '\0';

    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(context, a.ptr, a.len) == 1 && EVP_DigestUpdate(context, &zero, 1) == 1 &&
        EVP_DigestUpdate(context, b.len > 0 ? b.ptr : &zero, b.len) == 1 &&
        EVP_DigestFinal_ex(context, hash, NULL) == 1)
        memcpy(key.bytes, hash, PAST_KEY_BYTES);
    EVP_MD_CTX_free(context);
    return key;
}

static bool
is_key(struct seen_key key)
{
    static const struct seen_key none = { { 0 } };

    return memcmp(&key, &none, sizeof(key)) != 0;
}

static bool
same(struct seen_key a, struct seen_key b)
{
    return is_key(a) && memcmp(&a, &b, sizeof(a)) == 0;
}

static void
keep(struct seen_text *text, struct str value)
{
    text->len = value.len <= PAST_TEXT_BYTES ? value.len : 0;
    if (text->len > 0)
        memcpy(text->bytes, value.ptr, text->len);
}

static struct str
give(struct arena *arena, const struct seen_text *text)
{
    return arena_copy(arena, (struct str){ text->bytes, text->len });
}

/* --- identifiers ------------------------------------------------------------------------------------------- */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The part of a that differs from b: from *start on, *len bytes; of b as many more as it is longer. */
static void
differing(struct str a, struct str b, size_t *start, size_t *end)
{
    size_t shortest = a.len < b.len ? a.len : b.len;

    *start = *end = 0;
    while (*start < shortest && a.ptr[*start] == b.ptr[*start])
        (*start)++;
    while (*end < shortest - *start && a.ptr[a.len - 1 - *end] == b.ptr[b.len - 1 - *end])
        (*end)++;
}

/* The number that stands around the place that differs; false when there is none, or it is too long. */
static bool
counter_at(struct str id, size_t start, size_t end, uint64_t *number)
{
    size_t from = start, to = id.len - end;

    while (from > 0 && is_digit(id.ptr[from - 1]))
        from--;
    while (to < id.len && is_digit(id.ptr[to]))
        to++;
    return to > from && to - from <= COUNTER_DIGITS && str_to_u64(str_slice(id, from, to - from), number);
}

bool
past_ids_are_similar(struct str a, struct str b)
{
    size_t start, end;
    uint64_t one, two;

    if (a.len == 0 || b.len == 0 || str_eq(a, b))
        return false;
    differing(a, b, &start, &end);
    if (counter_at(a, start, end, &one) && counter_at(b, start, end, &two) &&
        (one > two ? one - two : two - one) <= COUNTER_STEP)
        return true;
    return a.len == b.len && a.len >= GUESSED_LEAST && a.len - start - end <= GUESSED_BYTES;
}

static struct str
issuer_of(const struct saml_message *saml)
{
    struct str issuer = str_trim(saml->issuer.value.text);

    return issuer.len == 0 && saml->assertion_count > 0 ? str_trim(saml->assertions[0].issuer.value.text) : issuer;
}

struct seen_sender *
past_sender(struct past *past, const struct seen_key *name, bool *found)
{
    struct seen_sender *sender;

    for (size_t i = 0; i < PAST_SENDERS; i++)
        if (same(*name, past->senders[i].name)) {
            *found = true;
            return &past->senders[i];
        }
    *found = false;
    sender = &past->senders[past->sender_count++ % PAST_SENDERS];
    *sender = (struct seen_sender){ .name = *name };
    return sender;
}

/* Exchanges the last ID of that sender for this one; gives the former one when the two are alike. */
static struct str
pass_id(struct past *past, struct arena *arena, const struct saml_message *saml, int64_t at_ms)
{
    const char kind[] = { (char)('A' + (int)saml->kind % 26), '\0' };
    struct seen_key name = key_of(issuer_of(saml), str_from(kind));
    struct str id = str_trim(saml->id.text), similar = { 0 };
    struct seen_sender *sender;
    bool found;

    if (!is_key(name) || id.len == 0 || id.len > PAST_ID_BYTES)
        return similar;
    sender = past_sender(past, &name, &found);
    if (found && past_ids_are_similar((struct str){ sender->id, sender->id_len }, id))
        similar = arena_copy(arena, (struct str){ sender->id, sender->id_len });
    sender->id_len = id.len;
    memcpy(sender->id, id.ptr, id.len);
    if (past->log != NULL)
        past_record_sender(past->log, sender, at_ms);
    return similar;
}

/* --- answers that were posted ------------------------------------------------------------------------------ */

static struct str
address_of(struct str client)
{
    struct str address = client, rest;

    if (client.len > 0 && client.ptr[0] != '[')
        str_cut(client, ':', &address, &rest);
    return address;
}

static struct seen_use
use_of(const struct report *report, const struct message *message, const struct signin *signin)
{
    const struct exchange *exchange = report->exchange;
    const struct saml_message *saml = message->saml;
    bool posted = exchange != NULL;
    struct seen_use use = {
        .response = key_of(saml->id.text, issuer_of(saml)),
        .request = key_of(saml->in_response_to.text, issuer_of(saml)),
        .message = key_of(message->xml, (struct str){ 0 }),
        .agent = posted ? key_of(headers_get(&exchange->request_headers, "User-Agent"), (struct str){ 0 })
                        : (struct seen_key){ { 0 } },
        .at_ms = posted ? exchange->started_ms : 0,
        .status = posted ? exchange->status : 0,
        .accepted = signin != NULL && (signin->outcome == OUTCOME_SIGNED_IN || signin->state == SIGNIN_PORTAL),
    };

    for (size_t i = 0; i < saml->assertion_count && i < PAST_USE_ASSERTIONS; i++)
        use.assertions[i] = key_of(saml->assertions[i].id.text, issuer_of(saml));
    if (posted) {
        keep(&use.url, exchange_url_without_query(report->arena, exchange));
        keep(&use.client, address_of(exchange->client));
    } else {
        keep(&use.file, report->input);
    }
    return use;
}

/* Number of the first assertion that both bring; PAST_USE_ASSERTIONS: none. */
static size_t
common_assertion(const struct seen_use *a, const struct seen_use *b)
{
    for (size_t i = 0; i < PAST_USE_ASSERTIONS; i++)
        for (size_t k = 0; k < PAST_USE_ASSERTIONS; k++)
            if (same(a->assertions[i], b->assertions[k]))
                return i;
    return PAST_USE_ASSERTIONS;
}

static struct past_use *
give_use(struct arena *arena, const struct seen_use *earlier, const struct seen_use *now)
{
    struct past_use *use = arena_alloc(arena, sizeof(*use));
    bool other_client = earlier->client.len > 0 && now->client.len > 0 &&
                        (earlier->client.len != now->client.len ||
                         memcmp(earlier->client.bytes, now->client.bytes, now->client.len) != 0);
    bool other_agent = is_key(earlier->agent) && is_key(now->agent) && !same(earlier->agent, now->agent);

    if (use == NULL)
        return NULL;
    *use = (struct past_use){
        .url = give(arena, &earlier->url),
        .file = give(arena, &earlier->file),
        .client = give(arena, &earlier->client),
        .at_ms = earlier->at_ms,
        .status = earlier->status,
        .accepted = earlier->accepted,
        .same_bytes = same(earlier->message, now->message),
        .same_browser = !other_client && !other_agent,
        .same_response = same(earlier->response, now->response),
    };
    return use;
}

/*
 * What a desk had noted when it died may be handed over once more to the next one. That is no second post: nobody posts
 * twice in one millisecond.
 */
static bool
is_the_same_exchange(const struct seen_use *earlier, const struct seen_use *now)
{
    return earlier->recalled && earlier->at_ms != 0 && earlier->at_ms == now->at_ms &&
           same(earlier->response, now->response) && earlier->url.len == now->url.len &&
           memcmp(earlier->url.bytes, now->url.bytes, now->url.len) == 0;
}

void
past_add_use(struct past *past, const struct seen_use *use)
{
    past->uses[past->use_count++ % PAST_USES] = *use;
}

/* Newest first. */
static void
look_for_uses(const struct past *past, struct arena *arena, const struct saml_message *saml, const struct seen_use *now,
              struct past_view *view)
{
    size_t count = past->use_count < PAST_USES ? past->use_count : PAST_USES;

    for (size_t i = 1; i <= count; i++) {
        const struct seen_use *earlier = &past->uses[(past->use_count - i) % PAST_USES];
        size_t assertion = common_assertion(now, earlier);

        if (is_the_same_exchange(earlier, now))
            continue;
        if (view->used == NULL && (assertion < PAST_USE_ASSERTIONS || same(earlier->response, now->response))) {
            view->used = give_use(arena, earlier, now);
            view->used_id = assertion < PAST_USE_ASSERTIONS ? saml->assertions[assertion].id.text : saml->id.text;
        }
        if (view->answered == NULL && same(earlier->request, now->request) && !same(earlier->response, now->response) &&
            assertion == PAST_USE_ASSERTIONS)
            view->answered = give_use(arena, earlier, now);
    }
}

/* --- requests ---------------------------------------------------------------------------------------------- */

static struct seen_key
sp_key(struct str url)
{
    struct url parts;

    return url_split(url, &parts) ? key_of(parts.host, (struct str){ 0 }) : (struct seen_key){ { 0 } };
}

void
past_add_request(struct past *past, const struct seen_request *request)
{
    past->requests[past->request_count++ % PAST_REQUESTS] = *request;
}

static void
note_request(struct past *past, const struct report *report, const struct message *message)
{
    struct seen_request request = { .id = key_of(message->saml->id.text, (struct str){ 0 }),
                                    .sp = sp_key(message->saml->request.acs_url.text),
                                    .at_ms = message->in_response ? report->exchange->finished_ms
                                                                  : report->exchange->started_ms };

    for (size_t i = 0; i < PAST_REQUESTS; i++)
        if (same(past->requests[i].id, request.id))
            return; /* on its way from the service provider to the identity provider it is seen twice */
    past_add_request(past, &request);
    if (past->log != NULL)
        past_record_request(past->log, &request);
}

static void
look_for_request(const struct past *past, const struct message *message, struct past_view *view)
{
    struct seen_key id = key_of(message->saml->in_response_to.text, (struct str){ 0 });
    struct seen_key sp = sp_key(message->in_response ? message->form_action : message->url);

    for (size_t i = 0; i < PAST_REQUESTS; i++) {
        if (same(past->requests[i].id, id))
            view->asked_ms = past->requests[i].at_ms;
        view->requests_seen = view->requests_seen || same(past->requests[i].sp, sp);
    }
}

/* --- who signed in ----------------------------------------------------------------------------------------- */

static void
note_subject(struct past *past, const struct saml_name_id *name, struct str session)
{
    struct seen_subject subject = { .session = key_of(str_trim(session), (struct str){ 0 }),
                                    .value = key_of(str_trim(name->value.text), (struct str){ 0 }) };
    const struct saml_value *values[] = { &name->value, &name->format, &name->name_qualifier,
                                          &name->sp_name_qualifier };

    if (!is_key(subject.value))
        return;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        keep(&subject.texts[i], values[i]->text);
    past->subjects[past->subject_count++ % PAST_SUBJECTS] = subject;
}

static void
note_subjects(struct past *past, const struct saml_message *saml)
{
    for (size_t i = 0; i < saml->assertion_count && i < PAST_USE_ASSERTIONS; i++) {
        const struct saml_assertion *assertion = &saml->assertions[i];
        struct str session =
            assertion->authn_statement_count > 0 ? assertion->authn_statements[0].session_index.text : STR("");

        note_subject(past, &assertion->name_id, session);
    }
}

static bool
has_session(const struct seen_subject *subject, const struct saml_logout *logout)
{
    for (size_t i = 0; i < logout->session_index_count; i++)
        if (same(subject->session, key_of(str_trim(logout->session_indexes[i].text), (struct str){ 0 })))
            return true;
    return false;
}

/* The newest subject with that session, else with that name. */
static void
look_for_subject(const struct past *past, struct arena *arena, const struct saml_message *saml, struct past_view *view)
{
    size_t count = past->subject_count < PAST_SUBJECTS ? past->subject_count : PAST_SUBJECTS;
    struct seen_key value = key_of(str_trim(saml->logout.name_id.value.text), (struct str){ 0 });
    const struct seen_subject *found = NULL;
    struct past_name *name;

    for (size_t i = 1; i <= count && !view->session_known; i++) {
        const struct seen_subject *subject = &past->subjects[(past->subject_count - i) % PAST_SUBJECTS];

        view->session_known = has_session(subject, &saml->logout);
        if (view->session_known || (found == NULL && same(subject->value, value)))
            found = subject;
    }
    name = found != NULL ? arena_alloc(arena, sizeof(*name)) : NULL;
    if (name == NULL)
        return;
    *name = (struct past_name){ give(arena, &found->texts[0]), give(arena, &found->texts[1]),
                                give(arena, &found->texts[2]), give(arena, &found->texts[3]) };
    view->name = name;
}

void
past_write_down(struct past *past, struct buf *log)
{
    past->log = log;
}

/* --- all together ------------------------------------------------------------------------------------------ */

static void
pass_answer(struct past *past, const struct report *report, const struct message *message, const struct signin *signin,
            struct past_view *view)
{
    struct seen_use use;

    look_for_request(past, message, view);
    note_subjects(past, message->saml);
    if (message->in_response)
        return; /* on its way: posted is what comes after */
    use = use_of(report, message, signin);
    look_for_uses(past, report->arena, message->saml, &use, view);
    past_add_use(past, &use);
    if (past->log != NULL)
        past_record_use(past->log, &use);
}

const struct past_view *
past_view_of(struct past *past, const struct report *report, const struct signin *signin)
{
    const struct message *answer = report_first_answer(report);
    struct past_view *view = NULL;
    struct str similar;

    for (size_t i = 0; i < report->messages.count; i++) {
        const struct message *message = &report->messages.items[i];

        if (message->saml == NULL)
            continue;
        view = view != NULL ? view : arena_alloc(report->arena, sizeof(*view));
        if (view == NULL)
            return NULL;
        if (message->saml->kind == MESSAGE_AUTHN_REQUEST && report->exchange != NULL)
            note_request(past, report, message);
        if (message->saml->kind == MESSAGE_LOGOUT_REQUEST)
            look_for_subject(past, report->arena, message->saml, view);
        if (message == answer)
            pass_answer(past, report, message, signin, view);
        similar =
            pass_id(past, report->arena, message->saml, report->exchange != NULL ? report->exchange->started_ms : 0);
        if (str_present(similar) && !str_present(view->similar_id)) {
            view->similar_id = similar;
            view->guessed_id = message->saml->id.text;
        }
    }
    return view;
}
