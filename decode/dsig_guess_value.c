/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dsig_guess.h"

/* H10: one value was replaced. */

enum { MAX_REPLACEMENTS = 8000, SHOWN_BYTES = 200, MAX_VALUE = 512, TRIAL_COST = 1000 };

struct replacement {
    struct guess *guess;
    EVP_MD_CTX *before; /* hash of everything up to the slot */
    EVP_MD_CTX *trial;
    size_t hashed;
    size_t tried;
    struct buf escaped;
};

static struct str
value_of(const struct replacement *replacement, const struct slot *slot)
{
    return edit_unescape(replacement->guess->work->arena,
                         str_slice(replacement->guess->base, slot->offset, slot->length));
}

static void
settle_replacement(struct replacement *replacement, const struct slot *slot, struct str original, enum dsig_cause cause)
{
    struct arena *arena = replacement->guess->work->arena;
    struct str now = str_slice(value_of(replacement, slot), 0, SHOWN_BYTES);
    struct str was = str_slice(original, 0, SHOWN_BYTES), place = slot->element;

    if (str_present(slot->attribute))
        place = arena_printf(arena, "%.*s of %.*s", STR_ARG(slot->attribute), STR_ARG(slot->element));
    guess_settle(replacement->guess, cause,
                 arena_printf(arena, "%.*s was rewritten from \"%.*s\" to \"%.*s\" after signing", STR_ARG(place),
                              STR_ARG(was), STR_ARG(now)));
}

/* Hashes prefix (kept), candidate and the rest, without putting them together. */
static void
try_as(struct replacement *replacement, const struct slot *slot, struct str raw, enum dsig_cause cause)
{
    struct guess *guess = replacement->guess;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    size_t rest = slot->offset + slot->length;

    if (!guess_goes_on(guess) || replacement->tried >= MAX_REPLACEMENTS ||
        !guess_spend(guess, TRIAL_COST + guess->base.len - slot->offset))
        return;
    buf_reset(&replacement->escaped);
    edit_escape(raw, str_present(slot->attribute), &replacement->escaped);
    if (buf_failed(&replacement->escaped) ||
        str_eq(buf_str(&replacement->escaped), str_slice(guess->base, slot->offset, slot->length)))
        return;
    replacement->tried++;
    if (EVP_DigestUpdate(replacement->before, guess->base.ptr + replacement->hashed,
                         slot->offset - replacement->hashed) != 1)
        return;
    replacement->hashed = slot->offset;
    if (EVP_MD_CTX_copy_ex(replacement->trial, replacement->before) != 1 ||
        EVP_DigestUpdate(replacement->trial, replacement->escaped.bytes, replacement->escaped.len) != 1 ||
        EVP_DigestUpdate(replacement->trial, guess->base.ptr + rest, guess->base.len - rest) != 1 ||
        EVP_DigestFinal_ex(replacement->trial, hash, &size) != 1)
        return;
    if (size == guess->wanted.len && memcmp(hash, guess->wanted.ptr, size) == 0)
        settle_replacement(replacement, slot, raw, cause);
}

static void
try_value(struct replacement *replacement, const struct slot *slot, struct str raw)
{
    try_as(replacement, slot, raw, DSIG_CAUSE_VALUE_REPLACED);
}

/* The signer had white space around a value that has none any more. */
static void
try_padding(struct replacement *replacement, const struct slot *slot, struct str now)
{
    static const char *const pads[][2] = {
        { " ", "" }, { "", " " }, { " ", " " }, { "\n", "\n" }, { "", "\n" }, { "\n", "" }, { "\t", "" }, { "", "\t" },
    };
    struct arena *arena = replacement->guess->work->arena;

    for (size_t i = 0; i < COUNT_OF(pads) && guess_goes_on(replacement->guess); i++)
        try_as(replacement, slot, arena_printf(arena, "%s%.*s%s", pads[i][0], STR_ARG(now), pads[i][1]),
               DSIG_CAUSE_TRIMMED);
}

