/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COUNTS_SOCKET_H
#define SAMLTAP_COUNTS_SOCKET_H

#include <event2/event.h>
#include <sys/types.h>

#include "buf.h"

/*
 * Where `samltap stats` asks a running proxy: the unix socket stats-PID.sock in its state directory, for its owner
 * alone (0600). The client says one word and a line feed; the proxy answers and closes.
 */
struct counts_socket;

/* Writes the answer to a word. Returns false when it knows none. */
typedef bool counts_answer_fn(void *data, struct str word, struct buf *out);

/* Listens, and removes what proxies that were killed have left. NULL and *why (malloc'd). */
struct counts_socket *counts_socket_new(struct event_base *base, const char *directory, counts_answer_fn *answer,
                                        void *data, char **why);

/* Closes and removes it. NULL is fine. */
void counts_socket_free(struct counts_socket *socket);

enum { COUNTS_MAX_PROXIES = 64 };

/*
 * The client's side: which proxies listen below directory, in order of their process IDs. Removes what killed ones have
 * left. Returns how many there are, at most COUNTS_MAX_PROXIES.
 */
size_t counts_socket_find(const char *directory, pid_t pids[COUNTS_MAX_PROXIES]);

/* Asks one of them; waits for 5 s at most. Appends the answer. Returns false and *why (malloc'd). */
bool counts_socket_ask(const char *directory, pid_t pid, const char *word, struct buf *out, char **why);

#endif
