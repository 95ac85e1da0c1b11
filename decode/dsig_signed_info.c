/* SPDX-License-Identifier: MIT */
#include "dsig_guess.h"

/* The right key signed another SignedInfo: what was done to it (saml-verification 5.3). */

enum { MAX_CANDIDATES = 96 };

static void
try_canonicalisations(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = dsig_view_of(work->signed_info);

    view.comments = true;
    for (size_t i = 0; i < dsig_c14n_count && !guess->found; i++) {
        struct dsig_canonical other = { .method = &dsig_c14ns[i] };

        if (dsig_canonicalise(work, &view, &other, &guess->edited) == DSIG_OK && guess_edited_is(guess))
            guess_settle(guess, DSIG_CAUSE_C14N_OTHER,
                         arena_printf(work->arena, "the signer canonicalised SignedInfo with %s", other.method->uri));
    }
}

/* What may have stood in SignedInfo: algorithms, the digest of what is here now, IDs of this document. */
static size_t
collect(struct dsig_work *work, struct str list[MAX_CANDIDATES])
{
    const struct xml_document *document = work->document;
    size_t count = 0;

    if (str_present(work->facts->digest_computed))
        list[count++] = work->facts->digest_computed;
    for (size_t i = 0; i < dsig_digest_count; i++)
        list[count++] = str_from(dsig_digests[i].uri);
    for (size_t i = 0; i < dsig_c14n_count; i++)
        list[count++] = str_from(dsig_c14ns[i].uri);
    for (size_t i = 0; i < dsig_method_count && count < MAX_CANDIDATES; i++)
        list[count++] = str_from(dsig_methods[i].uri);
    for (uint32_t i = 0; i < document->element_count && count < MAX_CANDIDATES; i++) {
        struct str id = xml_attribute(document, document->elements[i].node, "ID");

        if (str_present(id))
            list[count++] = arena_printf(work->arena, "#%.*s", STR_ARG(id));
    }
    return count;
}

static struct str
words_of(const struct guess *guess)
{
    static const struct {
        enum dsig_cause cause;
        const char *words;
    } rows[] = {
        { DSIG_CAUSE_REINDENTED, "SignedInfo was re-indented after signing" },
        { DSIG_CAUSE_TRIMMED, "white space around values of SignedInfo was changed after signing" },
        { DSIG_CAUSE_LINE_ENDINGS, "line endings in SignedInfo were rewritten after signing" },
    };

    for (size_t i = 0; i < COUNT_OF(rows) && guess->also == DSIG_CAUSE_NONE; i++)
        if (rows[i].cause == guess->cause)
            return str_from(rows[i].words);
    if (guess->cause == DSIG_CAUSE_C14N_OTHER || guess->cause == DSIG_CAUSE_VALUE_REPLACED)
        return guess->detail;
    return arena_printf(guess->work->arena, "in SignedInfo, %.*s", STR_ARG(guess->detail));
}

struct str
dsig_explain_signed_info(struct dsig_work *work, const char *hash_name, struct str hash)
{
    struct str candidates[MAX_CANDIDATES], words = { 0 };
    size_t count = collect(work, candidates);
    struct guess guess;

    guess_init(&guess, work, hash_name, hash, buf_str(&work->signed_info_bytes));
    try_canonicalisations(&guess);
    if (guess_goes_on(&guess))
        guess_text_edits(&guess);
    if (guess_goes_on(&guess))
        guess_replacements(&guess, candidates, count);
    if (guess_goes_on(&guess))
        guess_namespaces(&guess);
    if (guess_goes_on(&guess))
        guess_removals(&guess);
    if (guess_goes_on(&guess))
        guess_pairs(&guess, candidates, count);
    if (guess.found)
        words = words_of(&guess);
    guess_release(&guess);
    return words;
}