static void
try_url_variants(struct replacement *replacement, const struct slot *slot, struct str now)
{
    struct arena *arena = replacement->guess->work->arena;
    bool secure = str_starts_c(now, "https://");
    size_t host = secure ? 8 : 7, path;
    struct str port = secure ? STR(":443") : STR(":80"), rest;

    if (!secure && !str_starts_c(now, "http://"))
        return;
    rest = str_from_offset(now, host);
    try_value(replacement, slot, arena_printf(arena, secure ? "http://%.*s" : "https://%.*s", STR_ARG(rest)));
    path = str_find_byte(rest, '/');
    path = path == SIZE_MAX ? rest.len : path;
    if (str_find(str_slice(rest, 0, path), port) == path - port.len && path > port.len)
        try_value(replacement, slot,
                  arena_printf(arena, "%.*s%.*s", STR_ARG(str_slice(now, 0, host + path - port.len)),
                               STR_ARG(str_from_offset(rest, path))));
    else
        try_value(replacement, slot,
                  arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(now, 0, host + path)), STR_ARG(port),
                               STR_ARG(str_from_offset(rest, path))));
}

/* What people and machines do to a URL or name: slash, scheme, port, case, blanks. */
static void
try_variants(struct replacement *replacement, const struct slot *slot)
{
    struct arena *arena = replacement->guess->work->arena;
    struct str now = value_of(replacement, slot);
    struct str lower = arena_copy(arena, now), upper = arena_copy(arena, now);

    if (now.len == 0 || now.len > MAX_VALUE || !str_present(lower) || !str_present(upper))
        return;
    for (size_t i = 0; i < now.len; i++) {
        char c = now.ptr[i];

        ((char *)(uintptr_t)lower.ptr)[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        ((char *)(uintptr_t)upper.ptr)[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    try_value(replacement, slot, arena_printf(arena, "%.*s/", STR_ARG(now)));
    if (str_ends_c(now, "/"))
        try_value(replacement, slot, str_slice(now, 0, now.len - 1));
    try_url_variants(replacement, slot, now);
    try_value(replacement, slot, lower);
    try_value(replacement, slot, upper);
    try_value(replacement, slot, STR(""));
    if (!str_present(slot->attribute))
        try_padding(replacement, slot, now);
}

/* Values of cryptography are never what somebody edits. */
static bool
is_worth_trying(const struct slot *slot)
{
    static const char *const names[] = { "X509Certificate", "SignatureValue", "CipherValue", "Modulus", "Exponent" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_c(slot->element, names[i]))
            return false;
    return true;
}

void
guess_replacements(struct guess *guess, const struct str *candidates, size_t count)
{
    struct replacement replacement = { .guess = guess, .before = EVP_MD_CTX_new(), .trial = EVP_MD_CTX_new() };
    struct slot_reader reader = { .canonical = guess->base };
    size_t floor = guess->floor, left = guess->work->budget->work;
    struct slot slot = { 0 };

    /* Pairs, which come later, must have something left. */
    if (guess->prior == DSIG_CAUSE_NONE && left / 2 > floor)
        guess_share(guess, left / 2);
    buf_init(&replacement.escaped, 1 << 16);
    if (replacement.before != NULL && replacement.trial != NULL &&
        EVP_DigestInit_ex(replacement.before, dsig_hash(guess->hash), NULL) == 1 &&
        guess_spend(guess, GUESS_WALK * guess->base.len)) {
        while (guess_goes_on(guess) && replacement.tried < MAX_REPLACEMENTS && slot_next(&reader, &slot)) {
            if (is_worth_trying(&slot)) {
                try_variants(&replacement, &slot);
                for (size_t i = 0; i < count && guess_goes_on(guess); i++)
                    try_value(&replacement, &slot, candidates[i]);
            }
            slot = (struct slot){ 0 };
        }
    }
    guess_share(guess, floor);
    buf_release(&replacement.escaped);
    EVP_MD_CTX_free(replacement.before);
    EVP_MD_CTX_free(replacement.trial);
}

/* --- candidates ------------------------------------------------------------------------------------------------ */

static void
list_value(struct str value, struct str *list, size_t *count, size_t max)
{
    if (value.len == 0 || value.len > MAX_VALUE || *count == max)
        return;
    for (size_t i = 0; i < *count; i++)
        if (str_eq(list[i], value))
            return;
    list[(*count)++] = value;
}

void
guess_values_of(const struct xml_document *document, struct str *list, size_t *count, size_t max)
{
    for (uint32_t i = 0; i < document->element_count && *count < max; i++) {
        const xmlNode *node = document->elements[i].node;

        if (!xml_in(node, NS_SAML) && !xml_in(node, NS_SAMLP) && !xml_in(node, NS_MD))
            continue;
        for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
            list_value(xml_attribute_value(document, attribute), list, count, max);
        if (!xml_has_element_child(node))
            list_value(xml_text(document, node), list, count, max);
    }
}
