/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "file.h"

enum { QUIET_MS = 1000, STEP_MS = 200 };

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
progress_begin(struct progress *progress, const char *name, const char *unit)
{
    *progress = (struct progress){ .name = name, .unit = unit, .terminal = isatty(STDERR_FILENO) == 1 };
    progress->started_ms = progress->last_ms = now_ms();
}

void
progress_step(struct progress *progress, size_t done, size_t total)
{
    int64_t now;
    struct buf line;

    if (!progress->terminal)
        return;
    now = now_ms();
    if (now - progress->started_ms < QUIET_MS || (progress->shown && now - progress->last_ms < STEP_MS))
        return;
    buf_init(&line, 1024);
    buf_add_c(&line, "\r");
    escape_text(&line, str_from(progress->name));
    buf_printf(&line, ": %zu", done);
    if (total > 0)
        buf_printf(&line, " of %zu", total);
    buf_printf(&line, " %s\x1b[K", progress->unit);
    if (!buf_failed(&line))
        file_write_all(STDERR_FILENO, buf_str(&line));
    buf_release(&line);
    progress->shown = true;
    progress->last_ms = now;
}

void
progress_end(struct progress *progress)
{
    if (progress->shown)
        file_write_all(STDERR_FILENO, STR("\r\x1b[K"));
    progress->shown = false;
}
