/* SPDX-License-Identifier: MIT */
#include <libxml/c14n.h>
#include <stdio.h>
#include <string.h>

#include "dsig_edit.h"
#include "dsig_work.h"

/*
 * Proof by digest (saml-verification 5.2): DigestValue is known, so a guess at what was done to the
 * signed bytes is proved when undoing it gives that digest. Cheapest guesses first, first match wins.
 */

enum { MAX_REPLACEMENTS = 4000, MAX_REMOVALS = 200, MAX_OTHER_ELEMENTS = 100, SHOWN_BYTES = 200 };

struct guess {
    struct dsig_work *work;
    struct buf edited;
    bool found;
};

static void
settle(struct guess *guess, enum dsig_cause cause, struct str detail)
{
    guess->found = true;
    guess->work->facts->digest_cause = cause;
    guess->work->facts->digest_cause_detail = detail;
}

static bool
spend(struct guess *guess, size_t bytes)
{
    struct dsig_budget *budget = guess->work->budget;

    if (budget->bytes < bytes)
        return false;
    budget->bytes -= bytes;
    return true;
}

static bool
matches(struct guess *guess, struct str bytes)
{
    return spend(guess, bytes.len) && dsig_hash_is(guess->work->digest->name, bytes, guess->work->digest_stated);
}

static bool
edited_matches(struct guess *guess)
{
    return !buf_failed(&guess->edited) && matches(guess, buf_str(&guess->edited));
}

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
    return dsig_canonicalise(guess->work, view, canonical, &guess->edited) == DSIG_OK &&
           matches(guess, buf_str(&guess->edited));
}

/* H13 and H12: no other bytes are needed. */
static void
try_hashes(struct guess *guess)
{
    struct dsig_work *work = guess->work;

    for (size_t i = 0; i < dsig_digest_count && !guess->found; i++) {
        const struct dsig_digest *digest = &dsig_digests[i];

        if (digest->size != work->digest_stated.len)
            continue;
        if (dsig_hash_is(digest->name, STR(""), work->digest_stated))
            settle(guess, DSIG_CAUSE_EMPTY_DIGEST,
                   arena_printf(work->arena, "DigestValue is the %s of nothing at all", digest->name));
        else if (digest != work->digest && spend(guess, work->target_bytes.len) &&
                 dsig_hash_is(digest->name, buf_str(&work->target_bytes), work->digest_stated))
            settle(guess, DSIG_CAUSE_DIGEST_ALGORITHM,
                   arena_printf(work->arena, "DigestMethod says %s, but DigestValue is the %s of the same content",
                                work->digest->name, digest->name));
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
        settle(guess, DSIG_CAUSE_C14N_OTHER, STR("the signer ignored InclusiveNamespaces PrefixList"));
        return;
    }
    for (size_t i = 0; i < dsig_c14n_count && !guess->found; i++) {
        plain.method = &dsig_c14ns[i];
        view.comments = dsig_c14ns[i].comments;
        if (plain.method == work->reference_c14n.method && !view.comments)
            continue;
        if (view_matches(guess, &view, &plain))
            settle(guess, DSIG_CAUSE_C14N_OTHER,
                   arena_printf(work->arena, "the digest matches under %s, the message says %s", plain.method->uri,
                                work->reference_c14n.method->uri));
    }
}

/* H3: the signature itself, or others inside, in or out. */
static void
try_signatures(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = dsig_view_of(work->parent);

    if (view_matches(guess, &view, &work->reference_c14n)) {
        settle(guess, DSIG_CAUSE_ENVELOPED_NOT_APPLIED, STR("the digest covers the signature itself"));
        return;
    }
    view.all_signatures = true;
    if (view_matches(guess, &view, &work->reference_c14n))
        settle(guess, DSIG_CAUSE_ENVELOPED_NOT_APPLIED,
               STR("the digest matches without any signature inside: another one was added after signing, or the "
                   "signer left all of them out"));
}

