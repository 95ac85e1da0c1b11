/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
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

bool
terminal_ask_passphrase(const char *prompt, struct buf *out)
{
    struct termios before, silent;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    size_t start = out->len;
    char c;

    if (terminal < 0)
        return false;
    if (tcgetattr(terminal, &before) != 0) {
        close(terminal);
        return false;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(terminal, TCSAFLUSH, &silent);
    file_write_all(terminal, str_from(prompt));
    while (read(terminal, &c, 1) == 1 && c != '\n')
        buf_add_byte(out, c);
    tcsetattr(terminal, TCSAFLUSH, &before);
    file_write_all(terminal, STR("\n"));
    close(terminal);
    return out->len > start && !buf_failed(out);
}
