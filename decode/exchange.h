/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_EXCHANGE_H
#define SAMLTAP_EXCHANGE_H

#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "str.h"

/*
 * One HTTP request and its response as plain data: what the wire, a HAR file and the pipe have in
 * common. All strings are borrowed from one arena (or from the bytes the exchange was read from).
 */
struct header {
    struct str name; /* as written */
    struct str value;
};

struct headers {
    struct header *items;
    size_t count;
};

struct body {
    struct str bytes; /* after transfer coding, before content decoding; absent when not kept */
    uint64_t size;    /* bytes that went over the wire, also when not kept */
    bool cut;         /* bytes holds only the beginning: the ceiling was reached or the peer stopped */
};

/* Why an exchange has no (complete) HTTP in it. */
enum exchange_problem {
    EXCHANGE_OK,
    EXCHANGE_CLIENT_REJECTED_CA,   /* the client sent an alert about our leaf */
    EXCHANGE_CLIENT_TLS_FAILED,    /* another failure of the handshake with the client */
    EXCHANGE_UPSTREAM_NAME,        /* the host name does not resolve */
    EXCHANGE_UPSTREAM_UNREACHABLE, /* refused, reset or timed out */
    EXCHANGE_UPSTREAM_TLS_FAILED,  /* handshake failed */
    EXCHANGE_UPSTREAM_UNTRUSTED,   /* certificate not accepted */
    EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT,
    EXCHANGE_CUT_SHORT,           /* the connection ended inside the request or response */
    EXCHANGE_BAD_HTTP,            /* could not be read as HTTP; bytes passed unread */
    EXCHANGE_UPSTREAM_PROXY,      /* the proxy that we go out through cannot be reached, or refuses */
    EXCHANGE_UPSTREAM_UNVERIFIED, /* certificate not accepted, but --insecure goes on */
    EXCHANGE_PROBLEM_COUNT,
};

struct exchange {
    uint64_t connection; /* number of the client connection, 0 when unknown (files) */
    uint64_t number;     /* order in which the relay finished them; unique per run */
    /* Milliseconds since 1970; 0 when unknown. */
    int64_t started_ms;  /* first byte of the request */
    int64_t finished_ms; /* last byte of the response */
    struct str client;   /* address of the client, text */
    struct str scheme;   /* "https" or "http" */
    struct str host;     /* without port, lower case, no brackets */
    unsigned port;
    struct str method;
    struct str target;  /* raw octets of the request target in origin form: path and query, unchanged */
    struct str version; /* "HTTP/1.1", "HTTP/2" … */
    struct headers request_headers;
    struct body request_body;
    unsigned status; /* 0: no response seen */
    struct str reason;
    struct headers response_headers;
    struct body response_body;
    enum exchange_problem problem;
    struct str problem_text; /* one line for people; untrusted, escape before printing */
};

/* First header of that name (ASCII case-insensitive); absent when there is none. */
struct str headers_get(const struct headers *headers, const char *name);

/* How many headers of that name there are. */
size_t headers_count(const struct headers *headers, const char *name);

/* The URL without a default port: scheme://host[:port]target. Lives in the arena. */
struct str exchange_url(struct arena *arena, const struct exchange *exchange);

/* The same without query. */
struct str exchange_url_without_query(struct arena *arena, const struct exchange *exchange);

/*
 * Sets scheme, host, port and target from an absolute http or https URL (borrowed; a fragment is left
 * out). Returns false, with the exchange in parts changed, when it is none.
 */
bool exchange_set_url(struct arena *arena, struct exchange *exchange, struct str url) CHECK_RESULT;

/*
 * Writes the exchange in samltap's binary form (version byte first; lengths before bytes, big
 * endian). Sticky failure in *out as always.
 */
void exchange_write(struct buf *out, const struct exchange *exchange);

/*
 * Reads what exchange_write wrote. Strings borrow from bytes; arrays come from the arena. Returns
 * false when bytes is not a whole exchange of a known version (hostile input is fine).
 */
bool exchange_read(struct arena *arena, struct str bytes, struct exchange *exchange) CHECK_RESULT;

/*
 * Appends the POSIX extended expression that host:port, and nothing else, matches: what --ignore-hosts takes.
 * Fit to stand between single quotes in a shell, whatever host (untrusted) is.
 */
void exchange_host_pattern(struct buf *out, struct str host, unsigned port);

/*
 * True when the server asks again for a Windows sign-in (Negotiate or NTLM) that the client has just given:
 * wrong password, or Extended Protection (RFC 5929), which ties the sign-in to the TLS connection.
 */
bool exchange_repeats_windows_demand(const struct exchange *exchange);

/* Short lower-case name of a problem, for JSON and logs: "upstream-untrusted". */
const char *exchange_problem_name(enum exchange_problem problem);

#endif
