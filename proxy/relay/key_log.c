/* SPDX-License-Identifier: MIT */
#include "key_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "memory.h"

enum { LINE_MAX_BYTES = 4096 };

struct key_log {
    char *path;
    int fd;
};

/* One write a line: several programs may append to the same file. */
static void
on_line(const SSL *ssl, const char *line)
{
    const struct key_log *log = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct buf out;

    buf_init(&out, LINE_MAX_BYTES);
    buf_add_c(&out, line);
    buf_add_byte(&out, '\n');
    if (!buf_failed(&out))
        file_write_all(log->fd, buf_str(&out));
    buf_release(&out);
}

static int
open_file(const char *path, char **why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        *why = xprintf("%s: cannot be opened for writing: %s (SSLKEYLOGFILE)", path, strerror(errno));
    return fd;
}

struct key_log *
key_log_open(const char *path, char **why)
{
    int fd = open_file(path, why);
    struct key_log *log;

    if (fd < 0)
        return NULL;
    log = xcalloc(1, sizeof *log);
    log->path = xstrdup(path);
    log->fd = fd;
    return log;
}

bool
key_log_reopen(struct key_log *log, char **why)
{
    int fd = open_file(log->path, why);

    if (fd < 0)
        return false;
    close(log->fd);
    log->fd = fd;
    return true;
}

void
key_log_close(struct key_log *log)
{
    if (log == NULL)
        return;
    close(log->fd);
    free(log->path);
    free(log);
}

void
key_log_use(struct key_log *log, SSL_CTX *context)
{
    if (log == NULL)
        return;
    SSL_CTX_set_app_data(context, log);
    SSL_CTX_set_keylog_callback(context, on_line);
}
