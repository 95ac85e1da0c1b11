/* SPDX-License-Identifier: MIT */
/* Mails and mailboxes: every body and attachment is an input of its own. */
#include "find_parts.h"
#include "mail.h"

struct mail_reading {
    struct arena *arena;
    const struct saml_options *options;
    struct input *input;
    size_t capacity; /* of input->exchanges */
    size_t unread;   /* attachments in which nothing was found */
};

/* Takes what one part held. */
static bool
merge(struct mail_reading *reading, const struct input *part)
{
    struct input *input = reading->input;

    for (size_t i = 0; i < part->messages.count; i++)
        if (find_append(reading->arena, &input->messages, &part->messages.items[i]) == NULL)
            return !arena_failed(reading->arena);
    for (size_t i = 0; i < part->exchange_count; i++) {
        if (!arena_grow(reading->arena, (void **)&input->exchanges, input->exchange_count, &reading->capacity,
                        sizeof(*input->exchanges)))
            return false;
        input->exchanges[input->exchange_count] = part->exchanges[i];
        input->exchanges[input->exchange_count].number = input->exchange_count + 1;
        input->exchange_count++;
    }
    return true;
}

static void
add_problem(struct mail_reading *reading, const struct mail_part *part, struct str problem)
{
    struct str before = reading->input->problem;

    if (str_present(problem))
        reading->input->problem =
            arena_printf(reading->arena, "%.*s%s%.*s: %.*s", STR_ARG(before), before.len > 0 ? "; " : "",
                         STR_ARG(str_present(part->name) ? part->name : STR("a part of the mail")), STR_ARG(problem));
}

/* *found: it held something. */
static bool
read_part(struct mail_reading *reading, const struct mail_part *part, unsigned depth, bool *found)
{
    struct input own;

    *found = find_input_at(reading->arena, part->bytes, reading->options, &own, depth);
    if (arena_failed(reading->arena))
        return false;
    if (*found && !merge(reading, &own))
        return false;
    if (*found)
        add_problem(reading, part, own.problem);
    else if (str_present(part->name)) /* of the words around it nothing is expected */
        reading->unread++;
    if (*found)
        add_problem(reading, part, part->broken);
    return true;
}

bool
find_in_mail(struct arena *arena, struct str text, const struct saml_options *options, unsigned depth,
             struct input *input)
{
    struct mail_reading reading = { .arena = arena, .options = options, .input = input };
    size_t done = 0; /* the choice of which one was read */
    struct mail mail;

    if (!mail_read(arena, text, &mail))
        return false;
    for (size_t i = 0; i < mail.count; i++) {
        bool found;

        if (mail.items[i].choice != 0 && mail.items[i].choice == done)
            continue;
        if (!read_part(&reading, &mail.items[i], depth, &found))
            return false;
        if (found)
            done = mail.items[i].choice;
    }
    if (input->messages.count + input->exchange_count == 0) {
        input->problem =
            arena_printf(arena, "a mail of %zu part%s, of which %zu %s a file, without a message in it", mail.count,
                         mail.count == 1 ? "" : "s", reading.unread, reading.unread == 1 ? "is" : "are");
        return false;
    }
    return true;
}
