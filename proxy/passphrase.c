/* SPDX-License-Identifier: MIT */
#include "passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "file.h"

bool
passphrase_ask(const char *prompt, struct buf *out)
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
