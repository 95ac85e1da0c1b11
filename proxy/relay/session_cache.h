/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SESSION_CACHE_H
#define SAMLTAP_SESSION_CACHE_H

#include <openssl/ssl.h>
#include <stdbool.h>

/*
 * The newest TLS session of each server, as live objects: a serialised one would have to decode the
 * server's certificate again at every use, which costs more than the signature it saves.
 */
struct session_cache;

/* Keeps that many, least recently stored go first. */
struct session_cache *session_cache_new(size_t capacity);
void session_cache_free(struct session_cache *cache);

/* Takes the session when it returns true, in place of one under the same key. */
bool session_cache_put(struct session_cache *cache, const char *key, SSL_SESSION *session);

/* Gives a copy to use once (OpenSSL takes a TLS 1.3 session for spent after that); NULL: none. cache may be NULL. */
SSL_SESSION *session_cache_take(struct session_cache *cache, const char *key);

#endif
