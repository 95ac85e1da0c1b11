/* SPDX-License-Identifier: MIT */
#include "dsig_guess.h"

#include "dsig_edit_text.h"

void
guess_init(struct guess *guess, struct dsig_work *work, const char *hash, struct str wanted, struct str base)
{
    *guess = (struct guess){ .work = work, .hash = hash, .wanted = wanted, .base = base };
    work->explaining = true;
    buf_init(&guess->first, 2 * DSIG_MAX_CANONICAL);
    buf_init(&guess->edited, 2 * DSIG_MAX_CANONICAL);
}

void
guess_release(struct guess *guess)
{
    guess->work->explaining = false;
    buf_release(&guess->first);
    buf_release(&guess->edited);
}

/* The clock is read at each guess: one costs many times more than that. */
static bool
is_late(const struct guess *guess)
{
    const struct stopwatch *stopwatch = guess->work->options->stopwatch;
    struct dsig_budget *budget = guess->work->budget;
    int64_t now;

    if (stopwatch == NULL)
        return false;
    now = stopwatch->now_us(stopwatch->data);
    if (budget->until_us == 0)
        budget->until_us = now + DSIG_EXPLAIN_US;
    return now >= budget->until_us;
}

bool
guess_spend(struct guess *guess, size_t units)
{
    struct dsig_budget *budget = guess->work->budget;

    guess->late = guess->late || is_late(guess);
    guess->idle = guess->idle || budget->work < units || budget->work - units < guess->floor;
    if (guess->late || guess->idle) {
        guess->stopped = true;
        return false;
    }
    budget->work -= units;
    return true;
}

void
guess_share(struct guess *guess, size_t floor)
{
    guess->floor = floor;
    guess->idle = false;
}

bool
guess_is(struct guess *guess, struct str bytes)
{
    return guess_spend(guess, bytes.len) && dsig_hash_is(guess->hash, bytes, guess->wanted);
}

bool
guess_edited_is(struct guess *guess)
{
    return !buf_failed(&guess->edited) && guess_is(guess, buf_str(&guess->edited));
}

void
guess_settle(struct guess *guess, enum dsig_cause cause, struct str detail)
{
    guess->found = true;
    guess->cause = cause;
    guess->detail = detail;
    if (guess->prior == DSIG_CAUSE_NONE)
        return;
    guess->cause = guess->prior;
    guess->also = cause;
    guess->detail = arena_printf(guess->work->arena, "two things were done: %.*s; and %.*s",
                                 STR_ARG(guess->prior_words), STR_ARG(detail));
}

/* --- rules over the whole text -------------------------------------------------------------------------------- */

struct text_edit {
    enum dsig_cause cause;
    bool (*apply)(struct str canonical, int rule, struct buf *out);
    int rule;
    const char *words;
};

static bool
drop_blank(struct str canonical, int rule, struct buf *out)
{
    edit_drop_blank(canonical, (enum blank_rule)rule, out);
    return true;
}

static bool
line_endings(struct str canonical, int rule, struct buf *out)
{
    edit_line_endings(canonical, (enum line_rule)rule, out);
    return true;
}

static bool
trim(struct str canonical, int rule, struct buf *out)
{
    edit_trim(canonical, (enum trim_rule)rule, out);
    return true;
}

#define BLANK(rule, words)                                                                                             \
    {                                                                                                                  \
        DSIG_CAUSE_REINDENTED, drop_blank, BLANK_##rule, "the digest matches " words                                   \
    }
#define LINE(rule, words)                                                                                              \
    {                                                                                                                  \
        DSIG_CAUSE_LINE_ENDINGS, line_endings, LINE_##rule, words                                                      \
    }
#define TRIM(rule, words)                                                                                              \
    {                                                                                                                  \
        DSIG_CAUSE_TRIMMED, trim, TRIM_##rule, words                                                                   \
    }
#define CHARSET(rule, words)                                                                                           \
    {                                                                                                                  \
        DSIG_CAUSE_RECODED, edit_charset, CHARSET_##rule, words                                                        \
    }
#define BASE64(rule, words)                                                                                            \
    {                                                                                                                  \
        DSIG_CAUSE_BASE64, edit_base64, BASE64_##rule, words                                                           \
    }