/* H4 */
static void
try_blanks(struct guess *guess)
{
    static const char *const words[BLANK_RULE_COUNT] = {
        [BLANK_ALL] = "the digest matches without white space between elements",
        [BLANK_WITH_NEWLINE] = "the digest matches without the line breaks between elements",
        [BLANK_UNDER_ROOT] = "the digest matches without white space between the children of the signed element",
        [BLANK_ELEMENT_CONTENT] = "the digest matches without white space where the schema has elements",
    };

    for (int rule = 0; rule < BLANK_RULE_COUNT && !guess->found; rule++) {
        edit_drop_blank(buf_str(&guess->work->target_bytes), (enum blank_rule)rule, &guess->edited);
        if (edited_matches(guess))
            settle(guess, DSIG_CAUSE_REINDENTED, str_from(words[rule]));
    }
}

/* H5 */
static void
try_line_endings(struct guess *guess)
{
    static const char *const words[LINE_RULE_COUNT] = {
        [LINE_DROP_CR] = "the digest matches without carriage returns: they were put in after signing",
        [LINE_ADD_CR] =
            "the digest matches with a carriage return before every line feed: they were lost after signing",
        [LINE_CR_TO_LF] = "the digest matches with line feeds in place of carriage returns",
        [LINE_DROP_IN_TEXT] = "the digest matches without line breaks inside values",
    };

    for (int rule = 0; rule < LINE_RULE_COUNT && !guess->found; rule++) {
        edit_line_endings(buf_str(&guess->work->target_bytes), (enum line_rule)rule, &guess->edited);
        if (edited_matches(guess))
            settle(guess, DSIG_CAUSE_LINE_ENDINGS, str_from(words[rule]));
    }
}

/* H6 */
static void
try_trimming(struct guess *guess)
{
    static const char *const words[TRIM_RULE_COUNT] = {
        [TRIM_ENDS] = "the digest matches when values are trimmed: something padded them after signing",
        [TRIM_COLLAPSE] = "the digest matches when runs of white space inside values are one blank",
    };

    for (int rule = 0; rule < TRIM_RULE_COUNT && !guess->found; rule++) {
        edit_trim(buf_str(&guess->work->target_bytes), (enum trim_rule)rule, &guess->edited);
        if (edited_matches(guess))
            settle(guess, DSIG_CAUSE_TRIMMED, str_from(words[rule]));
    }
}

/* H8 */
static void
try_recoding(struct guess *guess)
{
    for (int back = 1; back >= 0 && !guess->found; back--)
        if (edit_recode(buf_str(&guess->work->target_bytes), back == 1, &guess->edited) && edited_matches(guess))
            settle(guess, DSIG_CAUSE_RECODED,
                   back ? STR("non-ASCII characters were encoded as UTF-8 twice after signing")
                        : STR("non-ASCII characters were signed in doubled UTF-8 and repaired after signing"));
}

/* --- H14: the digest of something else -------------------------------------------------------------------- */

static void
try_element(struct guess *guess, const xmlNode *node)
{
    struct dsig_work *work = guess->work;
    struct dsig_view view = dsig_view_of(node);
    const xmlNode *own = xml_child(node, NS_DS, "Signature");
    struct str path;

    view.skip_first = work->facts->where.element;
    view.skip_last = work->facts->signature_last;
    if (!view_matches(guess, &view, &work->reference_c14n)) {
        if (own == NULL || own == work->signature)
            return;
        view.skip_first = xml_number(own);
        view.skip_last = xml_element_of(own)->last;
        if (!view_matches(guess, &view, &work->reference_c14n))
            return;
    }
    path = xml_path(work->document, node);
    settle(guess, DSIG_CAUSE_OTHER_ELEMENT, arena_printf(work->arena, "the digest is that of %.*s", STR_ARG(path)));
}

