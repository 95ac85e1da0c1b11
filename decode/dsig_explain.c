/* SPDX-License-Identifier: MIT */
#include <libxml/c14n.h>
#include <string.h>

#include "dsig_guess.h"

/*
 * Why a digest differs (saml-verification 5.2): guesses at what was done to the signed bytes, cheapest
 * first, the first match wins, then pairs.
 */

enum { MAX_OTHER_ELEMENTS = 100, MAX_EARLIER = 4, MAX_CANDIDATES = 160, SHOWN_BYTES = 80 };

/* The view that the message declares. */
static struct dsig_view
declared_view(const struct dsig_work *work)
{
    struct dsig_view view = dsig_view_of(work->parent);

    if (work->enveloped) {
        view.skip_first = work->facts->where.element;
        view.skip_last = work->facts->signature_last;
    }
    return view;
}

static bool
view_matches(struct guess *guess, const struct dsig_view *view, const struct dsig_canonical *canonical)
{
    enum dsig_state state = DSIG_NOT_CHECKED;

    if (guess_spend(guess, 0))
        state = dsig_canonicalise(guess->work, view, canonical, &guess->edited);
    guess->stopped = guess->stopped || state == DSIG_NOT_CHECKED;
    return state == DSIG_OK && guess_edited_is(guess);
}

/* H13 and H12: no other bytes are needed. */
static void
try_hashes(struct guess *guess)
{
    struct dsig_work *work = guess->work;

    for (size_t i = 0; i < dsig_digest_count && guess_goes_on(guess); i++) {
        const struct dsig_digest *digest = &dsig_digests[i];

        if (digest->size != work->digest_stated.len)
            continue;
        if (dsig_hash_is(digest->name, STR(""), work->digest_stated))
            guess_settle(
                guess, DSIG_CAUSE_EMPTY_DIGEST,
                arena_printf(work->arena, "DigestValue is the %s of nothing at all", dsig_hash_words(digest->name)));
        else if (digest != work->digest && guess_spend(guess, GUESS_HASH * work->target_bytes.len) &&
                 dsig_hash_is(digest->name, buf_str(&work->target_bytes), work->digest_stated))
            guess_settle(guess, DSIG_CAUSE_DIGEST_ALGORITHM,
                         arena_printf(work->arena,
                                      "DigestMethod says %s, but DigestValue is the %s of the same content",
                                      dsig_hash_words(work->digest->name), dsig_hash_words(digest->name)));
    }
}

/* H2: another canonicalisation, with or without comments, and the prefix list ignored. */
static void
try_canonicalisations(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = declared_view(work);
    struct dsig_canonical plain = { .method = work->reference_c14n.method };

    if (work->reference_c14n.prefix_count > 0 && view_matches(guess, &view, &plain)) {
        guess_settle(guess, DSIG_CAUSE_C14N_OTHER, STR("the signer ignored InclusiveNamespaces PrefixList"));
        return;
    }
    for (size_t i = 0; i < dsig_c14n_count && guess_goes_on(guess); i++) {
        plain.method = &dsig_c14ns[i];
        view.comments = dsig_c14ns[i].comments;
        if (plain.method == work->reference_c14n.method && !view.comments)
            continue;
        if (!view_matches(guess, &view, &plain))
            continue;
        if (plain.method == work->reference_c14n.method)
            guess_settle(guess, DSIG_CAUSE_C14N_OTHER,
                         STR("the signer digested comments too, which a reference by ID leaves out"));
        else
            guess_settle(guess, DSIG_CAUSE_C14N_OTHER,
                         arena_printf(work->arena, "the signer used %s but declared %s: the digest matches under it",
                                      plain.method->uri, work->reference_c14n.method->uri));
    }
}

/* H3: the signature itself, or others inside, in or out. */
static void
try_signatures(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = dsig_view_of(work->parent);

    if (view_matches(guess, &view, &work->reference_c14n)) {
        guess_settle(guess, DSIG_CAUSE_ENVELOPED_NOT_APPLIED, STR("the digest covers the signature itself"));
        return;
    }
    view.all_signatures = true;
    if (view_matches(guess, &view, &work->reference_c14n))
        guess_settle(guess, DSIG_CAUSE_ENVELOPED_NOT_APPLIED,
                     STR("the digest matches without any signature inside: another one was added after signing, or "
                         "the signer left all of them out"));
}

/* --- H14: the digest of something else -------------------------------------------------------------------- */

