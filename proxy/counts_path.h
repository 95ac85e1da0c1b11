/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COUNTS_PATH_H
#define SAMLTAP_COUNTS_PATH_H

#include <sys/types.h>
#include <sys/un.h>

/* The names of the sockets of counts_socket.h, for both of its sides. */
enum { COUNTS_NAME_SIZE = 40 };

/* "stats-1234.sock" */
void counts_path_name(char name[COUNTS_NAME_SIZE], pid_t pid);

/*
 * The address of a name in an open directory. It goes by the descriptor, since the path of the directory may be longer
 * than an address holds.
 */
void counts_path_address(struct sockaddr_un *address, int directory, const char *name);

#endif
