/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "escape.h"

enum { MAX_LINE = 64 * 1024 };

static enum log_level lowest = LOG_INFO;

void
log_set_level(enum log_level level)
{
    lowest = level;
}

/* One write a line, so that lines of the relay and of the desk never mix. */
static void log_line(enum log_level level, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void
log_line(enum log_level level, const char *format, va_list args)
{
    int saved = errno;
    char *text = NULL;
    struct buf line;

    if (level < lowest)
        return;
    buf_init(&line, MAX_LINE);
    buf_add_c(&line, level == LOG_DEBUG     ? "samltap: debug: "
                     : level == LOG_WARNING ? "samltap: warning: "
                                            : "samltap: ");
    if (vasprintf(&text, format, args) >= 0)
        escape_text(&line, str_from(text));
    buf_add_byte(&line, '\n');
    if (line.len > 0) {
        ssize_t ignored = write(STDERR_FILENO, line.bytes, line.len);

        (void)ignored; /* there is nowhere left to complain */
    }
    free(text);
    buf_release(&line);
    errno = saved;
}

void
log_debug(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_DEBUG, format, args);
    va_end(args);
}

void
log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_INFO, format, args);
    va_end(args);
}

void
log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_WARNING, format, args);
    va_end(args);
}

void
log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_ERROR, format, args);
    va_end(args);
}