static void
try_element(struct guess *guess, const xmlNode *node)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = dsig_view_of(node);
    const xmlNode *own = xml_child(node, NS_DS, "Signature");
    struct str path;

    /* One that was put into the signature itself is seen whole. */
    if (view.first < work->facts->where.element || view.first > work->facts->signature_last) {
        view.skip_first = work->facts->where.element;
        view.skip_last = work->facts->signature_last;
    }
    if (!view_matches(guess, &view, &work->reference_c14n)) {
        if (own == NULL || own == work->signature)
            return;
        view.skip_first = xml_number(own);
        view.skip_last = xml_element_of(own)->last;
        if (!view_matches(guess, &view, &work->reference_c14n))
            return;
    }
    path = xml_path(work->document, node);
    guess_settle(guess, DSIG_CAUSE_OTHER_ELEMENT,
                 arena_printf(work->arena, "the digest is that of %.*s", STR_ARG(path)));
}

static void
try_other_elements(struct guess *guess)
{
    const struct xml_document *document = guess->work->document;
    size_t tried = 0;

    /* Elements that can be referred to come first. */
    for (int with_id = 1; with_id >= 0; with_id--) {
        for (uint32_t i = 0; i < document->element_count && tried < MAX_OTHER_ELEMENTS && guess_goes_on(guess); i++) {
            const xmlNode *node = document->elements[i].node;

            if (node == guess->work->parent ||
                (!xml_in(node, NS_SAML) && !xml_in(node, NS_SAMLP) && !xml_in(node, NS_MD)) ||
                (xmlHasProp(node, BAD_CAST "ID") != NULL) != (with_id == 1))
                continue;
            tried++;
            try_element(guess, node);
        }
    }
}

/* --- H1: the same message, seen earlier ---------------------------------------------------------------------- */

/* The element of an earlier document that this signature was made over: same name, same ID. */
static const xmlNode *
counterpart(const struct xml_document *earlier, const struct dsig_work *work)
{
    for (uint32_t i = 0; i < earlier->element_count; i++) {
        const xmlNode *node = earlier->elements[i].node;

        if (str_eq(xml_local_name(node), work->facts->parent_name) && str_present(work->facts->parent_id) &&
            str_eq(xml_attribute(earlier, node, "ID"), work->facts->parent_id))
            return node;
    }
    return NULL;
}

/* Whole characters around the first difference, as much as a line holds. */
static struct str
shown_from(struct arena *arena, struct str text, size_t at)
{
    size_t start = at > 16 ? at - 16 : 0;

    while (start > 0 && ((unsigned char)text.ptr[start] & 0xC0) == 0x80)
        start--;
    return edit_unescape(arena, str_slice(text, start, SHOWN_BYTES));
}

static void
settle_earlier(struct guess *guess, struct str signed_bytes, struct str where)
{
    struct arena *arena = guess->work->arena;
    struct str now = buf_str(&guess->work->target_bytes);
    size_t at = 0;

    while (at < now.len && at < signed_bytes.len && now.ptr[at] == signed_bytes.ptr[at])
        at++;
    guess_settle(guess, DSIG_CAUSE_ON_THE_WAY,
                 arena_printf(arena,
                              "it was intact in %.*s and was changed between there and here; the first difference: "
                              "there \"%.*s\", here \"%.*s\"",
                              STR_ARG(where), STR_ARG(shown_from(arena, signed_bytes, at)),
                              STR_ARG(shown_from(arena, now, at))));
}

static void
try_earlier_copy(struct guess *guess, struct xml_document *earlier, struct str where)
{
    struct dsig_work *work = guess->work;
    struct xml_document *own = work->document;
    const xmlNode *node = counterpart(earlier, work), *signature;
    struct dsig_view view;

    if (node == NULL)
        return;
    view = dsig_view_of(node);
    signature = xml_child(node, NS_DS, "Signature");
    if (work->enveloped && signature != NULL) {
        view.skip_first = xml_number(signature);
        view.skip_last = xml_element_of(signature)->last;
    }
    work->document = earlier;
    if (view_matches(guess, &view, &work->reference_c14n))
        settle_earlier(guess, buf_str(&guess->edited), where);
    work->document = own;
}

