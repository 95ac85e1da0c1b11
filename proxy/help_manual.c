/* SPDX-License-Identifier: MIT */
#include "help.h"

/* Text for man(7): backslashes, hyphens and leading dots mean something there. */
static void
add_roff(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool line_start = i == 0 || text.ptr[i - 1] == '\n';

        if (line_start && (text.ptr[i] == '.' || text.ptr[i] == '\''))
            buf_add_c(out, "\\&");
        if (text.ptr[i] == '\\')
            buf_add_c(out, "\\e");
        else if (text.ptr[i] == '-')
            buf_add_c(out, "\\-");
        else
            buf_add_byte(out, text.ptr[i]);
    }
}

static void
add_roff_c(struct buf *out, const char *text)
{
    add_roff(out, str_from(text));
}

static void
add_command(struct buf *out, const struct command *command)
{
    buf_add_c(out, ".SS samltap ");
    buf_add_c(out, command->name);
    buf_printf(out, " [options]%s%s\n", *command->arguments ? " " : "", command->arguments);
    add_roff_c(out, command->text);
    buf_add_byte(out, '\n');
}

static void
add_option(struct buf *out, const struct option_row *row, const struct command *commands, size_t count)
{
    const char *joint = "";

    buf_add_c(out, ".TP\n\\fB");
    if (row->letter != '\0')
        buf_printf(out, "\\-%c\\fR, \\fB", row->letter);
    buf_add_c(out, "\\-\\-");
    add_roff_c(out, row->name);
    buf_add_c(out, "\\fR");
    if (row->argument != NULL)
        buf_printf(out, " \\fI%s\\fR", row->argument);
    buf_add_byte(out, '\n');
    add_roff_c(out, row->help);
    if (row->type == OPTION_CHOICE)
        buf_printf(out, " (%s)", row->choices);
    if (row->fallback != NULL)
        buf_printf(out, "; default %s", row->fallback);
    if (row->list)
        buf_add_c(out, "; may be repeated");
    buf_add_c(out, ".\n");
    if (row->commands == COMMAND_ALL)
        return;
    buf_add_c(out, "For: ");
    for (size_t i = 0; i < count; i++) {
        if (commands[i].hidden || !(row->commands & commands[i].bit))
            continue;
        buf_printf(out, "%s%s", joint, commands[i].name);
        joint = ", ";
    }
    buf_add_c(out, ".\n");
}

void
help_manual(struct buf *out, const struct command *commands, size_t count)
{
    buf_add_c(out, ".TH SAMLTAP 1\n.SH NAME\nsamltap \\- why a SAML sign\\-in fails, who must fix it, and where\n"
                   ".SH SYNOPSIS\n.B samltap\n.I COMMAND\n[options] [\\fIFILE\\fR...]\n.SH COMMANDS\n");
    for (size_t i = 0; i < count; i++)
        if (!commands[i].hidden)
            add_command(out, &commands[i]);
    buf_add_c(out, ".SH OPTIONS\n");
    for (int group = 0; group < GROUP_COUNT; group++) {
        buf_printf(out, ".SS %s\n", option_group_title((enum option_group)group));
        for (size_t i = 0; i < OPTION_COUNT; i++)
            if (option_row(i)->group == (enum option_group)group)
                add_option(out, option_row(i), commands, count);
    }
    buf_add_c(out, ".SH ENVIRONMENT\nMost options can be given as \\fBSAMLTAP_OPTION\\fR, in capitals and with "
                   "underscores; lists one value a line.\n"
                   "\\fBNO_COLOR\\fR switches colours off.\n"
                   ".SH FILES\n.TP\n\\fI~/.config/samltap/config\\fR\n"
                   "\"option value\" a line; # starts a comment. The command line wins over the environment, and "
                   "that over this file.\n"
                   ".SH EXIT STATUS\n.TP\n0\npass: all that a strict service provider must check was checked and held\n"
                   ".TP\n1\nfail: at least one error\n.TP\n2\nthe command line or the configuration is wrong\n"
                   ".TP\n3\nan input cannot be read\n.TP\n4\nfailure at run time\n"
                   ".TP\n5\nundecided: no error, but a mandatory check could not be made\n");
}
