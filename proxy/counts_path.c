/* SPDX-License-Identifier: MIT */
#include "counts_path.h"

#include <stdio.h>
#include <sys/socket.h>

void
counts_path_name(char name[COUNTS_NAME_SIZE], pid_t pid)
{
    snprintf(name, COUNTS_NAME_SIZE, "stats-%ld.sock", (long)pid);
}

void
counts_path_address(struct sockaddr_un *address, int directory, const char *name)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", directory, name);
}
