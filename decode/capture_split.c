/* SPDX-License-Identifier: MIT */
#include "capture_split.h"

#include <string.h>

/* Depths of members, outside of an array of captures. */
enum { ROOT_DEPTH = 1, LOG_DEPTH = 2 };

void
capture_split_init(struct capture_split *split, size_t max_bytes)
{
    memset(split, 0, sizeof(*split));
    split->line = 1;
    split->max_bytes = max_bytes;
    buf_init(&split->kept, max_bytes);
}

void
capture_split_release(struct capture_split *split)
{
    buf_release(&split->kept);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Of a byte order mark. */
static bool
is_mark(char c)
{
    return c == '\xef' || c == '\xbb' || c == '\xbf';
}

static bool
is_key(const struct capture_split *split, const char *name)
{
    return strcmp(split->key, name) == 0;
}

static void
count_byte(struct capture_split *split, char c)
{
    split->offset++;
    split->column++;
    if (c == '\n') {
        split->line++;
        split->column = 0;
    }
}

/* A byte inside a string; strings that may be keys we look for are kept as far as they fit. */
static void
string_byte(struct capture_split *split, char c)
{
    if (split->escaped) {
        split->escaped = false;
    } else if (c == '\\') {
        split->escaped = true;
    } else if (c == '"') {
        split->in_string = false;
        return;
    }
    if (split->depth <= split->base + LOG_DEPTH && split->string_length < CAPTURE_SPLIT_KEY)
        split->string[split->string_length++] = c;
}

/* An array begins, in which the entries may be; only the first such array of a capture counts. */
static void
open_array(struct capture_split *split)
{
    enum capture_format format;

    if (split->saw_entries)
        return;
    if (split->depth == split->base + LOG_DEPTH && split->in_log && is_key(split, "entries"))
        format = CAPTURE_HAR;
    else if (split->depth == split->base + ROOT_DEPTH && is_key(split, "requests") && !split->saw_log)
        format = CAPTURE_SAML_TRACER;
    else
        return;
    if (split->format != CAPTURE_UNKNOWN && split->format != format)
        return;
    split->format = format;
    split->saw_entries = true;
    split->entries_depth = split->depth + 1;
}

static bool
open_bracket(struct capture_split *split, bool array)
{
    if (split->depth == CAPTURE_SPLIT_MAX_DEPTH)
        return false;
    if (split->depth == split->base && !array) {
        split->saw_log = split->saw_entries = split->complete = false;
        split->key[0] = '\0';
    }
    if (split->depth == split->base + ROOT_DEPTH && !array && is_key(split, "log"))
        split->in_log = split->saw_log = true;
    if (array)
        open_array(split);
    if (array)
        split->brackets[split->depth / 8] |= (unsigned char)(1u << split->depth % 8);
    else
        split->brackets[split->depth / 8] &= (unsigned char)~(1u << split->depth % 8);
    split->depth++;
    split->key[0] = '\0';
    return true;
}

static bool
close_bracket(struct capture_split *split, bool array)
{
    size_t level = split->depth - 1;

    if (split->depth == 0 || (split->brackets[level / 8] >> level % 8 & 1) != array)
        return false;
    split->depth = level;
    if (split->depth < split->entries_depth)
        split->entries_depth = 0;
    if (split->depth < split->base + LOG_DEPTH)
        split->in_log = false;
    split->complete = split->depth == 0;
    return true;
}

/* A byte outside of strings. Returns false when it cannot stand there. */
static bool
plain_byte(struct capture_split *split, char c)
{
    switch (c) {
    case '"':
        split->in_string = true;
        split->string_length = 0;
        return true;
    case ':':
        if (split->depth <= split->base + LOG_DEPTH) {
            bool fits = split->string_length < CAPTURE_SPLIT_KEY;

            memcpy(split->key, split->string, fits ? split->string_length : 0);
            split->key[fits ? split->string_length : 0] = '\0';
        }
        return true;
    case '{':
    case '[':
        return open_bracket(split, c == '[');
    case '}':
    case ']':
        return close_bracket(split, c == ']');
    default:
        return true;
    }
}

/* The byte c, not yet read, begins a value that is handed over. */
static bool
begins_capture(struct capture_split *split, char c)
{
    if (split->capturing || split->in_string || is_blank(c) || c == ',')
        return false;
    if (split->entries_depth != 0 && split->depth == split->entries_depth && c != ']')
        split->is_creator = false;
    else if (split->in_log && split->depth == split->base + LOG_DEPTH && c == '{' && is_key(split, "creator"))
        split->is_creator = true;
    else
        return false;
    if (!split->is_creator) {
        split->index++;
        split->in_entry = true;
        split->entry_offset = split->offset;
    }
    split->capturing = true;
    split->skipping = false;
    split->capture_depth = split->depth;
    buf_reset(&split->kept);
    return true;
}

/* The byte c, not yet read, stands behind the value; *take: it is the value's last byte, a bracket. */
static bool
ends_capture(const struct capture_split *split, char c, bool *take)
{
    *take = false;
    if (!split->capturing || split->in_string)
        return false;
    *take = (c == '}' || c == ']') && split->depth == split->capture_depth + 1;
    return *take || (split->depth == split->capture_depth && (c == ',' || c == ']' || c == '}'));
}

static void
keep(struct capture_split *split, struct str piece)
{
    if (split->skipping)
        return;
    split->skipping = piece.len > split->max_bytes - split->kept.len;
    if (!split->skipping)
        buf_add_str(&split->kept, piece);
    split->skipping = split->skipping || buf_failed(&split->kept);
    if (split->skipping)
        buf_release(&split->kept);
}

/* The value is complete; piece is what this input holds of it. */
static enum capture_split_event
hand_over(struct capture_split *split, struct str piece, struct str *part)
{
    split->capturing = split->in_entry = false;
    split->key[0] = '\0';
    if (split->kept.len > 0) {
        keep(split, piece);
        piece = buf_str(&split->kept);
    } else if (piece.len > split->max_bytes) {
        split->skipping = true;
    }
    if (split->skipping && !split->is_creator)
        return CAPTURE_SPLIT_SKIPPED;
    *part = split->skipping ? STR("null") : piece;
    return split->is_creator ? CAPTURE_SPLIT_CREATOR : CAPTURE_SPLIT_ENTRY;
}

static bool
read_byte(struct capture_split *split, char c)
{
    if (split->in_string) {
        string_byte(split, c);
        /* No string holds a line end. Somebody took a quotation mark away, and brackets would be taken for text. */
        split->open_string = c == '\n' && split->in_entry && split->format == CAPTURE_HAR;
        return !split->open_string;
    }
    if (is_blank(c) || (split->depth == 0 && is_mark(c)))
        return true;
    if (!split->started && c == '[')
        split->base = 1;
    else if (split->depth == split->base && c != '{' && (split->base == 0 || (c != ',' && c != ']')))
        split->failed = true;
    split->started = true;
    return !split->failed && plain_byte(split, c);
}

/* --- behind a broken element --------------------------------------------------------------------------- */

/* With which member an entry of a HAR begins; no object inside of one begins so. */
static bool
begins_entry(struct str name)
{
    static const char *const names[] = { "startedDateTime", "request",   "_initiator",    "_connectionId", "pageref",
                                         "connection",      "_priority", "_resourceType", "_fromCache",    "time" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

/* True when what has been kept is "{", a name and ":". */
static bool
is_beginning(struct str kept)
{
    struct str name, rest;

    return str_cut(str_trim(str_from_offset(kept, 1)), '"', &rest, &name) && rest.len == 0 &&
           str_cut(name, '"', &name, &rest) && str_eq_c(str_trim(rest), ":") && begins_entry(name);
}

/* Reads a byte where order is lost. True: an entry has begun, and split->beginning holds its bytes. */
static bool
look_for_entry(struct capture_split *split, char c)
{
    if (c == '{' || split->beginning_length == sizeof(split->beginning))
        split->beginning_length = 0;
    if (c == '{' || split->beginning_length > 0)
        split->beginning[split->beginning_length++] = c;
    return c == ':' && split->beginning_length > 0 &&
           is_beginning((struct str){ split->beginning, split->beginning_length });
}

/* In the array of entries order can be found again; elsewhere nothing tells where the next thing begins. */
static bool
lose_order(struct capture_split *split)
{
    if (split->format != CAPTURE_HAR || split->entries_depth == 0)
        return false;
    split->index += !split->in_entry;
    split->in_entry = split->capturing = split->in_string = split->escaped = split->failed = false;
    split->lost = true;
    split->beginning_length = 0;
    buf_reset(&split->kept);
    return true;
}

/* An entry has begun after all: as if everything before it had been in order. */
static bool
find_order(struct capture_split *split)
{
    size_t log = split->base + ROOT_DEPTH, entries = split->base + LOG_DEPTH;
    struct str bytes = { split->beginning, split->beginning_length };

    split->lost = false;
    split->depth = split->entries_depth = split->capture_depth = entries + 1;
    split->brackets[split->base / 8] &= (unsigned char)~(1u << split->base % 8);
    split->brackets[log / 8] &= (unsigned char)~(1u << log % 8);
    split->brackets[entries / 8] |= (unsigned char)(1u << entries % 8);
    split->in_log = split->capturing = split->in_entry = true;
    split->skipping = split->is_creator = false;
    split->entry_offset = split->offset - bytes.len;
    split->index++;
    for (size_t i = 0; i < bytes.len; i++)
        if (!read_byte(split, bytes.ptr[i]))
            return false;
    keep(split, bytes);
    return true;
}

/* Behind a whole capture another one may begin; anything else there is left alone. */
static bool
goes_on(const struct capture_split *split, char c)
{
    return !split->complete || is_blank(c) || is_mark(c) || (c == '{' && split->base == 0);
}

enum capture_split_event
capture_split_next(struct capture_split *split, struct str *input, struct str *part)
{
    size_t from = split->capturing ? 0 : SIZE_MAX; /* where the value begins in this input */
    bool take;

    *part = (struct str){ 0 };
    for (size_t i = 0; i < input->len && !split->failed && !split->stopped; i++) {
        char c = input->ptr[i];
        bool ends = ends_capture(split, c, &take);

        split->stopped = !goes_on(split, c);
        if (split->stopped)
            break;
        if (split->lost) {
            count_byte(split, c);
            if (look_for_entry(split, c) && find_order(split))
                from = i + 1;
            continue;
        }
        if (ends && !take) {
            struct str piece = str_slice(*input, from, i - from);

            *input = str_from_offset(*input, i);
            return hand_over(split, piece, part);
        }
        if (begins_capture(split, c))
            from = i;
        count_byte(split, c);
        if (!read_byte(split, c)) {
            bool may_go_on = lose_order(split);

            split->failed = !may_go_on;
            split->capturing = false;
            *input = str_from_offset(*input, may_go_on ? i + 1 : input->len);
            return may_go_on ? CAPTURE_SPLIT_BROKEN : CAPTURE_SPLIT_OTHER;
        }
        if (ends) {
            struct str piece = str_slice(*input, from, i + 1 - from);

            *input = str_from_offset(*input, i + 1);
            return hand_over(split, piece, part);
        }
    }
    if (split->capturing && from < input->len)
        keep(split, str_from_offset(*input, from));
    *input = str_from_offset(*input, input->len);
    return CAPTURE_SPLIT_MORE;
}

enum capture_split_end
capture_split_end(const struct capture_split *split)
{
    if (split->failed || !split->started)
        return CAPTURE_SPLIT_NO_OBJECT;
    if (!split->saw_log && split->format == CAPTURE_UNKNOWN)
        return CAPTURE_SPLIT_NO_LOG;
    if (!split->complete && !split->lost)
        return CAPTURE_SPLIT_CUT;
    return split->format != CAPTURE_UNKNOWN ? CAPTURE_SPLIT_WHOLE : CAPTURE_SPLIT_NO_ENTRIES;
}

struct str
capture_split_rest(const struct capture_split *split)
{
    bool cut = split->in_entry && split->capturing && !split->skipping && split->kept.len > 0;

    return cut ? buf_str(&split->kept) : (struct str){ 0 };
}