/* Earlier copies prove, and the values of earlier messages are candidates. */
static void
try_earlier(struct guess *guess, struct str *candidates, size_t *count)
{
    const struct dsig_options *options = guess->work->options;

    for (size_t i = 0; i < options->earlier_count && i < MAX_EARLIER && guess_goes_on(guess); i++) {
        struct xml_document earlier;
        struct xml_status status;

        if (!guess_spend(guess, GUESS_PARSE * options->earlier[i].xml.len) ||
            !xml_parse(guess->work->arena, options->earlier[i].xml, &xml_message_limits, &earlier, &status))
            continue;
        try_earlier_copy(guess, &earlier, options->earlier[i].where);
        guess_values_of(&earlier, candidates, count, MAX_CANDIDATES);
        xml_release(&earlier);
    }
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* These guesses may use up a quarter of what is left. */
static void
try_with_a_quarter(struct guess *guess, void (*guesses)(struct guess *))
{
    size_t left = guess->work->budget->work;

    if (!guess_goes_on(guess))
        return;
    guess_share(guess, left - left / 4);
    guesses(guess);
    guess_share(guess, 0);
}

static void
try_edits(struct guess *guess, const struct str *candidates, size_t count)
{
    guess_text_edits(guess);
    /* In a long message each of these could use up everything, and the likeliest guesses come behind them. */
    try_with_a_quarter(guess, try_other_elements);
    try_with_a_quarter(guess, guess_namespaces);
    if (guess_goes_on(guess))
        guess_replacements(guess, candidates, count);
    if (guess_goes_on(guess))
        guess_removals(guess);
}

/* The signer's bytes under another view, and one rule over the whole text. */
static void
try_views_and_edits(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct dsig_view views[2] = { declared_view(work), dsig_view_of(work->parent) };
    struct str base = guess->base;
    struct buf other;

    views[1].all_signatures = true;
    buf_init(&other, DSIG_MAX_CANONICAL);
    for (size_t i = 0; i <= dsig_c14n_count && guess_goes_on(guess); i++) {
        bool signatures = i == dsig_c14n_count;
        struct dsig_canonical canonical = work->reference_c14n;

        if (!signatures)
            canonical = (struct dsig_canonical){ .method = &dsig_c14ns[i] };
        views[0].comments = !signatures && dsig_c14ns[i].comments;
        if (!guess_spend(guess, 0) || dsig_canonicalise(work, &views[signatures], &canonical, &other) != DSIG_OK ||
            str_eq(buf_str(&other), base))
            continue;
        guess->base = buf_str(&other);
        guess->prior = signatures ? DSIG_CAUSE_ENVELOPED_NOT_APPLIED : DSIG_CAUSE_C14N_OTHER;
        guess->prior_words = signatures ? STR("signatures inside were left out by the signer")
                                        : arena_printf(work->arena, "the signer used %s", canonical.method->uri);
        guess_text_edits(guess);
    }
    buf_release(&other);
    guess->base = base;
    guess->prior = DSIG_CAUSE_NONE;
}

static void
explain(struct guess *guess)
{
    const struct dsig_options *options = guess->work->options;
    struct str candidates[MAX_CANDIDATES];
    size_t count = 0;

    for (; count < options->candidate_count && count < MAX_CANDIDATES / 2; count++)
        candidates[count] = options->candidates[count];
    try_hashes(guess);
    if (guess_goes_on(guess))
        try_signatures(guess);
    if (guess_goes_on(guess))
        try_canonicalisations(guess);
    if (guess_goes_on(guess))
        try_earlier(guess, candidates, &count);
    if (guess_goes_on(guess))
        guess_values_of(guess->work->document, candidates, &count, MAX_CANDIDATES);
    if (guess_goes_on(guess))
        try_edits(guess, candidates, count);
    if (guess_goes_on(guess))
        try_views_and_edits(guess);
    if (guess_goes_on(guess))
        guess_pairs(guess, candidates, count);
}

/* What the earlier copy proves says where it happened; a rule that undoes it says what. */
static void
explain_further(struct guess *guess)
{
    struct str detail = guess->detail;

    guess->found = false;
    guess_text_edits(guess);
    if (guess->found)
        guess->detail = arena_printf(guess->work->arena, "%.*s; %.*s", STR_ARG(detail), STR_ARG(guess->detail));
    else
        guess->detail = detail;
    guess->also = guess->found ? guess->cause : DSIG_CAUSE_NONE;
    guess->cause = DSIG_CAUSE_ON_THE_WAY;
    guess->found = true;
}

bool
dsig_explain_digest(struct dsig_work *work)
{
    struct guess guess;
    struct dsig_budget kept = { .work = work->budget->work / 2,
                                .canonicalisations = work->budget->canonicalisations / 2 };

    if (!str_present(work->digest_stated) || work->digest == NULL)
        return true;
    /* Half of what is left is for the signatures behind this one: to explain must not keep from verifying. */
    work->budget->work -= kept.work;
    work->budget->canonicalisations -= kept.canonicalisations;
    guess_init(&guess, work, work->digest->name, work->digest_stated, buf_str(&work->target_bytes));
    explain(&guess);
    if (guess.found && guess.cause == DSIG_CAUSE_ON_THE_WAY)
        explain_further(&guess);
    if (guess.found) {
        work->facts->digest_cause = guess.cause;
        work->facts->digest_cause_also = guess.also;
        work->facts->digest_cause_detail = guess.detail;
    } else if (guess.stopped) {
        work->facts->digest_cause_detail =
            guess.late ? arena_printf(work->arena, "the search ended after %d ms, not everything was tried",
                                      DSIG_EXPLAIN_US / 1000)
                       : STR("the search ended at its limit of work, not everything was tried");
    }
    work->budget->work += kept.work;
    work->budget->canonicalisations += kept.canonicalisations;
    guess_release(&guess);
    return !arena_failed(work->arena);
}
