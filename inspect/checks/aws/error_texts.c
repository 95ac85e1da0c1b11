/* SPDX-License-Identifier: MIT */
#include "error_texts.h"

#include <string.h>

#include "buf.h"
#include "error_rows.h"
#include "idp_error.h"

struct candidate {
    struct error_match match;
    size_t score;
};

/* Quotation marks as pages and word processors write them. */
static size_t
plain_quote(struct str rest, char *plain)
{
    static const struct {
        const char *text;
        char plain;
    } table[] = {
        { "\xe2\x80\x98", '\'' }, { "\xe2\x80\x99", '\'' }, { "\xe2\x80\x9c", '"' }, { "\xe2\x80\x9d", '"' },
        { "&#39;", '\'' },        { "&#x27;", '\'' },       { "&apos;", '\'' },      { "&quot;", '"' },
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_starts_c(rest, table[i].text)) {
            *plain = table[i].plain;
            return strlen(table[i].text);
        }
    return 0;
}

static void
normalise(struct str text, struct buf *out)
{
    bool space = false;

    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        size_t len = c == '&' || (unsigned char)c == 0xe2 ? plain_quote(str_from_offset(text, i), &c) : 0;

        i += len > 0 ? len : 1;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            space = out->len > 0;
            continue;
        }
        if (space)
            buf_add_byte(out, ' ');
        space = false;
        buf_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
}

/* True when every part of the sentence occurs, one after the other; *length gets their bytes. */
static bool
sentence_occurs(const char *sentence, struct str text, size_t *length)
{
    struct str rest = str_from(sentence), part;

    *length = 0;
    while (str_present(rest)) {
        size_t at;

        str_cut(rest, '*', &part, &rest);
        at = str_find(text, part);
        if (at == SIZE_MAX)
            return false;
        text = str_from_offset(text, at + part.len);
        *length += part.len;
    }
    return true;
}

const struct error_entry *
error_entry_find(struct str id)
{
    for (size_t i = 0; i < error_entry_count; i++)
        if (str_eq_c(id, error_entries[i].id))
            return &error_entries[i];
    return NULL;
}

/* Keeps the list in order of score; an id that is there already keeps its better place. */
static void
add(struct candidate *list, size_t *count, struct candidate one)
{
    size_t at;

    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i].match.id, one.match.id) == 0) {
            if (list[i].score >= one.score)
                return;
            memmove(&list[i], &list[i + 1], (*count - i - 1) * sizeof(*list));
            --*count;
            break;
        }
    for (at = *count; at > 0 && list[at - 1].score < one.score; at--)
        ;
    if (at == ERROR_MATCHES_MAX)
        return;
    if (*count == ERROR_MATCHES_MAX)
        --*count;
    memmove(&list[at + 1], &list[at], (*count - at) * sizeof(*list));
    list[at] = one;
    ++*count;
}

static void
add_id(struct candidate *list, size_t *count, struct str id, const char *sentence, size_t score)
{
    struct candidate one = { .score = score };

    one.match.check = check_find(id);
    one.match.entry = one.match.check == NULL ? error_entry_find(id) : NULL;
    if (one.match.check == NULL && one.match.entry == NULL)
        return;
    one.match.id = one.match.check != NULL ? one.match.check->id : one.match.entry->id;
    one.match.sentence = sentence;
    add(list, count, one);
}

/* A longer sentence says more; within one, the ids stand in order. */
static void
add_row(struct candidate *list, size_t *count, const struct error_row *row, size_t length)
{
    struct str rest = str_from(row->ids), id;

    for (size_t place = 0; rest.len > 0; place++) {
        str_cut(rest, ' ', &id, &rest);
        add_id(list, count, id, row->sentence, length * 100 - place);
    }
}

/* Codes and pages of identity providers: a code is the surest of all. */
static void
add_idp_errors(struct candidate *list, size_t *count, struct str text)
{
    static const char *const families[] = { "entra", "adfs", "okta", "google", "keycloak", "shibboleth" };
    enum { CODE_SCORE = 100000, PAGE_SCORE = 1000 };

    for (size_t i = 0; i < COUNT_OF(families); i++) {
        struct str code;
        const char *id = idp_error_match(text, families[i], &code);

        if (id != NULL)
            add_id(list, count, str_from(id), NULL, str_present(code) ? CODE_SCORE : PAGE_SCORE);
    }
}

static bool
is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* True when word stands alone in text: no part of a longer name. */
static bool
holds_word(struct str text, struct str word)
{
    for (size_t at; (at = str_find(text, word)) != SIZE_MAX; text = str_from_offset(text, at + 1)) {
        size_t end = at + word.len;

        if ((at == 0 || !is_word_byte(text.ptr[at - 1])) && (end == text.len || !is_word_byte(text.ptr[end])))
            return true;
    }
    return false;
}

/* Codes of OAuth 2.0 and OpenID Connect, as a URL, a JSON answer or a log shows them. */
static void
add_oauth_codes(struct candidate *list, size_t *count, struct str text)
{
    enum { WORD_SCORE = 500 };

    for (size_t i = 0; i < error_code_count; i++) {
        struct str rest = str_from(error_codes[i].sentence), word;

        while (rest.len > 0) {
            str_cut(rest, ' ', &word, &rest);
            if (holds_word(text, word)) {
                struct str ids = str_from(error_codes[i].ids), id;

                for (size_t place = 0; ids.len > 0; place++) {
                    str_cut(ids, ' ', &id, &ids);
                    add_id(list, count, id, error_codes[i].sentence, WORD_SCORE + word.len - place);
                }
            }
        }
    }
}

bool
error_text_old_cli(struct str text)
{
    static const uint64_t first_with_refresh[] = { 2, 9 }, first_of_one[] = { 1, 27, 10 };
    uint64_t parts[3] = { 0 };
    size_t at = str_find_c(text, "aws-cli/");
    struct str rest = at != SIZE_MAX ? str_from_offset(text, at + strlen("aws-cli/")) : STR("");

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t digits = 0;

        while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
            digits++;
        if (!str_to_u64(str_slice(rest, 0, digits), &parts[i]))
            return false;
        rest = str_from_offset(rest, digits < rest.len ? digits + 1 : digits);
    }
    if (parts[0] == first_of_one[0])
        return parts[1] < first_of_one[1] || (parts[1] == first_of_one[1] && parts[2] < first_of_one[2]);
    return parts[0] == first_with_refresh[0] && parts[1] < first_with_refresh[1];
}

size_t
error_texts_find(struct str text, struct error_match matches[ERROR_MATCHES_MAX])
{
    struct candidate list[ERROR_MATCHES_MAX + 1];
    size_t count = 0, length;
    struct buf plain;

    text = str_slice(text, 0, ERROR_TEXT_MAX_BYTES);
    buf_init(&plain, ERROR_TEXT_MAX_BYTES + 1);
    normalise(text, &plain);
    for (size_t i = 0; i < error_row_count; i++)
        if (sentence_occurs(error_rows[i].sentence, buf_str(&plain), &length))
            add_row(list, &count, &error_rows[i], length);
    add_oauth_codes(list, &count, buf_str(&plain));
    if (error_text_old_cli(buf_str(&plain)))
        add_id(list, &count, STR("cli-old-version"), NULL, 1);
    buf_release(&plain);
    add_idp_errors(list, &count, text);
    for (size_t i = 0; i < count; i++)
        matches[i] = list[i].match;
    return count;
}
