/* SPDX-License-Identifier: MIT */
#include "extract.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "memory.h"

static bool
is_empty(const char *path, char **why)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    bool empty = true;

    if (directory == NULL) {
        *why = xprintf("%s: cannot be read: %s", path, strerror(errno));
        return false;
    }
    while (empty && (entry = readdir(directory)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    if (!empty)
        *why = xprintf("%s: is not empty; name a new or empty directory", path);
    return empty;
}

bool
extract_prepare(const char *directory, char **why)
{
    if (!file_make_directory(directory, why) || !is_empty(directory, why))
        return false;
    if (chmod(directory, 0700) == 0)
        return true;
    *why = xprintf("%s: cannot be closed to others: %s", directory, strerror(errno));
    return false;
}

/* The part of a kind's name behind the colon; these names are our own constants. */
static const char *
kind_part(const struct message *message)
{
    const char *name = message->saml != NULL ? message_kind_name(message->saml->kind) : "unknown";
    const char *colon = strchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

bool
extract_message(const char *directory, const struct message *message, size_t number, char **why)
{
    bool decoded = str_present(message->xml);
    char *path = decoded ? xprintf("%s/message-%03zu-%s.xml", directory, number, kind_part(message))
                         : xprintf("%s/message-%03zu-undecoded.txt", directory, number);
    bool done = file_create(path, 0600, decoded ? message->xml : message->original, why);

    free(path);
    return done;
}
