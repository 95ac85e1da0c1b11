/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CA_STORE_H
#define SAMLTAP_CA_STORE_H

#include "ca.h"
#include "options.h"

/*
 * The directory for what samltap keeps: --state-dir, else $XDG_STATE_HOME/samltap, else
 * ~/.local/state/samltap. Made (0700) when it is missing. Gives the path (malloc'd), or NULL and
 * *why.
 */
char *state_directory(const struct options *options, char **why);

/* The same, and nothing is made. */
char *state_directory_path(const struct options *options, char **why);

enum { CA_DAYS = 90 };

/* The CA in use and where it is from. */
struct ca_store {
    struct ca *ca;
    char *certificate_path;
    char *key_path;
    bool created; /* just now: the user must trust it first */
    bool own;     /* ours in the state directory, not given by --ca-cert */
};

/*
 * What to do when there is none: samltap's own is made by CA_STORE_CREATE. hosts: name constraints
 * of a new one, may be empty.
 */
enum ca_store_mode { CA_STORE_LOAD, CA_STORE_CREATE };

/*
 * Loads the CA: --ca-cert and --ca-key, else the one in directory; there, with CA_STORE_CREATE, one
 * is made when there is none or it has expired (said in the log). The key file is created 0600 and
 * exclusively, and refused when others can read it (a given one is used with a warning). Two processes at a time get the same CA.
 * Returns false and *why (malloc'd, with the way out).
 */
bool ca_store_open(struct ca_store *store, const struct options *options, const char *directory,
                   enum ca_store_mode mode, const char *const *hosts, size_t host_count, int64_t now_s, char **why);
void ca_store_release(struct ca_store *store);

/* Deletes samltap's own CA in directory. Returns false and *why when there is none or it cannot be. */
bool ca_store_remove(const char *directory, char **why);

#endif