/* The first that matches is the cause: the more special ones come before those that also do their work. */
static const struct text_edit text_edits[] = {
    BLANK(ALL, "without white space between elements"),
    BLANK(WITH_NEWLINE, "without the line breaks between elements"),
    BLANK(UNDER_ROOT, "without white space between the children of the signed element"),
    BLANK(ELEMENT_CONTENT, "without white space where the schema has elements"),
    LINE(DROP_CR, "CR characters were inserted after signing: the digest matches without them"),
    LINE(ADD_CR, "CR characters were lost after signing: the digest matches with one before every line feed"),
    LINE(CR_TO_LF, "line feeds were turned into CR characters after signing"),
    LINE(DROP_IN_TEXT, "line breaks were put into values after signing: the digest matches without them"),
    TRIM(ENDS, "values were padded with white space after signing: the digest matches when they are trimmed"),
    TRIM(COLLAPSE, "white space inside values was multiplied after signing: the digest matches with single blanks"),
    CHARSET(MOJIBAKE_BACK, "non-ASCII characters were encoded as UTF-8 twice after signing"),
    CHARSET(LATIN1_FORTH, "non-ASCII characters were signed in doubled UTF-8 and repaired after signing"),
    CHARSET(WINDOWS_FORTH, "non-ASCII characters were signed in doubled UTF-8 (by way of Windows-1252) and repaired "
                           "after signing"),
    CHARSET(COMPOSE, "accented characters were taken apart (Unicode NFC to NFD) after signing"),
    CHARSET(DECOMPOSE, "accented characters were put together (Unicode NFD to NFC) after signing"),
    CHARSET(UNESCAPE, "& was escaped once more after signing"),
    CHARSET(ESCAPE, "& was signed escaped twice, and one escape was taken back after signing"),
    CHARSET(PLAIN_QUOTES, "straight quotes and hyphens were made typographic ones after signing"),
    CHARSET(PLAIN_BLANKS, "blanks were made non-breaking ones after signing"),
    BASE64(BLANK_TO_PLUS, "plus signs of base64 values became blanks after signing, as a second form decoding does"),
    BASE64(STANDARD_ALPHABET, "base64 values were turned into the URL-safe alphabet after signing"),
    BASE64(PAD, "the padding of base64 values was cut off after signing"),
    BASE64(STANDARD_PADDED, "base64 values were turned into the URL-safe form without padding after signing"),
    BASE64(WRAP_64, "line breaks of base64 values (every 64 characters) were lost after signing"),
    BASE64(WRAP_76, "line breaks of base64 values (every 76 characters) were lost after signing"),
    BASE64(WRAP_64_EDGES, "line breaks of base64 values (every 64 characters) were lost after signing"),
    BASE64(WRAP_76_EDGES, "line breaks of base64 values (every 76 characters) were lost after signing"),
};

static bool
applies(struct guess *guess, const struct text_edit *edit, struct str base, struct buf *out)
{
    return guess_spend(guess, GUESS_WALK * base.len) && edit->apply(base, edit->rule, out) && !buf_failed(out) &&
           !str_eq(buf_str(out), base);
}

/* The signer's text was indented, in one of the usual ways, and is not any more, or otherwise. */
static void
try_indents(struct guess *guess)
{
    for (int rule = 0; rule < INDENT_RULE_COUNT && guess_goes_on(guess); rule++)
        if (guess_spend(guess, GUESS_WALK * guess->base.len) && edit_indent(guess->base, rule, &guess->edited) &&
            guess_edited_is(guess))
            guess_settle(guess, DSIG_CAUSE_REINDENTED,
                         arena_printf(guess->work->arena, "the digest matches when the elements are indented by %s",
                                      edit_indent_words(rule)));
}

void
guess_text_edits(struct guess *guess)
{
    for (size_t i = 0; i < COUNT_OF(text_edits) && guess_goes_on(guess); i++)
        if (applies(guess, &text_edits[i], guess->base, &guess->edited) && guess_edited_is(guess))
            guess_settle(guess, text_edits[i].cause, str_from(text_edits[i].words));
    if (guess_goes_on(guess))
        try_indents(guess);
}

/* With the first edit undone in guess->first: is one more enough? */
static void
try_seconds(struct guess *guess, size_t after, const struct str *candidates, size_t count)
{
    for (size_t i = 0; i < COUNT_OF(text_edits) && guess_goes_on(guess); i++)
        if (i != after && applies(guess, &text_edits[i], guess->base, &guess->edited) && guess_edited_is(guess))
            guess_settle(guess, text_edits[i].cause, str_from(text_edits[i].words));
    if (guess_goes_on(guess))
        guess_namespaces(guess);
    if (guess_goes_on(guess))
        guess_removals(guess);
    if (guess_goes_on(guess))
        guess_replacements(guess, candidates, count);
}

void
guess_pairs(struct guess *guess, const struct str *candidates, size_t count)
{
    struct str base = guess->base;
    size_t floor = guess->floor;

    for (size_t i = 0; i < COUNT_OF(text_edits) && guess_goes_on(guess); i++) {
        size_t left = guess->work->budget->work;

        if (!applies(guess, &text_edits[i], base, &guess->first))
            continue;
        guess->base = buf_str(&guess->first);
        guess->prior = text_edits[i].cause;
        guess->prior_words = str_from(text_edits[i].words);
        /* Each first edit gets a fair share of what is left. */
        guess_share(guess, left - left / 8 > floor ? left - left / 8 : floor);
        try_seconds(guess, i, candidates, count);
        guess_share(guess, floor);
    }
    guess->base = base;
    guess->prior = DSIG_CAUSE_NONE;
}
