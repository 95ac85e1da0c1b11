/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_JOURNAL_H
#define SAMLTAP_JOURNAL_H

#include "str.h"

/*
 * Raw exchanges on disk, written before they are examined, so that a kill at any moment loses none.
 * A file of records: "STX1", length (u32, big endian), exchange_write bytes. Past its ceiling the
 * file becomes PATH.1 (the old PATH.1 goes) and a new one begins. 0600. Several processes may append to one
 * file: each record is written under a lock, and who finds the file set aside goes on in the new one.
 */
struct journal {
    char *path;
    int file;      /* -1: closed */
    uint64_t size; /* when the last record had been written */
    uint64_t max_bytes;
};

#define JOURNAL_MAGIC "STX1"
#define JOURNAL_NAME "exchanges.log" /* in the state directory */
enum {
    JOURNAL_MAGIC_BYTES = sizeof(JOURNAL_MAGIC) - 1,
    JOURNAL_MAX_BYTES = 64 * 1024 * 1024,
    JOURNAL_MAX_RECORD = 32 * 1024 * 1024,
};

/* Opens for appending. max_bytes: the ceiling, UINT64_MAX for none. Returns false and *why (malloc'd). */
bool journal_open(struct journal *journal, const char *path, uint64_t max_bytes, char **why);
void journal_release(struct journal *journal);

/* Lets the file go, wherever somebody moved it; the next record opens it again by its name. */
void journal_reopen(struct journal *journal);

/* Appends one record in one write. Returns false with errno when the disk refuses; the file is then cut back. */
bool journal_append(struct journal *journal, struct str record);

/*
 * Takes the next record from the front of *bytes; damaged stretches are skipped. Returns false at
 * the end. more: bytes is a piece of a file, and false leaves in *bytes what is to stand before the next piece,
 * at most JOURNAL_MAX_RECORD and a head.
 */
bool journal_next(struct str *bytes, bool more, struct str *record);

#endif
