/* SPDX-License-Identifier: MIT */
#include "vendor_pattern.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 20000, MANY = 1 << 16 };

struct subject {
    const char *start, *end;
    unsigned steps;
};

/* [from, to) of the pattern. */
struct part {
    const char *from, *to;
};

/* What must match behind a group: its repetitions that are left, then what follows it. */
struct remainder {
    struct part atom;
    unsigned min, max;
    struct part after;
    const char *at; /* where the repetition began: one that takes nothing ends the loop */
    const struct remainder *outer;
};

static bool match_either(struct subject *subject, struct part part, const char *at, const struct remainder *rest);

static bool
is_within(const char *at, struct part part)
{
    return at < part.to;
}

/* The end of the atom that begins at. */
static const char *
atom_end(const char *at, struct part part)
{
    int depth = 0;

    if (*at == '\\')
        return at + 2;
    if (*at == '[') {
        for (at += at[1] == '^' ? 3 : 2; is_within(at, part) && *at != ']'; at++)
            ;
        return at + 1;
    }
    do {
        if (*at == '\\' || *at == '[') {
            at = atom_end(at, part);
            continue;
        }
        depth += (*at == '(') - (*at == ')');
        at++;
    } while (depth > 0 && is_within(at, part));
    return at;
}

/* Reads what says how often; returns what stands behind it. */
static const char *
read_count(const char *at, struct part part, unsigned *min, unsigned *max)
{
    char *end;

    *min = *max = 1;
    if (!is_within(at, part) || strchr("*+?{", *at) == NULL)
        return at;
    *min = *at == '+';
    *max = *at == '?' ? 1 : MANY;
    if (*at != '{')
        return at + 1;
    *min = *max = (unsigned)strtoul(at + 1, &end, 10);
    if (*end == ',')
        *max = (unsigned)strtoul(end + 1, &end, 10);
    return end + 1;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
bracket_has(struct part atom, char c)
{
    const char *at = atom.from + 1, *end = atom.to - 1;
    bool wanted = *at != '^', found = false;

    for (at += !wanted; at < end && !found; at++) {
        if (at + 2 < end && at[1] == '-') {
            found = c >= at[0] && c <= at[2];
            at += 2;
        } else {
            found = c == *at;
        }
    }
    return found == wanted;
}

static bool
atom_takes(struct part atom, char c)
{
    c = lower(c);
    switch (*atom.from) {
    case '.':
        return true;
    case '[':
        return bracket_has(atom, c);
    case '\\':
        return c == atom.from[1];
    default:
        return c == *atom.from;
    }
}

static bool match_sequence(struct subject *subject, struct part part, const char *at, const struct remainder *rest);

/* A group, min to max times, then what follows it. Greedy: once more is tried first. */
static bool
match_group(struct subject *subject, const struct remainder *group)
{
    struct part inside = { group->atom.from + 1, group->atom.to - 1 };
    struct remainder again = *group;

    again.min -= again.min > 0;
    again.max--;
    if (group->max > 0 && match_either(subject, inside, group->at, &again))
        return true;
    return group->min == 0 && match_sequence(subject, group->after, group->at, group->outer);
}

static bool
match_rest(struct subject *subject, const char *at, const struct remainder *rest)
{
    struct remainder group;

    if (rest == NULL)
        return true;
    group = *rest;
    if (group.at == at)
        group.min = group.max = 0;
    group.at = at;
    return match_group(subject, &group);
}

/* One character, min to max times: as many as there are, then fewer. */
static bool
match_run(struct subject *subject, const struct remainder *run)
{
    size_t count = 0;

    while (count < run->max && run->at + count < subject->end && atom_takes(run->atom, run->at[count]))
        count++;
    for (; count >= run->min; count--) {
        if (match_sequence(subject, run->after, run->at + count, run->outer))
            return true;
        if (count == 0)
            break;
    }
    return false;
}

static bool
match_sequence(struct subject *subject, struct part part, const char *at, const struct remainder *rest)
{
    struct remainder item = { .at = at, .outer = rest };

    if (++subject->steps > MAX_STEPS)
        return false;
    if (!is_within(part.from, part))
        return match_rest(subject, at, rest);
    item.atom = (struct part){ part.from, atom_end(part.from, part) };
    item.after = (struct part){ read_count(item.atom.to, part, &item.min, &item.max), part.to };
    switch (*part.from) {
    case '^':
        return at == subject->start && match_sequence(subject, item.after, at, rest);
    case '$':
        return at == subject->end && match_sequence(subject, item.after, at, rest);
    case '(':
        return match_group(subject, &item);
    default:
        return match_run(subject, &item);
    }
}

/* Cuts the first alternative off *rest. Returns false when there is none. */
static bool
next_alternative(struct part *rest, struct part *alternative)
{
    const char *at = rest->from;

    if (at == NULL)
        return false;
    while (is_within(at, *rest) && *at != '|')
        at = atom_end(at, *rest);
    *alternative = (struct part){ rest->from, at };
    rest->from = is_within(at, *rest) ? at + 1 : NULL;
    return true;
}

static bool
match_either(struct subject *subject, struct part part, const char *at, const struct remainder *rest)
{
    struct part alternative;

    while (next_alternative(&part, &alternative))
        if (match_sequence(subject, alternative, at, rest))
            return true;
    return false;
}

/* The letter or digit that every match begins with; '\0': not known. */
static char
first_byte(struct part part)
{
    char first = part.from < part.to ? *part.from : '\0';

    if (strchr("^$([.\\", first) != NULL || (part.from + 1 < part.to && strchr("*?{", part.from[1]) != NULL))
        return '\0';
    return first;
}

/* Looks for one alternative anywhere. */
static bool
search(struct subject *subject, struct part part)
{
    bool at_start = part.from < part.to && *part.from == '^';
    char first = first_byte(part);

    for (const char *at = subject->start; at <= subject->end; at++) {
        if (first != '\0' && (at == subject->end || lower(*at) != first))
            continue;
        if (match_sequence(subject, part, at, NULL))
            return true;
        if (at_start || subject->steps > MAX_STEPS)
            return false;
    }
    return false;
}

bool
vendor_pattern_matches(const char *pattern, struct str text)
{
    struct part rest = { pattern, pattern + strlen(pattern) }, alternative;
    struct subject subject = { text.ptr, text.ptr + text.len, 0 };

    while (next_alternative(&rest, &alternative))
        if (search(&subject, alternative))
            return true;
    return false;
}
