/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <string.h>

#include "escape.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 100 };

static void
add_spaces(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_add_byte(out, ' ');
}

/* Text broken at blanks; the cursor is at column, later lines start at indent. */
static void
add_wrapped(struct buf *out, struct str text, size_t column, size_t indent)
{
    struct str rest = text, word;

    while (str_present(rest)) {
        size_t width;

        str_cut(rest, ' ', &word, &rest);
        width = escape_width(word);
        if (column > indent && column + 1 + width > HELP_WIDTH) {
            buf_add_byte(out, '\n');
            add_spaces(out, indent);
            column = indent;
        } else if (column > indent) {
            buf_add_byte(out, ' ');
            column++;
        }
        buf_add_str(out, word);
        column += width;
    }
    buf_add_byte(out, '\n');
}

/* The text of a command: paragraphs end with a line feed, lines that start with a blank stay as they are. */
static void
add_paragraphs(struct buf *out, const char *text)
{
    struct str rest = str_from(text), line;

    while (str_present(rest)) {
        str_cut(rest, '\n', &line, &rest);
        if (str_starts_c(line, " ")) {
            buf_add_str(out, line);
            buf_add_byte(out, '\n');
        } else {
            add_wrapped(out, line, 0, 0);
        }
    }
}

static size_t
add_option_name(struct buf *out, const struct option_row *row)
{
    size_t start = out->len;

    if (row->letter != '\0')
        buf_printf(out, "  -%c, --%s", row->letter, row->name);
    else
        buf_printf(out, "      --%s", row->name);
    if (row->argument != NULL)
        buf_printf(out, " %s", row->argument);
    return escape_width(str_from_offset(buf_str(out), start));
}

static void
add_option_help(struct buf *out, const struct option_row *row)
{
    size_t column = add_option_name(out, row);
    struct buf text;

    if (column + 2 > HELP_COLUMN) {
        buf_add_byte(out, '\n');
        column = 0;
    }
    add_spaces(out, HELP_COLUMN - column);
    buf_init(&text, 4096);
    buf_add_c(&text, row->help);
    if (row->type == OPTION_CHOICE)
        buf_printf(&text, " (%s)", row->choices);
    if (row->fallback != NULL)
        buf_printf(&text, " [%s]", row->fallback);
    if (row->list)
        buf_add_c(&text, " (may be repeated)");
    add_wrapped(out, buf_str(&text), HELP_COLUMN, HELP_COLUMN);
    buf_release(&text);
}

static void
add_option_groups(struct buf *out, unsigned commands)
{
    for (int group = 0; group < GROUP_COUNT; group++) {
        bool titled = false;

        for (size_t i = 0; i < OPTION_COUNT; i++) {
            if (option_row(i)->group != (enum option_group)group || !(option_row(i)->commands & commands))
                continue;
            if (!titled)
                buf_printf(out, "\n%s:\n", option_group_title((enum option_group)group));
            titled = true;
            add_option_help(out, option_row(i));
        }
    }
}

void
help_overview(struct buf *out, const struct command *commands, size_t count)
{
    buf_add_c(out, "samltap: why does this sign-in fail, who must fix it, and where\n\n"
                   "Usage: samltap COMMAND [options] [FILE…]\n\n");
    for (size_t i = 0; i < count; i++)
        if (!commands[i].hidden)
            buf_printf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    buf_add_c(out, "\nStart with:\n"
                   "  samltap lab --demo          see it at work; needs no account anywhere\n"
                   "  samltap inspect trace.har   the verdict on a saved capture or message\n"
                   "  samltap proxy               watch real sign-ins\n\n"
                   "'samltap COMMAND --help' has the options of one command, 'samltap help options' all of them.\n");
}

void
help_command(struct buf *out, const struct command *command)
{
    buf_printf(out, "Usage: samltap %s [options]%s%s\n\n", command->name, *command->arguments ? " " : "",
               command->arguments);
    add_paragraphs(out, command->text);
    add_option_groups(out, command->bit);
}

void
help_options(struct buf *out, const struct command *commands, size_t count)
{
    buf_add_c(out, "Every option can be given on the command line (--option value), most also as SAMLTAP_OPTION in\n"
                   "the environment or as 'option value' in the config file; the first of these wins.\n");
    add_option_groups(out, COMMAND_ALL);
    buf_add_c(out, "\nWhich command knows which:\n");
    for (size_t i = 0; i < count; i++) {
        size_t column;

        if (commands[i].hidden)
            continue;
        buf_printf(out, "  %-10s", commands[i].name);
        column = 12;
        for (size_t j = 0; j < OPTION_COUNT; j++) {
            size_t width = strlen(option_row(j)->name) + 3;

            if (!(option_row(j)->commands & commands[i].bit) || option_row(j)->commands == COMMAND_ALL)
                continue;
            if (column + width > HELP_WIDTH) {
                buf_add_byte(out, '\n');
                add_spaces(out, column = 12);
            }
            buf_printf(out, " --%s", option_row(j)->name);
            column += width;
        }
        buf_add_byte(out, '\n');
    }
}

void
help_config(struct buf *out, const struct options *options, unsigned command)
{
    for (enum option_id id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = option_row(id);
        const char *place = options_place(options, id);

        if (row->here_only || !(row->commands & command))
            continue;
        if (place == NULL && row->fallback != NULL)
            buf_printf(out, "# default\n%s %s\n", row->name, row->fallback);
        else if (place == NULL)
            buf_printf(out, "# %s%s%s\n", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
        for (size_t i = 0; i < options_list_count(options, id); i++) {
            buf_printf(out, "# from %s\n%s ", options_list_place(options, id, i), row->name);
            escape_text(out, str_from(options_list_at(options, id, i)));
            buf_add_byte(out, '\n');
        }
    }
}
