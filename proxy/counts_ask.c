/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "counts_path.h"
#include "counts_socket.h"
#include "file.h"
#include "memory.h"

enum { ANSWER_S = 5 };

/* Returns the connected socket, or -1 with errno. */
static int
dial(int directory, const char *name)
{
    const struct timeval limit = { .tv_sec = ANSWER_S };
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    counts_path_address(&address, directory, name);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* The process ID in "stats-1234.sock", 0: another file. */
static pid_t
pid_of(const char *name)
{
    struct str rest = str_from(name);
    uint64_t pid = 0;

    if (!str_starts_c(rest, "stats-") || !str_ends_c(rest, ".sock"))
        return 0;
    rest = str_slice(rest, 6, rest.len - 11);
    return str_to_u64(rest, &pid) && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static int
by_number(const void *a, const void *b)
{
    const pid_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Nobody listens on the socket of a proxy that was killed: it goes. */
static bool
is_alive(int directory, const char *name)
{
    int fd = dial(directory, name);

    if (fd < 0 && errno == ECONNREFUSED)
        unlinkat(directory, name, 0);
    if (fd < 0)
        return errno == EAGAIN || errno == EACCES; /* it does not answer in time, or not us */
    close(fd);
    return true;
}

size_t
counts_socket_find(const char *directory, pid_t pids[COUNTS_MAX_PROXIES])
{
    DIR *names = opendir(directory);
    size_t count = 0;

    if (names == NULL)
        return 0;
    for (const struct dirent *entry; count < COUNTS_MAX_PROXIES && (entry = readdir(names)) != NULL;) {
        pid_t pid = pid_of(entry->d_name);

        if (pid > 0 && is_alive(dirfd(names), entry->d_name))
            pids[count++] = pid;
    }
    closedir(names);
    qsort(pids, count, sizeof(*pids), by_number);
    return count;
}

static bool
converse(int fd, const char *word, struct buf *out)
{
    char bytes[4096];
    ssize_t got;

    buf_add_c(out, word);
    buf_add_byte(out, '\n');
    if (buf_failed(out) || !file_write_all(fd, buf_str(out)))
        return false;
    buf_reset(out);
    while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        buf_add(out, bytes, (size_t)got);
    return got == 0 && out->len > 0 && !buf_failed(out);
}

bool
counts_socket_ask(const char *directory, pid_t pid, const char *word, struct buf *out, char **why)
{
    char name[COUNTS_NAME_SIZE];
    int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
    bool done = false;

    counts_path_name(name, pid);
    if (folder >= 0)
        fd = dial(folder, name);
    if (fd >= 0) {
        errno = 0; /* it may close without a word */
        done = converse(fd, word, out);
    }
    if (!done && (errno == EAGAIN || errno == 0))
        *why = xprintf("%s/%s: the proxy (process %ld) does not answer", directory, name, (long)pid);
    else if (!done)
        *why = xprintf("%s/%s: %s", directory, name, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (folder >= 0)
        close(folder);
    return done;
}
