/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "file.h"

static bool
wants_colour(const struct options *options)
{
    const char *when = options_text(options, OPT_COLOR), *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return isatty(STDOUT_FILENO) && !(no_color != NULL && *no_color != '\0') &&
           !(term != NULL && strcmp(term, "dumb") == 0);
}

struct reporter_options
terminal_reporter_options(const struct options *options)
{
    struct reporter_options how = {
        .colour = wants_colour(options),
        .quiet = options_flag(options, OPT_QUIET),
        .verbose = options_flag(options, OPT_VERBOSE),
    };
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        how.width = size.ws_col;
    return how;
}

bool
terminal_print(struct str text)
{
    return file_write_all(STDOUT_FILENO, text) || errno == EPIPE;
}
