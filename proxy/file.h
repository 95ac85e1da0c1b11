/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_FILE_H
#define SAMLTAP_FILE_H

#include <sys/types.h>

#include "buf.h"

enum { FILE_MAX_BYTES = 80 * 1024 * 1024, FILE_MAX_LISTED = 1000 };

/*
 * Reads a whole file into *out (initialised here with the ceiling max_bytes; the caller releases it
 * also on failure). "-" is standard input. A pipe is read to its end but never waited for longer
 * than 10 s without a byte; directories and devices that never end are refused. Returns false and
 * *why (malloc'd, one line with the name) when it cannot be read or is too big.
 */
bool file_read(const char *path, size_t max_bytes, struct buf *out, char **why);

/*
 * The same piece by piece. Opening gives a descriptor (that of standard input for "-", which stays open), or
 * -1 and *why. Reading gives the number of bytes (at most room), 0 at the end, or -1 and *why with that name.
 */
int file_open_for_reading(const char *path, char **why);
ssize_t file_read_some(int file, const char *name, char *bytes, size_t room, char **why);

/* The same as file_read; an empty file is an error too. */
bool file_read_input(const char *path, size_t max_bytes, struct buf *out, char **why);

/* The name to show for a path: "standard input" for "-". */
const char *file_display_name(const char *path);

bool file_is_directory(const char *path);

/*
 * The regular files of a directory in name order, without hidden ones. Gives *count paths (malloc'd,
 * caller frees each and the array), or NULL and *why. At most FILE_MAX_LISTED.
 */
char **file_list_directory(const char *path, size_t *count, char **why);

/*
 * Writes a new file with that mode; fails when it exists (O_EXCL). Returns false and *why.
 */
bool file_create(const char *path, unsigned mode, struct str bytes, char **why);

/* The first len bytes and the size of a regular file. Returns false when it is none or has fewer bytes. */
bool file_look(const char *path, char *head, size_t len, uint64_t *size);

/* Creates a new file with that mode for writing; fails when it exists. Returns false and *why. */
bool file_open_new(const char *path, unsigned mode, int *descriptor, char **why);

/* Writes all of it to a descriptor, also through short writes. Returns false with errno. */
bool file_write_all(int descriptor, struct str bytes);

/* Makes a directory and what is missing above it, 0700. Returns false and *why. */
bool file_make_directory(const char *path, char **why);

#endif
