/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum { READ_CHUNK = 64 * 1024, PIPE_PATIENCE_MS = 10 * 1000 };

const char *
file_display_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

bool
file_is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Opened without blocking: opening a pipe that nobody writes to would hang for ever. */
int
file_open_for_reading(const char *path, char **why)
{
    struct stat status;
    int file;

    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0 || fstat(file, &status) != 0) {
        *why = xprintf("%s: cannot be read: %s", path, strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        *why = xprintf("%s: is a directory; name the files in it", path);
    } else if (S_ISBLK(status.st_mode)) {
        *why = xprintf("%s: is a block device, not a file", path);
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

ssize_t
file_read_some(int file, const char *name, char *bytes, size_t room, char **why)
{
    for (;;) {
        ssize_t got = read(file, bytes, room);
        struct pollfd wait = { .fd = file, .events = POLLIN };

        if (got >= 0)
            return got;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN) {
            *why = xprintf("%s: cannot be read: %s", name, strerror(errno));
            return -1;
        }
        if (poll(&wait, 1, file == STDIN_FILENO ? -1 : PIPE_PATIENCE_MS) == 0) {
            *why = xprintf("%s: is a pipe, and nothing came through it for %d s", name, PIPE_PATIENCE_MS / 1000);
            return -1;
        }
    }
}

bool
file_read(const char *path, size_t max_bytes, struct buf *out, char **why)
{
    const char *name = file_display_name(path);
    int file;
    ssize_t got = -1;

    buf_init(out, max_bytes);
    file = file_open_for_reading(path, why);
    if (file < 0)
        return false;
    for (;;) {
        size_t room = max_bytes - out->len < READ_CHUNK ? max_bytes - out->len + 1 : READ_CHUNK;
        char chunk[READ_CHUNK];

        got = file_read_some(file, name, chunk, room < READ_CHUNK ? room : READ_CHUNK, why);
        if (got <= 0)
            break;
        buf_add(out, chunk, (size_t)got);
        if (buf_failed(out)) {
            *why = xprintf("%s: is bigger than %zu MiB", name, max_bytes / (1024 * 1024));
            got = -1;
            break;
        }
    }
    if (file != STDIN_FILENO)
        close(file);
    return got == 0;
}

bool
file_read_input(const char *path, size_t max_bytes, struct buf *out, char **why)
{
    if (!file_read(path, max_bytes, out, why))
        return false;
    if (out->len == 0)
        *why = xprintf("%s: is empty", file_display_name(path));
    return out->len > 0;
}

static int
compare_paths(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;

    return strcmp(*left, *right);
}

char **
file_list_directory(const char *path, size_t *count, char **why)
{
    DIR *directory = opendir(path);
    char **paths = xcalloc(1, sizeof(*paths));
    struct dirent *entry;

    *count = 0;
    if (directory == NULL) {
        *why = xprintf("%s: cannot be read: %s", path, strerror(errno));
        free(paths);
        return NULL;
    }
    while ((entry = readdir(directory)) != NULL && *count < FILE_MAX_LISTED) {
        char *full = xprintf("%s/%s", path, entry->d_name);
        struct stat status;

        if (entry->d_name[0] != '.' && stat(full, &status) == 0 && S_ISREG(status.st_mode))
            *(char **)xgrow((void **)&paths, count, sizeof(*paths)) = full;
        else
            free(full);
    }
    closedir(directory);
    qsort(paths, *count, sizeof(*paths), compare_paths);
    return paths;
}

bool
file_write_all(int descriptor, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(descriptor, bytes.ptr, bytes.len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            struct pollfd wait = { .fd = descriptor, .events = POLLOUT };

            poll(&wait, 1, -1);
            continue;
        }
        if (written <= 0)
            return false;
        bytes = str_from_offset(bytes, (size_t)written);
    }
    return true;
}

bool
file_look(const char *path, char *head, size_t len, uint64_t *size)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool done =
        file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) && pread(file, head, len, 0) == (ssize_t)len;

    if (done)
        *size = (uint64_t)status.st_size;
    if (file >= 0)
        close(file);
    return done;
}

bool
file_open_new(const char *path, unsigned mode, int *descriptor, char **why)
{
    *descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (*descriptor < 0)
        *why = xprintf("%s: cannot be created: %s", path, strerror(errno));
    return *descriptor >= 0;
}

bool
file_create(const char *path, unsigned mode, struct str bytes, char **why)
{
    int file;

    if (!file_open_new(path, mode, &file, why))
        return false;
    if (!file_write_all(file, bytes) || fsync(file) != 0) {
        *why = xprintf("%s: cannot be written: %s", path, strerror(errno));
        close(file);
        unlink(path);
        return false;
    }
    close(file);
    return true;
}

bool
file_make_directory(const char *path, char **why)
{
    char *part = xstrdup(path);
    bool made = true;

    for (char *slash = part + 1; made; *slash++ = '/') {
        slash = strchrnul(slash, '/');
        if (*slash == '\0')
            break;
        *slash = '\0';
        made = mkdir(part, 0700) == 0 || errno == EEXIST || errno == EISDIR;
    }
    if (!made || (mkdir(path, 0700) != 0 && errno != EEXIST)) {
        *why = xprintf("%s: cannot be created: %s", path, strerror(errno));
        made = false;
    } else if (!file_is_directory(path)) {
        *why = xprintf("%s: is no directory", path);
        made = false;
    }
    free(part);
    return made;
}