static void
try_other_elements(struct guess *guess)
{
    const struct xml_document *document = guess->work->document;
    size_t tried = 0;

    /* Elements that can be referred to come first. */
    for (int with_id = 1; with_id >= 0; with_id--) {
        for (uint32_t i = 0; i < document->element_count && tried < MAX_OTHER_ELEMENTS && !guess->found; i++) {
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

/* --- H11: an element was put in --------------------------------------------------------------------------- */

/* Offset behind the element whose start tag is token. */
static size_t
end_of_element(struct str canonical, const struct token *start)
{
    size_t at = start->offset + start->length, depth = 1;
    struct token token;

    while (depth > 0 && token_next(canonical, &at, &token)) {
        if (token.kind == TOKEN_START)
            depth++;
        else if (token.kind == TOKEN_END)
            depth--;
    }
    return at;
}

static bool
matches_without(struct guess *guess, struct str canonical, size_t from, size_t to)
{
    buf_reset(&guess->edited);
    buf_add_str(&guess->edited, str_slice(canonical, 0, from));
    buf_add_str(&guess->edited, str_from_offset(canonical, to));
    return edited_matches(guess);
}

static void
try_removals(struct guess *guess)
{
    struct str canonical = buf_str(&guess->work->target_bytes);
    struct token token, before = { .kind = TOKEN_OTHER };
    size_t at = 0, tried = 0;

    /* The root itself is not removed. */
    if (!token_next(canonical, &at, &token))
        return;
    for (; tried < MAX_REMOVALS && token_next(canonical, &at, &token); before = token) {
        size_t end;
        bool layout =
            before.kind == TOKEN_TEXT && str_trim(str_slice(canonical, before.offset, before.length)).len == 0;

        if (token.kind != TOKEN_START)
            continue;
        end = end_of_element(canonical, &token);
        tried++;
        if (!spend(guess, end - token.offset))
            return;
        if (matches_without(guess, canonical, token.offset, end) ||
            (layout && matches_without(guess, canonical, before.offset, end))) {
            struct str name = token_name(canonical, &token);

            settle(guess, DSIG_CAUSE_ELEMENT_ADDED,
                   arena_printf(guess->work->arena, "the digest matches without one %.*s: it was put in after signing",
                                STR_ARG(name)));
            return;
        }
    }
}

/* --- H10: one value was replaced ---------------------------------------------------------------------------- */

struct replacement {
    struct guess *guess;
    struct str canonical;
    EVP_MD_CTX *before; /* hash of everything up to the slot */
    EVP_MD_CTX *trial;
    size_t hashed;
    size_t tried;
    struct buf escaped;
};

static void
settle_replacement(struct replacement *replacement, const struct slot *slot, struct str original)
{
    struct arena *arena = replacement->guess->work->arena;
    struct str now = edit_unescape(arena, str_slice(replacement->canonical, slot->offset, slot->length));
    struct str was = str_slice(original, 0, SHOWN_BYTES);

    now = str_slice(now, 0, SHOWN_BYTES);
    settle(replacement->guess, DSIG_CAUSE_VALUE_REPLACED,
           str_present(slot->attribute)
               ? arena_printf(arena, "%.*s of %.*s was \"%.*s\" when it was signed, now it is \"%.*s\"",
                              STR_ARG(slot->attribute), STR_ARG(slot->element), STR_ARG(was), STR_ARG(now))
               : arena_printf(arena, "%.*s was \"%.*s\" when it was signed, now it is \"%.*s\"", STR_ARG(slot->element),
                              STR_ARG(was), STR_ARG(now)));
}

/* Hashes prefix (kept), candidate and the rest, without putting them together. */
static void
try_value(struct replacement *replacement, const struct slot *slot, struct str raw)
{
    struct guess *guess = replacement->guess;
    struct str canonical = replacement->canonical;
    struct str stated = guess->work->digest_stated;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    size_t rest = slot->offset + slot->length;

    if (guess->found || replacement->tried >= MAX_REPLACEMENTS || !spend(guess, canonical.len - slot->offset))
        return;
    buf_reset(&replacement->escaped);
    edit_escape(raw, str_present(slot->attribute), &replacement->escaped);
    if (str_eq(buf_str(&replacement->escaped), str_slice(canonical, slot->offset, slot->length)))
        return;
    replacement->tried++;
    if (EVP_DigestUpdate(replacement->before, canonical.ptr + replacement->hashed,
                         slot->offset - replacement->hashed) != 1)
        return;
    replacement->hashed = slot->offset;
    if (EVP_MD_CTX_copy_ex(replacement->trial, replacement->before) != 1 ||
        EVP_DigestUpdate(replacement->trial, replacement->escaped.bytes, replacement->escaped.len) != 1 ||
        EVP_DigestUpdate(replacement->trial, canonical.ptr + rest, canonical.len - rest) != 1 ||
        EVP_DigestFinal_ex(replacement->trial, hash, &size) != 1)
        return;
    if (size == stated.len && memcmp(hash, stated.ptr, size) == 0)
        settle_replacement(replacement, slot, raw);
}

/* What people and machines do to a URL or name: slash, scheme, case, blanks. */
static void
try_variants(struct replacement *replacement, const struct slot *slot)
{
    struct arena *arena = replacement->guess->work->arena;
    struct str now = edit_unescape(arena, str_slice(replacement->canonical, slot->offset, slot->length));
    struct str lower = arena_copy(arena, now), upper = arena_copy(arena, now);

    if (now.len == 0 || now.len > 512 || !str_present(lower) || !str_present(upper))
        return;
    for (size_t i = 0; i < now.len; i++) {
        char c = now.ptr[i];

        ((char *)(uintptr_t)lower.ptr)[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        ((char *)(uintptr_t)upper.ptr)[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    try_value(replacement, slot, arena_printf(arena, "%.*s/", STR_ARG(now)));
    if (str_ends_c(now, "/"))
        try_value(replacement, slot, str_slice(now, 0, now.len - 1));
    if (str_starts_c(now, "http://"))
        try_value(replacement, slot, arena_printf(arena, "https%.*s", STR_ARG(str_from_offset(now, 4))));
    if (str_starts_c(now, "https://"))
        try_value(replacement, slot, arena_printf(arena, "http%.*s", STR_ARG(str_from_offset(now, 5))));
    try_value(replacement, slot, lower);
    try_value(replacement, slot, upper);
    try_value(replacement, slot, STR(""));
}

/* Values of cryptography are never what somebody edits. */
static bool
is_worth_trying(const struct slot *slot)
{
    static const char *const names[] = { "X509Certificate", "SignatureValue", "DigestValue", "CipherValue",
                                         "Algorithm",       "Modulus",        "Exponent" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_c(slot->element, names[i]) || str_eq_c(slot->attribute, names[i]))
            return false;
    return true;
}

static void
try_replacements(struct guess *guess)
{
    struct dsig_work *work = guess->work;
    struct replacement replacement = {
        .guess = guess,
        .canonical = buf_str(&work->target_bytes),
        .before = EVP_MD_CTX_new(),
        .trial = EVP_MD_CTX_new(),
    };
    struct slot_reader reader = { .canonical = replacement.canonical };
    struct slot slot;

    buf_init(&replacement.escaped, 1 << 16);
    if (replacement.before != NULL && replacement.trial != NULL &&
        EVP_DigestInit_ex(replacement.before, dsig_hash(work->digest->name), NULL) == 1) {
        while (!guess->found && replacement.tried < MAX_REPLACEMENTS && slot_next(&reader, &slot)) {
            if (!is_worth_trying(&slot))
                continue;
            for (size_t i = 0; i < work->options->candidate_count && !guess->found; i++)
                try_value(&replacement, &slot, work->options->candidates[i]);
            try_variants(&replacement, &slot);
            slot = (struct slot){ 0 };
        }
    }
    buf_release(&replacement.escaped);
    EVP_MD_CTX_free(replacement.before);
    EVP_MD_CTX_free(replacement.trial);
}

bool
dsig_explain_digest(struct dsig_work *work)
{
    static void (*const tries[])(struct guess *) = {
        try_hashes,   try_signatures, try_canonicalisations, try_blanks,       try_line_endings,
        try_trimming, try_recoding,   try_other_elements,    try_replacements, try_removals,
    };
    struct guess guess = { .work = work };

    if (!str_present(work->digest_stated) || work->digest == NULL)
        return true;
    buf_init(&guess.edited, 2 * DSIG_MAX_CANONICAL);
    for (size_t i = 0; i < COUNT_OF(tries) && !guess.found; i++)
        tries[i](&guess);
    buf_release(&guess.edited);
    return !arena_failed(work->arena);
}
